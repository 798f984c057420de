package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Bounds of a replay: the longest line, and what is held in memory to be put in the order of the world.
const (
	mostLine   = 2 * events.MaxEvent
	mostSorted = 1 << 30 // bytes
)

// playCommand are the flags of a replay at a speed.
type playCommand struct {
	Speed float64 `placeholder:"FACTOR" help:"Let events pass at the speed at which they were recorded, times this: 86400 is a day a second. 按倍速播放。"`
	By    string  `default:"recorded" placeholder:"CLOCK" help:"Order and speed by recorded, as the log has it, or by world, when it was true. 按记录时间或世界时间。"`
	To    string  `placeholder:"URL" help:"Send to nats://host:port/subject, where each message is acknowledged, or POST NDJSON to http://…; default: print. 输出到；对方收下后才继续。"`
}

// plays reports whether the flags ask for more than printing the log.
func (c playCommand) plays() bool { return c.Speed != 0 || c.By != "recorded" || c.To != "" }

// play lets the events of a reading pass, again from the beginning each time its user goes back.
func (c playCommand) play(s *session, in *reading) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	to, err := c.open(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	p := &pace{speed: c.Speed, tell: func(text string) { fmt.Fprintln(s.err, text) }}
	if c.Speed > 0 {
		p.commands = commandsOf(s.ctx, s.in)
	}
	start := maps.Clone(in.at)
	for {
		err := c.once(s, p, to, in)
		switch {
		case errors.Is(err, errRewind):
			in.at = maps.Clone(start)
		case err == nil || errors.Is(err, errEnough):
			c.done(s, to.taken())
			return nil
		default:
			return c.goOn(err, start, to.taken())
		}
	}
}

// open opens where the events go: to a terminal in lines for a person, unless he asks for JSON.
func (c playCommand) open(s *session) (replayTo, error) {
	if c.To == "" && s.terminal.out && !s.json {
		return &screenTo{writerTo{s.out, progress{position: position{}}}, s, c.By == "world"}, nil
	}
	return openReplayTo(s, c.To)
}

// check refuses flags that mean nothing.
func (c playCommand) check() error {
	if c.By != "recorded" && c.By != "world" {
		return fmt.Errorf("--by %q：应为 recorded（记录顺序）或 world（世界时间） / it is recorded, the order of the log, or world, when it was true", domain.Shown(c.By))
	}
	return speedRefusal(c.Speed)
}

// done says how much a receiver took.
func (c playCommand) done(s *session, far progress) {
	if c.To != "" {
		fmt.Fprintf(s.err, "已送达 %s 条 events were taken\n", grouped(int(far.events)))
	}
}

// goOn says how far a replay that failed was taken, and how to go on there.
func (c playCommand) goOn(failed error, start position, far progress) error {
	if failed == nil || c.To == "" {
		return failed
	}
	at := maps.Clone(start)
	maps.Copy(at, far.position)
	zh, en := "加 --after "+at.String(), "--after "+at.String()
	if c.By == "world" {
		zh, en = "加 --speed 并输入日期 "+far.at.Day().String(), "play with --speed and type "+far.at.Day().String()
	}
	if far.events == 0 {
		zh, en = "重新执行同一命令", "the same command again"
	}
	return fmt.Errorf("%w\n      已送达 %d 条；继续：%s / %d events were taken; to go on: %s", failed, far.events, zh, far.events, en)
}

// once lets the events pass from where the reading stands to their end.
func (c playCommand) once(s *session, p *pace, to replayTo, in *reading) error {
	out := func(e played) error {
		if p.waits(e.at) > 0 || p.paused { // what has come is taken before what comes is waited for
			if err := to.flush(); err != nil {
				return err
			}
		}
		pass, err := p.reach(s.ctx, e.at)
		if err != nil || !pass {
			return err
		}
		return to.line(e)
	}
	pass := func() error {
		return in.each(func(e *events.Event, line []byte) error { return out(playedOf(e, e.Recorded, line)) })
	}
	if c.By == "world" {
		pass = func() error { return inOrder(in, out) }
	}
	err := pass()
	if err == nil || errors.Is(err, errEnough) || errors.Is(err, errRewind) {
		err = errors.Join(err, to.flush())
	}
	return err
}

// inOrder gives the events in the order in which they were true, those of one moment as the log has
// them.
func inOrder(in *reading, out func(played) error) error {
	var all []played
	held := 0
	err := in.each(func(e *events.Event, line []byte) error {
		if held += len(line); held > mostSorted {
			return errors.New("事件过多，无法按世界时间排序：请用 --division、--type 或 --since 缩小范围，或用 --by recorded / too many events to put in the order of the world: choose some by --division, --type or --since, or use --by recorded")
		}
		all = append(all, playedOf(e, e.Time, slices.Clone(line)))
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b played) int { return int(min(max(a.at-b.at, -1), 1)) })
	for _, e := range all {
		if err := out(e); err != nil {
			return err
		}
	}
	return nil
}
