package intake

import (
	"context"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Restore records, in every stream of a restore, the event that names the old head, as the first entry
// behind what was restored. It may be repeated after a crash: what is recorded is there already.
func (d *Door) Restore(ctx context.Context, r *events.Restoration) error {
	for i := range r.Streams {
		s := &r.Streams[i]
		fact, err := r.Fact(s)
		if err != nil {
			return err
		}
		division := domain.Division(fmt.Sprintf("%02d", s.Province))
		a := d.Record(ctx, Caller{domain.LedgerItself, division}, []*Submission{{
			Kind: kindNamed("ledger.restored"), ID: s.ID, Time: r.Time, Fact: fact,
		}}, false)[0]
		switch {
		case a.Problem != nil:
			return fmt.Errorf("%s: %s %v", events.StreamName(s.Province), a.Problem.Title, a.Problem.Refusals)
		case a.Receipt.Sequence != s.Size+1:
			return fmt.Errorf("%s: something else was recorded at %d: the restore is not the first entry", events.StreamName(s.Province), s.Size+1)
		}
	}
	return nil
}
