// Package projections says what is known: it folds the events of the ledger into the status of
// each household and the boards of divisions, now or as of any day.
//
// Views keep facts, not states (docs/design.md): a home's register is the compact set of its
// facts, folded when asked, so that the order of arrival cannot matter. They are memory, rebuilt
// from the log, and know nothing of how it is stored. TestTheSampleCounty proves their promises.
package projections

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// ErrUnknown reports an entity of which no fact is known.
var ErrUnknown = errors.New("no such entity is known")

// Source is where views read events: an open ledger.
type Source interface {
	// Provinces returns the provinces that have a stream; new ones may appear.
	Provinces() []uint8
	// FollowOpen yields a stream's durable records after a sequence, for ever, some of them opened.
	FollowOpen(ctx context.Context, province uint8, after uint64, open func(*events.Event) (domain.Fact, error)) iter.Seq2[events.Record, error]
	// Streams returns the durable positions.
	Streams() []events.StreamState
	// RecordedBy returns where a stream stood at a moment.
	RecordedBy(province uint8, by domain.Moment) uint64
}

// Opener opens the sealed fields that a fold needs.
type Opener interface {
	Open(e *events.Event) (domain.Fact, error)
}

// Views follow a ledger and answer questions about it. They may be asked concurrently; Close
// ends the following.
//
// A fact is in its home's register as soon as it is applied, and a household's status is folded
// from registers when asked. What boards and lists read, a line a home, is made anew in the
// background after the facts that it rests on changed; who asks for a board first makes those
// that still wait, so that the answer is exact as of its position.
//
// Locks are taken in the order choosing, gate, a judgement's refreshing, mu.
type Views struct {
	source      Source
	opener      Opener
	keep        Keep
	aside       error                     // why the snapshot was left aside
	saving      sync.Mutex                // held while a snapshot is written, with
	saved       []streamMark              // where the last one stands, and
	savedBy     *judgement                // whose lines it has
	inForce     atomic.Pointer[judgement] // what is asked without a name
	choosing    sync.Mutex                // held while a set is built, switched or dropped, with
	sets        *Sets                     // and
	judgements  sync.Map                  // name to *judgement, of every known set
	pasts       pasts                     // what was made of the past
	comparisons comparisons               // and of two pictures
	ctx         context.Context           // of the followers; ended by Close
	stop        context.CancelFunc
	running     sync.WaitGroup
	ready       chan struct{} // closed when the followers have caught up for the first time
	changed     chan struct{} // wakes who makes lines
	switched    chan struct{} // wakes who writes snapshots

	gate sync.Mutex // held while facts are applied; a board that must not be overtaken holds it

	mu           sync.RWMutex // answers only read
	homes        homes
	kept         []*judgement                        // those with lines
	sorted       []homeNo                            // households by id, as they stood when last settled
	unsorted     []homeNo                            // and those that appeared since
	mentions     mentions                            // which homes name an entity of another
	targetsBelow map[domain.Division][]domain.Entity // by the division above theirs
	followed     map[uint8]bool                      // streams that have a follower
	position     map[uint8]uint64                    // applied up to here
	recorded     domain.Moment                       // when the newest of what is applied was recorded
	reach        *reach                              // from which day to which its facts reach
	goal         map[uint8]uint64                    // durable at the start; nil once reached
	room         []byte                              // for a register in the making
	moved        chan struct{}                       // closed and made anew when a position moves
	failed       error                               // why following stopped

	neighbours sync.Map // domain.Entity to *domain.File that owns its bytes; dropped when a fact comes
}

// New returns views that follow the source from its beginning, by one parameter set.
func New(source Source, opener Opener, parameters *domain.Parameters) *Views {
	return Resume(source, opener, parameters, Keep{})
}

// Resume returns views that follow the source from where the snapshot stands, or from its
// beginning when there is none that is of use. They write it anew now and then, and when closed.
// What keep.Sets has in force goes before parameters.
func Resume(source Source, opener Opener, parameters *domain.Parameters, keep Keep) *Views {
	v := newViews(source, opener, parameters, keep)
	if keep.Path != "" {
		err := v.load(v.ctx)
		if err == nil {
			err = v.readRecorded(v.ctx)
		}
		if err != nil {
			v.stop()
			v = newViews(source, opener, parameters, keep)
			v.aside = err
		}
	}
	for _, s := range source.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		v.goal[province] = s.Durable
	}
	v.reached()
	v.follow()
	v.running.Go(v.keepLines)
	if keep.Path != "" {
		v.running.Go(v.keepSnapshots)
	}
	return v
}

