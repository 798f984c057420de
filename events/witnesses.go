package events

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/witness"
)

// Witness is a witness that a ledger asks to cosign its checkpoints (C2SP tlog-witness).
type Witness struct {
	URL string // the submission prefix
	Key string // its public key
}

// The bounds of asking a witness. None of it is on the way of an event: an append never waits for a witness.
const (
	witnessWait     = 5 * time.Second  // for one answer; at the start, for all together
	witnessLast     = 2 * time.Second  // for all together, at the end: a stop is not to take long
	witnessBackOff  = time.Second      // after a failure, doubled by each further one
	witnessBackMost = time.Minute      // and no longer than this: a witness that is back is asked within a minute
	witnessTries    = 3                // of one question, when the witness holds another size than was thought
	roundWait       = 5 * time.Second  // until a checkpoint that too few cosigned is shown, and the next one asked for
	unwitnessedMost = 30 * time.Second // until a stream that grew and was not witnessed is an alarm
)

// ErrWitnesses refuses witnesses that cannot be asked.
var ErrWitnesses = errors.New("the witnesses are not to be used")

// ErrRolledBack stops the door of a stream of which a witness has seen another history, or a longer
// one: the folder was put back to an older state, or copied and gone on with. It is a *RollbackError. Bring
// the newer folder back, or make a lawful restore: see BeginRestore.
var ErrRolledBack = errors.New("a witness has seen another history")

// RollbackError says what a witness has seen of a stream. It is an ErrRolledBack and, since what was recorded
// may be elsewhere, an ErrDiffers.
type RollbackError struct {
	Stream, Witness string
	Holds, Book     uint64 // entries that the witness holds, and the book
}

// Error names stream, witness, sizes and way out.
func (e *RollbackError) Error() string {
	what := "the folder was put back to an older state"
	if e.Holds <= e.Book {
		what = "another history than this"
	}
	return fmt.Sprintf("of %s the witness %s holds %d entries, the book here %d: %s; bring the newer folder back, or run \"anju restore\"", e.Stream, e.Witness, e.Holds, e.Book, what)
}

// Unwrap returns ErrRolledBack and ErrDiffers.
func (e *RollbackError) Unwrap() []error { return []error{ErrRolledBack, ErrDiffers} }

// witnesses is how a ledger asks its witnesses. A round asks all of them to cosign one checkpoint of a
// stream; the next begins when enough have, or time is up. So those that are slow or dead
// hold nothing up, and the cosignatures of a round stand behind the same checkpoint.
type witnesses struct {
	shelf  *bookshelf
	clock  func() time.Time
	needed int
	asked  []*asked

	mu     sync.Mutex
	rounds map[string]*round // under mu: by stream
}

// asked is one witness. wake and its goroutine are its own.
type asked struct {
	client *witness.Client
	wake   chan struct{}

	mu       sync.Mutex
	holds    map[string]uint64 // under mu: the size that it is thought to hold, by stream
	problems map[string]string // under mu: of its last answer by stream; none = it cosigned
	accuses  map[string]bool   // under mu: it said that it holds more of the stream, or another history
	at       time.Time         // under mu: of its last answer
	failed   int               // under mu: questions in a row without an answer
}

// round asks for cosignatures of one checkpoint.
type round struct {
	signed   signedHead
	began    time.Time
	cosigned []book.Cosignature // by witness; the zero one where there is none yet
	lines    int                // how many there are

	witnessed   uint64    // the largest size that enough witnesses have cosigned
	witnessedAt time.Time // when that was
	behind      time.Time // since when the stream has more than that; zero = it has not
}

// newWitnesses reads the witnesses of a configuration; nil when there are none.
func newWitnesses(c Config, shelf *bookshelf) (*witnesses, error) {
	if len(c.Witnesses) == 0 || shelf == nil {
		return nil, nil
	}
	// A majority: any two majorities share a witness, so that no two histories can both get one
	// unless a witness breaks its word; and one of three may be dead.
	n := len(c.Witnesses)
	w := &witnesses{shelf: shelf, clock: c.Clock, needed: n/2 + 1, rounds: map[string]*round{}}
	if c.WitnessesNeeded != 0 {
		w.needed = c.WitnessesNeeded
	}
	if w.needed < 1 || w.needed > n {
		return nil, fmt.Errorf("%w: %d of %d are needed", ErrWitnesses, w.needed, n)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	for _, one := range c.Witnesses {
		key, err := book.ParseWitnessKey(one.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrWitnesses, err)
		}
		at, err := url.Parse(one.URL)
		if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return nil, fmt.Errorf("%w: the address of %s is none: http://…", ErrWitnesses, key.Name())
		}
		for _, before := range w.asked {
			if before.client.Key.Same(key) {
				return nil, fmt.Errorf("%w: %s and %s are one", ErrWitnesses, before.client.Key.Name(), key.Name())
			}
		}
		w.asked = append(w.asked, &asked{
			client: &witness.Client{URL: one.URL, Key: key, HTTP: &http.Client{Transport: transport, Timeout: witnessWait}},
			wake:   make(chan struct{}, 1), holds: map[string]uint64{}, problems: map[string]string{}, accuses: map[string]bool{},
		})
	}
	return w, nil
}

