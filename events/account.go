package events

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// oddity is what stands at a place that does not hold the event which was recorded there.
type oddity int

const (
	nothing    oddity = iota // no message
	unreadable               // bytes that are no whole record any more
	unknown                  // a message that was never recorded
	other                    // an event that was recorded elsewhere
)

// oddRun is a run of such places.
type oddRun struct {
	from, to uint64
	what     oddity
	detail   domain.Text
}

// movedRun is a run of events that stand elsewhere: each at its sequence plus shift. A shift of 0
// is the right number in the wrong order: the record stands behind later ones.
type movedRun struct {
	from, to uint64
	shift    int64
}

// maxRuns bounds what an account keeps of a stream that is wrong all over.
const maxRuns = 1 << 16

// account tells, from the messages of a stream in the order in which they stand, what became of
// each recorded event: still there, altered, lost, or at another place; and which messages were
// put in. It keeps only what is not as it should be.
type account struct {
	recorded uint64 // events up to it are known
	next     uint64 // the place after the last message
	blur     *domain.Text
	odd      []oddRun
	moved    []movedRun
	extra    []Finding // second messages of a place, and deletions
	overflow int       // runs past maxRuns
}

// newAccount begins the account of the messages after one sequence up to another.
func newAccount(after, recorded uint64) *account {
	return &account{recorded: recorded, next: after + 1}
}

// take takes the next message: right says that it is what was recorded at its place, event, when
// it is not, where it was recorded, 0 when nowhere.
func (a *account) take(place uint64, right bool, event uint64) {
	if place < a.next {
		a.behind(place, right, event)
		return
	}
	a.skipTo(place)
	a.next = place + 1
	switch {
	case right:
	case event == 0:
		a.addOdd(oddRun{place, place, unknown, domain.Text{}})
	default:
		a.addOdd(oddRun{place, place, other, domain.Text{}})
		a.addMoved(event, int64(place-event))
	}
}

// erased takes a record that says that its message was deleted.
func (a *account) erased(place uint64, how domain.Text) {
	if place < a.next {
		a.addExtra(Lost, place, how)
		return
	}
	a.skipTo(place)
	a.next = place + 1
	a.addOdd(oddRun{place, place, nothing, how})
}

// unreadable notes that bytes stand here that are no record: what is missing up to the next
// message was there.
func (a *account) unreadable(how domain.Text) { a.blur = &how }

// broken takes a record of which the checksum is wrong: its sequence is believed only when it is
// the one that was expected.
func (a *account) broken(place uint64, how domain.Text) {
	if place != a.next || a.blur != nil {
		a.unreadable(how)
		return
	}
	a.next++
	a.addOdd(oddRun{place, place, unreadable, how})
}

// behind takes a message whose place was passed already.
func (a *account) behind(place uint64, right bool, event uint64) {
	switch {
	case right && a.oddAt(place) >= 0:
		a.addMoved(place, 0)
	case !right && event > 0:
		a.addMoved(event, int64(place-event))
	default:
		a.addExtra(Inserted, place, domain.Text{ZH: "该位置的第二条消息", EN: "a second message of this place"})
	}
}

// skipTo notes the places before one that hold no message.
func (a *account) skipTo(place uint64) {
	if place > a.next {
		missing := oddRun{from: a.next, to: place - 1}
		if a.blur != nil {
			missing.what, missing.detail = unreadable, *a.blur
		}
		a.addOdd(missing)
	}
	a.blur = nil
}

func (a *account) addOdd(r oddRun) {
	if n := len(a.odd); n > 0 {
		if last := &a.odd[n-1]; last.to+1 == r.from && last.what == r.what && last.detail == r.detail {
			last.to = r.to
			return
		}
	}
	if len(a.odd) == maxRuns {
		a.overflow++
		return
	}
	a.odd = append(a.odd, r)
}

func (a *account) addExtra(kind FindingKind, place uint64, how domain.Text) {
	if n := len(a.extra); n > 0 {
		if last := &a.extra[n-1]; last.To+1 == place && last.Kind == kind && last.Detail == how {
			last.To = place
			return
		}
	}
	if len(a.extra) == maxRuns {
		a.overflow++
		return
	}
	a.extra = append(a.extra, Finding{Kind: kind, In: InStream, From: place, To: place, Detail: how})
}

func (a *account) addMoved(event uint64, shift int64) {
	if n := len(a.moved); n > 0 {
		if last := &a.moved[n-1]; last.to+1 == event && last.shift == shift {
			last.to = event
			return
		}
	}
	if len(a.moved) == maxRuns {
		a.overflow++
		return
	}
	a.moved = append(a.moved, movedRun{event, event, shift})
}

