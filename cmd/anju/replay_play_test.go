package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// player is a pace under a clock of its own.
type player struct {
	*pace
	commands chan string
	told     []string
	began    time.Time
}

func newPlayer(speed float64) *player {
	p := &player{commands: make(chan string, 1), began: time.Now()}
	p.pace = &pace{speed: speed, commands: p.commands, tell: func(text string) { p.told = append(p.told, text) }}
	return p
}

func march(n int) domain.Moment { return (domain.MakeDay(2021, 3, 1) + domain.Day(n)).Moment() }

func TestEventsPassAtTheSpeedOfTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(86400) // a day a second
		for _, n := range []int{0, 1, 1, 4} {
			pass, err := p.reach(t.Context(), march(n))
			require.NoError(t, err)
			require.True(t, pass)
			require.InDelta(t, float64(n), time.Since(p.began).Seconds(), 0.001)
		}
		<-time.After(10 * time.Second) // a slow reader, on the bubble's clock
		_, err := p.reach(t.Context(), march(9))
		require.NoError(t, err)
		require.InDelta(t, 14.0, time.Since(p.began).Seconds(), 0.001, "what is overdue passes at once")
	})
}

func TestAReplayIsPausedHurriedAndMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(86400)
		reach := func(n int) (bool, error) { return p.reach(t.Context(), march(n)) }
		_, err := reach(0)
		require.NoError(t, err)

		p.commands <- "p"
		go func() {
			<-time.After(time.Hour)
			p.commands <- ""
		}()
		_, err = reach(1)
		require.NoError(t, err)
		require.InDelta(t, 3601.0, time.Since(p.began).Seconds(), 0.01, "an hour's pause")

		p.commands <- "+"
		_, err = reach(3)
		require.NoError(t, err)
		require.InDelta(t, 3602.0, time.Since(p.began).Seconds(), 0.01, "twice as fast")

		p.commands <- "what"
		p.speed = 86400
		_, err = reach(4)
		require.NoError(t, err)
		require.Contains(t, p.told[len(p.told)-1], "命令 commands")

		p.commands <- "2021-03-21"
		pass, err := reach(5)
		require.NoError(t, err)
		require.False(t, pass, "what lies before the day is left out")
		pass, err = reach(20)
		require.NoError(t, err)
		require.True(t, pass)

		p.commands <- "2021-03-02"
		_, err = reach(21)
		require.ErrorIs(t, err, errRewind)
		p.commands <- "q"
		_, err = reach(25)
		require.ErrorIs(t, err, errEnough)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = p.reach(ctx, march(4000))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// lateLedger is a folder with a visit that is recorded before an earlier one.
func lateLedger(t *testing.T) string {
	t.Helper()
	register := strings.SplitAfter(twoEvents, "\n")[0]
	earlier := strings.NewReplacer("register/1", "register/2", "0001", "0002", "2018-09-01", "2017-09-01").Replace(register)
	out := t.TempDir()
	dir, file := filepath.Join(out, "county"), filepath.Join(out, "events.ndjson")
	require.NoError(t, os.WriteFile(file, []byte(register+earlier), 0o600))
	code, _, message := anju(t, "record", "--dir", dir, "--department", "rural", "--division", "520603", file)
	require.Equal(t, exitDone, code, message)
	return dir
}

// places are the last digits of the sequences of lines of events.
func places(lines string) (all string) {
	for line := range strings.Lines(lines) {
		_, rest, _ := strings.Cut(line, `"sequence":"`)
		all += rest[19:20]
	}
	return all
}

func TestAReplayGoesToATerminalASubjectOrAServer(t *testing.T) {
	dir := lateLedger(t)
	code, out, message := anju(t, "replay", "--dir", dir, "--by", "world")
	require.Equal(t, exitDone, code, message)
	require.Equal(t, "21", places(out))

	var got bytes.Buffer
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/full" {
			http.Error(w, "full", http.StatusInsufficientStorage)
			return
		}
		_, err := io.Copy(&got, r.Body)
		require.NoError(t, err)
	}))
	defer receiver.Close()
	code, out, message = anju(t, "replay", "--dir", dir, "--to", receiver.URL)
	require.Equal(t, exitDone, code, message)
	require.Empty(t, out)
	require.Equal(t, "12", places(got.String()))
	require.Contains(t, message, "已送达 2 条 events were taken")
	code, _, message = anju(t, "replay", "--dir", dir, "--to", receiver.URL+"/full")
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "507")

	conn, url := newBus(t)
	heard := make(chan string, 2)
	_, err := conn.Subscribe("replay.county", func(m *nats.Msg) {
		heard <- string(m.Data)
		_ = m.Respond(nil)
	})
	require.NoError(t, err)
	require.NoError(t, conn.Flush())
	code, _, message = anju(t, "replay", "--dir", dir, "--to", url+"/replay.county")
	require.Equal(t, exitDone, code, message)
	for want := range strings.SplitSeq("12", "") {
		require.Equal(t, want, places(<-heard+"\n"))
	}
}

