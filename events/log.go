package events

import (
	"context"
	"errors"
	"iter"

	"github.com/anju-ledger/anju/domain"
)

// The ways in which a log refuses to append. Nothing was recorded in any of these cases, but
// for ErrStopped after a failed sync: then what was on its way is unknown until the log is opened
// again, and a repetition is harmless.
var (
	ErrStopped  = errors.New("the door is stopped")            // ask the operator; see StreamState.Alarm
	ErrDiskFull = errors.New("the disk is nearly full")        // try again when there is room
	ErrTooLarge = errors.New("over the size limit")            // make the event or the set smaller
	ErrClock    = errors.New("the clock is behind the ledger") // the operator sets the clock
	ErrNotFound = errors.New("no such event")
)

// Record is one message of a stream, as readers get it.
type Record struct {
	Stream   string
	Sequence uint64
	Subject  string // NATS subject
	Body     []byte // the reader's to keep, not to change
	Event    *Event // nil: a foreign entry
}

// Receipt says where an event stands.
type Receipt struct {
	ID       domain.EventID
	Stream   string
	Sequence uint64
	Recorded domain.Moment
	Already  bool                     // it was there before this submission
	Voided   bool                     // it was there, and is voided
	Durable  string                   // how it is kept: "disk", or "memory" for the Memory log
	IDs      map[string]domain.Entity // minted ids by JSON pointer
}

// Outcome is what became of one draft: a receipt, or the error that refused it.
type Outcome struct {
	Receipt Receipt
	Err     error
}

// Draft is a submission on its way into the log.
type Draft interface {
	// Settle makes the event under the fence: x stands at the stream's end, groups in flight
	// included. It returns the event complete but for sequence, recorded time and set, with Fact
	// filled; or the receipt of the event that is there already; or the error that refuses it,
	// which is handed back untouched. It is called again when another door appended first.
	Settle(x *Index) (*Event, *Receipt, error)
	// IDs returns the ids minted by the last Settle, for the receipt.
	IDs() map[string]domain.Entity
}

// Log keeps events: append-only, each acknowledged when it is on disk. Its methods may be
// called concurrently.
type Log interface {
	// Append records the drafts of one stream and returns an outcome for each, in order, when they
	// are durable. As a set they are recorded together or not at all.
	Append(ctx context.Context, province uint8, set bool, drafts []Draft) ([]Outcome, error)
	// Read yields the records after a sequence up to the durable end; parts of a set that is not
	// whole are left out. Follow goes on with what becomes durable, until ctx ends.
	Read(ctx context.Context, province uint8, after uint64) iter.Seq2[Record, error]
	Follow(ctx context.Context, province uint8, after uint64) iter.Seq2[Record, error]
}
