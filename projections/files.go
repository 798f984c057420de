package projections

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// files folds neighbours for one question; mu is held while it is used, since the bytes that its
// files were folded from move.
type files struct {
	known *Known
	own   *domain.File // of the home that a reader asks for, which it folds itself; nil = nobody's
	made  map[domain.Entity]*domain.File
}

func (k *Known) around() *files { return &files{known: k} }

// aroundReader is around for what a reader is to read next.
func (k *Known) aroundReader(r *domain.Reader) *files { return &files{known: k, own: r.File()} }

// File implements domain.Files. Files of communities, projects and the like are folded once and
// shared until a fact of theirs comes; households, of which there are many, for each question.
func (f *files) File(e domain.Entity) (*domain.File, bool) {
	if file, made := f.made[e]; made {
		return file, true
	}
	if f.own != nil && f.own.Home == e {
		return f.own, true
	}
	shared := e.Kind() != domain.HouseholdKind
	if shared {
		if file, made := f.known.neighbours.Load(e); made {
			return file.(*domain.File), true
		}
	}
	file, register := &domain.File{Home: e}, f.known.register(e)
	if len(register) == 0 {
		return nil, false
	}
	if shared && f.known.horizon == nil {
		register = slices.Clone(register)
	}
	register.Fold(file)
	if shared {
		f.known.neighbours.Store(e, file)
		return file, true
	}
	if f.made == nil {
		f.made = map[domain.Entity]*domain.File{}
	}
	f.made[e] = file
	return file, true
}

// HomeOf implements domain.Homes, where the source knows: a home is fixed when a person is first
// heard of, so that it does not matter how far the views have read.
func (f *files) HomeOf(e domain.Entity) (domain.Entity, bool) { return f.known.views.homeOf(e) }

// homeOf asks the source.
func (v *Views) homeOf(e domain.Entity) (domain.Entity, bool) {
	homes, knows := v.source.(Homes)
	if !knows {
		return 0, false
	}
	home, known := homes.Home(e)
	return home.Entity, known
}

// Named implements domain.Homes.
func (f *files) Named(e domain.Entity) []domain.Entity { return f.known.views.mentions.of(e) }

// Holders implements domain.Numbers, as far as lines are made.
func (f *files) Holders(home domain.Entity, tag uint64) (stays []domain.Holder) {
	return f.holders(f.holding(tag), home, tag)
}

// holders returns the stays under an ID number in other homes than one.
func (f *files) holders(homes []domain.Entity, home domain.Entity, tag uint64) (stays []domain.Holder) {
	for _, id := range slices.Compact(slices.Sorted(slices.Values(homes))) { // not in the order in which they were heard of
		if id == home {
			continue
		}
		if file, known := f.File(id); known {
			stays = append(stays, domain.Holders(file, f)...)
		}
	}
	stays = slices.DeleteFunc(stays, func(h domain.Holder) bool { return h.Tag != tag })
	slices.SortStableFunc(stays, func(a, b domain.Holder) int { // by nothing that a later fact may change
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Person.Entity, b.Person.Entity))
	})
	return stays
}

// FundsFor implements domain.Payers.
func (f *files) FundsFor(purpose domain.Entity) (funds []domain.Entity) {
	for _, e := range f.known.views.mentions.of(purpose) {
		if e.Kind() == domain.FundKind {
			funds = append(funds, e)
		}
	}
	return funds
}

// TargetsBelow implements domain.Targets.
func (f *files) TargetsBelow(division domain.Division) []domain.Entity {
	return f.known.views.targetsBelow[division]
}

// holding returns the homes that may have a member under an ID number: those whose lines tell, and,
// of the past, those that persons under it had joined by then, which an act may have undone since.
func (f *files) holding(tag uint64) (homes []domain.Entity) {
	v, j := f.known.views, f.known.numbers()
	for _, n := range j.twice.others(tag, j.line) {
		homes = append(homes, v.homes.id(n))
	}
	if f.known.horizon == nil {
		return homes
	}
	for _, id := range homes {
		file, known := f.File(id)
		if !known {
			continue
		}
		for i := range file.Memberships {
			if m := &file.Memberships[i]; m.Tag == tag {
				homes = append(homes, f.known.households(m.Person.Entity, id, f)...)
			}
		}
	}
	slices.Sort(homes)
	return slices.Compact(homes)
}

// word is a household's status on a day as boards have it, once all is settled.
func (k *Known) word(e domain.Entity, at domain.Day) domain.Word {
	v := k.views
	n, known := v.homes.find(e)
	switch {
	case !known:
		return 0
	case k.hasLines():
		return k.judged.names.wordAt(k.judged.line(n), at)
	}
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	r.Read(e, k.register(e), k.aroundReader(r))
	return domain.WordAt(r.Steps(nil), at)
}

// noted hands out files for a sheet and notes that it rests on them, whether known yet or not.
type noted struct {
	*files
	sheet *sheet
}

// File implements domain.Files.
func (n noted) File(e domain.Entity) (*domain.File, bool) {
	if !slices.Contains(n.sheet.neighbours, e) {
		n.sheet.neighbours = append(n.sheet.neighbours, e)
	}
	return n.files.File(e)
}

// Holders implements domain.Numbers: what is told of one who stands in two homes rests on both.
func (n noted) Holders(home domain.Entity, tag uint64) []domain.Holder {
	homes := n.holding(tag)
	for _, e := range homes {
		if e != home && !slices.Contains(n.sheet.neighbours, e) {
			n.sheet.neighbours = append(n.sheet.neighbours, e)
		}
	}
	return n.holders(homes, home, tag)
}
