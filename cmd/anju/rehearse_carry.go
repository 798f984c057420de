package main

import (
	"bytes"
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
	kind    *domain.Kind
	fact    domain.Fact
	inner   *carried // what a correction states; its event is the correction
	line    []byte   // the submission
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

// prepare reads an event of the source, and makes up its sealed fields: in the order of the source, so that they are
// the same whatever goes to the door together.
func (r *rehearsal) prepare(e *events.Event) (c carried, err error) {
	if e.Source.Department == domain.LedgerItself || e.Type == "import.batch_closed" {
		return c, errLeft{ofTheLedger}
	}
	if c, err = r.decoded(e, e.Type, e.Version, e.Data); err != nil {
		return c, err
	}
	_, acts := domain.TargetOf(c.fact)
	if !acts && r.bounds.asOf != domain.NoDay && e.Time.Day() > r.bounds.asOf {
		return c, errLeft{laterThanDay}
	}
	if f, ok := c.fact.(*domain.RecordCorrected); ok {
		name, version, _ := strings.Cut(strings.TrimPrefix(f.Schema, "anju:"), "/")
		number, err := strconv.Atoi(version)
		if err != nil {
			return c, fmt.Errorf("%w: %s", domain.ErrVersion, f.Schema)
		}
		inner, err := r.decoded(e, name, number, f.Data)
		c.inner = &inner
		return c, err
	}
	return c, nil
}

// decoded is a payload with made-up values in the sealed fields. Who approved an act stands in the open, and may be
// somebody's name: he is made up too.
func (r *rehearsal) decoded(e *events.Event, name string, version int, data []byte) (c carried, err error) {
	kind, known := domain.KindOf(name)
	if !known {
		return c, fmt.Errorf("%w: %s", domain.ErrVersion, name)
	}
	c = carried{event: e, kind: kind}
	if c.fact, err = kind.Decode(version, data); err != nil {
		return c, err
	}
	if domain.ApprovedBy(c.fact) != "" {
		domain.Approve(c.fact, "rehearsal-1")
	}
	kind.VisitBoxes(c.fact, func(ref domain.BoxRef) {
		if ref.Box.IsZero() {
			return
		}
		of := ref.Person
		if !of.Present() {
			of = e.Subject
		}
		*ref.Box = domain.Box{Plain: r.made.Value(of, ref.Field)}
		c.madeUp++
	})
	return c, nil
}

// carry makes the submission that records an event anew: the same id or key, day, division, cause
// and payload, with the target's entities for the source's and made-up values in sealed fields. What it
// rests on was answered; set are the earlier parts of its set.
func (r *rehearsal) carry(c *carried, set []carried) error {
	target, acts := domain.TargetOf(c.fact)
	if acts && r.left[target] {
		return errLeft{actOnLeft}
	}
	p := payload{r: r, carried: c, set: set}
	if err := p.translate(c.kind, c.fact); err != nil {
		return err
	}
	if c.inner != nil {
		if err := p.correction(c.fact.(*domain.RecordCorrected)); err != nil {
			return err
		}
	}
	data, err := domain.Encode(c.fact)
	if err != nil {
		return err
	}
	subject, err := p.subject(c.kind, c.event.Subject, acts)
	if err != nil {
		return err
	}
	c.line = submissionOf(c.event, subject, p.named(data))
	return nil
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

// translate names a payload's entities as the target does.
func (p *payload) translate(kind *domain.Kind, fact domain.Fact) (err error) {
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
		return errLeft{restsOnLeft}
	}
	return nil
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

// correction translates what a correction states; the door keeps what the record created.
func (p *payload) correction(f *domain.RecordCorrected) error {
	created := len(p.creates)
	if err := p.translate(p.inner.kind, p.inner.fact); err != nil {
		return err
	}
	p.creates = p.creates[:created]
	p.madeUp += p.inner.madeUp
	data, err := domain.Encode(p.inner.fact)
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
	return nil, errLeft{restsOnLeft}
}
