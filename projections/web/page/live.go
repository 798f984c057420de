package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/projections"
)

// How often /live may speak, and how often it does though nothing changed, so that proxies keep
// it open.
const (
	liveStep = time.Second
	liveBeat = 15 * time.Second
)

// behindAfter is how long the views may take to reach what was durable before pages say that
// they are behind: a busy ledger always has a few records that are not read yet.
const behindAfter = 5 * time.Second

// liveNote is one message of /live.
type liveNote struct {
	Position string `json:"position"`
	Lag      uint64 `json:"lag"`
	Behind   bool   `json:"behind,omitzero"`
	Stopped  bool   `json:"stopped,omitzero"`
}

// chase tells whether views fall behind: goal is what was durable since a moment.
type chase struct {
	goal  projections.Position
	since time.Time
}

// behind takes how far the views are, and reports that what was durable behindAfter ago is not
// reached yet.
func (c *chase) behind(position, lag projections.Position, now time.Time) bool {
	for stream, goal := range c.goal {
		if position[stream] < goal {
			return now.Sub(c.since) >= behindAfter
		}
	}
	c.goal, c.since = projections.Position{}, now
	for stream, n := range lag {
		c.goal[stream] = position[stream] + n
	}
	return false
}

// serveLive sends how far the views are, at most once a second, as server-sent events: pages
// refresh their parts when the position moves, and say what stands still.
func (p *Page) serveLive(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy hands each message on at once
	control := http.NewResponseController(w)
	step := time.NewTicker(liveStep)
	defer step.Stop()
	var last liveNote
	var sent time.Time
	var following chase
	for {
		position, lag, failed := p.views.Where()
		s, now := standOf(position, lag, ""), time.Now()
		note := liveNote{s.Position, s.Lag, following.behind(position, lag, now), failed != nil}
		if sent.IsZero() || note != last || now.Sub(sent) >= liveBeat {
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

// The headers of a page that is asked for anew, since something was recorded: where its numbers
// stand comes in one, so that a page whose content is the same is not sent again.
const (
	liveHeader     = "Anju-Live"
	positionHeader = "Anju-Position"
)

// unchanged answers a page that is asked for anew and says what it said before, but for where it
// stands; it reports false for every other request.
func (v *visit) unchanged(page []byte, position string) bool {
	if v.Header.Get(liveHeader) == "" || v.status != 0 {
		return false
	}
	begin, end := bytes.Index(page, []byte("<main")), bytes.LastIndex(page, []byte("<footer"))
	if begin < 0 || end < begin {
		return false
	}
	sum := sha256.Sum256(page[begin:end])
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := v.w.Header()
	h.Set("ETag", tag)
	h.Set(positionHeader, position)
	if v.Header.Get("If-None-Match") != tag {
		return false
	}
	v.w.WriteHeader(http.StatusNotModified)
	return true
}