// offer is told of each checkpoint that was signed, and once a second: it begins a round when there is something new and
// the round before is over, and shows what readers may see.
func (w *witnesses) offer(stream string, signed signedHead) {
	now := w.clock()
	w.mu.Lock()
	r := w.rounds[stream]
	if r == nil {
		r = &round{cosigned: make([]book.Cosignature, len(w.asked))}
		w.rounds[stream] = r
	}
	if signed.Size > r.witnessed && r.behind.IsZero() {
		r.behind = now
	}
	over := r.lines >= w.needed || now.Sub(r.began) >= roundWait
	if over && r.signed.text != nil && r.lines < w.needed {
		w.shelf.show(stream, r.shown())
	}
	if begins := over && signed.Size > r.signed.Size; begins {
		r.signed, r.began, r.lines = signed, now, 0
		clear(r.cosigned)
	}
	wake := r.lines < len(w.asked)
	w.mu.Unlock()
	if wake {
		for _, a := range w.asked {
			select {
			case a.wake <- struct{}{}:
			default:
			}
		}
	}
}

// shown is the round's checkpoint with the cosignatures that it has, in the order of the witnesses.
// Called under mu.
func (r *round) shown() signedHead {
	text := append([]byte(nil), r.signed.text...)
	for _, c := range r.cosigned {
		text = append(text, c.Line...)
	}
	return signedHead{r.signed.Head, text}
}

// question is the checkpoint that a witness is to cosign; false when it has.
func (w *witnesses) question(stream string, i int) (signedHead, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.rounds[stream]
	if r == nil || r.signed.text == nil || r.cosigned[i].Line != "" {
		return signedHead{}, false
	}
	return r.signed, true
}

// take takes a cosignature into its round, if that is not over.
func (w *witnesses) take(stream string, i int, of signedHead, c book.Cosignature) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.rounds[stream]
	if r.signed.Head != of.Head || r.cosigned[i].Line != "" {
		return nil
	}
	r.cosigned[i] = c
	if r.lines++; r.lines < w.needed {
		return nil
	}
	r.witnessed, r.witnessedAt, r.behind = r.signed.Size, w.clock(), time.Time{}
	w.shelf.show(stream, r.shown())
	return w.shelf.keepWitnessed(stream, r.shown())
}

// streams returns the streams that have a round.
func (w *witnesses) streams() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for stream := range w.rounds {
		all = append(all, stream)
	}
	return all
}

// attend asks one witness whenever there is something to cosign, until the ledger is closed. After a
// failure it waits, longer each time.
func (l *Ledger) attend(i int) {
	a := l.witnesses.asked[i]
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-a.wake:
		}
		l.ask(l.ctx, i)
		select {
		case <-l.ctx.Done():
			return
		case <-time.After(a.pause()):
		}
	}
}

// pause is how long a witness that failed is left alone.
func (a *asked) pause() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == 0 {
		return 0
	}
	return min(witnessBackOff<<min(a.failed-1, 6), witnessBackMost)
}

// ask asks a witness for every stream that it has not cosigned in this round.
func (l *Ledger) ask(ctx context.Context, i int) {
	w := l.witnesses
	a := w.asked[i]
	for _, stream := range w.streams() {
		door := l.door(stream)
		signed, open := w.question(stream, i)
		if !open || door == nil || errors.Is(door.failure(), ErrDiffers) {
			continue
		}
		c, err := l.askFor(ctx, a, door, signed)
		if err == nil {
			err = w.take(stream, i, signed, c)
		}
		if err != nil && l.ctx.Err() != nil {
			return // the ledger closes, which says nothing about the witness
		}
		if !a.note(w.clock(), stream, err) {
			return // it does not answer: not for the other streams either
		}
	}
}

