package page

import (
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

// How often /live may speak, and how often it does though nothing changed, so that proxies keep
// it open.
const (
	liveStep = time.Second
	liveBeat = 15 * time.Second
)

// liveNote is one message of /live.
type liveNote struct {
	Position string `json:"position"`
	Lag      uint64 `json:"lag"`
	Stopped  bool   `json:"stopped,omitzero"`
}

// serveLive sends how far the views are, at most once a second, as server-sent events: pages
// refresh their numbers when the position moves.
func (p *Page) serveLive(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy hands each message on at once
	control := http.NewResponseController(w)
	step := time.NewTicker(liveStep)
	defer step.Stop()
	var last liveNote
	var sent time.Time
	for {
		s := p.stand()
		note := liveNote{s.Position, s.Lag, s.Stopped}
		if now := time.Now(); sent.IsZero() || note != last || now.Sub(sent) >= liveBeat {
			body, err := json.Marshal(note)
			if err == nil {
				_ = control.SetWriteDeadline(now.Add(liveBeat))
				_, err = fmt.Fprintf(w, "data: %s\n\n", body)
			}
			if err == nil {
				err = control.Flush()
			}
			if err != nil {
				return // the client has gone
			}
			last, sent = note, now
		}
		select {
		case <-step.C:
		case <-r.Context().Done():
			return
		}
	}
}
