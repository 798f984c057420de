package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/damage"
)

// registers are n submissions of households.
func registers(n int) string {
	register := strings.SplitAfter(twoEvents, "\n")[0]
	var all strings.Builder
	for i := range n {
		number := strconv.Itoa(1000 + i)
		all.WriteString(strings.NewReplacer("register/1", "register/"+number, "520603000001", "52060300"+number, "52060300000101", "52060300"+number+"01").Replace(register))
	}
	return all.String()
}

// sealed is the folder of a stopped ledger of n events, its key, and its checkpoint before the last
// of them was recorded.
func sealed(t *testing.T, n int) (dir, key, before string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "county")
	out := t.TempDir()
	all := strings.SplitAfter(registers(n), "\n")
	key, before = filepath.Join(out, "key"), filepath.Join(out, "before")
	for i, part := range []string{strings.Join(all[:n-1], ""), all[n-1]} {
		file := filepath.Join(out, "events")
		require.NoError(t, os.WriteFile(file, []byte(part), 0o600))
		code, _, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", file)
		require.Equal(t, exitDone, code, message)
		if i == 0 {
			require.NoError(t, damage.Copy(filepath.Join(dir, "checkpoints"), before, func(string) bool { return false }))
		}
	}
	code, text, _ := anju(t, "book", "key", "--dir", dir, "ANJU-52")
	require.Equal(t, exitDone, code)
	require.NoError(t, os.WriteFile(key, []byte(text), 0o600))
	return dir, key, filepath.Join(before, "ANJU-52")
}

// TestAVerificationComesBeforeAnyMending forges an event, and has it named each time it is asked
// for, by each command that can.
func TestAVerificationComesBeforeAnyMending(t *testing.T) {
	dir, key, _ := sealed(t, 4)
	stream := damage.StreamOf(dir, "ANJU-52")
	blocks, err := stream.Blocks()
	require.NoError(t, err)
	for name, line := range map[string][]string{
		"folder": {"verify", "--dir", dir, "--key", key}, "store": {"verify", "jetstream", dir + "/jetstream"},
		"copy": {"verify", "jetstream", "--book", dir, stream.Dir + "/msgs"}, "event": {"verify", "event", "--dir", dir, "ANJU-52:4"},
	} {
		code, text, message := anju(t, line...)
		require.Equal(t, exitDone, code, name+text+message)
		require.Contains(t, text, "一致 agrees", name)
	}
	raw, err := os.ReadFile(blocks[0].Path)
	require.NoError(t, err)
	at := strings.LastIndex(string(raw), `"category":"poor"`)
	require.Positive(t, at)
	require.NoError(t, damage.Flip(blocks[0].Path, at+12))
	for range 2 {
		for name, line := range map[string][]string{
			"folder": {"verify", "--dir", dir}, "store": {"verify", "jetstream", dir + "/jetstream"}, "event": {"verify", "event", "--dir", dir, "ANJU-52:4"},
		} {
			code, text, message := anju(t, line...)
			require.Equal(t, exitDiffers, code, name+message)
			require.Contains(t, text, "不符 DIFFERS", name)
			require.Regexp(t, `ANJU-52:4  数据流(被改动|丢失) stream: (altered|lost)`, text, name)
		}
	}
	code, text, _ := anju(t, "--json", "verify", "--dir", dir)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, `"findings":[{"kind":"altered","in":"stream","from":4,"to":4,"event":"`)
	id := text[strings.Index(text, `"event":"`)+9:][:36]
	code, text, message := anju(t, "verify", "event", "--dir", dir, id)
	require.Equal(t, exitDiffers, code, message)
	require.Contains(t, text, "ANJU-52:4  不符 DIFFERS  household.registered  "+id)
	require.Contains(t, text, "在已签名的 4 条之中")
}

