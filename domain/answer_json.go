package domain

import (
	"encoding/binary"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AppendJSON appends the answer as the json package writes it, member by member, byte for byte:
// an answer is asked for a hundred thousand times a second, and reflection takes ten times as
// long. A view that adds members of its own cuts the last byte, which closes the object. Texts
// must be valid UTF-8, as those of Status are.
func (a *StatusAnswer) AppendJSON(b []byte) []byte {
	b = append(b, `{"household":"`...)
	b, _ = a.Household.AppendText(b)
	b = append(b, `","at":"`...)
	b, _ = a.At.AppendText(b)
	b = append(b, `","state":"`...)
	b = append(b, a.State.String()...)
	b = append(b, `","state_reason":`...)
	b = a.StateReason.AppendJSON(b)
	b = append(b, `,"employed":`...)
	b = strconv.AppendBool(b, a.Employed)
	b = append(b, `,"dimensions":{`...)
	for d := range a.Dimensions {
		if d > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, dimensionTerms[d].Code...)
		b = append(b, `":`...)
		b = a.Dimensions[d].appendJSON(b)
	}
	b = append(b, `},"overdue":[`...)
	for i := range a.Overdue {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.Overdue[i].appendJSON(b)
	}
	b = append(b, `],"discrepancies":[`...)
	for i := range a.Discrepancies {
		if i > 0 {
			b = append(b, ',')
		}
		b = a.Discrepancies[i].appendJSON(b)
	}
	b = append(b, ']')
	for i := range a.Amended {
		b = append(b, [...]string{`,"amended":[`, `,`}[min(i, 1)]...)
		b = a.Amended[i].appendJSON(b)
	}
	if len(a.Amended) > 0 {
		b = append(b, ']')
	}
	if len(a.Lineage) > 0 { // of few households: the json package may write it
		lineage, err := json.Marshal(a.Lineage)
		if err != nil {
			panic("domain: a lineage is no JSON: " + err.Error())
		}
		b = append(append(b, `,"lineage":`...), lineage...)
	}
	b = append(b, `,"parameters":`...)
	return append(appendText(b, a.Parameters), '}')
}

func (r *Reading) appendJSON(b []byte) []byte {
	b = append(b, `{"level":`...)
	b = appendText(b, r.Level)
	b = append(b, `,"stale":`...)
	b = strconv.AppendBool(b, r.Stale)
	if r.Since.Present() {
		b = append(b, `,"since":"`...)
		b, _ = r.Since.AppendText(b)
		b = append(b, '"')
	}
	if r.FreshUntil.Present() {
		b = append(b, `,"fresh_until":"`...)
		b, _ = r.FreshUntil.AppendText(b)
		b = append(b, '"')
	}
	b = append(b, `,"reason":`...)
	b = r.Reason.AppendJSON(b)
	return append(appendEvents(append(b, `,"events":`...), r.Events), '}')
}

func (o *Overdue) appendJSON(b []byte) []byte {
	b = append(b, `{"kind":"`...)
	b = append(b, o.Kind.String()...)
	b = append(b, `","due":"`...)
	b, _ = o.Due.AppendText(b)
	b = append(b, `","days":`...)
	b = strconv.AppendInt(b, int64(o.Days), 10)
	b = append(b, `,"reason":`...)
	b = o.Reason.AppendJSON(b)
	if len(o.Events) > 0 {
		b = appendEvents(append(b, `,"events":`...), o.Events)
	}
	return append(b, '}')
}

func (d *Discrepancy) appendJSON(b []byte) []byte {
	b = append(b, `{"kind":`...)
	b = appendText(b, string(d.Kind))
	b = append(b, `,"since":"`...)
	b, _ = d.Since.AppendText(b)
	b = append(b, `","reason":`...)
	b = d.Reason.AppendJSON(b)
	return append(appendEvents(append(b, `,"events":`...), d.Events), '}')
}

func (a *Amendment) appendJSON(b []byte) []byte {
	b = append(b, `{"event":"`...)
	b, _ = a.Event.AppendText(b)
	b = append(append(append(b, `","act":"`...), a.Act...), `","by":"`...)
	b, _ = a.By.AppendText(b)
	return append(b, '"', '}')
}

func appendEvents(b []byte, events []EventID) []byte {
	b = append(b, '[')
	for i := range events {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b, _ = events[i].AppendText(b)
		b = append(b, '"')
	}
	return append(b, ']')
}

// AppendJSON appends the text as the json package writes it.
func (t *Text) AppendJSON(b []byte) []byte {
	b = append(b, `{"zh":`...)
	b = appendText(b, t.ZH)
	b = append(b, `,"en":`...)
	return append(appendText(b, t.EN), '}')
}

// appendText appends a JSON string. One without a quote, a backslash or a control character,
// which is nearly every one, is copied and looked through eight bytes at a time.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := len(b)
	b = append(b, s...)
	if plain(b[start:]) {
		return append(b, '"')
	}
	b, _ = jsontext.AppendQuote(b[:start-1], s)
	return b
}

// plain reports that nothing in a text is escaped in JSON. It may say no of one that is.
func plain(b []byte) bool {
	const (
		low  = 0x0101_0101_0101_0101
		high = 0x8080_8080_8080_8080
	)
	for ; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b)
		quote, slash := v^low*'"', v^low*'\\'
		// A byte's high bit comes out set where it is below ' ', or where it is one of the two.
		if ((v-low*' ')&^v|(quote-low)&^quote|(slash-low)&^slash)&high != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
