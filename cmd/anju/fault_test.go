package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/damage"
	"github.com/anju-ledger/anju/events/intake"
)

// faultStream is the stream that is damaged.
const (
	faultStream   = "ANJU-52"
	faultProvince = 52
)

// The seed: histories of a county, and placements behind them up to this many events. So the
// stream has six blocks, and its book two sealed segments and one that is nearly full.
const (
	seedHouseholds = "1400"
	seedEvents     = 49_000
)

// seed is the folder of a ledger that was served and stopped, and what is remembered of it outside
// the folder.
type seed struct {
	dir      string
	events   []string          // by GET /v1/events: event n at n-1, in the bytes of the log
	receipts map[string]uint64 // of keys: the sequences that were acknowledged last
	answers  string            // of boards and statuses
	ids      []string          // of households whose status is asked
	root     string            // over all events
	files    map[string][32]byte
}

// householdIDs finds the ids in a list of households.
var householdIDs = regexp.MustCompile(`"household":"([a-z0-9]+)"`)

// makeSeed fills a ledger through the doors of a served folder.
func makeSeed(t *testing.T) *seed {
	t.Helper()
	s := &seed{dir: filepath.Join(t.TempDir(), "seed"), receipts: map[string]uint64{}}
	c := startChild(t, s.dir, t.TempDir())
	code, _, message := anju(t, "simulate", "--server", c.url, "--households", seedHouseholds, "--division", "520603", "--seed", "7")
	require.Equal(t, exitDone, code, message)
	status, answer, err := ask(t.Context(), "POST", c.url+"/v1/events?department=rural&division=520603", "application/json", []byte(registerKilled))
	require.NoError(t, err)
	require.Equal(t, 201, status, string(answer))
	all, whole := eventsOf(t, c)
	require.True(t, whole)
	var lines bytes.Buffer
	for n := len(all); n < seedEvents; n++ {
		lines.WriteString(placedJob(fmt.Sprint("seed-", n)) + "\n")
	}
	_, answer, err = ask(t.Context(), "POST", c.url+"/v1/events?department=hrss&division=520603", "application/x-ndjson", lines.Bytes())
	require.NoError(t, err)
	for n, line := range strings.Split(strings.TrimSpace(string(answer)), "\n") {
		var r intake.Receipt
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		require.NotZero(t, r.Sequence, line)
		s.receipts[fmt.Sprint("seed-", len(all)+n)] = r.Sequence
	}
	s.events, whole = eventsOf(t, c)
	require.True(t, whole)
	require.Len(t, s.events, seedEvents)
	position := fmt.Sprintf("%s:%d", faultStream, seedEvents)
	require.Eventually(t, func() bool { // on a busy machine the views may need more than one answer's patience
		status, answer, err = ask(t.Context(), "GET", c.url+"/v1/households?division=520603&limit=8&at=2022-12-31&at_least="+position, "", nil)
		return err != nil || status == 200
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, err)
	for _, id := range householdIDs.FindAllSubmatch(answer, -1) {
		s.ids = append(s.ids, string(id[1]))
	}
	require.NotEmpty(t, s.ids)
	s.answers = s.answersOf(t, c)
	c.stop(t)
	report := verified(t, s.dir)
	require.True(t, report.OK)
	s.root, s.files = report.Streams[0].Root, hashesOf(t, s.dir)
	return s
}

// registerKilled registers the household whose member the placements are of.
const registerKilled = `{"type":"household.registered","key":"r/1","time":"2018-09-01","division":"520603003","data":{"number":"999","category":"poor","members":[{"number":"killed-1","name":"某甲","relation":"head"}]}}`

// placedJob is a submission of a placement.
func placedJob(key string) string {
	return `{"type":"job.placed","key":"` + key + `","time":"2020-03-05","data":{"person":{"number":"killed-1"},"channel":"factory"}}`
}

// shared says which files of a seed its copies link: those that nothing writes any more.
func (s *seed) shared(path string) bool {
	block, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(path), ".blk"))
	return strings.HasSuffix(path, ".zst") || err == nil && strings.HasSuffix(path, ".blk") && block <= 4
}

// copy makes a folder with the same ledger.
func (s *seed) copy(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ledger")
	require.NoError(t, damage.Copy(s.dir, dir, s.shared))
	return dir
}

// hashesOf are the hashes of all files of a folder.
func hashesOf(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	all := map[string][32]byte{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir)] = sha256.Sum256(b)
		return err
	}))
	return all
}

// eventsOf reads all events over HTTP, and says whether the answer came to its end: one that is
// broken off tells the client that it is not whole.
func eventsOf(t *testing.T, c *child) (lines []string, whole bool) {
	t.Helper()
	status, b, err := ask(t.Context(), "GET", c.url+"/v1/events", "", nil)
	if err == nil && status != 200 {
		return nil, false
	}
	if len(b) == 0 {
		return nil, err == nil
	}
	lines = strings.Split(string(b), "\n")
	lines = lines[:len(lines)-1]
	if n := len(lines) - 1; n >= 0 && strings.HasPrefix(lines[n], `{"type":"http`) {
		return lines[:n], false // a problem stands behind the last event
	}
	return lines, err == nil
}

// answersOf are boards and statuses, without the positions and moments at which they were asked.
func (s *seed) answersOf(t *testing.T, c *child) string {
	t.Helper()
	var all strings.Builder
	for _, at := range []string{"2019-12-31", "2021-06-30"} {
		all.WriteString(totalsOf(t, c, at))
	}
	for _, id := range s.ids {
		status, b, err := ask(t.Context(), "GET", c.url+"/v1/households/"+id+"?at=2022-12-31", "", nil)
		require.NoError(t, err)
		require.Equal(t, 200, status, string(b))
		var answer map[string]any
		require.NoError(t, json.Unmarshal(b, &answer))
		for _, moving := range []string{"position", "known_at", "as_of"} {
			delete(answer, moving)
		}
		text, err := json.Marshal(answer, json.Deterministic(true))
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// verified is what "anju verify" says of a folder; it must end with 0 or 3.
func verified(t *testing.T, dir string) verifyAnswer {
	t.Helper()
	code, out, message := anju(t, "verify", "--json", "--dir", dir)
	require.Contains(t, []int{exitDone, exitDiffers}, code, message)
	var a verifyAnswer
	require.NoError(t, json.Unmarshal([]byte(out), &a))
	require.Equal(t, a.OK, code == exitDone)
	require.NotEmpty(t, a.Streams)
	return a
}

// logOf reads the whole log of a folder that nobody serves.
func logOf(t *testing.T, dir string) (lines []string) {
	t.Helper()
	openFolder(t, dir, func(l *events.Ledger) {
		for rec, err := range l.Read(t.Context(), faultProvince, 0) {
			require.NoError(t, err)
			require.NotNil(t, rec.Event, "a foreign entry at %d", rec.Sequence)
			require.EqualValues(t, len(lines)+1, rec.Sequence)
			lines = append(lines, string(rec.Body))
		}
	})
	return lines
}
