package events

import (
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/seal"
	"github.com/go-json-experiment/json/jsontext"
)

// Opener opens the sealed fields of events in memory. It may be used concurrently.
type Opener struct {
	Ring *seal.Ring
}

// Open returns the event's payload with sensitive fields open, and with the keyed tag of those
// personal values whose equality folding needs. Fields whose key was destroyed are marked
// Erased. Other personal fields stay closed.
func (o Opener) Open(e *Event) (domain.Fact, error) { return o.open(e, false) }

// OpenAll is Open with personal fields open too: for the door's comparisons and the directory,
// never for display.
func (o Opener) OpenAll(e *Event) (domain.Fact, error) { return o.open(e, true) }

func (o Opener) open(e *Event, personal bool) (domain.Fact, error) {
	kind, err := e.Kind()
	if err != nil {
		return nil, err
	}
	f, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", e.ID, err)
	}
	return f, o.openBoxes(e, kind, f, "", personal)
}

// OpenPayload opens the payload that a correction carries, of the target's type.
func (o Opener) OpenPayload(e *Event, target *domain.Kind, payload jsontext.Value) (domain.Fact, error) {
	f, err := target.Decode(target.Version, payload)
	if err != nil {
		return nil, fmt.Errorf("correction %s: %w", e.ID, err)
	}
	return f, o.openBoxes(e, target, f, "/data", false)
}

// OpenPayloadAll is OpenPayload with personal fields open too.
func (o Opener) OpenPayloadAll(e *Event, target *domain.Kind, payload jsontext.Value) (domain.Fact, error) {
	f, err := target.Decode(target.Version, payload)
	if err != nil {
		return nil, fmt.Errorf("correction %s: %w", e.ID, err)
	}
	return f, o.openBoxes(e, target, f, "/data", true)
}

func (o Opener) openBoxes(e *Event, kind *domain.Kind, f domain.Fact, base string, personal bool) (err error) {
	kind.VisitBoxes(f, func(ref domain.BoxRef) {
		wanted := personal || ref.Field.Class == domain.Sensitive || ref.Field.Tagged
		if err != nil || ref.Box.Sealed == "" || !wanted {
			return
		}
		plain, failed := o.Ring.Open(ref.Box.Sealed, e.ID, base+ref.Pointer)
		switch {
		case errors.Is(failed, seal.ErrErased):
			*ref.Box = domain.Box{Erased: true}
			return
		case failed != nil:
			err = fmt.Errorf("event %s, field %s%s: %w", e.ID, base, ref.Pointer, failed)
			return
		}
		if ref.Field.Tagged {
			ref.Box.Tag = o.Ring.Tag("identity", identityText(plain))
		}
		if personal || ref.Field.Class == domain.Sensitive {
			ref.Box.Plain, ref.Box.Sealed = plain, ""
		}
	})
	return err
}

// identityText is what a tagged value's tag is made of: its text without quotes, so that it is
// the tag by which the directory knows the number.
func identityText(plain []byte) []byte {
	text, err := jsontext.AppendUnquote(nil, plain)
	if err != nil {
		return plain
	}
	return text
}
