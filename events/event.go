// Package events says how facts are kept: as CloudEvents in JetStream streams, one a province,
// appended by one door, acknowledged when they are on disk, never changed.
//
// It follows CloudEvents 1.0 in structured mode and docs/format.md; it is the only package that
// speaks JetStream. It knows what a fact is only by its domain.Kind. testLog, the suite that
// every Log passes, proves its promises.
package events

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/anju-ledger/anju/domain"
)

// MaxEvent is the most bytes that an event may have as stored (docs/format.md).
const MaxEvent = 32 << 10

// The bounds of a set: events that are recorded together or not at all.
const (
	MaxSetEvents = 1024
	MaxSetBytes  = 4 << 20
)

// ErrForeign reports bytes that are no event of this ledger; readers keep and skip them.
var ErrForeign = errors.New("not an event of this ledger")

// Set places an event in a set: part of parts, counted from 1. The zero Set is none.
type Set struct {
	ID    domain.EventID
	Part  int
	Parts int
}

// Event is one fact in its envelope, as it lies in the log.
type Event struct {
	ID       domain.EventID
	Source   domain.Source
	Type     string // "job.placed"
	Version  int    // of the payload
	Subject  domain.Entity
	Time     domain.Moment
	Instant  bool // time is an instant, not a civil date
	Home     Home // Home.Entity is Subject
	Sequence uint64
	Recorded domain.Moment
	Division domain.Division
	Key      string         // "" when the submitter gave the id
	Batch    string         // "<batch id>/<sheet row>" of an import
	Set      Set            // none for most
	Cause    domain.EventID // absent for most
	Data     []byte         // the payload's JSON

	// Fact is the opened payload, when who made or opened the event kept it; never encoded.
	Fact domain.Fact
}

// Kind finds the event's type; a name or version that this program does not know is
// domain.ErrVersion: stop with its name.
func (e *Event) Kind() (*domain.Kind, error) {
	k, ok := domain.KindOf(e.Type)
	if !ok || e.Version > k.Version {
		return nil, fmt.Errorf("%w: %s/%d", domain.ErrVersion, e.Type, e.Version)
	}
	return k, nil
}

// Stamp returns what the fold needs to know of the event.
func (e *Event) Stamp() (domain.Stamp, error) {
	k, err := e.Kind()
	if err != nil {
		return domain.Stamp{}, err
	}
	return domain.Stamp{
		Time: e.Time, Kind: k, ID: e.ID, Key: e.Key, Division: e.Division, Source: e.Source,
		Place: domain.Place{Province: e.Home.Province, Sequence: e.Sequence}, Subject: e.Subject,
	}, nil
}

// Stream names the stream that the event stands in: "ANJU-52".
func (e *Event) Stream() string { return StreamName(e.Home.Province) }

// NATSSubject returns the subject that follows from the event's bytes alone:
// "anju.52.520603.household.h7k2m9qx4w1tz".
func (e *Event) NATSSubject() string { return string(e.appendSubject(nil)) }

func (e *Event) appendSubject(b []byte) []byte {
	b = e.Home.append(append(b, "anju."...))
	b = append(append(append(b, '.'), e.Subject.Kind().String()...), '.')
	b, _ = e.Subject.AppendText(b)
	return b
}

// stands says that the event stands under the subject that it names.
func (e *Event) stands(subject string) bool {
	var room [64]byte
	return string(e.appendSubject(room[:0])) == subject
}

// StreamName names the stream of a province's number: "ANJU-52".
func StreamName(province uint8) string {
	if province > 99 {
		return streamPrefix + strconv.Itoa(int(province)) // there is none
	}
	return streamNames()[province]
}

const streamPrefix = "ANJU-"

// streamNames are made once: every record has one.
var streamNames = sync.OnceValue(func() *[100]string {
	var names [100]string
	for i := range names {
		names[i] = streamPrefix + string([]byte{'0' + byte(i)/10, '0' + byte(i)%10})
	}
	return &names
})

// ParseStreamName reads "ANJU-52".
func ParseStreamName(s string) (province uint8, ok bool) {
	if len(s) != 7 || s[:5] != "ANJU-" || s[5] < '0' || s[5] > '9' || s[6] < '0' || s[6] > '9' {
		return 0, false
	}
	return (s[5]-'0')*10 + s[6] - '0', true
}
