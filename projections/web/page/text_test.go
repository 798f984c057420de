package page

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"github.com/stretchr/testify/require"
)

// words of a page that are the same in both languages.
var sameInBoth = []string{"Anju", "安居", "CSV", "XLSX", "JSON", "ANJU"}

var (
	tags       = regexp.MustCompile(`<[^>]*>`)
	spoken     = regexp.MustCompile(`(?:aria-label|title|placeholder|alt|value|data-[a-z]+)="([^"]*)"`)
	comments   = regexp.MustCompile(`(?s:/\*.*?\*/)|(?m:^\s*//.*$)|(?m: // .*$)`)
	sayings    = regexp.MustCompile(`(?:say|text)\(\s*("(?:[^"\\]|\\.)*")\s*,\s*("(?:[^"\\]|\\.)*")`)
	calls      = regexp.MustCompile(`(?:^|[^\w.])(?:say|text)\(`)
	ofFiles    = regexp.MustCompile(`/\^\([^/]*\)\$/i?|=== "户主"`) // what a clerk's file says, not the page
	literals   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + "`[^`]*`")
	twoWords   = regexp.MustCompile(`[A-Za-z]{2,} [A-Za-z]{2,}`)
	latinWords = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// TestEveryTextHasBothLanguages reads the templates: what stands outside of say has no words, and
// no side of a say is empty or in the other language.
func TestEveryTextHasBothLanguages(t *testing.T) {
	for _, tmpl := range shared.page.looks[chinese].Templates() {
		if tmpl.Tree == nil {
			continue
		}
		var plain strings.Builder
		walk(tmpl.Tree.Root, func(n parse.Node) {
			switch n := n.(type) {
			case *parse.TextNode:
				plain.Write(n.Text)
			case *parse.ActionNode:
				plain.WriteString("\x00")
			case *parse.CommandNode:
				if id, ok := n.Args[0].(*parse.IdentifierNode); ok && id.Ident == "say" {
					require.Len(t, n.Args, 3, "%s: %s", tmpl.Name(), n)
					checkPair(t, tmpl.Name(), n.Args[1].(*parse.StringNode).Text, n.Args[2].(*parse.StringNode).Text)
				}
			}
		})
		page := plain.String()
		for _, m := range spoken.FindAllStringSubmatch(page, -1) {
			require.False(t, hasWords(m[1]) && strings.Contains(m[1], " "), "%s: %q stands outside of say", tmpl.Name(), m[1])
			require.False(t, hasHan(m[1]), "%s: %q stands outside of say", tmpl.Name(), m[1])
		}
		text := tags.ReplaceAllString(page, " ")
		require.False(t, hasWords(text), "%s: words outside of say: %q", tmpl.Name(), strings.Join(strings.Fields(text), " "))
	}
}

// TestEveryScriptTextHasBothLanguages reads the page's own scripts likewise.
func TestEveryScriptTextHasBothLanguages(t *testing.T) {
	files, err := fs.Glob(assetFiles, "assets/*.js")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		raw, err := assetFiles.ReadFile(file)
		require.NoError(t, err)
		code := comments.ReplaceAllString(string(raw), "")
		require.Len(t, sayings.FindAllString(code, -1), len(calls.FindAllString(code, -1)), "%s: a say without two plain texts", file)
		for _, m := range sayings.FindAllStringSubmatch(code, -1) {
			checkPair(t, file, strings.Trim(m[1], `"`), strings.Trim(m[2], `"`))
		}
		rest := ofFiles.ReplaceAllString(sayings.ReplaceAllString(code, ""), "")
		require.False(t, hasHan(rest), "%s: Chinese outside of say", file)
		for _, literal := range literals.FindAllString(rest, -1) {
			sentence := twoWords.MatchString(literal) && !strings.ContainsAny(literal, `.#[=:{}<>`) && unicode.IsUpper([]rune(literal)[1])
			require.False(t, sentence, "%s: %s stands outside of say", file, literal)
		}
	}
}

// checkPair refuses an empty side, and one in the other's language.
func checkPair(t *testing.T, where, zh, en string) {
	t.Helper()
	require.NotEmpty(t, strings.TrimSpace(zh), "%s: no Chinese for %q", where, en)
	require.NotEmpty(t, strings.TrimSpace(en), "%s: no English for %q", where, zh)
	require.False(t, hasHan(en), "%s: %q is not English", where, en)
	punctuation := !strings.ContainsFunc(zh, unicode.IsLetter)
	require.True(t, hasHan(zh) || punctuation, "%s: %q is not Chinese", where, zh)
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func hasWords(s string) bool {
	for _, same := range sameInBoth {
		s = strings.ReplaceAll(s, same, "")
	}
	s = regexp.MustCompile(`&[a-z]+;`).ReplaceAllString(s, "")
	return hasHan(s) || latinWords.MatchString(s)
}

// walk visits a template's nodes.
func walk(n parse.Node, visit func(parse.Node)) {
	if n == nil {
		return
	}
	visit(n)
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, visit)
		walk(b.List, visit)
		if b.ElseList != nil {
			walk(b.ElseList, visit)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, c := range n.Nodes {
			walk(c, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			walk(c, visit)
			for _, a := range c.Args {
				if p, ok := a.(*parse.PipeNode); ok {
					walk(p, visit)
				}
			}
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
}
