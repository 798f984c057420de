package intake

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake/sheet"
	"go.yaml.in/yaml/v3"
)

// ErrTemplate reports a template that cannot be used; its text names the place and the rule.
var ErrTemplate = errors.New("bad template")

// Template says how the rows of one kind of file become facts: its columns, and for each fact
// the cells that state it. The built-in ones lie in templates/*.yaml; users give their own in
// the same form (docs/templates.md). A compiled template is read only.
type Template struct {
	Name         string             `yaml:"template"`   // [a-z0-9_]+; the first part of every key
	Version      int32              `yaml:"version"`    // of the template, from 1
	Department   domain.Department  `yaml:"department"` // who records, unless the importer names another
	DepartmentBy *departmentRule    `yaml:"department_by"`
	After        []string           `yaml:"after"`  // templates whose files come first
	Groups       string             `yaml:"groups"` // "household": rows are members of households
	Columns      map[string]*column `yaml:"columns"`
	Facts        []*factRule        `yaml:"facts"`
	headers      map[string]*column // by header form, aliases included
}

// departmentRule chooses the recording department by a coded column.
type departmentRule struct {
	Column string                       `yaml:"column"`
	Values map[string]domain.Department `yaml:"values"`
}

// column describes one column of the file.
type column struct {
	Form      string            `yaml:"form"`       // text, number, date, month, code, yuan, wan_yuan, square_metres, whole, year, division, address
	Needed    bool              `yaml:"needed"`     // the file is not of this template without the column
	Required  bool              `yaml:"required"`   // a row without it is refused
	Sealed    bool              `yaml:"sealed"`     // personal or sensitive: its value stands in no answer
	Signed    bool              `yaml:"signed"`     // an amount that may be below nought
	List      bool              `yaml:"list"`       // several values, separated by 、 ， ； , or ;
	Entity    string            `yaml:"entity"`     // household, person, community, any: must be known
	Of        string            `yaml:"of"`         // type/field whose list of values the column has; "measures"
	Values    map[string]string `yaml:"values"`     // further spellings
	Else      string            `yaml:"else"`       // "text": an unlisted value is free text; "ignore"
	NotBefore string            `yaml:"not_before"` // column with the beginning
	Aliases   []string          `yaml:"aliases"`    // other names of the column

	name  string
	codes map[string]string // by compact spelling
}

// factRule states one fact of a row.
type factRule struct {
	Type    string              `yaml:"type"`
	When    []string            `yaml:"when"` // columns that must be filled
	Only    map[string][]string `yaml:"only"` // coded columns and the values that count
	Or      []string            `yaml:"or"`   // columns one of which is enough, whatever the two before say
	Time    string              `yaml:"time"`
	Subject string              `yaml:"subject"`  // column that names the home
	IfKnown string              `yaml:"if_known"` // field whose entity may be unknown; then nothing is stated
	Key     []string            `yaml:"key"`      // columns, "/data/…" entities, "=text"
	Data    map[string]source   `yaml:"data"`     // by field, "/" between levels, "*" for each entry of a list

	kind   *domain.Kind
	fields map[string]*domain.Field
	order  []string // of Data: by path, so that a list's entries are there before what is the same in all
}

// source is where a field's value comes from: a column, or what the keys say.
type source struct {
	Column   string `yaml:"-"`
	Of       string `yaml:"of"`       // column that names an entity …
	Day      string `yaml:"day"`      // … or its person or household, with the day of the placement, case or handing over
	Address  string `yaml:"address"`  // … or its community, with the dwelling's address
	Source   string `yaml:"source"`   // … or its purpose, with the source of the money
	Value    string `yaml:"value"`    // a constant
	YearOf   string `yaml:"year_of"`  // the year of a date
	Listed   string `yaml:"listed"`   // the listed values of a coded column
	Unlisted string `yaml:"unlisted"` // its free text
}

// UnmarshalYAML takes a column's name, or a mapping.
func (s *source) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		s.Column = n.Value
		return nil
	}
	type plain source
	return n.Decode((*plain)(s))
}

// columns are the columns that the source reads.
func (s *source) columns() (names []string) {
	for _, c := range []string{s.Column, s.Of, s.Day, s.Address, s.Source, s.YearOf, s.Listed, s.Unlisted} {
		if c != "" {
			names = append(names, c)
		}
	}
	return names
}

// main is the column that a refusal of the field is told at.
func (s *source) main() string {
	if s.Address != "" {
		return s.Address
	}
	if names := s.columns(); len(names) > 0 {
		return names[0]
	}
	return ""
}

//go:embed templates/*.yaml
var templateFiles embed.FS

// builtIns are the eleven templates, in the order in which their files come.
var builtIns = sync.OnceValue(func() (all []*Template) {
	for _, name := range []string{
		"communities", "register", "labour", "titles", "facilities", "industry", "monitoring", "visits", "income", "services", "disbursed",
	} {
		b, err := templateFiles.ReadFile(path.Join("templates", name+".yaml"))
		if err != nil {
			panic("intake: " + err.Error())
		}
		t, err := ParseTemplate(b)
		if err != nil {
			panic("intake: " + name + ": " + err.Error())
		}
		all = append(all, t)
	}
	return all
})

// Templates returns the built-in templates in the order in which their files are imported; the
// caller must not change them.
func Templates() []*Template { return builtIns() }

