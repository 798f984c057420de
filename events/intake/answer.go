package intake

import (
	"maps"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
)

// Receipt says that a fact is in the ledger, and since when.
type Receipt struct {
	ID           domain.EventID           `json:"id"`
	Stream       string                   `json:"stream"`
	Sequence     uint64                   `json:"sequence"`
	RecordedTime string                   `json:"recordedtime"`
	Already      bool                     `json:"already"`           // it was there; this is the first receipt
	Voided       bool                     `json:"voided,omitzero"`   // and it has been voided since
	Durable      string                   `json:"durable"`           // how it is kept: "synced", "replicated", "memory"
	IDs          map[string]domain.Entity `json:"ids,omitzero"`      // entities that the fact created, by JSON pointer
	Position     string                   `json:"position"`          // "ANJU-52:12345", for at_least
	Identity     string                   `json:"identity,omitzero"` // how the caller is known
}

// Problem is a refusal as RFC 9457 problem details.
type Problem struct {
	Type       string           `json:"type"`
	Title      string           `json:"title"` // both names, as RFC 9457 wants it: one text
	Names      domain.Text      `json:"names"`
	Status     int              `json:"status"`
	Detail     string           `json:"detail,omitzero"`
	Index      int              `json:"index"` // place of the event in the body, from 0
	Refusals   []domain.Refusal `json:"refusals,omitzero"`
	Existing   *Receipt         `json:"existing,omitzero"` // of a conflict: what is there
	Differs    []Difference     `json:"differs,omitzero"`  // and where it differs
	Dependants []domain.EventID `json:"dependants,omitzero"`
	Depends    []Dependence     `json:"depends,omitzero"` // of an import that is to be undone: which of its events others rest on
}

// Difference is one field that a stored fact and a submission state differently; both values
// are absent where the field is sealed.
type Difference struct {
	Field  string `json:"field"`
	Column string `json:"column,omitzero"` // of an import: its header as it stands in the file
	Was    string `json:"was,omitzero"`
	Now    string `json:"now,omitzero"`
	Sealed bool   `json:"sealed,omitzero"`
}

// Answer is what one submission gets: one of the two.
type Answer struct {
	Receipt *Receipt
	Problem *Problem
}

// selfNamed is how callers are known until identity exists; every answer says so.
const selfNamed = "self-declared"

// problemTypes is the prefix of the type member of problems.
const problemTypes = "https://anju-ledger.github.io/problems/"

// newProblem makes a problem of a kind, the last part of its type, with its names.
func newProblem(kind string, status int, names domain.Text) *Problem {
	return &Problem{Type: problemTypes + kind, Title: names.ZH + " / " + names.EN, Names: names, Status: status}
}

// problemOf makes the problem of refusals; the status follows from what they are.
func problemOf(index int, refusals []domain.Refusal) *Problem {
	p := newProblem("refused", 422, zhen("记录被拒绝", "The fact was refused"))
	p.Index, p.Refusals = index, refusals
	for _, r := range refusals {
		switch r.Kind {
		case domain.Conflict, domain.Depends:
			p.Status, p.Type = 409, problemTypes+"conflict"
		case domain.NotAllowed:
			if r.Field == "/type" || r.Field == "/source" || r.Field == "department" || r.Field == "division" {
				p.Status = 403
			}
		case domain.TooLarge:
			if r.Field == "" {
				p.Status = 413
			}
		case domain.Malformed:
			if r.Field == "" {
				p.Status = 400
			}
		}
	}
	return p
}

// unavailable is the problem of a door that cannot record now.
func unavailable(index, status int, zh, en string) *Problem {
	p := newProblem("unavailable", status, zhen(zh, en))
	p.Index = index
	return p
}

// append appends the answer's JSON to b. Receipts, of which a stream has one a line, are written
// by hand: that takes a fifth of the time.
func (a Answer) append(b []byte) ([]byte, error) {
	if a.Problem != nil {
		text, err := json.Marshal(a.Problem)
		return append(b, text...), err
	}
	return a.Receipt.append(b), nil
}

// append appends the receipt's JSON as json.Marshal writes it, the ids in the order of their
// pointers; TestAReceiptIsWrittenAsItsFieldsSay compares them.
func (r *Receipt) append(b []byte) []byte {
	b, _ = r.ID.AppendText(append(b, `{"id":"`...))
	b = append(append(b, `","stream":"`...), r.Stream...)
	b = strconv.AppendUint(append(b, `","sequence":`...), r.Sequence, 10)
	b = append(append(b, `,"recordedtime":"`...), r.RecordedTime...)
	b = strconv.AppendBool(append(b, `","already":`...), r.Already)
	if r.Voided {
		b = append(b, `,"voided":true`...)
	}
	b = append(append(append(b, `,"durable":"`...), r.Durable...), '"')
	if len(r.IDs) > 0 {
		b = append(b, `,"ids":{`...)
		for i, pointer := range slices.Sorted(maps.Keys(r.IDs)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(append(append(b, '"'), pointer...), `":"`...)
			b, _ = r.IDs[pointer].AppendText(b)
			b = append(b, '"')
		}
		b = append(b, '}')
	}
	b = append(append(append(b, `,"position":"`...), r.Position...), '"')
	if r.Identity != "" {
		b = append(append(append(b, `,"identity":"`...), r.Identity...), '"')
	}
	return append(b, '}')
}
