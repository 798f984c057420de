package domain

import (
	"slices"
	"strconv"
)

// Indicator is a figure that a target is set for (指标).
type Indicator string

// TargetSet sets what an indicator of a division is to reach by a day (目标设定); it creates the target,
// which is one indicator of one division: that of the event. Stated again for the same day it
// replaces the value, for another day it is a further step on the way. A value is in the
// indicator's unit; a rate of 100% is 10000.
type TargetSet struct {
	Target    TargetID  `json:"target,omitzero" anju:"create" zh:"目标"`
	Indicator Indicator `json:"indicator,omitzero" anju:"required" zh:"指标"`
	Value     int64     `json:"value,omitzero" anju:"required,min=1" zh:"目标值" en:"value, in the indicator's unit"`
	Due       Date      `json:"due,omitzero" anju:"required" zh:"完成时限"`
	PolicyRef string    `json:"policy_ref,omitzero" anju:"fold,ref" zh:"政策依据"`
}

// TargetStep is what the file's target was said to be from a day on.
type TargetStep struct {
	Mark
	Indicator Indicator
	Value     int64
	Due       Day
	PolicyRef string
	Division  Division
}

var _ = define[TargetSet](Kind{
	Name: "target.set", Rank: 540, Area: 6, Home: TargetKind, Departments: []Department{"ndrc", "county"},
	Label:  Text{"目标设定", "Target set"},
	Effect: Text{"看板：进度与超期", "dashboards: progress, overdue"},
	Sample: &TargetSet{
		Target: TargetID{MintEntity(TargetKind, 1)}, Indicator: "titled_rate", Value: 10_000, Due: DateOf(MakeDay(2021, 12, 31)),
		PolicyRef: "fgw_2020_5",
	},
})

// Check holds a rate to 100%.
func (t *TargetSet) Check(r *Report) {
	if s, known := t.Indicator.Scale(); known && s.Unit == perTenThousand && t.Value > wholeRate {
		r.Add("/value", strconv.FormatInt(t.Value, 10), BadNumber, Text{"比率以万分之一计，不超过10000", "a rate is in parts of ten thousand, at most 10000"},
			Text{"例如 94.46% 填写 9446", "write 94.46% as 9446"})
	}
}

func (t *TargetSet) apply(f *File, s *Stamp) {
	f.Targets = append(f.Targets, TargetStep{s.mark(), t.Indicator, t.Value, t.Due.Day(), t.PolicyRef, s.Division})
}

// TargetsOn returns what was in force of a target on a day, by due day: of each the value stated last.
func TargetsOn(f *File, at Day) (steps []*TargetStep) {
	stated := UpTo(f.Targets, at)
	for i := range stated {
		s := &stated[i]
		steps = slices.DeleteFunc(steps, func(o *TargetStep) bool { return o.Due == s.Due })
		steps = append(steps, s)
	}
	slices.SortFunc(steps, func(a, b *TargetStep) int { return int(a.Due) - int(b.Due) })
	return steps
}

// Rates are in parts of ten thousand: two decimals of a percentage, as figures are published.
const (
	perTenThousand = "per_10000"
	wholeRate      = 10_000
)

// Scale says what an indicator counts: the part, of a rate beside the whole that it is a part of.
type Scale struct {
	Unit        string
	Part, Whole Figure // Whole is the zero Figure but of a rate
}

// Figure is one number of a division's board: a total, the households in some states or at some
// levels of a dimension, or those that are employed.
type Figure struct {
	Total     string // its key
	Per       int64  // units in one of the total's
	States    []State
	Dimension Dimension
	Levels    []Level
	Employed  bool
}

// Of is the indicator's value, from the values of its part and, of a rate, of its whole: 0 of nothing.
func (s Scale) Of(part, whole int64) int64 {
	switch {
	case s.Unit != perTenThousand:
		return part
	case whole == 0:
		return 0
	}
	return part * wholeRate / whole
}

// Scale returns what the indicator counts; false for one that the catalogue does not know.
func (i Indicator) Scale() (Scale, bool) {
	total := func(key string) Figure { return Figure{Total: key, Per: 1} }
	at := func(d Dimension, levels ...Level) Figure { return Figure{Dimension: d, Levels: levels} }
	every := func(d Dimension) Figure {
		f := Figure{Dimension: d}
		for l := range d.Levels() {
			if Level(l) != NotApplicable {
				f.Levels = append(f.Levels, Level(l))
			}
		}
		return f
	}
	lived, titled, covered := at(Housing, HousingLivedIn), at(Title, TitleIssued), at(Services, ServicesCovered)
	employed := Figure{Employed: true}
	switch i {
	case "dwellings_handed_over", "facilities_open", "trainings":
		return Scale{Unit: string(i), Part: total(string(i))}, true
	case "households_lived_in":
		return Scale{Unit: "households", Part: lived}, true
	case "households_titled":
		return Scale{Unit: "households", Part: titled}, true
	case "households_employed":
		return Scale{Unit: "households", Part: employed}, true
	case "households_covered":
		return Scale{Unit: "households", Part: covered}, true
	case "households_linked":
		return Scale{Unit: "households", Part: at(Industry, IndustryLinked)}, true
	case "households_stable":
		return Scale{Unit: "households", Part: Figure{States: []State{Stable, GettingRich}}}, true
	case "persons_in_work":
		return Scale{Unit: "persons", Part: total("persons_in_open_placement")}, true
	case "funds_disbursed":
		return Scale{Unit: "fen", Part: Figure{Total: "funds_disbursed_wan_yuan", Per: fenPerWan}}, true
	case "employed_rate":
		return Scale{perTenThousand, employed, total("labour_households")}, true
	case "titled_rate":
		return Scale{perTenThousand, titled, every(Title)}, true
	case "lived_in_rate":
		return Scale{perTenThousand, lived, every(Housing)}, true
	case "covered_rate":
		return Scale{perTenThousand, covered, every(Services)}, true
	}
	return Scale{}, false
}

var _ = enumerate[Indicator](
	Term{"dwellings_handed_over", Text{"交付住房（套）", "dwellings handed over"}},
	Term{"facilities_open", Text{"投用设施（个）", "facilities open"}},
	Term{"trainings", Text{"培训（人次）", "trainings completed"}},
	Term{"households_lived_in", Text{"常住户", "households that live in their dwelling"}},
	Term{"households_titled", Text{"已办证户", "households with a title"}},
	Term{"households_employed", Text{"实现就业的有劳动力户", "labour households with somebody in verified work"}},
	Term{"households_covered", Text{"公共服务全覆盖户", "households whose services are covered"}},
	Term{"households_linked", Text{"有利益联结的户", "households linked to an industry project"}},
	Term{"households_stable", Text{"稳得住及以上的户", "households stable or getting rich"}},
	Term{"persons_in_work", Text{"在业人数", "persons in an open placement"}},
	Term{"funds_disbursed", Text{"拨付资金（分）", "funds disbursed (fen)"}},
	Term{"employed_rate", Text{"有劳动力户就业率（万分之一）", "labour households employed, of ten thousand"}},
	Term{"titled_rate", Text{"办证率（万分之一）", "households with a title, of ten thousand that have keys"}},
	Term{"lived_in_rate", Text{"入住率（万分之一）", "households that live in their dwelling, of ten thousand"}},
	Term{"covered_rate", Text{"公共服务覆盖率（万分之一）", "households whose services are covered, of ten thousand"}})
