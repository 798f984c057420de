package web

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// BenchmarkStatusHTTP compares the status of a random household at a random day over HTTP, keep-alive
// on loopback, with a bare handler that returns the same bytes.
func BenchmarkStatusHTTP(b *testing.B) {
	s := serveCounty(b)
	ids := s.views.Households()
	_, _, body := s.ask(b, "GET", "/v1/households/"+ids[0].String()+"?at=2021-06-30", "", "")
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	b.Cleanup(bare.Close)
	address := func() string {
		day := domain.MakeDay(2019, 1, 1) + domain.Day(rand.IntN(900))
		return "/v1/households/" + ids[rand.IntN(len(ids))].String() + "?at=" + day.String()
	}
	b.Run("bare", func(b *testing.B) { askAll(b, bare.URL, address) })
	b.Run("status", func(b *testing.B) { askAll(b, s.server.URL, address) })
	b.Run("health", func(b *testing.B) { askAll(b, s.server.URL, func() string { return "/healthz" }) })
}

// askAll asks addresses from as many clients as there are cores. The processor's time of client
// and server together is told besides: it does not depend on what else the machine does.
func askAll(b *testing.B, base string, address func() string) {
	b.ReportAllocs()
	before := processorTime(b)
	defer func() { b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op") }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := client.Get(base + address())
			if err != nil {
				b.Error(err)
				return
			}
			_, err = io.Copy(io.Discard, resp.Body)
			if closed := resp.Body.Close(); err != nil || closed != nil || resp.StatusCode != http.StatusOK {
				b.Error(resp.Status, err, closed)
			}
		}
	})
}

// processorTime is what the process has used.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkStatusHandler is the handler alone, without a connection.
func BenchmarkStatusHandler(b *testing.B) {
	s := serveCounty(b)
	handler := s.api.Handler()
	ids := s.views.Households()
	requests := make([]*http.Request, len(ids))
	for i, id := range ids {
		var err error
		requests[i], err = http.NewRequestWithContext(b.Context(), http.MethodGet, "/v1/households/"+id.String()+"?at=2021-06-30", nil)
		require.NoError(b, err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := &buffer{header: http.Header{}, status: http.StatusOK}
		handler.ServeHTTP(w, requests[rand.IntN(len(requests))])
		if w.status != http.StatusOK {
			b.Fatal(w.body.String())
		}
	}
}
