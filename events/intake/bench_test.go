package intake

import (
	"strconv"
	"strings"
	"testing"
)

// BenchmarkRecord parses, settles and appends to a log in memory: the door's own cost of an
// event of 640 bytes. go test -bench Record ./events/intake
func BenchmarkRecord(b *testing.B) {
	d := testDoor(b)
	d.Record(b.Context(), rural(), []*Submission{Parse([]byte(household), rural(), testNow())}, false)
	b.ReportAllocs()
	b.ResetTimer()
	for n := 0; n < b.N; {
		subs := make([]*Submission, 0, chunkLines)
		for ; len(subs) < chunkLines && n < b.N; n++ {
			subs = append(subs, Parse([]byte(strings.Replace(placed, "job/1", "job/"+strconv.Itoa(n), 1)), hrss(), testNow()))
		}
		for _, a := range d.Record(b.Context(), hrss(), subs, false) {
			if a.Problem != nil {
				b.Fatal(a.Problem)
			}
		}
	}
}
