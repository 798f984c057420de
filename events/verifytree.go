package events

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/anju-ledger/anju/events/book"
)

// ErrNoTree reports files that are no static tree: there is no checkpoint.
var ErrNoTree = errors.New("there is no static tree: no checkpoint")

// Fetch returns a resource of a static tree (C2SP tlog-tiles) by its path, such as "checkpoint" or
// "tile/0/x001/234.p/5"; fs.ErrNotExist when it is not there. It may be called concurrently.
type Fetch func(path string) ([]byte, error)

// VerifyTree verifies a static tree, copied out or at a server, with nothing but the public key of
// its stream: the checkpoint's signature, every tile and every entry against its root. ErrNoTree
// when there is no checkpoint.
func VerifyTree(ctx context.Context, fetch Fetch, key string, progress func(done, all uint64)) (VerifyReport, error) {
	report := newReport(StreamOfKey(key))
	checkpoint, err := fetch("checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return report, ErrNoTree
	}
	if err != nil {
		return report, err
	}
	head, err := book.OpenCheckpoint(checkpoint, key)
	if err != nil {
		report.find(Finding{Kind: Unsigned, In: InCheckpoint, Detail: bothLanguages("%v", "%v", err)})
		report.close()
		return report, nil
	}
	report.Events, report.Signed = head.Size, head.Size
	files := book.NewTreeFiles(head.Size, fetch)
	audit := &book.Audit{Files: files, Size: head.Size}
	if head.Size > 0 {
		audit.Heads = []book.Head{head}
	}
	for run, err := range audit.Runs() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return report, err
		}
		for _, f := range run.Flaws {
			report.flaw(f, head)
		}
		if progress != nil {
			progress(run.First+uint64(len(run.Entries)), head.Size)
		}
	}
	report.Root = audit.Root().String()
	report.close()
	return report, nil
}

// StreamOfKey returns the stream in the name of a public key, "<origin>/ANJU-52+…".
func StreamOfKey(key string) string {
	origin, _, _ := strings.Cut(key, "+")
	return origin[strings.LastIndexByte(origin, '/')+1:]
}

// flaw tells the report what is wrong with a tree.
func (r *VerifyReport) flaw(f book.Flaw, signed book.Head) {
	found := Finding{From: f.From + 1, To: f.To}
	switch f.Kind {
	case book.EntryLost:
		found.Kind, found.In = Lost, InBook
	case book.EntryAltered:
		found.Kind, found.In = Altered, InBook
	case book.HashLost:
		found.Kind, found.In = Lost, InTiles
	case book.HashAltered:
		found.Kind, found.In = Altered, InTiles
	case book.WrongRoot:
		found.Kind, found.In = Forked, InHead
		if f.Head == signed {
			found.In = InCheckpoint
		}
		found.Detail = bothLanguages("这 %d 条得不出根 %s", "these %d do not give the root %s", f.Head.Size, f.Head.Root)
	}
	if found.In == InTiles {
		found.Detail = bothLanguages("第 %d 级哈希", "hash of level %d", f.Level)
	}
	r.find(found)
}

// VerifyCheckpoints says how the checkpoint that was signed later stands to the one before, proved by
// the files of a tree that holds the larger of them. What is wrong is in the report.
func VerifyCheckpoints(files book.Files, before, after book.Head, key string) (VerifyReport, error) {
	report := newReport(StreamOfKey(key))
	report.Events, report.Signed, report.Root = after.Size, after.Size, after.Root.String()
	relation, err := book.Relate(files, before, after)
	if err != nil {
		return report, fmt.Errorf("%d → %d: %w", before.Size, after.Size, err)
	}
	upTo := min(before.Size, after.Size)
	switch relation {
	case book.Rollback:
		report.find(Finding{
			Kind: RolledBack, In: InCheckpoint, From: after.Size + 1, To: before.Size,
			Detail: bothLanguages("后一检查点只有 %d 条，前一检查点已有 %d 条", "the later checkpoint has %d entries, and the earlier had %d", after.Size, before.Size),
		})
	case book.Fork:
		report.find(Finding{
			Kind: Forked, In: InCheckpoint, From: 1, To: upTo,
			Detail: bothLanguages("前 %d 条有两个签名的历史", "two histories of the first %d entries were signed", upTo),
		})
	case book.Elsewhere:
		report.find(Finding{
			Kind: Forked, In: InTiles, From: 1, To: max(before.Size, after.Size),
			Detail: bothLanguages("这里的 %d 条不是检查点所签的", "the %d entries here are not those that the checkpoint signs", max(before.Size, after.Size)),
		})
	}
	report.close()
	return report, nil
}

// UnsignedReport is the report of something that the key did not sign.
func UnsignedReport(key, what string, err error) VerifyReport {
	report := newReport(StreamOfKey(key))
	report.find(Finding{Kind: Unsigned, In: InCheckpoint, Detail: bothLanguages("%s：%v", "%s: %v", what, err)})
	report.close()
	return report
}

// RestingBook opens the files of a stream's book in a stopped ledger's folder, to be read; release
// gives them and the folder back. ErrNotFound when the stream has no book.
func RestingBook(r Rest, stream string) (files book.Files, release func(), err error) {
	leave, err := r.enter()
	if err != nil {
		return nil, nil, err
	}
	dir := r.bookOf(stream)
	if dir == "" {
		leave()
		return nil, nil, ErrNotFound
	}
	opened, err := book.OpenFiles(dir)
	if err != nil {
		leave()
		return nil, nil, err
	}
	return opened, func() {
		_ = opened.Close() // it was only read
		leave()
	}, nil
}
