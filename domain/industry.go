package domain

// ProjectStageCode is how far an industry project is.
type ProjectStageCode string

// ProjectKindCode is what an industry project does.
type ProjectKindCode string

// LinkKind is how a household shares in a project (联结方式).
type LinkKind string

// ProjectEnded is the last stage of a project.
const ProjectEnded ProjectStageCode = "ended"

var (
	_ = enumerate[ProjectStageCode](
		Term{"approved", Text{"已批复", "approved"}},
		Term{"started", Text{"已启动", "started"}},
		Term{"operating", Text{"运营中", "operating"}},
		Term{"idle", Text{"闲置", "idle"}},
		Term{"ended", Text{"已结束", "ended"}})
	_ = enumerate[ProjectKindCode](
		Term{"farming", Text{"种植", "farming"}},
		Term{"livestock", Text{"养殖", "livestock"}},
		Term{"processing", Text{"加工", "processing"}},
		Term{"tourism", Text{"旅游", "tourism"}},
		Term{"trade", Text{"商贸", "trade"}},
		Term{"photovoltaic", Text{"光伏", "photovoltaic"}},
		Term{"workshop", Text{"帮扶车间", "workshop"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[LinkKind](
		Term{"lease", Text{"土地流转", "lease"}},
		Term{"order", Text{"订单", "order"}},
		Term{"wage", Text{"务工", "wage"}},
		Term{"share", Text{"入股", "share"}},
		Term{"custody", Text{"托管", "custody"}})
)

// ProjectChanged is a stage of an industry project (产业项目进展).
type ProjectChanged struct {
	Project    ProjectID        `json:"project,omitzero" anju:"create" zh:"项目"`
	Code       string           `json:"code,omitzero" anju:"required,fold,ref" zh:"项目编号"`
	Name       string           `json:"name,omitzero" anju:"fold" zh:"项目名称"`
	Stage      ProjectStageCode `json:"stage,omitzero" anju:"required" zh:"状态"`
	Community  CommunityID      `json:"community,omitzero" zh:"安置社区"`
	Kind       ProjectKindCode  `json:"kind,omitzero" zh:"类型"`
	CapitalFen Opt[Fen]         `json:"capital_fen,omitzero" anju:"min=0" zh:"投资（分）"`
	Jobs       Opt[int32]       `json:"jobs,omitzero" anju:"min=0" zh:"岗位数"`
}

// ProjectStage is a stage of the file's project.
type ProjectStage struct {
	Mark
	Stage     ProjectStageCode
	Community CommunityID
	Division  Division
	Code      string
	Name      string
	Kind      ProjectKindCode
	Capital   Opt[Fen]
}

var _ = define[ProjectChanged](Kind{
	Name: "industry.project_changed", Rank: 350, Area: 2, Home: ProjectKind, Departments: []Department{"agri"},
	Label:  Text{"产业项目进展", "Industry project changed"},
	Effect: Text{"产业视图；闲置列入督查", "industry view; idle raises an inspection item"},
	Sample: &ProjectChanged{Project: sampleProject, Code: "520603-P01", Name: "食用菌基地", Stage: "operating", Community: sampleCommunity, Kind: "farming"},
})

// Check has no rule beyond the fields'.
func (p *ProjectChanged) Check(*Report) {}

func (p *ProjectChanged) apply(f *File, s *Stamp) {
	f.Projects = append(f.Projects, ProjectStage{s.mark(), p.Stage, p.Community, s.Division, p.Code, p.Name, p.Kind, p.CapitalFen})
}

// HouseholdLinked gives a household a share in a project (利益联结).
type HouseholdLinked struct {
	Household       HouseholdID `json:"household,omitzero" anju:"required" zh:"户"`
	Project         ProjectID   `json:"project,omitzero" anju:"required" zh:"项目"`
	Kind            LinkKind    `json:"kind,omitzero" anju:"required" zh:"联结方式"`
	Until           Date        `json:"until,omitzero" zh:"截止日期"`
	ExpectedFenYear Opt[Fen]    `json:"expected_fen_year,omitzero" anju:"min=0" zh:"年预期收益（分）"`
}

// Link is a household's share in a project.
type Link struct {
	Mark
	Project ProjectID
	Until   Day
}

var _ = define[HouseholdLinked](Kind{
	Name: "industry.household_linked", Rank: 360, Area: 2, Home: HouseholdKind, Departments: []Department{"agri"},
	Label:  Text{"利益联结", "Household linked"},
	Effect: Text{"产业：已联结", "industry: linked"},
	Sample: &HouseholdLinked{Household: sampleHousehold, Project: sampleProject, Kind: "wage", ExpectedFenYear: Some[Fen](420600)},
})

// Check has no rule beyond the fields'.
func (h *HouseholdLinked) Check(*Report) {}

func (h *HouseholdLinked) apply(f *File, s *Stamp) {
	f.Links = append(f.Links, Link{s.mark(), h.Project, h.Until.Day()})
}
