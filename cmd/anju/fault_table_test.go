package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/intake"
)

// allFaults, when set, is the file that TestFaults writes its whole table to: scripts/damage.sh.
const allFaults = "ANJU_FAULTS_TABLE"

// faultRow is one row of the table.
type faultRow struct {
	fault, injected, detected, named, repaired, lost string
	result                                           string // PASS, FAIL, or SKIP and why
}

// faultTable gathers the rows.
type faultTable struct{ rows []faultRow }

// row runs one row as a subtest; run fills in what it saw, and fails or skips the test.
func (f *faultTable) row(t *testing.T, name string, run func(t *testing.T, r *faultRow)) {
	r := faultRow{fault: name}
	t.Run(name, func(t *testing.T) {
		defer func() {
			switch {
			case t.Failed():
				r.result = "FAIL"
			case t.Skipped():
				r.result = "SKIP"
			default:
				r.result = "PASS"
			}
			f.rows = append(f.rows, r)
			t.Logf("%+v", r)
		}()
		run(t, &r)
	})
}

// write writes the table as Markdown.
func (f *faultTable) write(t *testing.T, path string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("| fault | injected | detected | named | repaired | lost | |\n|---|---|---|---|---|---|---|\n")
	for _, r := range f.rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", r.fault, r.injected, r.detected, r.named, r.repaired, r.lost, r.result)
	}
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
}

// TestFaults does to a served ledger what disks, operators and forgers do, and asks what becomes of
// it. Of each kind of fault a representative part runs always; scripts/damage.sh runs all rows and
// prints the table.
func TestFaults(t *testing.T) {
	s := makeSeed(t)
	table := &faultTable{}
	all := os.Getenv(allFaults)
	if all != "" {
		defer func() { table.write(t, filepath.Clean(all)) }()
	}
	for _, f := range append(streamFaults(), bookFaults()...) {
		if f.part || all != "" {
			table.row(t, f.name, func(t *testing.T, r *faultRow) { s.damaged(t, f, r) })
		}
	}
	got, dir := &acknowledged{keys: map[string]intake.Receipt{}}, s.copy(t)
	for _, k := range kills() {
		if k.part || all != "" {
			table.row(t, "kill -9 "+k.name, func(t *testing.T, r *faultRow) { s.killed(t, dir, k, got, r) })
		}
	}
	if all != "" {
		table.row(t, "whole folder rolled back, no witness", s.unwitnessed)
		table.row(t, "whole folder rolled back, with a witness", s.witnessed)
		table.row(t, "power cut under load, while a segment is sealed", s.powerCut)
		table.row(t, "stream: deleted while it is served", goneWhileOpen)
	}
	require.Equal(t, s.files, hashesOf(t, s.dir), "a row changed the seed that it shares files with")
}
