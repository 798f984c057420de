package domain

import (
	"iter"
	"reflect"
	"slices"
)

// Fold resets f and folds into it every fact of the register in fold order, with corrections
// and voids in force: of the acts on one target the one recorded last holds, and an act that
// was itself voided counts for nothing. f keeps hold of the register's bytes, which never change.
func (r Register) Fold(f *File) {
	f.reset()
	acts := r.acts()
	t, all := r.open()
	f.origin = origin{t, all}
	for rest := all; len(rest) > 0; {
		rec, size := readPlain(rest, t)
		s := rec.stamp
		s.file, s.at = f, uint32(len(all)-len(rest))
		if acts != nil {
			rec.identify(t)
			s.ID = rec.stamp.ID
		}
		rest = rest[size:]
		act, touched := acts[s.ID]
		if touched && act.void {
			continue
		}
		fact := rec.fact(t)
		if touched {
			if corrected, err := act.correction.Carried(s.Kind); err == nil {
				fact = corrected
			}
		}
		fact.apply(f, s)
	}
}

// fact reads the record's payload.
func (r *record) fact(t symbols) Fact {
	fact := r.stamp.Kind.New()
	u := unpacker{r.body(t), t}
	u.unpack(r.stamp.Kind.Fields(), reflect.ValueOf(fact).Elem())
	return fact
}

// Facts yields the facts as recorded, in fold order. The facts are the caller's.
func (r Register) Facts() iter.Seq2[Stamp, Fact] {
	return func(yield func(Stamp, Fact) bool) {
		t, rest := r.open()
		for len(rest) > 0 {
			rec, size := readRecord(rest, t)
			rest = rest[size:]
			if !yield(rec.stamp, rec.fact(t)) {
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

// act is what was last decided on a target.
type act struct {
	void       bool
	correction *RecordCorrected
}

// acts returns the act in force on each target, nil when the register holds none. Records of
// rank 570 and 580 are told from the others by one byte, so that a register without them, the
// common case, costs a scan of heads.
func (r Register) acts() map[EventID]act {
	t, rest := r.open()
	var found []record
	for len(rest) > 0 {
		size := recordSize(rest)
		if rank := recordRank(rest); rank == 570 || rank == 580 {
			rec, _ := readRecord(rest, t)
			found = append(found, rec)
		}
		rest = rest[size:]
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b record) int { return int(b.stamp.Place.Sequence) - int(a.stamp.Place.Sequence) })
	acts := make(map[EventID]act, len(found))
	for _, rec := range found {
		fact := rec.fact(t)
		if acts[rec.stamp.ID].void {
			continue
		}
		switch fact := fact.(type) {
		case *RecordVoided:
			decide(acts, fact.TargetEvent, act{void: true})
		case *RecordCorrected:
			decide(acts, fact.TargetEvent, act{correction: fact})
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

// reset empties the file's registers and keeps their room.
func (f *File) reset() {
	v := reflect.ValueOf(f).Elem()
	for i := range v.NumField() {
		if field := v.Field(i); field.Kind() == reflect.Slice {
			field.SetLen(0)
		}
	}
}
