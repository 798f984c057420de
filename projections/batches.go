package projections

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// BatchRow is the end of one import.
type BatchRow struct {
	Batch    domain.Entity
	Closed   domain.Moment
	Template string
	Division domain.Division
	Rejected int32
	Event    domain.EventID
}

// Batches returns the imports that ended last, at most so many, the latest first.
func (v *Views) Batches(most int) []BatchRow {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var all []BatchRow
	for _, n := range v.homes.places {
		id := v.homes.id(n)
		if id.Kind() != domain.BatchKind {
			continue
		}
		var file domain.File
		v.homes.register(n).Fold(&file)
		for i := range file.Batches {
			b := &file.Batches[i]
			all = append(all, BatchRow{id, b.Closed, b.Template, b.Division, b.Rejected, b.ID()})
		}
	}
	slices.SortFunc(all, func(a, b BatchRow) int { return cmp.Compare(b.Closed, a.Closed) })
	return all[:min(most, len(all))]
}
