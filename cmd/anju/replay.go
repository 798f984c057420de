package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

type replayCommand struct {
	target
	playCommand
	Type     string `placeholder:"TYPE" help:"Only this type, such as job.placed. 类型。"`
	Subject  string `placeholder:"SUBJECT" help:"Only this subject, such as household/h7k2m9qx4w1tz, or a household's official number. 对象或户编号。"`
	Division string `placeholder:"CODE" help:"Only this division, such as 520603; the county of an official number. 区划。"`
	After    string `placeholder:"POS" help:"Only what stands after this position, such as ANJU-52:12345. 从该位置之后。"`
	Since    string `placeholder:"TIME" help:"Only what was recorded since this date or RFC 3339 time. 从该时间起记录的。"`
	Follow   bool   `help:"Go on with what is recorded from now on, in the order of the log: not with --by world. 持续输出；只按记录顺序。"`
}

// Help shows an example.
func (replayCommand) Help() string {
	return `The events in the very bytes of the log, in its order; sealed fields stay sealed. The output is NDJSON.

按账本顺序逐行输出事件原文（NDJSON），加密字段不解密。

  anju replay --type title.certificate_issued --division 5206 --since 2021-01-01 > titles.ndjson
  anju replay --subject 520603900002 --division 520603

With --speed it goes at the pace of the ledger, and takes lines while it runs: p (or an empty line) pauses and goes on, + and - change the speed, a date goes there, q ends. On a terminal --speed and --by world print a line an event for reading; with --json they print the log's bytes.
加 --speed 按时间播放；运行中可输入：p 或回车 暂停/继续，+ - 快慢，日期 跳转，q 结束。在终端上每个事件显示一行摘要，加 --json 输出原文。

  anju replay --division 520603 --type title.certificate_issued --by world --speed 2592000`
}

// Run prints events, one a line, as they stand in the log.
func (c replayCommand) Run(s *session) error {
	follow := ""
	if c.Follow {
		follow = "true"
	}
	if c.Follow && c.By == "world" {
		return errors.New("--by world --follow：账本仍在增长，后记录的事实可能更早发生，世界顺序无从确定；请去掉 --follow，或用 --by recorded 持续输出 / while the ledger grows there is no order of the world: what is recorded later may have been true earlier; leave out --follow, or follow by recorded")
	}
	return c.with(s, func(base string) error {
		if err := c.resolve(s, base); err != nil {
			return err
		}
		q := map[string]string{
			"type": c.Type, "subject": c.Subject, "division": c.Division, "after": c.After, "since": c.Since, "follow": follow,
		}
		in, err := newReading(s, base, q)
		if err != nil {
			return err
		}
		if c.plays() {
			err = c.play(s, in)
		} else {
			err = c.print(s, base, in)
		}
		if err == nil && in.read == 0 && !c.Follow {
			return nothing(s, base)
		}
		return err
	})
}

// print prints the events as fast as they come.
func (c replayCommand) print(s *session, base string, in *reading) error {
	counted := &lineCounter{to: s.out, at: in.at}
	if !c.Follow && !s.terminal.out {
		counted.bar = s.meter("重放 replaying", c.total(s, base))
		defer counted.bar.end()
	}
	err := in.copy(counted)
	in.read = counted.lines
	if c.Follow && s.ctx.Err() != nil {
		return nil // this is how following ends
	}
	return err
}

// nothing says that no event was asked for, which may be a slip, and where the ledger ends.
func nothing(s *session, base string) error {
	var a ledgerAnswer
	if err := fetch(s.plain(), get(base+"/v1/ledger", nil), &a); err != nil {
		return err
	}
	at := position{}
	for _, st := range a.Streams {
		if st.Durable > 0 {
			at[st.Stream] = st.Durable
		}
	}
	zh, en := "没有事件符合条件；账本到 "+at.String()+" 为止", "no event matched; the ledger ends at "+at.String()
	if len(at) == 0 {
		zh, en = "账本没有任何事件", "the ledger holds no event"
	}
	_, err := fmt.Fprintln(s.err, zh, "/", en)
	return err
}

