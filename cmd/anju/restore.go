package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/intake"
	"github.com/anju-ledger/anju/events/witness"
)

type restoreCommand struct {
	Dir        string   `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder, put back from the backup; no server runs on it. 已从备份恢复的账本目录。"`
	Reason     string   `required:"" placeholder:"TEXT" help:"Why, for everybody to read for ever. 原因，将永久公开。"`
	Checkpoint []string `type:"existingfile" sep:"none" placeholder:"FILE" help:"The last checkpoint that somebody kept of a stream: /book/<stream>/checkpoint, or checkpoints/<stream> of the lost folder. May be repeated. 最后的检查点。"`
	witnessFlags
	NothingKnown bool `name:"nothing-known" help:"Nobody kept a checkpoint, and there is no witness. 无人保存检查点。"`
	Yes          bool `help:"Do it: the ledger gets a new origin and a new key for ever. 确认。"`
}

// Help shows an example.
func (restoreCommand) Help() string {
	return `For a folder that was put back to an older state because the newer one is lost. Clients and witnesses refuse it, since it denies what it said; this makes the cut lawful and lets everybody see it: the ledger gets a new origin and a new key, and the first entry under it, ledger.restored, names the old origin, its last known checkpoint and the reason. Nothing in a stream is edited. Afterwards give the new keys to witnesses (anju witness --log) and users (anju book trust). Interrupted, it is run again.
目录因较新的数据丢失而恢复到旧状态时使用：账本启用新的来源标识和密钥，其第一条记录 ledger.restored 载明原来源、最后检查点和原因。

  anju restore --dir county --reason "disk lost, backup of 2026-11-20" --witness http://w1.example=w1.key --yes`
}

// Run restores.
func (c restoreCommand) Run(s *session) (err error) {
	if err := events.CheckLedger(c.Dir); err != nil {
		return atRest(err)
	}
	planned, err := events.ReadRestore(c.Dir)
	if err != nil {
		return err
	}
	if planned == nil && !c.Yes {
		return errors.New("尚未执行：加 --yes 确认 / nothing is done yet: add --yes")
	}
	l, err := openLedger(s, events.Config{Dir: c.Dir, Restoring: true})
	if err != nil {
		return err
	}
	if planned == nil {
		planned, err = c.plan(s, l)
	}
	if err == nil {
		err = doorOf(l).Restore(s.ctx, planned)
	}
	if err = errors.Join(err, l.Close()); err != nil {
		return err
	}
	if err := events.EndRestore(c.Dir, planned); err != nil {
		return err
	}
	return c.show(s, planned)
}

// doorOf is the door of a ledger that nobody else records in.
func doorOf(l *events.Ledger) *intake.Door {
	return intake.NewDoor(intake.Config{
		Log: l, Directory: l.Directory(), Opener: &events.Opener{Ring: l.Ring()}, Ring: l.Ring(), Random: rand.Reader, Now: time.Now,
	})
}

// plan finds what is known of the old origin.
func (c restoreCommand) plan(s *session, l *events.Ledger) (*events.Restoration, error) {
	known := map[string][]byte{}
	for _, file := range c.Checkpoint {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if err := c.know(l, known, text); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if err := c.ask(s, l, known); err != nil {
		return nil, err
	}
	if len(known) == 0 && !c.NothingKnown {
		return nil, errors.New("不知道原账本走到哪里：请给出 --checkpoint 或 --witness，确实没有则用 --nothing-known / nothing is known of how far the ledger went: give --checkpoint or --witness, or --nothing-known if there is none")
	}
	return l.BeginRestore(events.Restoration{Time: domain.MomentOf(time.Now()), Reason: c.Reason}, known, c.NothingKnown)
}

// know takes a checkpoint of one of the ledger's streams; the largest counts.
func (c restoreCommand) know(l *events.Ledger, known map[string][]byte, text []byte) error {
	for _, province := range l.Provinces() {
		stream := events.StreamName(province)
		key, err := l.VerifierKey(stream)
		if err != nil {
			return err
		}
		head, err := book.OpenCheckpoint(text, key)
		if err != nil {
			continue // of another stream
		}
		if before, err := book.OpenCheckpoint(known[stream], key); err != nil || before.Size < head.Size {
			known[stream] = text
		}
		return nil
	}
	return errors.New("不是本账本任一数据流的检查点 / it is no checkpoint of a stream of this ledger")
}

// ask asks the witnesses for the last checkpoint of every stream.
func (c restoreCommand) ask(s *session, l *events.Ledger, known map[string][]byte) error {
	witnesses, err := c.witnesses()
	if err != nil {
		return err
	}
	for _, w := range witnesses {
		key, err := book.ParseWitnessKey(w.Key)
		if err != nil {
			return err
		}
		client := &witness.Client{URL: w.URL, Key: key}
		for _, province := range l.Provinces() {
			if err := c.askOne(s, l, client, province, known); err != nil {
				return fmt.Errorf("%s: %w", key.Name(), err)
			}
		}
	}
	return nil
}

func (c restoreCommand) askOne(s *session, l *events.Ledger, client *witness.Client, province uint8, known map[string][]byte) error {
	key, err := l.VerifierKey(events.StreamName(province))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(s.ctx, witnessWait)
	defer cancel()
	text, err := client.Last(ctx, key)
	if err != nil || text == nil {
		return err
	}
	return c.know(l, known, text)
}

// show says what was done and what is to be done now. It opens the ledger once more, which signs the first checkpoints
// under the new origin.
func (c restoreCommand) show(s *session, r *events.Restoration) (err error) {
	l, err := events.Open(s.ctx, events.Config{Dir: c.Dir, Port: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	for i := range r.Streams {
		st := &r.Streams[i]
		fact, err := r.Fact(st)
		if err != nil {
			return err
		}
		stream := events.StreamName(st.Province)
		key, err := l.VerifierKey(stream)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s  恢复到 restored to %s 条，原检查点 the old checkpoint %s 条\n  来源 origin %s → %s\n  新公钥 new key %s\n",
			stream, grouped(int(st.Size)), grouped(int(fact.OldSize)), st.OldOrigin, fact.NewOrigin, key)
	}
	fmt.Fprintln(s.out, "请把新公钥交给见证人（anju witness --log）和使用者（anju book trust） / give the new keys to the witnesses (anju witness --log) and the users (anju book trust)")
	return nil
}
