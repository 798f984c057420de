package projections

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Turn is what one event did to a household: Entry is zero where none of its timeline explains it, such as a
// second household under its number.
type Turn struct {
	Entry
	Before, After domain.Word
	Changes       []Change // none where only who is able to work changed
}

// Turns tells how a household's status as of one day went from what was known to what was known later, event by
// event in the order of the ledger. Events that changed nothing are left out.
func (from Side) Turns(to Side, id domain.Entity, homes Homes) (turns []Turn, err error) {
	v := from.Known.views
	v.mu.RLock()
	last := v.recorded.Day() + 1 // acts stand on the day on which they were recorded
	v.mu.RUnlock()
	line, err := to.Known.Timeline(id, homes, max(last, to.At))
	if err != nil {
		return nil, err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	past, end := from.Known.pinned(), to.Known.pinned()
	before, known := past.wordOf(id, to.At), *past.horizon
	turn := func(e Entry, after domain.Word) {
		if before != after {
			turns = append(turns, Turn{e, before, after, changesOf(before, after)})
		}
		before = after
	}
	for _, e := range recordedBetween(line.Entries, past.horizon, end.horizon) {
		horizon := known
		place := e.place()
		horizon[place.Province] = place.Sequence
		known = horizon
		step := &Known{views: v, judged: from.Known.judged, horizon: &horizon, neighbours: &sync.Map{}}
		turn(e, step.wordOf(id, to.At))
	}
	turn(Entry{}, end.wordOf(id, to.At))
	return turns, v.failed
}

// recordedBetween are the entries that the second horizon sees and the first does not, in the order of the ledger.
func recordedBetween(entries []Entry, past, end *domain.Horizon) []Entry {
	some := slices.DeleteFunc(entries, func(e Entry) bool { return past.Sees(e.place()) || !end.Sees(e.place()) })
	slices.SortFunc(some, func(x, y Entry) int {
		return cmp.Or(cmp.Compare(x.place().Province, y.place().Province), cmp.Compare(x.place().Sequence, y.place().Sequence))
	})
	return some
}

// place is where the entry's event stands.
func (e *Entry) place() domain.Place {
	stream, sequence, _ := strings.Cut(e.Position, ":")
	province, _ := events.ParseStreamName(stream)
	at, _ := strconv.ParseUint(sequence, 10, 64)
	return domain.Place{Sequence: at, Province: province}
}

// wordOf is a household's word on a day; mu is held.
func (k *Known) wordOf(id domain.Entity, at domain.Day) domain.Word {
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	r.Open(id, k.register(id), k.aroundReader(r), at)
	return r.Word(at)
}
