package events

import (
	"context"
	"fmt"

	"github.com/anju-ledger/anju/events/book"
)

// accused judges a witness that says that it holds more than the book, or another history. Its answer is
// not signed: whoever stands between could give it, or a witness that errs. So it is asked for the checkpoint that
// it holds, which our own key signed. That one denies the book: the door stops. Without it the door
// stops when as many witnesses say so as are needed; until then it is an alarm.
func (l *Ledger) accused(ctx context.Context, a *asked, door *writer, holds uint64) error {
	stream := door.book.stream
	said := &RollbackError{stream, a.client.Key.Name(), holds, door.book.book.Size()}
	a.mu.Lock()
	a.accuses[stream] = true
	a.mu.Unlock()
	proved, err := l.denied(ctx, a, door)
	if proved || l.witnesses.accusing(stream) >= l.witnesses.needed {
		door.fail(said)
		return said
	}
	if err != nil {
		return fmt.Errorf("未以本账本的签名证明 / it proves it by no checkpoint of ours (%w): %w", err, said)
	}
	return fmt.Errorf("未以本账本的签名证明 / it proves it by no checkpoint of ours: %w", said)
}

// denied asks a witness for its last checkpoint and says whether that, which we signed, is not of the book here.
func (l *Ledger) denied(ctx context.Context, a *asked, door *writer) (bool, error) {
	key, err := l.VerifierKey(door.book.stream)
	if err != nil {
		return false, err
	}
	text, err := a.client.Last(ctx, key)
	if err != nil || text == nil {
		return false, err
	}
	head, err := book.OpenCheckpoint(text, key)
	if err != nil || head.Size == 0 {
		return false, err
	}
	if head.Size > door.book.book.Size() {
		return true, nil
	}
	root, err := door.book.book.Root(head.Size)
	return err == nil && root != head.Root, err
}

// accusing is how many witnesses say that they hold more of a stream, or another history.
func (w *witnesses) accusing(stream string) (n int) {
	for _, a := range w.asked {
		a.mu.Lock()
		if a.accuses[stream] {
			n++
		}
		a.mu.Unlock()
	}
	return n
}
