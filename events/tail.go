package events

import "slices"

// tailRecords is how many of the last durable records a door keeps for its followers, four full
// groups: who keeps up with the stream never asks the server for it.
const tailRecords = 4 * maxGroupEvents

// recordOfEvent is the record of an event that was just stored; its data lies in the body.
func recordOfEvent(e *Event, m message) Record {
	lean := *e
	lean.Fact = nil // opened fields are for the door only
	end := len(m.body) - 1
	lean.Data = m.body[end-len(e.Data) : end : end]
	return Record{Stream: e.Stream(), Sequence: m.sequence, Subject: m.subject, Body: m.body, Event: &lean}
}

// keepTail takes a group that became durable; mu is held. Readers hold parts of the slice, so
// elements are only ever appended, and trimming makes a new slice.
func (w *writer) keepTail(group []Record) {
	if len(group) == 0 || group[0].Sequence != w.durable+1 {
		w.tail = nil
	}
	if w.tail = append(w.tail, group...); len(w.tail) > 2*tailRecords {
		w.tail = slices.Clone(w.tail[len(w.tail)-tailRecords:])
	}
}

// recent returns the durable records after a sequence when the tail reaches back to it.
func (w *writer) recent(after uint64) []Record {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.tail) == 0 || after+1 < w.tail[0].Sequence || after >= w.durable {
		return nil
	}
	return w.tail[after+1-w.tail[0].Sequence:]
}
