package domain

// GrievanceTopic is what a grievance is about.
type GrievanceTopic string

// GrievanceChannel is the way by which a grievance came in.
type GrievanceChannel string

// GrievanceOutcome is how a grievance ended.
type GrievanceOutcome string

var (
	_ = enumerate[GrievanceTopic](
		Term{"housing", Text{"住房", "housing"}},
		Term{"title", Text{"产权", "title"}},
		Term{"job", Text{"就业", "job"}},
		Term{"service", Text{"公共服务", "public services"}},
		Term{"land", Text{"土地权益", "land rights"}},
		Term{"payment", Text{"资金待遇", "payment"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[GrievanceChannel](
		Term{"visit", Text{"走访", "visit"}},
		Term{"hotline", Text{"热线", "hotline"}},
		Term{"letter", Text{"信访", "letter"}},
		Term{"online", Text{"网络", "online"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[GrievanceOutcome](
		Term{"settled", Text{"已解决", "settled"}},
		Term{"rejected", Text{"不予支持", "rejected"}},
		Term{"withdrawn", Text{"撤回", "withdrawn"}},
		Term{"transferred", Text{"移送", "transferred"}})
)

// GrievanceFiled opens a grievance of a household (诉求受理).
type GrievanceFiled struct {
	Grievance GrievanceID      `json:"grievance,omitzero" anju:"mint" zh:"诉求"`
	Kind      GrievanceTopic   `json:"kind,omitzero" anju:"required" zh:"类型"`
	Channel   GrievanceChannel `json:"channel,omitzero" zh:"渠道"`
	Due       Date             `json:"due,omitzero" zh:"办结期限"`
}

// GrievanceStep is the filing or the resolution of a grievance.
type GrievanceStep struct {
	Mark
	Grievance GrievanceID
	Due       Day
	Resolved  bool
}

var _ = define[GrievanceFiled](Kind{
	Name: "grievance.filed", Rank: 260, Area: 4, Home: HouseholdKind, Departments: []Department{"community", "township", "civil"},
	Label:  Text{"诉求受理", "Grievance filed"},
	Effect: Text{"权益：有未办结诉求", "rights: grievance open"},
	Sample: &GrievanceFiled{Grievance: GrievanceID{MintEntity(GrievanceKind, 1)}, Kind: "title", Channel: "visit", Due: DateOf(MakeDay(2021, 7, 1))},
})

// Check has no rule beyond the fields'.
func (g *GrievanceFiled) Check(*Report) {}

func (g *GrievanceFiled) apply(f *File, s *Stamp) {
	f.Grievances = append(f.Grievances, GrievanceStep{s.mark(), g.Grievance, g.Due.Day(), false})
}

// GrievanceResolved closes a grievance (诉求办结).
type GrievanceResolved struct {
	Grievance GrievanceID      `json:"grievance,omitzero" anju:"required" zh:"诉求"`
	Outcome   GrievanceOutcome `json:"outcome,omitzero" anju:"required" zh:"结果"`
}

var _ = define[GrievanceResolved](Kind{
	Name: "grievance.resolved", Rank: 270, Area: 4, Home: HouseholdKind, Departments: []Department{OfGrievance},
	Label:  Text{"诉求办结", "Grievance resolved"},
	Effect: Text{"权益：诉求关闭", "rights: closed"},
	Sample: &GrievanceResolved{Grievance: GrievanceID{MintEntity(GrievanceKind, 1)}, Outcome: "settled"},
})

// Check has no rule beyond the fields'.
func (g *GrievanceResolved) Check(*Report) {}

func (g *GrievanceResolved) apply(f *File, s *Stamp) {
	f.Grievances = append(f.Grievances, GrievanceStep{s.mark(), g.Grievance, NoDay, true})
}