// maxTemplate bounds the file of a user's template, in bytes: the longest built-in has 3,000.
const maxTemplate = 256 << 10

// ParseTemplate reads a template; errors are ErrTemplate with the place.
func ParseTemplate(b []byte) (*Template, error) {
	if len(b) > maxTemplate {
		return nil, fmt.Errorf("%w: over 256 KiB", ErrTemplate)
	}
	t := &Template{}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	if err := t.compile(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	return t, nil
}

func (t *Template) compile() error {
	if t.Name == "" || strings.Trim(t.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || t.Version < 1 {
		return errors.New("template is [a-z0-9_]+ and version a number from 1")
	}
	if _, ok := domain.ParseDepartment(string(t.Department)); !ok {
		return fmt.Errorf("department %q is none of the ledger's", t.Department)
	}
	named := []domain.Department{t.Department}
	if t.DepartmentBy != nil {
		named = slices.AppendSeq(named, maps.Values(t.DepartmentBy.Values))
	}
	if slices.Contains(named, domain.LedgerItself) {
		return errors.New("department: only the ledger itself records in the name ledger")
	}
	if t.Groups != "" && t.Groups != "household" {
		return fmt.Errorf("groups %q: only household", t.Groups)
	}
	t.headers = map[string]*column{}
	for name, c := range t.Columns {
		if c == nil {
			return fmt.Errorf("column %q is empty", name)
		}
		if err := c.compile(name); err != nil {
			return fmt.Errorf("column %q: %w", name, err)
		}
		for _, n := range append([]string{name}, c.Aliases...) {
			t.headers[sheet.HeaderName(n)] = c
		}
	}
	for i, f := range t.Facts {
		if err := f.compile(t); err != nil {
			return fmt.Errorf("fact %d (%s): %w", i+1, f.Type, err)
		}
	}
	if len(t.Facts) == 0 {
		return errors.New("facts: there is none")
	}
	return nil
}

// forms are the ways in which a cell can be read.
var forms = sync.OnceValue(func() []string {
	return []string{"text", "number", "date", "month", "code", "yuan", "wan_yuan", "square_metres", "whole", "year", "division", "address"}
})

func (c *column) compile(name string) error {
	c.name = name
	if !slices.Contains(forms(), c.Form) {
		return fmt.Errorf("form %q; there are %s", c.Form, strings.Join(forms(), ", "))
	}
	c.codes = map[string]string{}
	terms, err := termsOf(c.Of)
	if err != nil {
		return err
	}
	for _, term := range terms {
		c.codes[sheet.Compact(term.ZH)] = term.Code
		c.codes[term.Code] = term.Code
	}
	for spelling, code := range c.Values {
		c.codes[sheet.Compact(spelling)] = code
	}
	if c.Form == "code" && len(c.codes) == 0 {
		return errors.New("a code has values, or a field whose list it has (of)")
	}
	return nil
}

// termsOf finds the list of values of "job.placed/channel".
func termsOf(of string) (terms []domain.Term, err error) {
	switch of {
	case "":
		return nil, nil
	case "measures":
		for _, m := range domain.DefaultMeasures().List {
			terms = append(terms, domain.Term{Code: string(m.Code), Text: m.Name})
		}
		return terms, nil
	}
	name, at, _ := strings.Cut(of, "/")
	kind, ok := domain.KindOf(name)
	if !ok {
		return nil, fmt.Errorf("of: there is no type %q", name)
	}
	f := fieldAt(kind.Fields(), at)
	if f == nil || len(f.Terms) == 0 {
		return nil, fmt.Errorf("of: %s has no list of values", of)
	}
	return f.Terms, nil
}

// fieldAt finds "members/*/relation".
func fieldAt(fields []domain.Field, at string) *domain.Field {
	name, rest, more := strings.Cut(at, "/")
	if name == "*" {
		return fieldAt(fields, rest)
	}
	f := fieldNamed(fields, []byte(name))
	if f == nil || !more {
		return f
	}
	return fieldAt(f.Children, rest)
}

func (f *factRule) compile(t *Template) error {
	kind, ok := domain.KindOf(f.Type)
	if !ok {
		return fmt.Errorf("there is no such type; /v1/kinds lists them")
	}
	if kind.Name == batchClosed {
		return errors.New("the ledger itself records that an import is closed")
	}
	f.kind, f.fields = kind, map[string]*domain.Field{}
	names := slices.Concat(f.When, f.Or)
	for at, s := range f.Data {
		field := fieldAt(kind.Fields(), at)
		if field == nil {
			return fmt.Errorf("data: there is no field %q", at)
		}
		if field.Type == domain.EntityField && s.Of == "" {
			return fmt.Errorf("data: %q is an entity; name it by {of: COLUMN}", at)
		}
		f.fields[at] = field
		f.order = append(f.order, at)
		names = append(names, s.columns()...)
	}
	slices.Sort(f.order)
	for name := range f.Only {
		names = append(names, name)
	}
	for _, part := range f.Key {
		if part != "" && part[0] != '/' && part[0] != '=' {
			names = append(names, part)
		}
	}
	if f.Subject != "" {
		names = append(names, f.Subject)
	}
	for _, name := range append(names, f.Time) {
		if t.Columns[name] == nil {
			return fmt.Errorf("there is no column %q", name)
		}
	}
	if len(f.Key) == 0 {
		return errors.New("key: it has no part, so that the same row again would be another fact")
	}
	return nil
}
