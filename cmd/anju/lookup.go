package main

import (
	"bytes"

	"github.com/go-json-experiment/json"
)

type lookupCommand struct {
	target
	Kind     string `default:"household" help:"household, person, community, facility or project."`
	Division string `required:"" help:"The county of the number, such as 520603."`
	Number   string `arg:"" help:"An official number or code."`
}

// Run prints the id of who answers to an official number. The number goes in the body, so that
// no log of addresses keeps it.
func (c lookupCommand) Run(s *session) error {
	body, err := json.Marshal(map[string]string{"kind": c.Kind, "number": c.Number, "division": c.Division})
	if err != nil {
		return err
	}
	return c.with(s, func(base string) error {
		return call(s, "POST", base+"/v1/lookup", "application/json", bytes.NewReader(body))
	})
}
