// Package house holds the rules of how this code reads (docs/design.md, "The house"): who may
// import whom, and how large a file, a function and a nesting may grow. It knows nothing of
// what the code does.
package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/anju-ledger/anju"

// plan says which packages of ours each package may import; cmd may import all.
var plan = map[string][]string{
	"domain":         {},
	"domain/sample":  {"domain"},
	"events":         {"domain", "events/blocks", "events/book", "events/seal", "events/witness"},
	"events/blocks":  {},
	"events/book":    {},
	"events/damage":  {}, // for tests
	"events/raw":     {},
	"events/seal":    {},
	"events/witness": {"events/book"},
	"events/seen":    {"events/book"},
	"events/intake":  {"domain", "domain/sample", "events", "events/seal", "events/intake/sheet"},

	"domain/sample/twin":   {},         // department files from a seed and a second opinion of their truth
	"domain/sample/county": {},         // the sample county's files, embedded
	"events/intake/sheet":  {"domain"}, // XLSX and CSV as rows
	"projections":          {"domain", "events", "events/book"},
	"projections/ask":      {"domain", "projections"}, // the standing questions
	"projections/web":      {"domain", "projections", "projections/ask", "projections/export", "events", "events/book"},
	"projections/export":   {"domain", "projections", "events", "events/book"},     // tables for analysts
	"projections/web/page": {"domain", "projections", "projections/ask", "events"}, // what people look at
	"scripts/house":        {},
	"scripts/refusals":     {}, // for tests
}

// The limits of STYLE: past them a reader loses the thread.
const (
	maxFileLines     = 500
	maxFunctionLines = 70
	maxParameters    = 5
	maxNesting       = 4
)

// source is one parsed Go file.
type source struct {
	path string // from the root, slashes
	set  *token.FileSet
	file *ast.File
}

func (s source) lineOf(p token.Pos) int { return s.set.Position(p).Line }

func (s source) at(p token.Pos) string { return fmt.Sprintf("%s:%d", s.path, s.lineOf(p)) }

func sources(t *testing.T) []source {
	t.Helper()
	root := filepath.Join("..", "..")
	var all []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, source{filepath.ToSlash(rel), set, file})
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// broken collects every broken rule, so that one run shows them all.
type broken struct{ rules []string }

func (b *broken) unless(holds bool, format string, a ...any) {
	if !holds {
		b.rules = append(b.rules, fmt.Sprintf(format, a...))
	}
}

func (b *broken) report(t *testing.T) {
	t.Helper()
	require.Empty(t, strings.Join(b.rules, "\n"))
}

func TestPackagesImportAsPlanned(t *testing.T) {
	var b broken
	defer b.report(t)
	for _, s := range sources(t) {
		pkg := filepath.ToSlash(filepath.Dir(s.path))
		if strings.HasPrefix(pkg, "cmd/") || strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		allowed, planned := plan[pkg]
		b.unless(planned, "package %s is not in the plan of scripts/house", pkg)
		for _, imp := range s.file.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			ours, isOurs := strings.CutPrefix(path, module+"/")
			if isOurs && ours != pkg {
				b.unless(slices.Contains(allowed, ours), "%s imports %s", s.path, ours)
			}
		}
	}
}

func TestFilesStayShort(t *testing.T) {
	var b broken
	defer b.report(t)
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		lines := s.set.File(s.file.Pos()).LineCount()
		b.unless(lines <= maxFileLines, "%s has %d lines", s.path, lines)
	}
}

func TestFunctionsStayShortAndFlat(t *testing.T) {
	var b broken
	defer b.report(t)
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			at, name := s.at(fn.Pos()), fn.Name.Name
			b.unless(name != "init" || fn.Recv != nil, "%s: no init functions", at)
			if strings.HasSuffix(s.path, "_test.go") {
				continue
			}
			lines := s.lineOf(fn.End()) - s.lineOf(fn.Pos()) + 1
			b.unless(lines <= maxFunctionLines, "%s: %s has %d lines", at, name, lines)
			params := fn.Type.Params.NumFields()
			b.unless(params <= maxParameters, "%s: %s takes %d parameters", at, name, params)
			deep := nesting(fn.Body)
			b.unless(deep <= maxNesting, "%s: %s nests %d deep", at, name, deep)
		}
	}
}

// nesting counts how deep control structures stand inside one another; else-if does not deepen.
func nesting(n ast.Node) int {
	deepest := 0
	ast.Inspect(n, func(c ast.Node) bool {
		if c == nil || c == n {
			return true
		}
		switch c := c.(type) {
		case *ast.IfStmt:
			d := 1 + nesting(c.Body)
			if c.Else != nil {
				if _, chained := c.Else.(*ast.IfStmt); chained {
					d = max(d, nesting(&ast.BlockStmt{List: []ast.Stmt{c.Else}}))
				} else {
					d = max(d, 1+nesting(c.Else))
				}
			}
			deepest = max(deepest, d)
			return false
		case *ast.ForStmt:
			deepest = max(deepest, 1+nesting(c.Body))
			return false
		case *ast.RangeStmt:
			deepest = max(deepest, 1+nesting(c.Body))
			return false
		case *ast.SwitchStmt:
			deepest = max(deepest, 1+nesting(c.Body))
			return false
		case *ast.TypeSwitchStmt:
			deepest = max(deepest, 1+nesting(c.Body))
			return false
		case *ast.SelectStmt:
			deepest = max(deepest, 1+nesting(c.Body))
			return false
		case *ast.FuncLit:
			deepest = max(deepest, nesting(c.Body))
			return false
		}
		return true
	})
	return deepest
}

func TestExportedNamesAreDocumented(t *testing.T) {
	var b broken
	defer b.report(t)
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, decl := range s.file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				b.unless(!d.Name.IsExported() || d.Doc != nil, "%s: %s has no comment", s.at(d.Pos()), d.Name.Name)
			case *ast.GenDecl:
				b.documented(s, d)
			}
		}
	}
}

// documented wants a comment above the group, above the name or beside it.
func (b *broken) documented(s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			has := d.Doc != nil || spec.Doc != nil || spec.Comment != nil
			b.unless(!spec.Name.IsExported() || has, "%s: %s has no comment", s.at(spec.Pos()), spec.Name.Name)
		case *ast.ValueSpec:
			has := d.Doc != nil || spec.Doc != nil || spec.Comment != nil
			b.unless(!spec.Names[0].IsExported() || has, "%s: %s has no comment", s.at(spec.Pos()), spec.Names[0].Name)
		}
	}
}

func TestTestsDoNotSleep(t *testing.T) {
	var b broken
	defer b.report(t)
	for _, s := range sources(t) {
		if !strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sleep" {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			b.unless(!ok || x.Name != "time", "%s sleeps", s.at(n.Pos()))
			return true
		})
	}
}
