package projections

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Known is the ledger as it was known by a moment: every question of Views, answered from the facts
// that were recorded by then, corrections and voids among them, and from no later one. The
// other axis, as of which day, is a parameter of each question. A Known may be asked concurrently;
// what it answers about the past never changes.
type Known struct {
	views      *Views
	judged     *judgement      // by whose parameter set it answers
	making     bool            // it is asked to make the judgement's own lines
	only       *domain.Day     // lines are made for this day alone; nil = for all days
	horizon    *domain.Horizon // what it sees of each stream; nil = all that is applied
	hidden     hidden          // of that, what it does not see; only with a horizon
	taken      bool            // it is all that was known when a page before was asked for
	by         domain.Moment   // as asked for; 0 = nobody asked: all that is known
	today      domain.Day      // when it is asked; NoDay where nobody said
	neighbours *sync.Map       // domain.Entity to *domain.File that owns its bytes
}

// Basis says what an answer rests on, beside its day and its parameter set.
type Basis struct {
	AsOf       domain.Day    `json:"as_of"`             // facts that were true by the end of this day count
	KnownAt    domain.Moment `json:"known_at,omitzero"` // and were recorded by this moment; when not asked for: when the newest of them was
	Definition string        `json:"definition"`        // of the rules
	Position   Position      `json:"position"`          // how far into each stream it sees
	Lag        Position      `json:"lag"`
	Notes      []domain.Text `json:"notes,omitempty"` // what is to be known of the two axes
}

// NothingBeyond is what is said of an empty page after a cursor.
func NothingBeyond() domain.Text {
	return domain.Text{ZH: "该 cursor 之后没有内容；留空从第一页开始", EN: "nothing lies beyond the cursor; leave it out for the first page"}
}

// Beyond notes that a page after a cursor is empty.
func (b *Basis) Beyond(after domain.Entity, rows int) {
	if after.Present() && rows == 0 {
		b.Notes = append(slices.Clone(b.Notes), NothingBeyond())
	}
}

// KnownAt returns the ledger as it was known by a moment; 0 is all that is known. now is when it is
// asked. Reached has to be called before a question.
func (v *Views) KnownAt(by, now domain.Moment) *Known {
	k := &Known{views: v, judged: v.inForce.Load(), by: by, today: now.Day(), neighbours: &v.neighbours}
	if by == 0 || by >= now {
		return k
	}
	k.horizon, k.neighbours = &domain.Horizon{}, &sync.Map{}
	for _, province := range v.source.Provinces() {
		k.horizon[province] = v.source.RecordedBy(province, by)
	}
	return k
}

// Reached waits until the views have read as far as is asked for, or ctx ends.
func (k *Known) Reached(ctx context.Context) error {
	if k.horizon == nil {
		return nil
	}
	for _, province := range k.views.source.Provinces() {
		if err := k.views.AtLeast(ctx, province, k.horizon[province]); err != nil {
			return err
		}
	}
	return nil
}

// readRecorded finds when the newest event of a snapshot was recorded.
func (v *Views) readRecorded(ctx context.Context) error {
	for _, m := range v.saved {
		for at := m.position; at > 0; at-- {
			rec, err := v.keep.Safe.Get(ctx, m.province, at)
			if err != nil {
				return err
			}
			if rec.Event != nil { // a foreign entry does not say
				v.recorded = max(v.recorded, rec.Event.Recorded)
				break
			}
		}
	}
	return nil
}

// hasLines reports that the lines that are kept answer: the set has them, and nothing is applied
// beyond the horizon; mu is held.
func (k *Known) hasLines() bool { return k.judged.ready() && k.isNow() }

// pinned is what is known now, for ever: what lines are made of on demand; mu is held.
func (k *Known) pinned() *Known {
	if k.horizon != nil {
		return k
	}
	p := *k
	p.horizon, p.neighbours = &domain.Horizon{}, &sync.Map{}
	for province, at := range k.views.position {
		p.horizon[province] = at
	}
	return &p
}

