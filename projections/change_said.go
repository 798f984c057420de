package projections

import (
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// Said names in what a change is, and both sides of it.
func (c *Change) Said() (of, from, to domain.Text) {
	of = domain.Text{ZH: "状态", EN: "state"}
	if d, known := domain.ParseDimension(c.Dimension); known {
		of = d.Label()
	} else if k, known := domain.ParseOverdueKind(strings.TrimPrefix(c.Dimension, overdue)); known {
		of = domain.OverdueKinds()[k].Text
	} else if c.Dimension == "employed" {
		of = domain.Text{ZH: "一户一就业", EN: "employed"}
	}
	return of, levelSaid(c.Dimension, c.From, c.FromStale), levelSaid(c.Dimension, c.To, c.ToStale)
}

// levelSaid names a level, a state, or whether something is so.
func levelSaid(dimension, code string, stale bool) (t domain.Text) {
	switch d, known := domain.ParseDimension(dimension); {
	case known:
		l, _ := d.ParseLevel(code)
		t = d.Levels()[l].Text
	case code == "true":
		t = domain.Text{ZH: "是", EN: "yes"}
	case code == "false":
		t = domain.Text{ZH: "否", EN: "no"}
	default:
		if s, known := domain.ParseState(code); known {
			t = s.Label()
		} else {
			t = domain.Text{ZH: "不在此区划", EN: "not in the division"}
		}
	}
	if stale {
		t.ZH, t.EN = t.ZH+"（过期）", t.EN+" (stale)"
	}
	return t
}
