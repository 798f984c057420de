package main

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
)

type schemaCommand struct {
	Type string `arg:"" help:"A type, such as job.placed; \"anju kinds\" lists them. 类型。"`
}

// Help shows an example.
func (schemaCommand) Help() string {
	return `The fields of a type's payload, with their names, units, classes and lists of values, as JSON Schema.

该类型的字段：名称、单位、保密级别和取值。

  anju schema job.placed`
}

// Run prints the JSON Schema of a type's payload.
func (c schemaCommand) Run(s *session) error {
	k, known := domain.KindOf(c.Type)
	if !known {
		return fmt.Errorf("没有类型 %q，用 \"anju kinds\" 查看 / no type %q: \"anju kinds\" lists them", c.Type, c.Type)
	}
	schema := k.JSONSchema()
	if s.json {
		_, err := s.out.Write(schema)
		return err
	}
	if err := schema.Indent(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, string(schema))
	return err
}
