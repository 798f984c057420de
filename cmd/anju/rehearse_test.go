package main

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample/county"
)

// ranCommand, when set, makes the test binary a child process that runs one command line, an argument a line.
const ranCommand = "ANJU_TEST_RAN_COMMAND"

// TestRunsACommandAsAChild is no test of its own: it is what commandChild runs.
func TestRunsACommandAsAChild(t *testing.T) {
	line := os.Getenv(ranCommand)
	if line == "" {
		t.Skip("runs as a child of other tests")
	}
	os.Exit(run(&session{ctx: t.Context(), in: &bytes.Buffer{}, out: os.Stdout, err: os.Stderr}, strings.Split(line, "\n")))
}

// commandChild is a command line in a process of its own, not started yet.
func commandChild(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRunsACommandAsAChild$")
	cmd.Env = append(os.Environ(), ranCommand+"="+strings.Join(args, "\n"))
	return cmd
}

// rehearse runs a rehearsal and returns its report.
func rehearse(t *testing.T, args ...string) (r rehearsalReport) {
	t.Helper()
	code, out, message := anju(t, append([]string{"--json", "simulate"}, args...)...)
	require.Equal(t, exitDone, code, message)
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return r
}

// ledgersEvents are the ids of the events of a ledger with the homes that they stand under there.
func ledgersEvents(t *testing.T, n *node) (ids []domain.EventID, homes map[domain.EventID]domain.Entity) {
	t.Helper()
	homes = map[domain.EventID]domain.Entity{}
	for _, province := range n.ledger.Provinces() {
		for rec, err := range n.ledger.Read(t.Context(), province, 0) {
			require.NoError(t, err)
			ids = append(ids, rec.Event.ID)
			homes[rec.Event.ID] = rec.Event.Subject
		}
	}
	return ids, homes
}

// sameOrder compares what two ledgers hold: the same events, none twice, and those of each home in the same order.
func sameOrder(t *testing.T, theirs, ours []domain.EventID, homes map[domain.EventID]domain.Entity) {
	t.Helper()
	require.Len(t, ours, len(theirs), "the same events, none twice")
	byHome := func(all []domain.EventID) map[domain.Entity][]domain.EventID {
		order := map[domain.Entity][]domain.EventID{}
		for _, id := range all {
			order[homes[id]] = append(order[homes[id]], id)
		}
		return order
	}
	require.Equal(t, byHome(theirs), byHome(ours), "in the same order")
}

// nodeOf serves a folder for as long as the test looks at it.
func nodeOf(t *testing.T, dir string) *node {
	t.Helper()
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: dir, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	return n
}

// TestTheCountyIsRehearsed plays the sample county, from a server, into a new folder by a process that is
// killed on the way, and once more: the same events in the same order, the same states, nobody's name.
func TestTheCountyIsRehearsed(t *testing.T) {
	nobody := newPeople(t)
	first, root := filepath.Join(t.TempDir(), "county"), t.TempDir()
	code, _, message := anju(t, append([]string{"import", "--dir", first, "--division", county.Division}, countyFiles(t, county.Names()...)...)...)
	require.Equal(t, exitDone, code, message)
	source := nodeOf(t, first)
	t.Cleanup(func() { require.NoError(t, source.close()) })

	dir := filepath.Join(root, "rehearsal")
	cmd := commandChild(t, "simulate", "--from", source.url, "--dir", dir)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		info, err := os.Stat(filepath.Join(dir, "book", "ANJU-52", "entries", "000000"))
		return err == nil && info.Size() > 3<<20 // of some sixteen
	}, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())

	report := rehearse(t, "--from", source.url, "--dir", dir)
	require.Greater(t, report.Already, int64(500), "it goes on where it was killed")
	require.Greater(t, report.Facts, report.Already)
	require.Equal(t, []leftBehind{{"import.batch_closed", ofTheLedger, int64(len(county.Names()))}}, report.Left)
	require.Equal(t, report.Events, report.Facts+int64(len(county.Names())))
	require.Greater(t, report.MadeUp, int64(20_000))

	second := nodeOf(t, dir)
	theirs, theirHomes := ledgersEvents(t, source)
	ours, ourHomes := ledgersEvents(t, second)
	theirs = slices.DeleteFunc(theirs, func(id domain.EventID) bool { return !ourHomes[id].Present() })
	sameOrder(t, theirs, ours, theirHomes)
	sameStates(t, source, second, theirHomes, ourHomes)
	require.NoError(t, second.close())

	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		require.Empty(t, nobody.in(path, b))
		require.Empty(t, nobody.numbers(b), path)
		return err
	}))
}

