package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/anju-ledger/anju/events/seen"
)

// stateOf returns the file of remembered checkpoints: ANJU_STATE, or one in the user's folder of
// settings; "" where there is no such folder.
func stateOf(env func(string) string, configDir func() (string, error)) string {
	if path := env("ANJU_STATE"); path != "" {
		return path
	}
	dir, err := configDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "anju", "ledgers.json")
}

// remember compares a ledger with what was seen of it before. One that was put back to an older state, or
// shows another history, is not asked any further: whatever it says, and whatever it is told, rests on a past
// that it denies.
func remember(s *session, server string) error {
	report, err := (&seen.Memory{Path: s.state}).Check(s.ctx, server)
	for _, key := range report.First {
		fmt.Fprintf(s.err, "anju: 首次见到此账本，今后以此公钥核对 / this ledger is seen for the first time; from now on it is checked by the key %s\n", key)
	}
	for _, stream := range report.Unchecked {
		fmt.Fprintf(s.err, "anju: 未能与先前所见核对 / not compared with what was seen before: %s\n", stream)
	}
	if errors.Is(err, seen.ErrChanged) || errors.Is(err, seen.ErrDamaged) {
		return err
	}
	if err != nil { // of the file: what cannot be kept is said, and keeps nobody from his work
		fmt.Fprintf(s.err, "anju: 无法记住检查点 / the checkpoints cannot be remembered: %v\n", err)
	}
	return nil
}

type bookTrustCommand struct {
	Server string `default:"http://127.0.0.1:8420" placeholder:"URL" help:"The running server. 运行中的服务。"`
	Yes    bool   `help:"Accept it: from now on it is checked against what it shows now. 确认接受。"`
}

// Help shows an example.
func (bookTrustCommand) Help() string {
	return `Every command that asks a server remembers its last checkpoint (in ANJU_STATE, by default in your folder of settings), and refuses with exit code 3 one that was put back to an older state or whose key or origin changed. Ask the operator first: after a lawful restore he names the new origin. This shows what changed and whether all that you had seen is still there; --yes accepts it.
每条命令都会记住所访问服务的检查点；账本被恢复到旧状态、公钥或来源标识改变时拒绝。请先向运维者核实，再用 --yes 接受。

  anju book trust --server http://127.0.0.1:8420 --yes`
}

// Run shows what changed, and accepts it.
func (c bookTrustCommand) Run(s *session) error {
	if s.state == "" {
		return errors.New("没有可写的状态文件：请设置 ANJU_STATE / there is no file to remember in: set ANJU_STATE")
	}
	m := &seen.Memory{Path: s.state}
	server := serverOf(c.Server)
	all, err := m.Compare(s.ctx, server)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("账本没有应答，或没有账册 / the ledger does not answer, or keeps no book")
	}
	for _, t := range all {
		printTrusted(s, t)
	}
	if !c.Yes {
		return errors.New("尚未接受：加 --yes 确认 / nothing is accepted yet: add --yes")
	}
	if err := m.Trust(server, all); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "已接受 accepted")
	return nil
}

func printTrusted(s *session, t seen.Trusted) {
	word := "先前所见均在其中 all that was seen is there"
	switch {
	case t.Now == "":
		word = "不存在 IT IS GONE"
	case t.Was == "":
		word = "首次见到 seen for the first time"
	case !t.Kept:
		word = "先前所见不全在其中 NOT all that was seen is there"
	}
	fmt.Fprintf(s.out, "%s  曾见 seen %s 条，现有 holds %s 条  %s\n", t.Stream, grouped(int(t.Seen)), grouped(int(t.Holds)), word)
	if t.Was != t.Now && t.Was != "" {
		fmt.Fprintf(s.out, "  来源 origin %s → %s\n", t.Was, t.Now)
	}
	if t.Key != "" {
		fmt.Fprintf(s.out, "  公钥 key %s\n", t.Key)
	}
}

// serverOf completes a server's address.
func serverOf(address string) string {
	server := strings.TrimSuffix(address, "/")
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	return server
}
