package events

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/events/book"
)

// The pace of the scrub, which reads, hashes and compares everything durable, in stream and book,
// within a day. One piece a tick is at most 177 million events a day, for all streams together;
// a round is spread over less than a day, so that there is time to make up for stops and busy
// hours. While somebody waits at the door it stands back, until it is late by scrubPatience.
const (
	scrubDaily    = 24 * time.Hour // the default of Config.ScrubEvery
	scrubTick     = time.Second
	scrubPiece    = 2048 // events: some 40 ms of one core
	scrubSpread   = 4    // a round is spread over ScrubEvery less the fourth part of it
	scrubPatience = 8    // the eighth part of ScrubEvery
	scrubKeep     = 10 * time.Second
)

// scrubFile is the file, in the ledger's folder, that says how the scrubs stand: a restart goes
// on there. Without it everything is read again, and nothing is lost.
const scrubFile = "scrub.json"

// Scrub says how the scrub of a stream stands.
type Scrub struct {
	Started  time.Time `json:"started,omitzero"` // of the round that runs, or ran last
	Running  bool      `json:"running"`
	Position uint64    `json:"position"`        // the running round has compared everything up to here
	Found    []Finding `json:"found,omitempty"` // by the running round, so far
	Ended    time.Time `json:"ended,omitzero"`  // of the last round that came to its end
	Events   uint64    `json:"events,omitzero"` // that it compared
	Last     []Finding `json:"last,omitempty"`  // what it found
}

// scrub takes a step at each tick.
func (l *Ledger) scrub() {
	ticks := l.config.scrub
	if ticks == nil {
		tick := time.NewTicker(scrubTick)
		defer tick.Stop()
		ticks = tick.C
	}
	defer l.keepScrubs()
	for {
		select {
		case <-l.ctx.Done():
			return
		case now := <-ticks:
			l.scrubStep(now)
		}
	}
}

// maxSuspects bounds the places that wait to be looked at; a reader meets the others again.
const maxSuspects = 16

// suspect has the scrub look at a place where a reader met damage.
func (w *writer) suspect(sequence uint64) {
	select {
	case w.suspects <- sequence:
	default:
	}
}

// scrubSuspects compares the pieces in which readers met damage.
func (l *Ledger) scrubSuspects(now time.Time) {
	for _, w := range l.doors() {
		select {
		case sequence := <-w.suspects:
			durable, _ := w.position()
			from := (sequence - 1) / scrubPiece * scrubPiece
			found, err := w.scrubPiece(l.ctx, l.aside(w.book.stream, now), from, min(from+scrubPiece, durable))
			if err == nil { // otherwise the next reader meets it again
				l.noteFound(w, found)
			}
		default:
		}
	}
}

// noteFound notes what was found outside of a round's order.
func (l *Ledger) noteFound(w *writer, found []Finding) {
	if len(found) == 0 {
		return
	}
	w.mu.Lock()
	w.scrub.Found = keepFindings(w.scrub.Found, found)
	w.mu.Unlock()
	l.keepScrubs()
}

// mendEnd makes again what a checkpoint is made of, which was found damaged when one was due: the
// head, the tiles at the book's end and the entries there.
func (l *Ledger) mendEnd(w *writer, durable uint64) error {
	now := l.config.Clock()
	head, err := w.book.book.ReadHead()
	if errors.Is(err, book.ErrDamaged) {
		head, err = l.mendHead(w)
	}
	if err != nil {
		return err
	}
	for _, end := range []uint64{max(1, head.Size), durable} {
		from := (end - 1) / scrubPiece * scrubPiece
		found, err := w.scrubPiece(context.WithoutCancel(l.ctx), l.aside(w.book.stream, now), from, min(from+scrubPiece, durable))
		if err != nil {
			return err
		}
		l.noteFound(w, found)
	}
	return w.failure()
}

// mendHead writes the head again as the last checkpoint signed it, if the book still is that.
func (l *Ledger) mendHead(w *writer) (book.Head, error) {
	text, err := l.Checkpoint(w.book.stream)
	if err != nil {
		return book.Head{}, err
	}
	key, err := l.VerifierKey(w.book.stream)
	if err != nil {
		return book.Head{}, err
	}
	signed, err := book.OpenCheckpoint(text, key)
	if err == nil {
		err = w.book.book.Agrees(signed)
	}
	if err != nil {
		return book.Head{}, err
	}
	path := filepath.Join(l.config.Dir, "book", w.book.stream, "head")
	if err := os.Remove(path); err != nil {
		return book.Head{}, err
	}
	l.noteFound(w, []Finding{{Kind: Altered, In: InHead, From: 1, To: signed.Size, Mended: true}})
	return w.book.book.Advance(signed.Size)
}

