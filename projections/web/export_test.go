package web

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections/export"
)

// testExport compares what the server sends with what the folder's export writes of the same pair.
func testExport(t *testing.T, s *served) {
	dir := t.TempDir()
	o := export.Order{Tables: []string{"facts", "standings", "statuses", "spells", "ocel"}, Format: export.Parquet, AsOf: domain.MakeDay(2021, 6, 30), Division: "520603"}
	m, err := export.Write(t.Context(), export.Source{Log: s.ledger, Views: s.views}, o, filepath.Join(dir, "made"), nil)
	require.NoError(t, err)
	address := "/v1/export?tables=facts,standings,statuses,spells,ocel&as_of=2021-06-30&division=520603&position=ANJU-52:" + strconv.FormatUint(m.Streams[0].Position, 10)
	status, media, body := s.ask(t, http.MethodGet, address, "", "")
	require.Equal(t, 200, status)
	require.Equal(t, tarMedia, media)
	sent, err := export.Receive(strings.NewReader(body), filepath.Join(dir, "sent"), func(int64) {})
	require.NoError(t, err)
	require.Equal(t, m, sent)
	differ, err := exec.CommandContext(t.Context(), "diff", "-r", filepath.Join(dir, "made"), filepath.Join(dir, "sent")).CombinedOutput()
	require.NoError(t, err, string(differ)) // bit for bit
	_, _, again := s.ask(t, http.MethodGet, address, "", "")
	require.Equal(t, body, again)
	in, last := tar.NewReader(strings.NewReader(body)), ""
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		last = h.Name
	}
	require.Equal(t, "manifest.json", last, "what is not whole has no manifest")
}

// serveMuch serves a ledger of some events, whose export is far larger than a connection holds, with
// a folder of temporary files of its own.
func serveMuch(t *testing.T) (*API, string, string) {
	t.Helper()
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ledger, api, server := serveAPI(t, func(a *API) { a.slow = 100 * time.Millisecond })
	drafts := make([]events.Draft, 3000)
	for i := range drafts {
		drafts[i] = draft{strconv.Itoa(i), "520603"}
	}
	_, err := ledger.Append(t.Context(), 52, false, drafts)
	require.NoError(t, err)
	return api, server.URL, temp
}

// empty waits until nothing is left of any export.
func empty(t *testing.T, api *API, temp string) {
	t.Helper()
	require.Eventually(t, func() bool {
		left, err := os.ReadDir(temp)
		return err == nil && len(left) == 0 && len(api.exporting) == 0
	}, 20*time.Second, time.Millisecond)
}

func TestAnExportsClientThatTakesNothingIsLeft(t *testing.T) {
	api, url, temp := serveMuch(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = conn.Write([]byte("GET /v1/export?format=ndjson HTTP/1.1\r\nHost: a\r\n\r\n"))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(api.exporting) == 1 }, 10*time.Second, time.Millisecond)
	empty(t, api, temp)
	rest, err := io.ReadAll(conn)
	require.True(t, err != nil || !bytes.HasSuffix(rest, []byte("0\r\n\r\n")), "it is not told that this was all")
}

func TestAnExportEndsWhenItsClientGoes(t *testing.T) {
	api, url, temp := serveMuch(t)
	ask := func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/export?format=ndjson", nil)
		require.NoError(t, err)
		return http.DefaultClient.Do(req)
	}
	ctx, cancel := context.WithCancel(t.Context())
	resp, err := ask(ctx)
	require.NoError(t, err)
	cancel()
	require.NoError(t, resp.Body.Close())
	empty(t, api, temp)

	for range mostExports { // others are being made
		api.exporting <- struct{}{}
	}
	ctx, cancel = context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := ask(ctx)
		gone <- err
	}()
	cancel()
	require.ErrorIs(t, <-gone, context.Canceled)
	for range mostExports {
		<-api.exporting
	}
	empty(t, api, temp)
	resp, err = ask(t.Context())
	require.NoError(t, err)
	defer resp.Body.Close()
	m, err := export.Receive(resp.Body, filepath.Join(t.TempDir(), "out"), func(int64) {})
	require.NoError(t, err)
	require.Equal(t, int64(3000), m.Tables[0].Rows)
}

// TestAnExportThatIsWaitedForBeats: who waits for his turn is kept on the line, and sees by the end of what came
// whether it is whole.
func TestAnExportThatIsWaitedForBeats(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "temp")
	require.NoError(t, os.Mkdir(temp, 0o700))
	t.Setenv("TMPDIR", temp)
	ledger, api, server := serveAPI(t, func(a *API) { a.beat = time.Millisecond })
	appendKeys(t, ledger, "520603", "a")
	ask := func() (*http.Response, *bufio.Reader) {
		for range mostExports {
			api.exporting <- struct{}{}
		}
		resp, err := http.Get(server.URL + "/v1/export?format=csv")
		require.NoError(t, err)
		body := bufio.NewReader(resp.Body)
		_, err = body.Peek(512)
		require.NoError(t, err)
		return resp, body
	}
	free := func() {
		for range mostExports {
			<-api.exporting
		}
	}
	resp, body := ask()
	free()
	m, err := export.Receive(body, filepath.Join(t.TempDir(), "out"), func(int64) {})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, int64(1), m.Tables[0].Rows)

	resp, body = ask()
	defer resp.Body.Close()
	require.NoError(t, os.Remove(temp))
	free()
	whole, err := io.ReadAll(body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the end of the answer is not told")
	_, err = export.Receive(bytes.NewReader(whole), filepath.Join(t.TempDir(), "out"), func(int64) {})
	var failed *export.Failure
	require.ErrorAs(t, err, &failed)
	require.Contains(t, string(failed.Problem), `"title":"未能写入服务器的临时目录 / The server's temporary folder could not be written"`)
	require.Contains(t, string(failed.Problem), "TMPDIR")
	_, _, soon := serveAPI(t, func(*API) {})
	resp, said := get(t, soon.URL+"/v1/export?format=csv")
	require.Equal(t, http.StatusInsufficientStorage, resp.StatusCode, "before anything was sent it is the answer")
	require.JSONEq(t, string(failed.Problem), strings.Join(said, ""))
}

// TestAReplayThatIsLeftIsSeenToBeCut: a client that kept a pace goes on behind what it read, which it can only when
// the end of the connection is no end of the answer.
func TestAReplayThatIsLeftIsSeenToBeCut(t *testing.T) {
	_, url, _ := serveMuch(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = conn.Write([]byte("GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n"))
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, lines := get(t, url+"/metrics")
		return strings.Contains(strings.Join(lines, "\n"), `route="GET /v1/events"`) // it has ended
	}, 10*time.Second, 10*time.Millisecond)
	rest, err := io.ReadAll(conn)
	require.True(t, err != nil || !bytes.HasSuffix(rest, []byte("0\r\n\r\n")))
	require.Less(t, bytes.Count(rest, []byte(`"specversion"`)), 3000)
}
