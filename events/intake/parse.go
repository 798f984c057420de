package intake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits of what is read (WIRE §6); each keeps one submission from taking the door's memory.
const (
	maxEvent = 32 << 10 // bytes of one submission
	maxSet   = 1024     // events of one set
	maxBytes = 4 << 20  // bytes of one body that is not a stream
	maxDepth = 32       // levels of JSON; the deepest payload has five
	maxKey   = 200      // bytes of a business key from outside
)

// ErrBody reports a body that is no list of events at all; its text says why.
var ErrBody = errors.New("the body holds no events")

// Split cuts a body into its events: one object, or an array of them (a CloudEvents batch).
// The parts alias body.
func Split(body []byte) ([]jsontext.Value, error) {
	if len(body) > maxBytes {
		return nil, fmt.Errorf("%w: over 4 MiB", ErrBody)
	}
	in := cursor{body}
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '[' {
		return []jsontext.Value{body}, nil
	}
	switch {
	case !shallow(body, maxDepth+1):
		return nil, fmt.Errorf("%w: JSON deeper than 32 levels", ErrBody)
	case !jsontext.Value(body).IsValid():
		return nil, fmt.Errorf("%w: no valid JSON, or something behind it", ErrBody)
	}
	var parts []jsontext.Value
	for in.enter(); in.peek() != ']' && len(parts) <= maxSet; { // one more than a body may hold is enough to refuse it
		parts = append(parts, in.value())
	}
	return parts, nil
}

// shallow reports that no value of b lies deeper than the limit.
func shallow(b []byte, limit int) bool {
	if bytes.Count(b, []byte("{"))+bytes.Count(b, []byte("[")) <= limit {
		return true
	}
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}

// parser reads one submission.
type parser struct {
	s      *Submission
	caller Caller
	now    time.Time
	data   jsontext.Value
	time   string
	schema string

	hasType, hasID, hasKey bool // the attribute is there, were it wrong

	correcting bool // the payload of a correction, which may repeat minted ids
}

// Parse reads one CloudEvent as the caller hands it in. It never fails: what is wrong is in
// the result's Refusals, all of it, by field. The result does not alias raw.
func Parse(raw []byte, caller Caller, now time.Time) *Submission {
	p := parser{s: &Submission{}, caller: caller, now: now}
	switch {
	case len(raw) > maxEvent:
		p.s.refuse(tooLarge().at("", ""))
	case !shallow(raw, maxDepth):
		p.s.refuse(notJSON().at("", ""))
	case !jsontext.Value(raw).IsValid():
		p.s.refuse(notJSON().at(faultIn(raw), ""))
	default:
		p.envelope(cursor{raw})
	}
	return p.s
}

func (p *parser) envelope(in cursor) {
	if in.peek() != '{' {
		p.s.refuse(notJSON().at("", ""))
		return
	}
	for in.enter(); in.peek() != '}'; {
		name := in.value()
		p.attribute(textOf(name), in.value())
	}
	p.finish()
}

// attribute reads one attribute of the envelope; data and time wait for the type.
func (p *parser) attribute(name []byte, value jsontext.Value) {
	switch string(name) {
	case "data":
		p.data = value
		return
	case "subject":
		at := place{name: "/subject"}
		p.s.Subject = p.name(&at, 0, value)
		return
	case "home", "sequence", "recordedtime", "batch", "set", "signature", "signedby", "data_base64":
		p.s.refuse(doorsOwn().at("/"+string(name), ""))
		return
	case "type":
		p.hasType = true
	case "id":
		p.hasID = true
	case "key":
		p.hasKey = true
	case "specversion", "source", "dataschema", "time", "division", "cause", "datacontenttype":
	default:
		p.s.refuse(unknownAttribute().at("/"+printable(string(name)), ""))
		return
	}
	if value.Kind() != '"' {
		p.s.refuse(textForm().at("/"+string(name), ""))
		return
	}
	p.text(string(name), string(textOf(value)))
}

// printable keeps a text from outside harmless in an answer and in a log: "?" stands for one that
// could be somebody's.
func printable(s string) string {
	if shown := domain.Shown(s); shown != "" || s == "" {
		return shown
	}
	return "?"
}

func (p *parser) text(key, text string) {
	s := p.s
	switch key {
	case "specversion":
		p.constant(key, text, "1.0")
	case "datacontenttype":
		p.constant(key, text, "application/json")
	case "id":
		p.event("/id", text, &s.ID)
	case "cause":
		p.event("/cause", text, &s.Cause)
	case "source":
		if text != p.caller.Source().String() {
			s.refuse(wrongSource().at("/source", printable(text)))
		}
	case "type":
		kind, ok := domain.KindOf(text)
		if !ok {
			s.refuse(unknownType().at("/type", printable(text)))
		}
		if ok && kind.Name == batchClosed {
			s.refuse(closedByLedger().at("/type", text))
		}
		s.Kind = kind
	case "dataschema":
		p.schema = text
	case "time":
		p.time = text
	case "division":
		d, err := domain.ParseDivision(text)
		if err != nil {
			s.refuse(divisionForm().at("/division", printable(text)))
		}
		s.Division = d
	case "key":
		p.key(text)
	}
}