func TestARunningServerIsVerified(t *testing.T) {
	dir, key, before := sealed(t, 4)
	url := serveFolder(t, dir)
	code, text, message := anju(t, "verify", "--server", url, "--key", key)
	require.Equal(t, exitDone, code, text+message)
	require.Contains(t, text, "ANJU-52  4 条 events  一致 agrees")
	require.NotContains(t, text, "--key")
	code, text, _ = anju(t, "verify", "--server", url)
	require.Equal(t, exitDone, code)
	require.Contains(t, text, "公钥取自服务本身")
	code, text, message = anju(t, "verify", "event", "--server", url, "--key", key, "ANJU-52:2")
	require.Equal(t, exitDone, code, text+message)
	require.Contains(t, text, "ANJU-52:2  一致 agrees  household.registered")
	after := filepath.Join(t.TempDir(), "after")
	require.NoError(t, os.WriteFile(after, []byte(body(t, url+"/book/ANJU-52/checkpoint")), 0o600))
	code, text, message = anju(t, "verify", "checkpoints", "--server", url, "--key", key, before, after)
	require.Equal(t, exitDone, code, text+message)

	require.NoError(t, damage.Flip(filepath.Join(dir, "book", "ANJU-52", "entries", "000000"), 60))
	code, text, message = anju(t, "verify", "--server", url, "--key", key)
	require.Equal(t, exitDiffers, code, message)
	require.Contains(t, text, "book: ")
	code, text, _ = anju(t, "verify", "event", "--server", url, "ANJU-52:1")
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "ANJU-52:1  账册")

	_, other, _ := sealed(t, 2)
	code, text, _ = anju(t, "verify", "--server", url, "--key", other)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "checkpoint: not signed by the key")
	code, _, message = anju(t, "verify", "event", "--server", url, "ANJU-52:99")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "the book does not hold it")
}

func TestACopiedTreeAndTwoCheckpointsAreVerified(t *testing.T) {
	dir, key, before := sealed(t, 4)
	tree := filepath.Join(t.TempDir(), "book")
	code, _, message := anju(t, "book", "export", "--dir", dir, tree)
	require.Equal(t, exitDone, code, message)
	after := filepath.Join(tree, "ANJU-52", "checkpoint")
	for _, line := range [][]string{
		{"verify", "tree", "--key", key, tree},
		{"verify", "tree", "--key", key, filepath.Join(tree, "ANJU-52")},
		{"verify", "checkpoints", "--key", key, "--tree", filepath.Join(tree, "ANJU-52"), before, after},
		{"verify", "checkpoints", "--key", key, "--dir", dir, before, after},
		{"verify", "checkpoints", "--key", key, "--dir", dir, before, before},
	} {
		code, text, message := anju(t, line...)
		require.Equal(t, exitDone, code, "%v %s%s", line, text, message)
		require.Contains(t, text, "一致 agrees")
	}
	code, text, _ := anju(t, "verify", "checkpoints", "--key", key, "--dir", dir, after, before)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "ANJU-52:4  检查点被回退 checkpoint: rolled back")

	// The ledger's own key signs another history: whoever holds it can.
	forked := filepath.Join(t.TempDir(), "forked")
	require.NoError(t, os.WriteFile(forked, signedBy(t, dir, book.Head{Size: 3, Root: book.Hash{1}}), 0o600))
	code, text, _ = anju(t, "verify", "checkpoints", "--key", key, "--dir", dir, forked, after)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "ANJU-52:1–3  检查点分叉 checkpoint: forked")
	code, text, _ = anju(t, "verify", "checkpoints", "--key", key, "--dir", dir, before, forked)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "checkpoint: forked")
	require.NoError(t, os.WriteFile(forked, signedBy(t, dir, book.Head{Size: 5, Root: book.Hash{1}}), 0o600))
	code, _, message = anju(t, "verify", "checkpoints", "--key", key, "--dir", dir, before, forked)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "does not reach far enough")

	bundle := filepath.Join(tree, "ANJU-52", "tile", "entries", "000.p", "4")
	require.NoError(t, damage.Flip(bundle, 80))
	code, text, _ = anju(t, "verify", "tree", "--key", key, tree)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "ANJU-52:1  账册被改动 book: altered")
	require.NoError(t, damage.Flip(bundle, 80))
	require.NoError(t, damage.Flip(filepath.Join(tree, "ANJU-52", "tile", "0", "000.p", "4"), 40))
	code, text, _ = anju(t, "--json", "verify", "tree", "--key", key, tree)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, `{"kind":"altered","in":"tiles","from":2,"to":2`)
	require.NoError(t, damage.Flip(after, -10))
	code, text, _ = anju(t, "verify", "tree", "--key", key, tree)
	require.Equal(t, exitDiffers, code)
	require.Contains(t, text, "not signed by the key")
	code, _, _ = anju(t, "verify", "checkpoints", "--key", key, "--dir", dir, before, after)
	require.Equal(t, exitDiffers, code)
}

