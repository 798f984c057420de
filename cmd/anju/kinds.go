package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

type kindsCommand struct{}

// kindRow is one entry of the catalogue as --json prints it.
type kindRow struct {
	Type        string              `json:"type"`
	Version     int                 `json:"version"`
	Area        int                 `json:"area"`
	Departments []domain.Department `json:"departments"`
	Name        domain.Text         `json:"name"`
	Effect      domain.Text         `json:"effect"`
}

// Run lists the catalogue in the order of the ranks.
func (kindsCommand) Run(s *session) error {
	rows := make([]kindRow, 0, len(domain.Kinds()))
	for _, k := range domain.Kinds() {
		rows = append(rows, kindRow{k.Name, k.Version, k.Area, k.Departments, k.Label, k.Effect})
	}
	if s.json {
		return json.MarshalWrite(s.out, rows, jsontext.WithIndent("  "))
	}
	table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "TYPE\tV\tAREA\tRECORDED BY\tNAME")
	for _, r := range rows {
		departments := make([]string, len(r.Departments))
		for i, d := range r.Departments {
			departments[i] = string(d)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s · %s\n", r.Type, r.Version, r.Area, strings.Join(departments, " "), r.Name.ZH, r.Name.EN)
	}
	return table.Flush()
}
