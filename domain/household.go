package domain

import "strconv"

// Category says whether a household was registered poor (建档立卡户) or moved along with them
// (随迁户).
type Category string

// SettlementMode is how a household was resettled.
type SettlementMode string

// Relation is a member's relation to the head of the household.
type Relation string

// JoinReason is why a person became a member.
type JoinReason string

// LeaveReason is why a person ceased to be a member.
type LeaveReason string

// MoveKind is what kind of move a household made.
type MoveKind string

// CloseReason is why a household's file ends.
type CloseReason string

// MergeReason is why households became one.
type MergeReason string

// The values that rules name.
const (
	Poor             Category = "poor"
	Accompanying     Category = "accompanying"
	Head             Relation = "head"
	ReturnedToOrigin MoveKind = "returned_to_origin"
	LeftCounty       MoveKind = "left_county"
	ResettledAgain   MoveKind = "resettled_again"
	maxMembers                = 60 // the largest registered households have some twenty members
)

var (
	_ = enumerate[Category](
		Term{"poor", Text{"脱贫户", "registered poor"}},
		Term{"accompanying", Text{"随迁户", "accompanying"}})
	_ = enumerate[SettlementMode](
		Term{"concentrated", Text{"集中安置", "concentrated"}},
		Term{"dispersed", Text{"分散安置", "dispersed"}})
	_ = enumerate[Relation](
		Term{"head", Text{"户主", "head"}},
		Term{"spouse", Text{"配偶", "spouse"}},
		Term{"child", Text{"子女", "child"}},
		Term{"parent", Text{"父母", "parent"}},
		Term{"grandchild", Text{"孙子女", "grandchild"}},
		Term{"grandparent", Text{"祖父母", "grandparent"}},
		Term{"sibling", Text{"兄弟姐妹", "sibling"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[JoinReason](
		Term{"birth", Text{"出生", "birth"}},
		Term{"marriage", Text{"婚入", "marriage"}},
		Term{"adoption", Text{"收养", "adoption"}},
		Term{"return", Text{"回迁", "return"}},
		Term{"correction", Text{"更正", "correction"}},
		Term{"found", Text{"核查发现", "found in a check"}})
	_ = enumerate[LeaveReason](
		Term{"marriage", Text{"婚出", "marriage"}},
		Term{"moved", Text{"迁出", "moved"}},
		Term{"custody", Text{"服刑或监护变更", "custody"}},
		Term{"army", Text{"参军", "army"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[MoveKind](
		Term{"resettled_again", Text{"再次安置", "resettled again"}},
		Term{"returned_to_origin", Text{"返回原籍", "returned to origin"}},
		Term{"left_county", Text{"迁出本县", "left the county"}})
	_ = enumerate[CloseReason](
		Term{"extinct", Text{"户内无人", "extinct"}},
		Term{"merged", Text{"并户", "merged"}},
		Term{"withdrawn", Text{"退出搬迁", "withdrawn"}},
		Term{"registered_in_error", Text{"登记错误", "registered in error"}})
	_ = enumerate[MergeReason](
		Term{"duplicate", Text{"重复登记", "duplicate"}},
		Term{"marriage", Text{"婚姻", "marriage"}},
		Term{"care", Text{"赡养", "care"}},
		Term{"undone", Text{"撤销分户", "a split undone"}})
)

// Member is one person of a household, as registered.
type Member struct {
	Person      PersonID             `json:"person,omitzero" anju:"mint" zh:"人员"`
	Number      PersonalBox[string]  `json:"number,omitzero" zh:"人编号"`
	Name        PersonalBox[string]  `json:"name,omitzero" zh:"姓名"`
	IDNumber    PersonalBox[string]  `json:"id_number,omitzero" anju:"tag" zh:"证件号码" en:"ID number"`
	Phone       PersonalBox[string]  `json:"phone,omitzero" zh:"联系电话"`
	Relation    Relation             `json:"relation,omitzero" anju:"required" zh:"与户主关系"`
	BirthMonth  Month                `json:"birth_month,omitzero" zh:"出生年月"`
	LabourClass LabourClass          `json:"labour_class,omitzero" zh:"劳动技能"`
	Health      SensitiveBox[string] `json:"health,omitzero" zh:"健康状况"`
}

// HouseholdRegistered opens the file of a relocated household (搬迁户登记).
type HouseholdRegistered struct {
	Number         PersonalBox[string] `json:"number,omitzero" zh:"户编号"`
	Category       Category            `json:"category,omitzero" anju:"required" zh:"户类型"`
	OriginDivision Division            `json:"origin_division,omitzero" zh:"迁出地区划"`
	OriginAddress  PersonalBox[string] `json:"origin_address,omitzero" zh:"迁出地地址"`
	SettlementMode SettlementMode      `json:"settlement_mode,omitzero" zh:"安置方式"`
	Community      CommunityID         `json:"community,omitzero" zh:"安置社区"`
	Members        []Member            `json:"members,omitzero" anju:"required" zh:"家庭成员"`
}

// Registration is the entry that opens a household's file.
type Registration struct {
	Mark
	Category  Category
	Mode      SettlementMode
	Community CommunityID
	Division  Division
}

// Membership is one person's joining or leaving of the file's household.
type Membership struct {
	Mark
	Person   PersonID
	Relation Relation // of a joining
	Birth    Month
	Tag      uint64 // keyed hash of the ID number, 0 = not known
	Leaves   bool
	Reason   string
	Other    HouseholdID // whence, or whither
}

var _ = define[HouseholdRegistered](Kind{
	Name: "household.registered", Rank: rankRegistered, Home: HouseholdKind, Departments: []Department{"rural", "county"},
	Label:  Text{"搬迁户登记", "Household registered"},
	Effect: Text{"建立一户一档；各维度为未知", "opens the household; all dimensions are unknown"},
	Sample: &HouseholdRegistered{
		Number: OpenPersonal("520603000001"), Category: Poor, OriginDivision: "520603100", SettlementMode: "concentrated",
		Community: sampleCommunity,
		Members: []Member{{
			Person: samplePerson, Number: OpenPersonal("52060300000101"), Name: OpenPersonal("某甲"),
			IDNumber: OpenPersonal("990101198112010025"), Relation: Head, BirthMonth: MakeMonth(1981, 12),
			LabourClass: Skilled, Health: OpenSensitive("healthy"),
		}},
	},
})

// rankRegistered tells registrations from other records of a register by one byte.
const rankRegistered = 10

// samplePerson and its like are the made-up ids of the catalogue's samples.
var (
	samplePerson    = PersonID{MintEntity(PersonKind, 0x0d9f_a3c5_17e2_b846)}
	sampleHousehold = HouseholdID{MintEntity(HouseholdKind, 0x071b_4d8e_92f3_6ac5)}
	sampleDwelling  = DwellingID{MintEntity(DwellingKind, 0x0a3c_51e7_8d29_f4b6)}
	samplePlacement = PlacementID{MintEntity(PlacementKind, 0x0c84_e92b_5f17_a3d6)}
	sampleCase      = CaseID{MintEntity(CaseKind, 0x05e2_97c4_b13f_8d6a)}
	sampleCommunity = CommunityID{MintEntity(CommunityKind, 0x093f_c6a1_e852_7b4d)}
	sampleFacility  = FacilityID{MintEntity(FacilityKind, 0x0b71_d5e3_462c_9fa8)}
	sampleProject   = ProjectID{MintEntity(ProjectKind, 0x06c9_2a8f_d7b4_e135)}
	sampleFund      = FundID{MintEntity(FundKind, 0x0e45_b8d2_3fa7_916c)}
	sampleEvent     = EventID{0x01, 0x92, 0xf3, 0xc1, 0x4b, 0x5a, 0x7d, 0x3e, 0x8f, 0x02, 0x9c, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5}
)

// Check refuses a household without exactly one head, and a person named twice.
func (h *HouseholdRegistered) Check(r *Report) {
	if len(h.Members) > maxMembers {
		r.Add("/members", "", TooLarge, Text{"一户最多60人", "a household has at most 60 members"},
			Text{"请核对是否误并多户", "check whether several households ran together"})
	}
	heads := 0
	seen := make(map[PersonID]bool, len(h.Members))
	for i, m := range h.Members {
		if m.Relation == Head {
			heads++
		}
		if m.Person.Present() && seen[m.Person] {
			r.Add("/members/"+strconv.Itoa(i)+"/person", m.Person.String(), Conflict, Text{"同一人登记了两次", "a person is named twice"},
				Text{"请删去重复的成员", "remove the second entry"})
		}
		seen[m.Person] = true
	}
	if heads != 1 {
		r.Add("/members", "", Malformed, Text{"每户必须且只能有一名户主", "a household has exactly one head"},
			Text{"请只给一名成员填写关系 head", "give one member, and no other, the relation head"})
	}
}

func (h *HouseholdRegistered) apply(f *File, s *Stamp) {
	f.Registrations = append(f.Registrations, Registration{s.mark(), h.Category, h.SettlementMode, h.Community, s.Division})
	for i := range h.Members {
		f.join(s, &h.Members[i], "registered", HouseholdID{})
	}
}

func (f *File) join(s *Stamp, m *Member, reason string, from HouseholdID) {
	f.Memberships = append(f.Memberships, Membership{
		Mark: s.mark(), Person: m.Person, Relation: m.Relation, Birth: m.BirthMonth, Tag: m.IDNumber.Tag, Reason: reason, Other: from,
	})
	f.class(s, m.Person, m.LabourClass)
}

// MemberJoined adds a person to a household (家庭成员增加). A person known already, who comes
// from another household, is named by his id.
type MemberJoined struct {
	Member        Member      `json:"member,omitzero" anju:"required,create" zh:"成员"`
	Reason        JoinReason  `json:"reason,omitzero" anju:"required" zh:"原因"`
	FromHousehold HouseholdID `json:"from_household,omitzero" zh:"原户"`
	ApprovedBy    string      `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

var memberJoined = define[MemberJoined](Kind{
	Name: "household.member_joined", Version: 2, Rank: 20, Home: HouseholdKind, Departments: []Department{"psb", "community", "rural"},
	Label:  Text{"家庭成员增加", "Member joined"},
	Effect: Text{"人口加一；重新评估各项覆盖和劳动力", "size + 1; coverage and labour figures re-evaluated"},
	Sample: &MemberJoined{
		Member: Member{Person: samplePerson, Relation: "child", BirthMonth: MakeMonth(2021, 3), LabourClass: NoLabour}, Reason: "birth",
	},
})

// Version 1 named nobody who approved.
var _ = was(memberJoined, 1, func(old MemberJoined) Fact { return &old })

// Check has no rule beyond the fields'.
func (m *MemberJoined) Check(*Report) {}

func (m *MemberJoined) apply(f *File, s *Stamp) {
	f.join(s, &m.Member, string(m.Reason), m.FromHousehold)
}

// MemberLeft takes a person out of a household (家庭成员减少); death is person.died.
type MemberLeft struct {
	Person           PersonID    `json:"person,omitzero" anju:"required" zh:"人员"`
	Reason           LeaveReason `json:"reason,omitzero" anju:"required" zh:"原因"`
	MovedToHousehold HouseholdID `json:"moved_to_household,omitzero" zh:"迁入户"`
	ApprovedBy       string      `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

var memberLeft = define[MemberLeft](Kind{
	Name: "household.member_left", Version: 2, Rank: 30, Home: HouseholdKind, Departments: []Department{"psb", "community", "rural"},
	Label:  Text{"家庭成员减少", "Member left"},
	Effect: Text{"人口减一；重新评估就业和劳动力", "size - 1; job and labour re-evaluated"},
	Sample: &MemberLeft{Person: samplePerson, Reason: "marriage"},
})

// Version 1 named nobody who approved.
var _ = was(memberLeft, 1, func(old MemberLeft) Fact { return &old })

// Check has no rule beyond the fields'.
func (m *MemberLeft) Check(*Report) {}

func (m *MemberLeft) apply(f *File, s *Stamp) {
	f.Memberships = append(f.Memberships, Membership{
		Mark: s.mark(), Person: m.Person, Leaves: true, Reason: string(m.Reason), Other: m.MovedToHousehold,
	})
}

// HouseholdMoved says that the whole household changed its place (整户迁移).
type HouseholdMoved struct {
	FromCommunity CommunityID `json:"from_community,omitzero" zh:"迁出社区"`
	ToCommunity   CommunityID `json:"to_community,omitzero" zh:"迁入社区"`
	Dwelling      DwellingID  `json:"dwelling,omitzero" zh:"新住房"`
	Kind          MoveKind    `json:"kind,omitzero" anju:"required" zh:"迁移类型"`
	ApprovedBy    string      `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

// Move is one move of the file's household.
type Move struct {
	Mark
	Kind     MoveKind
	To       CommunityID
	Dwelling DwellingID
	Division Division
}

var householdMoved = define[HouseholdMoved](Kind{
	Name: "household.moved", Version: 2, Rank: 70, Home: HouseholdKind, Departments: []Department{"psb", "township", "rural"},
	Label:  Text{"整户迁移", "Household moved"},
	Effect: Text{"住房状态重新计算；返回原籍为返贫预警", "occupancy = moved; an origin return raises a fall-back flag"},
	Sample: &HouseholdMoved{FromCommunity: sampleCommunity, ToCommunity: CommunityID{MintEntity(CommunityKind, 2)}, Kind: ResettledAgain},
})

// Version 1 named nobody who approved.
var _ = was(householdMoved, 1, func(old HouseholdMoved) Fact { return &old })

// Check asks a household that was resettled again for its new place, and others for none.
func (h *HouseholdMoved) Check(r *Report) {
	if h.Kind == ResettledAgain && !h.ToCommunity.Present() && !h.Dwelling.Present() {
		r.Add("/to_community", "", Missing, Text{"再次安置必须写明迁入社区或住房", "a household resettled again needs its new community or dwelling"},
			Text{"请填写 to_community 或 dwelling", "give to_community or dwelling"})
	}
}

func (h *HouseholdMoved) apply(f *File, s *Stamp) {
	f.Moves = append(f.Moves, Move{s.mark(), h.Kind, h.ToCommunity, h.Dwelling, s.Division})
}

// HouseholdClosed ends a household's file (销户).
type HouseholdClosed struct {
	Reason CloseReason `json:"reason,omitzero" anju:"required" zh:"原因"`
}

// Closing ends the file's household.
type Closing struct {
	Mark
	Reason CloseReason
}

var _ = define[HouseholdClosed](Kind{
	Name: "household.closed", Rank: 80, Home: HouseholdKind, Departments: []Department{"township", "county", "rural"},
	Label:  Text{"销户", "Household closed"},
	Effect: Text{"自该日起不计入任何分母", "leaves all denominators from that date"},
	Sample: &HouseholdClosed{Reason: "extinct"},
})

// Check has no rule beyond the fields'.
func (h *HouseholdClosed) Check(*Report) {}

func (h *HouseholdClosed) apply(f *File, s *Stamp) {
	f.Closings = append(f.Closings, Closing{s.mark(), h.Reason})
}
