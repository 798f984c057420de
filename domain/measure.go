package domain

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
)

// MeasureCode names a working measure of follow-up support, such as "b5" (公益性岗位). It is a
// code of the loaded list (Measures), which an operator may replace: a code that the list
// lacks is accepted and marked, as a place code is.
type MeasureCode string

// What is said of a measure code of another form.
var (
	measureForm = Text{"措施代码由小写字母、数字和下划线组成", "a measure code has lower-case letters, digits and underscores"}
	measureFix  = Text{"请填写措施清单中的代码，例如 b5", "give a code of the list of measures, such as b5"}
)

// check reports a code that is none by its form.
func (c MeasureCode) check(r *Report, pointer string) {
	if c != "" && !isCode(string(c)) {
		r.Add(pointer, Shown(string(c)), UnknownCode, measureForm, measureFix)
	}
}

// isCode reports a value that has the form of every code of the ledger: [a-z0-9_]+.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// ErrBadMeasures reports a list of measures that cannot be used; the message says which entry.
var ErrBadMeasures = errors.New("bad list of measures")

// Measure is one working measure (工作措施) of follow-up support. The official wording of the 25
// measures was not found: a list is a working list, and is called so wherever it is shown.
type Measure struct {
	Code      MeasureCode  `json:"code"`
	Area      int          `json:"area"`   // 1 to 6 (DOMAIN §1)
	Name      Text         `json:"name"`   //
	Lead      []Department `json:"lead"`   // departments in the lead
	Policy    string       `json:"policy"` // reference of the policy, or what shows the practice
	Status    string       `json:"status"` // how well it is known: "practice sourced", "memory, plausible"
	ValidFrom Date         `json:"valid_from"`
}

// Measures is a list of measures with its origin. It is configuration: replaced as a whole,
// never changed in place.
type Measures struct {
	Notice  Text      `json:"notice"` // that it is a working list
	Source  string    `json:"source"`
	Version string    `json:"version"`
	List    []Measure `json:"measures"`
}

//go:embed reference/measures.json
var measuresFile []byte

// DefaultMeasures returns the embedded working list, A1 to F2.
func DefaultMeasures() Measures {
	m, err := ParseMeasures(measuresFile)
	if err != nil {
		panic("domain: the embedded measures: " + err.Error())
	}
	return m
}

// ParseMeasures reads a list in the form of reference/measures.json; ErrBadMeasures says what is
// wrong with it.
func ParseMeasures(b []byte) (m Measures, err error) {
	if err := json.Unmarshal(b, &m, json.RejectUnknownMembers(true)); err != nil {
		return Measures{}, fmt.Errorf("%w: %w", ErrBadMeasures, err)
	}
	seen := make(map[MeasureCode]bool, len(m.List))
	for i, e := range m.List {
		wrong := ""
		switch {
		case !isCode(string(e.Code)):
			wrong = "code is not of the form [a-z0-9_]+"
		case seen[e.Code]:
			wrong = "code stands twice"
		case e.Area < 1 || e.Area > 6:
			wrong = "area is not 1 to 6"
		case e.Name.ZH == "" || e.Name.EN == "":
			wrong = "name needs zh and en"
		case len(e.Lead) == 0 || slices.ContainsFunc(e.Lead, func(d Department) bool { return departmentPlace(d) < 0 }):
			wrong = "lead is no department of the ledger"
		}
		if wrong != "" {
			return Measures{}, fmt.Errorf("%w: entry %d (%s): %s", ErrBadMeasures, i+1, e.Code, wrong)
		}
		seen[e.Code] = true
	}
	if len(m.List) == 0 {
		return Measures{}, fmt.Errorf("%w: no entry", ErrBadMeasures)
	}
	return m, nil
}

// Find returns the measure of a code.
func (m Measures) Find(code MeasureCode) (Measure, bool) {
	for _, e := range m.List {
		if e.Code == code {
			return e, true
		}
	}
	return Measure{}, false
}
