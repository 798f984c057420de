package events

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/blocks"
	"github.com/anju-ledger/anju/events/book"
)

// resting is the verification of one stream at rest.
type resting struct {
	stream  string
	report  VerifyReport
	files   *book.FolderFiles // nil: there is no book
	signed  book.Head         // by the last checkpoint
	known   []book.Head       // what the book must have been
	must    uint64            // how much of it
	size    uint64            // of the book
	unclean bool              // the ledger was not closed: what nobody signed may be unfinished
	account *account
	next    func() (*blocks.Block, error, bool) // the blocks that are left
	records []blocks.Record                     // of the block that is being read
	block   string
	last    domain.Moment // without a book: when the last event was recorded

	named      map[uint64]domain.EventID // of places where the book is wrong and the stream right
	ahead      uint64                    // messages behind the end of a book that was not closed
	unfinished uint64                    // where the unfinished end of a book that was not closed ends
	cut        bool                      // a block ends in the middle of a record
}

// verify verifies one stream.
func (r *Rest) verify(ctx context.Context, s restStore) (VerifyReport, error) {
	v := &resting{stream: s.name, report: newReport(s.name), named: map[uint64]domain.EventID{}, next: func() (*blocks.Block, error, bool) { return nil, nil, false }}
	if err := v.openBook(r); err != nil {
		return v.report, err
	}
	if v.files != nil {
		defer v.files.Close()
	}
	v.account = newAccount(0, v.size)
	if s.dir != "" && !r.BookOnly {
		v.settings(filepath.Join(filepath.Dir(s.dir), "meta.inf"))
		store, err := blocks.Open(s.dir, s.name)
		if err != nil {
			return v.report, err
		}
		next, stop := iter.Pull2(store.Blocks())
		defer stop()
		v.next = func() (*blocks.Block, error, bool) {
			b, err, more := next()
			return b, err, more
		}
	}
	progress := func(done uint64) {
		if r.Progress != nil {
			r.Progress(s.name, done, v.size)
		}
	}
	if err := v.compare(ctx, r, progress); err != nil {
		return v.report, err
	}
	v.report.close()
	return v.report, nil
}

// settings compares how JetStream is told to keep the stream with how the ledger wants it kept. A copy
// of the blocks alone has no settings.
func (v *resting) settings(path string) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var config jetstream.StreamConfig
	if err == nil {
		err = json.Unmarshal(text, &config)
	}
	wrong := ""
	if err != nil {
		wrong = err.Error()
	} else if province, ours := ParseStreamName(v.stream); ours {
		wrong = differsFrom(config, streamConfig(province))
	}
	if wrong != "" {
		v.report.find(Finding{Kind: Altered, In: InSettings, Detail: bothLanguages("%s", "%s", wrong)})
	}
}

// openBook opens the book, head and checkpoint of the stream.
func (v *resting) openBook(r *Rest) error {
	dir := r.bookOf(v.stream)
	if dir == "" {
		v.unclean = true
		v.report.note(domain.Text{ZH: "没有账册：只核对各记录自身", EN: "there is no book: each record is checked by itself"})
		return nil
	}
	_, err := os.Stat(filepath.Join(r.bookRoot(v.stream), "..", unclean))
	v.unclean = err == nil
	if v.files, err = book.OpenFiles(dir); err != nil {
		return err
	}
	signed, err := r.signed(v.stream, &v.report)
	if err != nil {
		return err
	}
	v.report.Signed = signed.Size
	head, err := v.files.Head()
	if err != nil && !errors.Is(err, book.ErrDamaged) {
		return err
	}
	switch {
	case err != nil:
		v.report.find(Finding{Kind: Altered, In: InHead, Detail: bothLanguages("%v", "%v", err)})
	case head.Size < signed.Size:
		v.report.find(Finding{
			Kind: RolledBack, In: InHead, From: head.Size + 1, To: signed.Size,
			Detail: bothLanguages("账册头只到 %d，检查点已签到 %d", "the head ends at %d, and the checkpoint signs %d", head.Size, signed.Size),
		})
	}
	entries, leaves, err := v.files.Written()
	if err != nil {
		return err
	}
	v.signed, v.must = signed, max(head.Size, signed.Size)
	for _, h := range []book.Head{head, signed} {
		if h.Size > 0 && !slices.Contains(v.known, h) {
			v.known = append(v.known, h)
		}
	}
	v.size = max(v.must, min(entries, leaves))
	if !v.unclean {
		v.size = max(v.size, entries, leaves)
	}
	return nil
}

