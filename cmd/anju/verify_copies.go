package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

type verifyTreeCommand struct {
	Key string `required:"" placeholder:"KEY" help:"The stream's public key, or a file with the keys of several. 公钥。"`
	Dir string `arg:"" type:"existingdir" placeholder:"FOLDER" help:"A static tree, as \"anju book export\" writes it, or a folder of several. 静态副本目录。"`
}

// Help shows an example.
func (verifyTreeCommand) Help() string {
	return `Needs neither the ledger nor a network. Checks the checkpoint's signature, every entry against its leaf, and every tile against the signed root; names what differs.
不需要账本和网络：核对检查点签名、每条记录和每个哈希块。

  anju book export --dir county county-book
  anju verify tree --key ANJU-52.key county-book/ANJU-52`
}

// Run verifies copied-out trees.
func (c verifyTreeCommand) Run(s *session) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	dirs, err := treesIn(c.Dir)
	if err != nil {
		return err
	}
	v := newVerifying(s)
	defer v.end()
	var reports []events.VerifyReport
	for _, dir := range dirs {
		fetch := book.FolderFetch(dir)
		key, err := keyOfTree(fetch, keys)
		if err != nil {
			return atRest(err)
		}
		report, err := events.VerifyTree(s.ctx, fetch, key, func(done, all uint64) { v.progress(dir, done, all) })
		if err != nil {
			return atRest(err)
		}
		reports = append(reports, report)
	}
	v.end()
	return v.print(reports)
}

// treesIn lists the static trees of a folder: itself, or those below it.
func treesIn(dir string) ([]string, error) {
	below, err := filepath.Glob(filepath.Join(dir, "ANJU-??", "checkpoint"))
	if err != nil || len(below) == 0 {
		return []string{dir}, err
	}
	for i, path := range below {
		below[i] = filepath.Dir(path)
	}
	return below, nil
}

// keyOfTree picks the key of a tree's stream, which its checkpoint names.
func keyOfTree(fetch events.Fetch, keys string) (string, error) {
	checkpoint, err := fetch("checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return "", events.ErrNoTree
	}
	if err != nil {
		return "", err
	}
	return keyOfCheckpoint(checkpoint, keys)
}

// keyOfCheckpoint picks the key of a checkpoint's stream. Where only one is given that one is
// meant, whatever the checkpoint says.
func keyOfCheckpoint(checkpoint []byte, keys string) (string, error) {
	if !strings.ContainsAny(keys, " \n") {
		return keys, nil
	}
	origin, _, _ := strings.Cut(string(checkpoint), "\n")
	return events.KeyOf(keys, origin[strings.LastIndexByte(origin, '/')+1:])
}

type verifyJetstreamCommand struct {
	Dir  string `arg:"" type:"existingdir" placeholder:"DIR" help:"A JetStream store, a stream's folder in it, or a folder of .blk files; a copy will do. 数据流目录或其副本。"`
	Book string `type:"existingdir" placeholder:"DIR" help:"Compare with this book: of a ledger's folder, or of a stream. Default: the one of the ledger around DIR. 账册目录。"`
	Key  string `placeholder:"KEY" help:"The public keys of the streams, or a file with them. 公钥。"`
}

// Help shows an example.
func (verifyJetstreamCommand) Help() string {
	return `Reads JetStream's message blocks as they lie, without a server: a server would cut off a damaged block when it opens it. Checks every record's checksum, the order and the gaps, and compares each message with the book; without a book, with the place that the event names itself.
直接读取数据块，不启动服务、不修改文件：核对校验和、顺序、缺口，并与账册逐条比较。

  anju verify jetstream county/jetstream
  anju verify jetstream --book county copy-of/ANJU-52/msgs`
}

// Run verifies a store at rest.
func (c verifyJetstreamCommand) Run(s *session) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	v := newVerifying(s)
	reports, err := events.VerifyStore(s.ctx, events.Rest{Dir: c.Dir, Book: c.Book, Key: keys, Progress: v.progress})
	v.end()
	if err != nil {
		return atRest(err)
	}
	return v.print(reports)
}

type verifyCheckpointsCommand struct {
	Key    string `required:"" placeholder:"KEY" help:"The stream's public key, or a file with it. 公钥。"`
	Server string `default:"http://127.0.0.1:8420" placeholder:"URL" help:"Get the proof from this running server. 运行中的服务。"`
	Dir    string `type:"existingdir" placeholder:"DIR" help:"Get it from this stopped ledger's folder. 账本目录。"`
	Tree   string `type:"existingdir" placeholder:"FOLDER" help:"Get it from this copied-out tree. 静态副本目录。"`
	Old    string `arg:"" type:"existingfile" help:"The checkpoint that you got first. 先取得的检查点。"`
	New    string `arg:"" type:"existingfile" help:"The one that you got later. 后取得的检查点。"`
}

// Help shows an example.
func (verifyCheckpointsCommand) Help() string {
	return `Keep a checkpoint now and then (GET /book/<stream>/checkpoint): a ledger whose later checkpoint does not go on from an earlier one has rewritten its history. Says whether they are consistent, or forked (two histories were signed), or rolled back. Whoever gives the proof is not trusted: it is checked against both signatures.
说明后一检查点是否只在前一检查点之上增加；否则指出分叉或回退。

  anju verify checkpoints --key ANJU-52.key monday.checkpoint friday.checkpoint`
}

// Run says how two checkpoints stand to each other.
func (c verifyCheckpointsCommand) Run(s *session) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	var heads [2]book.Head
	var key string
	for i, path := range []string{c.Old, c.New} {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if key, err = keyOfCheckpoint(text, keys); err != nil {
			return atRest(err)
		}
		if heads[i], err = book.OpenCheckpoint(text, key); err != nil {
			return newVerifying(s).print([]events.VerifyReport{events.UnsignedReport(key, filepath.Base(path), err)})
		}
	}
	files, release, err := c.files(s, key, max(heads[0].Size, heads[1].Size))
	if err != nil {
		return atRest(err)
	}
	defer release()
	report, err := events.VerifyCheckpoints(files, heads[0], heads[1], key)
	if err != nil {
		return atRest(err)
	}
	return newVerifying(s).print([]events.VerifyReport{report})
}

// files are those of the tree that gives the proof.
func (c verifyCheckpointsCommand) files(s *session, key string, size uint64) (files book.Files, release func(), err error) {
	stream := events.StreamOfKey(key)
	switch {
	case c.Tree != "":
		fetch := book.FolderFetch(c.Tree)
		if text, err := fetch("checkpoint"); err == nil {
			if head, err := book.OpenCheckpoint(text, key); err == nil {
				size = head.Size // as far as its tiles reach
			}
		}
		return book.NewTreeFiles(size, fetch), func() {}, nil
	case c.Dir != "":
		return events.RestingBook(events.Rest{Dir: c.Dir}, stream)
	}
	return book.NewTreeFiles(size, serverFetch(s, serverOf(c.Server)+"/book/"+stream+"/")), func() {}, nil
}
