// Package export writes tables of the ledger as plain files: Parquet, CSV or NDJSON, with a data
// dictionary and a manifest that says what they are tables of.
//
// An export is a function of its Order and of the log up to the positions in its manifest: made
// again from them it is the same, byte for byte (TestAnExportIsMadeAgainBitForBit). A folder
// stands under its final name only when it is whole and synced. Sealed fields stay sealed; no
// table holds a name or an official number of a person or household. Parquet is written by
// parquet-go.
package export

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/projections"
)

// ErrTable reports a table that does not exist; Tables lists those that do.
var ErrTable = errors.New("no such table")

// ErrFormat reports a format that does not exist; Formats lists those that do.
var ErrFormat = errors.New("no such format")

// ErrDay reports a table of statuses without a day: name one.
var ErrDay = errors.New("the table is of a day")

// Source is the ledger that is exported.
type Source struct {
	Log   Log
	Views *projections.Views // of it; may be absent when no table needs them: NeedsDay
}

// Log is the log that is exported.
type Log interface {
	Read(ctx context.Context, province uint8, after uint64) iter.Seq2[events.Record, error]
	RecordedBy(province uint8, by domain.Moment) uint64
	Streams() []events.StreamState
	Book(province uint8) (*book.Book, error)
	Directory() *events.Directory
}

// Format is how a table is written.
type Format string

// The formats.
const (
	Parquet Format = "parquet" // one folder a month, zstd
	CSV     Format = "csv"     // RFC 4180, UTF-8
	NDJSON  Format = "ndjson"  // one JSON object a line
)

// Formats lists the formats.
func Formats() []Format { return []Format{Parquet, CSV, NDJSON} }

// Order says what is exported.
type Order struct {
	Tables   []string
	Format   Format
	Division domain.Division // and what lies in it; "" = everything
	AsOf     domain.Day      // only what was true in the world by this day; NoDay = all
	KnownAt  domain.Moment   // only what was recorded by then; 0 = all that is durable
	// Parameters names the set that statuses are judged by; "" = the one in force.
	Parameters string
	// End is how far each stream is read; nil = to its durable end. An export made again takes it
	// from the manifest of the first.
	End projections.Position
}

// Progress is told how many rows of a table are written; it may be absent.
type Progress func(table string, rows int64)

// Write makes the export in a folder that is not there yet, or empty, and returns its manifest.
// ErrFolder when something is in it, ErrTable and ErrFormat for what does not
// exist, ErrDay for a table of statuses without a day. Until everything is written and synced
// it stands under <dir>.partial, which is deleted when it fails.
func Write(ctx context.Context, source Source, o Order, dir string, progress Progress) (m Manifest, err error) {
	if err := o.Check(); err != nil {
		return m, err
	}
	f, err := newFolder(dir)
	if err != nil {
		return m, err
	}
	defer func() { err = f.finish(err) }()
	if progress == nil {
		progress = func(string, int64) {}
	}
	e := &exporter{source: source, order: o, folder: f, progress: progress, made: func(string) error { return nil }}
	return e.write(ctx)
}

// write makes the export in its folder, the manifest last.
func (e *exporter) write(ctx context.Context) (m Manifest, err error) {
	if err := e.settle(ctx); err != nil {
		return m, err
	}
	if err := e.readActs(ctx); err != nil {
		return m, err
	}
	for _, t := range tables() {
		if !slices.Contains(e.order.Tables, t.name) {
			continue
		}
		if err := t.write(ctx, e); err != nil {
			return m, fmt.Errorf("table %s: %w", t.name, err)
		}
		for _, f := range e.manifest.Tables[len(e.manifest.Tables)-1].Files {
			if err := e.made(f.Path); err != nil {
				return m, err
			}
		}
	}
	e.manifest.Notes = e.notes()
	return e.manifest, e.describe()
}

// Check says whether there is such an export: ErrTable, ErrDay or ErrFormat when there is none.
func (o *Order) Check() error {
	for _, name := range o.Tables {
		if !slices.Contains(Tables(), name) {
			return fmt.Errorf("%w: %s", ErrTable, name)
		}
		if NeedsDay(name) && o.AsOf == domain.NoDay {
			return fmt.Errorf("%w: %s", ErrDay, name)
		}
	}
	if len(o.Tables) == 0 {
		return fmt.Errorf("%w: none is named", ErrTable)
	}
	if !slices.Contains(Formats(), o.Format) {
		return fmt.Errorf("%w: %s", ErrFormat, o.Format)
	}
	return nil
}

