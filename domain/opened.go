package domain

// Open folds what was true by a day of a household and draws its history: Answer, Roll and the rest
// then answer from that one fold, and no later fact of the household's own counts. around may be nil.
func (r *Reader) Open(home Entity, register Register, around Files, at Day) {
	r.file.Home = home
	r.scratch.fold(&r.file, register, at)
	r.history.draw(&r.file, around, r.p)
}

// Answer is the status on a day, up to which it was opened, of the household opened last.
func (r *Reader) Answer(at Day) *StatusAnswer { return r.history.answer(at) }

// Roll is who belongs to the household opened last; it is the reader's, until the next.
func (r *Reader) Roll() Roll { return Roll{&r.history.h} }

// Files yields the files that hold facts of the household's members, its own first, and the day from
// which a fact of each concerns it. Those of others hold facts of every day: UpTo takes what counts.
func (r Roll) Files(yield func(f *File, since Day)) {
	for i := range r.h.sources {
		yield(r.h.sources[i].File, r.h.sources[i].since)
	}
}

// From is the first day of the household.
func (r Roll) From() Day { return r.h.from }
