package intake

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// cursor walks JSON that is known to be valid: it only finds where names and values begin and
// end, so that a submission is checked once and cut up without another decoder.
type cursor struct{ rest []byte }

// peek returns the first byte of what comes next, past spaces and the marks between elements.
func (c *cursor) peek() byte {
	for i, b := range c.rest {
		switch b {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			c.rest = c.rest[i:]
			return b
		}
	}
	c.rest = nil
	return 0
}

// enter passes the opening mark of an object or list.
func (c *cursor) enter() {
	c.peek()
	c.rest = c.rest[1:]
}

// value returns the next name or value and passes it.
func (c *cursor) value() jsontext.Value {
	first, end := c.peek(), 0
	switch first {
	case '"':
		end = stringEnd(c.rest)
	case '{', '[':
		end = nestedEnd(c.rest)
	default:
		if end = bytes.IndexAny(c.rest, ",}] \t\r\n"); end < 0 {
			end = len(c.rest)
		}
	}
	v := c.rest[:end:end]
	c.rest = c.rest[end:]
	return v
}

// stringEnd returns where the string that b begins with ends.
func stringEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// nestedEnd returns where the object or list that b begins with ends.
func nestedEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			i += stringEnd(b[i:]) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// textOf returns what a valid JSON string says; it may alias v.
func textOf(v jsontext.Value) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, v)
	return text
}

// faultIn returns where JSON that is not valid breaks: a pointer, "" for the whole.
func faultIn(raw []byte) string {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	for {
		_, err := dec.ReadToken()
		var syntax *jsontext.SyntacticError
		switch {
		case errors.As(err, &syntax):
			return printable(string(syntax.JSONPointer))
		case err != nil:
			return ""
		}
	}
}

// place is where a value of a submission stands: written out as a pointer only for a refusal or
// a name.
type place struct {
	above *place
	name  string
	index int // of an entry in a list; -1 = a member
}

// member returns the place of an object's member below p.
func (p *place) member(name string) place { return place{p, name, -1} }

// entry returns the place of a list's entry below p.
func (p *place) entry(i int) place { return place{p, "", i} }

// pointer writes the place out (RFC 6901).
func (p *place) pointer() string {
	switch {
	case p.above == nil:
		return p.name
	case p.index >= 0:
		return p.above.pointer() + "/" + strconv.Itoa(p.index)
	}
	return p.above.pointer() + "/" + p.name
}