// people finds the sample county's people in files: names and notes in any form, numbers in ASCII.
type people struct {
	*seeker
	known map[string]bool // numbers
}

func newPeople(t *testing.T) people {
	p, names := people{known: map[string]bool{}}, []string{}
	for column, values := range personalValues(t) {
		for _, v := range values {
			if digits := strings.TrimRight(v, "X0123456789") == ""; digits {
				p.known[v] = len(v) > 10
			} else if column != "发现问题" { // its words are the texts of open codes too
				names = append(names, v)
			}
		}
	}
	p.seeker = newSeeker(names)
	require.Greater(t, len(p.known), 5000)
	require.Contains(t, p.numbers([]byte("a1520603900002011")), "52060390000201", "it can find one")
	return p
}

// numbers returns the numbers that stand in bytes or in what is packed in them. (Thousands of numbers
// begin alike: the seeker would compare every division's code with all of them.)
func (p people) numbers(b []byte) (found []string) {
	for _, run := range regexp.MustCompile(`[0-9]{11,}X?`).FindAll(b, -1) {
		for _, length := range []int{11, 12, 14, 18} {
			for at := 0; at+length <= len(run); at++ {
				if number := string(run[at : at+length]); p.known[number] {
					found = append(found, number)
				}
			}
		}
	}
	for _, part := range unpacked(b) {
		found = append(found, p.numbers(part)...)
	}
	return found
}

// sameStates compares boards, and each household's status with that of the one that stands under the same events.
func sameStates(t *testing.T, a, b *node, theirs, ours map[domain.EventID]domain.Entity) {
	t.Helper()
	counterparts := map[domain.Entity]domain.Entity{}
	for id, home := range ours {
		if home.Kind() == domain.HouseholdKind {
			counterparts[theirs[id]] = home
		}
	}
	for _, day := range []domain.Day{domain.MakeDay(2020, 3, 5), domain.MakeDay(2021, 6, 30), domain.MakeDay(2022, 12, 31)} {
		require.Equal(t, boardOf(t, a, day), boardOf(t, b, day), day)
		for their, our := range counterparts {
			one, err := a.views.Household(their, day)
			require.NoError(t, err)
			other, err := b.views.Household(our, day)
			require.NoError(t, err)
			require.Equal(t, one.State, other.State, their)
			for d, answer := range one.Dimensions {
				require.Equal(t, []any{answer.Level, answer.Stale}, []any{other.Dimensions[d].Level, other.Dimensions[d].Stale}, "%s %s", their, d)
			}
		}
	}
	require.NotEmpty(t, counterparts)
}

// boardOf is a board as JSON has it, without what a rehearsal does not keep: when things were recorded.
func boardOf(t *testing.T, n *node, day domain.Day) (board map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(body(t, n.url+"/v1/divisions/52/board?at="+day.String())), &board))
	for _, name := range []string{"known_at", "position", "lag"} {
		delete(board, name)
	}
	return board
}

