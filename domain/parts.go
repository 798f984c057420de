package domain

import (
	"cmp"
	"slices"
)

// Whole is a stated figure, and the figures that are stated to make it up. It is what the ledger's own
// facts are checked by, and a file of published figures.
type Whole struct {
	Value int64
	Parts []int64
}

// Gap is by how much the parts exceed the whole; below nought they fall short of it.
func (w Whole) Gap() int64 {
	gap := -w.Value
	for _, part := range w.Parts {
		gap += part
	}
	return gap
}

// Payers is what a Files may offer besides: the funds for a facility or project.
type Payers interface {
	// FundsFor returns the funds that may be allocated to a facility or project, in order of ids.
	FundsFor(purpose Entity) []Entity
}

// rowParts is an import whose rows and their ends do not sum, nil when they do: a row is accepted, a duplicate,
// changed, without content or refused.
func rowParts(f *File, at Day) *Mark {
	for i := range f.Batches {
		b := &f.Batches[i]
		if b.Day <= at && (Whole{b.Rows, b.Ends[:]}).Gap() != 0 {
			return &b.Mark
		}
	}
	return nil
}

// costParts are the facts by which more is allocated to a facility or project than it is said to cost: the
// cost that was stated last, and the allocations, none while the cost is not exceeded. Less may come yet.
func costParts(f *File, around Files, at Day) (since Day, facts []*Mark) {
	cost, of := f.cost(at)
	payers, asked := around.(Payers)
	if of == nil || !asked {
		return 0, nil
	}
	since = of.Day
	whole := Whole{Value: int64(cost)}
	for _, id := range payers.FundsFor(f.Home) {
		fund, known := around.File(id)
		if !known {
			continue
		}
		for i := range fund.Money {
			m := &fund.Money[i]
			if m.Spent || m.Day > at || m.For.Facility.Entity != f.Home && m.For.Project.Entity != f.Home {
				continue
			}
			whole.Parts = append(whole.Parts, int64(m.Amount))
			facts, since = append(facts, &m.Mark), max(since, m.Day)
		}
	}
	if whole.Gap() <= 0 {
		return 0, nil
	}
	return since, append([]*Mark{of}, facts...)
}

// Targets is what a Files may offer besides: the targets that are set for the divisions one level below.
type Targets interface {
	// TargetsBelow returns the targets of the divisions whose parent it is, in order of ids.
	TargetsBelow(division Division) []Entity
}

// targetParts are the facts by which a target and those of the divisions one level below, for the same
// indicator and day, do not sum: what was set last of each. More than the whole never does; less only when all
// divisions that are known have a target, since others may be set yet. Rates have no sum.
func targetParts(f *File, around Files, at Day) (all []Contradiction) {
	below, asked := around.(Targets)
	if !asked {
		return nil
	}
	for _, whole := range TargetsOn(f, at) {
		scale, known := whole.Indicator.Scale()
		if !known || scale.Unit == perTenThousand {
			continue
		}
		parts := partsOf(whole, below.TargetsBelow(whole.Division), around, at)
		w, facts, since := Whole{Value: whole.Value}, []ContradictionFact{whole.contradictionFact()}, whole.Day
		for _, s := range parts {
			w.Parts, facts, since = append(w.Parts, s.Value), append(facts, s.contradictionFact()), max(since, s.Day)
		}
		children := whole.Division.Children()
		missing := slices.DeleteFunc(slices.Clone(children), func(d Division) bool {
			return slices.ContainsFunc(parts, func(s *TargetStep) bool { return s.Division == d })
		})
		if gap := w.Gap(); len(parts) > 0 && (gap > 0 || gap < 0 && len(children) > 0 && len(missing) == 0) {
			all = append(all, Contradiction{Kind: PartsDoNotSum, Since: since, Facts: facts})
		}
	}
	return all
}

// partsOf are what is set of the same for the same day one level below, by division.
func partsOf(whole *TargetStep, below []Entity, around Files, at Day) (parts []*TargetStep) {
	for _, id := range below {
		part, known := around.File(id)
		if !known {
			continue
		}
		for _, s := range TargetsOn(part, at) {
			if s.Indicator == whole.Indicator && s.Due == whole.Due && s.Division.Parent() == whole.Division {
				parts = append(parts, s)
			}
		}
	}
	slices.SortStableFunc(parts, func(a, b *TargetStep) int { return cmp.Compare(a.Division, b.Division) })
	return parts
}

// cost is what the file's facility or project was last said to cost by a day, and where; nil when nowhere.
func (f *File) cost(at Day) (cost Fen, of *Mark) {
	stages := UpTo(f.Facilities, at)
	for i := range stages {
		if s := &stages[i]; s.Cost.OK {
			cost, of = s.Cost.V, &s.Mark
		}
	}
	projects := UpTo(f.Projects, at)
	for i := range projects {
		if s := &projects[i]; s.Capital.OK {
			cost, of = s.Capital.V, &s.Mark
		}
	}
	return cost, of
}