// exporter is one export on its way.
type exporter struct {
	source   Source
	order    Order
	folder   *folder
	progress Progress
	made     func(file string) error // told of each file when it and its table are whole
	ends     []end
	acts     acts
	known    *projections.Known // absent when no table needs it
	reach    reach
	manifest Manifest
}

// end is how far a stream is read.
type end struct {
	province uint8
	sequence uint64
}

// settle finds how far each stream is read, and with which root.
func (e *exporter) settle(ctx context.Context) error {
	o := &e.order
	e.manifest = Manifest{
		Export: Version, Format: o.Format, Division: o.Division, AsOf: o.AsOf, KnownAt: o.KnownAt, Definition: domain.Definition, Streams: []StreamEnd{}, Tables: []TableFiles{},
	}
	for _, s := range e.source.Log.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		sequence := s.Durable
		if o.End != nil {
			if o.End[s.Stream] > sequence {
				return fmt.Errorf("%w: %s ends at %d, before %d", events.ErrNotFound, s.Stream, sequence, o.End[s.Stream])
			}
			sequence = o.End[s.Stream]
		}
		if o.KnownAt != 0 && o.End == nil { // an end is known already
			sequence = min(sequence, e.source.Log.RecordedBy(province, o.KnownAt))
		}
		stream := StreamEnd{Stream: s.Stream, Position: sequence}
		if b, err := e.source.Log.Book(province); err == nil && sequence > 0 {
			root, err := b.Root(sequence)
			if err != nil {
				return err
			}
			stream.Root = root.String()
		}
		if err := e.newest(ctx, province, sequence); err != nil {
			return err
		}
		e.ends = append(e.ends, end{province, sequence})
		e.manifest.Streams = append(e.manifest.Streams, stream)
	}
	return e.look(ctx)
}

// newest looks when the newest event of a stream was recorded; the manifest says it where nobody asked.
func (e *exporter) newest(ctx context.Context, province uint8, last uint64) error {
	if last == 0 {
		return nil
	}
	for rec, err := range e.source.Log.Read(ctx, province, last-1) {
		if err == nil && rec.Event != nil {
			e.reach.recorded = max(e.reach.recorded, rec.Event.Recorded)
		}
		if e.order.KnownAt == 0 {
			e.manifest.KnownAt = e.reach.recorded
		}
		return err
	}
	return nil
}

// look prepares the views for the tables that are asked of them.
func (e *exporter) look(ctx context.Context) (err error) {
	if !slices.ContainsFunc(e.order.Tables, NeedsDay) {
		return nil
	}
	end := projections.Position{}
	for _, s := range e.manifest.Streams {
		end[s.Stream] = s.Position
	}
	if e.known, err = e.source.Views.KnownTo(ctx, end); err == nil {
		e.known, err = e.known.Under(e.order.Parameters)
	}
	if err == nil {
		e.manifest.Parameters = e.known.Parameters().Name
	}
	return err
}

// records yields the events that the order chooses, in the order of the log.
func (e *exporter) records(ctx context.Context) iter.Seq2[*events.Event, error] {
	return func(yield func(*events.Event, error) bool) {
		for event, err := range e.all(ctx) {
			if (err != nil || e.chooses(event)) && (!yield(event, err) || err != nil) {
				return
			}
		}
	}
}

// all yields every event up to the end of each stream.
func (e *exporter) all(ctx context.Context) iter.Seq2[*events.Event, error] {
	return func(yield func(*events.Event, error) bool) {
		for _, end := range e.ends {
			for rec, err := range e.source.Log.Read(ctx, end.province, 0) {
				if err == nil {
					err = ctx.Err() // a book is read to its end
				}
				if err != nil {
					yield(nil, err)
					return
				}
				if rec.Sequence > end.sequence {
					break
				}
				if rec.Event != nil && !yield(rec.Event, nil) {
					return
				}
			}
		}
	}
}

// bounded reports an order that does not choose every event.
func (o *Order) bounded() bool { return o.AsOf != domain.NoDay || o.Division != "" }

// chooses reports whether an event that is no act lies within the bounds.
func (o *Order) chooses(e *events.Event) bool {
	return (o.AsOf == domain.NoDay || e.Time.Day() <= o.AsOf) && e.Division.Within(o.Division)
}
