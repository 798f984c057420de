package events

import (
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/seal"
)

// Index is what a draft may ask while it is settled: everything recorded in the draft's stream,
// and what stands before it in the groups that are being made or on their way. It is for the
// goroutine that calls Settle, and only during that call.
type Index struct {
	w       *writer
	pending map[domain.EventID]*Event // of the group that the draft joins
	sealer  *seal.Sealer
}

// Find returns the event of the id in this stream, sealed as it lies there; ErrNotFound when
// there is none.
func (x *Index) Find(id domain.EventID) (*Event, error) {
	if e, ok := x.pending[id]; ok {
		return e, nil
	}
	if before := x.w.flying; before != nil {
		if e, ok := before.index.pending[id]; ok {
			return e, nil
		}
	}
	return x.w.find(id)
}

// Elsewhere returns the province of another stream in which the event of the id stands.
func (x *Index) Elsewhere(id domain.EventID) (province uint8, known bool, err error) {
	return x.w.owners.elsewhere(x.w, id)
}

// Directory returns the names and homes known at this point.
func (x *Index) Directory() *Directory { return x.w.directory }

// Sealer seals the fields of the group; the log makes its new keys durable before it publishes.
func (x *Index) Sealer() *seal.Sealer { return x.sealer }

// find reads the event of an id from the store.
func (w *writer) find(id domain.EventID) (*Event, error) {
	for _, sequence := range w.ids.find(id) {
		m, err := w.history.get(sequence)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading a recorded event: %w", err)
		}
		if e, err := Parse(m.body); err == nil && e.ID == id {
			return e, nil
		}
	}
	return nil, ErrNotFound
}
