package domain

import "strings"

// What rests on a record without naming what it created: a certificate on the application of its number, the end of a
// payment, a business or a service on its beginning, a plan and the end of a case on the decision. The door refuses
// the void of a record on which such a fact rests; a ledger that holds one all the same tells it. What is told twice
// may stand on either: a fact rests on a record when no other one in force, of its day or before, opens the same.

// Matter is what such a record opens, and a later fact of the same matter goes on with or ends.
type Matter struct {
	Kind string // title, entitlement, business, service, case
	Who  Entity // the dwelling, person, household or case
	What string // the application's number, the kind of payment or service
}

// Opens returns the matter that a fact opens, read with its sealed fields open; false for all others.
func Opens(f Fact) (m Matter, opens bool) {
	switch f := f.(type) {
	case *TitleApplied:
		return Matter{"title", f.Dwelling.Entity, f.ApplicationNo}, f.ApplicationNo != ""
	case *EntitlementStarted:
		return entitled(f.Person, f.Household, f.Kind)
	case *BusinessStarted:
		return Matter{"business", f.Person.Entity, ""}, true
	case *ServiceEnrolled:
		return Matter{"service", f.Person.Entity, string(f.Kind)}, true
	case *RiskDecided:
		return Matter{"case", f.Case.Entity, ""}, f.Class != NoCase
	}
	return m, false
}

// GoesOn returns the matter that a fact goes on with or ends, read with its sealed fields open; false for all others.
func GoesOn(f Fact) (m Matter, goesOn bool) {
	switch f := f.(type) {
	case *CertificateIssued:
		return Matter{"title", f.Dwelling.Entity, f.ApplicationNo}, f.ApplicationNo != ""
	case *EntitlementEnded:
		return entitled(f.Person, f.Household, f.Kind)
	case *BusinessClosed:
		return Matter{"business", f.Person.Entity, ""}, true
	case *ServiceLeft:
		return Matter{"service", f.Person.Entity, string(f.Kind)}, true
	case *HelpPlanned:
		return Matter{"case", f.Case.Entity, ""}, true
	case *RiskCleared:
		return Matter{"case", f.Case.Entity, ""}, true
	}
	return m, false
}

func entitled(p PersonID, h HouseholdID, kind SensitiveBox[EntitlementKind]) (Matter, bool) {
	what, known := kind.Value()
	m := Matter{"entitlement", p.Entity, string(what)}
	if !m.Who.Present() {
		m.Who = h.Entity
	}
	return m, known
}

// amendedContradictions are what acts on records leave behind: facts that rest on what was voided, and corrections that name
// another household's.
func (p *picture) amendedContradictions(f *source, all []contradiction) []contradiction {
	t := f.origin.symbols
	for rest := f.origin.records; len(f.acts) > 0 && len(rest) > 0; {
		rec, size := readHead(rest, t)
		at := uint32(len(f.origin.records) - len(rest))
		rest = rest[size:]
		a, done := f.acts[rec.id(t)]
		switch {
		case !done || isAct(rec.kind.Rank):
		case a.correction != nil && f.File == p.h.f:
			all = p.correctedAway(&rec, Mark{rec.day, at, f.File}, a, all)
		case a.void:
			if m, opens := Opens(rec.fact(t)); opens && p.concerns(m) {
				all = f.left(m, rec.day, a, all)
			}
		}
	}
	return all
}

// concerns reports a matter of the household, or of somebody who ever was a member.
func (p *picture) concerns(m Matter) bool {
	_, ever := p.belongs(PersonID{m.Who})
	return ever || m.Who.Kind() != PersonKind
}

// left adds the facts of a matter that stand though what opened it on a day was voided by an act.
func (f *source) left(m Matter, since Day, void act, all []contradiction) []contradiction {
	t, opened := f.origin.symbols, farDay
	for rest := f.origin.records; len(rest) > 0; {
		rec, size := readHead(rest, t)
		at := uint32(len(f.origin.records) - len(rest))
		rest = rest[size:]
		done := f.acts[rec.id(t)]
		if done.void || isAct(rec.kind.Rank) {
			continue
		}
		fact := rec.fact(t)
		if done.correction != nil {
			if corrected, err := done.correction.Carried(rec.kind); err == nil {
				fact = corrected
			}
		}
		if same, opens := Opens(fact); opens && same == m {
			opened = min(opened, rec.day)
		}
		if same, goesOn := GoesOn(fact); goesOn && same == m && rec.day >= since && opened > rec.day {
			all = f.added(contradiction{kind: RestsOnVoided, from: f.day(rec.day), to: farDay, marks: [2]*Mark{{rec.day, at, f.File}, f.actMark(void.by, rec.day)}}, all)
		}
	}
	return all
}

// added adds a contradiction of a fact once: two records that opened it may have been voided.
func (f *source) added(c contradiction, all []contradiction) []contradiction {
	for i := range all {
		if o := &all[i]; o.kind == c.kind && o.marks[0].file == f.File && o.marks[0].at == c.marks[0].at {
			return all
		}
	}
	return append(all, c)
}

// actMark is the mark of an act of the file, which counts from a day of what it is about, whenever it was handed in; nil
// when it is not there.
func (f *File) actMark(id EventID, from Day) *Mark {
	_, at, found := findRecord(f.origin.symbols, f.origin.records, id)
	if !found {
		return nil
	}
	return &Mark{from, at, f}
}

// correctedAway adds a correction by which a fact is about somebody or something whose facts stand in another household's
// file: it is missing there, and says nothing here. The door refuses it; an earlier one took it.
func (p *picture) correctedAway(rec *record, of Mark, a act, all []contradiction) []contradiction {
	known, knows := p.h.around.(Homes)
	k := rec.kind
	if !knows || strings.HasPrefix(k.Name, "household.") || k.Name == "dwelling.handed_over" || k.Name == "visit.made" {
		return all // of these the household itself decides
	}
	fact, err := a.correction.Carried(k)
	if err != nil {
		return all
	}
	decided := false
	k.VisitEntities(fact, func(ref EntityRef) {
		if decided || !ref.ID.Present() || strings.Count(ref.Pointer, "/") > 1 && k.Home != 0 {
			return
		}
		home, found := known.HomeOf(*ref.ID)
		if !found || k.Home != 0 && home.Kind() != k.Home {
			return
		}
		if decided = true; home != p.h.f.Home {
			all = append(all, contradiction{kind: CorrectedAway, from: rec.day, to: farDay, marks: [2]*Mark{&of, p.h.f.actMark(a.by, rec.day)}, about: *ref.ID})
		}
	})
	return all
}
