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
}

// asked is which division was asked about, and as of when.
type asked struct {
	division domain.Division
	day      domain.Day
	by       domain.Moment
}

// get returns what was made at a position.
func (k *kept[V]) get(position string, key asked) (answer V, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.position == position {
		answer, known = k.made[key]
	}
	return answer, known
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

// Bounds of what is kept: a list of a large province has 450,000 households of sixteen bytes.
const (
	mostBoards = 2048
	mostLists  = 4
)

// board counts a division.
func (p *Page) board(ctx context.Context, d domain.Division, m moment) (projections.BoardAnswer, error) {
	position, _, _ := p.views.Where()
	key, at := asked{d, m.day, m.by}, position.String()
	if b, known := p.boards.get(at, key); known {
		return b, nil
	}
	b, err := m.known.Board(ctx, d, m.day)
	if err != nil {
		return b, stopped(err)
	}
	if m.by == 0 {
		at = b.Position.String()
	}
	p.boards.put(at, key, b, mostBoards)
	return b, nil
}

// words returns every household of a division with its status in one word, in the order of ids;
// the list is shared and not to be changed.
func (p *Page) words(ctx context.Context, d domain.Division, m moment) (projections.SiftAnswer, error) {
	position, _, _ := p.views.Where()
	key, at := asked{d, m.day, m.by}, position.String()
	if a, known := p.lists.get(at, key); known {
		return a, nil
	}
	a, err := m.known.Sift(ctx, d, m.day, func(domain.Word) bool { return true })
	if err != nil {
		return a, stopped(err)
	}
	if m.by == 0 {
		at = a.Position.String()
	}
	p.lists.put(at, key, a, mostLists)
	return a, nil
}