// note remembers what became of a question, and says whether the witness answered at all.
func (a *asked) note(now time.Time, stream string, err error) (answered bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at = now
	delete(a.problems, stream)
	if err == nil || errors.Is(err, ErrRolledBack) || errors.As(err, new(*witness.Refusal)) {
		a.failed = 0
		answered = true
	} else {
		a.failed++
	}
	if err != nil {
		a.problems[stream] = shortly(err)
	}
	if err == nil {
		delete(a.accuses, stream)
	}
	return answered
}

// shortly leaves the address out of an error: it is known, and may hold a password.
func shortly(err error) string {
	if of := (*url.Error)(nil); errors.As(err, &of) {
		return of.Err.Error()
	}
	return err.Error()
}

// askFor asks a witness to cosign a checkpoint, and stops the stream's door when the witness has seen
// another history.
func (l *Ledger) askFor(ctx context.Context, a *asked, door *writer, signed signedHead) (c book.Cosignature, err error) {
	stream := door.book.stream
	a.mu.Lock()
	holds := min(a.holds[stream], signed.Size)
	a.mu.Unlock()
	for range witnessTries {
		r := &witness.Request{Old: holds, Checkpoint: signed.text}
		if holds > 0 && holds < signed.Size {
			if r.Proof, err = door.book.book.ProveTree(signed.Size, holds); err != nil {
				return c, err
			}
		}
		c, err = a.client.Add(ctx, r)
		var no *witness.Refusal
		switch {
		case err == nil:
			a.mu.Lock()
			a.holds[stream] = signed.Size
			a.mu.Unlock()
			return c, nil
		case !errors.As(err, &no):
			return c, err
		case no.Status == http.StatusConflict && no.Size != holds && no.Size <= signed.Size:
			holds = no.Size // it has seen more, or less, than was thought: from there
		case no.Status == http.StatusConflict && no.Size > signed.Size:
			return c, l.sawMore(ctx, door, a, no.Size)
		case no.Status == http.StatusConflict, no.Status == http.StatusUnprocessableEntity:
			return c, l.accused(ctx, a, door, holds)
		default:
			return c, err
		}
	}
	return c, err
}

// sawMore judges a witness that holds more than the checkpoint that it was asked for: the stream has grown
// since that was signed, or was rolled back. On a shared server another door may have recorded, and had
// witnessed, what this one learns in a moment: then the stream itself is asked how far it goes.
func (l *Ledger) sawMore(ctx context.Context, door *writer, a *asked, size uint64) error {
	end, _ := door.position()
	if st, ok := door.store.(*jetStore); ok && door.shared && size > end {
		var err error
		if end, err = st.end(ctx); err != nil {
			return fmt.Errorf("it holds %d entries, and the stream does not say how many it has: %w", size, err)
		}
	}
	if size <= end {
		return fmt.Errorf("it holds %d entries, more than the last checkpoint: the next one is asked for", size)
	}
	return l.accused(ctx, a, door, size)
}

// door returns the open door of a stream, nil when there is none.
func (l *Ledger) door(stream string) *writer {
	province, ours := ParseStreamName(stream)
	l.mu.Lock()
	defer l.mu.Unlock()
	if w, open := l.writers[province]; open && ours && w.book != nil {
		return w
	}
	return nil
}

// askAll asks every witness at once, and waits no longer than that: before the doors open, and after they
// closed.
func (l *Ledger) askAll(ctx context.Context, wait time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var asking sync.WaitGroup
	for i := range l.witnesses.asked {
		asking.Go(func() { l.ask(ctx, i) })
	}
	asking.Wait()
}

// openWitnesses asks the witnesses before the doors open, so that a ledger that was rolled back records nothing.
// When too few answer it opens all the same: what is acknowledged rests on the disk and not on
// witnesses, and departments could not work whenever somebody else's machine is down. It is an alarm until they
// answer, and what they then say counts.
func (l *Ledger) openWitnesses(ctx context.Context) {
	l.signAll() // a crash may have lost the last checkpoint, and clients remember it
	if l.witnesses == nil {
		return
	}
	l.askAll(ctx, witnessWait)
	for i := range l.witnesses.asked {
		l.running.Go(func() { l.attend(i) })
	}
}

// closeWitnesses has what was recorded last witnessed, if the witnesses answer in time.
func (l *Ledger) closeWitnesses() {
	if l.witnesses == nil {
		return
	}
	l.askAll(context.Background(), witnessLast)
	for _, a := range l.witnesses.asked {
		a.client.HTTP.CloseIdleConnections()
	}
}