// TestAReplayIsReadOnATerminal: a line an event, with the clock that its pace goes by; --json gives the bytes.
func TestAReplayIsReadOnATerminal(t *testing.T) {
	dir := lateLedger(t)
	watch := func(args ...string) (out, said string) {
		var stdout, stderr bytes.Buffer
		s := &session{ctx: t.Context(), in: strings.NewReader(""), out: &stdout, err: &stderr, terminal: terminals{out: true}}
		require.Equal(t, exitDone, run(s, append(args, "--dir", dir)), stderr.String())
		return stdout.String(), stderr.String()
	}
	out, said := watch("--lang", "zh", "replay", "--by", "world", "--speed", "1e12")
	lines := strings.Split(out, "\n")
	require.Len(t, lines, 3)
	require.Regexp(t, `^2017-09-01  household/h\w{12}  520603003     rural      household.registered  搬迁户登记$`, lines[0])
	require.Regexp(t, `^2018-09-01  `, lines[1])
	require.Contains(t, said, "结束 end  2 条 events  至 up to 2018-09-01\n")
	out, said = watch("--lang", "en", "replay", "--speed", "1e12")
	require.Regexp(t, `^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  2018-09-01  household/.*  Household registered\n`, out)
	require.Contains(t, said, "up to ANJU-52:2\n")
	out, _ = watch("--json", "replay", "--by", "world")
	require.Equal(t, "21", places(out))
	_, said = watch("replay", "--by", "world", "--type", "job.placed")
	require.Contains(t, said, "没有事件符合条件；账本到 ANJU-52:2 为止 / no event matched; the ledger ends at ANJU-52:2\n")
}

// TestAWrongReplayIsRefused in both languages, with the flag, its value, the rule and the way out.
func TestAWrongReplayIsRefused(t *testing.T) {
	dir := lateLedger(t)
	for _, wrong := range []struct{ args, says []string }{
		{[]string{"--speed=-1"}, []string{"--speed -1", "应为0或正数", "0 or above, such as 86400"}},
		{[]string{"--speed=NaN"}, []string{"--speed NaN", "应为0或正数", "0 or above"}},
		{[]string{"--by=world", "--follow"}, []string{"--by world --follow", "账本仍在增长", "may have been true earlier", "请去掉 --follow", "leave out --follow, or follow by recorded"}},
		{[]string{"--by=sequence"}, []string{`--by "sequence"`, "应为 recorded", "it is recorded"}},
		{[]string{"--to=ftp://127.0.0.1/x"}, []string{`--to "ftp://127.0.0.1/x"`, "应为 nats://", "it is nats://host:port/subject"}},
		{[]string{"--to=file.ndjson"}, []string{`--to "file.ndjson"`, "应为 nats://", "left out, events are printed"}},
		{[]string{"--to=nats://127.0.0.1:4222"}, []string{"--to nats://127.0.0.1:4222", "缺少主题", "lacks the subject", "write it as in"}},
		{[]string{"--to=nats://me:secret@127.0.0.1:1/replay"}, []string{"--to nats://…@127.0.0.1:1", "请核对地址", "check the address"}},
		{[]string{"--to=http://127.0.0.1:1/"}, []string{"没有应答", "does not answer", "0 events were taken", "the same command again"}},
		{[]string{"--after=7"}, []string{`--after "7"`, "应为位置", "a position, such as ANJU-52:12345"}},
		{[]string{"--after=ANJU-11:7"}, []string{"after", "ANJU-11", "账本没有 ANJU-11", "GET /v1/ledger lists"}},
		{[]string{"--type=job.paid"}, []string{"job.paid", "类型", "/v1/kinds"}},
		{[]string{"--since=soon"}, []string{"soon", "时间写作", "a date, 2021-06-30"}},
		{[]string{"--division=5"}, []string{"division", "区划代码", "such as 520603"}},
		{[]string{"--subject=household/x"}, []string{"--division", "官方编号", "official number"}},
	} {
		code, out, message := anju(t, append([]string{"replay", "--dir", dir}, wrong.args...)...)
		require.Equal(t, exitFailed, code, wrong.args)
		require.Empty(t, out)
		require.NotContains(t, message, "secret")
		for _, words := range wrong.says {
			require.Contains(t, message, words)
		}
	}
}

// TestAReplayOfNothingSaysSo, and where the ledger ends; one that is led past everything by its user, or that gives
// something, does not.
func TestAReplayOfNothingSaysSo(t *testing.T) {
	dir := lateLedger(t)
	for _, flags := range [][]string{
		{"--since", "2099-01-01"},
		{"--after", "ANJU-52:99999999"},
		{"--subject", "household/h7k2m9qx4w1tz"},
		{"--type", "job.placed", "--by", "world"},
		{"--type", "job.placed", "--speed", "1e12"},
		{"--json", "--type", "job.placed"},
	} {
		code, out, said := anju(t, append([]string{"replay", "--dir", dir}, flags...)...)
		require.Equal(t, exitDone, code, said)
		require.Empty(t, out)
		require.Equal(t, "没有事件符合条件；账本到 ANJU-52:2 为止 / no event matched; the ledger ends at ANJU-52:2\n", said, flags)
	}
	for _, flags := range [][]string{nil, {"--speed", "1e12"}, {"--after", "ANJU-52:1"}} {
		code, out, said := anju(t, append([]string{"replay", "--dir", dir}, flags...)...)
		require.Equal(t, exitDone, code, said)
		require.NotEmpty(t, out)
		require.Empty(t, said)
	}
	url := serveFolder(t, t.TempDir())
	code, out, said := anju(t, "replay", "--server", url)
	require.Equal(t, exitDone, code, said)
	require.Empty(t, out)
	require.Equal(t, "账本没有任何事件 / the ledger holds no event\n", said)
}
