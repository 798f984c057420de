package intake

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/anju-ledger/anju/events"
	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// served opens a real ledger in a folder.
func served(t testing.TB, dir string) (*events.Ledger, *Door) {
	ledger, err := events.Open(t.Context(), events.Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	d := NewDoor(Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
	require.NoError(t, d.Replay())
	return ledger, d
}

func TestAnyNATSClientRecordsAndARestartKeepsItAll(t *testing.T) {
	dir := t.TempDir()
	ledger, d := served(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.ServeNATS(ctx, ledger.Answers()) }()
	nc, err := nats.Connect(ledger.ClientURL())
	require.NoError(t, err)
	request := func(subject, body string) (answer Receipt) {
		var m *nats.Msg
		require.Eventually(t, func() bool {
			m, err = nc.Request(subject, []byte(body), 2*time.Second)
			return err == nil
		}, 10*time.Second, 10*time.Millisecond)
		require.NoError(t, json.Unmarshal(m.Data, &answer), string(m.Data))
		return answer
	}
	first := request("anju.record.rural.520603", household)
	require.Equal(t, "disk", first.Durable)
	person := first.IDs["/data/members/0/person"]
	request("anju.record.hrss.520603", placed)
	_, problem := d.Forget(t.Context(), first.IDs["/data/members/1/person"], "req_1", "law_47")
	require.Nil(t, problem)
	m, err := nc.Request("anju.record.nr.520603", []byte(placed), time.Second)
	require.NoError(t, err)
	require.Contains(t, string(m.Data), "not_allowed")
	nc.Close()
	cancel()
	require.NoError(t, <-done)
	require.NoError(t, ledger.Close())

	ledger, d = served(t, dir)
	defer func() { require.NoError(t, ledger.Close()) }()
	got, err := d.Lookup(person.Kind(), "520603", "52060300000101")
	require.NoError(t, err)
	require.Equal(t, person, got)
	_, err = d.Lookup(person.Kind(), "520603", "52060300000102")
	require.ErrorIs(t, err, events.ErrUnknownName)
	require.True(t, accepted(t, d, hrss(), placed).Already)
}
