package domain

import (
	"cmp"
	"slices"
)

// Due is one thing to be done by a day that has not come yet (DOMAIN §4).
type Due struct {
	Kind   OverdueKind `json:"kind"`
	Due    Day         `json:"due"`  // the last day in time
	Days   int         `json:"days"` // until then
	Events []EventID   `json:"events,omitempty"`
}

// DueNext returns what a household owes after a day, the earliest first: of each kind the next
// one. It rests on the facts that were true by that day alone; around may be nil.
func DueNext(home Entity, r Register, around Files, at Day, p *Parameters) []Due {
	f := &File{Home: home}
	(&scratch{}).fold(f, r, at)
	return draw(f, around, p).dueNext(at)
}

// DueNext is what the household opened last owes after that day; see the function DueNext.
func (r *Reader) DueNext(at Day) []Due { return r.history.dueNext(at) }

func (p *picture) dueNext(at Day) []Due {
	next := []Due{}
	if at < p.h.from || at >= p.h.closed {
		return next
	}
	for i := range p.owed {
		o := &p.owed[i]
		if o.due < at || o.holds(at) {
			continue
		}
		d := Due{Kind: o.kind, Due: o.due, Days: int(o.due - at)}
		if o.mark != nil {
			d.Events = []EventID{o.mark.ID()}
		}
		met := slices.IndexFunc(next, func(n Due) bool { return n.Kind == o.kind })
		switch {
		case met < 0:
			next = append(next, d)
		case d.Due < next[met].Due:
			next[met] = d
		}
	}
	slices.SortFunc(next, func(a, b Due) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Kind, b.Kind)) })
	return next
}

// DueBy is what the household opened last, up to a day, has not done by it and owes by a later one: what is
// overdue, with negative days, and what falls due, the earliest first; once of a kind and a fact.
func (r *Reader) DueBy(at, end Day) []Due {
	p := &r.history
	var all []Due
	if at < p.h.from || at >= p.h.closed {
		return nil
	}
	for i := range p.owed {
		o := &p.owed[i]
		if o.due > end || o.due < at && !o.holds(at) {
			continue
		}
		d := Due{Kind: o.kind, Due: o.due, Days: int(o.due - at)}
		if o.mark != nil {
			d.Events = []EventID{o.mark.ID()}
		}
		met := slices.IndexFunc(all, func(n Due) bool { return n.Kind == d.Kind && slices.Equal(n.Events, d.Events) })
		switch {
		case met < 0:
			all = append(all, d)
		case d.Due < all[met].Due:
			all[met] = d
		}
	}
	slices.SortFunc(all, func(a, b Due) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Kind, b.Kind)) })
	return all
}
