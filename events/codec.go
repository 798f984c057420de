package events

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// Append appends the event's bytes for ever: one compact JSON object, keys in the order of
// docs/format.md, strings escaped as RFC 8785 does, absent keys left out.
func (e *Event) Append(b []byte) []byte {
	b = append(b, `{"specversion":"1.0","id":"`...)
	b, _ = e.ID.AppendText(b)
	b = append(b, `","source":"/departments/`...)
	b = append(b, e.Source.Department...)
	b = append(append(b, '/'), e.Source.Division...)
	b = append(append(b, `","type":"`...), e.Type...)
	b = append(append(b, `","dataschema":"anju:`...), e.Type...)
	b = strconv.AppendInt(append(b, '/'), int64(e.Version), 10)
	b = append(append(b, `","subject":"`...), e.Subject.Kind().String()...)
	b, _ = e.Subject.AppendText(append(b, '/'))
	b = e.appendTime(append(b, `","time":"`...))
	b = append(append(b, `","home":"`...), e.Home.String()...)
	b = appendSequence(append(b, `","sequence":"`...), e.Sequence)
	b = append(b, `","recordedtime":"`...)
	b = e.Recorded.Time().AppendFormat(b, instantForm)
	b = append(append(b, `","division":"`...), e.Division...)
	b = append(b, '"')
	if e.Key != "" {
		b = append(b, `,"key":`...)
		b, _ = jsontext.AppendQuote(b, e.Key)
	}
	if e.Batch != "" {
		b = append(b, `,"batch":`...)
		b, _ = jsontext.AppendQuote(b, e.Batch)
	}
	if e.Set.Parts > 0 {
		b, _ = e.Set.ID.AppendText(append(b, `,"set":"`...))
		b = strconv.AppendInt(append(b, '/'), int64(e.Set.Part), 10)
		b = strconv.AppendInt(append(b, '/'), int64(e.Set.Parts), 10)
		b = append(b, '"')
	}
	if e.Cause.Present() {
		b, _ = e.Cause.AppendText(append(b, `,"cause":"`...))
		b = append(b, '"')
	}
	b = append(b, `,"datacontenttype":"application/json","data":`...)
	return append(append(b, e.Data...), '}')
}

// The two forms of an event's time.
const (
	instantForm = "2006-01-02T15:04:05.000Z"
	dateSuffix  = "T00:00:00+08:00"
)

func (e *Event) appendTime(b []byte) []byte {
	if e.Instant {
		return e.Time.Time().AppendFormat(b, instantForm)
	}
	b, _ = e.Time.Day().AppendText(b)
	return append(b, dateSuffix...)
}

// appendSequence writes 20 digits.
func appendSequence(b []byte, n uint64) []byte {
	var digits [20]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, digits[:]...)
}

// Parse reads an event's bytes. It accepts exactly what Append writes: anything else, were it
// equal as JSON, is ErrForeign. The event keeps a part of b as its Data.
func Parse(b []byte) (*Event, error) {
	if len(b) > MaxEvent {
		return nil, fmt.Errorf("%w: %d bytes", ErrForeign, len(b))
	}
	s := scanner{rest: b}
	e := s.event()
	if s.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForeign, s.err)
	}
	if !jsontext.Value(e.Data).IsValid() || e.Data[0] != '{' {
		return nil, fmt.Errorf("%w: data is no JSON object", ErrForeign)
	}
	if again := e.Append(make([]byte, 0, len(b))); !bytes.Equal(again, b) {
		return nil, fmt.Errorf("%w: not in the canonical form", ErrForeign)
	}
	return e, nil
}

// scanner reads the envelope from left to right; after the first mistake it reads nothing.
type scanner struct {
	rest []byte
	err  error
}

func (s *scanner) fail(what string) {
	if s.err == nil {
		s.err = fmt.Errorf("malformed %s", what)
	}
	s.rest = nil
}

// try passes over text when it comes next.
func (s *scanner) try(text string) bool {
	if s.err != nil || len(s.rest) < len(text) || string(s.rest[:len(text)]) != text {
		return false
	}
	s.rest = s.rest[len(text):]
	return true
}

func (s *scanner) expect(text string) {
	if !s.try(text) {
		s.fail("envelope at " + text)
	}
}

// plain reads up to the closing quote of a string that holds no escapes.
func (s *scanner) plain() string {
	end := bytes.IndexByte(s.rest, '"')
	if s.err != nil || end < 0 {
		s.fail("string")
		return ""
	}
	text := string(s.rest[:end])
	s.rest = s.rest[end+1:]
	return text
}

