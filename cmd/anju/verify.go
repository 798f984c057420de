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

// verifyCommand compares a ledger with its book, or checks a proof.
type verifyCommand struct {
	Ledger verifyLedgerCommand `cmd:"" default:"withargs" help:"核对账本 · Read every event of a folder from stream and book, and compare them."`
	Proof  verifyProofCommand  `cmd:"" help:"核对证明 · Check the proof of an event offline, with the public key alone."`
}

// errDiffers ends a verification that found something; the exit code is exitDiffers.
var errDiffers = errors.New("账本与记录不符，见上 / the ledger is not what was recorded: see above")

type verifyLedgerCommand struct {
	Dir string `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
}

// Help shows an example.
func (verifyLedgerCommand) Help() string {
	return `Reads and hashes everything, from JetStream and from the book, and compares it entry by entry, tile by tile, and with the last signed checkpoint. Exit code 3 when something is altered, lost or moved; the places are named.
逐条核对数据流、账本与最近签名的检查点；发现不符时退出码为 3，并指出位置。

  anju verify --dir county`
}

// verifyAnswer is what --json prints.
type verifyAnswer struct {
	OK      bool                  `json:"ok"`
	Streams []events.VerifyReport `json:"streams"`
}

// Run verifies every stream of a folder.
func (c verifyLedgerCommand) Run(s *session) (err error) {
	l, err := events.Open(s.ctx, events.Config{Dir: c.Dir, Port: -1})
	if err != nil {
		return inUse(err)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	a := verifyAnswer{OK: true, Streams: []events.VerifyReport{}}
	for _, province := range l.Provinces() {
		bar := s.meter("核对 verifying "+events.StreamName(province), -1)
		report, err := l.Verify(s.ctx, province, func(done, _ uint64) { bar.set(int64(done)) })
		bar.end()
		if err != nil {
			return err
		}
		a.OK = a.OK && report.OK
		a.Streams = append(a.Streams, report)
	}
	if s.json {
		err = json.MarshalWrite(s.out, a)
	} else {
		printVerified(s, a.Streams)
	}
	if err == nil && !a.OK {
		err = errDiffers
	}
	return err
}

// inUse says what to do about a folder that a server holds.
func inUse(err error) error {
	if errors.Is(err, events.ErrInUse) {
		return fmt.Errorf("服务正在使用该目录：请先停止 anju serve / a server holds the folder: stop its \"anju serve\" first: %w", err)
	}
	return err
}

func printVerified(s *session, reports []events.VerifyReport) {
	for _, r := range reports {
		word := "一致 agrees"
		if !r.OK {
			word = "不符 DIFFERS"
		}
		fmt.Fprintf(s.out, "%s  %s 条 events  %s\n  根 root %s  已签名 signed %s\n", r.Stream, grouped(int(r.Events)), word, r.Root, grouped(int(r.Signed)))
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
}

// findingLine names the events of a finding, and what happened to them.
func findingLine(s *session, stream string, f events.Finding) string {
	where := fmt.Sprintf("%s:%d", stream, f.From)
	if f.To > f.From {
		where += fmt.Sprintf("–%d", f.To)
	}
	kind, in := f.Kind.Words(), f.In.Words()
	line := fmt.Sprintf("%s  %s：%s %s: %s", where, in.ZH, kind.ZH, in.EN, kind.EN)
	if f.Event.Present() {
		line += "  " + f.Event.String()
	}
	return strings.TrimRight(line+"  "+s.say(f.Detail), " ")
}

type verifyProofCommand struct {
	Key             string   `required:"" placeholder:"KEY" help:"The stream's public key, as \"anju book key\" prints it, or a file with it. 公钥。"`
	Witness         []string `sep:"none" placeholder:"KEY" help:"Public key of a witness, or a file with one a line; may be repeated: so many of them as are needed must have cosigned. 见证人公钥。"`
	WitnessesNeeded int      `name:"witnesses-needed" placeholder:"K" help:"How many of these; default: a majority. 所需见证人数。"`
	File            string   `arg:"" type:"existingfile" help:"The proof (C2SP tlog-proof), as \"anju prove\" prints it. 证明文件。"`
}

// Help shows an example.
func (verifyProofCommand) Help() string {
	return `Needs neither the ledger nor a network: only the proof and the public key, which you got before and elsewhere.
不需要账本和网络，只需证明和事先取得的公钥。

  anju prove ANJU-52:12345 > event.tlog-proof
  anju verify proof --key ANJU-52.key event.tlog-proof
  anju verify proof --key ANJU-52.key --witness witnesses.keys event.tlog-proof`
}

// Run checks a proof.
func (c verifyProofCommand) Run(s *session) error {
	text, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	key := c.Key
	if fromFile, err := os.ReadFile(c.Key); err == nil {
		key = string(fromFile)
	}
	var p book.Proof
	if err := p.UnmarshalText(text); err != nil {
		return fmt.Errorf("%w: %w", errDiffers, err)
	}
	e, head, err := events.CheckProof(&p, strings.TrimSpace(key))
	if err != nil {
		return fmt.Errorf("%w: %w", errDiffers, err)
	}
	cosigned, err := c.cosigned(&p)
	if err != nil {
		return err
	}
	if s.json {
		return json.MarshalWrite(s.out, map[string]any{
			"ok": true, "event": e.ID, "type": e.Type, "stream": e.Stream(), "sequence": e.Sequence, "size": head.Size, "root": head.Root.String(),
			"witnesses": len(cosigned),
		})
	}
	fmt.Fprintf(s.out, "已证明 proved: %s:%d  %s  %s\n检查点 checkpoint: %d 条 events, 根 root %s\n", e.Stream(), e.Sequence, e.Type, e.ID, head.Size, head.Root)
	for _, one := range cosigned {
		fmt.Fprintf(s.out, "副署 cosigned: %s  %s\n", one.Key.Name(), one.At.Format(time.RFC3339))
	}
	return nil
}