// oddAt finds the run that holds a place, -1 when it is as it should be. Runs come in order.
func (a *account) oddAt(place uint64) int {
	at, found := slices.BinarySearchFunc(a.odd, place, func(r oddRun, place uint64) int {
		if r.to < place {
			return -1
		}
		if r.from > place {
			return 1
		}
		return 0
	})
	if !found {
		return -1
	}
	return at
}

// endAlone ends the account of a stream of which nobody knows how long it was: as long as its
// messages say.
func (a *account) endAlone() {
	a.recorded = a.next - 1
	if a.blur != nil {
		a.recorded++ // one at least
	}
	for at := a.oddAt(a.recorded); at >= 0 && a.odd[at].what == other; at = a.oddAt(a.recorded) {
		a.recorded = a.odd[at].from - 1
	}
	for _, m := range a.moved {
		a.recorded = max(a.recorded, m.to)
	}
}

// settle ends the account: what is still to come is missing. It tells report what it found; name
// returns the id of a recorded event.
func (a *account) settle(report *VerifyReport, name func(event uint64) domain.EventID) {
	a.skipTo(a.recorded + 1)
	slices.SortFunc(a.moved, func(x, y movedRun) int { return cmp.Compare(x.from, y.from) })
	found := slices.Clone(a.extra)
	for _, r := range a.odd {
		found = a.settleOdd(found, r)
	}
	for _, m := range a.moved {
		found = a.settleCopies(found, m)
	}
	slices.SortStableFunc(found, func(x, y Finding) int { return cmp.Compare(x.From, y.From) })
	for _, f := range found {
		reportEach(report, f, name)
	}
	report.More += a.overflow
}

// settleOdd says what became of the events that were recorded at a run of odd places.
func (a *account) settleOdd(found []Finding, r oddRun) []Finding {
	for from := r.from; from <= r.to; {
		to := r.to
		m := a.movedFrom(from)
		if m != nil && m.from > from {
			to, m = min(to, m.from-1), nil
		}
		f := Finding{In: InStream, From: from, To: to, Detail: r.detail}
		switch {
		case m != nil:
			f.To = min(to, m.to)
			f.Kind, f.Detail = Reordered, m.where()
			if r.what == unknown {
				found = append(found, Finding{Kind: Inserted, In: InStream, From: f.From, To: f.To, Detail: strangers()})
			}
		case r.what == other && from > a.recorded, r.what == nothing && from > a.recorded:
			f.Kind = "" // an event from elsewhere is told of as such
		case from > a.recorded:
			f.Kind, f.Detail = Inserted, strangers()
		case r.what == nothing:
			f.Kind = Lost
		case r.what == other:
			f.Kind, f.Detail = Lost, domain.Text{ZH: "该位置是另一条事件", EN: "another event stands at its place"}
		default:
			f.Kind = Altered
		}
		if f.Kind != "" {
			found = append(found, f)
		}
		from = f.To + 1
	}
	return found
}

// settleCopies finds the events of a run that stand at their own place too.
func (a *account) settleCopies(found []Finding, m movedRun) []Finding {
	if m.shift == 0 {
		return found
	}
	for event := m.from; event <= m.to; event++ {
		if a.oddAt(event) >= 0 {
			continue
		}
		at := event + uint64(m.shift)
		found = append(found, Finding{
			Kind: Inserted, In: InStream, From: at, To: at,
			Detail: bothLanguages("第 %d 条事件的副本", "a copy of the event of place %d", event),
		})
	}
	return found
}

// movedFrom returns the run of moved events that holds an event, or the next one behind it.
func (a *account) movedFrom(event uint64) *movedRun {
	at, _ := slices.BinarySearchFunc(a.moved, event, func(m movedRun, event uint64) int {
		if m.to < event {
			return -1
		}
		return 1
	})
	if at == len(a.moved) {
		return nil
	}
	return &a.moved[at]
}

// where says at which place moved events stand.
func (m *movedRun) where() domain.Text {
	switch {
	case m.shift == 0:
		return domain.Text{ZH: "排在后面的事件之后", EN: "it stands behind later ones"}
	case m.from == m.to:
		return bothLanguages("现位于第 %d 条", "it stands at place %d", m.from+uint64(m.shift))
	}
	return bothLanguages("整体移动 %+d", "each stands %+d places away", m.shift)
}

func strangers() domain.Text {
	return domain.Text{ZH: "从未记录过的内容", EN: "what stands there was never recorded"}
}

// namedEach is how long a run may be for each of its events to be named by itself.
const namedEach = 16

// reportEach notes a finding, each event of a short run by itself.
func reportEach(report *VerifyReport, f Finding, name func(event uint64) domain.EventID) {
	if f.Kind == Inserted || f.To-f.From >= namedEach {
		report.find(f)
		return
	}
	for at := f.From; at <= f.To; at++ {
		one := f
		one.From, one.To, one.Event = at, at, name(at)
		report.find(one)
	}
}
