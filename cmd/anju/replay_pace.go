package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
)

// errRewind goes back to an earlier day: the events are read again.
var errRewind = errors.New("read again from the beginning")

// errEnough ends a replay because its user said so.
var errEnough = errors.New("enough")

// pace lets events pass at the speed at which they happened, times a factor. While it waits it
// takes commands:
//
//	p or an empty line   pause, and go on
//	+ -                  twice as fast, half as fast
//	2021-03-05           go to that day; what lies before is left out
//	q                    end
//
// It is used by one goroutine.
type pace struct {
	speed    float64 // seconds of the ledger in a second; 0 = as fast as it goes
	commands <-chan string
	tell     func(string) // what became of a command

	begun  bool
	paused bool
	at     domain.Moment // how far the replay is
	due    time.Time     // when it was, or should have been, there
	seek   domain.Moment // nothing before passes
}

// commandsOf reads a line at a time from in until it ends or ctx does.
func commandsOf(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		for read := bufio.NewScanner(in); read.Scan(); {
			select {
			case lines <- strings.TrimSpace(read.Text()):
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// reach waits until the replay is at a moment; pass is false for what lies before the day that
// was gone to. A reader that was slow is not waited for again: what is overdue passes at once.
func (p *pace) reach(ctx context.Context, to domain.Moment) (pass bool, err error) {
	if to < p.seek {
		return false, nil
	}
	if !p.begun {
		p.begun, p.at, p.due = true, to, time.Now()
	}
	for {
		wait := p.waits(to)
		if wait <= 0 && !p.paused {
			return true, p.hear(ctx)
		}
		timer := time.NewTimer(wait)
		if p.paused {
			timer.Stop()
		}
		select {
		case <-timer.C:
			p.due, p.at = p.due.Add(wait), to
			return true, nil
		case text := <-p.commands:
			timer.Stop()
			if err = p.command(text); err != nil || to < p.seek {
				return false, err
			}
		case <-ctx.Done():
			timer.Stop()
			return false, ctx.Err()
		}
	}
}

// waits returns how long it is until a moment.
func (p *pace) waits(to domain.Moment) time.Duration {
	if p.speed == 0 || to <= p.at {
		return 0
	}
	gap := float64(to-p.at) / p.speed * float64(time.Millisecond)
	return time.Until(p.due.Add(time.Duration(min(gap, float64(longestWait)))))
}

// longestWait keeps a wait representable; a year of the ledger at its own speed is longer than
// anybody waits.
const longestWait = 365 * 24 * time.Hour

// hear takes a command that has come meanwhile.
func (p *pace) hear(ctx context.Context) error {
	select {
	case text := <-p.commands:
		return p.command(text)
	default:
		return ctx.Err()
	}
}

// here makes now the moment from which the speed counts.
func (p *pace) here() {
	if !p.paused && p.speed > 0 {
		p.at += domain.Moment(float64(time.Since(p.due).Milliseconds()) * p.speed)
	}
	p.due = time.Now()
}

// command does what its user typed.
func (p *pace) command(text string) error {
	p.here()
	day, notDay := domain.ParseDay(text)
	switch {
	case text == "" || text == "p":
		p.paused = !p.paused
	case text == "+":
		p.speed *= 2
	case text == "-":
		p.speed /= 2
	case text == "q":
		return errEnough
	case notDay == nil:
		back := day.Moment() < p.at
		p.seek, p.at, p.begun = day.Moment(), day.Moment(), false
		if back {
			p.tell(p.state())
			return errRewind
		}
	default:
		p.tell("命令 commands: p 暂停/继续 pause, + - 快慢 speed, 2021-03-05 跳到 go to, q 结束 end")
		return nil
	}
	p.tell(p.state())
	return nil
}

// state says where the replay is, and how fast.
func (p *pace) state() string {
	word := "播放 playing"
	if p.paused {
		word = "暂停 paused"
	}
	return fmt.Sprintf("%s  %s  ×%s", word, max(p.at, p.seek).Day(), strconv.FormatFloat(p.speed, 'f', -1, 64))
}
