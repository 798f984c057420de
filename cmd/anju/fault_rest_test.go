package main

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/intake"
)

// damaged makes a fault in a copy of the seed, serves it, and asks what it does: whoever finds the
// fault must name its events, no answer may be wrong, and after the start, or a repair, everything
// is there as it was.
func (s *seed) damaged(t *testing.T, f fault, r *faultRow) {
	w := &wound{t: t, dir: s.copy(t)}
	require.NoError(t, f.do(w), "the fault was not made")
	r.injected, r.repaired = w.what, "the start"
	var found evidence
	if c := tryChild(t, w.dir, t.TempDir()); c.serves() {
		s.askDamaged(t, c, &found)
		c.stop(t)
		found.mended(c.logs.String())
	} else {
		require.Equal(t, exitFailed, c.gone().ExitCode(), c.logs)
		found.add(startRefused, c.logs.String())
	}
	code, out, message := anju(t, "verify", "--json", "--dir", w.dir)
	switch code {
	case exitDone:
		if slices.Contains(found.by, theScrub) {
			r.repaired = theScrub
		}
	case exitDiffers, exitFailed:
		if code == exitDiffers {
			var a verifyAnswer
			require.NoError(t, json.Unmarshal([]byte(out), &a))
			found.verified(a)
		} else {
			require.Equal(t, []string{startRefused}, found.by, message)
		}
		code, out, message = anju(t, "repair", "--yes", "--dir", w.dir, faultStream)
		require.Equal(t, exitDone, code, out+message)
		r.repaired = "anju repair"
	default:
		require.Fail(t, "the verification was not made", message)
	}
	a := verified(t, w.dir)
	require.True(t, a.OK, a)
	if f.harmless == "" && len(found.by) == 0 { // the scrub put it right before it could be asked
		c := startChild(t, w.dir, t.TempDir())
		askAlarm(t, c, &found)
		c.stop(t)
		r.repaired = theScrub
	}
	s.keeps(t, w.dir)
	r.lost = "0"
	found.tell(t, f, w, r)
}

// Who finds a fault: a server that ended at its start, and one that reads everything again.
const (
	startRefused = "the start is refused"
	theScrub     = "the scrub"
)

// evidence is what was said of a fault, and which events it was said of.
type evidence struct {
	by    []string
	named [][2]uint64 // both included
	said  []string
}

// eventRanges finds the events that a sentence names.
var eventRanges = regexp.MustCompile(`(?:events? |message |entr(?:y|ies) |ANJU-52:)(\d+)(?: to (?:ANJU-52:)?(\d+))?`)

// add notes that somebody found something.
func (e *evidence) add(by, said string) {
	e.by, e.said = append(e.by, by), append(e.said, said)
	for _, m := range eventRanges.FindAllStringSubmatch(said, -1) {
		from, _ := strconv.ParseUint(m[1], 10, 64)
		to, err := strconv.ParseUint(m[2], 10, 64)
		if err != nil {
			to = from
		}
		e.named = append(e.named, [2]uint64{from, to})
	}
}

// mended notes what a start says that it put right.
func (e *evidence) mended(logs string) {
	for line := range strings.Lines(logs) {
		if strings.Contains(line, "已自行修复 mended") {
			e.add("the start", line)
		}
	}
}

// verified notes what a verification found.
func (e *evidence) verified(a verifyAnswer) {
	e.by = append(e.by, "anju verify")
	for _, f := range a.Streams[0].Findings {
		if f.From == 0 { // of the stream's settings
			e.said = append(e.said, f.Detail.EN)
			continue
		}
		e.named = append(e.named, [2]uint64{f.From, f.To})
	}
}

