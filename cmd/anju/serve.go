package main

import (
	"errors"
	"fmt"

	"github.com/anju-ledger/anju/events"
)

type serveCommand struct {
	Dir         string `default:"anju-data" type:"path" placeholder:"DIR" help:"The ledger's folder; made when it is not there. 账本目录。"`
	Listen      string `default:"127.0.0.1:8420" placeholder:"ADDRESS" help:"Address of HTTP. HTTP 地址。"`
	NATSPort    int    `name:"nats-port" default:"4222" placeholder:"PORT" help:"Port of NATS clients, on loopback; 0 picks a free one. NATS 端口。"`
	NATS        string `name:"nats" placeholder:"URL" help:"A NATS server or cluster of your own that keeps the streams, instead of the one inside; three replicas are made. 外部 NATS。"`
	NATSAnswers string `name:"nats-answers" placeholder:"URL" help:"With --nats: the same server as a user who may only answer clients (docs/operate.md). 仅用于应答的用户。"`
	Synced      bool   `help:"With --nats: you declare that its JetStream runs with sync_interval: always, which makes one copy enough. 声明逐条落盘。"`
	witnessFlags
}

// Help shows an example.
func (serveCommand) Help() string {
	return `Until the folder is open and its views are rebuilt, /healthz answers and all else is 503; then the addresses are printed. SIGINT or SIGTERM stops cleanly within ten seconds.

目录打开、视图重建完成前，除 /healthz 外均为 503；就绪后输出地址。

  anju serve --dir county --listen 127.0.0.1:8420`
}

// Run serves a ledger until it is interrupted.
func (c serveCommand) Run(s *session) error {
	witnesses, err := c.witnesses()
	if err != nil {
		return err
	}
	n, err := startNode(s, nodeConfig{
		Dir: c.Dir, Listen: c.Listen, NATSPort: c.NATSPort, NATS: c.NATS, NATSAnswers: c.NATSAnswers, Synced: c.Synced,
		Witnesses: witnesses, WitnessesNeeded: c.WitnessesNeeded,
	})
	if err != nil {
		return err
	}
	tellStart(s, n.ledger)
	fmt.Fprintf(s.out, "HTTP  %s\nNATS  %s\n", n.url, n.ledger.ClientURL())
	select {
	case <-s.ctx.Done():
	case err = <-n.ended:
	}
	return errors.Join(err, n.close())
}

// tellStart says at the terminal what the start found: what it put right, every alarm, and which streams
// stand still. A stream of which a witness knows more is not called unwitnessed.
func tellStart(s *session, l *events.Ledger) {
	rolledBack := false
	for _, st := range l.Streams() {
		if st.Mended != "" {
			fmt.Fprintf(s.err, "已自行修复 mended  %s: %s\n", st.Stream, st.Mended)
		}
		for _, a := range st.Alarms {
			word := "告警 alarm"
			if a.Stands {
				word = "已停止写入 STANDS STILL"
			}
			fmt.Fprintf(s.err, "anju: %s  %s  %s: %s\n", word, st.Stream, a.Kind, a.Detail)
			rolledBack = rolledBack || a.Kind == events.AlarmRolledBack
		}
	}
	if alarm := l.Witnesses().Alarm; alarm != "" && !rolledBack {
		fmt.Fprintln(s.err, "anju: 未获见证 unwitnessed:", alarm)
	}
}
