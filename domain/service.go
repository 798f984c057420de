package domain

// ServiceKind is a public service that a person is signed up for (服务类别).
type ServiceKind string

// ServiceEndReason is why a service ended.
type ServiceEndReason string

// The services and reasons that rules name.
const (
	PrimarySchool ServiceKind      = "primary"
	JuniorSchool  ServiceKind      = "junior"
	FamilyDoctor  ServiceKind      = "family_doctor"
	Graduated     ServiceEndReason = "graduated"
	DroppedOut    ServiceEndReason = "dropped_out"
)

var (
	_ = enumerate[ServiceKind](
		Term{"kindergarten", Text{"幼儿园", "kindergarten"}},
		Term{"primary", Text{"小学", "primary school"}},
		Term{"junior", Text{"初中", "junior secondary school"}},
		Term{"senior", Text{"高中", "senior secondary school"}},
		Term{"family_doctor", Text{"家庭医生签约", "family doctor"}},
		Term{"elderly_care", Text{"养老服务", "elderly care"}},
		Term{"child_care", Text{"托育服务", "child care"}})
	_ = enumerate[ServiceEndReason](
		Term{"graduated", Text{"毕业", "graduated"}},
		Term{"dropped_out", Text{"辍学", "dropped out"}},
		Term{"moved", Text{"迁出", "moved"}},
		Term{"died", Text{"死亡", "died"}})
)

// ServiceEnrolled signs a person up for a public service (公共服务登记): a facility of the
// ledger, or an institution by name.
type ServiceEnrolled struct {
	Person      PersonID    `json:"person,omitzero" anju:"required" zh:"人员"`
	Facility    FacilityID  `json:"facility,omitzero" zh:"设施"`
	Institution string      `json:"institution,omitzero" zh:"机构"`
	Kind        ServiceKind `json:"kind,omitzero" anju:"required" zh:"服务类别"`
}

// ServiceStep is a person's enrolment in, or leaving of, one kind of service.
type ServiceStep struct {
	Mark
	Person   PersonID
	Kind     ServiceKind
	Facility FacilityID
	Left     bool
	Reason   ServiceEndReason // of a leaving
}

var _ = define[ServiceEnrolled](Kind{
	Name: "service.enrolled", Rank: 400, Area: 1, Home: HouseholdKind, Departments: []Department{"edu", "health", "civil"},
	Label:  Text{"公共服务登记", "Service enrolled"},
	Effect: Text{"公共服务：该人已覆盖", "public services: covered for that person"},
	Sample: &ServiceEnrolled{Person: samplePerson, Facility: sampleFacility, Kind: PrimarySchool},
})

// Check refuses a facility and the name of another institution at once; with neither the
// enrolment still says that the person is covered.
func (e *ServiceEnrolled) Check(r *Report) {
	if e.Facility.Present() && e.Institution != "" {
		r.Add("/institution", e.Institution, Malformed, Text{"设施和机构名称只能填写一项", "a service is at a facility or at a named institution"},
			Text{"设施已登记的请填写设施，未登记的请填写机构名称", "give the facility where it is registered, otherwise the institution's name"})
	}
}

func (e *ServiceEnrolled) apply(f *File, s *Stamp) {
	f.Services = append(f.Services, ServiceStep{Mark: s.mark(), Person: e.Person, Kind: e.Kind, Facility: e.Facility})
}

// ServiceLeft ends a person's service (公共服务终止).
type ServiceLeft struct {
	Person PersonID         `json:"person,omitzero" anju:"required" zh:"人员"`
	Kind   ServiceKind      `json:"kind,omitzero" anju:"required" zh:"服务类别"`
	Reason ServiceEndReason `json:"reason,omitzero" anju:"required" zh:"结束原因"`
}

var _ = define[ServiceLeft](Kind{
	Name: "service.left", Rank: 410, Area: 1, Home: HouseholdKind, Departments: []Department{"edu", "health", "civil"},
	Label:  Text{"公共服务终止", "Service left"},
	Effect: Text{"辍学为返贫预警", "a dropout raises risk"},
	Sample: &ServiceLeft{Person: samplePerson, Kind: PrimarySchool, Reason: DroppedOut},
})

// Check has no rule beyond the fields'.
func (l *ServiceLeft) Check(*Report) {}

func (l *ServiceLeft) apply(f *File, s *Stamp) {
	f.Services = append(f.Services, ServiceStep{Mark: s.mark(), Person: l.Person, Kind: l.Kind, Left: true, Reason: l.Reason})
}
