package ask

import (
	"context"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// householdsByState is question 1.
func householdsByState() Question {
	return Question{
		Number: 1, Name: "households-by-state", Title: domain.Text{ZH: "各状态的户数", EN: "Households by overall state"},
		Meaning: domain.Text{
			ZH: "区划内每个总体状态的户数；每户恰有一个状态。已销户的单列，不计入占比。",
			EN: "How many households of the division are in each overall state; each is in exactly one. Closed ones stand apart and in no share.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			column("state", Level, "状态", "state"), column("households", Count, "户数", "households"), column("share", Percent, "占比", "share"),
		},
		answer: func(ctx context.Context, a *asked) error {
			b, err := a.Known.Board(ctx, a.division, a.At)
			if err != nil {
				return err
			}
			for s := domain.Closed; s <= domain.Stabilising; s++ {
				n, of := b.States[s.String()], b.Households
				if s == domain.Closed {
					of = 0
				}
				a.add(nil, state(s), count(n), share(n, of))
			}
			a.down("/v1/households?state=…")
			return nil
		},
	}
}

// asKnownThen is question 2.
func asKnownThen() Question {
	return Question{
		Number: 2, Name: "as-known-then", Title: domain.Text{ZH: "当时所知与现在所知", EN: "As known then and as known now"},
		Meaning: domain.Text{
			ZH: "同一截至日期的户状态：当时所知（known_at，默认截至日期当日结束时）与现在所知，以及两者不同的户和造成差异的记录。",
			EN: "The households by state as of one day: as known then (known_at, by default the end of that day) and as known now; and those that differ, with the events that made the difference.",
		},
		Options: []Option{inDivision()},
		Summary: []Column{
			column("state", Level, "状态", "state"), column("then", Count, "当时所知", "as known then"), column("now", Count, "现在所知", "as known now"),
		},
		Columns: []Column{
			householdColumn(), column("then", Level, "当时所知", "as known then"), column("now", Level, "现在所知", "as known now"),
			column("difference", Words, "差异", "difference"),
		},
		byHousehold: true,
		answer:      answerAsKnownThen,
	}
}

func answerAsKnownThen(ctx context.Context, a *asked) error {
	then, now := a.Known, a.Known
	var err error
	if a.By == 0 {
		then, err = a.Then(ctx, a.At.LastMoment())
	} else {
		now, err = a.Then(ctx, 0)
	}
	if err != nil {
		return err
	}
	from, to, err := a.cursor.Pin(projections.Side{Known: then, At: a.At}, projections.Side{Known: now, At: a.At})
	if err != nil {
		return badCursor(a.Values["cursor"])
	}
	if now = to.Known; a.By == 0 {
		if err := now.Reached(ctx); err != nil {
			return err
		}
	}
	before, err := then.Board(ctx, a.division, a.At)
	if err != nil {
		return err
	}
	after, err := now.Board(ctx, a.division, a.At)
	if err != nil {
		return err
	}
	for s := domain.Closed; s <= domain.Stabilising; s++ {
		a.sum(state(s), count(before.States[s.String()]), count(after.States[s.String()]))
	}
	a.Basis = after.Basis
	a.note("当时所知：截至 "+before.KnownAt.String()+" 已记录的；现在所知：截至 "+after.KnownAt.String(),
		"as known then: recorded by "+before.KnownAt.String()+"; as known now: by "+after.KnownAt.String())
	a.earlier(before.Basis, domain.Text{ZH: "当时所知", EN: "as known then"})
	was, err := a.words(ctx, from)
	if err != nil {
		return err
	}
	is, err := a.words(ctx, to)
	if err != nil {
		return err
	}
	d, err := from.Diff(ctx, to, a.division, a.Ledger, projections.Query{After: a.after, Limit: a.limit})
	for i := range d.Households {
		h := &d.Households[i]
		a.add(eventsOf(h.Events), entity(h.Household), stateOf(was[h.Household]), stateOf(is[h.Household]), changes(h.Changes))
	}
	a.Count, a.Cursor = d.Differ, d.Cursor
	return err
}

// words are the households of the division with their status on one side of a comparison.
func (a *asked) words(ctx context.Context, s projections.Side) (map[domain.Entity]domain.Word, error) {
	found, err := s.Known.Sift(ctx, a.division, s.At, func(domain.Word) bool { return true })
	words := make(map[domain.Entity]domain.Word, len(found.Households))
	for _, h := range found.Households {
		words[h.Household] = h.Word
	}
	return words, err
}

// stateOf is not known of a household that is not in the division's lists.
func stateOf(w domain.Word) Cell {
	if w.State() == domain.NotRegistered {
		return Cell{}
	}
	return state(w.State())
}

// changes writes what differs as a sentence.
func changes(all []projections.Change) Cell {
	var zh, en []string
	for _, c := range all {
		name, from, to := c.Said()
		zh = append(zh, name.ZH+"："+from.ZH+"→"+to.ZH)
		en = append(en, name.EN+": "+from.EN+" → "+to.EN)
	}
	return words(strings.Join(zh, "；"), strings.Join(en, "; "))
}

// eventsOf are the events of a timeline's entries.
func eventsOf(entries []projections.Entry) []domain.EventID {
	ids := make([]domain.EventID, len(entries))
	for i := range entries {
		ids[i] = entries[i].Event
	}
	return ids
}