// copy prints the events in the very bytes of the answer; a connection that is cut is opened again
// behind the last whole line.
func (r *reading) copy(to *lineCounter) error {
	for {
		before := to.lines
		resp, err := open(r.s, get(r.address, r.behind(to.at)))
		if err != nil {
			return err
		}
		to.part = nil
		_, err = io.Copy(to, resp.Body)
		err = errors.Join(err, resp.Body.Close())
		switch {
		case to.problem != nil:
			return problemText(resp.Status, to.problem)
		case err == nil || to.failed != nil || r.s.ctx.Err() != nil || to.lines == before:
			return err
		}
	}
}

// resolve puts the id in the place of an official number. The division then says where the number
// counts and chooses no events: some stand in the division that a household came from.
func (c *replayCommand) resolve(s *session, base string) error {
	name, who, ofKind := strings.Cut(c.Subject, "/")
	if !ofKind {
		name, who = domain.HouseholdKind.String(), c.Subject
	}
	kind, known := domain.ParseEntityKind(name)
	if _, err := domain.ParseEntity(who); c.Subject == "" || err == nil || !known {
		return nil
	}
	id, err := find(s, base, kind, c.Division, who)
	if err != nil {
		return err
	}
	c.Subject, c.Division = id, ""
	return nil
}

// total is how many events come, -1 where a filter chooses among them.
func (c replayCommand) total(s *session, base string) int64 {
	if c.Type+c.Subject+c.Division+c.After+c.Since != "" || !s.terminal.err {
		return -1
	}
	var a ledgerAnswer
	if err := fetch(s.plain(), get(base+"/v1/ledger", nil), &a); err != nil {
		return -1
	}
	total := int64(0)
	for _, st := range a.Streams {
		total += int64(st.Durable - min(st.Foreign, st.Durable))
	}
	return total
}

// lineCounter passes whole lines on, counts them and notes where they stand. A line that is a
// problem and no event is kept back: it says why there are no more.
type lineCounter struct {
	to      io.Writer
	lines   int64
	at      position
	bar     *meter // may be absent
	part    []byte // of a line whose end has not come yet
	problem []byte
	failed  error // of to
}

// problemLine is how a problem begins; events begin with their specversion.
const problemLine = `{"type":"http`

// Write implements io.Writer.
func (l *lineCounter) Write(p []byte) (int, error) {
	l.part = append(l.part, p...)
	whole := bytes.LastIndexByte(l.part, '\n') + 1
	lines := l.part[:whole]
	if at := bytes.LastIndexByte(lines[:max(0, whole-1)], '\n') + 1; bytes.HasPrefix(lines[at:], []byte(problemLine)) {
		l.problem = bytes.Clone(lines[at:])
		lines = lines[:at]
	}
	if _, l.failed = l.to.Write(lines); l.failed != nil {
		return 0, l.failed
	}
	for line := range bytes.Lines(lines) {
		l.lines++
		l.note(line)
	}
	if l.bar != nil {
		l.bar.set(l.lines)
	}
	l.part = append(l.part[:0], l.part[whole:]...)
	return len(p), nil
}

// note reads off a line where it stands: no string of an envelope holds a quotation mark, so the
// first of each name is the attribute (docs/format.md §1).
func (l *lineCounter) note(line []byte) {
	_, rest, found := bytes.Cut(line, []byte(`,"home":"`))
	province, rest, _ := bytes.Cut(rest, []byte("."))
	_, rest, _ = bytes.Cut(rest, []byte(`,"sequence":"`))
	digits, _, _ := bytes.Cut(rest, []byte(`"`))
	if sequence, err := strconv.ParseUint(string(digits), 10, 64); found && err == nil {
		l.at["ANJU-"+string(province)] = sequence
	}
}
