// Package refusals finds in the source every place where a rule is refused with its way out, so that the tables of
// refusals (events/intake, projections/web) fail when a rule is written that they do not have. It reads Go's syntax
// only and knows no rule. The tables prove it: a place that it does not see is missed by them, one that it sees and they
// do not is named.
package refusals

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Site is one place in the source that refuses.
type Site struct {
	Dir  string         // the folder, as it was named
	At   string         // file and function: rules.go noDivision
	Rule *regexp.Regexp // what the English rule reads like; what is put together at run time stands for anything
	Fix  string         // the English way out; "" = it is put together at run time
}

// reader reads the files of one package.
type reader struct {
	texts map[string]ast.Expr // what a variable or a function of no arguments stands for, by its name
	here  map[string]ast.Expr // what the variables of the function that is read stand for
	found []Site

	folder, at string
}

// In returns the sites of the packages in some folders, tests left out.
func In(folders ...string) ([]Site, error) {
	var all []Site
	for _, folder := range folders {
		r := reader{folder: folder, texts: map[string]ast.Expr{}}
		files, err := parse(folder)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			for _, d := range f.Decls {
				r.name(d)
			}
		}
		for name, f := range files {
			for _, d := range f.Decls {
				if fn, is := d.(*ast.FuncDecl); is {
					r.at, r.here = name+" "+fn.Name.Name, map[string]ast.Expr{}
					ast.Inspect(fn, r.variable)
					ast.Inspect(fn, r.site)
				}
			}
		}
		all = append(all, r.found...)
	}
	return all, nil
}

func parse(folder string) (map[string]*ast.File, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if files[filepath.Base(name)], err = parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return files, nil
}

// name notes what a package's variables and its functions of no arguments stand for.
func (r *reader) name(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if returned, is := last(d.Body).(*ast.ReturnStmt); is && d.Type.Params.NumFields() == 0 && len(returned.Results) == 1 {
			r.texts[d.Name.Name] = returned.Results[0]
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, is := spec.(*ast.ValueSpec); is {
				for i := range v.Values {
					r.texts[v.Names[i].Name] = v.Values[i]
				}
			}
		}
	}
}

// variable notes what a function's own variable stands for.
func (r *reader) variable(n ast.Node) bool {
	if a, is := n.(*ast.AssignStmt); is && len(a.Lhs) == len(a.Rhs) {
		for i, to := range a.Lhs {
			if id, is := to.(*ast.Ident); is {
				r.here[id.Name] = a.Rhs[i]
			}
		}
	}
	return true
}

func last(b *ast.BlockStmt) ast.Stmt {
	if b == nil || len(b.List) == 0 {
		return nil
	}
	return b.List[len(b.List)-1]
}

func isText(e ast.Expr) bool {
	c, is := e.(*ast.CompositeLit)
	return is && called(c.Type) == "Text"
}

// called is the last name of what is called or made: zhen, Text of domain.Text, Add of r.Add.
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// site notes a place that refuses.
func (r *reader) site(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CompositeLit:
		switch name := called(n.Type); {
		case name == "rule" && len(n.Elts) == 3:
			r.add(r.english(n.Elts[1]), r.english(n.Elts[2]))
		case name == "Refusal":
			r.add(r.english(member(n, "Rule")), r.english(member(n, "Fix")))
		}
	case *ast.CallExpr:
		name, args := called(n.Fun), n.Args
		switch {
		case name == "wrongForm" || name == "badDate":
			r.add(r.english(args[0]), r.english(args[1]))
		case (name == "Add" || name == "refuse" || name == "fileProblem") && len(args) == 5:
			r.add(r.english(args[3]), r.english(args[4]))
		case name == "refuse" && len(args) == 7:
			r.add(r.pattern(args[4]), r.pattern(args[6]))
		case name == "refuseSet" && len(args) == 5:
			r.add(r.pattern(args[2]), r.pattern(args[4]))
		}
	}
	return true
}

func member(c *ast.CompositeLit, name string) ast.Expr {
	for _, e := range c.Elts {
		if kv, is := e.(*ast.KeyValueExpr); is && called(kv.Key) == name {
			return kv.Value
		}
	}
	return nil
}

// anything stands in a pattern for what is put together at run time.
const anything = "\x00"

func (r *reader) add(rule, fix string) {
	if strings.Trim(rule, anything) == "" {
		return // handed on from where it is written
	}
	if strings.Contains(fix, anything) {
		fix = ""
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(rule), anything, ".*")
	r.found = append(r.found, Site{Dir: r.folder, At: r.at, Rule: regexp.MustCompile("(?s)^(wrong form: |no valid date or time: )?" + pattern + "$"), Fix: fix})
}

// english is the English half of an expression that gives a text in both languages.
func (r *reader) english(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.CompositeLit:
		if en := member(e, "EN"); en != nil {
			return r.pattern(en)
		}
		if isText(e) && len(e.Elts) == 2 {
			return r.pattern(e.Elts[1])
		}
	case *ast.CallExpr:
		if called(e.Fun) == "zhen" {
			return r.pattern(e.Args[1])
		}
		if made := r.texts[called(e.Fun)]; made != nil && len(e.Args) == 0 {
			return r.english(made)
		}
	case *ast.Ident:
		made := r.here[e.Name]
		if made == nil {
			made = r.texts[e.Name]
		}
		if made != nil {
			return r.english(made)
		}
	}
	return anything
}

// pattern is what a text reads like: its literals, and anything between them.
func (r *reader) pattern(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil {
			return text
		}
	case *ast.BinaryExpr:
		return r.pattern(e.X) + r.pattern(e.Y)
	}
	return anything
}
