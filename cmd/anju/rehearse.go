package main

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// rehearsalFlags are the flags of a simulation that is fed from another ledger.
type rehearsalFlags struct {
	From  string  `placeholder:"SOURCE" help:"Feed from a replay of this ledger, a folder or a server's URL: its facts are recorded anew, every sealed field made up. 由另一账本的重放供数，加密字段一律换成虚构值。"`
	Speed float64 `placeholder:"FACTOR" help:"With --from: at the pace at which they were recorded, times this: 86400 is a day a second; default: as fast as it goes. 按倍速。"`
	Until string  `placeholder:"TIME" help:"With --from: only what was recorded by then, a date or an RFC 3339 time. 截至记录时刻。"`
	AsOf  string  `name:"as-of" placeholder:"DATE" help:"With --from: only what was true by this date. 截至世界日期。"`
}

// rehearsalReport is what a rehearsal recorded.
type rehearsalReport struct {
	Events     int64          `json:"events"`     // of the source, within the bounds
	Facts      int64          `json:"facts"`      // of them that the target has now
	Already    int64          `json:"already"`    // of the facts: they were there
	Households int64          `json:"households"` // that they brought into being, as persons
	Persons    int64          `json:"persons"`
	MadeUp     int64          `json:"made_up"` // sealed fields
	Left       []leftBehind   `json:"left"`
	Position   string         `json:"position"` // how far the source was read
	Ended      bool           `json:"ended"`    // false when its user stopped it
	Seconds    float64        `json:"seconds"`
	left       map[string]int // places in Left
}

// leftBehind counts events that were not carried over, by type and reason.
type leftBehind struct {
	Type   string      `json:"type"`
	Why    domain.Text `json:"why"`
	Events int64       `json:"events"`
}

// leave counts an event that is not carried over.
func (r *rehearsalReport) leave(kind string, why domain.Text) {
	key := kind + "\x00" + why.EN
	at, there := r.left[key]
	if !there {
		at = len(r.Left)
		r.left[key] = at
		r.Left = append(r.Left, leftBehind{Type: kind, Why: why})
	}
	r.Left[at].Events++
}

// bounds are the moments beyond which a rehearsal leaves facts out.
type bounds struct {
	until domain.Moment
	asOf  domain.Day
}

// bounds reads the flags.
func (f rehearsalFlags) bounds() (b bounds, err error) {
	b = bounds{until: math.MaxInt64, asOf: domain.NoDay}
	if err := speedRefusal(f.Speed); err != nil {
		return b, err
	}
	if f.Until != "" {
		if b.until, err = domain.ParseKnownAt(f.Until); err != nil {
			return b, fmt.Errorf("--until %q：应为日期或带时区（+08:00 或 Z）的时刻，如 2021-06-30 / it is a date, or a time in +08:00 or Z, such as 2021-06-30", f.Until)
		}
	}
	if f.AsOf != "" {
		if b.asOf, err = domain.ParseDay(f.AsOf); err != nil {
			return b, fmt.Errorf("--as-of %q：应为日期，如 2021-06-30 / it is a date, such as 2021-06-30", f.AsOf)
		}
	}
	return b, nil
}

// speedRefusal refuses what is no speed.
func speedRefusal(speed float64) error {
	if speed >= 0 && !math.IsInf(speed, 0) && !math.IsNaN(speed) {
		return nil
	}
	return fmt.Errorf("--speed %g：应为0或正数，如 86400 表示每秒一天；0 表示尽快 / a speed is 0 or above, such as 86400 for a day a second; 0 is as fast as it goes", speed)
}

// source is the ledger that feeds a rehearsal.
func (f rehearsalFlags) source(to target) (target, error) {
	if strings.HasPrefix(f.From, "http://") || strings.HasPrefix(f.From, "https://") {
		if serverOf(f.From) == serverOf(to.Server) && to.Dir == "" {
			return target{}, errSameLedger
		}
		return target{Server: f.From}, nil
	}
	if found, err := os.Stat(f.From); err != nil || !found.IsDir() {
		return target{}, fmt.Errorf("--from %q：应为账本目录或服务地址，如 county 或 http://127.0.0.1:8420 / it is a ledger's folder or a server's address, such as county or http://127.0.0.1:8420", f.From)
	}
	one, err := filepath.Abs(f.From)
	other, failed := filepath.Abs(to.Dir)
	if to.Dir != "" && err == nil && failed == nil && one == other {
		return target{}, errSameLedger
	}
	return target{Dir: f.From}, nil
}

var errSameLedger = errors.New("--from 与目标是同一个账本：请用 --dir 指定另一个新目录 / --from names the target itself: name another, new folder by --dir")

// rehearse plays the facts of one ledger through the door of another.
func (c simulateCommand) rehearse(s *session) error {
	b, err := c.bounds()
	if err != nil {
		return err
	}
	from, err := c.source(c.target)
	if err != nil {
		return err
	}
	var report rehearsalReport
	err = from.with(s, func(source string) error {
		return c.withNew(s, func(base string) (err error) {
			report, err = c.play(s, source, base, b)
			return err
		})
	})
	if err != nil {
		return err
	}
	if s.json {
		return json.MarshalWrite(s.out, report, jsontext.WithIndent("  "))
	}
	printRehearsal(s, &report)
	return nil
}

