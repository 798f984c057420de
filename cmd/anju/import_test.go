package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/anju-ledger/anju/events/intake"
)

// countyFiles writes files of the sample county into a folder and returns their paths.
func countyFiles(t *testing.T, names ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		paths = append(paths, filepath.Join(dir, name))
		require.NoError(t, os.WriteFile(paths[len(paths)-1], county.File(name), 0o600))
	}
	return paths
}

// recordedEvents counts what a ledger holds.
func recordedEvents(t *testing.T, url string) int {
	t.Helper()
	_, out, _ := anju(t, "replay", "--server", url)
	return strings.Count(out, "\n")
}

func TestAnUnusableFileStopsTheImport(t *testing.T) {
	dir, url := t.TempDir(), serveFolder(t, t.TempDir())
	notes := filepath.Join(dir, "notes.csv")
	require.NoError(t, os.WriteFile(notes, []byte("a,b\n1,2\n"), 0o600))
	empty := filepath.Join(dir, "empty.csv")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	template := filepath.Join(dir, "bad.yaml")
	require.NoError(t, os.WriteFile(template, []byte("template: 1"), 0o600))
	good := countyFiles(t, "0_communities.csv")[0]
	for name, c := range map[string]struct {
		line    []string
		message []string
	}{
		"a directory":        {[]string{dir, good}, []string{dir + ": 这是一个目录", "name the files in it", "未记录任何内容", "nothing is recorded"}},
		"a missing file":     {[]string{good, "none.csv", "nil.csv"}, []string{"none.csv: 没有这个文件", "nil.csv: 没有这个文件", "no such file", "nothing is recorded"}},
		"an unknown file":    {[]string{good, notes}, []string{notes + ": 没有模板与表头相符", "no template has this header", "nothing is recorded"}},
		"an empty file":      {[]string{good, empty}, []string{empty + ": 文件是空的", "nothing is recorded"}},
		"a remarks file":     {[]string{"--remarks", notes, good}, []string{"--remarks " + notes, "cannot be a folder"}},
		"a missing template": {[]string{"--template", "none.yaml", good}, []string{"none.yaml: 没有这个文件"}},
		"a bad template":     {[]string{"--template", template, good}, []string{"模板不可用", "docs/templates.md"}},
		"a wrong division":   {[]string{"--division", "52060", good}, []string{"division", "52060", "区划代码", "division code"}},
		"no such department": {[]string{"--department", "x", good}, []string{"department", "部门代码"}},
		"an impossible date": {[]string{"--effective", "2021-02-30", good}, []string{"effective", "2021-02-30"}},
	} {
		line := append([]string{"import", "--server", url, "--division", county.Division}, c.line...)
		if slices.Contains(c.line, "--division") {
			line = append([]string{"import", "--server", url}, c.line...)
		}
		code, out, message := anju(t, line...)
		require.Equal(t, exitFailed, code, name)
		require.Empty(t, out, name)
		for _, part := range c.message {
			require.Contains(t, message, part, name)
		}
	}
	require.Zero(t, recordedEvents(t, url))
}

// TestAnImportAsksOnATerminal: what a person sees and answers decides; --dry-run never records.
func TestAnImportAsksOnATerminal(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	file := countyFiles(t, "0_communities.csv")[0]
	sit := func(answer string, flags ...string) (code int, out string) {
		var stdout, stderr bytes.Buffer
		s := &session{ctx: t.Context(), in: strings.NewReader(answer), out: &stdout, err: &stderr, terminal: terminals{in: true, out: true}}
		code = run(s, append([]string{"import", "--server", url, "--division", county.Division, file}, flags...))
		return code, stdout.String() + stderr.String()
	}
	code, out := sit("y\n", "--dry-run")
	require.Equal(t, exitDone, code, out)
	require.Contains(t, out, "dry run")
	code, out = sit("\n")
	require.Equal(t, exitFailed, code)
	require.Contains(t, out, "[y/N]")
	require.Contains(t, out, "nothing is recorded")
	require.Zero(t, recordedEvents(t, url))
	code, out = sit("是\n")
	require.Equal(t, exitDone, code, out)
	require.Equal(t, 7, recordedEvents(t, url))
	code, out = sit("", "--confirm")
	require.Equal(t, exitDone, code)
	require.NotContains(t, out, "[y/N]")
}

// TestRemarksComeBack: the file with its remarks, and what a person reads of it.
func TestRemarksComeBack(t *testing.T) {
	dir, remarks := t.TempDir(), filepath.Join(t.TempDir(), "checked")
	files := countyFiles(t, "3_titles.xlsx", "0_communities.csv", "1_register.xlsx")
	line := []string{"import", "--dir", dir, "--division", county.Division}
	code, out, message := anju(t, append(line, files[0])...)
	require.Equal(t, exitFailed, code, message)
	golden(t, "import_needs", out)
	code, out, message = anju(t, append(append(line, "--remarks", remarks), files...)...)
	require.Equal(t, exitDone, code, message)
	golden(t, "import", strings.ReplaceAll(out, remarks, "checked"))
	for _, path := range files {
		require.FileExists(t, filepath.Join(remarks, filepath.Base(path)))
	}
	communities, err := os.ReadFile(filepath.Join(remarks, "0_communities.csv"))
	require.NoError(t, err)
	require.Equal(t, 6, strings.Count(string(communities), "已接受 accepted"))
}

// TestAHeaderAloneHasNoRows: the line says so, and nothing is recorded.
func TestAHeaderAloneHasNoRows(t *testing.T) {
	url := serveFolder(t, t.TempDir())
	file := countyFiles(t, "0_communities.csv")[0]
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	header, _, _ := bytes.Cut(whole, []byte{'\n'})
	require.NoError(t, os.WriteFile(file, append(header, '\n'), 0o600))
	code, out, message := anju(t, "import", "--server", url, "--division", county.Division, file)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, out, "no rows")
	require.Zero(t, recordedEvents(t, url))
}

// TestAChangeIsToldAsTheFileHasIt: by column, in the column's unit.
func TestAChangeIsToldAsTheFileHasIt(t *testing.T) {
	for want, d := range map[string]intake.Difference{
		"月工资(元) 3200 → 3300.5":    {Column: "月工资(元)", Field: "/data/wage_fen_month", Was: "320000", Now: "330050"},
		"金额(万元) 0.05 → 120":       {Column: "金额(万元)", Field: "/data/amount_fen", Was: "50000", Now: "120000000"},
		"净收入 -0.05元 → 12元":        {Column: "净收入", Field: "/data/business_fen", Was: "-5", Now: "1200"},
		"住房面积(平方米) 80.25 → 80":    {Column: "住房面积(平方米)", Field: "/data/area_dm2", Was: "8025", Now: "8000"},
		"月工资(元)  → 3300":          {Column: "月工资(元)", Field: "/data/wage_fen_month", Now: "330000"},
		"就业渠道 factory → workshop": {Column: "就业渠道", Field: "/data/channel", Was: "factory", Now: "workshop"},
		"wage_fen_month 1 → 2":    {Field: "/data/wage_fen_month", Was: "1", Now: "2"},
		"姓名":                      {Column: "姓名", Field: "/data/members/0/name", Sealed: true},
	} {
		require.Equal(t, want, differences([]intake.Difference{d, d}))
	}
}