// tale is a history of sets and acts, a request a line: department, flags and body.
const tale = `rural  {"type":"household.registered","key":"a","time":"2018-09-01","division":"520603003","data":{"number":"520603000001","category":"poor","members":[{"number":"52060300000101","name":"某甲","id_number":"990101198112010025","phone":"19900000001","relation":"head","health":"ill"},{"number":"52060300000102","name":"某乙","relation":"spouse"},{"name":"某丙","relation":"child","birth_month":"2001-03"}]}}
rural  {"type":"household.registered","key":"b","time":"2018-09-01","division":"520603003","data":{"number":"520603000002","category":"poor","members":[{"number":"52060300000201","name":"某丁","relation":"head"},{"number":"52060300000202","relation":"child"}]}}
rural  {"type":"dwelling.handed_over","key":"c","time":"2019-01-05","subject":{"number":"520603000001"},"data":{"address":{"block":"1","unit":"1","room":"101"}}}
hrss  {"type":"job.placed","key":"d","time":"2020-03-05","data":{"person":{"number":"52060300000101"},"channel":"factory","wage_fen_month":320000}}
hrss  {"type":"record.corrected","key":"e","time":"2020-04-01T10:00:00Z","data":{"target_event":"ID:hrss:d","reason":"typo","data":{"person":{"number":"52060300000101"},"channel":"workshop","wage_fen_month":330000}}}
rural  {"type":"record.corrected","key":"f","time":"2020-04-01T10:00:00Z","data":{"target_event":"ID:rural:b","reason":"typo","data":{"number":"520603000002","category":"accompanying","members":[{"number":"52060300000201","name":"某戊","relation":"head"},{"number":"52060300000202","name":"某己","relation":"child"}]}}}
hrss  {"type":"training.completed","key":"g","time":"2020-05-05","data":{"person":{"number":"52060300000201"},"course":"缝纫"}}
hrss  {"type":"record.voided","key":"h","time":"2020-06-01T10:00:00Z","data":{"target_event":"ID:hrss:g","reason":"false","approved_by":"WangWu1"}}
hrss  {"type":"record.voided","key":"i","time":"2020-06-02T10:00:00Z","data":{"target_event":"ID:hrss:h","reason":"false"}}
psb  {"type":"record.disputed","key":"j","time":"2020-06-03T10:00:00Z","data":{"target_event":"ID:hrss:d","claim":"not_so","note":"本人不在该厂"}}
township atomic [{"type":"household.moved","key":"k","time":"2020-07-01","division":"520603003","subject":{"number":"520603000002"},"data":{"kind":"left_county"}},{"type":"visit.made","key":"l","time":"2020-07-02","subject":{"number":"520603000002"},"data":{"purpose":"routine","found":["ill"],"note":"某丁不在"}}]
psb atomic [{"type":"household.member_left","key":"m","time":"2020-08-01","data":{"person":{"number":"52060300000202"},"reason":"marriage"},"subject":{"number":"520603000002"}},{"type":"household.member_joined","key":"n","time":"2020-08-01","subject":{"number":"520603000001"},"data":{"member":{"person":{"number":"52060300000202"},"relation":"other"},"reason":"marriage","from_household":{"number":"520603000002"}}}]
township  {"type":"household.split","key":"o","time":"2020-09-01","subject":{"number":"520603000001"},"data":{"children":[{"members":[{"number":"52060300000102"}]}]}}
rural atomic [{"type":"household.registered","key":"p","time":"2020-10-01","division":"520603003","data":{"category":"poor","members":[{"name":"某庚","relation":"head"}]}},{"type":"dwelling.handed_over","key":"q","time":"2020-10-02","division":"520603003","subject":{"event":0,"at":"/subject"},"data":{"address":{"block":"1","unit":"1","room":"102"}}},{"type":"dwelling.occupancy_checked","key":"r","time":"2020-10-03","division":"520603003","subject":{"event":0,"at":"/subject"},"data":{"dwelling":{"event":1,"at":"/data/dwelling"},"state":"lived_in"}}]
`