// play carries the events over, at their pace.
func (c simulateCommand) play(s *session, source, base string, b bounds) (rehearsalReport, error) {
	began := time.Now()
	r := newRehearsal(s, base, b)
	if err := r.share(source); err != nil {
		return r.report, err
	}
	p := &pace{speed: c.Speed, tell: func(text string) { fmt.Fprintln(s.err, text) }}
	if c.Speed > 0 {
		p.commands = commandsOf(s.ctx, s.in)
	}
	bar := s.meter("演练 rehearsing", -1)
	defer bar.end()
	at := position{}
	err := c.pass(s, source, func(e *events.Event) error {
		if e.Recorded > b.until {
			return errEnough
		}
		if p.waits(e.Recorded) > 0 || p.paused { // what has come is recorded before what comes is waited for
			if err := r.flush(); err != nil {
				return err
			}
		}
		if _, err := p.reach(s.ctx, e.Recorded); err != nil && !errors.Is(err, errRewind) {
			return err
		}
		at[e.Stream()] = e.Sequence
		bar.set(r.report.Events)
		return r.take(e)
	})
	r.report.Ended = !errors.Is(err, errEnough)
	if errors.Is(err, errEnough) {
		err = nil
	}
	if err == nil {
		err = r.finish()
	}
	r.report.Position, r.report.Seconds = at.String(), time.Since(began).Seconds()
	return r.report, err
}

// pass hands out the events of all provinces in the order in which they were recorded: what one
// province says of another's people stands behind what it rests on.
func (c simulateCommand) pass(s *session, source string, take func(*events.Event) error) error {
	var a ledgerAnswer
	if err := fetch(s.plain(), get(source+"/v1/ledger", nil), &a); err != nil {
		return err
	}
	var heads []*head
	for _, st := range a.Streams {
		at := position{}
		for _, other := range a.Streams {
			if other.Stream != st.Stream {
				at[other.Stream] = math.MaxUint64
			}
		}
		next, stop := iter.Pull2((&reading{s: s, address: source + "/v1/events", at: at}).all())
		defer stop()
		heads = append(heads, &head{next: next})
	}
	for {
		h, err := earliest(heads)
		if err != nil || h == nil {
			return err
		}
		e := h.event
		h.event = nil
		if err := take(e); err != nil {
			return err
		}
	}
}

// head is the next event of one stream.
type head struct {
	next  func() (*events.Event, error, bool)
	event *events.Event
	ended bool
}

// earliest is the stream whose next event was recorded first, nil when all have ended.
func earliest(heads []*head) (first *head, err error) {
	for _, h := range heads {
		if h.event == nil && !h.ended {
			e, err, more := h.next()
			if err != nil {
				return nil, err
			}
			h.event, h.ended = e, !more
		}
		if h.event != nil && (first == nil || h.event.Recorded < first.event.Recorded) {
			first = h
		}
	}
	return first, nil
}

// errStopped ends a reading whose reader wants no more.
var errStopped = errors.New("stopped")

// all yields the events; each is the receiver's own.
func (r *reading) all() iter.Seq2[*events.Event, error] {
	return func(yield func(*events.Event, error) bool) {
		err := r.each(func(e *events.Event, _ []byte) error {
			e.Data = slices.Clone(e.Data)
			if !yield(e, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// belongs refuses a target that holds something else than this rehearsal: a ledger with facts of
// its own must not be mixed with made-up ones by a slip.
func (r *rehearsal) belongs(e *events.Event) error {
	var a ledgerAnswer
	if err := fetch(r.s.plain(), get(r.base+"/v1/ledger", nil), &a); err != nil {
		return err
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(durable(a))), func(n uint64) bool { return n > 0 }) {
		return nil
	}
	req, err := http.NewRequestWithContext(r.s.ctx, http.MethodGet, r.base+"/v1/events/"+e.ID.String()+"/proof", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return withoutAddress(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusNotFound { // what is there may not be signed yet
		return err
	}
	return errors.New("目标账本已有别的记录：演练只写入新账本，或继续同一来源的演练；请用 --dir 指定新目录 / the target holds other records: a rehearsal is recorded in a new ledger, or goes on where the same source's was stopped; name a new folder by --dir")
}

// durable are the ends of the streams.
func durable(a ledgerAnswer) position {
	at := position{}
	for _, st := range a.Streams {
		at[st.Stream] = st.Durable
	}
	return at
}

func printRehearsal(s *session, r *rehearsalReport) {
	page := newTable(nil, 1)
	page.add("来源事件 events of the source", grouped(int(r.Events)))
	page.add("已有事实 facts", grouped(int(r.Facts)))
	page.add("其中已有 there already", grouped(int(r.Already)))
	page.add("户 households", grouped(int(r.Households)))
	page.add("人 persons", grouped(int(r.Persons)))
	page.add("虚构字段 fields made up", grouped(int(r.MadeUp)))
	page.add("未带过来 not carried over", grouped(int(r.Events-r.Facts)))
	page.add("秒 seconds", fmt.Sprintf("%.1f", r.Seconds))
	page.write(s.out)
	for _, l := range r.Left {
		fmt.Fprintf(s.out, "未带过来 not carried over: %s  %s  %s / %s\n", grouped(int(l.Events)), l.Type, l.Why.ZH, l.Why.EN)
	}
	fmt.Fprintf(s.out, "来源读到 the source was read up to %s\n", r.Position)
	if !r.Ended {
		fmt.Fprintln(s.out, "再次执行同一命令即从此处继续 / the same command again goes on from here")
	}
}
