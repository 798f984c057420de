package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// anju runs a command line in memory.
func anju(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(&session{ctx: t.Context(), in: &bytes.Buffer{}, out: &stdout, err: &stderr}, args)
	return code, stdout.String(), stderr.String()
}

// body returns what a server answers.
func body(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(b)
}

func TestKindsListsTheCatalogue(t *testing.T) {
	code, out, _ := anju(t, "kinds")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "job.placed")
	code, out, _ = anju(t, "kinds", "--json")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"type":"title.certificate_issued"`)
}

func TestSchemaPrintsATypeOrSaysWhatToDo(t *testing.T) {
	code, out, _ := anju(t, "schema", "job.placed")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "wage_fen_month")
	code, _, message := anju(t, "schema", "job.paid")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "anju kinds")
}

const twoEvents = `{"type":"household.registered","key":"register/1","time":"2018-09-01","division":"520603003","data":{"number":"520603000001","category":"poor","members":[{"number":"52060300000101","name":"某甲","relation":"head"}]}}
{"type":"job.placed","key":"job/1","time":"2020-03-05","data":{"person":{"number":"52060300000101"},"employer":"某服装车间","channel":"factory","wage_fen_month":320000}}
`

// TestADepartmentRecordsAndAnAnalystReplays is the shortest day in the life of a ledger.
func TestADepartmentRecordsAndAnAnalystReplays(t *testing.T) {
	dir := t.TempDir()
	register, job, _ := strings.Cut(twoEvents, "\n")
	for name, body := range map[string]string{"rural": register, "hrss": job} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600))
	}
	for _, department := range []string{"rural", "hrss"} {
		code, out, message := anju(t, "record", "--json", "--dir", dir, "--department", department, "--division", "520603", filepath.Join(dir, department))
		require.Equal(t, exitDone, code, out+message)
		require.Contains(t, out, `"stream":"ANJU-52"`)
	}
	code, out, _ := anju(t, "replay", "--dir", dir)
	require.Equal(t, exitDone, code)
	require.Equal(t, 2, strings.Count(out, "\n"))
	require.NotContains(t, out, "某甲")
	require.NotContains(t, out, "520603000001")
	code, out, _ = anju(t, "replay", "--dir", dir, "--type", "job.placed", "--division", "5206")
	require.Equal(t, exitDone, code)
	require.Equal(t, 1, strings.Count(out, "\n"))
	code, out, message := anju(t, "replay", "--dir", dir, "--type", "job.paid")
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Contains(t, message, "/v1/kinds")
	code, out, _ = anju(t, "ledger", "--json", "--dir", dir)
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"durable":2`)
}

func TestUsageHasItsOwnExitCode(t *testing.T) {
	for name, line := range map[string][]string{
		"no such command":    {"dance"},
		"no such flag":       {"board", "520603", "--loud"},
		"an argument lacks":  {"board"},
		"a flag lacks":       {"import", "x.csv"},
		"no number":          {"serve", "--nats-port", "x"},
		"no such language":   {"--lang", "fr", "kinds"},
		"no such kind":       {"timeline", "--kind", "dog", "x"},
		"too many arguments": {"status", "a", "b"},
	} {
		code, out, message := anju(t, line...)
		require.Equal(t, exitUsage, code, name)
		require.Empty(t, out, name)
		require.Contains(t, message, "--help", name)
		require.Contains(t, message, "用法有误", name)
		require.NotContains(t, message, "\n\n", name)
	}
	code, out, _ := anju(t)
	require.Equal(t, exitUsage, code)
	require.Contains(t, out, "Commands:")
}

// TestAWrongValueIsRefused, by the ledger or before it is asked, and is no wrong usage.
func TestAWrongValueIsRefused(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	for _, line := range [][]string{
		{"board", "zz", "--server", url},
		{"board", "520603", "--at", "x", "--server", url},
		{"households", "--limit", "0", "--server", url},
		{"replay", "--after", "x", "--server", url},
		{"schema", "job.paid"},
	} {
		code, out, message := anju(t, line...)
		require.Equal(t, exitFailed, code, line)
		require.Empty(t, out, line)
		require.Contains(t, message, " / ", line)
	}
}