// numbers is the judgement whose lines tell who holds an ID number, which does not depend on a set: its
// own where they are whole or in the making, otherwise those in force; mu is held.
func (k *Known) numbers() *judgement {
	if k.making || k.judged.ready() {
		return k.judged
	}
	return k.views.inForce.Load()
}

// settled is settled of the judgement whose lines the answer rests on.
func (k *Known) settled() (release func()) {
	for {
		k.views.mu.RLock()
		j := k.numbers()
		k.views.mu.RUnlock()
		release = j.settled()
		if k.numbers() == j {
			return release
		}
		release() // its set was built, dropped or switched meanwhile
	}
}

// isNow reports that nothing is applied beyond the horizon; mu is held.
func (k *Known) isNow() bool {
	if k.horizon == nil {
		return true
	}
	for province, at := range k.views.position {
		if at > k.horizon[province] {
			return false
		}
	}
	return true
}

// In is what an answer about a division rests on: a code that the table of divisions lacks may be a new
// one, or a slip.
func (b Basis) In(d domain.Division) Basis {
	if d != "" && !d.Known() {
		b.Notes = append(b.Notes, domain.Text{ZH: "区划表中没有 " + string(d), EN: "the table of divisions lacks " + string(d)})
	}
	return b
}

// basis says what an answer rests on; mu is held.
func (k *Known) basis(at domain.Day) Basis {
	b := Basis{AsOf: at, KnownAt: k.by, Definition: domain.Definition}
	b.Position, b.Lag = k.views.where()
	empty := true
	for stream := range b.Position {
		if k.horizon != nil {
			province, _ := events.ParseStreamName(stream)
			b.Position[stream], b.Lag[stream] = k.horizon[province], 0
		}
		empty = empty && b.Position[stream] == 0
	}
	last := k.views.recorded
	if k.by == 0 {
		b.KnownAt = last
	}
	note := func(zh, en string) { b.Notes = append(b.Notes, domain.Text{ZH: zh, EN: en}) }
	switch {
	case k.by == 0:
	case empty && last == 0:
		note("到该时刻为止账本没有任何记录", "nothing was recorded by that moment")
	case empty:
		first := k.firstRecorded(last).String()
		note("到该时刻为止账本没有任何记录；最早的记录在 "+first, "nothing was recorded by that moment; the first record is of "+first)
	case k.by > last && last > 0:
		note("该时刻晚于最后一条记录（"+last.String()+"），已计入全部记录", "the moment is after the last record ("+last.String()+"): all that is recorded counts")
	}
	if k.today.Present() && at > k.today {
		note("截至日期在今天之后：只含已记录的事实，到期与过期按该日计算", "the day lies ahead: facts recorded so far, and what is stale or due by then")
	}
	switch before, after, day := k.views.beyond(at); {
	case before:
		note("截至该日尚无任何事实；最早的事实为 "+day.String(), "nothing was true yet by that day; the first fact is of "+day.String())
	case after && k.today.Present() && at != k.today: // today is what nobody asked for
		note("最近的事实为 "+day.String(), "the latest fact is of "+day.String())
	}
	return b
}

// firstRecorded is when the first event of all was recorded, after the moment asked for and not after the last of them:
// the earliest moment by which a stream had one.
func (k *Known) firstRecorded(last domain.Moment) domain.Moment {
	before := k.by
	for before+1 < last {
		middle := before + (last-before)/2
		began := slices.ContainsFunc(k.views.source.Provinces(), func(p uint8) bool { return k.views.source.RecordedBy(p, middle) > 0 })
		if began {
			last = middle
		} else {
			before = middle
		}
	}
	return last
}

// exists reports whether anything was ever recorded of a home; mu is held.
func (k *Known) exists(e domain.Entity) bool {
	_, there := k.views.homes.find(e)
	return there
}

// register returns the facts of a home that are known, none when nothing is; mu is held as long as
// they are read.
func (k *Known) register(e domain.Entity) domain.Register {
	n, there := k.views.homes.find(e)
	if !there {
		return nil
	}
	return k.seen(n, nil)
}

