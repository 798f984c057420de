package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// carried is one fact on its way into the rehearsal.
type carried struct {
	event   *events.Event
	line    []byte // the submission
	creates []creation
	madeUp  int64 // sealed fields
}

// Why an event is not carried over.
var (
	ofTheLedger  = domain.Text{ZH: "账本自行记录的事项", EN: "the ledger records it itself"}
	laterThanDay = domain.Text{ZH: "晚于 --as-of", EN: "it lies after --as-of"}
	restsOnLeft  = domain.Text{ZH: "所依据的事件未带过来", EN: "what it rests on was not carried over"}
	actOnLeft    = domain.Text{ZH: "所更正、作废或异议的事件未带过来", EN: "the event that it corrects, voids or disputes was not carried over"}
	halfSet      = domain.Text{ZH: "成组记录不完整", EN: "its set is not whole within the bounds"}
)

// errLeft says that an event is not carried over; its text says why.
type errLeft struct{ why domain.Text }

// Error says why.
func (e errLeft) Error() string { return e.why.EN }

// errWait says that an event names what an event on its way creates: that one goes first.
var errWait = errors.New("it rests on what is on its way")

// carry makes the submission that records an event anew: the same id or key, day, division, cause
// and payload, with the target's entities for the source's and made-up values in sealed fields.
func (r *rehearsal) carry(e *events.Event, set []carried) (c carried, err error) {
	if e.Source.Department == domain.LedgerItself || e.Type == "import.batch_closed" {
		return c, errLeft{ofTheLedger}
	}
	kind, err := e.Kind()
	if err != nil {
		return c, err
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return c, err
	}
	c.event = e
	target, acts := domain.TargetOf(fact)
	switch {
	case acts && r.left[target]:
		return c, errLeft{actOnLeft}
	case acts && r.onItsWay(target) || !acts && kind.Home == 0 && len(r.batch) > 0: // it may name any event
		return c, errWait
	case !acts && r.bounds.asOf != domain.NoDay && e.Time.Day() > r.bounds.asOf:
		return c, errLeft{laterThanDay}
	}
	p := payload{r: r, carried: &c, set: set}
	if err := p.translate(kind, fact, e.Subject); err != nil {
		return c, err
	}
	if f, ok := fact.(*domain.RecordCorrected); ok {
		if err := p.correction(f, e.Subject); err != nil {
			return c, err
		}
	}
	data, err := domain.Encode(fact)
	if err != nil {
		return c, err
	}
	subject, err := p.subject(kind, e.Subject, acts)
	if err != nil {
		return c, err
	}
	c.line = submissionOf(e, subject, p.named(data))
	return c, nil
}

// submissionOf writes the line of POST /v1/events.
func submissionOf(e *events.Event, subject, data []byte) []byte {
	b := []byte{'{'}
	text := func(name, value string) {
		b = append(append(append(b, '"'), name...), `":"`...)
		b = append(append(b, value...), `",`...)
	}
	text("type", e.Type)
	if e.Key != "" {
		text("key", e.Key)
	} else {
		text("id", e.ID.String())
	}
	if e.Instant {
		text("time", e.Time.Time().Format("2006-01-02T15:04:05.000Z"))
	} else {
		text("time", e.Time.Day().String())
	}
	if e.Division != "" {
		text("division", string(e.Division))
	}
	if e.Cause.Present() {
		text("cause", e.Cause.String())
	}
	if subject != nil {
		b = append(append(append(b, `"subject":`...), subject...), ',')
	}
	b = append(append(b, `"data":`...), data...)
	return append(b, '}')
}

// payload is a payload while it is translated.
type payload struct {
	*carried
	r     *rehearsal
	set   []carried       // the earlier parts of its set
	parts []domain.Entity // named by the part that creates them
}

