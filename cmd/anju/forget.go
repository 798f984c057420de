package main

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

// forgetCommand has no --server: until callers have an identity, only who holds the folder and
// its keys may destroy one of them.
type forgetCommand struct {
	Dir        string `default:"anju-data" type:"existingdir" help:"The ledger's folder; stop its server first."`
	Division   string `help:"The county in which an official number is looked up."`
	RequestRef string `name:"request-ref" required:"" help:"The number of the request."`
	LegalBasis string `name:"legal-basis" required:"" help:"Why the key is destroyed."`
	Yes        bool   `help:"Do it: what is sealed under the key can never be read again."`
	Person     string `arg:"" help:"A person's id or official number."`
}

// Run destroys a person's key, for ever, and with it every copy of it in older keyrings.
func (c forgetCommand) Run(s *session) (err error) {
	if !c.Yes {
		return errors.New("nothing is destroyed yet: this cannot be undone; add --yes / 尚未销毁：此操作不可恢复，加 --yes 确认")
	}
	n, err := startNode(s.ctx, c.Dir, "127.0.0.1:0", -1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	person, err := c.person(n)
	if err != nil {
		return err
	}
	receipt, problem := n.door.Forget(s.ctx, person, c.RequestRef, c.LegalBasis)
	if problem != nil {
		if err := json.MarshalWrite(s.out, problem); err != nil {
			return err
		}
		fmt.Fprintln(s.out)
		return errRefused
	}
	if err := n.ledger.Ring().Rewrap(); err != nil {
		return fmt.Errorf("the key is destroyed, and older copies of the keyring still hold it; run the command again: %w", err)
	}
	return json.MarshalWrite(s.out, receipt)
}

// person finds who is meant; the error never repeats an official number.
func (c forgetCommand) person(n *node) (domain.Entity, error) {
	if e, err := domain.ParseEntity(c.Person); err == nil {
		return e, nil
	}
	division, err := domain.ParseDivision(c.Division)
	if err != nil {
		return 0, errors.New("give the person's id (it begins with p), or an official number with --division / 请使用人员编号（p 开头），或同时给出 --division")
	}
	e, err := n.door.Lookup(domain.PersonKind, division, c.Person)
	if err != nil {
		return 0, fmt.Errorf("the person is not found / 没有找到这个人: %w", err)
	}
	return e, nil
}