// seen is register of a home's number. What has to be copied is appended to room.
func (k *Known) seen(n homeNo, room []byte) domain.Register {
	r := k.views.homes.register(n)
	if k.horizon == nil {
		return r
	}
	room = slices.Grow(room, len(r))
	if len(k.hidden) > 0 {
		return r.AppendSeen(room, func(p domain.Place) bool { return k.horizon.Sees(p) && !k.hidden[p] })
	}
	return r.AppendKnown(room, k.horizon)
}

// hidden are places of events that are left out, as if they had not been recorded.
type hidden map[domain.Place]bool

// Household returns the status of a household as of a day: facts of later days do not count. One
// of which nothing was known yet is not registered.
func (k *Known) Household(id domain.Entity, at domain.Day) (HouseholdAnswer, error) {
	v := k.views
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id.Kind() != domain.HouseholdKind || !k.exists(id) {
		return HouseholdAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	return HouseholdAnswer{r.Status(id, k.register(id), k.aroundReader(r), at), k.basis(at)}, v.failed
}

// The questions that follow are asked on all that is known.

// Timeline is Known.Timeline.
func (v *Views) Timeline(id domain.Entity, homes Homes, at domain.Day) (TimelineAnswer, error) {
	return v.now().Timeline(id, homes, at)
}

// PersonTimeline is Known.PersonTimeline.
func (v *Views) PersonTimeline(id domain.Entity, homes Homes, at domain.Day) (TimelineAnswer, error) {
	return v.now().PersonTimeline(id, homes, at)
}

// CommunityTimeline is Known.CommunityTimeline.
func (v *Views) CommunityTimeline(id domain.Entity, at domain.Day) (TimelineAnswer, error) {
	return v.now().CommunityTimeline(id, at)
}

// Person is Known.Person.
func (v *Views) Person(id domain.Entity, homes Homes, at domain.Day) (PersonAnswer, error) {
	return v.now().Person(id, homes, at)
}

// Members is Known.Members.
func (v *Views) Members(id domain.Entity, homes Homes, at domain.Day) (MembersAnswer, error) {
	return v.now().Members(id, homes, at)
}

// Community is Known.Community.
func (v *Views) Community(id domain.Entity, at domain.Day) (CommunityAnswer, error) {
	return v.now().Community(id, at)
}

// KnownTo returns the ledger as it was when its streams ended at a position, once the views have read
// as far; a stream that is not in it ends at 0.
func (v *Views) KnownTo(ctx context.Context, end Position) (*Known, error) {
	k := &Known{views: v, judged: v.inForce.Load(), today: domain.NoDay, horizon: &domain.Horizon{}, neighbours: &sync.Map{}}
	for stream, sequence := range end {
		province, ours := events.ParseStreamName(stream)
		if !ours {
			return nil, fmt.Errorf("%w: %s", ErrUnknown, stream)
		}
		if err := v.AtLeast(ctx, province, sequence); err != nil {
			return nil, err
		}
		k.horizon[province] = sequence
	}
	return k, nil
}

// Then answers what was known by other moments than a question's own, judged by the set of this name: the views
// are waited for no longer than wait.
func (v *Views) Then(set string, now func() time.Time, wait time.Duration) func(context.Context, domain.Moment) (*Known, error) {
	return func(ctx context.Context, by domain.Moment) (*Known, error) {
		known, err := v.KnownAt(by, domain.MomentOf(now())).Under(set)
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		return known, known.Reached(ctx)
	}
}

// Steps returns the status of a household over all days, one step for each change.
func (k *Known) Steps(id domain.Entity) ([]domain.Step, error) {
	v := k.views
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id.Kind() != domain.HouseholdKind || !k.exists(id) {
		return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	r := k.judged.scrap.Get().(*domain.Reader)
	defer k.judged.scrap.Put(r)
	r.Read(id, k.register(id), k.aroundReader(r))
	return r.Steps(nil), v.failed
}
