package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/intake"
	"github.com/go-json-experiment/json"
)

// TestAnUndoListsWhatRestsOnItAndTakesAChoice: the head dies and another follows him in one set of a
// plain command, a member splits off, and the split is undone.
func TestAnUndoListsWhatRestsOnItAndTakesAChoice(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	run := func(in string, line ...string) (code int, out, message string) {
		var stdout, stderr bytes.Buffer
		code = run(&session{ctx: t.Context(), in: strings.NewReader(in), out: &stdout, err: &stderr}, append(line, "--server", url, "--division", "520603"))
		return code, stdout.String(), stderr.String()
	}
	record := func(department, body string) (all []intake.Receipt) {
		code, out, message := run(body, "record", "--json", "--department", department, "--atomic")
		require.Equal(t, exitDone, code, out+message)
		require.NoError(t, json.Unmarshal([]byte(out), &all))
		return all
	}
	who := func(n string) string { return `{"number":"52060300000` + n + `"}` }
	record("rural", `[{"type":"household.registered","key":"r/1","time":"2018-09-01","data":{"number":"520603000001","category":"poor","members":[
		{"number":"52060300000101","relation":"head"},{"number":"52060300000102","relation":"spouse"},{"number":"52060300000103","relation":"child"}]}}]`)
	record("psb", `[{"type":"household.head_changed","key":"h/1","time":"2021-03-01","subject":`+who("1")+`,"data":{"old_head":`+who("101")+`,"new_head":`+who("102")+`,"reason":"death"}},
		{"type":"person.died","key":"d/1","time":"2021-03-01","data":{"person":`+who("101")+`}}]`)
	split := record("township", `[{"type":"household.split","key":"s/1","time":"2021-04-01","subject":`+who("1")+`,"data":{"children":[{"members":[`+who("103")+`]}]}}]`)
	child := split[0].IDs["/data/children/0/household"].String()
	visit := record("community", `[{"type":"visit.made","key":"v/1","time":"2021-04-02","subject":"`+child+`","data":{"purpose":"routine"}}]`)

	undo := []string{"undo", "--department", "township", split[0].ID.String()}
	code, _, message := run("", undo...)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "return_to=household")
	require.Contains(t, message, "← "+visit[0].ID.String())
	code, out, message := run("", append(undo, "--return-to", "household", "--time", "2021-05-01")...)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "已记录 recorded")

	code, out, message = run("", "timeline", "520603000001", "--as-of", "2021-06-30", "--at-least", "ANJU-52:6")
	require.Equal(t, exitDone, code, message)
	for _, words := range []string{"户主变更", "分户", "并户", child} {
		require.Contains(t, out, words)
	}
	code, out, _ = run("", "status", child, "--as-of", "2021-06-30")
	require.Equal(t, exitDone, code)
	require.Contains(t, out, "并入")
}
