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

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// ErrUnknown reports an entity of which no fact is known.
var ErrUnknown = errors.New("no such entity is known")

// Source is where views read events: an open ledger.
type Source interface {
	// Provinces returns the provinces that have a stream; new ones may appear.
	Provinces() []uint8
	// Follow yields a stream's durable records after a sequence, for ever.
	Follow(ctx context.Context, province uint8, after uint64) iter.Seq2[events.Record, error]
	// Streams returns the durable positions.
	Streams() []events.StreamState
}

// Opener opens the sealed fields that a fold needs.
type Opener interface {
	Open(e *events.Event) (domain.Fact, error)
}

// Views follow a ledger and answer questions about it. They may be asked concurrently; Close
// ends the following.
type Views struct {
	source     Source
	opener     Opener
	parameters *domain.Parameters
	ctx        context.Context // of the followers; ended by Close
	stop       context.CancelFunc
	followers  sync.WaitGroup

	mu       sync.RWMutex            // answers that make nothing anew only read
	homes    map[domain.Entity]*home // under mu
	order    []domain.Entity         // under mu: households as they appeared
	position map[uint8]uint64        // under mu: applied up to here
	moved    chan struct{}           // under mu: closed and made anew when a position moves
	failed   error                   // under mu: why following stopped

	// readers are, by home, the homes whose boards were made from its facts too: households of a
	// community, of a project, or with a member who came from there. Under mu.
	readers map[domain.Entity]map[*home]struct{}

	mentions mentions // under mu: which homes name an entity of another
}

// New returns views that follow the source from its beginning.
func New(source Source, opener Opener, parameters *domain.Parameters) *Views {
	v := &Views{
		source: source, opener: opener, parameters: parameters,
		homes: map[domain.Entity]*home{}, position: map[uint8]uint64{}, moved: make(chan struct{}),
		readers: map[domain.Entity]map[*home]struct{}{}, mentions: mentions{},
	}
	v.ctx, v.stop = context.WithCancel(context.Background())
	v.follow()
	return v
}

// Close stops the followers and waits for them.
func (v *Views) Close() {
	v.stop()
	v.followers.Wait()
}

// follow starts a follower for every stream that has none yet.
func (v *Views) follow() {
	provinces := v.source.Provinces()
	v.mu.RLock()
	all := len(v.position) >= len(provinces) // streams are never removed
	v.mu.RUnlock()
	if all {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, province := range provinces {
		if _, followed := v.position[province]; followed {
			continue
		}
		v.position[province] = 0
		v.followers.Go(func() { v.run(province) })
	}
}

// run applies one stream's records in order. The position moves after the record is applied.
func (v *Views) run(province uint8) {
	for rec, err := range v.source.Follow(v.ctx, province, 0) {
		var fact domain.Fact
		var stamp domain.Stamp
		if err == nil && rec.Event != nil {
			if stamp, err = rec.Event.Stamp(); err == nil {
				fact, err = v.opener.Open(rec.Event)
			}
		}
		v.mu.Lock()
		switch {
		case err != nil && v.ctx.Err() == nil:
			v.failed = fmt.Errorf("%s stopped after %d: %w", events.StreamName(province), v.position[province], err)
		case err == nil && fact != nil:
			v.apply(rec.Event.Subject, fact, stamp)
		}
		if err == nil {
			v.position[province] = rec.Sequence
		}
		close(v.moved)
		v.moved = make(chan struct{})
		v.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// apply puts a fact into the register of its home and of every other home that it concerns.
func (v *Views) apply(subject domain.Entity, fact domain.Fact, stamp domain.Stamp) {
	v.mentions.note(subject, fact)
	homes := []domain.Entity{subject}
	if t, ok := fact.(interface{ Touches() []domain.Entity }); ok {
		homes = append(homes, t.Touches()...)
	}
	for _, e := range homes {
		if !e.Present() {
			continue
		}
		h, known := v.homes[e]
		if !known {
			h = &home{id: e}
			v.homes[e] = h
			if e.Kind() == domain.HouseholdKind {
				v.order = append(v.order, e)
			}
		}
		h.register, _ = h.register.Insert(fact, stamp)
		h.fresh = false
		for reader := range v.readers[e] {
			reader.fresh = false
		}
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

// CaughtUp waits until everything that is durable when it is called is applied.
func (v *Views) CaughtUp(ctx context.Context) error {
	for _, s := range v.source.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		if err := v.AtLeast(ctx, province, s.Durable); err != nil {
			return err
		}
	}
	return nil
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

// files folds neighbours for one question.
type files struct {
	homes map[domain.Entity]*home
	made  map[domain.Entity]*domain.File
}

// File implements domain.Files.
func (f *files) File(e domain.Entity) (*domain.File, bool) {
	if file, made := f.made[e]; made {
		return file, true
	}
	h, known := f.homes[e]
	if !known {
		return nil, false
	}
	file := h.file()
	f.made[e] = file
	return file, true
}

func (v *Views) around() *files { return &files{v.homes, map[domain.Entity]*domain.File{}} }

// noted hands out files for one home and notes that it reads them, whether known yet or not.
type noted struct {
	*files
	reader  *home
	readers map[domain.Entity]map[*home]struct{}
}

// File implements domain.Files.
func (n noted) File(e domain.Entity) (*domain.File, bool) {
	if n.readers[e] == nil {
		n.readers[e] = map[*home]struct{}{}
	}
	n.readers[e][n.reader] = struct{}{}
	return n.files.File(e)
}

// HouseholdAnswer is a household's status with the positions that it was read at.
type HouseholdAnswer struct {
	*domain.StatusAnswer
	Position Position `json:"position"`
	Lag      Position `json:"lag"`
}

// Household returns the status of a household as of a day: facts of later days do not count.
func (v *Views) Household(id domain.Entity, at domain.Day) (HouseholdAnswer, error) {
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	h, known := v.homes[id]
	if !known || id.Kind() != domain.HouseholdKind {
		return HouseholdAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	a := HouseholdAnswer{StatusAnswer: domain.Status(h.file(), v.around(), at, v.parameters)}
	a.Position, a.Lag = v.where()
	return a, v.failed
}

// Households returns the ids of all households, in order.
func (v *Views) Households() []domain.Entity {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Sorted(slices.Values(v.order))
}
