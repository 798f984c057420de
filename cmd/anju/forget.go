package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// forgetCommand has no --server: until callers have an identity, only who holds the folder and
// its keys may destroy one of them.
type forgetCommand struct {
	Dir        string `default:"anju-data" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
	Division   string `placeholder:"CODE" help:"The county of an official number, such as 520603. 人编号所在的县。"`
	RequestRef string `name:"request-ref" required:"" placeholder:"TEXT" help:"The number of the request. 申请编号。"`
	LegalBasis string `name:"legal-basis" required:"" placeholder:"TEXT" help:"Why the key is destroyed. 法律依据。"`
	Yes        bool   `help:"Do it: what is sealed under the key can never be read again. 确认销毁。"`
	Person     string `arg:"" help:"A person's id or official number. 人的编号或人编号。"`
}

// Help shows an example.
func (forgetCommand) Help() string {
	return `Works on the folder alone, never through a server: until callers have an identity, only who holds the folder and its keys may destroy one of them. It cannot be undone.

只能在账本目录上执行：身份认证上线前，只有掌握目录和密钥者可以销毁。不可恢复。

  anju forget --dir county --division 520603 --request-ref R-12 --legal-basis "consent withdrawn" --yes 52060390000101`
}

// Run destroys a person's key, for ever, and with it every copy of it in older keyrings.
func (c forgetCommand) Run(s *session) (err error) {
	if !c.Yes {
		return errors.New("尚未销毁：此操作不可恢复，加 --yes 确认 / nothing is destroyed yet: this cannot be undone; add --yes")
	}
	if err := events.CheckLedger(c.Dir); err != nil {
		return atRest(err)
	}
	n, err := startNode(s, nodeConfig{Dir: c.Dir, Listen: "127.0.0.1:0"})
	if errors.Is(err, events.ErrInUse) {
		return fmt.Errorf("服务正在使用该目录：请先停止 anju serve，再执行，然后重新启动 / a server holds the folder: stop its \"anju serve\", run this again, and start it again: %w", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	person, err := c.person(n)
	if err != nil {
		return err
	}
	if person == 0 {
		return c.again(s, n)
	}
	receipt, problem := n.door.Forget(s.ctx, person, c.RequestRef, c.LegalBasis)
	if problem != nil {
		body, err := json.Marshal(problem)
		if err != nil || !s.json {
			return errors.Join(err, problemText("", body))
		}
		fmt.Fprintln(s.out, string(body))
		return errRefused
	}
	if err := n.ledger.Ring().Rewrap(); err != nil {
		return fmt.Errorf("密钥已销毁，但旧的密钥环副本仍有它，请再执行一次 / the key is destroyed, and older copies of the keyring still hold it; run the command again: %w", err)
	}
	if s.json {
		return json.MarshalWrite(s.out, receipt)
	}
	fmt.Fprintf(s.out, "已销毁密钥 / the key is destroyed: %s  %s\n请备份新的密钥环，销毁旧的 anju.kek 副本 / back up the new keyring, and destroy old copies of anju.kek\n", person, receipt.Position)
	return nil
}

// again answers about somebody who is forgotten already. It wraps the keyring once more: the
// command is repeated when that failed.
func (c forgetCommand) again(s *session, n *node) error {
	if err := n.ledger.Ring().Rewrap(); err != nil {
		return err
	}
	if s.json {
		return json.MarshalWrite(s.out, map[string]bool{"already": true})
	}
	fmt.Fprintln(s.out, "此人的密钥先前已销毁，未再记录 / this person's key was destroyed before; nothing more is recorded")
	return nil
}

// person finds who is meant, nobody when he is forgotten already; the error never repeats an
// official number.
func (c forgetCommand) person(n *node) (domain.Entity, error) {
	if e, err := domain.ParseEntity(c.Person); err == nil {
		if slices.Contains(n.ledger.Directory().AllForgotten(), e) {
			return 0, nil
		}
		return e, nil
	}
	division, err := domain.ParseDivision(c.Division)
	if err != nil {
		return 0, errors.New("请使用人的编号（p 开头），或给出人编号和 --division / give the person's id (it begins with p), or an official number with --division")
	}
	e, err := n.door.Lookup(domain.PersonKind, division, c.Person)
	tag := n.ledger.Directory().NumberTag(domain.PersonKind, division.County(), c.Person)
	switch {
	case errors.Is(err, events.ErrUnknownName) && n.ledger.Ring().Entombed(binary.BigEndian.AppendUint64(nil, tag)):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("没有找到这个人 / the person is not found: %w", err)
	}
	return e, nil
}
