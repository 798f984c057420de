package projections

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// lookBatch is how many households one goroutine opens before it looks whether anybody still waits
// for them.
const lookBatch = 64

// Look opens households as they were known, with nothing later than a day, and returns what look makes
// of each, in their order. look is called by several goroutines at once, under the lock of the views:
// it asks the reader, which is its own until it returns, and keeps nothing of it.
func Look[T any](ctx context.Context, k *Known, ids []domain.Entity, at domain.Day, look func(id domain.Entity, r *domain.Reader) T) ([]T, error) {
	made := make([]T, len(ids))
	workers := min(refreshWorkers, runtime.GOMAXPROCS(0), 1+len(ids)/lookBatch)
	errs := make([]error, workers)
	var looking sync.WaitGroup
	for w := range workers {
		looking.Go(func() {
			for from := w * lookBatch; from < len(ids) && errs[w] == nil; from += workers * lookBatch {
				to := min(from+lookBatch, len(ids))
				for i := from; i < to; i++ {
					made[i] = lookAt(k, ids[i], at, look)
				}
				errs[w] = cmp.Or(ctx.Err(), k.views.ctx.Err())
			}
		})
	}
	looking.Wait()
	return made, cmp.Or(errs...)
}

func lookAt[T any](k *Known, id domain.Entity, at domain.Day, look func(domain.Entity, *domain.Reader) T) T {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	r.Open(id, k.register(id), k.aroundReader(r), at)
	return look(id, r)
}

// ResidentsOf returns the households that ever said they are of one of some communities, in the order of their
// ids: nobody else may live there, on any day.
func (k *Known) ResidentsOf(communities []domain.Entity) (ids []domain.Entity) {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	around := k.around()
	for _, c := range communities {
		ids = append(ids, k.residents(c, around)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// FindingRow is a finding of an inspection that is not rectified as of a day.
type FindingRow struct {
	domain.FindingStep
	Home  domain.Entity // under which it stands: of the first entity that it refers to
	Event domain.EventID
}

// Findings returns the findings in a division that are open as of a day.
func (k *Known) Findings(division domain.Division, at domain.Day) (found []FindingRow, err error) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	kind, _ := domain.KindOf("inspection.found")
	v.homes.all(func(n homeNo) {
		if !v.homes.register(n).Holds(kind) {
			return
		}
		file := domain.File{Home: v.homes.id(n)}
		k.register(file.Home).Fold(&file)
		steps := domain.UpTo(file.Findings, at)
		for i := range steps {
			s := steps[i]
			answered := slices.ContainsFunc(steps, func(r domain.FindingStep) bool { return r.Rectified && r.Finding == s.Finding })
			if s.Kind != "" && !answered && s.Division.Within(division) {
				found = append(found, FindingRow{s, file.Home, s.ID()})
			}
		}
	})
	return found, v.failed
}

// Stands says what an answer as of a day rests on.
func (k *Known) Stands(at domain.Day) Basis {
	k.views.follow()
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	return k.basis(at)
}

// InForce is the same knowledge judged by the parameter set in force.
func (k *Known) InForce() *Known {
	under := *k
	under.judged = k.views.inForce.Load()
	return &under
}

// FactsOf returns the facts of events as they are in force, by event, from the homes that timelines name; one that
// is voided as it was recorded.
func (k *Known) FactsOf(entries []Entry) map[domain.EventID]domain.Fact {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	facts, read := map[domain.EventID]domain.Fact{}, map[domain.Entity]bool{}
	for i := range entries {
		home := entries[i].Home
		if read[home] {
			continue
		}
		read[home] = true
		for stamp, s := range k.register(home).Standings() {
			if facts[stamp.ID] = s.InForce; s.InForce == nil {
				facts[stamp.ID] = s.Recorded
			}
		}
	}
	return facts
}

// Parameters is the set of cut-offs that it answers by. It may only be read.
func (k *Known) Parameters() *domain.Parameters { return k.judged.parameters }

// NamesAt returns the open names of communities, facilities and the like as they were known and stated by
// a day; one without a name is left out.
func (k *Known) NamesAt(all []domain.Entity, at domain.Day) map[domain.Entity]string {
	k.views.mu.RLock()
	defer k.views.mu.RUnlock()
	around, names := k.around(), map[domain.Entity]string{}
	for _, e := range all {
		file, known := around.File(e)
		if !known || names[e] != "" {
			continue
		}
		for _, c := range domain.UpTo(file.Communities, at) {
			names[e] = c.Name
		}
		for _, f := range domain.UpTo(file.Facilities, at) {
			names[e] = cmp.Or(f.Name, names[e])
		}
		for _, p := range domain.UpTo(file.Projects, at) {
			names[e] = cmp.Or(p.Name, names[e])
		}
	}
	return names
}
