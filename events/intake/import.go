package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake/sheet"
)

// ErrNoTemplate reports a file whose header no template knows: give one, or correct the header.
var ErrNoTemplate = errors.New("no template has this file's header")

// ErrStopped reports an import that the ledger could not finish; running it again is harmless
// and ends the same.
var ErrStopped = errors.New("the import stopped before its end; run it again")

// ImportOptions say how a file is imported. The zero value is a dry run by the built-in
// templates.
type ImportOptions struct {
	Template  *Template  // a user's own; nil = the built-in ones, by header
	Effective domain.Day // from when new members of known households belong to them; 0 or NoDay = not given
	Correct   bool       // record changed cells as corrections
	Record    bool       // false = dry run
	Batch     domain.Entity
	Resumed   bool // an earlier attempt of the same batch may have recorded rows already
	batch     string

	// Progress is told, in the import's own goroutine, how many of the rows are done.
	Progress func(done, rows int)
}

// RowChange is one row that states something else than the fact in force; values of sealed
// fields are left out.
type RowChange struct {
	Row       int            `json:"row"`
	Event     domain.EventID `json:"event,omitzero"`
	Fields    []Difference   `json:"fields"`
	Corrected bool           `json:"corrected,omitzero"`
}

// Needs says that a file can only be imported after another one.
type Needs struct {
	Template string      `json:"template"`
	Rule     domain.Text `json:"rule"`
	Fix      domain.Text `json:"fix"`
}

// FileReport is what became of a file, or would: the rows by their end, and each that was
// refused. Accepted + Duplicates + Changed + Nothing + len(Rejected) = Rows.
type FileReport struct {
	File       string            `json:"file"`
	Template   string            `json:"template"`
	Department domain.Department `json:"department"`
	Rows       int               `json:"rows"`
	Accepted   int               `json:"accepted"`
	Duplicates int               `json:"duplicates"`
	Changed    int               `json:"changed"`
	Nothing    int               `json:"nothing"`
	Rejected   []Rejection       `json:"rejected"`
	Changes    []RowChange       `json:"changes,omitzero"`
	Needs      *Needs            `json:"needs,omitzero"`
	Batch      domain.Entity     `json:"batch,omitzero"`
	Recorded   bool              `json:"recorded"`
	Identity   string            `json:"identity"`

	table  *sheet.Table
	header int
	states map[int]rowState
}

// batchClosed is the type of the fact that ends an import: the door itself records it.
const batchClosed = "import.batch_closed"

// importer carries one file through the door.
type importer struct {
	ctx     context.Context //nolint:containedctx // lives as long as one Import call
	door    *Door
	caller  Caller
	options ImportOptions
	layout  *layout
	rows    []*fileRow
	known   map[string]domain.RefusalKind // of numbers looked up, by kind and number
	tried   map[domain.EventID]string     // dry run: contents by event id
	trial   trial                         // dry run: what the rows so far would create
}

// chunkRows is how many rows are tried and recorded together: some 2,000 facts, a few groups.
const chunkRows = 1000

// Import reads a file's rows into facts and records them, or says what would be recorded. The
// order of the rows does not matter. Errors are those of package sheet, ErrNoTemplate and
// ErrStopped; what is wrong with a row is in the report. The same file may be imported by two
// callers at once: each fact is recorded once.
func (d *Door) Import(ctx context.Context, caller Caller, name string, data []byte, o ImportOptions) (*FileReport, error) {
	caller, err := caller.atCounty()
	if err != nil {
		return nil, err
	}
	table, err := sheet.Read(data)
	if err != nil {
		return nil, err
	}
	templates := Templates()
	if o.Template != nil {
		templates = []*Template{o.Template}
	}
	l := recognise(table, templates)
	if l == nil {
		return nil, ErrNoTemplate
	}
	m := &importer{ctx: ctx, door: d, caller: caller, options: o, layout: l, known: map[string]domain.RefusalKind{}, tried: map[domain.EventID]string{}}
	if m.caller.Department == "" {
		m.caller.Department = l.template.Department
	}
	if o.Effective == 0 {
		m.options.Effective = domain.NoDay
	}
	report := &FileReport{
		File: name, Template: l.template.Name, Department: m.caller.Department, Identity: selfNamed, Recorded: o.Record,
		Rejected: []Rejection{}, table: table, header: l.header,
	}
	if o.Record {
		if !o.Batch.Present() {
			m.options.Batch = d.Mint(domain.BatchKind)
		}
		m.options.batch, report.Batch = m.options.Batch.String(), m.options.Batch
	}
	return report, m.run(table, report, caller.Department == "")
}

func (m *importer) run(table *sheet.Table, report *FileReport, ownDepartment bool) error {
	m.read(table)
	if report.Needs = m.needs(); report.Needs != nil {
		report.Recorded, report.Batch = false, 0
		return nil
	}
	if m.layout.template.Groups != "" {
		m.group(m.rows)
	}
	for start := 0; start < len(m.rows); start += chunkRows {
		chunk := m.rows[start:min(start+chunkRows, len(m.rows))]
		for _, part := range m.byDepartment(chunk, ownDepartment) {
			if err := m.record(part.caller, part.rows); err != nil {
				return err
			}
		}
		if m.options.Progress != nil {
			m.options.Progress(start+len(chunk), len(m.rows))
		}
	}
	m.count(report)
	if !m.options.Record {
		return nil
	}
	return m.close(report)
}

