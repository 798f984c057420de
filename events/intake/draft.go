package intake

import (
	"errors"
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// draft carries one submission through the fence: Settle runs at each attempt and decides on
// what the ledger knows at that moment.
type draft struct {
	door      *Door
	caller    Caller
	s         *Submission
	resolver  resolver
	province  uint8  // of the stream it is offered to
	elsewhere uint8  // with errElsewhere: the province where it belongs
	scan      *scan  // of a void: what was looked for
	trial     *trial // of a dry run: nothing is recorded
	answer    Answer // when Settle found that nothing is to be recorded, or once it is recorded
}

// trial is what the drafts of one dry run share: an overlay that learns what they would record.
type trial struct {
	overlay *events.Directory
}

// errElsewhere says that the fact belongs into another province's stream.
var errElsewhere = errors.New("belongs into another stream")

// IDs returns the entities that the fact created, by pointer (events.Draft).
func (d *draft) IDs() map[string]domain.Entity {
	if d.answer.Receipt == nil {
		return nil
	}
	return d.answer.Receipt.IDs
}

// directory is what the draft resolves against.
func (d *draft) directory(x *events.Index) *events.Directory {
	if d.trial == nil {
		return x.Directory()
	}
	if d.trial.overlay == nil {
		d.trial.overlay = x.Directory().Over()
	}
	return d.trial.overlay
}

// errAnswered says that the draft holds its answer, and nothing is to be appended for it.
var errAnswered = errors.New("answered")

func (d *draft) refuse(refusals ...domain.Refusal) error {
	d.answer = Answer{Problem: problemOf(0, refusals)}
	return errAnswered
}

// Settle resolves names, derives the id, finds the fact when it is there already, seals and
// encodes it (events.Draft).
func (d *draft) Settle(x *events.Index) (*events.Event, *events.Receipt, error) {
	d.answer = Answer{}
	d.s.noteGiven()
	d.resolver.directory, d.resolver.s = d.directory(x), d.s
	e := &events.Event{
		ID: d.s.ID, Source: d.caller.Source(), Type: d.s.Kind.Name, Version: d.s.Kind.Version, Time: d.s.Time,
		Instant: d.s.Kind.Time == domain.InstantTime, Division: d.s.Division, Batch: d.s.Batch, Cause: d.s.Cause,
	}
	target, err := d.target(x)
	if err != nil {
		return nil, nil, err
	}
	if err := d.settleHome(x, target); err != nil {
		return nil, nil, err
	}
	if len(d.s.Key) > 0 {
		e.Key = d.resolver.keyText()
		e.ID = domain.DeriveEventID(e.Source, e.Key)
	}
	e.Home, e.Subject = d.resolver.home, d.resolver.home.Entity
	if e.Home.Province != d.province {
		d.elsewhere = e.Home.Province
		return nil, nil, errElsewhere
	}
	if there, err := x.Find(e.ID); err == nil {
		receipt, err := d.already(x, there, e)
		return nil, receipt, err
	} else if !errors.Is(err, events.ErrNotFound) {
		return nil, nil, fmt.Errorf("look for %s: %w", e.ID, err)
	}
	if err := d.rules(x, e, target); err != nil {
		return nil, nil, err
	}
	if d.trial != nil {
		return nil, nil, d.try(e)
	}
	return e, nil, d.encode(x, e)
}

// try lets later submissions of a dry run see what this one would mint.
func (d *draft) try(e *events.Event) error {
	stamp, err := e.Stamp()
	if err != nil {
		return err
	}
	d.trial.overlay.Learn(e.Home, stamp, d.s.Fact)
	d.answer.Receipt = receiptOf(e, d.s.Fact)
	return errAnswered
}

// targetID is the event that an act of record.* is about; absent for other facts.
func targetID(f domain.Fact) domain.EventID {
	switch f := f.(type) {
	case *domain.RecordCorrected:
		return f.TargetEvent
	case *domain.RecordVoided:
		return f.TargetEvent
	case *domain.RecordDisputed:
		return f.TargetEvent
	case *domain.InspectionFound:
		if len(f.About) == 0 && len(f.Refs) > 0 {
			return f.Refs[0]
		}
	}
	return domain.EventID{}
}

// targetPointer is where a fact names the event that it is about.
func targetPointer(f domain.Fact) string {
	if _, found := f.(*domain.InspectionFound); found {
		return "/data/refs/0"
	}
	return "/data/target_event"
}

// target reads the event that the fact is about, nil for most facts.
func (d *draft) target(x *events.Index) (*events.Event, error) {
	id := targetID(d.s.Fact)
	if !id.Present() {
		return nil, nil
	}
	e, err := x.Find(id)
	if !errors.Is(err, events.ErrNotFound) {
		return e, err
	}
	province, known, err := x.Elsewhere(id)
	switch {
	case err != nil:
		return nil, err
	case known:
		d.elsewhere = province
		return nil, errElsewhere
	}
	return nil, d.refuse(unknownEvent().at(targetPointer(d.s.Fact), id.String()))
}

// settleHome finds the fact's entities and home.
func (d *draft) settleHome(x *events.Index, target *events.Event) error {
	r := &d.resolver
	if target == nil {
		if !r.resolve() {
			return d.refuse(r.refusals...)
		}
		return nil
	}
	if !r.standsWith(target) {
		return d.refuse(r.refusals...)
	}
	f, ok := d.s.Fact.(*domain.RecordCorrected)
	if !ok {
		return nil
	}
	if target.Type == batchClosed {
		return d.refuse(closedByLedger().at("/data/target_event", target.ID.String()))
	}
	if isAct(target.Type) {
		return d.refuse(ofAnAct().at("/data/target_event", target.ID.String()))
	}
	was, err := d.open(target)
	if err != nil {
		return err
	}
	if d.s.Correction == nil {
		d.s.Correction = correction(d.caller, target, was, d.s)
	}
	inner := d.s.Correction
	if len(inner.Refusals) > 0 {
		return d.refuse(inner.Refusals...)
	}
	sub := resolver{directory: d.directory(x), caller: d.caller, mint: r.mint, entombed: r.entombed, earlier: r.earlier, s: inner}
	sub.names()
	sub.known()
	sub.staysAt(target.Home)
	if len(sub.refusals) > 0 {
		return d.refuse(sub.refusals...)
	}
	if err := d.correctable(x, target, was, inner.Fact); err != nil {
		return err
	}
	inner.Kind.VisitBoxes(inner.Fact, func(ref domain.BoxRef) { ref.Box.Sealed = "" })
	f.Schema = inner.Kind.Schema()
	f.Data, err = domain.Encode(inner.Fact)
	return err
}

// open returns an event's payload with every sealed field open, the caller's to change.
func (d *draft) open(e *events.Event) (domain.Fact, error) {
	if e.Fact == nil {
		return d.door.opener.OpenAll(e)
	}
	kind, err := e.Kind()
	if err != nil {
		return nil, err
	}
	var boxes []domain.Box
	kind.VisitBoxes(e.Fact, func(ref domain.BoxRef) {
		boxes = append(boxes, *ref.Box)
		ref.Box.Sealed = ""
	})
	data, err := domain.Encode(e.Fact)
	kind.VisitBoxes(e.Fact, func(ref domain.BoxRef) {
		*ref.Box, boxes = boxes[0], boxes[1:]
	})
	if err != nil {
		return nil, err
	}
	return kind.Decode(kind.Version, data)
}

// inForce returns the payload that counts now: of the latest correction, otherwise its own.
func (d *draft) inForce(x *events.Index, there *events.Event, own domain.Fact) (domain.Fact, error) {
	by := d.directory(x).Correction(there.ID)
	kind, err := there.Kind()
	if !by.Present() || err != nil {
		return own, err
	}
	e, err := x.Find(by)
	if err != nil {
		return nil, err
	}
	f, err := d.door.opener.OpenAll(e)
	if err != nil {
		return nil, err
	}
	return d.door.opener.OpenPayloadAll(e, kind, f.(*domain.RecordCorrected).Data)
}

// already compares the submission with the fact that has its id (WIRE §3).
func (d *draft) already(x *events.Index, there, e *events.Event) (*events.Receipt, error) {
	kind, err := there.Kind()
	if err != nil {
		return nil, err
	}
	was, err := d.open(there)
	if err != nil {
		return nil, err
	}
	receipt := receiptOf(there, was)
	receipt.Already = true
	receipt.Voided = d.directory(x).Voided(there.ID).Present()
	differs, err := d.contents(x, there, kind, was)
	if err != nil {
		return nil, err
	}
	if there.Subject != e.Subject {
		differs = append(differs, Difference{Field: "/subject", Was: there.Subject.String(), Now: e.Subject.String()})
	}
	if there.Time != e.Time {
		differs = append(differs, Difference{Field: "/time", Was: there.Time.Day().String(), Now: e.Time.Day().String()})
	}
	if len(differs) > 0 {
		d.answer.Problem = problemOf(0, []domain.Refusal{conflicting().at("/id", e.ID.String())})
		d.answer.Problem.Existing, d.answer.Problem.Differs = receipt, differs
		return nil, errAnswered
	}
	d.answer.Receipt = receipt
	return &events.Receipt{ID: there.ID, Stream: there.Stream(), Sequence: there.Sequence, Recorded: there.Recorded, Already: true}, nil
}

// contents compares the payloads: a submission is the same as the fact it repeats, or, when
// that was corrected, as the correction; a dry run looks at what is in force only.
func (d *draft) contents(x *events.Index, there *events.Event, kind *domain.Kind, was domain.Fact) ([]Difference, error) {
	if kind != d.s.Kind {
		return []Difference{{Field: "/type", Was: there.Type, Now: d.s.Kind.Name}}, nil
	}
	if c, ok := was.(*domain.RecordCorrected); ok {
		inner := d.s.Correction.Kind
		opened, err := d.door.opener.OpenPayloadAll(there, inner, c.Data)
		if err != nil {
			return nil, err
		}
		if c.Data, err = domain.Encode(opened); err != nil {
			return nil, err
		}
	}
	corrected := d.directory(x).Correction(there.ID).Present()
	if !corrected {
		return compare(kind, was, d.s.Fact)
	}
	if d.trial == nil {
		if differs, err := compare(kind, was, d.s.Fact); err != nil || len(differs) == 0 {
			return differs, err
		}
	}
	now, err := d.inForce(x, there, was)
	if err != nil {
		return nil, err
	}
	return compare(kind, now, d.s.Fact)
}

// rules are those that the ledger's present state decides.
func (d *draft) rules(x *events.Index, e, target *events.Event) error {
	of := domain.Department("")
	if target != nil {
		of = target.Source.Department
	}
	if _, voids := d.s.Fact.(*domain.RecordVoided); voids && target.Type == "person.key_destroyed" {
		return d.refuse(keyIsGone().at("/data/target_event", target.ID.String())) // whoever asks: another department could not either
	}
	if !domain.MayRecord(d.caller.Department, d.s.Kind, of) {
		if target != nil && slices.Contains(d.s.Kind.Departments, domain.OfTarget) {
			return d.notOwned(x, target, "department", string(d.caller.Department))
		}
		return d.refuse(notYours(d.s.Kind).at("department", string(d.caller.Department)))
	}
	if target != nil && slices.Contains(d.s.Kind.Departments, domain.OfTarget) && !d.caller.ofOneLine(target.Source) {
		return d.notOwned(x, target, "division", string(d.caller.Division))
	}
	directory := d.directory(x)
	l := lineage{x: x, directory: directory, home: d.resolver.home.Entity, day: d.s.Time.Day()}
	if told := l.outOfTime(d.s.Fact); len(told) > 0 {
		return d.refuse(told...)
	}
	if err := l.check(d.s.Fact); err != nil {
		return err
	}
	if len(l.refusals) > 0 {
		return d.refuse(l.refusals...)
	}
	switch d.s.Fact.(type) {
	case *domain.RecordDisputed:
		return d.disputable(x, target)
	case *domain.RecordCorrected:
		return d.revives(x, e, target)
	case *domain.RecordVoided:
	default:
		return nil
	}
	if by := directory.Voided(target.ID); by.Present() && (d.scan == nil || !d.scan.undo) {
		return d.refuse(voidedAlready(by).at("/data/target_event", target.ID.String()))
	}
	if err := d.revives(x, e, target); err != nil {
		return err
	}
	return d.dependants(x, target)
}

// isAct reports the types of the acts on records.
func isAct(name string) bool {
	return name == "record.corrected" || name == "record.voided" || name == "record.disputed"
}

// disputable refuses a dispute of a dispute, or of its withdrawal, and of what the ledger records itself.
func (d *draft) disputable(x *events.Index, target *events.Event) error {
	of, err := contested(x, target)
	if err != nil {
		return err
	}
	if of.Type == "record.disputed" || of.Type == batchClosed || of.Source.Department == domain.LedgerItself {
		return d.refuse(notDisputable().at("/data/target_event", target.ID.String()))
	}
	return nil
}

// encode seals the payload's fields and writes it.
func (d *draft) encode(x *events.Index, e *events.Event) error {
	if err := d.seal(x, e, d.s.Kind, d.s.Fact, ""); err != nil {
		return err
	}
	if f, ok := d.s.Fact.(*domain.RecordCorrected); ok {
		inner := d.s.Correction
		if err := d.seal(x, e, inner.Kind, inner.Fact, "/data"); err != nil {
			return err
		}
		data, err := domain.Encode(inner.Fact)
		if err != nil {
			return fmt.Errorf("encode a correction: %w", err)
		}
		f.Data = data
	}
	data, err := domain.Encode(d.s.Fact)
	if err != nil {
		return fmt.Errorf("encode %s: %w", e.Type, err)
	}
	if len(data) > events.MaxEvent-1024 {
		return d.refuse(tooLarge().at("", ""))
	}
	e.Data, e.Fact = data, d.s.Fact
	d.answer.Receipt = receiptOf(e, d.s.Fact)
	return nil
}

// seal closes every sealed field of a payload beside its plain value, which stays in memory
// for the directory and for another attempt.
func (d *draft) seal(x *events.Index, e *events.Event, kind *domain.Kind, f domain.Fact, base string) (err error) {
	var erasedAt []domain.Refusal
	kind.VisitBoxes(f, func(ref domain.BoxRef) {
		ref.Box.Sealed = ""
		if err != nil || len(ref.Box.Plain) == 0 {
			return
		}
		owner := ref.Person
		if !owner.Present() {
			owner = e.Subject
		} else if d.directory(x).Forgotten(owner) {
			erasedAt = append(erasedAt, erased().at("/data"+base+ref.Pointer, ""))
			return
		}
		ref.Box.Sealed, err = x.Sealer().Seal(uint64(owner), e.ID, base+ref.Pointer, ref.Box.Plain)
	})
	if err == nil && len(erasedAt) > 0 {
		return d.refuse(erasedAt...)
	}
	return err
}

// receiptOf makes the receipt of an event; f names the entities that it created.
func receiptOf(e *events.Event, f domain.Fact) *Receipt {
	r := &Receipt{ID: e.ID, Stream: e.Stream(), Identity: selfNamed}
	if e.Sequence > 0 {
		r.place(e.Sequence, e.Recorded)
	}
	kind, err := e.Kind()
	if err != nil {
		return r
	}
	add := func(pointer string, id domain.Entity) {
		if r.IDs == nil {
			r.IDs = map[string]domain.Entity{}
		}
		r.IDs[pointer] = id
	}
	if _, ok := founds(f); ok {
		add("/subject", e.Subject)
	}
	kind.VisitEntities(f, func(ref domain.EntityRef) {
		if (ref.Field.Minted || ref.Field.Created) && ref.ID.Present() {
			add("/data"+ref.Pointer, *ref.ID)
		}
	})
	return r
}
