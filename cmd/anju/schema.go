package main

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
)

type schemaCommand struct {
	Type string `arg:"" help:"A type, such as job.placed; \"anju kinds\" lists them."`
}

// Run prints the JSON Schema of a type's payload.
func (c schemaCommand) Run(s *session) error {
	k, known := domain.KindOf(c.Type)
	if !known {
		return fmt.Errorf("no type %q: \"anju kinds\" lists them / 没有类型 %q，用 \"anju kinds\" 查看", c.Type, c.Type)
	}
	schema := k.JSONSchema()
	if err := schema.Indent(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, string(schema))
	return err
}