// quoted reads a string that may hold escapes, its opening quote included.
func (s *scanner) quoted() string {
	if len(s.rest) == 0 || s.rest[0] != '"' {
		s.fail("string")
		return ""
	}
	end := 1
	for end < len(s.rest) && s.rest[end] != '"' {
		if s.rest[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s.rest) {
		s.fail("string")
		return ""
	}
	text, err := jsontext.AppendUnquote(nil, s.rest[:end+1])
	if err != nil {
		s.fail("string")
		return ""
	}
	s.rest = s.rest[end+1:]
	return string(text)
}

func (s *scanner) event() *Event {
	e := &Event{}
	s.expect(`{"specversion":"1.0","id":"`)
	e.ID = s.eventID(s.plain())
	s.expect(`,"source":"/departments/`)
	e.Source = s.source(s.plain())
	s.expect(`,"type":"`)
	e.Type = s.plain()
	s.expect(`,"dataschema":"`)
	_, version, ok := domain.ParseSchema(s.plain())
	if e.Version = version; !ok {
		s.fail("dataschema")
	}
	s.expect(`,"subject":"`)
	e.Subject = s.subject(s.plain())
	s.expect(`,"time":"`)
	e.Time, e.Instant = s.time(s.plain())
	s.expect(`,"home":"`)
	e.Home = s.home(s.plain(), e.Subject)
	s.expect(`,"sequence":"`)
	e.Sequence = s.number(s.plain())
	s.expect(`,"recordedtime":"`)
	e.Recorded = s.instant(s.plain())
	s.expect(`,"division":"`)
	e.Division = domain.Division(s.plain())
	s.optional(e)
	s.expect(`,"datacontenttype":"application/json","data":`)
	if s.err == nil && len(s.rest) > 1 {
		e.Data = s.rest[: len(s.rest)-1 : len(s.rest)-1]
	} else {
		s.fail("data")
	}
	return e
}

// optional reads the keys that may be absent.
func (s *scanner) optional(e *Event) {
	if s.try(`,"key":`) {
		e.Key = s.quoted()
	}
	if s.try(`,"batch":`) {
		e.Batch = s.quoted()
	}
	if s.try(`,"set":"`) {
		e.Set = s.set(s.plain())
	}
	if s.try(`,"cause":"`) {
		e.Cause = s.eventID(s.plain())
	}
}

func (s *scanner) eventID(text string) domain.EventID {
	id, err := domain.ParseEventID(text)
	if err != nil {
		s.fail("event id")
	}
	return id
}

func (s *scanner) source(text string) domain.Source {
	dept, div, ok := bytes.Cut([]byte(text), []byte("/"))
	if !ok {
		s.fail("source")
	}
	return domain.Source{Department: domain.Department(dept), Division: domain.Division(div)}
}

func (s *scanner) subject(text string) domain.Entity {
	_, id, _ := bytes.Cut([]byte(text), []byte("/"))
	e, err := domain.ParseEntity(string(id))
	if err != nil {
		s.fail("subject")
	}
	return e
}

func (s *scanner) time(text string) (domain.Moment, bool) {
	if len(text) == 10+len(dateSuffix) && text[10:] == dateSuffix {
		day, err := domain.ParseDay(text[:10])
		if err != nil {
			s.fail("time")
		}
		return day.Moment(), false
	}
	return s.instant(text), true
}

func (s *scanner) instant(text string) domain.Moment {
	t, err := time.Parse(instantForm, text)
	if err != nil {
		s.fail("instant")
	}
	return domain.MomentOf(t)
}

func (s *scanner) home(text string, subject domain.Entity) Home {
	if len(text) != 9 || text[2] != '.' {
		s.fail("home")
		return Home{}
	}
	return Home{uint8(s.number(text[:2])), uint32(s.number(text[3:])), subject}
}

func (s *scanner) number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		s.fail("number")
	}
	return n
}

func (s *scanner) set(text string) Set {
	parts := bytes.Split([]byte(text), []byte("/"))
	if len(parts) != 3 {
		s.fail("set")
		return Set{}
	}
	set := Set{s.eventID(string(parts[0])), int(s.number(string(parts[1]))), int(s.number(string(parts[2])))}
	if set.Part < 1 || set.Part > set.Parts || set.Parts > MaxSetEvents {
		s.fail("set")
	}
	return set
}