// read reads the rows behind the header, looks up whom they name, and puts them into an order of
// their own, so that where two rows contradict each other the same one counts whatever the
// order of the file. A filled cell comes before an empty one: of two rows the one that states
// less is the repetition.
func (m *importer) read(table *sheet.Table) {
	l := m.layout
	first := map[string]*fileRow{}
	for _, row := range table.Rows[l.first:] {
		if row.IsBlank() || row.IsTotal() || l.isHeader(row) {
			continue
		}
		r := l.readRow(row)
		m.rows = append(m.rows, r)
		m.lookUp(r)
	}
	slices.SortStableFunc(m.rows, func(a, b *fileRow) int { return strings.Compare(a.content, b.content) })
	for _, r := range m.rows {
		if r.state != rowRefused { // a bad cell reads as nothing; its row repeats none
			if r.same = first[r.content]; r.same != nil {
				continue
			}
			first[r.content] = r
		}
		if l.template.Groups == "" {
			l.submissions(r, m.options.batch)
		}
	}
}

// lookUp refuses a row that names somebody the ledger does not know.
func (m *importer) lookUp(r *fileRow) {
	for name := range m.layout.at {
		c := m.layout.template.Columns[name]
		v := r.values[name]
		if c.Entity == "" || v == nil {
			continue
		}
		numbers := v.codes
		if len(numbers) == 0 {
			numbers = []string{v.text}
		}
		for _, number := range numbers {
			if wrong := m.knows(c.Entity, number); wrong != "" {
				r.refuse(m.layout, name, cellRule(wrong), number)
			}
		}
	}
	if r.state == rowRefused {
		m.lookUpDwellings(r)
	}
}

// lookUpDwellings refuses an address that is nobody's. The door would say so of a row that is
// good otherwise; here it competes with the row's other faults for the first column.
func (m *importer) lookUpDwellings(r *fileRow) {
	for _, f := range m.layout.template.Facts {
		for _, s := range f.Data {
			of, at := r.values[s.Of], r.values[s.Address]
			if of == nil || at == nil || !f.applies(r) || m.knows("community", of.text) != "" {
				continue
			}
			res := resolver{directory: m.door.directory, caller: m.caller, entombed: m.door.entombed}
			n := Name{Kind: domain.DwellingKind, Of: &Name{Kind: domain.CommunityKind, Number: of.text}, Address: at.address}
			if _, err := res.lookup(&n); err != nil {
				r.refuse(m.layout, s.Address, cellRule(domain.Unknown), "")
			}
		}
	}
}

// knows returns "" for a number or name that the ledger knows, otherwise why not.
func (m *importer) knows(kind, number string) domain.RefusalKind {
	key := kind + "/" + number
	if wrong, asked := m.known[key]; asked {
		return wrong
	}
	r := resolver{directory: m.door.directory, caller: m.caller, entombed: m.door.entombed}
	n := Name{Number: number}
	n.Kind, _ = domain.ParseEntityKind(kind)
	wrong := domain.RefusalKind("")
	if _, err := r.lookup(&n); err != nil {
		wrong = domain.Unknown
		if r.isEntombed(&n) {
			wrong = domain.Erased
		}
	}
	m.known[key] = wrong
	return wrong
}

// needsRows is from how many rows on, all of them naming strangers, a file is told to wait for
// another one rather than refused row by row: the smallest files have five.
const needsRows = 5

// needs finds a column in which every row names somebody unknown.
func (m *importer) needs() *Needs {
	after := m.layout.template.After
	if len(after) == 0 || len(m.rows) < needsRows {
		return nil
	}
	for _, c := range m.layout.columns { // in the file's order: the same file, the same answer
		if c == nil || c.Entity == "" {
			continue
		}
		name := c.name
		asked, strangers := 0, 0
		for _, r := range m.rows {
			if v := r.values[name]; v != nil {
				asked++
				if len(v.codes) == 0 && m.knows(c.Entity, v.text) == domain.Unknown {
					strangers++
				}
			}
		}
		if asked >= needsRows && asked == strangers {
			before := after[len(after)-1]
			if c.Entity == "community" {
				before = "communities"
			}
			return &Needs{
				before, zhen("账本不认识“"+name+"”列中的任何一个", "the ledger knows none of those in the column "+name),
				zhen("请先导入 "+before+" 文件", "import the "+before+" file first"),
			}
		}
	}
	return nil
}

// departmentPart is the rows of a chunk that one department records.
type departmentPart struct {
	caller Caller
	rows   []*fileRow
}

// byDepartment splits rows where the template chooses the department by a column.
func (m *importer) byDepartment(rows []*fileRow, ownDepartment bool) (parts []departmentPart) {
	by := m.layout.template.DepartmentBy
	for _, r := range rows {
		caller := m.caller
		if by != nil && ownDepartment {
			if v := r.values[by.Column]; v != nil {
				if d, ok := by.Values[v.text]; ok {
					caller.Department = d
				}
			}
		}
		at := slices.IndexFunc(parts, func(p departmentPart) bool { return p.caller == caller })
		if at < 0 {
			at = len(parts)
			parts = append(parts, departmentPart{caller: caller})
		}
		parts[at].rows = append(parts[at].rows, r)
	}
	return parts
}

// WriteRemarks writes the file again with a column that says what became of each row; nothing
// else of it changes.
func (f *FileReport) WriteRemarks(w io.Writer) error {
	remarks := map[int]string{}
	for row, state := range f.states {
		remarks[row] = [...]string{"无内容 nothing", "重复 duplicate", "已接受 accepted", "有变化 changed", ""}[state]
		if !f.Recorded && state == rowAccepted {
			remarks[row] = "可接受 acceptable"
		}
	}
	for _, r := range f.Rejected {
		remarks[r.Row] = fmt.Sprintf("拒绝 rejected: %s %s; %s | %s; %s", r.Column, r.Rule.ZH, r.Fix.ZH, r.Rule.EN, r.Fix.EN)
	}
	return f.table.WriteRemarks(w, f.header, "备注 remarks", remarks)
}
