package domain

// FindingTopic is what an inspection found.
type FindingTopic string

// Severity is how grave a finding is.
type Severity string

var (
	_ = enumerate[FindingTopic](
		Term{"false_report", Text{"虚报", "false report"}},
		Term{"money_idle", Text{"资金闲置", "money idle"}},
		Term{"money_misused", Text{"资金挪用", "money misused"}},
		Term{"quality", Text{"工程质量", "quality of works"}},
		Term{"not_done", Text{"工作未落实", "work not done"}},
		Term{"data_missing", Text{"资料缺失", "data missing"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[Severity](
		Term{"minor", Text{"一般", "minor"}},
		Term{"serious", Text{"较重", "serious"}},
		Term{"grave", Text{"严重", "grave"}})
)

// InspectionFound is a finding of an inspection (督查发现问题). It stands under the home of the
// first entity that it refers to.
type InspectionFound struct {
	Finding  FindingID    `json:"finding,omitzero" anju:"mint" zh:"问题"`
	Kind     FindingTopic `json:"kind,omitzero" anju:"required" zh:"类型"`
	Severity Severity     `json:"severity,omitzero" anju:"required" zh:"程度"`
	About    []Entity     `json:"about,omitzero" zh:"涉及对象"`
	Refs     []EventID    `json:"refs,omitzero" zh:"涉及记录"`
	Owner    Department   `json:"owner,omitzero" anju:"required" zh:"责任部门" en:"department to rectify"`
	Due      Date         `json:"due,omitzero" zh:"整改期限"`
}

// FindingStep is a finding, or its rectification.
type FindingStep struct {
	Mark
	Finding   FindingID
	Due       Day
	Rectified bool // an accepted rectification
	Kind      FindingTopic
	Severity  Severity
	Owner     Department // to rectify it
	Division  Division
}

var _ = define[InspectionFound](Kind{
	Name: "inspection.found", Rank: 550, Area: 6, Departments: []Department{"audit", "ndrc"},
	Label:  Text{"督查发现问题", "Inspection found"},
	Effect: Text{"整改未完成", "rectification open"},
	Sample: &InspectionFound{
		Finding: FindingID{MintEntity(FindingKind, 1)}, Kind: "money_idle", Severity: "minor",
		About: []Entity{sampleFund.Entity}, Refs: []EventID{sampleEvent}, Owner: "finance", Due: DateOf(MakeDay(2021, 9, 1)),
	},
})

// Check asks for something that the finding is about.
func (i *InspectionFound) Check(r *Report) {
	if len(i.About) == 0 && len(i.Refs) == 0 {
		r.Add("/about", "", Missing, Text{"问题必须指明涉及对象或记录", "a finding is about an entity or an event"},
			Text{"请填写 about 或 refs", "give about or refs"})
	}
}

func (i *InspectionFound) apply(f *File, s *Stamp) {
	f.Findings = append(f.Findings, FindingStep{s.mark(), i.Finding, i.Due.Day(), false, i.Kind, i.Severity, i.Owner, s.Division})
}

// InspectionRectified answers a finding (整改).
type InspectionRectified struct {
	Finding     FindingID `json:"finding,omitzero" anju:"required" zh:"问题"`
	EvidenceRef string    `json:"evidence_ref,omitzero" anju:"ref" zh:"佐证材料"`
	Accepted    YesNo     `json:"accepted,omitzero" anju:"required" zh:"是否通过"`
}

var _ = define[InspectionRectified](Kind{
	Name: "inspection.rectified", Rank: 560, Area: 6, Departments: []Department{AnyDepartment},
	Label:  Text{"整改", "Inspection rectified"},
	Effect: Text{"整改完成", "rectification closed"},
	Sample: &InspectionRectified{Finding: FindingID{MintEntity(FindingKind, 1)}, EvidenceRef: "doc_2021_9", Accepted: Affirmed},
})

// Check has no rule beyond the fields'.
func (i *InspectionRectified) Check(*Report) {}

func (i *InspectionRectified) apply(f *File, s *Stamp) {
	f.Findings = append(f.Findings, FindingStep{Mark: s.mark(), Finding: i.Finding, Due: NoDay, Rectified: i.Accepted == Affirmed, Division: s.Division})
}
