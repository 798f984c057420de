package events

import (
	"errors"
	"fmt"
)

// ErrDiffers reports a stream and a book that do not hold the same entries, or neither of which is
// what was recorded: a *DifferenceError in it names the range. Nothing is recorded until the
// operator has repaired the one by the other.
var ErrDiffers = errors.New("the stream and its book differ")

// DifferenceError names a run of places of a stream that are not, or cannot be shown to be, what
// was recorded there. As the cause of a stopped door it says where the stream differs; as the
// answer to a reader, that the run is unverified: neither stream nor book proves what stood
// there, and nothing is handed out in its stead. What stands before and behind it can be read. It
// is an ErrDiffers.
type DifferenceError struct {
	Stream string
	From   uint64 // sequences, both included
	To     uint64
	Err    error // what was found
}

// Error names the places.
func (e *DifferenceError) Error() string {
	is := "are"
	if e.From == e.To {
		is = "is"
	}
	return fmt.Sprintf("%s %s not what was recorded: %v", placesText(e.Stream, e.From, e.To), is, e.Err)
}

// placesText names places of a stream, both included.
func placesText(stream string, from, to uint64) string {
	if from == to {
		return fmt.Sprintf("%s:%d", stream, from)
	}
	return fmt.Sprintf("%s:%d to %s:%d", stream, from, stream, to)
}

// Unwrap returns ErrDiffers and what was found.
func (e *DifferenceError) Unwrap() []error { return []error{ErrDiffers, e.Err} }
