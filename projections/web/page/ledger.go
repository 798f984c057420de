package page

import (
	"cmp"
	"context"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// How much of the past the ledger's page shows.
const (
	lastBatches = 12
	lastEvents  = 20
)

// ledgerPage says how the ledger itself stands.
type ledgerPage struct {
	frame
	Streams []streamShown
	Views   []fieldShown
	Batches []batchShown
	Ticks   []tick
}

// streamShown is a stream with its book.
type streamShown struct {
	Name            string
	Durable, Viewed uint64
	Lag, Foreign    uint64
	Waiting         int
	Minute, Hour    uint64 // events recorded in the last one
	Sync            string // mean of a group's sync
	Alarms          []alarmShown
	Size            string // of the last checkpoint
	Signed          string // when it was signed
	Root            string
	Key             string
	Witnesses       []string
	Asked           []witnessShown
	Needed          int    // of the witnesses asked
	Verified        string // when all of it was last read again
	Verifying       string
}

// alarmShown is what the operator has to look at.
type alarmShown struct {
	Text  string
	Grave bool
}

// batchShown is an import that ended.
type batchShown struct {
	Undo                       string // the page that undoes it
	Closed, Template, Division string
	Accepted, Duplicates       int32
	Changed, Refused           int32
	Href                       string
}

// tick is an event as the ticker shows it: pseudonymous.
type tick struct {
	At, Name, Office, Subject, Place, Href, SubjectHref string
}

func (p *Page) serveLedger(v *visit) error {
	page := ledgerPage{frame: p.frame(v, v.lang.say("账本", "Ledger"), "ledger")}
	page.Streams = p.streams(v.lang)
	stats := p.views.Stats()
	page.Views = []fieldShown{
		{Label: v.lang.say("程序", "Program"), Value: program()},
		{Label: v.lang.say("状态定义", "Definition of statuses"), Value: domain.Definition},
		{Label: v.lang.say("措施清单", "List of measures"), Value: domain.DefaultMeasures().Version},
		{Label: v.lang.say("行政区划表", "Table of divisions"), Value: domain.DivisionsAsOf},
		{Label: v.lang.say("赶上账本", "Caught up"), Value: v.lang.yes(stats.Caught)},
		{Label: v.lang.say("待重算的户", "Homes to be counted anew"), Value: grouped(stats.Waiting)},
		{Label: v.lang.say("最近快照", "Last snapshot"), Value: clock(stats.SnapshotAt, v.lang)},
	}
	for _, s := range p.views.SetStates() {
		page.Views = append(page.Views, fieldShown{Label: v.lang.say("参数集", "Parameter set"), Value: v.lang.set(&s)})
	}
	for _, b := range p.views.Batches(lastBatches) {
		shown := p.batch(v.Context(), &page.frame, b.Event)
		shown.Undo = page.To("/undo?batch=", b.Batch)
		page.Batches = append(page.Batches, shown)
	}
	page.Ticks = p.latest(v.Context(), &page.frame)
	return p.render(v, "ledger", page)
}

// setWords say how a parameter set stands.
var setWords = map[string]domain.Text{
	projections.SetInForce:  {ZH: "在用", EN: "in force"},
	projections.SetReady:    {ZH: "已备好", EN: "ready"},
	projections.SetBuilding: {ZH: "正在生成", EN: "being made"},
	projections.SetKnown:    {ZH: "已知", EN: "known"},
}

// set writes a parameter set with its version, and how far it is made.
func (l language) set(s *projections.SetState) string {
	said := s.Name + l.say(" 第", " version ") + strconv.Itoa(s.Version) + l.say("版，", ", ") + l.pick(setWords[s.State])
	if s.State == projections.SetBuilding {
		said += " " + percent(s.Made, s.Homes)
	}
	return said
}

// program names the build: its version and commit, as the Go tool stamped them.
func program() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "anju"
	}
	text := "anju " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += " " + s.Value[:min(len(s.Value), shownRevision)]
		}
	}
	return text + " " + info.GoVersion
}

// shownRevision is how many digits of a commit are shown.
const shownRevision = 12

// yes writes a flag.
func (l language) yes(on bool) string {
	if on {
		return l.say("是", "yes")
	}
	return l.say("否", "no")
}

// clock writes an instant, a dash when there is none.
func clock(t time.Time, l language) string {
	if t.IsZero() {
		return l.say("尚无", "none yet")
	}
	return t.In(domain.China).Format(time.DateTime)
}

