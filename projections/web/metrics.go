package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// metrics are what GET /metrics tells. Labels hold streams, routes and statuses, which are few;
// no id, number or division is ever one.
type metrics struct {
	handler   http.Handler
	durations *prometheus.HistogramVec
	followers prometheus.Gauge
}

func newMetrics(ledger *events.Ledger, views *projections.Views) *metrics {
	m := &metrics{
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "anju_http_request_duration_seconds", Help: "How long requests took, by route and class of status.",
			Buckets: []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 10},
		}, []string{"route", "status"}),
		followers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "anju_http_followers", Help: "Clients that follow the events."}),
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.durations, m.followers, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &streamMetrics{ledger, views}, witnessMetrics{ledger})
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

// following counts one follower until the returned function is called.
func (m *metrics) following() func() {
	m.followers.Inc()
	return m.followers.Dec
}

// measure times requests by the pattern that the router found for them.
func (m *metrics) measure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		noted := statusWriter{w, http.StatusOK}
		next.ServeHTTP(&noted, r)
		m.durations.WithLabelValues(routeOf(r.Pattern), class(noted.status)).Observe(time.Since(began).Seconds())
	})
}

// routeOf is the route without its method's space; what no operation takes is "other".
func routeOf(pattern string) string {
	if pattern == "/" || !strings.Contains(pattern, " ") {
		return "other"
	}
	return pattern
}

// class is a status as "2xx".
func class(status int) string {
	return [...]string{"1xx", "2xx", "3xx", "4xx", "5xx"}[min(max(status/100, 1), 5)-1]
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
