package main

import (
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/events"
)

type repairCommand struct {
	Dir    string `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
	Yes    bool   `help:"Do it: the stream is made again; the damaged one is kept in damaged/. 确认重建。"`
	Stream string `arg:"" placeholder:"STREAM" help:"The stream, such as ANJU-52. 数据流。"`
}

// Help shows an example.
func (repairCommand) Help() string {
	return `Makes a stream again from its book: same events, same places, same hashes; then verifies it. The book is read and hashed whole before anything is touched; one that is damaged itself repairs nothing. (A damaged book is made again from its stream by every start.)
用账本重建数据流：事件、位置、哈希均不变，随后核对。

  anju repair --dir county --yes ANJU-52`
}

// Run repairs a stream and verifies it.
func (c repairCommand) Run(s *session) (err error) {
	province, ours := events.ParseStreamName(c.Stream)
	if !ours {
		return errors.New("数据流写作 ANJU-52 / a stream is written ANJU-52")
	}
	if !c.Yes {
		return errors.New("尚未重建：加 --yes 确认 / nothing is done yet: add --yes")
	}
	l, err := events.Open(s.ctx, events.Config{Dir: c.Dir, Port: -1, Repair: []uint8{province}})
	if err != nil {
		return inUse(err)
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	report, err := l.Verify(s.ctx, province, nil)
	if err != nil {
		return err
	}
	printVerified(s, []events.VerifyReport{report})
	if !report.OK {
		return errDiffers
	}
	fmt.Fprintln(s.out, "已重建 repaired")
	return nil
}
