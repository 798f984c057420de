package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// A page of households: enough for a screen by default, small enough to answer at once.
const (
	pageDefault = 100
	pageMost    = 1000
)

// refused is the problem of a parameter.
func refused(field, value string, rule, fix domain.Text) *problem {
	return &problem{Status: http.StatusBadRequest, Field: field, Value: value, Title: rule, Fix: fix}
}

// unknownCode is the problem of a code that is not in its list.
func unknownCode(field, value string, known []domain.Term) *problem {
	codes := ""
	for _, t := range known {
		if t.Code != "" {
			codes += " " + t.Code
		}
	}
	return refused(field, value, domain.Text{ZH: "没有这个代码", EN: "there is no such code"},
		domain.Text{ZH: "可用：" + codes, EN: "one of:" + codes})
}

// states returns the states that a household can be in.
func states() (terms []domain.Term) {
	for s := domain.Closed; s <= domain.Stabilising; s++ {
		terms = append(terms, domain.Term{Code: s.String(), Text: s.Label()})
	}
	return terms
}

// parseChoice reads the query of a list; an unknown parameter is refused, since a filter that
// is misspelt would otherwise silently want all.
func parseChoice(q url.Values) (c projections.Choice, wrong *problem) {
	c.Limit = pageDefault
	for name := range q {
		value := q.Get(name)
		switch name {
		case "at", "at_least": // read elsewhere
		case "division":
			var err error
			if c.Division, err = domain.ParseDivision(value); err != nil {
				return c, refused(name, value, domain.Text{ZH: "区划代码为2、4、6、9或12位数字", EN: "a division code has 2, 4, 6, 9 or 12 digits"},
					domain.Text{ZH: "例如 520603", EN: "such as 520603"})
			}
		case "state":
			state, known := domain.ParseState(value)
			if !known {
				return c, unknownCode(name, value, states())
			}
			c.State = &state
		case "overdue":
			kind, known := domain.ParseOverdueKind(value)
			if !known {
				return c, unknownCode(name, value, domain.OverdueKinds())
			}
			c.Overdue = &kind
		case "cursor":
			var err error
			if c.After, err = domain.ParseEntity(value); err != nil {
				return c, refused(name, value, domain.Text{ZH: "游标无效", EN: "this is no cursor"},
					domain.Text{ZH: "使用上一页的 cursor", EN: "use the cursor of the page before"})
			}
		case "limit":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > pageMost {
				return c, refused(name, value, domain.Text{ZH: "每页 1 至 1000 户", EN: "a page has 1 to 1000 households"},
					domain.Text{ZH: "用 cursor 翻页", EN: "turn pages by cursor"})
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
func parseLevel(c *projections.Choice, name, value string) *problem {
	d, known := domain.ParseDimension(name)
	if !known {
		names := " division state overdue at at_least cursor limit"
		for _, d := range domain.Dimensions() {
			names += " " + d.String()
		}
		return refused(name, value, domain.Text{ZH: "没有这个参数", EN: "there is no such parameter"},
			domain.Text{ZH: "可用：" + names, EN: "one of:" + names})
	}
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

func (a *API) serveHouseholds(w http.ResponseWriter, r *http.Request) {
	choice, wrong := parseChoice(r.URL.Query())
	var at domain.Day
	if wrong == nil {
		at, wrong = a.moment(r)
	}
	if wrong == nil {
		wrong = a.reached(r)
	}
	if wrong != nil {
		wrong.write(w)
		return
	}
	list, err := a.views.List(choice, at)
	reply(w, list, err)
}

func (a *API) serveTimeline(w http.ResponseWriter, r *http.Request) {
	id, at, wrong := a.asked(r)
	if wrong != nil {
		wrong.write(w)
		return
	}
	timeline, err := a.views.Timeline(id, a.ledger.Directory(), at)
	reply(w, timeline, err)
}