func (p *parser) constant(key, text, want string) {
	if text != want {
		p.s.refuse(wrongForm(zhen(want, want), zhen("请写成 "+want+"，或不写", "write "+want+", or leave it out")).at("/"+key, printable(text)))
	}
}

func (p *parser) event(pointer, text string, id *domain.EventID) {
	got, err := domain.ParseEventID(text)
	if err != nil {
		p.s.refuse(eventForm().at(pointer, printable(text)))
	}
	*id = got
}

func (p *parser) key(text string) {
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '*' || c == '>' {
			p.s.refuse(wrongForm(zhen("不含空格、*、>和控制字符的ASCII", "ASCII without spaces, *, > and control characters"), zhen("请只用字母、数字和 . _ - /", "write letters, digits, and . _ - / alone")).at("/key", ""))
			return
		}
	}
	switch {
	case text == "" || len(text) > maxKey:
		p.s.refuse(wrongForm(zhen("1至200个字符", "1 to 200 characters"), zhen("请缩短业务编号，或改用 id", "give a shorter key, or an id instead of it")).at("/key", ""))
	case keyLooksPersonal(text):
		p.s.refuse(personalKey().at("/key", ""))
	default:
		p.s.Key = Key{{Text: text, Raw: true}}
	}
}

// keyLooksPersonal reports a part of a key that could be a mobile or an ID number. Ids are left
// out: of entities one in some two million has eleven digits in a row that look like one, of events
// one in a few hundred.
func keyLooksPersonal(key string) bool {
	for part := range strings.SplitSeq(key, "/") {
		if looksPersonal(part) && !isID(part) {
			return true
		}
	}
	return false
}

func isID(text string) bool {
	_, noEntity := domain.ParseEntity(text)
	_, noEvent := domain.ParseEventID(text)
	return noEntity == nil || noEvent == nil
}

// looksPersonal reports a run of digits that has the length of a mobile or an ID number.
func looksPersonal(s string) bool {
	run := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && '0' <= s[i] && s[i] <= '9' {
			run++
			continue
		}
		if run == 11 && s[i-11] == '1' && s[i-10] >= '3' || run == 15 || run == 18 || run == 17 && i < len(s) && s[i]|32 == 'x' {
			return true
		}
		run = 0
	}
	return false
}

// finish checks what the attributes say together, and reads the payload.
func (p *parser) finish() {
	s := p.s
	if !p.hasType {
		s.refuse(missing(zhen("类型见 /v1/kinds", "/v1/kinds lists the types")).at("/type", ""))
	}
	switch {
	case !p.hasID && !p.hasKey:
		s.refuse(noName().at("/id", ""))
	case p.hasID && p.hasKey:
		s.refuse(idOrKey().at("/id", ""))
	case p.hasID && s.ID.Present() && s.ID[6]>>4 != 7:
		s.refuse(wrongForm(zhen("RFC 9562第7版UUID", "an RFC 9562 UUID of version 7"), zhen("请生成第7版UUID，或改用业务编号 key", "make an id of version 7, or give the business key instead")).at("/id", s.ID.String()))
	}
	if s.Division == "" {
		s.Division = p.caller.Division
	}
	if s.Kind == nil {
		return
	}
	if p.schema != "" && p.schema != s.Kind.Schema() {
		s.refuse(unknownType().at("/dataschema", printable(p.schema)))
	}
	p.setTime()
	if p.data == nil {
		s.refuse(missing(zhen("请填写事实的内容；字段见 /v1/schemas", "give the payload of the fact; /v1/schemas has its fields")).at("/data", ""))
		return
	}
	p.payload()
}

func (p *parser) setTime() {
	if p.time == "" {
		p.s.refuse(missing(zhen("请填写事实发生之日，如 2020-03-05", "give the day on which it was true, such as 2020-03-05")).at("/time", ""))
		return
	}
	moment, err := parseTime(p.time)
	switch {
	case err != nil:
		p.s.refuse(badDate(zhen("2020-03-05，或带时区的 RFC 3339 时间", "2020-03-05, or a time with its zone as RFC 3339 writes it"), zhen("请按 2020-03-05 的形式填写", "write it like 2020-03-05")).at("/time", printable(p.time)))
	case !moment.Time().Before(p.now.Add(24 * time.Hour)):
		p.s.refuse(future().at("/time", printable(p.time)))
	}
	if p.s.Time = moment; p.s.Kind.Time == domain.DateTime {
		p.s.Time = moment.Day().Moment() // of a type that states a date only the civil date in China counts
	}
}

// parseTime reads a date, or an RFC 3339 time with its zone.
func parseTime(text string) (domain.Moment, error) {
	if day, err := domain.ParseDay(text); err == nil {
		return day.Moment(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, err
	}
	if t.Year() < 1600 || t.Year() > 2999 {
		return 0, domain.ErrMalformedDate
	}
	return domain.MomentOf(t), nil
}
