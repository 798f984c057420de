package web

import (
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// A page of households: enough for a screen by default, small enough to answer at once.
const (
	pageDefault = 100
	pageMost    = 1000
)

// parseChoice reads the filters of a list.
func parseChoice(q *question) (c projections.Choice, wrong *Problem) {
	c.Limit = pageDefault
	for name, value := range q.parameters() {
		switch name {
		case "at", "as_of", "known_at", "at_least", "parameters": // read elsewhere
		case "division":
			var err error
			if c.Division, err = domain.ParseDivision(value); err != nil {
				return c, badDivision(name, value)
			}
		case "state":
			state, known := domain.ParseState(value)
			if !known {
				return c, unknownCode(name, value, domain.StateTerms())
			}
			c.State = &state
		case "stale":
			d, known := domain.ParseDimension(value)
			if !known {
				return c, unknownCode(name, value, domain.DimensionTerms())
			}
			c.Stale = &d
		case "overdue":
			kind, known := domain.ParseOverdueKind(value)
			if !known {
				return c, unknownCode(name, value, domain.OverdueKinds())
			}
			c.Overdue = &kind
		case "cursor":
			var err error
			if c.After, err = domain.ParseEntity(value); err != nil {
				return c, badCursor(name, value)
			}
		case "limit":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > pageMost {
				return c, badLimit(name, value)
			}
			c.Limit = n
		default:
			if wrong = parseLevel(&c, name, value); wrong != nil {
				return c, wrong
			}
		}
	}
	return c, nil
}

// parseLevel reads a dimension's level, such as housing=vacant.
func parseLevel(c *projections.Choice, name, value string) *Problem {
	d, _ := domain.ParseDimension(name) // the route declares no other parameter
	level, known := d.ParseLevel(value)
	if !known {
		return unknownCode(name, value, d.Levels())
	}
	if c.Levels == nil {
		c.Levels = map[domain.Dimension]domain.Level{}
	}
	c.Levels[d] = level
	return nil
}

func (a *API) serveHouseholds(q *question) {
	choice, wrong := parseChoice(q)
	t, sound := a.moments(q, wrong)
	if !sound {
		return
	}
	list, err := t.known.List(q.Context(), choice, t.at)
	reply(q.w, domain.HouseholdKind, list, err)
}
