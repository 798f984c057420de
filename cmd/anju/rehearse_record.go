package main

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events"
)

// mostCarried is how many facts of one source go to the door together: enough to fill a group.
const mostCarried = 512

// lanesAtOnce is how many requests are on their way at a time: the door fills its groups from several.
const lanesAtOnce = 8

// rehearsal records the events of one ledger in another, what concerns one home in its order. Event ids stay: an event
// with a key has the id of its source and key, which are kept, and so are ids that were given. So
// what was recorded before a stop is there already when the same is played again, and corrections
// and voids name the same events in both. Entity ids are the door's: the receipts tell them.
type rehearsal struct {
	s      *session
	client *http.Client
	base   string // of the target
	bounds bounds
	made   *sample.StandIns
	ids    identities              // the target's ids by the source's
	left   map[domain.EventID]bool // not carried over
	begun  bool                    // the target was looked at
	window window                  // not recorded yet
	lanes  int                     // requests at a time; 0 = lanesAtOnce
	set    []*events.Event         // parts of a set that is not whole yet
	report rehearsalReport
}

func newRehearsal(s *session, base string, b bounds) *rehearsal {
	return &rehearsal{
		s: s, client: newSinkClient(), base: base, bounds: b, made: sample.NewStandIns(), ids: identities{}, left: map[domain.EventID]bool{},
		window: window{homes: map[domain.Entity]domain.Entity{}},
		report: rehearsalReport{Left: []leftBehind{}, left: map[string]int{}},
	}
}

// take takes the next event of the source.
func (r *rehearsal) take(e *events.Event) error {
	r.report.Events++
	if e.Set.ID.Present() {
		return r.takePart(e)
	}
	return r.add([]*events.Event{e})
}

// takePart gathers a set, which is recorded as one.
func (r *rehearsal) takePart(e *events.Event) error {
	if len(r.set) > 0 && r.set[0].Set.ID != e.Set.ID {
		if err := r.dropSet(); err != nil {
			return err
		}
	}
	if r.set = append(r.set, e); len(r.set) < e.Set.Parts {
		return nil
	}
	parts := r.set
	r.set = nil
	return r.add(parts)
}

// add puts an event, or the parts of a set, into the window, and records it when it is full.
func (r *rehearsal) add(parts []*events.Event) error {
	u := unit{set: parts[0].Set.ID.Present()}
	for _, e := range parts {
		c, err := r.prepare(e)
		if err != nil {
			return r.leave(err, parts...)
		}
		u.parts = append(u.parts, c)
	}
	r.window.add(u)
	if r.window.events < mostAhead && r.begun { // the first alone: by it a target is known that goes on
		return nil
	}
	return r.flush()
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

// dropSet counts the parts of a set whose others lie beyond the bounds.
func (r *rehearsal) dropSet() error {
	parts := r.set
	r.set = nil
	return r.leave(errLeft{halfSet}, parts...)
}

// finish records what is left.
func (r *rehearsal) finish() error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.dropSet()
}

// flush records what is in the window, wave by wave.
func (r *rehearsal) flush() error {
	for _, lanes := range r.window.take(r.ids) {
		if err := r.recordWave(lanes); err != nil {
			return err
		}
	}
	return nil
}

// request is what goes to the door together, with its answers.
type request struct {
	facts   []carried
	atomic  bool
	answers []doorAnswer
}

// recordWave records lanes, side by side: none rests on another, and each keeps its order.
func (r *rehearsal) recordWave(lanes []lane) error {
	all := make([][]*request, len(lanes))
	for i, l := range lanes {
		requests, err := r.requests(l)
		if err != nil {
			return err
		}
		all[i] = requests
	}
	failures := make([]error, len(lanes))
	free := make(chan struct{}, cmp.Or(r.lanes, lanesAtOnce))
	var running sync.WaitGroup
	for i := range lanes {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			for _, q := range all[i] {
				if q.answers, failures[i] = r.ask(q.facts, q.atomic); failures[i] != nil {
					return
				}
			}
		})
	}
	running.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	for _, q := range slices.Concat(all...) {
		if err := r.settle(q); err != nil {
			return err
		}
	}
	return nil
}

// requests carries a lane's facts over, as many together as go to the door at once. What is left out is counted.
func (r *rehearsal) requests(l lane) (all []*request, err error) {
	q := &request{}
	for _, u := range l {
		facts, err := r.carryUnit(u)
		if err != nil {
			return nil, err
		}
		switch {
		case len(facts) == 0:
		case u.set:
			all = append(all, &request{facts: facts, atomic: true})
		default:
			if q.facts = append(q.facts, facts...); len(q.facts) == mostCarried {
				all, q = append(all, q), &request{}
			}
		}
	}
	if len(q.facts) > 0 {
		all = append(all, q)
	}
	if len(all) > 0 && !r.begun {
		r.begun = true
		return all, r.belongs(all[0].facts[0].event)
	}
	return all, nil
}

// carryUnit carries over an event, or the parts of a set. Acts on what was left behind are left out, and the others
// are a set without them; for any other reason a set is left whole.
func (r *rehearsal) carryUnit(u unit) ([]carried, error) {
	all := make([]carried, 0, len(u.parts))
	for _, c := range u.parts {
		err := r.carry(&c, all)
		switch {
		case errors.Is(err, errLeft{actOnLeft}):
			err = r.leave(err, c.event)
		case err != nil:
			return nil, r.leave(err, u.events()...)
		default:
			all = append(all, c)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// settle learns from the door's answers. A refusal leaves the
// fact out; a door that cannot record ends the rehearsal, and the same command goes on there.
func (r *rehearsal) settle(q *request) error {
	for i := range q.facts {
		a := q.answers[min(i, len(q.answers)-1)] // a set that is refused has one answer
		if a.Status >= http.StatusInternalServerError {
			return fmt.Errorf("目标账本暂停记录，再次执行同一命令即从此处继续 / the target records nothing now; the same command again goes on from here: %w", problemText("", a.raw))
		}
		if a.Status != 0 {
			if err := r.leave(errLeft{a.why()}, q.facts[i].event); err != nil {
				return err
			}
			continue
		}
		r.learn(&q.facts[i], &a)
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
	resp, err := r.client.Do(req)
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
