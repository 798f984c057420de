package intake

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkBulk sends job.placed as NDJSON over HTTP from eight senders to a ledger on disk: the
// row append.bulk of anju bench without its views. go test -bench Bulk ./events/intake
func BenchmarkBulk(b *testing.B) {
	const senders = 8
	ledger, d := served(b, b.TempDir())
	defer func() { require.NoError(b, ledger.Close()) }()
	d.Record(b.Context(), rural(), []*Submission{Parse([]byte(household), rural(), testNow())}, false)
	server := httptest.NewServer(d.Handler())
	defer server.Close()
	bodies := make([]bytes.Buffer, senders)
	for n := range b.N {
		body := &bodies[n%senders]
		body.WriteString(strings.Replace(placed, "job/1", "job/"+strconv.Itoa(n), 1))
		body.WriteByte('\n')
	}
	b.ReportAllocs()
	b.ResetTimer()
	var running sync.WaitGroup
	for i := range bodies {
		running.Go(func() {
			res, err := http.Post(server.URL+"/v1/events?department=hrss&division=520603", "application/x-ndjson", &bodies[i])
			if err != nil {
				b.Error(err)
				return
			}
			defer res.Body.Close()
			lines := bufio.NewScanner(res.Body)
			for lines.Scan() {
				if !bytes.Contains(lines.Bytes(), []byte(`"durable":"disk"`)) {
					b.Error(lines.Text())
					return
				}
			}
		})
	}
	running.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
