package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
	"github.com/anju-ledger/anju/events/intake"
)

// identities are the ledger's ids by those that the simulation made up: the door mints ids, and
// its receipts tell them.
type identities map[domain.Entity]domain.Entity

// planned is one fact on its way to the door.
type planned struct {
	event   *sample.Event
	refs    []*domain.Entity // fields that name entities, to be replaced once these have ids
	creates []creation       // entities that the fact brings into being
}

// creation is an entity that a fact creates, by the pointer under which its receipt tells the id.
type creation struct {
	pointer string
	id      domain.Entity // as the simulation calls it
}

// plan sorts facts into waves: a fact stands in the first wave in which every entity that it
// names has its id from the wave before, or from known already.
func plan(events []sample.Event, known identities) (waves [][]planned) {
	made := map[domain.Entity]int{} // by entity, the wave after the one that creates it
	for i := range events {
		e := &events[i]
		p := planned{event: e}
		wave := 0
		e.Kind.VisitEntities(e.Data, func(ref domain.EntityRef) {
			id := *ref.ID
			if !id.Present() {
				return
			}
			after, later := made[id]
			_, now := known[id]
			if !later && !now && (ref.Field.Minted || ref.Field.Created) {
				p.creates = append(p.creates, creation{"/data" + ref.Pointer, id})
				*ref.ID = 0
				return
			}
			p.refs = append(p.refs, ref.ID)
			wave = max(wave, after)
		})
		wave = max(wave, p.subject(made, known))
		for _, c := range p.creates {
			made[c.id] = wave + 1
		}
		for len(waves) <= wave {
			waves = append(waves, nil)
		}
		waves[wave] = append(waves[wave], p)
	}
	return waves
}

// subject leaves out a subject that the fact itself creates, and has the others replaced; it
// returns the first wave in which the subject has its id.
func (p *planned) subject(made map[domain.Entity]int, known identities) (wave int) {
	e := p.event
	_, later := made[e.Subject]
	_, now := known[e.Subject]
	if later || now {
		p.refs = append(p.refs, &e.Subject)
		return made[e.Subject]
	}
	if !slices.ContainsFunc(p.creates, func(c creation) bool { return c.id == e.Subject }) {
		p.creates = append(p.creates, creation{"/subject", e.Subject})
	}
	e.Subject = 0
	return 0
}

// resolve replaces the simulation's ids by the ledger's, in the fact and in its key.
func (p *planned) resolve(find func(domain.Entity) domain.Entity) {
	if e := p.event; e.Of.Present() {
		e.Key = strings.Replace(e.Key, e.Of.String(), find(e.Of).String(), 1)
	}
	for _, ref := range p.refs {
		*ref = find(*ref)
	}
}

// recorder records histories of one county; one goroutine uses it.
type recorder struct {
	to     sink
	county *simulatedCounty
	ids    identities // of what its own facts created
	tally  *simulationTally
}

// find returns the ledger's id of an entity.
func (r *recorder) find(e domain.Entity) domain.Entity {
	if id, ok := r.ids[e]; ok {
		return id
	}
	return r.county.ids[e]
}

// record records facts, wave by wave.
func (r *recorder) record(ctx context.Context, events []sample.Event) error {
	for _, wave := range plan(events, r.county.ids) {
		byDepartment := map[domain.Department][]planned{}
		for i := range wave {
			wave[i].resolve(r.find)
			department := wave[i].event.Department
			byDepartment[department] = append(byDepartment[department], wave[i])
		}
		if err := r.wave(ctx, byDepartment); err != nil {
			return err
		}
	}
	return nil
}

// wave lets all departments record at the same time.
func (r *recorder) wave(ctx context.Context, all map[domain.Department][]planned) error {
	departments := slices.Sorted(maps.Keys(all))
	failures := make([]error, len(departments))
	receipts := make([][]told, len(departments))
	var requests sync.WaitGroup
	for i, department := range departments {
		requests.Go(func() {
			caller := intake.Caller{Department: department, Division: r.county.Division}
			receipts[i], failures[i] = r.to.record(ctx, caller, all[department])
		})
	}
	requests.Wait()
	if err := errors.Join(failures...); err != nil {
		return err
	}
	for i, department := range departments {
		for n, p := range all[department] {
			if err := r.tally.learn(p, receipts[i][n], r.ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// learn counts a receipt and keeps the ids that it tells.
func (t *simulationTally) learn(p planned, r told, ids identities) error {
	t.facts.Add(1)
	if r.already {
		t.already.Add(1)
	}
	for _, c := range p.creates {
		id := r.ids[c.pointer]
		if !id.Present() {
			return fmt.Errorf("the receipt of %s tells no id for %s", p.event.Kind.Name, c.pointer)
		}
		if ids[c.id] = id; id.Kind() == domain.PersonKind {
			t.persons.Add(1)
		}
	}
	return nil
}