// compare walks over book and stream side by side.
func (v *resting) compare(ctx context.Context, r *Rest, progress func(done uint64)) error {
	if v.files != nil {
		audit := &book.Audit{Files: v.files, Size: v.size, Heads: v.known}
		for run, err := range audit.Runs() {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			v.flaws(run.Flaws)
			if err := v.upTo(run); err != nil {
				return err
			}
			progress(run.First + uint64(len(run.Entries)))
		}
		v.report.Root = audit.Root().String()
	}
	if err := v.rest(ctx, progress); err != nil {
		return err
	}
	v.settle(r)
	return nil
}

// flaws tells the report what is wrong with the book itself.
func (v *resting) flaws(flaws []book.Flaw) {
	for _, f := range flaws {
		if f.From >= v.must && f.Kind != book.WrongRoot && v.unclean {
			v.unfinished = max(v.unfinished, f.To)
			continue
		}
		v.report.flaw(f, v.signed)
	}
}

// record returns the next record of the stream without taking it, nil at the end.
func (v *resting) record() (*blocks.Record, error) {
	for len(v.records) == 0 {
		b, err, more := v.next()
		if err != nil || !more {
			return nil, err
		}
		v.records, v.block = b.Records, b.File
		if b.WrittenAs != b.Index {
			v.moved(b)
		}
	}
	return &v.records[0], nil
}

// moved notes a block that stands under another block's name: JetStream drops all of it.
func (v *resting) moved(b *blocks.Block) {
	f := Finding{Kind: Reordered, In: InStream, Detail: bothLanguages("%s 原为 %d.blk", "%s was written as %d.blk", b.File, b.WrittenAs)}
	for _, rec := range b.Records {
		if rec.Kind != blocks.Message {
			continue
		}
		if f.From == 0 {
			f.From = rec.Sequence
		}
		f.To = rec.Sequence
	}
	v.report.find(f)
}

// upTo takes the records up to the end of a run of entries.
func (v *resting) upTo(run *book.Audited) error {
	end := run.First + uint64(len(run.Entries))
	for {
		rec, err := v.record()
		if rec == nil || err != nil || rec.Kind == blocks.Message && rec.Sequence > end {
			return err
		}
		if rec.Kind == blocks.Message && rec.Sequence > run.First && v.same(run.Entries[rec.Sequence-1-run.First], rec) {
			v.account.take(rec.Sequence, true, 0)
		} else {
			v.take(rec)
		}
		v.records = v.records[1:]
	}
}

// rest takes what stands behind the book's end, or everything when there is no book.
func (v *resting) rest(ctx context.Context, progress func(done uint64)) error {
	for taken := uint64(0); ; taken++ {
		rec, err := v.record()
		if rec == nil || err != nil {
			return err
		}
		if v.files == nil {
			v.alone(rec)
		} else {
			v.take(rec)
		}
		v.records = v.records[1:]
		if taken%settleEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(v.account.next - 1)
		}
	}
}

// same says that a message is byte for byte the one that an entry was made of. One whose body
// stands as its hash is not: take looks at that.
func (v *resting) same(entry []byte, m *blocks.Record) bool {
	n := 2 + len(v.stream)
	if len(entry) != n+14+len(m.Subject)+len(m.Body) || string(entry[2:n]) != v.stream {
		return false
	}
	return binary.BigEndian.Uint16(entry) == uint16(len(v.stream)) &&
		binary.BigEndian.Uint64(entry[n:]) == m.Sequence &&
		binary.BigEndian.Uint16(entry[n+8:]) == uint16(len(m.Subject)) &&
		bytes.Equal(entry[n+10:n+10+len(m.Subject)], m.Subject) &&
		binary.BigEndian.Uint32(entry[n+10+len(m.Subject):]) == uint32(len(m.Body)) &&
		bytes.Equal(entry[n+14+len(m.Subject):], m.Body)
}

// take takes a record that is not simply the message that the book has.
func (v *resting) take(rec *blocks.Record) {
	switch rec.Kind {
	case blocks.Tombstone, blocks.Erased:
		v.account.erased(rec.Sequence, domain.Text{ZH: "已通过 JetStream 删除", EN: "deleted through JetStream"})
	case blocks.Damaged:
		how := bothLanguages("%s 第 %d 字节起的记录校验和不符", "the checksum of its record at byte %[2]d of %[1]s is wrong", v.block, rec.At)
		v.account.broken(rec.Sequence, how)
	case blocks.Unreadable:
		v.account.unreadable(bothLanguages("%s 第 %d 至 %d 字节无法读取", "bytes %[2]d to %[3]d of %[1]s cannot be read", v.block, rec.At, rec.At+rec.Size-1))
	case blocks.Cut:
		v.cut = true
	default:
		m := message{rec.Sequence, string(rec.Subject), rec.Body}
		if v.is(m, rec.Sequence) {
			v.account.take(rec.Sequence, true, 0)
			v.remember(m)
			return
		}
		v.stranger(m)
	}
}

