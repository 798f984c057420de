package sample

import (
	_ "embed"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

//go:embed params.json
var paramsJSON []byte

// params are the figures that histories are drawn from, each derived from a published one
// (params.json; docs/design.md names the sources). None is an official rule.
type params struct {
	ProvincePeople map[domain.Division]float64 `json:"provinces_10k_registered_poor"`
	HouseholdSize  map[domain.Division]float64 `json:"household_size_mean"`
	Sites          struct {
		Fit struct {
			Shanxi struct {
				Mu    float64 `json:"mu"`
				Sigma float64 `json:"sigma"`
			} `json:"shanxi"`
		} `json:"fit"`
	} `json:"sites"`
	Age struct {
		Under16 float64 `json:"under16"`
		From16  float64 `json:"16to60"`
	} `json:"age"`
	EmploymentRate struct {
		April2020    float64 `json:"2020-04 Yunnan"`
		December2021 float64 `json:"2021-12"`
		December2022 float64 `json:"2022-12"`
	} `json:"employment_rate_by_date"`
	TitleShare struct {
		October2020 float64 `json:"2020-10 Shaanxi"`
	} `json:"title_issued_share_by_date"`
	IncomePerHead struct {
		Y2019 float64 `json:"2019"`
		Y2022 float64 `json:"2022"`
	} `json:"income_per_head_by_year"`
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

// size is the mean size of a province's households: its own where one is published.
func (p *params) size(province domain.Division) float64 {
	if mean, published := p.HouseholdSize[province]; published {
		return mean
	}
	return p.HouseholdSize["national"]
}

func readParams() params {
	var p params
	if err := json.Unmarshal(paramsJSON, &p); err != nil {
		panic("sample: params.json: " + err.Error())
	}
	return p
}
