package domain

import "strconv"

// FacilityPhase is where a facility stands between plan and demolition (its stage).
type FacilityPhase string

// FacilityType is what a facility is for (设施类别).
type FacilityType string

// CapacityUnit says what a facility's capacity counts (规模单位).
type CapacityUnit string

// The stages.
const (
	FacilityPlanned    FacilityPhase = "planned"
	FacilityBuilding   FacilityPhase = "building"
	FacilityOpen       FacilityPhase = "open"
	FacilityClosed     FacilityPhase = "closed"
	FacilityReopened   FacilityPhase = "reopened"
	FacilityDemolished FacilityPhase = "demolished"
)

var (
	_ = enumerate[FacilityPhase](
		Term{"planned", Text{"规划", "planned"}},
		Term{"building", Text{"在建", "being built"}},
		Term{"open", Text{"建成投用", "open"}},
		Term{"closed", Text{"停用", "closed"}},
		Term{"reopened", Text{"恢复使用", "reopened"}},
		Term{"demolished", Text{"拆除", "demolished"}})
	_ = enumerate[FacilityType](
		Term{"kindergarten", Text{"幼儿园", "kindergarten"}},
		Term{"primary_school", Text{"小学", "primary school"}},
		Term{"junior_school", Text{"初中", "junior secondary school"}},
		Term{"senior_school", Text{"高中", "senior secondary school"}},
		Term{"clinic", Text{"卫生室", "clinic"}},
		Term{"hospital", Text{"医院", "hospital"}},
		Term{"service_centre", Text{"社区服务中心", "community service centre"}},
		Term{"elderly_care", Text{"养老服务设施", "elderly care"}},
		Term{"sewage", Text{"污水处理", "sewage treatment"}},
		Term{"waste", Text{"垃圾处理", "waste treatment"}},
		Term{"water", Text{"供水", "water supply"}},
		Term{"power", Text{"供电", "power supply"}},
		Term{"road", Text{"道路", "road"}},
		Term{"workshop", Text{"帮扶车间", "workshop"}},
		Term{"culture", Text{"文化设施", "culture"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[CapacityUnit](
		Term{"places", Text{"学位", "school places"}},
		Term{"beds", Text{"床位", "beds"}},
		Term{"m2", Text{"平方米", "square metres"}},
		Term{"tonnes_day", Text{"吨/日", "tonnes a day"}},
		Term{"jobs", Text{"岗位", "jobs"}})
)

// FacilityChanged says that a facility of resettlement sites (配套设施) reached a stage; it
// creates the facility when its code is new. Stage open is the "facility built" of the board.
type FacilityChanged struct {
	Facility          FacilityID    `json:"facility,omitzero" anju:"create" zh:"设施"`
	Code              string        `json:"code,omitzero" anju:"fold,ref" zh:"项目编号"`
	Name              string        `json:"name,omitzero" anju:"fold" zh:"设施名称"`
	Stage             FacilityPhase `json:"stage,omitzero" anju:"required" zh:"状态"`
	Kind              FacilityType  `json:"kind,omitzero" anju:"required" zh:"类别"`
	Capacity          Opt[int32]    `json:"capacity,omitzero" anju:"min=0,max=10000000" zh:"建设规模"`
	CapacityUnit      CapacityUnit  `json:"capacity_unit,omitzero" zh:"规模单位"`
	CommunitiesServed []CommunityID `json:"communities_served,omitzero" zh:"服务安置区"`
	PlannedOpen       Date          `json:"planned_open,omitzero" zh:"计划投用日期" en:"planned opening"`
	CostFen           Opt[Fen]      `json:"cost_fen,omitzero" anju:"min=0" zh:"总投资（分）" en:"cost (fen)"`
}

// FacilityStage is one stage that the file's facility reached.
type FacilityStage struct {
	Mark
	Code        string
	Name        string
	Stage       FacilityPhase
	Kind        FacilityType
	Capacity    Opt[int32]
	Unit        CapacityUnit
	Served      []CommunityID
	PlannedOpen Day
	Cost        Opt[Fen]
	Division    Division
}

var _ = define[FacilityChanged](Kind{
	Name: "facility.changed", Rank: 390, Area: 1, Home: FacilityKind,
	Departments: []Department{"ndrc", "edu", "health", "civil", "housing", "agri"},
	Label:       Text{"配套设施建设", "Facility changed"},
	Effect: Text{
		"所服务安置区全部搬迁户的公共服务", "public services of every household of the sites served",
	},
	Sample: &FacilityChanged{
		Facility: sampleFacility, Code: "520603-F001", Name: "安和社区小学", Stage: FacilityOpen, Kind: "primary_school",
		Capacity: Some[int32](276), CapacityUnit: "places", CommunitiesServed: []CommunityID{sampleCommunity},
		PlannedOpen: DateOf(MakeDay(2018, 9, 1)), CostFen: Some[Fen](1_468_000_000),
	},
})

// Check wants a facility that is known by id, or a code and a name for a new one; a capacity
// with its unit; and each community once.
func (c *FacilityChanged) Check(r *Report) {
	checkCreated(r, c.Facility.Entity, c.Code, c.Name)
	if c.Capacity.OK != (c.CapacityUnit != "") {
		r.Add("/capacity_unit", string(c.CapacityUnit), Missing,
			Text{"建设规模和规模单位必须同时填写", "a capacity and its unit are given together"},
			Text{"请补充另一项，或两项都不填", "give the other one too, or neither"})
	}
	checkDistinct(r, "/communities_served", c.CommunitiesServed)
}

// checkCreated reports a subject that is named neither by id nor by what creates it.
func checkCreated(r *Report, subject Entity, code, name string) {
	if !subject.Present() && code == "" {
		r.Add("/code", "", Missing, Text{"新对象必须有编号", "a new one needs its code"},
			Text{"请填写编号，或已有对象的标识", "give its code, or the id of one that is there already"})
	}
	if !subject.Present() && name == "" {
		r.Add("/name", "", Missing, Text{"新对象必须有名称", "a new one needs its name"},
			Text{"请填写名称；变更已有对象请填写其标识", "give its name; to change one that is there give its id"})
	}
}

// checkDistinct reports an entry that a list holds twice.
func checkDistinct[T interface {
	comparable
	String() string
}](r *Report, pointer string, list []T) {
	var none T
	seen := make(map[T]bool, len(list))
	for i, v := range list {
		if v != none && seen[v] {
			r.Add(pointer+"/"+strconv.Itoa(i), v.String(), Malformed,
				Text{"同一项列出了两次", "the same entry stands twice in the list"},
				Text{"请删去重复项", "remove the second one"})
		}
		seen[v] = true
	}
}

func (c *FacilityChanged) apply(f *File, s *Stamp) {
	f.Facilities = append(f.Facilities, FacilityStage{
		Mark: s.mark(), Code: c.Code, Name: c.Name, Stage: c.Stage, Kind: c.Kind, Capacity: c.Capacity,
		Unit: c.CapacityUnit, Served: c.CommunitiesServed, PlannedOpen: c.PlannedOpen.Day(), Cost: c.CostFen, Division: s.Division,
	})
}
