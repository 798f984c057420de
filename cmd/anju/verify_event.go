package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

type verifyEventCommand struct {
	Server string `default:"http://127.0.0.1:8420" placeholder:"URL" help:"Ask this running server. 运行中的服务。"`
	Dir    string `type:"existingdir" placeholder:"DIR" help:"Read this stopped ledger's folder; nothing in it is changed. 账本目录。"`
	Key    string `placeholder:"KEY" help:"The stream's public key, or a file with it. 公钥。"`
	Event  string `arg:"" placeholder:"EVENT" help:"The event's id, or where it stands, as its receipt says: ANJU-52:12345. 事件编号或回执中的位置。"`
}

// Help shows an example.
func (verifyEventCommand) Help() string {
	return `Reads the event's entry in the book and its message in the stream, hashes both against the leaf, and the leaf up to the root of the last signed checkpoint. With --server and --key the proof is also checked here.
读出账册与数据流中的两份，逐一核对哈希，直至最近签名的检查点。

  anju verify event --dir county ANJU-52:12345
  anju verify event --key ANJU-52.key ANJU-52:12345`
}

// Run verifies one event.
func (c verifyEventCommand) Run(s *session) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	var report events.EventReport
	if c.Dir == "" {
		report, err = c.ask(s, keys)
	} else {
		report, err = c.look(s, keys)
	}
	if err != nil {
		return atRest(err)
	}
	if s.json {
		err = printJSON(s, report)
	} else {
		printEvent(s, report)
	}
	if err == nil && !report.OK {
		err = errDiffers
	}
	return err
}

func printEvent(s *session, r events.EventReport) {
	word := "一致 agrees"
	if !r.OK {
		word = "不符 DIFFERS"
	}
	fmt.Fprintf(s.out, "%s:%d  %s  %s\n", r.Stream, r.Sequence, word, strings.TrimSpace(r.Type+"  "+r.Event.String()))
	if r.Proved {
		fmt.Fprintf(s.out, "  在已签名的 %s 条之中 among the %s that are signed, 根 root %s\n", grouped(int(r.Signed)), grouped(int(r.Signed)), r.Root)
	}
	printFindings(s, r.VerifyReport)
}

// look verifies the event in a folder.
func (c verifyEventCommand) look(s *session, keys string) (events.EventReport, error) {
	v := newVerifying(s)
	defer v.end()
	rest := events.Rest{Dir: c.Dir, Key: keys, Progress: v.progress}
	if id, err := domain.ParseEventID(c.Event); err == nil {
		stream, sequence, err := events.LocateResting(s.ctx, rest, id)
		if err != nil {
			return events.EventReport{}, err
		}
		return events.VerifyRestingEvent(rest, stream, sequence)
	}
	stream, digits, _ := strings.Cut(c.Event, ":")
	sequence, err := strconv.ParseUint(digits, 10, 64)
	if _, ours := events.ParseStreamName(stream); !ours || err != nil {
		return events.EventReport{}, fmt.Errorf("事件写作编号或 ANJU-52:12345 / an event is written by its id, or ANJU-52:12345")
	}
	return events.VerifyRestingEvent(rest, stream, sequence)
}

// ask has a server verify the event, and checks its proof here when there is a key.
func (c verifyEventCommand) ask(s *session, keys string) (report events.EventReport, err error) {
	address := serverOf(c.Server) + "/v1/events/" + url.PathEscape(c.Event)
	if err := fetch(s.plain(), get(address+"/verify", nil), &report); err != nil || keys == "" {
		return report, err
	}
	key, err := events.KeyOf(keys, report.Stream)
	if err != nil {
		return report, err
	}
	text, err := fetchBytes(s, address+"/proof")
	if err != nil {
		return report, err
	}
	var p book.Proof
	if err = p.UnmarshalText(text); err == nil {
		_, _, err = events.CheckProof(&p, key)
	}
	if err != nil {
		bad := events.UnsignedReport(key, c.Event, err)
		report.OK, report.Findings = false, append(report.Findings, bad.Findings...)
	}
	return report, nil
}
