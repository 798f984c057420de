package projections

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// files folds neighbours for one question; mu is held while it is used, since the bytes that its
// files were folded from move.
type files struct {
	views *Views
	made  map[domain.Entity]*domain.File
}

func (v *Views) around() *files { return &files{views: v} }

// File implements domain.Files. Files of communities, projects and the like are folded once and
// shared until a fact of theirs comes; households, of which there are many, for each question.
func (f *files) File(e domain.Entity) (*domain.File, bool) {
	if file, made := f.made[e]; made {
		return file, true
	}
	shared := e.Kind() != domain.HouseholdKind
	if shared {
		if file, made := f.views.neighbours.Load(e); made {
			return file.(*domain.File), true
		}
	}
	n, known := f.views.homes.find(e)
	if !known {
		return nil, false
	}
	file, register := &domain.File{Home: e}, f.views.homes.register(n)
	if shared {
		register = slices.Clone(register)
	}
	register.Fold(file)
	if shared {
		f.views.neighbours.Store(e, file)
		return file, true
	}
	if f.made == nil {
		f.made = map[domain.Entity]*domain.File{}
	}
	f.made[e] = file
	return file, true
}

// Holders implements domain.Numbers, as far as lines are made.
func (f *files) Holders(home domain.Entity, tag uint64) (stays []domain.Holder) {
	for _, n := range f.views.twice.others(tag, f.views.homes.line) {
		id := f.views.homes.id(n)
		if id == home {
			continue
		}
		if file, known := f.File(id); known {
			stays = append(stays, domain.Holders(file, f)...)
		}
	}
	return slices.DeleteFunc(stays, func(h domain.Holder) bool { return h.Tag != tag })
}

// register returns the facts of a home; mu is held as long as they are read.
func (v *Views) register(e domain.Entity) (domain.Register, bool) {
	n, known := v.homes.find(e)
	if !known {
		return nil, false
	}
	return v.homes.register(n), true
}

// word is a household's status on a day as boards have it, once all is settled.
func (v *Views) word(e domain.Entity, at domain.Day) domain.Word {
	n, known := v.homes.find(e)
	if !known {
		return 0
	}
	return v.names.wordAt(v.homes.line(n), at)
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
