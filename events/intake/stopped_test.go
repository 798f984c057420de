package intake

import (
	"crypto/rand"
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

// opened opens a ledger with its door.
func opened(t *testing.T, c events.Config) *Door {
	ledger, err := events.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	return NewDoor(Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: time.Now,
	})
}

// refusesEverything checks that every way in answers the status, and that nothing is kept.
func refusesEverything(t *testing.T, d *Door, want int) {
	t.Helper()
	tells := func(status int, answer string) {
		t.Helper()
		var p Problem
		require.NoError(t, json.Unmarshal([]byte(answer), &p), answer)
		require.Equal(t, want, p.Status, answer)
		require.Contains(t, p.Names.ZH, "重试", answer)
		require.NotEmpty(t, p.Names.EN, answer)
		require.Equal(t, want, status, answer)
	}
	const here = "department=rural&division=520603"
	line := strings.ReplaceAll(household, "\n", "")
	tells(post(t, d, here, "application/json", strings.NewReader(household)))
	status, answer := post(t, d, here, "application/x-ndjson", strings.NewReader(line+"\n"))
	require.Equal(t, 200, status)
	tells(want, answer)
	tells(post(t, d, here+"&atomic=true", "application/json", strings.NewReader("["+line+"]")))

	dir := t.TempDir()
	s, err := NewStaging(d, dir)
	require.NoError(t, err)
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	status, body := send(t, "POST", server.URL+"/v1/imports?confirm=true&division=520603&name=c.csv", "text/csv", strings.NewReader(string(county.File("0_communities.csv"))))
	tells(status, string(body))
	require.Zero(t, d.directory.Position(52), "nothing was recorded")
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	if want == 507 {
		require.Empty(t, left, "no file waits for a confirmation that cannot come")
	}
}

func TestANearlyFullDiskIs507(t *testing.T) {
	refusesEverything(t, opened(t, events.Config{Dir: t.TempDir(), Port: -1, MinFree: 1 << 62}), 507)
}

func TestAStoppedDoorIs503(t *testing.T) {
	broken := errors.New("the disk is gone")
	refusesEverything(t, opened(t, events.Config{Fails: func(step string) error {
		if step == "sync" {
			return broken
		}
		return nil
	}}), 503)
}
