package main

import (
	"errors"
	"fmt"
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
	By    string  `default:"recorded" enum:"recorded,world" help:"Order and speed by recorded, as the log has it, or by world, when it was true. 按记录时间或世界时间。"`
	To    string  `placeholder:"URL" help:"Send to nats://host:port/subject, or POST NDJSON to http://…; default: print. 输出到。"`
}

// plays reports whether the flags ask for more than printing the log.
func (c playCommand) plays() bool { return c.Speed != 0 || c.By == "world" || c.To != "" }

// played is one event on its way out.
type played struct {
	at   domain.Moment
	line []byte
}

// play lets the events that begin reads pass, again from the beginning each time its user goes back.
func (c playCommand) play(s *session, begin func() (*reading, error)) (err error) {
	if err := speedRefusal(c.Speed); err != nil {
		return err
	}
	to, err := openReplayTo(s, c.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	p := &pace{speed: c.Speed, tell: func(text string) { fmt.Fprintln(s.err, text) }}
	if c.Speed > 0 {
		p.commands = commandsOf(s.ctx, s.in)
	}
	for {
		err := c.once(s, p, to, begin)
		switch {
		case errors.Is(err, errRewind):
		case errors.Is(err, errEnough):
			return nil
		default:
			return err
		}
	}
}

// once lets the events pass from the beginning.
func (c playCommand) once(s *session, p *pace, to replayTo, begin func() (*reading, error)) error {
	in, err := begin()
	if err != nil {
		return err
	}
	out := func(e played) error {
		pass, err := p.reach(s.ctx, e.at)
		if err != nil || !pass {
			return err
		}
		return to.line(e.line)
	}
	if c.By == "world" {
		return inOrder(in, out)
	}
	return in.each(func(e *events.Event, line []byte) error { return out(played{e.Recorded, line}) })
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
		all = append(all, played{e.Time, slices.Clone(line)})
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
