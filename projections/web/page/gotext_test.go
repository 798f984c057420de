package page

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// oneSided are pairs that are right as they are.
var oneSided = map[string]bool{
	"|, ":        true, // Chinese puts nothing between the parts of an address
	"en|zh-CN":   true, // the code of the other language
	"English|中文": true, // its name for itself
}

// TestEveryTextOfTheCodeHasBothLanguages reads the package's Go files: each say and each pair of
// texts has both sides, each in its own language.
func TestEveryTextOfTheCodeHasBothLanguages(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	pairs := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if zh, en, found := pairOf(n); found && !oneSided[zh+"|"+en] {
				pairs++
				checkPair(t, name, zh, en)
			}
			return true
		})
	}
	require.Greater(t, pairs, 100)
}

// pairOf finds the two texts that a node holds as plain words; words that are made elsewhere are
// looked at where they are made.
func pairOf(n ast.Node) (zh, en string, found bool) {
	var sides []ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "say" && len(n.Args) >= 2 {
			sides = n.Args[:2]
		}
	case *ast.CompositeLit:
		if of, ok := n.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Text" && len(n.Elts) > 0 {
			sides = textSides(n.Elts)
		}
	}
	if sides == nil {
		return "", "", false
	}
	zh, plainZH := plainText(sides[0])
	en, plainEN := plainText(sides[1])
	return zh, en, plainZH && plainEN
}

// textSides are the sides of a text with or without its fields' names; one that is left out is empty.
func textSides(elements []ast.Expr) []ast.Expr {
	empty := &ast.BasicLit{Kind: token.STRING, Value: `""`}
	sides := []ast.Expr{empty, empty}
	for i, e := range elements {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if e, i = kv.Value, 0; kv.Key.(*ast.Ident).Name == "EN" {
				i = 1
			}
		}
		sides[i] = e
	}
	return sides
}

// plainText is a literal, or literals that are joined by + among other things.
func plainText(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		a, plainA := plainText(e.X)
		b, plainB := plainText(e.Y)
		return a + b, plainA || plainB
	}
	return "", false
}
