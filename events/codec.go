package events

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// Append appends the event's bytes for ever: one compact JSON object, keys in the order of
// docs/format.md, strings escaped as RFC 8785 does, absent keys left out.
func (e *Event) Append(b []byte) []byte {
	return append(append(e.appendEnvelope(b), e.Data...), '}')
}

// appendEnvelope appends what stands before the payload.
func (e *Event) appendEnvelope(b []byte) []byte {
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
	b = e.Home.append(append(b, `","home":"`...))
	b = appendSequence(append(b, `","sequence":"`...), e.Sequence)
	b = append(b, `","recordedtime":"`...)
	b = appendInstant(b, e.Recorded)
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
	return append(b, dataKey...)
}

// The two forms of an event's time.
const (
	instantForm = "2006-01-02T15:04:05.000Z"
	dateSuffix  = "T00:00:00+08:00"
)

func (e *Event) appendTime(b []byte) []byte {
	if e.Instant {
		return appendInstant(b, e.Time)
	}
	b, _ = e.Time.Day().AppendText(b)
	return append(b, dateSuffix...)
}

const dayMillis = 24 * 60 * 60 * 1000

// appendInstant writes a moment as instantForm does.
func appendInstant(b []byte, m domain.Moment) []byte {
	days := m / dayMillis
	if m%dayMillis < 0 {
		days--
	}
	rest := int(m - days*dayMillis)
	b, _ = domain.Day(days).AppendText(b)
	b = appendDigits(append(b, 'T'), rest/3_600_000, 2)
	b = appendDigits(append(b, ':'), rest/60_000%60, 2)
	b = appendDigits(append(b, ':'), rest/1000%60, 2)
	return append(appendDigits(append(b, '.'), rest%1000, 3), 'Z')
}

// appendDigits writes the last digits of a number.
func appendDigits(b []byte, n, width int) []byte {
	for unit := [...]int{1, 10, 100}[width-1]; unit > 0; unit /= 10 {
		b = append(b, byte('0'+n/unit%10))
	}
	return b
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
	e, err := parseEnvelope(b)
	if err != nil {
		return nil, err
	}
	if !jsontext.Value(e.Data).IsValid() {
		return nil, fmt.Errorf("%w: data is no JSON object", ErrForeign)
	}
	return e, nil
}

// parseEnvelope is Parse for who opens the payload, which shows whether it is JSON.
func parseEnvelope(b []byte) (*Event, error) {
	if len(b) > MaxEvent {
		return nil, fmt.Errorf("%w: %d bytes", ErrForeign, len(b))
	}
	from := min(len(b), leastEnvelope)
	end := bytes.Index(b[from:], []byte(dataKey)) // in an envelope of ours the first place is the only one
	if end < 0 {
		return nil, fmt.Errorf("%w: no data", ErrForeign)
	}
	end += from + len(dataKey)
	s := scanner{rest: string(b[:end])}
	e := s.event()
	if s.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForeign, s.err)
	}
	if len(b) < end+3 || b[end] != '{' || b[len(b)-1] != '}' {
		return nil, fmt.Errorf("%w: data is no JSON object", ErrForeign)
	}
	e.Data = b[end : len(b)-1 : len(b)-1]
	var room [1 << 10]byte
	if again := e.appendEnvelope(room[:0]); !bytes.Equal(again, b[:end]) {
		return nil, fmt.Errorf("%w: not in the canonical form", ErrForeign)
	}
	return e, nil
}

// dataKey ends the envelope, and stands behind more bytes than leastEnvelope in any.
const (
	dataKey       = `,"datacontenttype":"application/json","data":`
	leastEnvelope = 256
)

// scanner reads the envelope from left to right; after the first mistake it reads nothing. What it
// reads are parts of one string. Whether they are written as Append writes them is not its to say.
type scanner struct {
	rest string
	err  error
}

func (s *scanner) fail(what string) {
	if s.err == nil {
		s.err = fmt.Errorf("malformed %s", what)
	}
	s.rest = ""
}

// try passes over text when it comes next.
func (s *scanner) try(text string) bool {
	rest, found := strings.CutPrefix(s.rest, text)
	if s.err != nil || !found {
		return false
	}
	s.rest = rest
	return true
}

func (s *scanner) expect(text string) {
	if !s.try(text) {
		s.fail("envelope at " + text)
	}
}

// plain reads up to the closing quote of a string that holds no escapes.
func (s *scanner) plain() string {
	text, rest, found := strings.Cut(s.rest, `"`)
	if s.err != nil || !found {
		s.fail("string")
		return ""
	}
	s.rest = rest
	return text
}

// quoted reads a string that may hold escapes, its opening quote included.
func (s *scanner) quoted() string {
	if len(s.rest) == 0 || s.rest[0] != '"' {
		s.fail("string")
		return ""
	}
	end, escaped := 1, false
	for end < len(s.rest) && s.rest[end] != '"' {
		if s.rest[end] == '\\' {
			escaped = true
			end++
		}
		end++
	}
	if end >= len(s.rest) {
		s.fail("string")
		return ""
	}
	quoted := s.rest[:end+1]
	s.rest = s.rest[end+1:]
	if !escaped {
		return quoted[1:end]
	}
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		s.fail("string")
	}
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
	s.expect(dataKey)
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
	dept, div, ok := strings.Cut(text, "/")
	if !ok {
		s.fail("source")
	}
	return domain.Source{Department: domain.Department(dept), Division: domain.Division(div)}
}

func (s *scanner) subject(text string) domain.Entity {
	_, id, _ := strings.Cut(text, "/")
	e, err := domain.ParseEntity(id)
	if err != nil {
		s.fail("subject")
	}
	return e
}

func (s *scanner) time(text string) (domain.Moment, bool) {
	if len(text) == 10+len(dateSuffix) && text[10:] == dateSuffix {
		if text < "1600" || text >= "3000" {
			s.fail("time")
		}
		return s.date(text).Moment(), false
	}
	return s.instant(text), true
}

func (s *scanner) instant(text string) domain.Moment {
	if len(text) != len(instantForm) {
		s.fail("instant")
		return 0
	}
	day := s.date(text)
	hour, minute, second := s.digits(text, 11, 2), s.digits(text, 14, 2), s.digits(text, 17, 2)
	milli := s.digits(text, 20, 3)
	return domain.Moment(day)*dayMillis + domain.Moment(((hour*60+minute)*60+second)*1000+milli)
}

// date reads a date of four, two and two digits; of an impossible one Append writes another.
func (s *scanner) date(text string) domain.Day {
	return domain.MakeDay(s.digits(text, 0, 4), s.digits(text, 5, 2), s.digits(text, 8, 2))
}

// digits reads the number of so many digits that stands in text from a place on.
func (s *scanner) digits(text string, at, width int) (n int) {
	for _, c := range []byte(text[at : at+width]) {
		if c < '0' || c > '9' {
			s.fail("digits")
		}
		n = n*10 + int(c-'0')
	}
	return n
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
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		s.fail("set")
		return Set{}
	}
	set := Set{s.eventID(parts[0]), int(s.number(parts[1])), int(s.number(parts[2]))}
	if set.Part < 1 || set.Part > set.Parts || set.Parts > MaxSetEvents {
		s.fail("set")
	}
	return set
}