func newViews(source Source, opener Opener, parameters *domain.Parameters, keep Keep) *Views {
	v := &Views{
		source: source, opener: opener, keep: keep, sets: keep.Sets,
		ready: make(chan struct{}), changed: make(chan struct{}, 1), switched: make(chan struct{}, 1),
		homes: newHomes(), pasts: newPasts(), mentions: mentions{}, targetsBelow: map[domain.Division][]domain.Entity{}, reach: newReach(),
		followed: map[uint8]bool{}, position: map[uint8]uint64{}, goal: map[uint8]uint64{}, moved: make(chan struct{}),
	}
	if v.sets == nil {
		v.sets = oneSet(parameters)
	}
	for _, p := range v.sets.known {
		v.judgements.Store(p.Name, newJudgement(v, p))
	}
	inForce, _ := v.judgement(v.sets.chosen.InForce)
	inForce.kept = true
	for _, name := range v.sets.chosen.Built {
		j, _ := v.judgement(name)
		j.wanted = true
	}
	v.inForce.Store(inForce)
	v.kept = []*judgement{inForce}
	v.ctx, v.stop = context.WithCancel(context.Background())
	return v
}

// Close stops the followers, waits for them, and writes the snapshot.
func (v *Views) Close() {
	v.stop()
	v.running.Wait()
	if v.keep.Path != "" {
		_ = v.save(context.Background()) // without it the next start reads more
	}
}

// Aside says why the snapshot was left aside at the start and all was read from the log; nil
// when it was not.
func (v *Views) Aside() error { return v.aside }

