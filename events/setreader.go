package events

import "github.com/anju-ledger/anju/domain"

// recordOf reads a stored message; bytes that are no event of ours, or stand at a place that
// they do not name, are a foreign entry.
func recordOf(province uint8, m message) Record {
	rec := Record{Stream: StreamName(province), Sequence: m.sequence, Subject: m.subject, Body: m.body}
	if e, err := Parse(m.body); err == nil && e.Sequence == m.sequence && e.Home.Province == province && e.NATSSubject() == m.subject {
		rec.Event = e
	}
	return rec
}

// setReader passes records on in order, holding back the parts of a set until all are there:
// a set whose parts do not stand together, complete, is void for every reader.
type setReader struct {
	held []Record
}

// add takes the next record and returns those that may be read now.
func (s *setReader) add(rec Record) []Record {
	if rec.Event == nil || rec.Event.Set.Parts == 0 {
		s.held = nil
		return []Record{rec}
	}
	set := rec.Event.Set
	if set.Part != len(s.held)+1 || set.Part > 1 && s.setID() != set.ID {
		s.held = nil
	}
	if set.Part != len(s.held)+1 {
		return nil
	}
	s.held = append(s.held, rec)
	if set.Part < set.Parts {
		return nil
	}
	whole := s.held
	s.held = nil
	return whole
}

func (s *setReader) setID() domain.EventID { return s.held[0].Event.Set.ID }