// scrubStep compares a piece of the stream that is furthest behind its time, if one is.
func (l *Ledger) scrubStep(now time.Time) {
	l.scrubSuspects(now)
	var next *writer
	most := time.Duration(-1)
	for _, w := range l.doors() {
		if late, due := w.scrubDue(now, l.config.ScrubEvery); due && late > most {
			next, most = w, late
		}
	}
	if next == nil || l.recording.Load() > 0 && most < l.config.ScrubEvery/scrubPatience {
		return
	}
	s, durable, begun := next.beginScrub(now)
	if begun {
		l.dropCaches(next)
	}
	upTo := min(s.Position+scrubPiece, durable)
	found, err := next.scrubPiece(l.ctx, l.aside(next.book.stream, now), s.Position, upTo)
	if err != nil {
		return // nothing answers, or a segment is being sealed: the same piece again at the next tick
	}
	ended := upTo == durable
	if ended {
		found = slices.Concat(found, l.scrubHeads(next, durable))
	}
	next.mu.Lock()
	next.scrub.Position, next.scrub.Found = upTo, keepFindings(next.scrub.Found, found)
	if ended {
		next.scrub = Scrub{Started: s.Started, Ended: now, Events: durable, Last: next.scrub.Found}
	}
	next.mu.Unlock()
	if ended || len(found) > 0 || now.Sub(l.scrubKept) >= scrubKeep {
		l.scrubKept = now
		l.keepScrubs()
	}
}

