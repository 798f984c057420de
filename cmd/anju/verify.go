package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// verifyCommand compares a ledger, or a part or copy of one, with what was recorded and signed.
type verifyCommand struct {
	Ledger      verifyLedgerCommand      `cmd:"" default:"withargs" help:"核对账本 · Compare every event of a stopped folder, or of a running server, with the book."`
	Event       verifyEventCommand       `cmd:"" help:"核对一条 · Verify one event: both copies, its leaf, and the signed root."`
	Proof       verifyProofCommand       `cmd:"" help:"核对证明 · Check the proof of an event offline, with the public key alone."`
	Checkpoints verifyCheckpointsCommand `cmd:"" help:"核对检查点 · Say whether a later checkpoint only adds to an earlier one."`
	Tree        verifyTreeCommand        `cmd:"" help:"核对副本 · Verify a copied-out static tree with the public key alone."`
	Jetstream   verifyJetstreamCommand   `cmd:"" name:"jetstream" help:"核对数据流文件 · Verify a JetStream folder at rest, or a copy of one, without opening it."`
}

// errDiffers ends a verification that found something; the exit code is exitDiffers.
var errDiffers = errors.New("账本与记录不符，见上 / the ledger is not what was recorded: see above")

type verifyLedgerCommand struct {
	Dir      string `type:"existingdir" placeholder:"DIR" help:"A ledger's folder; stop its server first. Nothing in it is changed. 账本目录，请先停止服务。"`
	Server   string `default:"http://127.0.0.1:8420" placeholder:"URL" help:"Without --dir: this running server. 运行中的服务。"`
	Key      string `placeholder:"KEY" help:"The public keys of the streams, or a file with them, got before and elsewhere. 公钥。"`
	BookOnly bool   `name:"book-only" help:"The streams are on a NATS server of your own: only the book is in the folder. 只核对账册。"`
}

// Help shows an example.
func (verifyLedgerCommand) Help() string {
	return `Reads and hashes everything, and compares it: each message of the stream with its entry in the book, each entry with its leaf, all leaves and tiles with the root of the last signed checkpoint. Exit code 3 when an event was altered, lost, inserted or reordered; each is named by its id and place.

With --dir the files are only read: what is damaged is still there afterwards, for a start or "anju repair" to mend. Of a running server the book is read over HTTP and checked here; the server is asked to compare its stream.

逐条核对数据流、账册与最近签名的检查点；发现改动、丢失、插入或移位时退出码为 3，并指出编号和位置。不修改任何文件。

  anju verify --dir county
  anju verify --server http://127.0.0.1:8420 --key ANJU-52.key`
}

// verifyAnswer is what --json prints.
type verifyAnswer struct {
	OK      bool                  `json:"ok"`
	Streams []events.VerifyReport `json:"streams"`
}

// Run verifies every stream of a folder or a server.
func (c verifyLedgerCommand) Run(s *session) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	v := newVerifying(s)
	var reports []events.VerifyReport
	if c.Dir == "" {
		reports, err = verifyServer(s, v, target{Server: c.Server}, keys)
	} else {
		reports, err = events.VerifyFolder(s.ctx, events.Rest{Dir: c.Dir, Key: keys, BookOnly: c.BookOnly, Progress: v.progress})
	}
	v.end()
	if err != nil {
		return atRest(err)
	}
	return v.print(reports)
}

// verifying shows how far a verification is, and prints what it found.
type verifying struct {
	s      *session
	began  time.Time
	stream string
	bar    *meter
}

func newVerifying(s *session) *verifying { return &verifying{s: s, began: s.clock()} }

// progress shows how many events of how many of a stream are done.
func (v *verifying) progress(stream string, done, all uint64) {
	if stream != v.stream {
		v.end()
		v.stream = stream
		v.bar = v.s.meter("核对 verifying "+stream, int64(all))
		v.bar.unit = "events"
	}
	v.bar.of(int64(all))
	v.bar.set(int64(done))
}

// end takes the bar away.
func (v *verifying) end() {
	if v.bar != nil {
		v.bar.end()
	}
}

// print prints the reports; errDiffers when one of them has a finding.
func (v *verifying) print(reports []events.VerifyReport) error {
	a := verifyAnswer{OK: true, Streams: reports}
	all := uint64(0)
	for _, r := range reports {
		a.OK = a.OK && r.OK
		all += r.Events
	}
	if v.s.json {
		if err := printJSON(v.s, a); err != nil {
			return err
		}
	} else {
		printVerified(v.s, reports)
		if took := v.s.clock().Sub(v.began); all > 0 && took >= time.Millisecond {
			fmt.Fprintf(v.s.out, "用时 took %s  每秒 a second %s\n", took.Round(time.Millisecond), grouped(int(float64(all)/took.Seconds())))
		}
	}
	if !a.OK {
		return errDiffers
	}
	return nil
}