// TestReplayTakesAnOfficialNumber, which never stands in an address.
func TestReplayTakesAnOfficialNumber(t *testing.T) {
	url := serveFolder(t, registered(t))
	code, id, message := anju(t, "lookup", "520603000001", "--division", "520603", "--server", url)
	require.Equal(t, exitDone, code, message)
	id = strings.TrimSpace(id)
	code, want, _ := anju(t, "replay", "--subject", id, "--server", url)
	require.Equal(t, exitDone, code)
	require.Equal(t, 1, strings.Count(want, "\n"))
	for _, line := range [][]string{
		{"--subject", "household/" + id},
		{"--subject", "520603000001", "--division", "520603"},
		{"--subject", "household/520603000001", "--division", "520603"},
	} {
		code, out, message := anju(t, append([]string{"replay", "--server", url}, line...)...)
		require.Equal(t, exitDone, code, message)
		require.Equal(t, want, out, line)
	}
	for _, line := range [][]string{{"--subject", "520603000001"}, {"--subject", "520603000009", "--division", "520603"}, {"--subject", "dog/1"}} {
		code, out, message := anju(t, append([]string{"replay", "--server", url}, line...)...)
		require.Equal(t, exitFailed, code, line)
		require.Empty(t, out, line)
		require.NotContains(t, message, "520603000009", line)
	}
}

// TestEveryCommandHelps: each says in both languages what it does and shows an example.
func TestEveryCommandHelps(t *testing.T) {
	t.Setenv("COLUMNS", "80") // what help is laid out for
	code, out, _ := anju(t, "--help")
	require.Equal(t, exitDone, code)
	golden(t, "help", out)
	_, list, _ := strings.Cut(out, "Commands:\n")
	for line := range strings.Lines(list) {
		name, _, found := strings.Cut(strings.TrimPrefix(line, "  "), "  ")
		if !found || name == "" {
			continue
		}
		command, _, _ := strings.Cut(name, " ")
		code, out, _ := anju(t, append(strings.Fields(name), "--help")...)
		require.Equal(t, exitDone, code, name)
		require.Contains(t, out, "    anju "+command, "no example")
	}
	_, out, _ = anju(t, "import", "--help")
	golden(t, "help_import", out)
}

const prettyEvent = `
{
  "type": "job.placed", "key": "job/1", "time": "2020-03-05",
  "data": {"person": {"number": "52060300000101"}, "employer": "某服装车间", "channel": "factory", "wage_fen_month": 320000}
}
`

// TestReceiptsAreReadable: one event on many lines, a list, and a set that is refused.
func TestReceiptsAreReadable(t *testing.T) {
	url := serveFolder(t, registered(t))
	record := func(body string, flags ...string) (code int, out, message string) {
		var stdout, stderr bytes.Buffer
		s := &session{ctx: t.Context(), in: strings.NewReader(body), out: &stdout, err: &stderr}
		code = run(s, append([]string{"record", "--server", url, "--department", "hrss", "--division", "520603"}, flags...))
		return code, stdout.String(), stderr.String()
	}
	code, out, message := record(prettyEvent)
	require.Equal(t, exitDone, code, message)
	golden(t, "record", out)
	wrong := strings.ReplaceAll(strings.ReplaceAll(prettyEvent, "job/1", "job/2"), "factory", "luck")
	code, out, _ = record("[" + prettyEvent + "," + wrong + "]")
	require.Equal(t, exitFailed, code)
	golden(t, "record_refused", out)
	code, out, message = record("["+prettyEvent+","+wrong+"]", "--atomic")
	require.Equal(t, exitFailed, code, message)
	require.NotContains(t, out, "已记录 recorded  ")
	code, _, message = record(wrong)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "/data/channel \"luck\"")
	code, out, _ = record(prettyEvent, "--json")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, `"already":true`)
	require.Equal(t, 2, recordedEvents(t, url))
}

// TestTheDemoShowsTheSampleCounty is the README's first command.
func TestTheDemoShowsTheSampleCounty(t *testing.T) {
	code, out, message := anju(t, "demo", "--once")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "2_labour_gb18030.csv")
	require.Contains(t, out, "2,453  就业安置 job_placed")
	require.Contains(t, out, "逐步能致富 getting_rich")
	require.Contains(t, out, "http://127.0.0.1:")
}