// keepFindings adds findings to what is listed, as far as a list goes.
func keepFindings(list, more []Finding) []Finding {
	list = slices.Clone(list)
	for _, f := range more {
		if len(list) < maxFindings && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// scrubDue says whether the next piece of the stream is due, and how late it is.
func (w *writer) scrubDue(now time.Time, every time.Duration) (late time.Duration, due bool) {
	durable, _ := w.position()
	w.mu.Lock()
	s := w.scrub
	w.mu.Unlock()
	if w.book == nil || durable == 0 {
		return 0, false
	}
	late = now.Sub(s.Started)
	if !s.Running {
		late -= every
		return late, late >= 0
	}
	spread := every - every/scrubSpread
	late -= time.Duration(float64(spread) * float64(s.Position) / float64(durable))
	return late, late >= 0
}

// beginScrub returns how the running round stands, after it began a new one if none runs, or if
// the stream was put back meanwhile.
func (w *writer) beginScrub(now time.Time) (s Scrub, durable uint64, begun bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if begun = !w.scrub.Running || w.scrub.Position >= w.durable; begun {
		w.scrub.Started, w.scrub.Running, w.scrub.Position = now, true, 0 // what was found since the last stays
	}
	return w.scrub, w.durable, begun
}

// dropCaches makes the kernel forget the files of a stream and its book at the beginning of a
// round, so that what the round reads came from the disk since then. The server keeps a block in
// memory for ten seconds after it was used, and its newest one as long as it grows: that one is
// read from the disk by the round after it was full.
func (l *Ledger) dropCaches(w *writer) {
	for _, dir := range []string{l.storeDir(w.book.stream), filepath.Join(l.config.Dir, "book", w.book.stream)} {
		_ = l.disk.forget(dir) // then the cache is compared
	}
}

// storeDir is where the embedded server keeps a stream.
func (l *Ledger) storeDir(stream string) string {
	return filepath.Join(l.config.Dir, "jetstream", "jetstream", "$G", "streams", stream)
}

// aside returns the names under which damaged files of a book are kept.
func (l *Ledger) aside(stream string, now time.Time) func(segment uint64) string {
	return func(segment uint64) string {
		return filepath.Join(l.config.Dir, "damaged", fmt.Sprintf("book-%s.%s", stream, now.UTC().Format("20060102T150405.000")), fmt.Sprintf("%06d", segment))
	}
}

// scrubPiece compares what stands after one sequence up to another, and makes again in the book
// what the stream still proves. What the stream no longer has as it was recorded stops the door:
// the ledger may not go on where it no longer holds what it acknowledged.
func (w *writer) scrubPiece(ctx context.Context, aside func(uint64) string, after, upTo uint64) ([]Finding, error) {
	v := newVerification(w, upTo)
	if err := v.written(after, upTo); err != nil {
		return nil, err
	}
	mended := []Finding{}
	if len(v.report.Findings) > 0 {
		ctx = context.WithoutCancel(ctx) // what is made again is told too, even when the ledger is being closed
		failed := v.mend(ctx, aside, after, upTo)
		if errors.Is(failed, book.ErrSealing) || errors.Is(failed, errUnread) {
			return nil, failed
		}
		mended = v.report.Findings
		for i := range mended {
			mended[i].Mended = failed == nil
		}
		if failed != nil {
			mended = append(mended, unproven(failed, after, upTo))
		}
	}
	v = newVerification(w, upTo)
	if err := v.piece(ctx, after, upTo); err != nil {
		return nil, err
	}
	v.settle()
	found := mended
	for _, f := range v.report.Findings {
		if f.In == InStream || len(mended) == 0 {
			found = append(found, f)
		}
	}
	w.stopAt(found)
	return found, nil
}

// unproven is the finding of what could not be made again among the places after one up to
// another: because no copy proves it, or because of the disk.
func unproven(failed error, after, upTo uint64) Finding {
	f := Finding{Kind: Altered, In: InBook, From: after + 1, To: upTo, Detail: bothLanguages("%v", "%v", failed)}
	var d *book.DamageError
	if errors.As(failed, &d) {
		f.From, f.To, f.Unproven, f.Detail = d.From+1, d.To, true, bothLanguages("%v", "%v", d.Err)
	}
	return f
}

// stopAt stops the door where something is not what was recorded and could not be made again.
func (w *writer) stopAt(found []Finding) {
	for _, f := range found {
		if f.stops() {
			w.fail(w.differs(f))
		}
	}
}

// differs is the error of a finding.
func (w *writer) differs(f Finding) error {
	return &DifferenceError{w.book.stream, f.From, f.To, errors.New(f.what().EN)}
}

// mend makes what is damaged in the book again, from the stream.
func (v *verification) mend(ctx context.Context, aside func(uint64) string, after, upTo uint64) error {
	other := func(first uint64, n int) ([][]byte, error) {
		entries := make([][]byte, n)
		err := v.stream.between(ctx, first, first+uint64(n), func(m message) bool {
			entries[m.sequence-first-1] = v.book.entry(m)
			return true
		})
		return entries, err
	}
	for at := after; at < upTo; at = (at/book.SegmentEntries + 1) * book.SegmentEntries {
		if err := v.book.book.Mend(at, aside(at/book.SegmentEntries), other); err != nil {
			return err
		}
	}
	return nil
}

// scrubHeads compares the book with its head and with the last checkpoint. A head whose file is
// damaged is written again; what else is wrong stops the door.
func (l *Ledger) scrubHeads(w *writer, durable uint64) []Finding {
	l.shelf.signing.Lock()
	defer l.shelf.signing.Unlock()
	head, err := w.book.book.ReadHead()
	if errors.Is(err, book.ErrDamaged) {
		head, err = l.mendHead(w)
	}
	if err == nil {
		err = w.book.book.Agrees(head)
	}
	signed, failed := l.shelf.last(w.book.stream)
	if failed == nil {
		failed = w.book.book.Agrees(signed)
	}
	if err = errors.Join(err, failed); err == nil {
		return nil
	}
	found := []Finding{{Kind: Altered, In: InHead, From: 1, To: durable, Detail: bothLanguages("%v", "%v", err), Unproven: true}}
	w.stopAt(found)
	return found
}

// lookAgain compares the places that a scrub named before the ledger was closed. What is still so
// stops the door until it is repaired; the rest is forgotten.
func (w *writer) lookAgain(ctx context.Context) (differs, err error) {
	still := func(named []Finding) (left []Finding) {
		for _, f := range named {
			size := w.book.book.Size()
			if f.Mended || f.From > size || f.To-f.From > maxLookAgain {
				left = append(left, f)
				continue
			}
			v := newVerification(w, size)
			err = errors.Join(err, v.piece(ctx, f.From-1, min(f.To, size)))
			v.settle()
			for _, again := range v.report.Findings {
				again.Unproven = f.Unproven && again.In != InStream
				left = append(left, again)
				if differs == nil && again.stops() {
					differs = w.differs(again)
				}
			}
		}
		return left
	}
	w.mu.Lock()
	s := w.scrub
	w.mu.Unlock()
	s.Found, s.Last = still(s.Found), still(s.Last)
	w.mu.Lock()
	w.scrub = s
	w.mu.Unlock()
	return differs, err
}

// maxLookAgain bounds the places of a finding that are compared at a start; what is longer is
// found by the scrub.
const maxLookAgain = 1 << 20

// readScrubs reads how the scrubs stood; one that cannot be read is begun anew.
func readScrubs(dir string) map[string]Scrub {
	scrubs := map[string]Scrub{}
	text, err := os.ReadFile(filepath.Join(dir, scrubFile))
	if err != nil || json.Unmarshal(text, &scrubs) != nil {
		return map[string]Scrub{}
	}
	return scrubs
}

// keepScrubs writes how the scrubs stand; without it a start reads some of it again.
func (l *Ledger) keepScrubs() {
	scrubs := map[string]Scrub{}
	for _, w := range l.doors() {
		if w.book != nil {
			w.mu.Lock()
			scrubs[w.book.stream] = w.scrub
			w.mu.Unlock()
		}
	}
	text, err := json.Marshal(scrubs, json.Deterministic(true))
	path := filepath.Join(l.config.Dir, scrubFile)
	if err == nil {
		err = os.WriteFile(path+".new", text, 0o600)
	}
	if err == nil {
		_ = os.Rename(path+".new", path)
	}
}