// streams reads the state of every stream and of its book.
func (p *Page) streams(l language) (all []streamShown) {
	position, lag, _ := p.views.Where()
	doors := map[string]events.DoorStats{}
	for _, d := range p.ledger.Stats().Doors {
		doors[d.Stream] = d
	}
	books := map[string]events.BookState{}
	for _, b := range p.ledger.Books() {
		books[b.Stream] = b
	}
	for _, s := range p.ledger.Streams() {
		shown := streamShown{Name: s.Stream, Durable: s.Durable, Viewed: position[s.Stream], Lag: lag[s.Stream], Foreign: s.Foreign}
		door := doors[s.Stream]
		shown.Waiting = door.Waiting
		if door.Groups > 0 {
			shown.Sync = strconv.FormatFloat(door.SyncTime.Seconds()*1000/float64(door.Groups), 'f', 2, 64) + " ms"
		}
		for _, a := range s.Alarms {
			text := a.Detail
			if a.From > 0 {
				text += " (" + s.Stream + ":" + grouped(a.From) + "–" + grouped(a.To) + ")"
			}
			shown.Alarms = append(shown.Alarms, alarmShown{text, a.Stands})
		}
		shown.Minute, shown.Hour = p.recordedIn(s, time.Minute), p.recordedIn(s, time.Hour)
		shown.readBook(p.ledger, s.Stream)
		shown.readWitnesses(p.ledger.Witnesses(), l)
		if book := books[s.Stream]; book.Written > 0 {
			shown.Signed = clock(book.SignedAt, l)
			shown.Verified = clock(book.Scrub.Ended, l)
			if book.Scrub.Running {
				shown.Verifying = percent(int(book.Scrub.Position), int(book.Written))
			}
		}
		all = append(all, shown)
	}
	return all
}

// recordedIn counts the events of a stream that were recorded in the last minute or hour.
func (p *Page) recordedIn(s events.StreamState, while time.Duration) uint64 {
	province, _ := events.ParseStreamName(s.Stream)
	before := p.ledger.RecordedBy(province, domain.MomentOf(p.now().Add(-while)))
	return s.Durable - min(before, s.Durable)
}

// witnessShown is a witness that this ledger asks.
type witnessShown struct {
	Name, At, Problem string
}

// readWitnesses tells how the witnesses that are asked answer.
func (s *streamShown) readWitnesses(r events.WitnessReport, l language) {
	s.Needed = r.Needed
	for _, w := range r.Witnesses {
		s.Asked = append(s.Asked, witnessShown{w.Name, clock(w.At, l), w.Problem})
	}
}

// readBook reads the last checkpoint: its size and root, and who signed it beside the ledger.
func (s *streamShown) readBook(l *events.Ledger, stream string) {
	checkpoint, err := l.Checkpoint(stream)
	if err != nil {
		return
	}
	s.Key, _ = l.VerifierKey(stream)
	text, signatures, _ := strings.Cut(string(checkpoint), "\n\n")
	lines := strings.Split(text, "\n")
	if len(lines) < 3 {
		return
	}
	s.Size, s.Root = lines[1], lines[2]
	for line := range strings.Lines(signatures) {
		words := strings.Fields(line)
		if len(words) == 3 && words[1] != lines[0] {
			s.Witnesses = append(s.Witnesses, words[1])
		}
	}
}

// batch reads the end of an import.
func (p *Page) batch(ctx context.Context, f *frame, id domain.EventID) batchShown {
	b := batchShown{Href: f.To("/events/", id)}
	record, err := p.findEvent(ctx, id.String())
	if err != nil {
		return b
	}
	e := record.Event
	b.Closed, b.Division = china(e.Recorded), f.Lang.place(e.Division)
	kind, err := e.Kind()
	if err != nil {
		return b
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if closed, ok := fact.(*domain.BatchClosed); ok && err == nil {
		b.Template, b.Accepted, b.Duplicates, b.Changed = f.Lang.template(closed.Template), closed.Accepted, closed.Duplicates, closed.Changed
		for _, c := range closed.Rejected.Counts {
			b.Refused += c.Rows
		}
	}
	return b
}

// latest are the events recorded last, of all streams together.
func (p *Page) latest(ctx context.Context, f *frame) (ticks []tick) {
	var last []*events.Event
	for _, s := range p.ledger.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		for n := s.Durable; n > 0 && n+lastEvents > s.Durable; n-- {
			e, err := p.eventAt(ctx, province, n)
			if err != nil {
				continue // a message that is no event of ours
			}
			last = append(last, e)
		}
	}
	slices.SortStableFunc(last, func(a, b *events.Event) int { return cmp.Compare(b.Recorded, a.Recorded) })
	for _, e := range last[:min(len(last), lastEvents)] {
		t := tick{
			At: china(e.Recorded), Office: f.Lang.pick(domain.Label(e.Source.Department)), Subject: e.Subject.String(),
			Place: e.Stream() + ":" + strconv.FormatUint(e.Sequence, 10), Name: e.Type, SubjectHref: entityAddress(e.Subject, f.To),
		}
		if kind, err := e.Kind(); err == nil {
			t.Name = f.Lang.pick(kind.Label)
		}
		t.Href = f.To("/events/", e.ID)
		ticks = append(ticks, t)
	}
	return ticks
}