// printJSON prints a value as one line of JSON.
func printJSON(s *session, value any) error {
	line, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(line, '\n'))
	return err
}

func printVerified(s *session, reports []events.VerifyReport) {
	for _, r := range reports {
		word := "一致 agrees"
		if !r.OK {
			word = "不符 DIFFERS"
		}
		fmt.Fprintf(s.out, "%s  %s 条 events  %s\n", r.Stream, grouped(int(r.Events)), word)
		if r.Root != "" {
			fmt.Fprintf(s.out, "  根 root %s  已签名 signed %s\n", r.Root, grouped(int(r.Signed)))
		}
		printFindings(s, r)
	}
}

// printFindings prints what a report names.
func printFindings(s *session, r events.VerifyReport) {
	for _, f := range r.Findings {
		fmt.Fprintln(s.out, "  "+findingLine(s, r.Stream, f))
	}
	if r.More > 0 {
		fmt.Fprintf(s.out, "  另有 and %d more\n", r.More)
	}
	for _, note := range r.Notes {
		fmt.Fprintln(s.out, "  "+s.say(note))
	}
}

// findingLine names the events of a finding, and what happened to them.
func findingLine(s *session, stream string, f events.Finding) string {
	where := stream
	if f.From > 0 {
		where += fmt.Sprintf(":%d", f.From)
	}
	if f.To > f.From {
		where += fmt.Sprintf("–%d", f.To)
	}
	kind, in := f.Kind.Words(), f.In.Words()
	line := fmt.Sprintf("%s  %s%s %s: %s", where, in.ZH, kind.ZH, in.EN, kind.EN)
	if f.Event.Present() {
		line += "  " + f.Event.String()
	}
	return strings.TrimRight(line+"  "+s.say(f.Detail), " ")
}

// inUse says what to do about a folder that a server holds.
func inUse(err error) error {
	if errors.Is(err, events.ErrInUse) {
		return fmt.Errorf("服务正在使用该目录：请先停止 anju serve / a server holds the folder: stop its \"anju serve\" first: %w", err)
	}
	return err
}

// openLedger opens the folder of a ledger that is there already: a mistyped folder is refused, not made one.
func openLedger(s *session, c events.Config) (*events.Ledger, error) {
	if err := events.CheckLedger(c.Dir); err != nil {
		return nil, atRest(err)
	}
	c.Port = -1
	l, err := events.Open(s.ctx, c)
	return l, inUse(err)
}

// atRest says what to do about a folder that cannot be verified.
func atRest(err error) error {
	switch {
	case errors.Is(err, events.ErrNoLedger):
		return fmt.Errorf("不是账本目录：目录中应有 book/ / not a ledger's folder: it has no book/ in it: %w", err)
	case errors.Is(err, events.ErrNoStore):
		return fmt.Errorf("没有找到 JetStream 数据流：应有 ANJU-52/msgs 或 .blk 文件 / no JetStream stream was found: it has ANJU-52/msgs or .blk files: %w", err)
	case errors.Is(err, events.ErrNoTree):
		return fmt.Errorf("不是静态副本：目录中应有 checkpoint / not a static tree: it has no checkpoint in it: %w", err)
	case errors.Is(err, events.ErrNoKey):
		return fmt.Errorf("给出的公钥都不属于该数据流 / none of the keys is the stream's: %w", err)
	case errors.Is(err, book.ErrNotThere):
		return fmt.Errorf("账册不够长，无法回答 / the book does not reach far enough to say: %w", err)
	case errors.Is(err, events.ErrNotFound):
		return fmt.Errorf("账本中没有这条事件 / the ledger has no such event: %w", err)
	}
	return inUse(err)
}

// readKeys reads public keys, a line each, given as they are or in a file.
func readKeys(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if fromFile, err := os.ReadFile(text); err == nil {
		text = string(fromFile)
	}
	text = strings.TrimSpace(text)
	for _, key := range strings.Fields(text) {
		if err := book.CheckVerifier(key); err != nil {
			return "", fmt.Errorf("--key 不是公钥，也不是含公钥的文件：请用 anju book key 取得 / --key is neither a public key nor a file with one: \"anju book key\" prints them: %w", err)
		}
	}
	return text, nil
}
