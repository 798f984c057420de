package events

import (
	"errors"
	"fmt"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// ErrTaken refuses an event whose id names an event of another province: ids are unique over the
// ledger. The sender chooses another id, or, with a business key, another key.
var ErrTaken = errors.New("the id names an event of another province")

// ErrBusy refuses an event whose id is on its way into another province's stream at this moment:
// try again, and learn which of the two it names.
var ErrBusy = errors.New("the id is on its way into another province")

// claimShards keeps the doors of many provinces out of each other's way.
const claimShards = 64

// idOwners keeps event ids unique over the streams of one process. A door claims an id when it
// settles a new event, looks for it in the other streams, enters it into its own table when it is
// durable, and only then gives the claim up. So of two doors that want one id, either the second
// finds the claim or it finds the event, and no lock is held over all of them. Doors of other
// processes are not asked: they are for failover, and see each other's events a moment later.
type idOwners struct {
	mu     sync.RWMutex
	doors  []*writer // under mu
	shards [claimShards]claimShard
}

type claimShard struct {
	mu   sync.Mutex
	held map[domain.EventID]*writer
}

func (o *idOwners) shard(id domain.EventID) *claimShard { return &o.shards[id[15]%claimShards] }

// join makes a door's events known to the others.
func (o *idOwners) join(w *writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.doors = append(o.doors, w)
}

// claim takes the id for a door, or says who has it.
func (o *idOwners) claim(w *writer, id domain.EventID) error {
	s := o.shard(id)
	s.mu.Lock()
	if by, taken := s.held[id]; taken && by != w {
		s.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrBusy, StreamName(by.province))
	}
	if s.held == nil {
		s.held = map[domain.EventID]*writer{}
	}
	s.held[id] = w
	s.mu.Unlock()
	province, taken, err := o.elsewhere(w, id)
	if taken {
		err = fmt.Errorf("%w: %s", ErrTaken, StreamName(province))
	}
	if err != nil {
		o.release(id)
	}
	return err
}

// elsewhere finds the event of an id in the other doors' streams.
func (o *idOwners) elsewhere(w *writer, id domain.EventID) (province uint8, known bool, err error) {
	o.mu.RLock()
	doors := o.doors
	o.mu.RUnlock()
	for _, other := range doors {
		if other == w {
			continue
		}
		if _, err := other.find(id); !errors.Is(err, ErrNotFound) {
			return other.province, err == nil, err
		}
	}
	return 0, false, nil
}

// release gives a claim up.
func (o *idOwners) release(id domain.EventID) {
	s := o.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, id)
}

// releaseAll gives up the claims of events that are kept, or taken back.
func (o *idOwners) releaseAll(events []*Event) {
	for _, e := range events {
		o.release(e.ID)
	}
}
