package page

import (
	"context"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// kept keeps answers as long as the ledger stands at one position: several people look at the
// same few, and one looks through page after page of a list.
type kept[V any] struct {
	mu       sync.Mutex
	position string
	made     map[asked]V
	making   map[flight]chan struct{} // closed when the answer is made
}

// flight is a question that is being answered: every open page asks again when something is recorded,
// all at once, and one of them counts for all.
type flight struct {
	asked
	position string
}

// asked is which division was asked about, as of when, and by which set.
type asked struct {
	division domain.Division
	day      domain.Day
	by       domain.Moment
	set      string // by which it is judged: the answers of a set that was switched to are others
}

// put keeps what was made at a position, and drops what was made at another, or what is too much.
func (k *kept[V]) put(position string, key asked, answer V, most int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.made == nil || k.position != position || len(k.made) >= most {
		k.position, k.made = position, map[asked]V{}
	}
	k.made[key] = answer
}

// answer returns what is kept of a position, or has it made by one of those who ask at once; find says
// at which position its answer stands.
func (k *kept[V]) answer(ctx context.Context, of flight, most int, find func() (answer V, position string, err error)) (V, error) {
	for {
		k.mu.Lock()
		answer, known := k.made[of.asked]
		if known && k.position == of.position {
			k.mu.Unlock()
			return answer, nil
		}
		wait, busy := k.making[of]
		if !busy {
			break // the lock is held
		}
		k.mu.Unlock()
		select {
		case <-wait: // made, or its maker gave up
		case <-ctx.Done():
			return answer, ctx.Err()
		}
	}
	if k.making == nil {
		k.making = map[flight]chan struct{}{}
	}
	done := make(chan struct{})
	k.making[of] = done
	k.mu.Unlock()
	defer func() { // whatever becomes of it, nobody waits on
		k.mu.Lock()
		delete(k.making, of)
		k.mu.Unlock()
		close(done)
	}()
	answer, position, err := find()
	if err == nil {
		k.put(position, of.asked, answer, most)
	}
	return answer, err
}

// Bounds of what is kept: a list of a large province has 450,000 households of sixteen bytes.
const (
	mostBoards = 2048
	mostLists  = 4
	mostWorks  = 16
)

// board counts a division.
func (p *Page) board(ctx context.Context, d domain.Division, m moment) (projections.BoardAnswer, error) {
	position, _, _ := p.views.Where()
	of := flight{asked{d, m.day, m.by, m.known.Parameters().Name}, position.String()}
	return p.boards.answer(ctx, of, mostBoards, func() (projections.BoardAnswer, string, error) {
		b, err := m.known.Board(ctx, d, m.day)
		if err != nil {
			return b, "", stopped(err)
		}
		return b, m.stands(of.position, b.Position), nil
	})
}

// stands is the position that an answer is kept under: what is known of the past is kept under the
// ledger's, since it stays the same.
func (m moment) stands(asked string, answered projections.Position) string {
	if m.by == 0 {
		return answered.String()
	}
	return asked
}

// words returns every household of a division with its status in one word, in the order of ids;
// the list is shared and not to be changed.
func (p *Page) words(ctx context.Context, d domain.Division, m moment) (projections.SiftAnswer, error) {
	position, _, _ := p.views.Where()
	of := flight{asked{d, m.day, m.by, m.known.Parameters().Name}, position.String()}
	return p.lists.answer(ctx, of, mostLists, func() (projections.SiftAnswer, string, error) {
		a, err := m.known.Sift(ctx, d, m.day, func(domain.Word) bool { return true })
		if err != nil {
			return a, "", stopped(err)
		}
		return a, m.stands(of.position, a.Position), nil
	})
}

// worksOf returns the facilities, funds and communities of a division, which are shared and not to be
// changed.
func (p *Page) worksOf(ctx context.Context, d domain.Division, m moment) (projections.WorksAnswer, error) {
	position, _, _ := p.views.Where()
	of := flight{asked{d, m.day, m.by, m.known.Parameters().Name}, position.String()}
	return p.works.answer(ctx, of, mostWorks, func() (projections.WorksAnswer, string, error) {
		a, err := m.known.Works(d, m.day)
		if err != nil {
			return a, "", stopped(err)
		}
		return a, m.stands(of.position, a.Position), nil
	})
}
