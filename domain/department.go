package domain

// Department is the code of a recording department, such as "hrss".
type Department string

// The special entries of Kind.Departments.
const (
	AnyDepartment Department = "*"          // whoever has a right to record at all
	OfTarget      Department = "*target"    // the department of the event that this one corrects
	OfGrievance   Department = "*grievance" // any department that owns the grievance
	Importer      Department = "*importer"  // the department whose import it closes
)

// LedgerItself records what the ledger does on its own account, such as the destruction of a
// key; nobody may speak in its name.
const LedgerItself Department = "ledger"

// departments lists the codes of DOMAIN §2. A place in the list is part of snapshots: append
// only.
var departments = []Term{
	{"rural", Text{"乡村振兴", "rural revitalisation"}},
	{"ndrc", Text{"发展改革", "development and reform"}},
	{"hrss", Text{"人力资源社会保障", "human resources and social security"}},
	{"nr", Text{"自然资源", "natural resources"}},
	{"agri", Text{"农业农村", "agriculture and rural affairs"}},
	{"civil", Text{"民政", "civil affairs"}},
	{"edu", Text{"教育", "education"}},
	{"health", Text{"卫生健康", "health"}},
	{"hsa", Text{"医疗保障", "healthcare security"}},
	{"psb", Text{"公安", "public security"}},
	{"finance", Text{"财政", "finance"}},
	{"housing", Text{"住房城乡建设", "housing and construction"}},
	{"forestry", Text{"林业", "forestry"}},
	{"market", Text{"市场监管", "market regulation"}},
	{"audit", Text{"审计", "audit"}},
	{"bank", Text{"金融机构", "banks"}},
	{"county", Text{"县级人民政府", "county government"}},
	{"township", Text{"乡镇（街道）", "township"}},
	{"community", Text{"安置社区", "community"}},
	{"ledger", Text{"账本", "the ledger itself"}},
}

var _ = enumerate[Department](departments...)

// Departments returns the department codes with their names; the caller must not change them.
func Departments() []Term { return departments }

// ParseDepartment accepts one of the codes of Departments.
func ParseDepartment(s string) (Department, bool) {
	return Department(s), departmentPlace(Department(s)) >= 0
}

func departmentPlace(d Department) int {
	for i := range departments {
		if departments[i].Code == string(d) {
			return i
		}
	}
	return -1
}

// Recorders returns the departments that may record a type, in the order of Departments: the
// listed ones, or all but the ledger's own where it is open to any department. Of a correction
// or void it returns those that could own a target.
func (k *Kind) Recorders() []Department {
	var all []Department
	for i := range departments {
		if d := Department(departments[i].Code); k.admits(d) {
			all = append(all, d)
		}
	}
	return all
}

// admits reports whether d may record the type, target aside. Whoever has an event at all may
// own it, so the entries that look at a target admit every department.
func (k *Kind) admits(d Department) bool {
	for _, listed := range k.Departments {
		switch listed {
		case d:
			return true
		case AnyDepartment, OfTarget, OfGrievance, Importer:
			return d != LedgerItself
		}
	}
	return false
}

// MayRecord reports whether department d may record a fact of type k (DOMAIN §3). target is the
// department that recorded the event which a correction or void names, and "" for other facts.
// A grievance is resolved by whichever department owns it; since no fact hands one over, any
// may.
func MayRecord(d Department, k *Kind, target Department) bool {
	if departmentPlace(d) < 0 || !k.admits(d) {
		return false
	}
	for _, listed := range k.Departments {
		if listed == OfTarget {
			return d == target
		}
	}
	return true
}
