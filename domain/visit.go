package domain

// VisitPurpose is why a household was visited (走访目的).
type VisitPurpose string

// VisitFinding is a coded thing found on a visit (发现问题).
type VisitFinding string

// IncomeMethod is how an income was learned.
type IncomeMethod string

// ChildNotInSchool is the finding that a child of school age is not in school.
const ChildNotInSchool VisitFinding = "child_not_in_school"

var (
	_ = enumerate[VisitPurpose](
		Term{"routine", Text{"日常走访", "routine"}},
		Term{"job_follow_up", Text{"就业回访", "job follow-up"}},
		Term{"policy", Text{"政策宣传", "policy"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[VisitFinding](
		Term{"roof_leak", Text{"房屋漏水", "roof leak"}},
		Term{"no_work", Text{"无就业", "no work"}},
		Term{"child_not_in_school", Text{"子女未上学", "child not in school"}},
		Term{"ill", Text{"生病", "ill"}},
		Term{"old_house_used", Text{"旧房复住", "old house used"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[IncomeMethod](
		Term{"declared", Text{"申报", "declared"}},
		Term{"checked", Text{"核实", "checked"}},
		Term{"estimated", Text{"估算", "estimated"}})
)

// VisitMade is a visit to a household (走访).
type VisitMade struct {
	Purpose VisitPurpose                 `json:"purpose,omitzero" anju:"required" zh:"走访目的"`
	Found   SensitiveBox[[]VisitFinding] `json:"found,omitzero" zh:"发现问题"`
	Person  PersonID                     `json:"person,omitzero" zh:"涉及人员"`
	Note    PersonalBox[string]          `json:"note,omitzero" zh:"记录"`
	NextDue Date                         `json:"next_due,omitzero" zh:"下次走访日期"`
}

// Visit is a visit to the file's household.
type Visit struct {
	Mark
	Person  PersonID
	Found   []VisitFinding
	NextDue Day
}

var _ = define[VisitMade](Kind{
	Name: "visit.made", Rank: 440, Area: 3, Home: HouseholdKind, Departments: []Department{"community", "township", "rural"},
	Label:  Text{"走访", "Visit made"},
	Effect: Text{"更新所报各项的时效", "freshness of everything reported"},
	Sample: &VisitMade{Purpose: "routine", Found: OpenSensitive([]VisitFinding{"roof_leak"}), NextDue: DateOf(MakeDay(2021, 9, 25))},
})

// Check has no rule beyond the fields'.
func (v *VisitMade) Check(*Report) {}

func (v *VisitMade) apply(f *File, s *Stamp) {
	found, _ := v.Found.Value()
	f.Visits = append(f.Visits, Visit{s.mark(), v.Person, found, v.NextDue.Day()})
}

// IncomeDeclared is a household's income of one year (收入申报).
type IncomeDeclared struct {
	Year        int32        `json:"year,omitzero" anju:"required,min=2000,max=2100" zh:"年度"`
	WageFen     Opt[Fen]     `json:"wage_fen,omitzero" anju:"min=0" zh:"工资性收入（分）"`
	BusinessFen Opt[Fen]     `json:"business_fen,omitzero" zh:"生产经营净收入（分）"`
	PropertyFen Opt[Fen]     `json:"property_fen,omitzero" zh:"财产净收入（分）"`
	TransferFen Opt[Fen]     `json:"transfer_fen,omitzero" zh:"转移净收入（分）"`
	CostsFen    Opt[Fen]     `json:"costs_fen,omitzero" anju:"min=0" zh:"支出（分）"`
	Persons     int32        `json:"persons,omitzero" anju:"required,min=1,max=60" zh:"家庭人口"`
	Method      IncomeMethod `json:"method,omitzero" zh:"方式"`
}

// Income is a year's income of the file's household.
type Income struct {
	Mark
	Year     int32
	Total    Fen // wage + business + property + transfer - costs
	Transfer Fen
	Persons  int32
}

// AHead returns the income a head in fen, rounded down.
func (i Income) AHead() Fen { return i.Total / Fen(i.Persons) }

var _ = define[IncomeDeclared](Kind{
	Name: "income.declared", Rank: 490, Area: 6, Home: HouseholdKind, Departments: []Department{"township", "rural"},
	Label:  Text{"收入申报", "Income declared"},
	Effect: Text{"该年度收入维度", "income dimension for that year"},
	Sample: &IncomeDeclared{Year: 2020, WageFen: Some[Fen](1224700), TransferFen: Some[Fen](349900), Persons: 1, Method: "declared"},
})

// Check refuses a declaration without any kind of income: absent is not nought.
func (i *IncomeDeclared) Check(r *Report) {
	if !i.WageFen.OK && !i.BusinessFen.OK && !i.PropertyFen.OK && !i.TransferFen.OK {
		r.Add("/wage_fen", "", Missing, Text{"至少填写一项收入；没有收入请填0", "give at least one kind of income; none is written as 0"},
			Text{"请填写工资性、经营、财产或转移收入", "give wage_fen, business_fen, property_fen or transfer_fen"})
	}
}

func (i *IncomeDeclared) apply(f *File, s *Stamp) {
	f.Incomes = append(f.Incomes, Income{
		Mark: s.mark(), Year: i.Year, Persons: max(i.Persons, 1), Transfer: i.TransferFen.V,
		Total: i.WageFen.V + i.BusinessFen.V + i.PropertyFen.V + i.TransferFen.V - i.CostsFen.V,
	})
}
