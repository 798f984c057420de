package ask

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// Kind says what the cells of a column hold, and so how they are shown.
type Kind string

// The kinds. Entities, events, divisions, days and months are text; days counts and money numbers;
// levels a code with its names; texts a sentence in both languages, or one word of neither.
const (
	Household Kind = "household"
	Person    Kind = "person"
	Community Kind = "community"
	Facility  Kind = "facility"
	Project   Kind = "project"
	Fund      Kind = "fund"
	Object    Kind = "entity" // of any kind
	Event     Kind = "event"
	Division  Kind = "division"
	Date      Kind = "date"
	Month     Kind = "month"
	Days      Kind = "days"
	Count     Kind = "count"
	Percent   Kind = "percent" // 83.6 is 83.6%
	Money     Kind = "money"   // in fen
	Level     Kind = "level"
	Words     Kind = "text"
)

// Number reports a column whose cells are numbers.
func (k Kind) Number() bool {
	switch k {
	case Days, Count, Percent, Money:
		return true
	}
	return false
}

// identity reports a column of ids.
func (k Kind) identity() bool {
	switch k {
	case Household, Person, Community, Facility, Project, Fund, Object, Event:
		return true
	}
	return false
}

// Cell is one value of an answer. The zero Cell is not known, which is not nought: it is null in JSON
// and empty in a file.
type Cell struct {
	Code     string      // an id, a day, a code, or text of no language
	Names    domain.Text // of a code, or the sentence
	Number   float64     // with IsNumber
	IsNumber bool
}

// Known reports that the cell holds something.
func (c Cell) Known() bool { return c.IsNumber || c.Code != "" || c.Names != (domain.Text{}) }

// In writes the cell in a language: names before codes.
func (c Cell) In(english bool) string {
	switch {
	case c.IsNumber:
		return strconv.FormatFloat(c.Number, 'f', -1, 64)
	case c.Names == (domain.Text{}):
		return c.Code
	case english:
		return c.Names.EN
	}
	return c.Names.ZH
}

// named is how a cell with names stands in JSON.
type named struct {
	Code string `json:"code,omitzero"`
	domain.Text
}

// MarshalJSONTo writes null, a number, a string, or an object with names.
func (c Cell) MarshalJSONTo(enc *jsontext.Encoder) error {
	switch {
	case !c.Known():
		return enc.WriteToken(jsontext.Null)
	case c.IsNumber:
		return enc.WriteToken(jsontext.Float(c.Number))
	case c.Names == (domain.Text{}):
		return enc.WriteToken(jsontext.String(c.Code))
	}
	return json.MarshalEncode(enc, named{c.Code, c.Names})
}

// UnmarshalJSONFrom reads what MarshalJSONTo writes.
func (c *Cell) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*c = Cell{}
	switch dec.PeekKind() {
	case 'n':
		return dec.SkipValue()
	case '0':
		c.IsNumber = true
		return json.UnmarshalDecode(dec, &c.Number)
	case '"':
		return json.UnmarshalDecode(dec, &c.Code)
	}
	var n named
	err := json.UnmarshalDecode(dec, &n)
	c.Code, c.Names = n.Code, n.Text
	return err
}

// Constructors of cells. What is absent is a cell that is not known.

func entity(e domain.Entity) Cell {
	if !e.Present() {
		return Cell{}
	}
	return Cell{Code: e.String()}
}

func date(d domain.Day) Cell {
	if !d.Present() {
		return Cell{}
	}
	return Cell{Code: d.String()}
}

func count(n int) Cell { return Cell{Number: float64(n), IsNumber: true} }

// daysFrom counts the days from one day to another.
func daysFrom(from, to domain.Day) Cell {
	if !from.Present() || !to.Present() {
		return Cell{}
	}
	return count(int(to - from))
}

// share is a percentage with one decimal, not known of nothing.
func share(n, of int) Cell {
	if of == 0 {
		return Cell{}
	}
	return Cell{Number: float64(int64(float64(n)*1000/float64(of)+0.5)) / 10, IsNumber: true}
}

func money(f domain.Fen) Cell { return Cell{Number: float64(f), IsNumber: true} }

// code is a value of an enumeration with its names.
func code[T ~string](v T) Cell {
	if v == "" {
		return Cell{}
	}
	return Cell{Code: string(v), Names: domain.Label(v)}
}

func term(t domain.Term) Cell { return Cell{Code: t.Code, Names: t.Text} }

func level(d domain.Dimension, l domain.Level) Cell { return term(d.Levels()[l]) }

func state(s domain.State) Cell { return Cell{Code: s.String(), Names: s.Label()} }

func words(zh, en string) Cell { return Cell{Names: domain.Text{ZH: zh, EN: en}} }

// plain is text of no language: a name that a department gave.
func plain(s string) Cell { return Cell{Code: s} }

func yesNo(yes bool) Cell {
	if yes {
		return code(domain.Affirmed)
	}
	return code(domain.YesNo("no"))
}
