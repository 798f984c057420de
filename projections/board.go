package projections

import (
	"context"
	"runtime"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// LevelCount is how many households are at a level, and how many of them by a stale word.
type LevelCount struct {
	Households int `json:"households"`
	Stale      int `json:"stale"`
}

// BoardAnswer counts the households of a division as of a day.
type BoardAnswer struct {
	Division   domain.Division                  `json:"division"`
	At         domain.Day                       `json:"at"`
	Households int                              `json:"households"`
	Employed   int                              `json:"employed"`
	States     map[string]int                   `json:"states"`
	Dimensions map[string]map[string]LevelCount `json:"dimensions"`
	Overdue    map[string]int                   `json:"overdue"`
	Totals     map[string]float64               `json:"totals"`
	Parameters string                           `json:"parameters"`
	Basis
}

// Board counts the households of a division as of a day, on all that is known.
func (v *Views) Board(division domain.Division, at domain.Day) (BoardAnswer, error) {
	return v.now().Board(v.ctx, division, at)
}

// Board counts the households of a division as of a day, and sums the division's totals. What
// changed before the question and was not looked at since is looked at first: the answer is
// exact as of its position. What was known by a past moment is read from lines made for it, which
// takes a while for a large division; ctx ends it.
func (k *Known) Board(ctx context.Context, division domain.Division, at domain.Day) (BoardAnswer, error) {
	v := k.views
	v.follow()
	release := k.settled()
	if !k.hasLines() {
		past, basis := k.pinned(), k.basis(at).In(division)
		release()
		b, err := past.pastBoard(ctx, division, at)
		b.Basis = basis
		return b, err
	}
	defer release()
	b := k.countLines(division, at)
	b.Basis = k.basis(at).In(division)
	return b, v.failed
}

// countLines is Board of the lines that are kept; all is settled.
func (k *Known) countLines(division domain.Division, at domain.Day) BoardAnswer {
	j := k.judged
	s := j.scan(division, at)
	if len(division) <= areaDigits {
		j.sums.read(division, at, s.totals)
	}
	s.totals[domain.TotalTwice] = pairs(j.twice.holders, j.line, s.within, at)
	b := s.answer(division, &j.names)
	b.Parameters = j.parameters.Name
	return b
}

// answer writes what was counted.
func (s *scan) answer(division domain.Division, names *glossary) BoardAnswer {
	b := BoardAnswer{
		Division: division, At: s.at, States: map[string]int{}, Dimensions: map[string]map[string]LevelCount{},
		Overdue: map[string]int{}, Totals: map[string]float64{},
	}
	s.count(names).answer(&b)
	for i, t := range domain.Totals() {
		b.Totals[t.Key] = float64(s.totals[i]) / float64(t.Per)
	}
	return b
}

// scan is one board's way through the lines of the counties that may lie in its division.
type scan struct {
	at     domain.Day
	within []bool // by number of a division: whether it lies in the board's
	small  bool   // the totals are read off the lines, not off the sums of counties

	words  []uint32            // by number of a word: households under it
	others map[domain.Word]int // of wide lines
	totals []int64
}

// linesAlone is the number of homes that one goroutine reads faster than two would.
const linesAlone = 2048

// scan reads the lines; mu is held for reading.
func (j *judgement) scan(division domain.Division, at domain.Day) *scan {
	within := j.names.within(division)
	blocks := j.pagesOf(division)
	workers := min(refreshWorkers, runtime.GOMAXPROCS(0), 1+len(blocks)*blockHomes/linesAlone)
	parts := make([]*scan, workers)
	var reading sync.WaitGroup
	for w := range parts {
		s := &scan{
			at: at, within: within, small: len(division) > areaDigits,
			words: make([]uint32, len(j.names.words.values)), totals: make([]int64, len(domain.Totals())),
		}
		parts[w] = s
		some := blocks[w*len(blocks)/workers : (w+1)*len(blocks)/workers]
		if w == workers-1 {
			s.read(j, some)
		} else {
			reading.Go(func() { s.read(j, some) })
		}
	}
	reading.Wait()
	for _, p := range parts[1:] {
		parts[0].join(p)
	}
	return parts[0]
}

// within says of each division by number whether it lies in one.
func (n *glossary) within(division domain.Division) []bool {
	within := make([]bool, len(n.divisions.values))
	for i, d := range n.divisions.values {
		within[i] = d.Within(division)
	}
	return within
}

// speaksOf reports whether a line of the rack may speak of the division.
func (r *rack) speaksOf(division domain.Division) bool {
	for area := range r.areas {
		if domain.Division(area).Within(division) || strings.HasPrefix(string(division), area) {
			return true
		}
	}
	return false
}

func (s *scan) read(j *judgement, blocks []homeNo) {
	for _, first := range blocks {
		p := j.pages[first>>blockBits]
		for i := range p.lines {
			if l := line(p.rack.lines.get(p.lines[i])); len(l) > 0 {
				s.home(l)
			}
		}
	}
}

// home counts one line.
func (s *scan) home(l line) {
	if l[0]&countedLine != 0 && l.in(s.within, s.at) {
		if step := l.stepAt(s.at); step >= 0 {
			if l[0]&wideLine == 0 {
				s.words[l.number(step)]++
			} else {
				s.other(l.wide(step))
			}
		}
	}
	if !s.small {
		return
	}
	if division, mixed := l.division(); mixed || s.within[division] {
		l.shares(func(c share) {
			if c.day <= s.at && s.within[c.division] {
				s.totals[c.total] += c.amount
			}
		})
	}
}

func (s *scan) other(w domain.Word) {
	if s.others == nil {
		s.others = map[domain.Word]int{}
	}
	s.others[w]++
}

// join adds what another part counted.
func (s *scan) join(o *scan) {
	for i, n := range o.words {
		s.words[i] += n
	}
	for w, n := range o.others {
		for range n {
			s.other(w)
		}
	}
	for i, n := range o.totals {
		s.totals[i] += n
	}
}

// count spreads the words over what they say.
func (s *scan) count(names *glossary) *tally {
	t := newTally()
	for number, n := range s.words {
		if n > 0 {
			t.add(names.words.values[number], int(n))
		}
	}
	for w, n := range s.others {
		t.add(w, n)
	}
	return t
}

// pairs counts the pairs of households in a division that hold one ID number by a day.
func pairs(shared map[uint64][]holder, line func(homeNo) line, within []bool, at domain.Day) (pairs int64) {
	for _, holders := range shared {
		n := int64(0)
		for _, h := range holders {
			if h.day <= at && line(h.home).in(within, at) {
				n++
			}
		}
		pairs += n * (n - 1) / 2
	}
	return pairs
}
