package intake

import (
	"net/http"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// ParseCaller reads who records; a department or division that does not exist is refused, and
// so is who speaks in the ledger's own name.
func ParseCaller(department, division string) (Caller, *domain.Refusal) {
	dep, refusal := parseDepartment(department)
	if refusal != nil {
		return Caller{}, refusal
	}
	div, refusal := parseDivision(division)
	return Caller{dep, div}, refusal
}

func parseDepartment(text string) (domain.Department, *domain.Refusal) {
	d, ok := domain.ParseDepartment(text)
	if !ok {
		r := wrongForm(zhen("部门代码，如 hrss", "a department's code, such as hrss"), zhen("部门代码见 /v1/kinds 的 departments", "the departments of /v1/kinds are written so")).at("department", printable(text))
		return "", &r
	}
	return d, notTheLedger(d)
}

// notTheLedger refuses the department in whose name the ledger itself records: whoever could
// speak in it could have anybody forgotten.
func notTheLedger(d domain.Department) *domain.Refusal {
	if d != domain.LedgerItself {
		return nil
	}
	r := ledgersOwn().at("department", string(d))
	return &r
}

func parseDivision(text string) (domain.Division, *domain.Refusal) {
	d, err := domain.ParseDivision(text)
	if err != nil {
		r := divisionForm().at("division", printable(text))
		return "", &r
	}
	return d, nil
}

// atCounty is whose an import is: the department's in the county. The same file stands for the
// same facts whichever of the county's offices hands it in.
func (c Caller) atCounty() (Caller, error) {
	if r := notTheLedger(c.Department); r != nil {
		return c, refused{*r}
	}
	if len(c.Division) < len("520603") {
		return c, refused{aboveCounty().at("division", string(c.Division))}
	}
	c.Division = domain.Division(c.Division.County())
	return c, nil
}

// badRequest is the problem of a request whose parameters are wrong.
func badRequest(r domain.Refusal) *Problem {
	p := problemOf(0, []domain.Refusal{r})
	switch {
	case p.Status == http.StatusForbidden:
	case r.Kind == domain.Unknown:
		p.Status = http.StatusNotFound
	default:
		p.Status = http.StatusBadRequest
	}
	return p
}

// flag reads a parameter that is true or false.
func flag(given map[string][]string, name string, absent bool) (bool, *domain.Refusal) {
	values := []string{"false", "true"}
	if absent {
		slices.Reverse(values)
	}
	value, refusal := choice(given, name, values...)
	return value == "true", refusal
}

// choice reads a parameter, or a header, that has a few values; absent it has the first. One
// that is misspelt would otherwise silently mean that one.
func choice(given map[string][]string, name string, values ...string) (string, *domain.Refusal) {
	told, there := given[name]
	if !there {
		return values[0], nil
	}
	if len(told) == 1 && slices.Contains(values, told[0]) {
		return told[0], nil
	}
	r := oneOf(values).at(name, printable(strings.Join(told, ",")))
	return values[0], &r
}
