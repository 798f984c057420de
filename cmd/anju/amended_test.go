package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/intake"
)

// A status names the corrections that it rests on, at both axes, over HTTP and NATS, on the command line and on
// the page: from the day of the record, and from the moment of the correction.
func TestAStatusShowsWhatItWasCorrectedBy(t *testing.T) {
	n, err := startNode(&session{ctx: t.Context(), err: &bytes.Buffer{}}, nodeConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	defer func() { require.NoError(t, n.close()) }()
	keys := 0
	record := func(department, kind, time, data string) (r intake.Receipt) {
		keys++
		body := fmt.Sprintf(`{"type":"%s","key":"a/%d","time":"%s","data":%s}`, kind, keys, time, data)
		resp, err := http.Post(n.url+"/v1/events?division=520603&department="+department, "application/json", strings.NewReader(body))
		require.NoError(t, err)
		defer resp.Body.Close()
		require.NoError(t, json.UnmarshalRead(resp.Body, &r))
		require.NotEmpty(t, r.Position, kind)
		return r
	}
	home := record("rural", "household.registered", "2019-06-01", `{"number":"520603000001","category":"poor","members":[{"number":"52060300000101","relation":"head","birth_month":"1980-05","labour_class":"ordinary"}]}`)
	person := `{"person":{"number":"52060300000101"}`
	job := record("hrss", "job.placed", "2020-03-05", person+`,"channel":"factory"}`)
	require.Eventually(t, func() bool { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") > job.RecordedTime }, time.Minute, time.Millisecond)
	fix := record("hrss", "record.corrected", "2021-06-30", `{"target_event":"`+job.ID.String()+`","reason":"typo","data":`+person+`,"channel":"workshop"}}`)
	id := home.IDs["/subject"].String()
	want := `"amended":[{"event":"` + job.ID.String() + `","act":"corrected","by":"` + fix.ID.String() + `"}]`

	client, err := nats.Connect(n.ledger.ClientURL())
	require.NoError(t, err)
	defer client.Close()
	for axes, amended := range map[[2]string]bool{
		{"2020-03-05", ""}:               true, // it counts whenever it was recorded
		{"2020-03-04", ""}:               false,
		{"2021-06-30", job.RecordedTime}: false,
		{"2021-06-30", fix.RecordedTime}: true,
	} {
		resp, err := http.Get(n.url + "/v1/households/" + id + "?as_of=" + axes[0] + "&known_at=" + axes[1] + "&at_least=" + fix.Position)
		require.NoError(t, err)
		b := &bytes.Buffer{}
		_, err = b.ReadFrom(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, amended, strings.Contains(b.String(), want), "HTTP %v %s", axes, b)
		reply, err := client.Request("anju.status.household", []byte(`{"id":"`+id+`","as_of":"`+axes[0]+`","known_at":"`+axes[1]+`"}`), 10*time.Second)
		require.NoError(t, err)
		require.Equal(t, amended, strings.Contains(string(reply.Data), want), "NATS %v", axes)
		line := []string{"status", "--server", n.url, "--as-of", axes[0], id}
		if axes[1] != "" {
			line = append(line, "--known-at", axes[1])
		}
		code, out, message := anju(t, line...)
		require.Equal(t, exitDone, code, message)
		require.Equal(t, amended, strings.Contains(out, fix.ID.String()), "command line %v", axes)
		if axes[1] == "" { // the page knows moments by the minute
			page := body(t, n.url+"/households/"+id+"?at="+axes[0])
			require.Equal(t, amended, strings.Contains(page, `id="amended"`), "page %v", axes)
		}
	}
}
