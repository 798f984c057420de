package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/damage"
	"github.com/anju-ledger/anju/events/intake"
)

// TestWhatNoCopyProvesIsSaid serves a ledger in which one event is forged in the stream and gone
// in the book: every way to read it names the place, hands out nothing in its stead, and goes on
// behind it.
func TestWhatNoCopyProvesIsSaid(t *testing.T) {
	dir := t.TempDir()
	s := openServed(t, dir)
	for _, name := range county.Names() {
		_, err := s.door.Import(t.Context(), intake.Caller{Division: county.Division}, name, county.File(name), intake.ImportOptions{Record: true})
		require.NoError(t, err)
	}
	require.NoError(t, s.ledger.Close())
	stream := damage.StreamOf(dir, "ANJU-52")
	blocks, err := stream.Blocks()
	require.NoError(t, err)
	place, err := stream.ForgeEvent(blocks[0], 700)
	require.NoError(t, err)
	at := func(place uint64) string { return fmt.Sprintf("ANJU-52:%d", place) }
	require.NoError(t, damage.Delete(filepath.Join(dir, "book/ANJU-52/entries/000000.zst")))

	s = openServed(t, dir)
	s.serve(t)
	unverified := func(status int, media, body string) {
		t.Helper()
		require.Equal(t, http.StatusServiceUnavailable, status, body)
		require.Equal(t, "application/problem+json", media)
		require.Contains(t, body, "problems/unverified")
		require.Contains(t, body, `"value":"`+at(place)+`"`)
	}
	unverified(s.ask(t, http.MethodGet, "/v1/events?after="+at(place-1), "", ""))
	unverified(s.ask(t, http.MethodGet, "/v1/events/"+at(place)+"/proof", "", ""))
	status, _, _ := s.ask(t, http.MethodGet, "/v1/events/"+at(place+1)+"/proof", "", "")
	require.Equal(t, http.StatusOK, status)

	resp, err := http.Get(s.server.URL + "/v1/events") //nolint:noctx // a test's
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the answer is broken off")
	lines := strings.Split(strings.TrimSpace(string(body)), "\n")
	require.Len(t, lines, int(place))
	require.Contains(t, lines[place-2], fmt.Sprintf(`"sequence":"%020d"`, place-1))
	unverified(resp.StatusCode+http.StatusServiceUnavailable-http.StatusOK, "application/problem+json", lines[place-1])

	_, _, rest := s.ask(t, http.MethodGet, "/v1/events?after="+at(place), "", "")
	require.Contains(t, rest, fmt.Sprintf(`"sequence":"%020d"`, place+1))
	require.Equal(t, int(s.ledger.Streams()[0].Durable-place), bytes.Count([]byte(rest), []byte{'\n'}))

	leaves, err := os.OpenFile(filepath.Join(dir, "book/ANJU-52/hashes.0"), os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = leaves.WriteAt([]byte("not a hash"), 32*256*50)
	require.NoError(t, errors.Join(err, leaves.Close()))
	status, _, answer := s.ask(t, http.MethodGet, "/book/ANJU-52/tile/0/050", "", "")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, answer, "ANJU-52:12801-13056")
	require.Contains(t, answer, "problems/unverified")

	err = s.views.CaughtUp(t.Context())
	require.Error(t, err)
	unverified(s.ask(t, http.MethodGet, "/v1/divisions/520603/board", "", ""))
	unverified(s.ask(t, http.MethodGet, "/v1/households", "", ""))
	unverified(s.ask(t, http.MethodGet, "/v1/households/520603900002?division=520603", "", ""))
	unverified(s.ask(t, http.MethodGet, "/v1/households/hbcdefghjkmnp/timeline", "", ""))
	status, _, answer = s.ask(t, http.MethodGet, "/readyz", "", "") // the scrub looks at what readers met, and stops the door
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, answer, at(place))
	status, _, answer = s.ask(t, http.MethodPost, "/v1/lookup", "application/json", `{"kind":"household","number":"520603900002","division":"520603"}`)
	require.Equal(t, http.StatusOK, status, answer)
}

// TestTheScrubAndAlarmsAreTold reads what /readyz, /v1/ledger and /metrics say of books, scrubs
// and alarms.
func TestTheScrubAndAlarmsAreTold(t *testing.T) {
	dir := t.TempDir()
	s := openServed(t, dir)
	_, err := s.door.Import(t.Context(), intake.Caller{Division: county.Division}, county.Names()[0], county.File(county.Names()[0]), intake.ImportOptions{Record: true})
	require.NoError(t, err)
	require.NoError(t, s.ledger.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "scrub.json"), []byte(`{"ANJU-52":{"started":"2020-12-31T20:00:00Z","running":false,"position":0,
"ended":"2021-01-01T00:00:00Z","events":9,"last":[{"kind":"altered","in":"book","from":3,"to":4,"mended":true}]}}`), 0o600))
	s = openServed(t, dir)
	s.serve(t)
	status, _, body := s.ask(t, http.MethodGet, "/readyz", "", "")
	require.Equal(t, http.StatusOK, status, body)
	_, _, body = s.ask(t, http.MethodGet, "/v1/ledger", "", "")
	var l ledgerAnswer
	require.NoError(t, json.Unmarshal([]byte(body), &l))
	st := l.Streams[0]
	require.Equal(t, st.Durable, st.Book.Written)
	require.Equal(t, st.Durable, st.Book.Signed)
	require.False(t, st.Book.SignedAt.IsZero())
	require.Equal(t, time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), st.Book.Scrub.Ended)
	require.EqualValues(t, 9, st.Book.Scrub.Events)
	require.Equal(t, 1, st.Book.Scrub.Findings)
	require.Len(t, st.Alarms, 1)
	require.EqualValues(t, "book_mended", st.Alarms[0].Kind)
	require.EqualValues(t, 3, st.Alarms[0].From)
	require.NotEmpty(t, st.Alarms[0].Fix.ZH)
	_, _, body = s.ask(t, http.MethodGet, "/metrics", "", "")
	require.Contains(t, body, `anju_scrub_ended_timestamp_seconds{stream="ANJU-52"} 1.6094592e+09`)
	require.Contains(t, body, `anju_scrub_findings{stream="ANJU-52"} 1`)
	require.Contains(t, body, `anju_stream_alarms{stream="ANJU-52"} 1`)
	require.Contains(t, body, `anju_book_signed_entries{stream="ANJU-52"}`)
}
