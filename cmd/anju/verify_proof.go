package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

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
	key, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	var p book.Proof
	if err := p.UnmarshalText(text); err != nil {
		return fmt.Errorf("这不是证明文件：请给出 anju prove 的输出 / the file is no proof: give what \"anju prove\" prints: %w", err)
	}
	e, head, err := events.CheckProof(&p, key)
	if err != nil && !errors.Is(err, book.ErrProof) {
		err = fmt.Errorf("%w: %w", book.ErrProof, err)
	}
	if err != nil {
		return fmt.Errorf("证明不成立：该事件不在此公钥所签的账册中 / the proof does not hold: nothing shows that this event is in the book that the key signs: %w", err)
	}
	cosigned, err := c.cosigned(&p)
	if err != nil {
		return err
	}
	if s.json {
		return printJSON(s, map[string]any{
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