// translate makes up the sealed fields of a payload and names its entities as the target does. Who
// approved an act stands in the open, and may be somebody's name: he is made up too.
func (p *payload) translate(kind *domain.Kind, fact domain.Fact, home domain.Entity) (err error) {
	if domain.ApprovedBy(fact) != "" {
		domain.Approve(fact, "rehearsal")
	}
	kind.VisitBoxes(fact, func(ref domain.BoxRef) {
		if ref.Box.IsZero() {
			return
		}
		of := ref.Person
		if !of.Present() {
			of = home
		}
		*ref.Box = domain.Box{Plain: p.r.made.Value(of, ref.Field)}
		p.madeUp++
	})
	kind.VisitEntities(fact, func(ref domain.EntityRef) {
		if failed := p.entity(ref); failed != nil && err == nil {
			err = failed
		}
	})
	return err
}

// entity puts the target's id in the place of the source's. What the fact creates is left to the
// door, whose receipt tells it.
func (p *payload) entity(ref domain.EntityRef) error {
	id := *ref.ID
	if !id.Present() {
		return nil
	}
	here, known := p.r.ids[id]
	switch {
	case ref.Field.Minted:
		p.creates = append(p.creates, creation{"/data" + ref.Pointer, id})
		*ref.ID = 0
	case known:
		*ref.ID = here
	case p.ofSet(id):
		p.parts = append(p.parts, id) // its place is taken by the name of the part
	case ref.Field.Created:
		p.creates = append(p.creates, creation{"/data" + ref.Pointer, id})
		*ref.ID = 0
	default:
		return p.unknown(id)
	}
	return nil
}

// unknown says what becomes of an event that names an entity that the target does not have.
func (p *payload) unknown(id domain.Entity) error {
	if p.r.coming(id) {
		return errWait
	}
	return errLeft{restsOnLeft}
}

// ofSet reports an entity that an earlier part of the set creates.
func (p *payload) ofSet(id domain.Entity) bool {
	_, found := p.part(id)
	return found
}

// part names an entity by the part of the set that creates it.
func (p *payload) part(id domain.Entity) (name []byte, found bool) {
	for i := range p.set {
		for _, c := range p.set[i].creates {
			if c.id == id {
				return []byte(`{"event":` + strconv.Itoa(i) + `,"at":"` + c.pointer + `"}`), true
			}
		}
	}
	return nil, false
}

// named puts the names of parts in the place of the ids that stand for them.
func (p *payload) named(data []byte) []byte {
	for _, id := range p.parts {
		name, _ := p.part(id)
		data = bytes.ReplaceAll(data, []byte(`"`+id.String()+`"`), name)
	}
	return data
}

// correction translates the payload of a correction; the door keeps what the record created.
func (p *payload) correction(f *domain.RecordCorrected, home domain.Entity) error {
	name, version, _ := strings.Cut(strings.TrimPrefix(f.Schema, "anju:"), "/")
	kind, known := domain.KindOf(name)
	number, err := strconv.Atoi(version)
	if !known || err != nil {
		return fmt.Errorf("%w: %s", domain.ErrVersion, f.Schema)
	}
	inner, err := kind.Decode(number, f.Data)
	if err != nil {
		return err
	}
	created := len(p.creates)
	if err := p.translate(kind, inner, home); err != nil {
		return err
	}
	p.creates = p.creates[:created]
	data, err := domain.Encode(inner)
	f.Data, f.Schema = jsontext.Value(data), ""
	return err
}

// subject names the home as the target does; nil where the door finds it.
func (p *payload) subject(kind *domain.Kind, home domain.Entity, acts bool) ([]byte, error) {
	if acts {
		return nil, nil
	}
	if kind.Name == "household.registered" {
		p.creates = append(p.creates, creation{"/subject", home})
		return nil, nil
	}
	if here, known := p.r.ids[home]; known {
		return json.Marshal(here.Kind().String() + "/" + here.String())
	}
	for _, c := range p.creates {
		if c.id == home {
			return nil, nil
		}
	}
	if name, found := p.part(home); found {
		return name, nil
	}
	return nil, p.unknown(home)
}
