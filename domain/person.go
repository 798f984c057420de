package domain

// LabourClass is how able to work a person is (劳动技能).
type LabourClass string

// The labour classes.
const (
	Skilled  LabourClass = "skilled"
	Ordinary LabourClass = "ordinary"
	Weak     LabourClass = "weak"
	NoLabour LabourClass = "none"
)

// IdentityScheme is the kind of document that an ID number is from.
type IdentityScheme string

// IdentityMatch is how a person was matched to a document.
type IdentityMatch string

// EducationStage is the schooling that a person is in or has finished.
type EducationStage string

// HukouKind is how a person's household registration stands (户籍).
type HukouKind string

// KeptAtOrigin is a registration left where the person came from.
const KeptAtOrigin HukouKind = "kept_at_origin"

var (
	_ = enumerate[LabourClass](
		Term{"skilled", Text{"技能劳动力", "skilled"}},
		Term{"ordinary", Text{"普通劳动力", "ordinary"}},
		Term{"weak", Text{"弱劳动力或半劳动力", "weak"}},
		Term{"none", Text{"无劳动力", "none"}})
	_ = enumerate[IdentityScheme](
		Term{"resident_id", Text{"居民身份证", "resident identity card"}},
		Term{"passport", Text{"护照", "passport"}},
		Term{"residence_permit", Text{"居住证", "residence permit"}},
		Term{"birth_certificate", Text{"出生医学证明", "birth certificate"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[IdentityMatch](
		Term{"exact", Text{"完全一致", "exact"}},
		Term{"manual", Text{"人工核对", "by hand"}})
	_ = enumerate[EducationStage](
		Term{"preschool", Text{"学前", "preschool"}},
		Term{"primary", Text{"小学", "primary"}},
		Term{"junior", Text{"初中", "junior secondary"}},
		Term{"senior", Text{"高中", "senior secondary"}},
		Term{"vocational", Text{"中职", "vocational"}},
		Term{"higher", Text{"大专及以上", "higher"}},
		Term{"finished", Text{"已毕业", "finished"}},
		Term{"none", Text{"未上学", "none"}})
	_ = enumerate[HukouKind](
		Term{"moved", Text{"户籍迁入", "moved"}},
		Term{"collective_household", Text{"集体户", "collective household"}},
		Term{"residence_booklet", Text{"居住簿", "residence booklet"}},
		Term{"kept_at_origin", Text{"保留原籍", "kept at origin"}})
)

// IdentityLinked ties a person to an ID number (身份核验).
type IdentityLinked struct {
	Person   PersonID            `json:"person,omitzero" anju:"required" zh:"人员"`
	IDNumber PersonalBox[string] `json:"id_number,omitzero" anju:"required,tag" zh:"证件号码" en:"ID number"`
	Scheme   IdentityScheme      `json:"scheme,omitzero" anju:"required" zh:"证件类型"`
	Match    IdentityMatch       `json:"match,omitzero" anju:"required" zh:"核对方式"`
}

// Identity is a person's ID number as a keyed tag.
type Identity struct {
	Mark
	Person PersonID
	Tag    uint64
}

var _ = define[IdentityLinked](Kind{
	Name: "person.identity_linked", Rank: 90, Home: HouseholdKind, Departments: []Department{"psb", "rural"},
	Label:  Text{"身份核验", "Identity linked"},
	Effect: Text{"发现重复登记；不影响状态", "double entry detection; no status"},
	Sample: &IdentityLinked{Person: samplePerson, IDNumber: OpenPersonal("990101198112010025"), Scheme: "resident_id", Match: "exact"},
})

// Check has no rule beyond the fields'.
func (p *IdentityLinked) Check(*Report) {}

func (p *IdentityLinked) apply(f *File, s *Stamp) {
	f.Identities = append(f.Identities, Identity{s.mark(), p.Person, p.IDNumber.Tag})
}

// ProfileUpdated changes what is known of a person (人员信息变更).
type ProfileUpdated struct {
	Person         PersonID             `json:"person,omitzero" anju:"required" zh:"人员"`
	LabourClass    LabourClass          `json:"labour_class,omitzero" zh:"劳动技能"`
	Health         SensitiveBox[string] `json:"health,omitzero" zh:"健康状况"`
	Disability     SensitiveBox[string] `json:"disability,omitzero" zh:"残疾情况"`
	EducationStage EducationStage       `json:"education_stage,omitzero" zh:"教育阶段"`
}

var _ = define[ProfileUpdated](Kind{
	Name: "person.profile_updated", Rank: 100, Home: HouseholdKind, Departments: []Department{"community", "hrss", "health", "rural"},
	Label:  Text{"人员信息变更", "Profile updated"},
	Effect: Text{"劳动力分母、教育需求", "labour denominator, education need"},
	Sample: &ProfileUpdated{Person: samplePerson, LabourClass: Ordinary, Health: OpenSensitive("chronic_illness")},
})

// Check refuses an update that states nothing.
func (p *ProfileUpdated) Check(r *Report) {
	if p.LabourClass == "" && p.Health.IsZero() && p.Disability.IsZero() && p.EducationStage == "" {
		r.Add("/labour_class", "", Missing, Text{"变更至少要有一项内容", "an update states at least one thing"},
			Text{"请填写劳动技能、健康、残疾或教育阶段之一", "give labour_class, health, disability or education_stage"})
	}
}

func (p *ProfileUpdated) apply(f *File, s *Stamp) {
	f.class(s, p.Person, p.LabourClass)
}

// class enters a person's labour class, where one is stated.
func (f *File) class(s *Stamp, p PersonID, c LabourClass) {
	if c != "" {
		f.work = append(f.work, workFact{Mark: s.mark(), person: p, kind: classStated, ability: c.ability()})
	}
}

// PersonDied ends a person's spells and entitlements (人员死亡).
type PersonDied struct {
	Person      PersonID `json:"person,omitzero" anju:"required" zh:"人员"`
	RegisterRef string   `json:"register_ref,omitzero" anju:"ref" zh:"登记凭据"`
}

// Death is a person's death.
type Death struct {
	Mark
	Person PersonID
}

var _ = define[PersonDied](Kind{
	Name: "person.died", Rank: 110, Home: HouseholdKind, Departments: []Department{"psb", "civil"},
	Label:  Text{"人员死亡", "Person died"},
	Effect: Text{"终止就业和待遇；检查户主", "ends jobs, entitlements; household head check"},
	Sample: &PersonDied{Person: samplePerson, RegisterRef: "civil_2021_17"},
})

// Check has no rule beyond the fields'.
func (p *PersonDied) Check(*Report) {}

func (p *PersonDied) apply(f *File, s *Stamp) { f.Deaths = append(f.Deaths, Death{s.mark(), p.Person}) }

// HukouChanged says where and how a person is registered (户籍变动).
type HukouChanged struct {
	Person   PersonID  `json:"person,omitzero" anju:"required" zh:"人员"`
	Kind     HukouKind `json:"kind,omitzero" anju:"required" zh:"登记方式"`
	Division Division  `json:"division,omitzero" zh:"登记地区划"`
}

// Residence is a person's household registration from a day on.
type Residence struct {
	Mark
	Person PersonID
	Kind   HukouKind
}

var _ = define[HukouChanged](Kind{
	Name: "hukou.changed", Rank: 210, Area: 4, Home: HouseholdKind, Departments: []Department{"psb"},
	Label:  Text{"户籍变动", "Residence registration changed"},
	Effect: Text{"社区维度：已在安置地登记", "community: registered at site"},
	Sample: &HukouChanged{Person: samplePerson, Kind: "moved", Division: "520603003501"},
})

// Check has no rule beyond the fields'.
func (h *HukouChanged) Check(*Report) {}

func (h *HukouChanged) apply(f *File, s *Stamp) {
	f.Residences = append(f.Residences, Residence{s.mark(), h.Person, h.Kind})
}

// KeyDestroyed records that a person's key was destroyed and his personal fields are
// unreadable for ever (销毁个人密钥).
type KeyDestroyed struct {
	Person     PersonID `json:"person,omitzero" anju:"required" zh:"人员"`
	RequestRef string   `json:"request_ref,omitzero" anju:"required,ref" zh:"申请编号"`
	LegalBasis string   `json:"legal_basis,omitzero" anju:"required" zh:"依据"`
}

var _ = define[KeyDestroyed](Kind{
	Name: "person.key_destroyed", Rank: 610, Area: 9, Time: InstantTime, Home: HouseholdKind, Departments: []Department{"ledger"},
	Label:  Text{"销毁个人密钥", "Person's key destroyed"},
	Effect: Text{"个人字段不可再读；计数保留", "personal fields unreadable; counts stay"},
	Sample: &KeyDestroyed{Person: samplePerson, RequestRef: "req_2021_3", LegalBasis: "personal_information_protection_law_47"},
})

// Check has no rule beyond the fields'.
func (k *KeyDestroyed) Check(*Report) {}

func (k *KeyDestroyed) apply(f *File, s *Stamp) { f.KeysGone = append(f.KeysGone, s.mark()) }
