package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// streamMetrics reads the ledger and the views when it is asked.
type streamMetrics struct {
	ledger *events.Ledger
	views  *projections.Views
}

// figure is one figure of a stream.
type figure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(streamReading) float64
}

// streamReading is all that is known of one stream at a moment.
type streamReading struct {
	events.StreamState
	door        events.DoorStats
	viewed, lag uint64
	book        events.BookState
}

func streamFigure(name, help string, kind prometheus.ValueType, value func(streamReading) float64) figure {
	return figure{prometheus.NewDesc(name, help, []string{"stream"}, nil), kind, value}
}

// streamFigures are told of every stream.
var streamFigures = []figure{
	streamFigure("anju_stream_durable_position", "Everything up to here is on disk.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.Durable) }),
	streamFigure("anju_view_position", "Everything up to here is in the answers.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.viewed) }),
	streamFigure("anju_view_lag_events", "Durable events that are not in the answers yet.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.lag) }),
	streamFigure("anju_stream_foreign_entries", "Messages that are no events of the ledger, since the start.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.Foreign) }),
	streamFigure("anju_stream_alarm", "1 while the door of the stream stands still.", prometheus.GaugeValue,
		func(r streamReading) float64 { return flag(r.Stands) }),
	streamFigure("anju_events_recorded_total", "Events recorded since the start.", prometheus.CounterValue,
		func(r streamReading) float64 { return float64(r.door.Events) }),
	streamFigure("anju_groups_committed_total", "Groups put on disk since the start.", prometheus.CounterValue,
		func(r streamReading) float64 { return float64(r.door.Groups) }),
	streamFigure("anju_sync_seconds_total", "How long the syncs of these groups took together.", prometheus.CounterValue,
		func(r streamReading) float64 { return r.door.SyncTime.Seconds() }),
	streamFigure("anju_sync_slowest_seconds", "The slowest of these syncs.", prometheus.GaugeValue,
		func(r streamReading) float64 { return r.door.SlowestSync.Seconds() }),
	streamFigure("anju_requests_waiting", "Requests that wait before the door.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.door.Waiting) }),
	streamFigure("anju_stream_alarms", "What the operator has to look at; GET /v1/ledger lists it.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(len(r.Alarms)) }),
	streamFigure("anju_book_entries", "Entries in the book.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.book.Written) }),
	streamFigure("anju_book_signed_entries", "Entries that the last checkpoint covers.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.book.Signed) }),
	streamFigure("anju_book_signed_timestamp_seconds", "When the last checkpoint was signed, 0 before the first.", prometheus.GaugeValue,
		func(r streamReading) float64 { return seconds(r.book.SignedAt) }),
	streamFigure("anju_scrub_ended_timestamp_seconds", "When everything was last read and compared, 0 before that.", prometheus.GaugeValue,
		func(r streamReading) float64 { return seconds(r.book.Scrub.Ended) }),
	streamFigure("anju_scrub_events", "Events that the last whole scrub compared.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.book.Scrub.Events) }),
	streamFigure("anju_scrub_findings", "What the last whole scrub and the running one found.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(len(r.book.Scrub.Last) + len(r.book.Scrub.Found)) }),
	streamFigure("anju_scrub_position", "The running scrub has compared everything up to here.", prometheus.GaugeValue,
		func(r streamReading) float64 { return float64(r.book.Scrub.Position) }),
}

// The figures of the ledger as a whole.
var (
	viewsFollow = prometheus.NewDesc("anju_views_follow", "0 when the views met a record that they do not know and follow no more.", nil, nil)
	viewsCaught = prometheus.NewDesc("anju_views_caught_up", "1 once the views have read what was durable when they started.", nil, nil)
	linesWait   = prometheus.NewDesc("anju_view_lines_waiting", "Homes whose facts changed and whose lines a board would have to make first.", nil, nil)
	snapshotAt  = prometheus.NewDesc("anju_snapshot_timestamp_seconds", "When a snapshot was last written; absent before the first.", []string{"of"}, nil)
)

// Describe implements prometheus.Collector.
func (s *streamMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, f := range streamFigures {
		out <- f.desc
	}
	for _, d := range []*prometheus.Desc{viewsFollow, viewsCaught, linesWait, snapshotAt} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s *streamMetrics) Collect(out chan<- prometheus.Metric) {
	position, lag, failed := s.views.Where()
	stats := s.ledger.Stats()
	doors := map[string]events.DoorStats{}
	for _, d := range stats.Doors {
		doors[d.Stream] = d
	}
	books := map[string]events.BookState{}
	for _, b := range s.ledger.Books() {
		books[b.Stream] = b
	}
	for _, stream := range s.ledger.Streams() {
		r := streamReading{stream, doors[stream.Stream], position[stream.Stream], lag[stream.Stream], books[stream.Stream]}
		for _, f := range streamFigures {
			out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(r), stream.Stream)
		}
	}
	out <- prometheus.MustNewConstMetric(viewsFollow, prometheus.GaugeValue, flag(failed == nil))
	views := s.views.Stats()
	out <- prometheus.MustNewConstMetric(viewsCaught, prometheus.GaugeValue, flag(views.Caught))
	out <- prometheus.MustNewConstMetric(linesWait, prometheus.GaugeValue, float64(views.Waiting))
	for of, at := range map[string]time.Time{"doors": stats.SnapshotAt, "views": views.SnapshotAt} {
		if !at.IsZero() {
			out <- prometheus.MustNewConstMetric(snapshotAt, prometheus.GaugeValue, float64(at.Unix()), of)
		}
	}
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}

// seconds is a moment as Prometheus writes it, 0 when there was none.
func seconds(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Unix())
}
