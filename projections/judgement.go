package projections

import (
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// judgement is what boards and lists read of all homes, judged by one parameter set: a line a home,
// and all that is a function of lines. The facts of homes do not depend on a set and stand once, in
// Views.homes; several judgements may stand beside each other, each with lines of its own.
//
// A judgement that is not kept has no lines: what it is asked is made on demand, as the past is.
type judgement struct {
	views      *Views
	parameters *domain.Parameters
	scrap      sync.Pool // *domain.Reader; what it read is of the lock that it was read under

	refreshing sync.Mutex // held while lines are made, with
	sheets     []sheet    // and
	packed     line

	// Under Views.mu:
	wanted  bool // it is to have lines, from when the followers have caught up
	kept    bool // lines are made, in the background
	first   int  // homes that wait for their first line since it was kept; 0 = all have one
	pages   []*page
	racks   map[*shelf]*rack
	names   glossary
	sums    sums
	twice   twice
	readers map[domain.Entity][]homeNo // whose lines were made from a home's facts too, in order
	waiting []homeNo                   // homes whose lines are to be made
	changed map[domain.Entity]struct{} // homes that changed while lines are in the making; nil when none are
}

// page holds the lines of a block of homes.
type page struct {
	rack  *rack
	lines [blockHomes]span
	state [blockHomes]uint8
}

// What is noted of a home's line.
const (
	stale  = 1 << iota // it is older than what it was made from
	queued             // the home waits for a new one
)

// rack holds the lines of the homes of one shelf.
type rack struct {
	lines arena
	areas map[string]struct{} // counties that its lines speak of, and perhaps some that they did
}

func newJudgement(v *Views, parameters *domain.Parameters) *judgement {
	j := &judgement{views: v, parameters: parameters}
	j.scrap.New = func() any { return domain.NewReader(parameters) }
	j.clear()
	return j
}

// clear lets go of all lines; mu is held for writing, unless nobody knows the judgement yet.
func (j *judgement) clear() {
	j.wanted, j.kept, j.first, j.pages, j.racks, j.waiting = false, false, 0, nil, map[*shelf]*rack{}, nil
	j.names, j.sums, j.twice, j.readers = newGlossary(), newSums(), newTwice(), map[domain.Entity][]homeNo{}
}

// ready reports that every home has a line, old or new; mu is held.
func (j *judgement) ready() bool { return j.kept && j.first == 0 }

// line returns what boards read of a home, empty when it was never made; mu is held as long as it
// is read.
func (j *judgement) line(n homeNo) line {
	if int(n>>blockBits) >= len(j.pages) {
		return nil
	}
	p := j.pages[n>>blockBits]
	return p.rack.lines.get(p.lines[n%blockHomes])
}

// page returns the page that a home stands on; mu is held for writing.
func (j *judgement) page(n homeNo) *page {
	for len(j.pages) <= int(n>>blockBits) {
		j.pages = append(j.pages, &page{rack: j.rack(j.views.homes.blocks[len(j.pages)].shelf)})
	}
	return j.pages[n>>blockBits]
}

// rack returns the lines of a shelf.
func (j *judgement) rack(of *shelf) *rack {
	r, known := j.racks[of]
	if !known {
		r = &rack{areas: map[string]struct{}{}}
		r.lines.span = func(n homeNo) *span { return &j.pages[n>>blockBits].lines[n%blockHomes] }
		j.racks[of] = r
	}
	return r
}

// pagesOf returns the blocks of homes whose lines may speak of a division, that have pages.
func (j *judgement) pagesOf(division domain.Division) (blocks []homeNo) {
	for _, c := range j.views.homes.order {
		r, known := j.racks[c]
		if !known || !r.speaksOf(division) {
			continue
		}
		for _, first := range c.blocks {
			if int(first>>blockBits) < len(j.pages) {
				blocks = append(blocks, first)
			}
		}
	}
	return blocks
}

// bytes is about how much memory the judgement takes; mu is held.
func (j *judgement) bytes() int64 {
	const pageBytes, readerBytes, holderBytes = blockHomes * 9, 64, 64
	n := int64(len(j.pages))*pageBytes + int64(len(j.twice.slots))*8 + int64(len(j.twice.holders))*holderBytes + int64(len(j.readers))*readerBytes
	for _, homes := range j.readers {
		n += int64(cap(homes)) * 4
	}
	for _, r := range j.racks {
		n += int64(r.lines.size)
	}
	return n
}

// now is all that is known, as this judgement's lines are made of it.
func (j *judgement) now() *Known {
	v := j.views
	return &Known{views: v, judged: j, making: true, today: domain.NoDay, neighbours: &v.neighbours}
}
