package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/anju-ledger/anju/domain"
)

type ledgerCommand struct{ target }

// Help shows an example.
func (ledgerCommand) Help() string {
	return `A stream for each province: up to which event it is safe on the disk, how many of those the answers lack still, how many messages in it are no events of ours, and what stops it; then how far its book reaches, what was signed, and when everything was last read and compared again.

每省一个数据流：已落盘的位置、视图落后的条数、不属于账本的消息数、告警；以及账册的条数、检查点、上次全部核查的时间与结果。

  anju ledger --server http://127.0.0.1:8420`
}

// ledgerAnswer is GET /v1/ledger, as far as it is printed.
type ledgerAnswer struct {
	Streams []struct {
		Stream  string `json:"stream"`
		Durable uint64 `json:"durable"`
		Lag     uint64 `json:"lag"`
		Foreign uint64 `json:"foreign"`
		Alarm   string `json:"alarm"`
		Alarms  []struct {
			Kind   string      `json:"kind"`
			From   uint64      `json:"from"`
			To     uint64      `json:"to"`
			Detail string      `json:"detail"`
			Rule   domain.Text `json:"rule"`
			Fix    domain.Text `json:"fix"`
		} `json:"alarms"`
		Book *bookStanding `json:"book"`
	} `json:"streams"`
	Durability domain.Text `json:"durability"`
	Stopped    string      `json:"stopped"`
	Witnessing *witnessing `json:"witnessing"`
}

// bookStanding is how the book of a stream stands.
type bookStanding struct {
	Written  uint64    `json:"written"`
	Signed   uint64    `json:"signed"`
	SignedAt time.Time `json:"signed_at"`
	Scrub    struct {
		Position uint64    `json:"position"`
		Ended    time.Time `json:"ended"`
		Events   uint64    `json:"events"`
		Findings int       `json:"findings"`
	} `json:"scrub"`
}

// Run prints the streams, their durable positions and alarms.
func (c ledgerCommand) Run(s *session) error {
	ask := func(base string) error { return show(s, get(base+"/v1/ledger", nil), printLedger) }
	if c.Dir != "" {
		return c.with(s, ask)
	}
	// What this shows is needed most when the ledger is not what was seen before: it is said, and asked all
	// the same. The exit code says that nothing of it is to be relied on.
	server := serverOf(c.Server)
	changed := remember(s, server)
	if changed != nil {
		fmt.Fprintln(s.err, "anju: 以下来自与先前所见不符的账本 / what follows is told by a ledger that is not the one seen before")
	}
	return errors.Join(ask(server), changed)
}

func printLedger(s *session, a ledgerAnswer) {
	if len(a.Streams) == 0 {
		fmt.Fprintln(s.out, "账本为空 the ledger is empty")
		return
	}
	t := newTable([]string{"数据流 stream", "已落盘 durable", "视图落后 lag", "外来 foreign", "告警 alarm"}, 1, 2, 3)
	for _, st := range a.Streams {
		alarm := "无 none"
		if st.Alarm != "" {
			alarm = strconv.Itoa(max(1, len(st.Alarms)))
		}
		t.add(st.Stream, grouped(int(st.Durable)), grouped(int(st.Lag)), grouped(int(st.Foreign)), alarm)
	}
	t.write(s.out)
	printAlarms(s, a)
	printBooks(s, a)
	if a.Stopped != "" {
		fmt.Fprintf(s.out, "\n视图已停止 the views have stopped: %s\n", a.Stopped)
	}
	if a.Witnessing != nil {
		printWitnessing(s, a.Witnessing)
	}
	for _, line := range broken(s.say(a.Durability), lineColumns) {
		fmt.Fprintln(s.out, line)
	}
}

// printAlarms prints what the operator has to look at: where, what was found, what should be and
// the way out.
func printAlarms(s *session, a ledgerAnswer) {
	for _, st := range a.Streams {
		for _, alarm := range st.Alarms {
			place := st.Stream
			if alarm.From > 0 {
				place += fmt.Sprintf(":%d-%d", alarm.From, alarm.To)
			}
			text := fmt.Sprintf("告警 alarm %s %s: %s — %s — %s", place, alarm.Kind, alarm.Detail, s.say(alarm.Rule), s.say(alarm.Fix))
			for _, line := range broken(text, lineColumns) {
				fmt.Fprintln(s.out, line)
			}
		}
	}
}

// printBooks prints how far the books reach, what is signed of them, and how they were compared.
func printBooks(s *session, a ledgerAnswer) {
	t := newTable([]string{"数据流 stream", "账册 book", "已签 signed", "签于 at", "上次核查 last scrub", "条数 events", "发现 findings", "本轮 this round"}, 1, 2, 5, 6, 7)
	any := false
	for _, st := range a.Streams {
		if b := st.Book; b != nil {
			any = true
			done := int(100 * b.Scrub.Position / max(1, st.Durable))
			t.add(st.Stream, grouped(int(b.Written)), grouped(int(b.Signed)), shownAt(b.SignedAt), shownAt(b.Scrub.Ended),
				grouped(int(b.Scrub.Events)), grouped(b.Scrub.Findings), strconv.Itoa(done)+"%")
		}
	}
	if any {
		fmt.Fprintln(s.out)
		t.write(s.out)
	}
}

// shownAt is a moment as tables show it.
func shownAt(at time.Time) string {
	if at.IsZero() {
		return "尚无 none yet"
	}
	return at.UTC().Format("2006-01-02T15:04:05Z")
}
