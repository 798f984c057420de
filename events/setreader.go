package events

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// recordOf reads a stored message; bytes that are no event of ours, or stand at a place that
// they do not name, are a foreign entry.
func recordOf(province uint8, m message) Record { return openedRecord(province, m, nil) }

// openedRecord is recordOf with the payload opened, where it opens and open is not nil.
func openedRecord(province uint8, m message, open opening) Record {
	rec := Record{Stream: StreamName(province), Sequence: m.sequence, Subject: m.subject, Body: m.body}
	e, err := parseEnvelope(m.body)
	if err != nil || e.Sequence != m.sequence || e.Home.Province != province || !e.stands(m.subject) {
		return rec
	}
	if open != nil {
		if e.Fact, err = open(e); err != nil {
			e.Fact = nil // who needs it opens it again, and gets the error
		}
	}
	if e.Fact != nil || jsontext.Value(e.Data).IsValid() { // a payload that opens is valid
		rec.Event = e
	}
	return rec
}

// setReader passes records on in order, holding back the parts of a set until all are there:
// a set whose parts do not stand together, complete, is void for every reader.
type setReader struct {
	held []Record
}

// alone says that a record is no part of a set, and that none is held back any more.
func (s *setReader) alone(rec Record) bool {
	if rec.Event != nil && rec.Event.Set.Parts > 0 {
		return false
	}
	s.held = nil
	return true
}

// add takes the next record and returns those that may be read now.
func (s *setReader) add(rec Record) []Record {
	if s.alone(rec) {
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
