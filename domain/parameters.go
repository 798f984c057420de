package domain

import "slices"

// Definition names the rules by which facts become levels, states and totals, as this program has
// them. A change that can alter a figure of the same facts gets a new name; every figure says which
// it was made by, beside its parameter set.
const Definition = "anju-status-1"

// Parameter is one cut-off with where it comes from.
type Parameter struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // S sourced, O our own proposal, M from memory; see DOMAIN
	Reason Text   `json:"reason"`
}

// Line is the income line a head of one year.
type Line struct {
	Year    int32 `json:"year"`
	FenHead Fen   `json:"fen_head"`
}

// EmployedRule says what makes a labour household employed.
type EmployedRule string

// The rules of employment: the published definition first, then two weaker ones.
const (
	EmployedVerified EmployedRule = "verified" // somebody's latest statement is still = yes, and young enough
	EmployedWorking  EmployedRule = "working"  // somebody works: an open placement or business, not denied since
	EmployedPlaced   EmployedRule = "placed"   // somebody's placement is open, whatever was stated of it
)

// Parameters are all cut-offs of the status rules, one dated set; every status names the set
// that produced it. A set is never changed once it was used: a new one gets a new name. A day
// count N means fresh or in time through day N and late from the next.
type Parameters struct {
	Name      string      `json:"name"`
	Version   int         `json:"version"`
	ValidFrom Day         `json:"valid_from"`
	Source    string      `json:"source"` // of the set: who proposes it, where it is written
	All       []Parameter `json:"parameters"`
	Lines     []Line      `json:"lines"` // by year; the last holds for later years, the first for earlier

	TitlePolicyDate    Day          `json:"-"`
	TitleMonths        int          `json:"-"` // clock of the title
	HousingDays        int          `json:"-"` // a check of the dwelling is fresh
	JobDays            int          `json:"-"` // a statement about work is fresh
	NoHomeDays         int          `json:"-"` // no home for so long is a crisis
	OutOfWorkDays      int          `json:"-"` // more is a risk, and breaks stability
	LastJobDays        int          `json:"-"` // more since the last placement ended is a risk
	WatchMonths        int          `json:"-"` // after a case was cleared
	SettledMonths      int          `json:"-"` // keys so long ago; no open case or stretch for so long
	WorkingAge         [2]int       `json:"-"` // from, to, inclusive, years
	NearLinePercent    int64        `json:"-"` // of the line
	RichPercent        int64        `json:"-"` // of the line
	TransferPercent    int64        `json:"-"` // of the income, less is rich
	ZeroJobVisitDays   int          `json:"-"`
	DecisionDays       int          `json:"-"`
	PlanDays           int          `json:"-"`
	ReviewDays         int          `json:"-"`
	VisitDays          int          `json:"-"`
	MonitoredVisitDays int          `json:"-"`
	RejectedWorkdays   int          `json:"-"`
	Employed           EmployedRule `json:"-"` // what makes a labour household employed
	EmployedDays       int          `json:"-"` // under the rule verified: a statement counts for so long
}

// DefaultParameters returns the set of release 1. The caller may not change it.
func DefaultParameters() *Parameters {
	p := &Parameters{Name: "anju-2021-1", Version: 1, ValidFrom: MakeDay(2020, 11, 5), Source: "本项目自拟 / this project's own, none of it official"}
	p.All = []Parameter{
		{"title_policy_date", "2020-11-05", "O", Text{"产权登记时限自政策发布日起算", "the clock of titles handed over earlier starts with the policy"}},
		{"title_months", "12", "O", Text{"交付后十二个月内办证", "a title within twelve months"}},
		{"housing_fresh_days", "180", "O", Text{"入住情况每半年核查", "a dwelling is checked twice a year"}},
		{"job_fresh_days", "90", "O", Text{"就业情况每季度核实", "a job is verified every quarter"}},
		{"no_home_days", "90", "O", Text{"无房满九十天且无核实就业为困难", "no home for ninety days and no verified work is a crisis"}},
		{"out_of_work_days", "60", "O", Text{"失业超过六十天为风险", "more than sixty days out of work is a risk"}},
		{"last_job_days", "30", "O", Text{"唯一就业结束超过三十天为风险", "more than thirty days after the only job ended is a risk"}},
		{"watch_months", "6", "O", Text{"风险消除后观察两个季度", "two quarters of watching after a case is cleared"}},
		{"settled_months", "12", "O", Text{"稳定须满十二个月", "stability is judged over twelve months"}},
		{"working_age", "16-59", "O", Text{"技能或普通劳动力，十六至五十九周岁", "skilled or ordinary, aged 16 to 59"}},
		{"near_line_percent", "150", "O", Text{"低于线的一点五倍为接近线", "below one and a half times the line is near"}},
		{"rich_percent", "250", "O", Text{"收入达到线的二点五倍", "two and a half times the line"}},
		{"transfer_percent", "30", "O", Text{"转移收入低于三成", "transfers under three tenths"}},
		{"zero_job_visit_days", "30", "O", Text{"零就业户三十天内走访", "a zero-job household is visited within thirty days"}},
		{"decision_days", "15", "O", Text{"线索十五天内认定", "a flag is decided within fifteen days"}},
		{"plan_days", "10", "O", Text{"认定后十天内定计划", "a plan within ten days of the decision"}},
		{"review_days", "90", "O", Text{"监测户每季度回访", "a case is reviewed every quarter"}},
		{"visit_days", "180", "O", Text{"半年走访一次", "a visit twice a year"}},
		{"monitored_visit_days", "30", "O", Text{"监测户每月走访", "a monitored household is visited monthly"}},
		{"rejected_workdays", "5", "O", Text{"退回行五个工作日内更正", "rejected rows are put right in five working days"}},
		{"line_fen_head", "2018: 353500, 2019: 374700, 2020: 400000", "M", Text{"年人均收入线（凭记忆，待核）", "income line a head and year; from memory, to be checked"}},
		{"employed", "verified", "S", Text{"有劳动力的户至少一人就业，且经核实", "one job per labour household, verified: the published definition"}},
		{"employed_days", "90", "O", Text{"核实九十天内计为就业", "a verified job counts for ninety days"}},
	}
	for i := range p.All {
		if k, known := knobOf(p.All[i].Name); !known || !k.set(p, p.All[i].Value) {
			panic("domain: a default parameter that is none: " + p.All[i].Name)
		}
	}
	return p
}

// EmployedReason says what the set calls employed.
func (p *Parameters) EmployedReason() Text {
	rule := &p.All[p.at("employed")]
	reason := Text{rule.Reason.ZH + "（" + rule.Value, rule.Reason.EN + " (" + rule.Value}
	if p.Employed == EmployedVerified {
		days := p.Value("employed_days")
		reason.ZH, reason.EN = reason.ZH+"，"+days+" 天内", reason.EN+", for "+days+" days"
	}
	return Text{reason.ZH + "）", reason.EN + ")"}
}

// Value returns a parameter of the set as it is written, "" when there is none of the name.
func (p *Parameters) Value(name string) string {
	if at := p.at(name); at >= 0 {
		return p.All[at].Value
	}
	return ""
}

func (p *Parameters) at(name string) int {
	return slices.IndexFunc(p.All, func(a Parameter) bool { return a.Name == name })
}

// line is the line of a year, in fen a head.
func (p *Parameters) line(year int32) Fen {
	found := p.Lines[0].FenHead
	for _, l := range p.Lines {
		if l.Year <= year {
			found = l.FenHead
		}
	}
	return found
}
