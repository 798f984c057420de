package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/projections/export"
)

// TestAnExportIsWholeOrNotThere is an analyst's hour: a table, the same again, and what he gets wrong.
func TestAnExportIsWholeOrNotThere(t *testing.T) {
	register := strings.SplitAfter(twoEvents, "\n")[0]
	second := strings.NewReplacer("register/1", "register/2", "0001", "0002").Replace(register)
	out := t.TempDir()
	dir, file := filepath.Join(out, "county"), filepath.Join(out, "events.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(register+second), 0o600))
	code, _, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, message)

	to := filepath.Join(out, "tables")
	code, text, message := anju(t, "export", "--dir", dir, "--to", to, "facts", "ocel")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "facts  2 行 rows")
	require.Contains(t, text, "ANJU-52:2  根 root ")
	for _, lang := range []string{"zh", "en"} {
		code, text, message = anju(t, "--lang", lang, "export", "--dir", dir, "--to", filepath.Join(out, "elsewhere "+lang), "--division", "99", "facts")
		require.Equal(t, exitDone, code, message)
		require.Contains(t, text, "facts  0 行 rows")
		require.Contains(t, message, map[string]string{"zh": "注意 note: 区划表中没有 99", "en": "注意 note: the table of divisions lacks 99"}[lang])
	}
	code, _, message = anju(t, "export", "--dir", dir, "--to", to)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "choose another folder")

	again := filepath.Join(out, "again")
	code, _, message = anju(t, "export", "--dir", dir, "--to", again, "--again", filepath.Join(to, "manifest.json"))
	require.Equal(t, exitDone, code, message)
	for _, name := range []string{"manifest.json", "dictionary.csv", "ocel.json"} {
		one, err := os.ReadFile(filepath.Join(to, name))
		require.NoError(t, err)
		other, err := os.ReadFile(filepath.Join(again, name))
		require.NoError(t, err)
		require.Equal(t, string(one), string(other))
	}

	code, text, message = anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "of a day"), "--as-of", "2021-06-30", "--format", "csv")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, text, "statuses  2 行 rows")
	code, _, message = anju(t, "views", "build", otherSet, "--dir", dir)
	require.Equal(t, exitDone, code, message)
	placed := filepath.Join(out, "placed")
	code, _, message = anju(t, "export", "--dir", dir, "--to", placed, "--as-of", "2021-06-30", "--parameters", "employed-placed", "statuses")
	require.Equal(t, exitDone, code, message)
	manifest, err := os.ReadFile(filepath.Join(placed, "manifest.json"))
	require.NoError(t, err)
	require.Contains(t, string(manifest), `"employed-placed"`)
	code, _, message = anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "placed again"), "--again", filepath.Join(placed, "manifest.json"))
	require.Equal(t, exitDone, code, message)
	t.Run("what differs from its manifest is not kept", func(t *testing.T) { differentExports(t, dir, filepath.Join(placed, "manifest.json")) })
	t.Run("a server sends the same", func(t *testing.T) { exportFromServer(t, dir) })
	t.Run("what cannot be is refused", func(t *testing.T) { wrongExports(t, dir, filepath.Join(to, "manifest.json")) })
}

// differentExports makes exports again whose manifests say something else.
func differentExports(t *testing.T, dir, manifest string) {
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	out := t.TempDir()
	for of, pattern := range map[string]string{"ANJU-52:": `"root": "....`, "statuses": `"sha256": "....`, "statuses.": `"rows": [0-9]`, "anju-status": `"definition": "anju`} {
		other := regexp.MustCompile(pattern).ReplaceAllFunc(text, func(found []byte) []byte {
			found = bytes.Clone(found)
			found[len(found)-1] ^= 3
			return found
		})
		require.NotEqual(t, string(text), string(other), of)
		wrong := filepath.Join(out, "manifest.json")
		require.NoError(t, os.WriteFile(wrong, other, 0o600))
		code, _, message := anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "again"), "--again", wrong)
		require.Equal(t, exitDiffers, code, "%s %s", of, message)
		require.Contains(t, message, of)
		require.Contains(t, message, "与清单不同")
		left, err := os.ReadDir(out)
		require.NoError(t, err)
		require.Len(t, left, 1, "nothing but the manifest")
	}
}