// signedBy signs a head with a ledger's own key, as whoever has its file can.
func signedBy(t *testing.T, dir string, h book.Head) []byte {
	t.Helper()
	private, err := os.ReadFile(filepath.Join(dir, "book", "key"))
	require.NoError(t, err)
	parts := strings.SplitN(strings.TrimSpace(string(private)), "+", 5)
	seed, err := base64.StdEncoding.DecodeString(parts[4])
	require.NoError(t, err)
	text, err := book.NewKey(seed[1:]).Sign(parts[2]+"/ANJU-52", h)
	require.NoError(t, err)
	return text
}

func TestWhatCannotBeVerifiedIsSaid(t *testing.T) {
	empty := t.TempDir()
	dir, key, before := sealed(t, 2)
	for _, c := range []struct {
		line []string
		code int
		says string
	}{
		{[]string{"verify", "--dir", empty}, exitFailed, "not a ledger's folder"},
		{[]string{"verify", "--dir", filepath.Join(empty, "none")}, exitUsage, "none"},
		{[]string{"verify", "jetstream", empty}, exitFailed, "no JetStream stream was found"},
		{[]string{"verify", "tree", "--key", key, empty}, exitFailed, "not a static tree"},
		{[]string{"verify", "tree", empty}, exitUsage, "--key"},
		{[]string{"verify", "--dir", dir, "--key", "x"}, exitFailed, "neither a public key nor a file"},
		{[]string{"verify", "event", "--dir", dir, "ANJU-52:99"}, exitFailed, "no such event"},
		{[]string{"verify", "event", "--dir", dir, "ANJU-53:1"}, exitFailed, "no such event"},
		{[]string{"verify", "event", "--dir", dir, "018f0000-0000-7000-8000-000000000000"}, exitFailed, "no such event"},
		{[]string{"verify", "event", "--dir", dir, "soon"}, exitFailed, "ANJU-52:12345"},
		{[]string{"verify", "checkpoints", "--key", key, "--dir", empty, before, before}, exitFailed, "not a ledger's folder"},
		{[]string{"verify", "--server", "http://127.0.0.1:1"}, exitFailed, "does not answer"},
	} {
		code, text, message := anju(t, c.line...)
		require.Equal(t, c.code, code, "%v %s%s", c.line, text, message)
		require.Contains(t, message, c.says, c.line)
	}
}

// TestNoCommandMakesALedgerOfAFolder that is none: each that works on one that is there refuses, and leaves the
// folder as it was.
func TestNoCommandMakesALedgerOfAFolder(t *testing.T) {
	empty, to := t.TempDir(), filepath.Join(t.TempDir(), "to")
	for _, line := range [][]string{
		{"repair", "--dir", empty, "--yes", "ANJU-52"},
		{"book", "key", "--dir", empty},
		{"book", "key", "--dir", empty, "ANJU-52"},
		{"book", "export", "--dir", empty, to},
		{"restore", "--dir", empty, "--reason", "r", "--nothing-known", "--yes"},
		{"forget", "--dir", empty, "--request-ref", "R", "--legal-basis", "L", "--yes", "pbcdefghjkmnp"},
		{"export", "--dir", empty, "--to", to},
		{"board", "--dir", empty, "520603"},
		{"households", "--dir", empty},
		{"status", "--dir", empty, "520603900002", "--division", "520603"},
		{"timeline", "--dir", empty, "520603900002", "--division", "520603"},
		{"person", "--dir", empty, "52060390000201", "--division", "520603"},
		{"community", "--dir", empty, "安和社区", "--division", "520603"},
		{"diff", "--dir", empty, "520603", "--as-of", "2021-03-31..2021-06-30"},
		{"discrepancies", "--dir", empty},
		{"targets", "--dir", empty, "520603"},
		{"ask", "--dir", empty, "3", "--division", "520603"},
		{"lookup", "--dir", empty, "--division", "520603", "520603900002"},
		{"views", "list", "--dir", empty},
		{"ledger", "--dir", empty},
		{"replay", "--dir", empty},
		{"prove", "--dir", empty, "ANJU-52:1"},
		{"void", "--dir", empty, "--batch", "018f0000-0000-7000-8000-000000000000", "--department", "hrss", "--division", "520603", "--reason", "duplicate"},
		{"undo", "--dir", empty, "--department", "township", "--division", "520603", "018f0000-0000-7000-8000-000000000000"},
		{"simulate", "--from", empty, "--dir", to},
	} {
		code, out, message := anju(t, line...)
		require.Equal(t, exitFailed, code, "%v %s%s", line, out, message)
		require.Contains(t, message, "not a ledger's folder: it has no book/ in it", line)
		made, err := os.ReadDir(empty)
		require.NoError(t, err)
		require.Empty(t, made, line)
		require.NoDirExists(t, to, line)
	}
}
