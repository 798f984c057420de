package domain

// Claim is what is said to be wrong with a record.
type Claim string

var _ = enumerate[Claim](
	Term{"wrong_value", Text{"内容有误", "what it states is wrong"}},
	Term{"wrong_date", Text{"日期有误", "its day is wrong"}},
	Term{"wrong_subject", Text{"对象错误", "it is about somebody else"}},
	Term{"not_so", Text{"不属实", "it did not happen"}},
	Term{"duplicate", Text{"重复", "it is told twice"}},
	Term{"other", Text{"其他", "other"}})

// RecordDisputed says that a record is contested (异议): any department may, whoever recorded it. The
// record counts as before, and shows as disputed until it is answered: by a correction, which may state
// the same again where the record is right, or by a void, of the record or of the dispute itself.
// What is claimed is a code; the words, which may name people, are sealed.
type RecordDisputed struct {
	TargetEvent EventID             `json:"target_event,omitzero" anju:"required" zh:"有异议的记录"`
	Claim       Claim               `json:"claim,omitzero" anju:"required" zh:"异议" en:"what is wrong with it"`
	Note        PersonalBox[string] `json:"note,omitzero" zh:"说明" en:"the claim in words"`
}

var _ = define[RecordDisputed](Kind{
	Name: "record.disputed", Rank: rankDisputed, Area: 9, Time: InstantTime, Departments: []Department{AnyDepartment},
	Label:  Text{"异议", "Record disputed"},
	Effect: Text{"标为有异议，直至答复", "shown as disputed until answered"},
	Sample: &RecordDisputed{TargetEvent: sampleEvent, Claim: "wrong_value"},
})

// rankDisputed tells disputes from other records of a register by one byte.
const rankDisputed = 590

// Check has no rule beyond the fields'.
func (d *RecordDisputed) Check(*Report) {}

func (d *RecordDisputed) apply(f *File, s *Stamp) {
	f.Disputes = append(f.Disputes, Dispute{s.mark(), d.TargetEvent})
}

// Dispute is a dispute of one of the file's records, answered or not.
type Dispute struct {
	Mark
	Target EventID
}

// Disputed reports whether the register holds a dispute, answered or not.
func (r Register) Disputed() bool {
	for _, rest := r.open(); len(rest) > 0; rest = rest[recordSize(rest):] {
		if recordRank(rest) == rankDisputed {
			return true
		}
	}
	return false
}

// unanswered finds the record of a file that a dispute is about in the end, which is the target of the
// act where an act is disputed. It is false when the dispute was answered: when another act, or
// none, holds of the record than when it was disputed.
func (d *Dispute) unanswered() (of Mark, open bool) {
	t, records := d.file.origin.symbols, d.file.origin.records
	id := d.Target
	for range len(records) { // acts on acts end at a fact
		rec, at, found := findRecord(t, records, id)
		if !found {
			return of, false
		}
		if isAct(rec.kind.Rank) {
			id, _ = actOn(rec.fact(t))
			continue
		}
		place := d.Place()
		return Mark{rec.day, at, d.file}, d.file.acts[id].by == actsBefore(t, records, place.Sequence)[id].by
	}
	return of, false
}

// findRecord finds the record of an event, and where it begins.
func findRecord(t symbols, records []byte, id EventID) (rec record, at uint32, found bool) {
	for rest := records; len(rest) > 0; {
		rec, size := readHead(rest, t)
		if rec.id(t) == id {
			return rec, uint32(len(records) - len(rest)), true
		}
		rest = rest[size:]
	}
	return rec, 0, false
}

// disputes adds the disputes of a source's records that nobody has answered; of another home's those
// about members, from the day on which their facts count here.
func (p *picture) disputes(f *source, all []contradiction) []contradiction {
	for i := range f.Disputes {
		d := &f.Disputes[i]
		of, open := d.unanswered()
		if !open {
			continue
		}
		since := NoDay
		if f.File != p.h.f {
			day, ever := p.belongs(PersonID{of.concerns()})
			if !ever {
				continue
			}
			since = f.day(day)
		}
		all = append(all, contradiction{kind: Disputed, from: max(since, of.Day, d.Day), to: farDay, marks: [2]*Mark{&of, &d.Mark}})
	}
	return all
}

// concerns is whom the mark's fact is about beside its home.
func (m *Mark) concerns() Entity {
	t := m.file.origin.symbols
	rec, _ := readHead(m.file.origin.records[m.at:], t)
	return rec.kind.Concerns(rec.fact(t))
}