// follow starts a follower for every stream that has none yet.
func (v *Views) follow() {
	provinces := v.source.Provinces()
	v.mu.RLock()
	all := len(v.followed) >= len(provinces) // streams are never removed
	v.mu.RUnlock()
	if all {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, province := range provinces {
		if v.followed[province] {
			continue
		}
		v.followed[province] = true
		v.position[province] += 0 // it is known, and stands where the snapshot had it
		v.running.Go(func() { v.run(province) })
	}
}

// apply puts a fact into the register of its home and of every other home that it concerns; an
// act goes wherever its target did. mu is held for writing.
func (v *Views) apply(subject domain.Entity, fact domain.Fact, stamp domain.Stamp) {
	v.mentions.note(subject, fact)
	v.reach.note(&stamp)
	v.enter(subject, fact, stamp)
	var touched []domain.Entity
	if t, ok := fact.(interface{ Touches() []domain.Entity }); ok {
		touched = t.Touches()
	} else if _, act := domain.TargetOf(fact); act {
		touched = v.facts(subject).Touches(stamp.ID)
	}
	for _, e := range touched {
		if e.Present() && e != subject {
			v.enter(e, fact, stamp)
		}
	}
	v.meet(subject, fact)
}

// meet notes to whom a fact gives another home's dwelling, and marks the homes of whom or of what it gives to a
// home, and those where they were before: what is in two households is told by both, and the others did not know
// of this one. mu is held for writing.
func (v *Views) meet(subject domain.Entity, fact domain.Fact) {
	gives := func(home, dwelling domain.Entity) {
		if own, known := v.homeOf(dwelling); dwelling.Present() && !(known && own == home) {
			v.mentions.add(dwelling, home)
			v.markAll(dwelling)
		}
	}
	switch f := fact.(type) {
	case *domain.MemberJoined:
		v.markAll(f.Member.Person.Entity)
	case *domain.HouseholdSplit:
		for _, c := range f.Children {
			gives(c.Household.Entity, c.Dwelling.Entity)
			for _, p := range c.Members {
				v.markAll(p.Entity)
			}
		}
	case *domain.DwellingHandedOver:
		gives(subject, f.Dwelling.Entity)
	case *domain.HouseholdMoved:
		gives(subject, f.Dwelling.Entity)
	case *domain.RecordCorrected:
		if corrected, states := correctedTo(f); states {
			v.meet(subject, corrected)
		}
	}
}

// markAll marks the home of an entity, and those that name it.
func (v *Views) markAll(e domain.Entity) {
	homes := v.mentions.of(e)
	if home, known := v.homeOf(e); known {
		homes = append(slices.Clone(homes), home)
	}
	for _, home := range homes {
		if n, known := v.homes.find(home); known {
			v.mark(n)
		}
	}
}

func (v *Views) enter(e domain.Entity, fact domain.Fact, stamp domain.Stamp) {
	n, known := v.homes.find(e)
	if !known {
		n = v.homes.add(e, stamp.Division.County())
		v.noteTarget(e, stamp.Division)
		if e.Kind() == domain.HouseholdKind {
			v.unsorted = append(v.unsorted, n)
		}
	}
	register, inserted := domain.AppendInsert(v.room[:0], v.homes.register(n), fact, stamp)
	if v.room = register; inserted {
		v.homes.block(n).shelf.registers.put(n, register)
	}
	if stamp.Kind.Name == "person.key_destroyed" {
		v.homes.block(n).forgotten[n%blockHomes] = true
	}
	v.neighbours.Delete(e)
	v.mark(n)
}

// noteTarget notes a target under the division above its own.
func (v *Views) noteTarget(e domain.Entity, division domain.Division) {
	if e.Kind() != domain.TargetKind {
		return
	}
	all := v.targetsBelow[division.Parent()]
	if at, noted := slices.BinarySearch(all, e); !noted {
		v.targetsBelow[division.Parent()] = slices.Insert(all, at, e)
	}
}

// Position says how far views have read, by stream.
type Position map[string]uint64

// AtLeast waits until the stream of the province is applied up to a sequence, or ctx ends.
func (v *Views) AtLeast(ctx context.Context, province uint8, sequence uint64) error {
	for {
		v.follow()
		v.mu.RLock()
		at, moved, failed := v.position[province], v.moved, v.failed
		v.mu.RUnlock()
		switch {
		case failed != nil:
			return failed
		case at >= sequence:
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("position %d of %s is not reached yet: %w", sequence, events.StreamName(province), ctx.Err())
		}
	}
}

// CaughtUp waits until everything that is durable when it is called is applied and boards are
// ready for it.
func (v *Views) CaughtUp(ctx context.Context) error {
	for _, s := range v.source.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		if err := v.AtLeast(ctx, province, s.Durable); err != nil {
			return err
		}
	}
	j := v.inForce.Load()
	for n := j.count(); n > 0 && ctx.Err() == nil; n -= refreshBatch {
		j.refresh(nil)
	}
	return ctx.Err()
}

// where returns the positions and how many durable events are not applied yet.
func (v *Views) where() (position, lag Position) {
	position, lag = Position{}, Position{}
	for province, at := range v.position {
		position[events.StreamName(province)] = at
	}
	for _, s := range v.source.Streams() {
		lag[s.Stream] = s.Durable - min(position[s.Stream], s.Durable)
	}
	return position, lag
}

// HouseholdAnswer is a household's status with what it rests on.
type HouseholdAnswer struct {
	*domain.StatusAnswer
	Basis
}

// Household returns the status of a household as of a day, on all that is known.
func (v *Views) Household(id domain.Entity, at domain.Day) (HouseholdAnswer, error) {
	return v.now().Household(id, at)
}

// Households returns the ids of all households, in order.
func (v *Views) Households() []domain.Entity {
	release := v.inForce.Load().settled()
	defer release()
	ids := make([]domain.Entity, len(v.sorted))
	for i, n := range v.sorted {
		ids[i] = v.homes.id(n)
	}
	return ids
}

// Parameters names the set of cut-offs that is in force: what the views answer by unless a question
// names another.
func (v *Views) Parameters() string { return v.inForce.Load().parameters.Name }

// now is all that is known, by the set in force.
func (v *Views) now() *Known {
	return &Known{views: v, judged: v.inForce.Load(), today: domain.NoDay, neighbours: &v.neighbours}
}

// facts returns the register of a home, none when nothing is known of it; mu is held as long as it is read.
func (v *Views) facts(e domain.Entity) domain.Register {
	n, known := v.homes.find(e)
	if !known {
		return nil
	}
	return v.homes.register(n)
}
