package domain

import "strconv"

// RiskSource is where a sign of risk came from (线索来源).
type RiskSource string

// RiskKind is what the risk is (风险类型).
type RiskKind string

// RiskClass is the class of a monitored household (监测类别).
type RiskClass string

// ReasonCode is a short reason of a decision.
type ReasonCode string

// ClearKind is how a case ended.
type ClearKind string

// The classes.
const (
	Unstable       RiskClass = "unstable"
	Borderline     RiskClass = "borderline"
	SuddenHardship RiskClass = "sudden_hardship"
	NoCase         RiskClass = "none"
)

var (
	_ = enumerate[RiskSource](
		Term{"self", Text{"自主申报", "own report"}},
		Term{"department", Text{"部门预警", "department"}},
		Term{"grid", Text{"网格排查", "grid"}},
		Term{"neighbour", Text{"邻里反映", "neighbour"}})
	_ = enumerate[RiskKind](
		Term{"illness", Text{"因病", "illness"}},
		Term{"disaster", Text{"因灾", "disaster"}},
		Term{"job", Text{"就业", "job"}},
		Term{"school", Text{"因学", "school"}},
		Term{"housing", Text{"住房", "housing"}},
		Term{"income", Text{"收入", "income"}})
	_ = enumerate[RiskClass](
		Term{"unstable", Text{"脱贫不稳定户", "unstable"}},
		Term{"borderline", Text{"边缘易致贫户", "borderline"}},
		Term{"sudden_hardship", Text{"突发严重困难户", "sudden hardship"}},
		Term{"none", Text{"不纳入监测", "not monitored"}})
	_ = enumerate[ReasonCode](
		Term{"income_fell", Text{"收入下降", "income fell"}},
		Term{"cost_rose", Text{"支出增加", "costs rose"}},
		Term{"no_risk_found", Text{"未发现风险", "no risk found"}},
		Term{"stable_income", Text{"收入稳定", "income is stable"}},
		Term{"help_worked", Text{"帮扶见效", "the help worked"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[ClearKind](
		Term{"cleared", Text{"风险消除", "cleared"}},
		Term{"cleared_by_death", Text{"自然减少", "cleared by death"}},
		Term{"moved", Text{"迁出", "moved"}})
)

// RiskFlagged is a sign that a household may fall back (风险线索).
type RiskFlagged struct {
	Case   CaseID                 `json:"case,omitzero" anju:"mint" zh:"个案"`
	Source RiskSource             `json:"source,omitzero" anju:"required" zh:"线索来源"`
	Kind   SensitiveBox[RiskKind] `json:"kind,omitzero" zh:"风险类型"`
	Detail PersonalBox[string]    `json:"detail,omitzero" zh:"说明"`
}

// CaseStepKind is which step of a case an entry is.
type CaseStepKind byte

// The steps of a case.
const (
	Flagged CaseStepKind = iota
	Decided
	Planned
	Cleared
)

// CaseStep is one step of a case under monitoring.
type CaseStep struct {
	Mark
	Case  CaseID
	Step  CaseStepKind
	Class RiskClass // of a decision
	Due   Day       // the earliest due date of a plan's measures
}

var _ = define[RiskFlagged](Kind{
	Name: "risk.flagged", Rank: 500, Area: 6, Home: HouseholdKind, Departments: []Department{AnyDepartment},
	Label:  Text{"风险线索", "Risk flagged"},
	Effect: Text{"疑似风险", "at risk (suspected)"},
	Sample: &RiskFlagged{Case: sampleCase, Source: "grid", Kind: OpenSensitive[RiskKind]("illness")},
})

// Check has no rule beyond the fields'.
func (k *RiskFlagged) Check(*Report) {}

func (k *RiskFlagged) apply(f *File, s *Stamp) {
	f.CaseSteps = append(f.CaseSteps, CaseStep{s.mark(), k.Case, Flagged, "", NoDay})
}

// RiskDecided takes a household into monitoring, or dismisses the flag (监测认定).
type RiskDecided struct {
	Case   CaseID     `json:"case,omitzero" anju:"required" zh:"个案"`
	Class  RiskClass  `json:"class,omitzero" anju:"required" zh:"监测类别"`
	Reason ReasonCode `json:"reason,omitzero" zh:"理由"`
}

var _ = define[RiskDecided](Kind{
	Name: "risk.decided", Rank: 510, Area: 6, Home: HouseholdKind, Departments: []Department{"county", "rural"},
	Label:  Text{"监测认定", "Risk decided"},
	Effect: Text{"纳入监测或排除", "case opened or flag dismissed"},
	Sample: &RiskDecided{Case: sampleCase, Class: Borderline, Reason: "income_fell"},
})

// Check has no rule beyond the fields'.
func (k *RiskDecided) Check(*Report) {}

func (k *RiskDecided) apply(f *File, s *Stamp) {
	f.CaseSteps = append(f.CaseSteps, CaseStep{s.mark(), k.Case, Decided, k.Class, NoDay})
}

// PlannedMeasure is one measure of a help plan.
type PlannedMeasure struct {
	Code  SensitiveBox[MeasureCode] `json:"code,omitzero" anju:"required" zh:"帮扶措施"`
	Owner PersonalBox[string]       `json:"owner,omitzero" zh:"帮扶责任人"`
	Due   Date                      `json:"due,omitzero" zh:"完成期限"`
}

// HelpPlanned is the plan of help for a case (帮扶计划).
type HelpPlanned struct {
	Case     CaseID           `json:"case,omitzero" anju:"required" zh:"个案"`
	Measures []PlannedMeasure `json:"measures,omitzero" anju:"required" zh:"措施"`
}

var _ = define[HelpPlanned](Kind{
	Name: "help.planned", Rank: 520, Area: 6, Home: HouseholdKind, Departments: []Department{"township", "rural", "county"},
	Label:  Text{"帮扶计划", "Help planned"},
	Effect: Text{"计划计时", "plan clock"},
	Sample: &HelpPlanned{Case: sampleCase, Measures: []PlannedMeasure{{Code: OpenSensitive[MeasureCode]("d4"), Owner: OpenPersonal("某"), Due: DateOf(MakeDay(2021, 8, 1))}}},
})

// Check wants measure codes of the right form; the list itself is the operator's (Measures).
func (h *HelpPlanned) Check(r *Report) {
	for i, m := range h.Measures {
		if code, ok := m.Code.Value(); ok && !isCode(string(code)) {
			r.Add("/measures/"+strconv.Itoa(i)+"/code", "", UnknownCode, measureForm, measureFix)
		}
	}
}

func (h *HelpPlanned) apply(f *File, s *Stamp) {
	step := CaseStep{Mark: s.mark(), Case: h.Case, Step: Planned, Due: NoDay}
	for _, m := range h.Measures {
		if due := m.Due.Day(); due.Present() && (!step.Due.Present() || due < step.Due) {
			step.Due = due
		}
	}
	f.CaseSteps = append(f.CaseSteps, step)
}

// RiskCleared ends a case (风险消除).
type RiskCleared struct {
	Case  CaseID     `json:"case,omitzero" anju:"required" zh:"个案"`
	Basis ReasonCode `json:"basis,omitzero" zh:"依据"`
	Kind  ClearKind  `json:"kind,omitzero" anju:"required" zh:"方式"`
}

var _ = define[RiskCleared](Kind{
	Name: "risk.cleared", Rank: 530, Area: 6, Home: HouseholdKind, Departments: []Department{"county", "rural"},
	Label:  Text{"风险消除", "Risk cleared"},
	Effect: Text{"个案结束；观察两个季度", "case closed; 2-quarter watch"},
	Sample: &RiskCleared{Case: sampleCase, Basis: "help_worked", Kind: "cleared"},
})

// Check has no rule beyond the fields'.
func (k *RiskCleared) Check(*Report) {}

func (k *RiskCleared) apply(f *File, s *Stamp) {
	f.CaseSteps = append(f.CaseSteps, CaseStep{s.mark(), k.Case, Cleared, "", NoDay})
}
