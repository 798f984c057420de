package domain

// Reader reads households, one after the other, in room of its own that it uses again: a folded
// file, a history, buffers. A status read with it allocates little more than its answer.
//
// A Reader belongs to one goroutine at a time: keep one a worker, or some in a pool. It holds on
// to the last register and neighbours that it was given, until the next.
type Reader struct {
	p       *Parameters
	scratch scratch
	file    File
	history picture
}

// readerTexts is how many divisions a Reader remembers the text of; more cost an allocation.
const readerTexts = 256

// NewReader returns a reader that judges by a set of parameters.
func NewReader(p *Parameters) *Reader {
	return &Reader{p: p, scratch: scratch{texts: make(divisionTexts, readerTexts)}}
}

// Status is the status on a day of the household whose facts the register holds. around may be
// nil; the files that it hands out are only read, and may be shared by many readers.
func (r *Reader) Status(home Entity, register Register, around Files, at Day) *StatusAnswer {
	r.file.Home = home
	r.scratch.fold(&r.file, register, at) // nothing later counts, so nothing later is read
	r.history.draw(&r.file, around, r.p)
	return r.history.answer(at)
}

// Read folds a register, of any home; File, and for a household Steps, Contributions and Holders,
// then answer from that one fold.
func (r *Reader) Read(home Entity, register Register, around Files) {
	r.ReadTo(home, register, around, farDay)
}

// ReadTo is Read for whoever asks about days up to one alone: what is of later days is not read.
func (r *Reader) ReadTo(home Entity, register Register, around Files, last Day) {
	r.file.Home = home
	r.scratch.fold(&r.file, register, last)
	if home.Kind() == HouseholdKind {
		r.history.draw(&r.file, around, r.p)
	}
}

// File is the folded file of the home read last. It is the reader's, until the next Read.
func (r *Reader) File() *File { return &r.file }

// Steps appends the status over all days of the household read last; see the function Steps.
func (r *Reader) Steps(dst []Step) []Step { return r.history.steps(dst) }

// WordOn is the status on a day of the household read last, as the step in force then has it.
func (r *Reader) WordOn(at Day) Word {
	m := &r.history.moment
	m.start()
	m.to(at, &r.history)
	return r.history.word(m)
}

// Contributions yields what the home read last adds to totals; see the function Contributions.
func (r *Reader) Contributions(yield func(total TotalNo, division Division, day Day, amount int64)) {
	r.history.contributions(&r.file, yield)
}

// Holders appends the tagged ID numbers of the household read last; see the function Holders.
func (r *Reader) Holders(dst []Holder) []Holder { return r.history.h.holders(dst) }
