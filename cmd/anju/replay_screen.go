package main

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// screenTo writes for a person who watches: of each event a line that says when, about what, where, by whom and what.
// An event's own bytes take five lines of a terminal, and nobody reads them as they pass; --json has them printed.
type screenTo struct {
	writerTo
	s     *session
	world bool // the pace is the world's: the moment of recording is left out
}

// line implements replayTo.
func (t *screenTo) line(e played) error {
	event, err := events.Parse(e.line)
	if err != nil {
		return err
	}
	kind, err := event.Kind()
	if err != nil {
		return err
	}
	recorded := ""
	if !t.world {
		recorded = event.Recorded.Time().In(domain.China).Format("2006-01-02 15:04:05") + "  "
	}
	if _, err := fmt.Fprintf(t.w, "%s%s  %s/%s  %-12s  %-9s  %s  %s\n", recorded, event.Time.Day(),
		event.Subject.Kind(), event.Subject, event.Division, event.Source.Department, event.Type, t.s.say(kind.Label)); err != nil {
		return err
	}
	t.far.note(&e)
	return nil
}

// close implements replayTo: it says how far the watcher came, if anywhere.
func (t *screenTo) close() error {
	if t.far.events == 0 {
		return nil
	}
	place := t.far.position.String()
	if t.world { // it is no place of the log where the last event stands
		place = t.far.at.Day().String()
	}
	_, err := fmt.Fprintf(t.s.err, "结束 end  %s 条 events  至 up to %s\n", grouped(int(t.far.events)), place)
	return err
}