// exportFromServer compares what a server makes and sends with what the folder gave.
func exportFromServer(t *testing.T, dir string) {
	out := t.TempDir()
	code, made, message := anju(t, "export", "--dir", dir, "--to", filepath.Join(out, "made"), "--as-of", "2021-06-30", "--division", "52")
	require.Equal(t, exitDone, code, message)
	require.Contains(t, message, "最近的事实为 2018-09-01", "notes stand on stderr")
	require.Contains(t, made, "截至 as of 2021-06-30 | 已知至 known at ")
	require.Contains(t, made, "参数集 parameters anju-2021-1")
	url := serveFolder(t, dir)
	noted := message
	code, sent, message := anju(t, "export", "--server", url, "--to", filepath.Join(out, "sent"), "--as-of", "2021-06-30", "--division", "52")
	require.Equal(t, exitDone, code, message)
	require.Equal(t, made, sent)
	require.Equal(t, noted, message)
	code, _, message = anju(t, "export", "--server", url, "--to", filepath.Join(out, "again"), "--again", filepath.Join(out, "made", "manifest.json"))
	require.Equal(t, exitDone, code, message)
	for _, name := range []string{"sent", "again"} {
		diff, err := exec.CommandContext(t.Context(), "diff", "-r", filepath.Join(out, "made"), filepath.Join(out, name)).CombinedOutput()
		require.NoError(t, err, string(diff))
	}
	for _, wrong := range []struct{ args, says []string }{
		{[]string{"--dir", dir}, []string{"--dir", "被另一进程使用", "--server"}},
		{[]string{"--server", url, "--parameters", "nobody", "--as-of", "2021-06-30"}, []string{`parameters "nobody"`, "参数集", "parameter set"}},
		{[]string{"--server", "http://127.0.0.1:1"}, []string{"没有应答", "does not answer", "--dir"}},
	} {
		code, _, message = anju(t, append([]string{"export", "--to", filepath.Join(out, "wrong")}, wrong.args...)...)
		require.Equal(t, exitFailed, code)
		for _, words := range wrong.says {
			require.Contains(t, message, words)
		}
		require.NoDirExists(t, filepath.Join(out, "wrong"))
	}
}

// wrongExports are refused, in both languages, with the flag, its value, the rule and the way out; nothing is left.
func wrongExports(t *testing.T, dir, manifest string) {
	out := t.TempDir()
	file := filepath.Join(out, "events.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(twoEvents), 0o600))
	beyond := filepath.Join(out, "beyond.json")
	text, err := os.ReadFile(manifest)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(beyond, bytes.ReplaceAll(text, []byte(`"position": 2`), []byte(`"position": 200`)), 0o600))
	for _, wrong := range []struct{ args, says []string }{
		{[]string{"names"}, []string{`TABLE "names"`, "没有这个表，可用：facts", "there are: facts"}},
		{[]string{"statuses"}, []string{"--as-of", "以某日为准", "add --as-of"}},
		{[]string{"--format", "xml"}, []string{`--format "xml"`, "应为 parquet", "it is parquet, csv or ndjson"}},
		{[]string{"--as-of", "30.6.2021"}, []string{`--as-of "30.6.2021"`, "应为日期", "such as 2021-06-30"}},
		{[]string{"--known-at", "2021-06-30T18:00:00"}, []string{"--known-at", "带时区", "+08:00 or Z"}},
		{[]string{"--known-at", "2021-06-30T18:00:00+09:00"}, []string{"--known-at", "带时区", "+08:00 or Z"}},
		{[]string{"--division", "520603x"}, []string{`--division "520603x"`, "区划代码", "such as 520603"}},
		{[]string{"--as-of", "2021-06-30", "--parameters", "nobody"}, []string{`--parameters "nobody"`, "anju views", "参数集"}},
		{[]string{"--again", file}, []string{"--again", "的清单", "name the manifest.json"}},
		{[]string{"--again", filepath.Join(out, "none")}, []string{"--again", "无法读取", "cannot be read"}},
		{[]string{"--again", manifest, "facts"}, []string{"--again", "去掉其他条件", "leave the others out"}},
		{[]string{"--again", beyond}, []string{"--again", "还没有到清单中的位置", "does not reach"}},
		{[]string{"--dir", filepath.Join(out, "none")}, []string{"--dir", "没有这个账本目录", "no such folder"}},
		{[]string{"--to", file}, []string{"--to " + file, "空的或新的目录", "an empty or a new folder"}},
		{[]string{"--to", filepath.Dir(manifest)}, []string{"--to", "空的或新的目录", "choose another folder"}},
		{[]string{"--to", filepath.Join(file, "out")}, []string{"--to", "空的或新的目录", "an empty or a new folder"}},
	} {
		args := append([]string{"export", "--dir", dir, "--to", filepath.Join(out, "wrong")}, wrong.args...)
		code, _, message := anju(t, args...)
		require.Equal(t, exitFailed, code, wrong.args)
		for _, words := range wrong.says {
			require.Contains(t, message, words)
		}
	}
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, left, 2, "the two files that were there")
}

