package sample

import (
	_ "embed"

	"github.com/go-json-experiment/json"
)

//go:embed params.json
var paramsJSON []byte

// params are the figures that histories are drawn from, each derived from a published one
// (params.json; docs/design.md names the sources). None is an official rule.
type params struct {
	Age struct {
		Under16 float64 `json:"under16"`
		From16  float64 `json:"16to60"`
	} `json:"age"`
	HouseholdSize struct {
		National float64 `json:"national"`
	} `json:"household_size_mean"`
	LabourShare      float64    `json:"labour_share_of_people"`
	MonitoredShare   float64    `json:"monitored_share_of_former_poor_people"`
	RiskClearedShare float64    `json:"risk_cleared_share"`
	HomesteadShare   float64    `json:"old_homestead_share_of_households"`
	PeoplePoor       float64    `json:"people_registered_poor"`
	PeopleAlong      float64    `json:"people_accompanying"`
	WageShare        float64    `json:"wage_share"`
	FloorArea        float64    `json:"floor_area_m2_per_household"`
	MonitoredClasses [3]float64 `json:"monitored_classes"`
	EmploymentPlace  place      `json:"employment_place"`
}

// place is where the employed work.
type place struct {
	OutsideProvince float64 `json:"outside_province"`
	OtherCounty     float64 `json:"other_county"`
}

func readParams() params {
	var p params
	if err := json.Unmarshal(paramsJSON, &p); err != nil {
		panic("sample: params.json: " + err.Error())
	}
	return p
}
