package events_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/projections"
)

// benchDoor is the whole way in: HTTP and NATS, the door, the log on a disk, views following.
type benchDoor struct {
	url     string // of HTTP
	nats    string
	persons []string // who may be placed
	sent    atomic.Int64
}

func openDoor(b *testing.B) *benchDoor {
	b.Helper()
	ledger, err := events.Open(b.Context(), events.Config{Dir: b.TempDir(), Port: -1})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, ledger.Close()) })
	opener := &events.Opener{Ring: ledger.Ring()}
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: opener, Ring: ledger.Ring(), Random: rand.Reader, Now: time.Now,
	})
	require.NoError(b, door.Replay())
	views := projections.New(ledger, *opener, domain.DefaultParameters())
	b.Cleanup(views.Close)
	server := httptest.NewServer(door.Handler())
	b.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(b.Context())
	var serving sync.WaitGroup
	serving.Go(func() { _ = door.ServeNATS(ctx, ledger.Answers()) })
	b.Cleanup(func() { cancel(); serving.Wait() })
	d := &benchDoor{url: server.URL, nats: ledger.ClientURL()}
	rural := intake.Caller{Department: "rural", Division: "520603"}
	subs := make([]*intake.Submission, 2000)
	for i := range subs {
		subs[i] = intake.Parse([]byte(benchHousehold(i)), rural, time.Now())
	}
	for _, a := range door.Record(b.Context(), rural, subs, false) {
		require.Nil(b, a.Problem)
		d.persons = append(d.persons, a.Receipt.IDs["/data/members/0/person"].String())
	}
	return d
}

// benchHousehold is a household of three or four.
func benchHousehold(n int) string {
	members := make([]string, 3+min(n%5, 1))
	for i := range members {
		relation := []string{"head", "spouse", "child", "child"}[i]
		members[i] = fmt.Sprintf(`{"number":"52060300%07d%d","name":"某甲乙","id_number":"99010119%07d%03d","relation":"%s","birth_month":"1981-12","labour_class":"skilled"}`,
			n, i, n, i, relation)
	}
	return fmt.Sprintf(`{"type":"household.registered","key":"register/%d","time":"2018-09-01","division":"520603003","data":{"number":"520603%07d","category":"poor","members":[%s]}}`,
		n, n, strings.Join(members, ","))
}

// next is a job.placed of about 640 bytes as stored.
func (d *benchDoor) next() []byte {
	n := d.sent.Add(1)
	return fmt.Appendf(nil, `{"type":"job.placed","key":"labour/job.placed/%d","time":"2020-03-05","data":{"person":"%s","employer":"%s","channel":"factory","place_division":"520603","contract_to":"2022-03-04","wage_fen_month":320000}}`,
		n, d.persons[int(n)%len(d.persons)], strings.Repeat("某服装", 7))
}

// request sends n events one after the other over NATS and returns how long each took.
func (d *benchDoor) request(b *testing.B, n int) []time.Duration {
	nc, err := nats.Connect(d.nats)
	require.NoError(b, err)
	defer nc.Close()
	took := make([]time.Duration, n)
	for i := range took {
		body := d.next()
		began := time.Now()
		m, err := nc.Request("anju.record.hrss.520603", body, time.Minute)
		took[i] = time.Since(began)
		if err != nil || !bytes.Contains(m.Data, []byte(`"disk"`)) {
			b.Error(err, m)
			return took[:i]
		}
	}
	return took
}

func percentile(took []time.Duration, p int) float64 {
	slices.Sort(took)
	return float64(took[min(len(took)*p/100, len(took)-1)].Microseconds())
}

// BenchmarkDoorOne is append.one: one sender, one event at a time, over NATS on loopback.
func BenchmarkDoorOne(b *testing.B) {
	raw := percentile(events.BenchRaw(b, 1, max(b.N, 100)), 50)
	d := openDoor(b)
	d.request(b, 100)
	b.ResetTimer()
	took := d.request(b, b.N)
	b.StopTimer()
	b.ReportMetric(percentile(took, 50), "p50-µs")
	b.ReportMetric(raw, "raw-p50-µs")
	b.ReportMetric(percentile(took, 50)/raw, "x-raw")
}

// BenchmarkDoor64 is append.64senders: one event each at a time, over NATS.
func BenchmarkDoor64(b *testing.B) {
	d := openDoor(b)
	const senders = 64
	var all []time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	b.ResetTimer()
	for range senders {
		wg.Go(func() {
			took := d.request(b, (b.N+senders-1)/senders)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(percentile(all, 50), "p50-µs")
	b.ReportMetric(percentile(all, 99), "p99-µs")
}

// busy returns the processor time that the process has used so far.
func busy(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// post sends bodies as NDJSON over HTTP from eight senders, until all n are recorded.
func post(b *testing.B, url string, n int, body func(i int) []byte) {
	const senders, each = 8, 4096
	var at atomic.Int64
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for {
				from := int(at.Add(each)) - each
				if from >= n {
					return
				}
				var lines bytes.Buffer
				for i := from; i < min(from+each, n); i++ {
					lines.Write(body(i))
					lines.WriteByte('\n')
				}
				res, err := http.Post(url, "application/x-ndjson", &lines)
				if err != nil {
					b.Error(err)
					return
				}
				answer, err := io.ReadAll(res.Body)
				res.Body.Close()
				if want := min(from+each, n) - from; err != nil || bytes.Count(answer, []byte(`"disk"`)) != want {
					b.Error(err, string(answer[:min(len(answer), 1000)]))
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkDoorBulk is append.bulk: NDJSON over HTTP from eight senders.
func BenchmarkDoorBulk(b *testing.B) {
	used := busy(b)
	raw := time.Duration(0)
	for _, took := range events.BenchRaw(b, 1024, b.N) {
		raw += took
	}
	rawUsed := busy(b) - used
	d := openDoor(b)
	bodies := make([][]byte, b.N)
	for i := range bodies {
		bodies[i] = d.next()
	}
	used = busy(b)
	b.ResetTimer()
	post(b, d.url+"/v1/events?department=hrss&division=520603", b.N, func(i int) []byte { return bodies[i] })
	b.StopTimer()
	b.ReportMetric(float64((busy(b)-used).Microseconds())/float64(b.N), "cpu-µs")
	b.ReportMetric(float64(rawUsed.Microseconds())/float64(b.N), "raw-cpu-µs")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(b.N)/raw.Seconds(), "raw-events/s")
	b.ReportMetric(raw.Seconds()/b.Elapsed().Seconds(), "x-raw")
}

// BenchmarkDoorRegister is append.register: households of 3.2 members, sealed, keys on disk
// first, as NDJSON over HTTP.
func BenchmarkDoorRegister(b *testing.B) {
	d := openDoor(b)
	bodies := make([][]byte, b.N)
	for i := range bodies {
		bodies[i] = []byte(benchHousehold(1_000_000 + i))
	}
	b.ResetTimer()
	post(b, d.url+"/v1/events?department=rural&division=520603", b.N, func(i int) []byte { return bodies[i] })
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "households/s")
}
