package domain

import (
	"iter"
	"math"
	"reflect"
	"slices"
)

// Fold resets f and folds into it every fact of the register in fold order, with corrections
// and voids in force: of the acts on one target the one recorded last holds, and an act that
// was itself voided counts for nothing. f keeps hold of the register's bytes, which never change.
func (r Register) Fold(f *File) {
	var texts [8]divisionText
	s := scratch{texts: texts[:]}
	s.fold(f, r, farDay)
}

// scratch is what a fold uses again: one payload of each kind, and the text of divisions. The
// zero scratch is ready for use, and belongs to one goroutine.
type scratch struct {
	facts [maxRank / 10]Fact // by rank/10; none of a kind whose files keep the payload
	texts divisionTexts
}

// fold folds the facts that were true by the end of a day. Acts count whatever their day: they
// change what was true on their targets' days.
func (s *scratch) fold(f *File, r Register, until Day) {
	f.reset()
	t, all := r.open()
	f.origin = origin{t, all}
	acts := r.acts()
	f.acts = acts
	var stamp Stamp
	stamp.file = f
	for rest := all; len(rest) > 0; {
		rec, size := readHead(rest, t)
		if rec.day > until {
			return
		}
		stamp.at = uint32(len(all) - len(rest))
		rest = rest[size:]
		var done act
		if acts != nil {
			done = acts[rec.id(t)]
		}
		if done.void {
			continue
		}
		fact := s.fact(&rec, t)
		if done.correction != nil {
			if corrected, err := done.correction.Carried(rec.kind); err == nil {
				fact = corrected
			}
		}
		stamp.Time, stamp.day, stamp.Kind, stamp.Place = rec.time, rec.day, rec.kind, rec.place
		stamp.Division, stamp.Subject = s.texts.of(rec.division), rec.subject
		fact.apply(f, &stamp)
	}
}

// fact reads the record's payload into the scratch's own of its kind, valid until the next.
func (s *scratch) fact(rec *record, t symbols) Fact {
	place := rec.kind.Rank / 10
	fact := s.facts[place]
	if fact == nil {
		fact = rec.kind.New()
		if _, kept := fact.(interface{ Touches() []Entity }); !kept {
			s.facts[place] = fact
		}
	}
	u := unpacker{rec.body(), t, s.texts}
	u.unpack(rec.kind.plan(), reflect.ValueOf(fact).UnsafePointer())
	return fact
}

// fact reads the record's payload into one of the caller's own.
func (r *record) fact(t symbols) Fact {
	fact := r.kind.New()
	u := unpacker{b: r.body(), t: t}
	u.unpack(r.kind.plan(), reflect.ValueOf(fact).UnsafePointer())
	return fact
}

// Facts yields the facts as recorded, in fold order. The facts are the caller's.
func (r Register) Facts() iter.Seq2[Stamp, Fact] {
	return func(yield func(Stamp, Fact) bool) {
		t, rest := r.open()
		for len(rest) > 0 {
			rec, size := readHead(rest, t)
			rest = rest[size:]
			if !yield(rec.stamp(t), rec.fact(t)) {
				return
			}
		}
	}
}

// Len counts the facts of the register.
func (r Register) Len() int {
	n := 0
	_, rest := r.open()
	for len(rest) > 0 {
		rest = rest[recordSize(rest):]
		n++
	}
	return n
}

// act is what was last decided on a target, and by which event.
type act struct {
	by         EventID
	void       bool
	correction *RecordCorrected
}

// acts returns the act in force on each target, nil when the register holds none. Records of
// rank 570 and 580 are told from the others by one byte, so that a register without them, the
// common case, costs a scan of heads.
func (r Register) acts() map[EventID]act {
	t, records := r.open()
	return actsBefore(t, records, math.MaxUint64)
}

// actsBefore is acts of what was recorded before a sequence.
func actsBefore(t symbols, rest []byte, sequence uint64) map[EventID]act {
	var found []record
	for len(rest) > 0 {
		size := recordSize(rest)
		if isAct(recordRank(rest)) {
			if rec, _ := readHead(rest, t); rec.place.Sequence < sequence {
				found = append(found, rec)
			}
		}
		rest = rest[size:]
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b record) int { return int(b.place.Sequence) - int(a.place.Sequence) })
	acts := make(map[EventID]act, len(found))
	for i := range found {
		rec := &found[i]
		if acts[rec.id(t)].void {
			continue
		}
		switch fact := rec.fact(t).(type) {
		case *RecordVoided:
			decide(acts, fact.TargetEvent, act{by: rec.id(t), void: true})
		case *RecordCorrected:
			decide(acts, fact.TargetEvent, act{by: rec.id(t), correction: fact})
		}
	}
	return acts
}

// decide keeps the first act on a target, which is the one recorded last.
func decide(acts map[EventID]act, target EventID, a act) {
	if _, decided := acts[target]; !decided {
		acts[target] = a
	}
}

// CorrectedBy returns the correction in force on a fact of the file, the zero id when there is none.
func (f *File) CorrectedBy(fact EventID) (by EventID) {
	if a := f.acts[fact]; !a.void {
		by = a.by
	}
	return by
}
