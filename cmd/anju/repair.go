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
	return `Makes a stream again from its book: same events, same places, same hashes; then verifies it. The book is read and hashed whole before anything is touched; one that is damaged itself is first made whole from what it still holds and the stream, and must then be what was signed. What was damaged is kept in damaged/.
用账本重建数据流：事件、位置、哈希均不变，随后核对；账本自身损坏时，先由其余部分与数据流补全，并须与签名相符。

  anju repair --dir county --yes ANJU-52`
}

// Run repairs a stream and verifies it.
func (c repairCommand) Run(s *session) error {
	province, ours := events.ParseStreamName(c.Stream)
	if !ours {
		return errors.New("数据流写作 ANJU-52 / a stream is written ANJU-52")
	}
	if !c.Yes {
		return errors.New("尚未重建：加 --yes 确认 / nothing is done yet: add --yes")
	}
	report, err := repaired(s, c.Dir, province)
	if err == nil && !report.OK {
		report, err = repaired(s, c.Dir, province) // the book is whole now, and the stream is not
	}
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

// repaired opens a folder to repair a stream, and verifies it.
func repaired(s *session, dir string, province uint8) (report events.VerifyReport, err error) {
	l, err := openLedger(s, events.Config{Dir: dir, Repair: []uint8{province}})
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.Verify(s.ctx, province, nil)
}