// remember notes the id of an event that the book no longer has as it was.
func (v *resting) remember(m message) {
	if e, err := Parse(m.body); err == nil && len(v.named) < maxFindings {
		v.named[m.sequence] = e.ID
	}
}

// is says that a message is the one recorded at a place.
func (v *resting) is(m message, place uint64) bool {
	leaf, known, err := book.RawLeaf(v.files, place-1)
	m.sequence = place
	return err == nil && known && place <= v.size && rightLeaf(leaf, appendEntry(nil, v.stream, &m))
}

// stranger takes a message that was not recorded at its place.
func (v *resting) stranger(m message) {
	e, err := Parse(m.body)
	switch {
	case err == nil && e.Sequence != m.sequence && v.is(m, e.Sequence):
		v.account.take(m.sequence, false, e.Sequence)
	case err == nil && e.Sequence == m.sequence && m.sequence == max(v.account.next, v.size+1) && v.unclean:
		v.account.next = m.sequence + 1 // the book was not that far when the ledger stopped
		v.ahead++
	default:
		v.account.take(m.sequence, false, 0)
	}
}

// alone takes a record where there is no book: an event says itself where it stands.
func (v *resting) alone(rec *blocks.Record) {
	if rec.Kind != blocks.Message {
		v.take(rec)
		return
	}
	m := message{rec.Sequence, string(rec.Subject), rec.Body}
	e, err := Parse(m.body)
	switch {
	case err != nil || e.Stream() != v.stream || e.NATSSubject() != m.subject:
		v.account.take(m.sequence, false, 0)
	case e.Sequence != m.sequence:
		v.account.take(m.sequence, false, e.Sequence)
	case m.sequence < v.account.next: // it stands behind a later one, which is told: its time says no more
		v.account.take(m.sequence, true, 0)
	default:
		v.account.take(m.sequence, true, 0)
		if e.Recorded < v.last {
			v.report.find(Finding{
				Kind: Altered, In: InStream, From: m.sequence, To: m.sequence, Event: e.ID,
				Detail: domain.Text{ZH: "记录时间早于前一条", EN: "it was recorded before its predecessor"},
			})
		}
		v.last = e.Recorded
	}
}

// settle ends the account of the stream.
func (v *resting) settle(r *Rest) {
	a := v.account
	switch {
	case r.BookOnly:
		a.recorded = 0
		v.report.note(domain.Text{ZH: "只核对账册，数据流在别的服务器上", EN: "only the book was checked: the stream is kept elsewhere"})
	case v.files == nil:
		v.settleAlone()
	case v.unclean:
		v.settleUnclean()
	}
	for i := range v.report.Findings {
		if f := &v.report.Findings[i]; f.From == f.To && f.From > 0 {
			f.Event = v.name(f.From)
		}
	}
	v.report.Events = max(v.size, a.recorded)
	a.settle(&v.report, v.name)
}

// settleAlone says where a stream ends that has no book.
func (v *resting) settleAlone() {
	v.account.endAlone()
	if v.cut {
		v.report.note(domain.Text{ZH: "最后一条记录不完整，之后可能还有", EN: "the last record is cut off; there may have been more"})
	}
}

// settleUnclean tells what a ledger that was not closed left unfinished. Nobody signed it, so that
// nobody can tell it from what was lost: the next start mends it from the other copy.
func (v *resting) settleUnclean() {
	a := v.account
	if end := max(v.must, a.next-1); end < a.recorded {
		v.report.note(bothLanguages("账本未正常关闭：账册比数据流多 %d 条，下次启动时补回",
			"the ledger was not closed: the book has %d events more than the stream, and the next start gives them back", a.recorded-end))
		a.recorded = end
	}
	if v.ahead > 0 {
		v.report.note(bothLanguages("账本未正常关闭：数据流比账册多 %d 条，下次启动时补录",
			"the ledger was not closed: the stream has %d events more than the book, and the next start enters them", v.ahead))
	}
	if v.unfinished > 0 {
		v.report.note(domain.Text{ZH: "账本未正常关闭：账册末尾未写完", EN: "the ledger was not closed: the end of the book is unfinished"})
	}
}

// name returns the id of the event at a place, from the book, or from the stream where the book is
// wrong.
func (v *resting) name(sequence uint64) (id domain.EventID) {
	if id, known := v.named[sequence]; known || v.files == nil {
		return id
	}
	entry, err := book.RawEntry(v.files, v.size, sequence-1)
	if err != nil {
		return id
	}
	return eventOf(entry)
}
