package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// bookCommand hands out what the book holds.
type bookCommand struct {
	Key    bookKeyCommand    `cmd:"" help:"公钥 · Print the public key of each stream's checkpoints."`
	Trust  bookTrustCommand  `cmd:"" help:"信任 · Accept a ledger that is not the one that was seen before."`
	Export bookExportCommand `cmd:"" help:"导出 · Write the book as a plain static tree that verifies without this program."`
}

type bookKeyCommand struct {
	Dir    string `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
	Stream string `arg:"" optional:"" placeholder:"STREAM" help:"Only this stream, such as ANJU-52. 数据流。"`
}

// Help shows an example.
func (bookKeyCommand) Help() string {
	return `Keep it where the ledger's operator cannot change it: proofs and checkpoints are checked with it. A running server gives it at /book/<stream>/key.
请保存在账本运维者无法改动之处：证明和检查点用它核对。

  anju book key --dir county ANJU-52 > ANJU-52.key`
}

// Run prints keys.
func (c bookKeyCommand) Run(s *session) (err error) {
	l, err := openLedger(s, events.Config{Dir: c.Dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	streams := []string{c.Stream}
	if c.Stream == "" {
		streams = streams[:0]
		for _, st := range l.Streams() {
			streams = append(streams, st.Stream)
		}
	}
	for _, stream := range streams {
		if _, ours := events.ParseStreamName(stream); !ours {
			return fmt.Errorf("数据流写作 ANJU-52 / a stream is written ANJU-52")
		}
		key, err := l.VerifierKey(stream)
		if err != nil {
			return err
		}
		fmt.Fprintln(s.out, key)
	}
	return nil
}

type bookExportCommand struct {
	Dir string `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
	To  string `arg:"" type:"path" placeholder:"FOLDER" help:"An empty or new folder. 空的或新的目录。"`
}

// Help shows an example.
func (bookExportCommand) Help() string {
	return `One folder a stream, with its checkpoint, its tiles and its entries under the paths of C2SP tlog-tiles, and the public key beside it. Any web server can serve it.
每个数据流一个目录，按 C2SP tlog-tiles 的路径存放检查点、哈希块和条目。

  anju book export --dir county county-book`
}

// Run writes the static trees.
func (c bookExportCommand) Run(s *session) (err error) {
	if there, err := os.ReadDir(c.To); err == nil && len(there) > 0 {
		return fmt.Errorf("目标目录不是空的：请另选 / the folder is not empty: choose another")
	}
	l, err := openLedger(s, events.Config{Dir: c.Dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for _, province := range l.Provinces() {
		stream := events.StreamName(province)
		checkpoint, err := l.Checkpoint(stream)
		if errors.Is(err, events.ErrNotFound) {
			continue // nothing is recorded in it
		}
		if err != nil {
			return err
		}
		n, err := c.export(l, province, checkpoint)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s  %s 条 entries → %s\n", stream, grouped(int(n)), filepath.Join(c.To, stream))
	}
	return nil
}

// export writes one stream's tree.
func (c bookExportCommand) export(l *events.Ledger, province uint8, checkpoint []byte) (uint64, error) {
	stream := events.StreamName(province)
	key, err := l.VerifierKey(stream)
	if err != nil {
		return 0, err
	}
	head, err := book.OpenCheckpoint(checkpoint, key)
	if err != nil {
		return 0, err
	}
	b, err := l.Book(province)
	if err != nil {
		return 0, err
	}
	dir := filepath.Join(c.To, stream)
	if err := b.Export(dir, head.Size, checkpoint); err != nil {
		return 0, err
	}
	return head.Size, os.WriteFile(filepath.Join(dir, "key"), []byte(key+"\n"), 0o644)
}