// join joins the ranges that are named.
func (e *evidence) join() {
	slices.SortFunc(e.named, func(a, b [2]uint64) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	var joined [][2]uint64
	for _, r := range e.named {
		if n := len(joined); n > 0 && r[0] <= joined[n-1][1]+1 {
			joined[n-1][1] = max(joined[n-1][1], r[1])
			continue
		}
		joined = append(joined, r)
	}
	e.named = joined
}

// names says that the events of a wound are named and no others, or what the wound permits.
func (e *evidence) names(w *wound) bool {
	within := [2]uint64{w.from, w.to}
	if w.because == "" {
		return len(e.named) == 1 && e.named[0] == within
	}
	if w.wider != [2]uint64{} {
		within = w.wider
	}
	all := w.some
	for _, r := range e.named {
		if r[0] < within[0] || r[1] > within[1] {
			return false
		}
		all = all || r[0] <= w.from && w.to <= r[1]
	}
	return all && len(e.named) > 0
}

// places are the events that are named.
func (e *evidence) places() string {
	var places []string
	for _, n := range e.named {
		place := fmt.Sprint(n[0])
		if n[1] > n[0] {
			place += fmt.Sprintf("–%d", n[1])
		}
		places = append(places, place)
	}
	return strings.Join(places, ", ")
}

// tell fills in the columns, and fails when nobody found the fault or named its events.
func (e *evidence) tell(t *testing.T, f fault, w *wound, r *faultRow) {
	t.Helper()
	e.join()
	r.detected, r.named = strings.Join(slices.Compact(e.by), ", "), "no event is concerned"
	if f.harmless != "" && len(e.by) == 0 {
		r.detected, r.repaired = f.harmless, "not needed"
		return
	}
	require.NotEmpty(t, e.by, "nobody found it")
	if w.from > 0 {
		require.True(t, e.names(w), "events %d to %d are to be named, and no others: %v %q", w.from, w.to, e.named, e.said)
	} else {
		require.Empty(t, e.named, "no event is concerned: %q", e.said)
	}
	if w.names != "" {
		require.Contains(t, strings.Join(e.said, "\n"), w.names)
		r.named = w.names
	}
	if len(e.named) > 0 {
		if r.named = e.places(); w.names != "" {
			r.named += ", " + w.names
		}
		if w.because != "" && (len(e.named) != 1 || e.named[0] != [2]uint64{w.from, w.to}) {
			r.named += fmt.Sprintf(" (of %d–%d: %s)", w.from, w.to, w.because)
		}
	}
}

// askAlarm asks a served ledger whether it is ready and what its alarm is.
func askAlarm(t *testing.T, c *child, found *evidence) (ready bool) {
	t.Helper()
	_, b, err := ask(t.Context(), "GET", c.url+"/v1/ledger", "", nil)
	require.NoError(t, err)
	var l struct {
		Streams []struct {
			Alarms []struct {
				From   uint64 `json:"from"`
				To     uint64 `json:"to"`
				Detail string `json:"detail"`
			} `json:"alarms"`
		} `json:"streams"`
	}
	require.NoError(t, json.Unmarshal(b, &l))
	require.Len(t, l.Streams, 1)
	status, _, err := ask(t.Context(), "GET", c.url+"/readyz", "", nil)
	require.NoError(t, err)
	by := theScrub
	if status != 200 {
		by = "the door stands still"
	}
	for _, a := range l.Streams[0].Alarms {
		found.add(by, a.Detail)
		if a.From > 0 {
			found.named = append(found.named, [2]uint64{a.From, a.To})
		}
	}
	require.True(t, status == 200 || len(found.by) > 0, "it is not ready and does not say why")
	return status == 200
}

// askDamaged asks a served ledger with a fault: no answer may be wrong.
func (s *seed) askDamaged(t *testing.T, c *child, found *evidence) {
	t.Helper()
	ready := askAlarm(t, c, found)
	lines, whole := eventsOf(t, c)
	require.LessOrEqual(t, len(lines), len(s.events))
	for i, line := range lines {
		require.Equal(t, s.events[i], line, "event %d is served with other bytes", i+1)
	}
	require.True(t, len(lines) == len(s.events) || !whole, "the answer ends at %d as if that were all", len(lines))
	require.Equal(t, s.answers, s.answersOf(t, c))
	key := fmt.Sprint("seed-", seedEvents-1)
	recorded, b, err := ask(t.Context(), "POST", c.url+"/v1/events?department=hrss&division=520603", "application/json", []byte(placedJob(key)))
	require.NoError(t, err)
	if ready {
		var again intake.Receipt
		require.NoError(t, json.Unmarshal(b, &again))
		require.Equal(t, 200, recorded, string(b))
		require.Equal(t, s.receipts[key], again.Sequence)
		status, b, err := ask(t.Context(), "POST", c.url+"/v1/events?department=hrss&division=520603", "application/json", []byte(placedJob("after")))
		require.NoError(t, err)
		require.Equal(t, 201, status, string(b))
	}
}

// keeps checks that a folder's log holds all of the seed's events, in their bytes, once.
func (s *seed) keeps(t *testing.T, dir string) {
	t.Helper()
	lines := logOf(t, dir)
	require.GreaterOrEqual(t, len(lines), len(s.events))
	for i, line := range s.events {
		require.Equal(t, line, lines[i], "event %d", i+1)
	}
}
