package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/anju-ledger/anju/events"
)

// witnessing says what the ledger's witnesses know; absent where it asks none.
type witnessing struct {
	Needed    int               `json:"needed"` // so many must cosign a checkpoint
	Witnesses []witnessState    `json:"witnesses"`
	Streams   []witnessedStream `json:"streams"`
	Alarm     string            `json:"alarm,omitzero"`
}

// witnessState is how one witness answered last.
type witnessState struct {
	Name    string `json:"name"`
	URL     string `json:"url"`
	At      string `json:"at,omitzero"`      // when it answered, or was asked in vain
	Problem string `json:"problem,omitzero"` // of that answer; none: it cosigned
}

// witnessedStream is how much of a stream enough witnesses have cosigned since the start.
type witnessedStream struct {
	Stream    string `json:"stream"`
	Signed    uint64 `json:"signed"`
	Witnessed uint64 `json:"witnessed"`
	At        string `json:"at,omitzero"`
}

// witnessingOf is the answer's part about the witnesses.
func witnessingOf(r events.WitnessReport) *witnessing {
	if len(r.Witnesses) == 0 {
		return nil
	}
	w := &witnessing{Needed: r.Needed, Witnesses: []witnessState{}, Streams: []witnessedStream{}, Alarm: told(r.Alarm)}
	for _, one := range r.Witnesses {
		w.Witnesses = append(w.Witnesses, witnessState{one.Name, one.URL, momentText(one.At), shown(one.Problem)})
	}
	for _, s := range r.Streams {
		w.Streams = append(w.Streams, witnessedStream{s.Stream, s.Signed, s.Size, momentText(s.At)})
	}
	return w
}

// momentText writes a time, "" for none.
func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// witnessMetrics are the figures of the witnesses.
type witnessMetrics struct{ ledger *events.Ledger }

var (
	witnessedPosition = prometheus.NewDesc("anju_stream_witnessed_position", "Everything up to here is cosigned by enough witnesses.", []string{"stream"}, nil)
	witnessAlarm      = prometheus.NewDesc("anju_witness_alarm", "1: what is signed is not witnessed; a rollback of the folder would not be noticed.", nil, nil)
	witnessAnswers    = prometheus.NewDesc("anju_witness_answers", "1: the witness cosigned when it was asked last.", []string{"witness"}, nil)
)

// Describe implements prometheus.Collector.
func (m witnessMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{witnessedPosition, witnessAlarm, witnessAnswers} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m witnessMetrics) Collect(to chan<- prometheus.Metric) {
	r := m.ledger.Witnesses()
	if len(r.Witnesses) == 0 {
		return
	}
	flag := func(is bool) float64 {
		if is {
			return 1
		}
		return 0
	}
	to <- prometheus.MustNewConstMetric(witnessAlarm, prometheus.GaugeValue, flag(r.Alarm != ""))
	for _, w := range r.Witnesses {
		to <- prometheus.MustNewConstMetric(witnessAnswers, prometheus.GaugeValue, flag(!w.At.IsZero() && w.Problem == ""), w.Name)
	}
	for _, s := range r.Streams {
		to <- prometheus.MustNewConstMetric(witnessedPosition, prometheus.GaugeValue, float64(s.Size), s.Stream)
	}
}
