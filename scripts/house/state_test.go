package house

import (
	"go/ast"
	"go/token"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// registries are the package variables that may be written: tables that `var _ = define…`
// fills before main begins and nobody changes afterwards.
var registries = map[string]bool{"domain.kinds": true, "domain.vocabularies": true}

// TestPackageVariablesNeverChange: a package variable is a table, a sentinel or an embedded
// file, written once where it is declared. Nothing assigns to it, takes an element of it as a
// target, or counts it up, and no lock stands in package scope.
func TestPackageVariablesNeverChange(t *testing.T) {
	byPackage := map[string]map[string]bool{}
	all := sources(t)
	var found []string
	for _, s := range all {
		pkg := path.Dir(s.path)
		if byPackage[pkg] == nil {
			byPackage[pkg] = map[string]bool{}
		}
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, spec := range variables(s.file) {
			if sharesState(spec) {
				found = append(found, s.at(spec.Pos())+": "+spec.Names[0].Name+" is a lock or a counter in package scope")
			}
			for _, name := range spec.Names {
				byPackage[pkg][name.Name] = name.Name != "_" && !registries[pkg+"."+name.Name]
			}
		}
	}
	for _, s := range all {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, decl := range s.file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
				for _, target := range targets(fn) {
					if byPackage[path.Dir(s.path)][target.Name] {
						found = append(found, s.at(target.Pos())+": changes the package variable "+target.Name)
					}
				}
			}
		}
	}
	require.Empty(t, found)
}

func variables(f *ast.File) (specs []*ast.ValueSpec) {
	for _, decl := range f.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				specs = append(specs, spec.(*ast.ValueSpec))
			}
		}
	}
	return specs
}

// sharesState reports a variable whose type is one of sync's or atomic's.
func sharesState(spec *ast.ValueSpec) bool {
	sel, ok := spec.Type.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := sel.X.(*ast.Ident)
	return ok && (pkg.Name == "atomic" || pkg.Name == "sync" && sel.Sel.Name != "Pool")
}

// targets returns the names that a function writes to and does not declare itself.
func targets(fn *ast.FuncDecl) (written []*ast.Ident) {
	local := map[string]bool{}
	ast.Inspect(fn, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				local[name.Name] = true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				local[name.Name] = true
			}
		case *ast.RangeStmt:
			declare(local, n.Tok, n.Key, n.Value)
		case *ast.AssignStmt:
			declare(local, n.Tok, n.Lhs...)
			if n.Tok != token.DEFINE {
				written = append(written, roots(n.Lhs...)...)
			}
		case *ast.IncDecStmt:
			written = append(written, roots(n.X)...)
		}
		return true
	})
	foreign := written[:0]
	for _, w := range written {
		if !local[w.Name] {
			foreign = append(foreign, w)
		}
	}
	return foreign
}

func declare(local map[string]bool, tok token.Token, names ...ast.Expr) {
	for _, name := range names {
		if id, ok := name.(*ast.Ident); ok && tok == token.DEFINE {
			local[id.Name] = true
		}
	}
}

// roots finds x in x, x.f, x[i] and *x.
func roots(targets ...ast.Expr) (ids []*ast.Ident) {
	for _, e := range targets {
		for e != nil {
			switch x := e.(type) {
			case *ast.Ident:
				ids, e = append(ids, x), nil
			case *ast.SelectorExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			case *ast.ParenExpr:
				e = x.X
			default:
				e = nil
			}
		}
	}
	return ids
}

// TestSkippedTestsSayWhy: t.SkipNow and an empty t.Skip hide a test without a reason.
func TestSkippedTestsSayWhy(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "SkipNow" || (sel.Sel.Name == "Skip" || sel.Sel.Name == "Skipf") && len(call.Args) == 0) {
				found = append(found, s.at(call.Pos())+": a test is skipped without a reason")
			}
			return true
		})
	}
	require.Empty(t, found)
}
