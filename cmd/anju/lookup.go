package main

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
)

type lookupCommand struct {
	target
	Kind     string `default:"household" placeholder:"KIND" help:"household, person, community, facility or project. 对象种类。"`
	Division string `required:"" placeholder:"CODE" help:"The county of the number, such as 520603. 编号所在的县。"`
	Number   string `arg:"" help:"An official number or code. 官方编号。"`
}

// Help shows an example.
func (lookupCommand) Help() string {
	return `Prints the id alone, ready for other commands.

只输出编号，可直接用于其他命令。

  anju lookup --division 520603 520603900002`
}

// Run prints the id of who answers to an official number. The number goes in the body, so that
// no log of addresses keeps it.
func (c lookupCommand) Run(s *session) error {
	body, err := json.Marshal(map[string]string{"kind": c.Kind, "number": c.Number, "division": c.Division})
	if err != nil {
		return err
	}
	type found struct {
		ID string `json:"id"`
	}
	return c.with(s, func(base string) error {
		q := question{http.MethodPost, base + "/v1/lookup", "application/json", bytes.NewReader(body)}
		return show(s, q, func(s *session, f found) { fmt.Fprintln(s.out, f.ID) })
	})
}
