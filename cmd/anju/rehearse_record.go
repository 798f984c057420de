package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
)

// mostCarried is how many facts of one source go to the door together: enough to fill a group,
// and few enough that a stop loses nothing but time.
const mostCarried = 512

// rehearsal records the events of one ledger in another, in their order. Event ids stay: an event
// with a key has the id of its source and key, which are kept, and so are ids that were given. So
// what was recorded before a stop is there already when the same is played again, and corrections
// and voids name the same events in both. Entity ids are the door's: the receipts tell them.
type rehearsal struct {
	s      *session
	base   string // of the target
	bounds bounds
	made   *sample.StandIns
	ids    identities              // the target's ids by the source's
	left   map[domain.EventID]bool // not carried over
	begun  bool                    // the target was looked at
	batch  []carried               // of one source, not recorded yet
	set    []*events.Event         // parts of a set that is not whole yet
	report rehearsalReport
}

func newRehearsal(s *session, base string, b bounds) *rehearsal {
	return &rehearsal{
		s: s, base: base, bounds: b, made: sample.NewStandIns(), ids: identities{}, left: map[domain.EventID]bool{},
		report: rehearsalReport{Left: []leftBehind{}, left: map[string]int{}},
	}
}

// take takes the next event of the source.
func (r *rehearsal) take(e *events.Event) error {
	r.report.Events++
	if e.Set.ID.Present() {
		return r.takePart(e)
	}
	if len(r.batch) == mostCarried || len(r.batch) > 0 && r.batch[0].event.Source != e.Source {
		if err := r.flush(); err != nil {
			return err
		}
	}
	c, err := r.carry(e, nil)
	if errors.Is(err, errWait) {
		if err := r.flush(); err != nil {
			return err
		}
		c, err = r.carry(e, nil)
	}
	if err != nil {
		return r.leave(err, e)
	}
	r.batch = append(r.batch, c)
	return nil
}

// leave counts events that are not carried over; any other error is returned.
func (r *rehearsal) leave(err error, all ...*events.Event) error {
	var left errLeft
	if !errors.As(err, &left) {
		return err
	}
	for _, e := range all {
		r.left[e.ID] = true
		r.report.leave(e.Type, left.why)
	}
	return nil
}

