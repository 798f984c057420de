package domain

// OccupancyState is how a dwelling was found (入住情况).
type OccupancyState string

// CheckMethod is how a dwelling was checked.
type CheckMethod string

// LandKind is the land that a dwelling stands on.
type LandKind string

// HomesteadOutcome is what became of an old homestead that was given up.
type HomesteadOutcome string

// HomesteadCondition is how an old homestead was found.
type HomesteadCondition string

// TitlePaper is a paper that a title application lacks.
type TitlePaper string

// TitleRestriction is what the owner of a registered dwelling may not do.
type TitleRestriction string

// The states that rules name.
const (
	LivedIn          OccupancyState     = "lived_in"
	Vacant           OccupancyState     = "vacant"
	LetOut           OccupancyState     = "let_out"
	Seasonal         OccupancyState     = "seasonal"
	HomesteadInUse   HomesteadCondition = "lived_in"
	HomesteadVacated HomesteadCondition = "vacated" // only in a file: given up by homestead.vacated
)

var (
	_ = enumerate[OccupancyState](
		Term{"lived_in", Text{"常住", "lived in"}},
		Term{"vacant", Text{"空置", "vacant"}},
		Term{"let_out", Text{"出租", "let out"}},
		Term{"seasonal", Text{"季节性", "seasonal"}})
	_ = enumerate[CheckMethod](
		Term{"visit", Text{"入户", "visit"}},
		Term{"meter", Text{"水电表", "meter"}})
	_ = enumerate[LandKind](
		Term{"state", Text{"国有", "state"}},
		Term{"collective", Text{"集体", "collective"}})
	_ = enumerate[HomesteadOutcome](
		Term{"demolished", Text{"已拆除", "demolished"}},
		Term{"reclaimed", Text{"已复垦", "reclaimed"}},
		Term{"kept_for_production", Text{"保留生产用房", "kept for production"}},
		Term{"heritage", Text{"传统民居保留", "heritage"}})
	_ = enumerate[HomesteadCondition](
		Term{"empty", Text{"空置", "empty"}},
		Term{"demolished", Text{"已拆除", "demolished"}},
		Term{"used_for_production", Text{"生产使用", "used for production"}},
		Term{"lived_in", Text{"有人居住", "lived in"}})
	_ = enumerate[TitlePaper](
		Term{"land_approval", Text{"用地批准文件", "land approval"}},
		Term{"planning_permit", Text{"规划许可", "planning permit"}},
		Term{"completion_acceptance", Text{"竣工验收材料", "completion acceptance"}},
		Term{"survey", Text{"测绘成果", "survey"}},
		Term{"identity", Text{"身份证明", "proof of identity"}},
		Term{"handover_agreement", Text{"安置协议", "resettlement agreement"}},
		Term{"tax", Text{"完税证明", "tax certificate"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[TitleRestriction](
		Term{"no_sale", Text{"不得转让", "may not be sold"}},
		Term{"sale_after_years", Text{"限期内不得转让", "may not be sold for some years"}},
		Term{"no_mortgage", Text{"不得抵押", "may not be mortgaged"}},
		Term{"sale_within_collective", Text{"限集体内部转让", "sold only within the collective"}},
		Term{"seized", Text{"查封", "seized"}},
		Term{"other", Text{"其他", "other"}})
)

// Address is a dwelling's place inside its community (楼栋单元房号).
type Address struct {
	Block string `json:"block,omitzero" zh:"楼栋"`
	Unit  string `json:"unit,omitzero" zh:"单元"`
	Room  string `json:"room,omitzero" zh:"房号"`
}

// DwellingHandedOver gives a household the keys to its dwelling (交付入住).
type DwellingHandedOver struct {
	Dwelling  DwellingID  `json:"dwelling,omitzero" anju:"create" zh:"住房"`
	AreaDm2   Dm2         `json:"area_dm2,omitzero" anju:"min=0,max=100000" zh:"面积（平方分米）"`
	Community CommunityID `json:"community,omitzero" zh:"安置社区"`
	Address   Address     `json:"address,omitzero" zh:"地址"`
}

// Handover is the giving of the keys of one dwelling.
type Handover struct {
	Mark
	Dwelling  DwellingID
	Community CommunityID
	Area      Dm2
}

var _ = define[DwellingHandedOver](Kind{
	Name: "dwelling.handed_over", Rank: 120, Area: 1, Home: HouseholdKind, Departments: []Department{"ndrc", "rural", "housing"},
	Label:  Text{"交付入住", "Dwelling handed over"},
	Effect: Text{"住房：已入住；不动产登记开始计时", "housing: none -> moved in; starts the title clock"},
	Sample: &DwellingHandedOver{
		Dwelling: sampleDwelling, AreaDm2: 8000, Community: sampleCommunity,
		Address: Address{Block: "1", Unit: "1", Room: "101"},
	},
})

// Check refuses a dwelling that neither an id nor an address tells apart.
func (d *DwellingHandedOver) Check(r *Report) {
	if !d.Dwelling.Present() && d.Address == (Address{}) {
		r.Add("/address", "", Missing, Text{"住房必须有编号或地址", "a dwelling has an id or an address"},
			Text{"请填写 address", "give its address"})
	}
}

func (d *DwellingHandedOver) apply(f *File, s *Stamp) {
	f.Handovers = append(f.Handovers, Handover{s.mark(), d.Dwelling, d.Community, d.AreaDm2})
}

// OccupancyChecked says how a dwelling was found (入住核查).
type OccupancyChecked struct {
	Dwelling      DwellingID     `json:"dwelling,omitzero" anju:"required" zh:"住房"`
	State         OccupancyState `json:"state,omitzero" anju:"required" zh:"入住情况"`
	Method        CheckMethod    `json:"method,omitzero" zh:"核查方式"`
	ResidentsSeen Opt[int32]     `json:"residents_seen,omitzero" anju:"min=0,max=100" zh:"在住人数"`
}

// Occupancy is how a dwelling was found on a day.
type Occupancy struct {
	Mark
	Dwelling DwellingID
	State    OccupancyState
}

var _ = define[OccupancyChecked](Kind{
	Name: "dwelling.occupancy_checked", Rank: 130, Area: 1, Home: HouseholdKind, Departments: []Department{"community", "township", "rural"},
	Label:  Text{"入住核查", "Occupancy checked"},
	Effect: Text{"住房：确认居住或空置；时效重新计算", "housing: confirmed or vacant; freshness clock"},
	Sample: &OccupancyChecked{Dwelling: sampleDwelling, State: LivedIn, Method: "visit", ResidentsSeen: Some[int32](4)},
})

// Check has no rule beyond the fields'.
func (o *OccupancyChecked) Check(*Report) {}

func (o *OccupancyChecked) apply(f *File, s *Stamp) {
	f.Occupancies = append(f.Occupancies, Occupancy{s.mark(), o.Dwelling, o.State})
}

// TitleApplied opens the registration of a dwelling's title (不动产登记受理).
type TitleApplied struct {
	Dwelling      DwellingID   `json:"dwelling,omitzero" anju:"required" zh:"住房"`
	ApplicationNo string       `json:"application_no,omitzero" anju:"ref,fold" zh:"业务号" en:"application number"`
	Owners        []PersonID   `json:"owners,omitzero" zh:"权利人"`
	Missing       []TitlePaper `json:"missing,omitzero" zh:"缺少材料" en:"papers missing"`
}

// TitleStep is one step of a dwelling's title.
type TitleStep struct {
	Mark
	Dwelling DwellingID
	Issued   bool
}

var _ = define[TitleApplied](Kind{
	Name: "title.application_accepted", Rank: 160, Area: 4, Home: HouseholdKind, Departments: []Department{"nr"},
	Label:  Text{"不动产登记受理", "Title application accepted"},
	Effect: Text{"产权：办理中", "title: none -> in process"},
	Sample: &TitleApplied{Dwelling: sampleDwelling, ApplicationNo: "SL00000001", Owners: []PersonID{samplePerson}},
})

// Check has no rule beyond the fields'.
func (t *TitleApplied) Check(*Report) {}

func (t *TitleApplied) apply(f *File, s *Stamp) {
	f.TitleSteps = append(f.TitleSteps, TitleStep{s.mark(), t.Dwelling, false})
}

// CertificateIssued enters a dwelling's title in the land register (不动产登簿发证).
type CertificateIssued struct {
	Dwelling      DwellingID          `json:"dwelling,omitzero" anju:"required" zh:"住房"`
	ApplicationNo string              `json:"application_no,omitzero" anju:"ref,fold" zh:"业务号" en:"application number"`
	CertificateNo PersonalBox[string] `json:"certificate_no,omitzero" zh:"不动产权证号"`
	Owners        []PersonID          `json:"owners,omitzero" zh:"权利人"`
	LandKind      LandKind            `json:"land_kind,omitzero" zh:"土地性质"`
	Restrictions  []TitleRestriction  `json:"restrictions,omitzero" zh:"限制"`
}

var _ = define[CertificateIssued](Kind{
	Name: "title.certificate_issued", Rank: 180, Area: 4, Home: HouseholdKind, Departments: []Department{"nr"},
	Label:  Text{"不动产登簿发证", "Title certificate issued"},
	Effect: Text{"产权：已办证", "title: issued"},
	Sample: &CertificateIssued{Dwelling: sampleDwelling, ApplicationNo: "SL00000001", CertificateNo: OpenPersonal("0000002"), LandKind: "state"},
})

// Check has no rule beyond the fields'.
func (c *CertificateIssued) Check(*Report) {}

func (c *CertificateIssued) apply(f *File, s *Stamp) {
	f.TitleSteps = append(f.TitleSteps, TitleStep{s.mark(), c.Dwelling, true})
}

// HomesteadGivenUp settles a household's old homestead (旧宅基地腾退).
type HomesteadGivenUp struct {
	Homestead HomesteadID      `json:"homestead,omitzero" anju:"create" zh:"宅基地"`
	Outcome   HomesteadOutcome `json:"outcome,omitzero" anju:"required" zh:"处置结果"`
	AreaDm2   Dm2              `json:"area_dm2,omitzero" anju:"min=0" zh:"面积（平方分米）"`
}

// HomesteadState is how an old homestead stands from a day on.
type HomesteadState struct {
	Mark
	Homestead HomesteadID
	State     HomesteadCondition
}

var _ = define[HomesteadGivenUp](Kind{
	Name: "homestead.vacated", Rank: 190, Area: 4, Home: HouseholdKind, Departments: []Department{"township", "nr"},
	Label:  Text{"旧宅基地腾退", "Homestead vacated"},
	Effect: Text{"权益：旧宅已处置", "rights: old house settled"},
	Sample: &HomesteadGivenUp{Homestead: HomesteadID{MintEntity(HomesteadKind, 1)}, Outcome: "reclaimed", AreaDm2: 12000},
})

// Check has no rule beyond the fields'.
func (h *HomesteadGivenUp) Check(*Report) {}

func (h *HomesteadGivenUp) apply(f *File, s *Stamp) {
	f.Homesteads = append(f.Homesteads, HomesteadState{s.mark(), h.Homestead, HomesteadVacated})
}

// HomesteadChecked says how an old homestead was found (旧宅核查).
type HomesteadChecked struct {
	Homestead     HomesteadID        `json:"homestead,omitzero" anju:"create" zh:"宅基地"`
	State         HomesteadCondition `json:"state,omitzero" anju:"required" zh:"状况"`
	ResidentsSeen Opt[int32]         `json:"residents_seen,omitzero" anju:"min=0,max=100" zh:"在住人数"`
}

var _ = define[HomesteadChecked](Kind{
	Name: "homestead.checked", Rank: 200, Area: 4, Home: HouseholdKind, Departments: []Department{"township", "community"},
	Label:  Text{"旧宅核查", "Homestead checked"},
	Effect: Text{"权益：旧宅复住为返贫预警", "rights: lived in again is a fall-back sign"},
	Sample: &HomesteadChecked{Homestead: HomesteadID{MintEntity(HomesteadKind, 1)}, State: "empty"},
})

// Check has no rule beyond the fields'.
func (h *HomesteadChecked) Check(*Report) {}

func (h *HomesteadChecked) apply(f *File, s *Stamp) {
	f.Homesteads = append(f.Homesteads, HomesteadState{s.mark(), h.Homestead, h.State})
}