// tell records the tale.
func tell(t *testing.T, url string) {
	t.Helper()
	for request := range strings.Lines(tale) {
		department, rest, _ := strings.Cut(request, " ")
		atomic, events, _ := strings.Cut(rest, " ")
		for _, source := range []domain.Department{"hrss", "rural"} {
			for _, key := range strings.Split("abcdefgh", "") {
				id := domain.DeriveEventID(domain.Source{Department: source, Division: "520603"}, key)
				events = strings.ReplaceAll(events, "ID:"+string(source)+":"+key+`"`, id.String()+`"`)
			}
		}
		address := url + "/v1/events?division=520603&department=" + department
		if atomic != "" {
			address += "&atomic=true"
		}
		status, answer, err := ask(t.Context(), http.MethodPost, address, "application/json", []byte(events))
		require.NoError(t, err)
		require.Less(t, status, 300, "%s%s", events, answer)
		require.NotContains(t, string(answer), `"status":`, events)
	}
}

func TestARehearsalKeepsSetsAndActs(t *testing.T) {
	source := nodeOf(t, t.TempDir())
	t.Cleanup(func() { require.NoError(t, source.close()) })
	tell(t, source.url)
	dir := filepath.Join(t.TempDir(), "rehearsal")
	report := rehearse(t, "--from", source.url, "--dir", dir, "--speed", "1e9")
	require.Empty(t, report.Left)
	require.Equal(t, report.Events, report.Facts)
	require.Equal(t, []int64{3, 6}, []int64{report.Households - 1, report.Persons}, "a child of the split is none that was registered")
	again := rehearse(t, "--from", source.url, "--dir", dir)
	require.Equal(t, again.Facts, again.Already)

	second := nodeOf(t, dir)
	theirs, theirHomes := ledgersEvents(t, source)
	ours, ourHomes := ledgersEvents(t, second)
	sameOrder(t, theirs, ours, theirHomes)
	sameStates(t, source, second, theirHomes, ourHomes)
	sets := 0
	for rec, err := range second.ledger.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.NotContains(t, string(rec.Event.Data), "WangWu1", "an approver is somebody")
		if rec.Event.Set.ID.Present() {
			sets++
		}
	}
	require.Equal(t, 7, sets, "sets are sets")
	household, err := second.door.Lookup(domain.HouseholdKind, "520603", "rehearsal-"+theirHomes[theirs[0]].String())
	require.NoError(t, err)
	require.Equal(t, ourHomes[ours[0]], household, "who knows an id of the first finds its counterpart")
	require.NoError(t, second.close())

	t.Run("bounds", func(t *testing.T) {
		report := rehearse(t, "--from", source.url, "--dir", filepath.Join(t.TempDir(), "r"), "--as-of", "2020-03-31")
		require.Equal(t, int64(7), report.Facts, "two registered, keys, a job; two corrections and a dispute of these")
		for _, l := range report.Left {
			require.Contains(t, []domain.Text{laterThanDay, actOnLeft}, l.Why)
		}
		report = rehearse(t, "--from", source.url, "--dir", filepath.Join(t.TempDir(), "r"), "--until", "2018-01-01")
		require.Zero(t, report.Facts)
		require.False(t, report.Ended)
	})
	t.Run("refusals", func(t *testing.T) { wrongRehearsals(t, source.url) })
}