// takePart gathers a set and records it as one when it is whole.
func (r *rehearsal) takePart(e *events.Event) error {
	if len(r.set) > 0 && r.set[0].Set.ID != e.Set.ID {
		if err := r.dropSet(); err != nil {
			return err
		}
	}
	if r.set = append(r.set, e); len(r.set) < e.Set.Parts {
		return nil
	}
	if err := r.flush(); err != nil {
		return err
	}
	parts := r.set
	r.set = nil
	all := make([]carried, 0, len(parts))
	for _, part := range parts {
		c, err := r.carry(part, all)
		switch {
		case errors.Is(err, errLeft{actOnLeft}): // of nothing; the others are a set without it
			err = r.leave(err, part)
		case err != nil:
			return r.leave(err, parts...)
		default:
			all = append(all, c)
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return r.record(all, true)
}

// dropSet counts the parts of a set whose others lie beyond the bounds.
func (r *rehearsal) dropSet() error {
	parts := r.set
	r.set = nil
	return r.leave(errLeft{halfSet}, parts...)
}

// onItsWay reports an event that is not recorded yet.
func (r *rehearsal) onItsWay(id domain.EventID) bool {
	for i := range r.batch {
		if r.batch[i].event.ID == id {
			return true
		}
	}
	return false
}

// coming reports an entity that an event on its way creates.
func (r *rehearsal) coming(id domain.Entity) bool {
	for i := range r.batch {
		for _, c := range r.batch[i].creates {
			if c.id == id {
				return true
			}
		}
	}
	return false
}

// finish records what is left.
func (r *rehearsal) finish() error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.dropSet()
}

// flush records what is on its way.
func (r *rehearsal) flush() error {
	all := r.batch
	r.batch = nil
	if len(all) == 0 {
		return nil
	}
	return r.record(all, false)
}

// record hands facts of one source to the door and learns from its answers. A refusal leaves the
// fact out; a door that cannot record ends the rehearsal, and the same command goes on there.
func (r *rehearsal) record(all []carried, atomic bool) error {
	if !r.begun {
		if err := r.belongs(all[0].event); err != nil {
			return err
		}
		r.begun = true
	}
	answers, err := r.ask(all, atomic)
	if err != nil {
		return err
	}
	for i := range all {
		a := answers[min(i, len(answers)-1)] // a set that is refused has one answer
		if a.Status >= http.StatusInternalServerError {
			return fmt.Errorf("目标账本暂停记录，再次执行同一命令即从此处继续 / the target records nothing now; the same command again goes on from here: %w", problemText("", a.raw))
		}
		if a.Status != 0 {
			if err := r.leave(errLeft{a.why()}, all[i].event); err != nil {
				return err
			}
			continue
		}
		r.learn(&all[i], &a)
	}
	return nil
}

// learn counts a receipt and keeps the ids that it tells.
func (r *rehearsal) learn(c *carried, a *doorAnswer) {
	r.report.Facts++
	r.report.MadeUp += c.madeUp
	if a.Already {
		r.report.Already++
	}
	for _, made := range c.creates {
		here := a.IDs[made.pointer]
		if _, known := r.ids[made.id]; known || !here.Present() {
			continue
		}
		r.ids[made.id] = here
		switch here.Kind() {
		case domain.HouseholdKind:
			r.report.Households++
		case domain.PersonKind:
			r.report.Persons++
		}
	}
}

// doorAnswer is a receipt, or a problem when it has a status.
type doorAnswer struct {
	Already  bool                     `json:"already"`
	IDs      map[string]domain.Entity `json:"ids"`
	Status   int                      `json:"status"`
	Names    domain.Text              `json:"names"`
	Refusals []domain.Refusal         `json:"refusals"`

	raw []byte
}

// why is what the door said, without the value that it refused.
func (a *doorAnswer) why() domain.Text {
	if len(a.Refusals) == 0 {
		return a.Names
	}
	first := a.Refusals[0]
	return domain.Text{ZH: "被拒绝：" + first.Field + " " + first.Rule.ZH, EN: "refused: " + first.Field + " " + first.Rule.EN}
}

// ask posts facts of one source and returns an answer for each, or the one of a refused set.
func (r *rehearsal) ask(all []carried, atomic bool) (answers []doorAnswer, err error) {
	source := all[0].event.Source
	pairs := map[string]string{"department": string(source.Department), "division": string(source.Division)}
	lines := make([][]byte, len(all))
	for i := range all {
		lines[i] = all[i].line
	}
	media, body := "application/x-ndjson", append(bytes.Join(lines, []byte("\n")), '\n')
	if atomic {
		pairs["atomic"] = "true"
		media, body = "application/cloudevents-batch+json", append(append([]byte{'['}, bytes.Join(lines, []byte(","))...), ']')
	}
	req, err := http.NewRequestWithContext(r.s.ctx, http.MethodPost, r.base+"/v1/events?"+query(pairs), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", media)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("目标账本没有应答，再次执行同一命令即从此处继续 / the target does not answer; the same command again goes on from here: %w", withoutAddress(err))
	}
	defer resp.Body.Close()
	for dec := jsontext.NewDecoder(bufio.NewReader(resp.Body)); len(answers) < len(all); {
		if dec.PeekKind() == '[' || dec.PeekKind() == ']' {
			if _, err := dec.ReadToken(); err != nil {
				return nil, err
			}
			continue
		}
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("目标账本中断了应答，再次执行同一命令即从此处继续 / the target broke off; the same command again goes on from here: %w", err)
		}
		a := doorAnswer{raw: raw.Clone()}
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, err
		}
		if answers = append(answers, a); atomic && a.Status != 0 {
			break
		}
	}
	return answers, nil
}
