package events

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/anju-ledger/anju/events/book"
)

// WitnessState is how a witness answered last.
type WitnessState struct {
	Name    string
	URL     string    // without a password
	At      time.Time // of its last answer, or of the last question that it did not answer; zero = it was not asked yet
	Problem string    // of that answer; "" = it cosigned
}

// WitnessedStream is how much of a stream enough witnesses have cosigned.
type WitnessedStream struct {
	Stream string
	Signed uint64    // by the ledger
	Size   uint64    // by enough witnesses, since the ledger was opened
	At     time.Time // when; zero = not yet
}

// WitnessReport is what a ledger tells of its witnesses.
type WitnessReport struct {
	Needed    int            // of them
	Witnesses []WitnessState // in the order of the configuration; none = the ledger asks none
	Streams   []WitnessedStream
	Alarm     string // "" = all that was signed is witnessed, or will be
}

// Witnesses reports what the witnesses know.
func (l *Ledger) Witnesses() WitnessReport {
	w := l.witnesses
	if w == nil {
		return WitnessReport{}
	}
	r := WitnessReport{Needed: w.needed}
	well := 0 // witnesses that cosigned when they were asked last
	for _, a := range w.asked {
		at, err := url.Parse(a.client.URL)
		address := ""
		if err == nil {
			address = at.Redacted()
		}
		state := WitnessState{Name: a.client.Key.Name(), URL: address}
		a.mu.Lock()
		state.At = a.at
		for _, stream := range slices.Sorted(maps.Keys(a.problems)) {
			state.Problem = stream + ": " + a.problems[stream]
			break
		}
		if len(a.accuses) > 0 {
			r.Alarm = state.Name + ": " + state.Problem
		}
		a.mu.Unlock()
		if !state.At.IsZero() && state.Problem == "" {
			well++
		}
		r.Witnesses = append(r.Witnesses, state)
	}
	now := w.clock()
	streams := w.streams()
	slices.Sort(streams)
	for _, stream := range streams {
		signed := w.shelf.signedOf(stream)
		w.mu.Lock()
		one := *w.rounds[stream]
		w.mu.Unlock()
		r.Streams = append(r.Streams, WitnessedStream{stream, signed.Size, one.witnessed, one.witnessedAt})
		late := !one.behind.IsZero() && (one.witnessedAt.IsZero() && well < w.needed || now.Sub(one.behind) > unwitnessedMost)
		if late && r.Alarm == "" {
			r.Alarm = fmt.Sprintf("%s：已签 %d 条，其中 %d 条获 %d/%d 个见证人副署，目录若被回退将无法察觉 / %d events are signed, %d witnessed by %d of %d witnesses: a rollback of the folder would not be noticed",
				stream, signed.Size, one.witnessed, w.needed, len(w.asked), signed.Size, one.witnessed, w.needed, len(w.asked))
		}
	}
	return r
}

// CheckWitnessed checks that enough of some witnesses cosigned the checkpoint that a proof carries.
func CheckWitnessed(p *book.Proof, keys []string, needed int) ([]book.Cosignature, error) {
	parsed := make([]book.WitnessKey, len(keys))
	for i, text := range keys {
		var err error
		if parsed[i], err = book.ParseWitnessKey(text); err != nil {
			return nil, err
		}
	}
	return book.CheckWitnessed(p.Checkpoint, parsed, needed)
}
