package main

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

type kindsCommand struct{}

// Help shows an example.
func (kindsCommand) Help() string {
	return `Needs no ledger: the catalogue is in the program.

无需账本：类型目录在程序内。

  anju kinds`
}

// kindRow is one entry of the catalogue, as GET /v1/kinds has it.
type kindRow struct {
	Type        string              `json:"type"`
	Version     int                 `json:"version"`
	Rank        int                 `json:"rank"`
	Area        int                 `json:"area"`
	Departments []domain.Department `json:"departments"`
	Name        domain.Text         `json:"name"`
	Effect      domain.Text         `json:"effect"`
}

// Run lists the catalogue in the order of the ranks.
func (kindsCommand) Run(s *session) error {
	rows := make([]kindRow, 0, len(domain.Kinds()))
	for _, k := range domain.Kinds() {
		rows = append(rows, kindRow{k.Name, k.Version, k.Rank, k.Area, k.Departments, k.Label, k.Effect})
	}
	if s.json {
		return json.MarshalWrite(s.out, rows, json.Deterministic(true))
	}
	t := newTable([]string{"类型 type", "v", "方面 area", "名称 name", "", "记录部门 recorded by"}, 1, 2)
	for _, r := range rows {
		departments := make([]string, len(r.Departments))
		for i, d := range r.Departments {
			departments[i] = string(d)
		}
		t.add(r.Type, fmt.Sprint(r.Version), fmt.Sprint(r.Area), r.Name.ZH, r.Name.EN, strings.Join(departments, " "))
	}
	t.write(s.out)
	fmt.Fprintln(s.out, "\n* 任何部门 any department | 字段 fields: anju schema TYPE")
	return nil
}