// wrongRehearsals are refused before anything is recorded.
func wrongRehearsals(t *testing.T, url string) {
	other, mine := filepath.Join(t.TempDir(), "new"), lateLedger(t)
	for _, wrong := range []struct {
		args []string
		says []string
	}{
		{[]string{"--from", url, "--speed=-1"}, []string{"--speed -1", "0或正数", "0 or above"}},
		{[]string{"--from", url, "--speed=NaN"}, []string{"--speed NaN", "0或正数", "0 or above"}},
		{[]string{"--from", url, "--until", "soon"}, []string{`--until "soon"`, "带时区", "a date"}},
		{[]string{"--from", url, "--as-of", "30.6.2021"}, []string{`--as-of "30.6.2021"`, "应为日期", "it is a date"}},
		{[]string{"--from", filepath.Join(mine, "none")}, []string{"--from", "账本目录或服务地址", "a ledger's folder or a server's address"}},
		{[]string{"--from", url, "--division", "520603"}, []string{"--division", "全部事实", "leave them out"}},
		{[]string{"--from", url, "--households", "7"}, []string{"--households", "全部事实", "leave them out"}},
		{[]string{"--until", "2021-06-30"}, []string{"--until", "只与 --from 同用", "go with --from"}},
		{[]string{"--from", other}, []string{"--from", "账本目录或服务地址", "a ledger's folder"}},
		{[]string{"--from", mine, "--dir", mine}, []string{"--from", "同一个账本", "names the target itself"}},
		{[]string{"--from", url, "--dir", mine}, []string{"已有别的记录", "holds other records", "--dir"}},
	} {
		if len(wrong.args) == 2 || wrong.args[2] != "--dir" {
			wrong.args = append(wrong.args, "--dir", other)
		}
		code, _, message := anju(t, append([]string{"simulate"}, wrong.args...)...)
		require.Equal(t, exitFailed, code, wrong.args)
		for _, words := range wrong.says {
			require.Contains(t, message, words)
		}
		_, err := os.Stat(filepath.Join(other, "book"))
		require.True(t, errors.Is(err, fs.ErrNotExist) || wrong.args[1] == url, wrong.args)
	}
	code, out, _ := anju(t, "replay", "--dir", mine)
	require.Equal(t, exitDone, code)
	require.Equal(t, 2, strings.Count(out, "\n"), "nothing was added to it")
}

// TestProvincesAreRehearsedInTheOrderOfRecording: what Hubei (42) records of a person of Guizhou (52) rests on what
// stands in the stream that is read after its own.
func TestProvincesAreRehearsedInTheOrderOfRecording(t *testing.T) {
	source := nodeOf(t, t.TempDir())
	t.Cleanup(func() { require.NoError(t, source.close()) })
	for _, r := range []struct{ division, body string }{
		{"520603", `{"type":"household.registered","key":"a","time":"2018-09-01","division":"520603003","data":{"number":"520603000001","category":"poor","members":[{"number":"52060300000101","name":"某甲","relation":"head"},{"number":"52060300000102","name":"某乙","relation":"child"}]}}`},
		{"420528", `{"type":"household.registered","key":"b","time":"2018-09-01","division":"420528","data":{"number":"420528000001","category":"poor","members":[{"number":"42052800000101","name":"某丙","relation":"head"}]}}`},
		{"520603", `{"type":"household.member_left","key":"c","time":"2020-03-05","data":{"person":{"number":"52060300000102"},"reason":"marriage"},"subject":{"number":"520603000001"}}`},
		{"420528", `{"type":"household.member_joined","key":"d","time":"2020-03-06","division":"420528","subject":{"number":"420528000001"},"data":{"member":{"person":{"number":"52060300000102","division":"520603"},"relation":"spouse"},"reason":"marriage","from_household":{"number":"520603000001","division":"520603"}}}`},
	} {
		status, answer, err := ask(t.Context(), http.MethodPost, source.url+"/v1/events?department=rural&division="+r.division, "application/json", []byte(r.body))
		require.NoError(t, err)
		require.Equal(t, 201, status, string(answer))
	}
	dir := filepath.Join(t.TempDir(), "rehearsal")
	report := rehearse(t, "--from", source.url, "--dir", dir)
	require.Empty(t, report.Left)
	require.Equal(t, []int64{4, 2, 3}, []int64{report.Facts, report.Households, report.Persons})
	require.Equal(t, "ANJU-42:2,ANJU-52:2", report.Position)
	second := nodeOf(t, dir)
	_, theirs := ledgersEvents(t, source)
	_, ours := ledgersEvents(t, second)
	require.Len(t, ours, 4)
	sameStates(t, source, second, theirs, ours)
	require.NoError(t, second.close())
}