// TestAKilledExportLeavesNoHalfFolder: what it left is told and deleted by the next one.
func TestAKilledExportLeavesNoHalfFolder(t *testing.T) {
	dir, to := filepath.Join(t.TempDir(), "county"), filepath.Join(t.TempDir(), "out")
	code, _, message := anju(t, "simulate", "--households", "100", "--division", "520603", "--dir", dir)
	require.Equal(t, exitDone, code, message)
	cmd := commandChild(t, "export", "--dir", dir, "--to", to, "--as-of", "2022-12-31")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		months, err := os.ReadDir(filepath.Join(to+".partial", "facts"))
		return err == nil && len(months) > 3
	}, time.Minute, 100*time.Microsecond)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.NoDirExists(t, to)
	require.DirExists(t, to+".partial")
	code, out, message := anju(t, "export", "--dir", dir, "--to", to)
	require.Equal(t, exitDone, code, message)
	require.Contains(t, message, "已删除 / was left by an export that was cut off, and is deleted")
	require.Contains(t, out, "无表依参数集 no table depends on a parameter set")
	require.NoDirExists(t, to+".partial")
	require.FileExists(t, filepath.Join(to, "manifest.json"))
}

// relay hands one connection on to a server; when the client has been sent so many bytes, then runs, and the
// connection ends.
func relay(t *testing.T, server string, after int64, then func()) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-done
	})
	go func() {
		defer close(done)
		client, err := listener.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		behind, err := net.Dial("tcp", strings.TrimPrefix(server, "http://"))
		if err != nil {
			return
		}
		defer behind.Close()
		go func() { _, _ = io.Copy(behind, client) }()
		_, _ = io.CopyN(client, behind, after)
		then()
	}()
	return "http://" + listener.Addr().String()
}

// TestAServerKilledInTheMiddleLeavesNoExport: neither the client nor the server keeps half of it.
func TestAServerKilledInTheMiddleLeavesNoExport(t *testing.T) {
	dir, temp, out := filepath.Join(t.TempDir(), "county"), t.TempDir(), t.TempDir()
	code, _, message := anju(t, "simulate", "--households", "100", "--division", "520603", "--dir", dir)
	require.Equal(t, exitDone, code, message)
	server := startChild(t, dir, temp)
	url := relay(t, server.url, 1<<18, func() { server.kill(t) })
	code, _, message = anju(t, "export", "--server", url, "--to", filepath.Join(out, "tables"), "--format", "ndjson", "--as-of", "2022-12-31")
	require.Equal(t, exitFailed, code, message)
	require.Contains(t, message, "未留下任何文件：请重试")
	require.Contains(t, message, "nothing is left behind: try again")
	left, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Empty(t, left)

	server = startChild(t, dir, temp)
	code, _, message = anju(t, "export", "--server", server.url, "--to", filepath.Join(out, "tables"), "--format", "ndjson", "--as-of", "2022-12-31")
	require.Equal(t, exitDone, code, message)
	server.stop(t)
}

// TestAServerThatFailsInTheMiddleSaysWhy: the reason that it sent is what the command says.
func TestAServerThatFailsInTheMiddleSaysWhy(t *testing.T) {
	problem := `{"type":"x","status":507,"title":"Not stored","rule":{"zh":"须可写","en":"TMPDIR can be written"},"fix":{"zh":"请腾出空间","en":"make room"}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, _ := export.Begin(r.Context(), w, time.Hour)
		out.End()
		out.Fail([]byte(problem))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(server.Close)
	to := filepath.Join(t.TempDir(), "out")
	code, _, message := anju(t, "export", "--server", server.URL, "--to", to)
	require.Equal(t, exitFailed, code)
	for _, words := range []string{"服务器未能完成导出，未留下任何文件", "nothing is left behind", "TMPDIR can be written", "make room", "请腾出空间"} {
		require.Contains(t, message, words)
	}
	require.NoDirExists(t, to)
}
