package main

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
)

type ledgerCommand struct{ target }

// Help shows an example.
func (ledgerCommand) Help() string {
	return `A stream for each province: up to which event it is safe on the disk, how many of those the answers lack still, how many messages in it are no events of ours, and what stops it.

每省一个数据流：已落盘的位置、视图落后的条数、不属于账本的消息数、告警。

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
	} `json:"streams"`
	Durability domain.Text `json:"durability"`
	Stopped    string      `json:"stopped"`
}

// Run prints the streams, their durable positions and alarms.
func (c ledgerCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/ledger", nil), printLedger)
	})
}

func printLedger(s *session, a ledgerAnswer) {
	if len(a.Streams) == 0 {
		fmt.Fprintln(s.out, "账本为空 the ledger is empty")
		return
	}
	t := newTable([]string{"数据流 stream", "已落盘 durable", "视图落后 lag", "外来 foreign", "告警 alarm"}, 1, 2, 3)
	for _, st := range a.Streams {
		alarm := st.Alarm
		if alarm == "" {
			alarm = "无 none"
		}
		t.add(st.Stream, grouped(int(st.Durable)), grouped(int(st.Lag)), grouped(int(st.Foreign)), alarm)
	}
	t.write(s.out)
	if a.Stopped != "" {
		fmt.Fprintf(s.out, "\n视图已停止 the views have stopped: %s\n", a.Stopped)
	}
	for _, line := range broken(s.say(a.Durability), lineColumns) {
		fmt.Fprintln(s.out, line)
	}
}
