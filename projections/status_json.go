package projections

import (
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
)

// writer appends JSON: a status is asked for more often than anything else, and by reflection its
// JSON would cost as much as the answer. The test of the sample county compares the two.
type writer struct{ b []byte }

// AppendJSON appends the answer as JSON, byte for byte as json.Marshal writes it.
func (a HouseholdAnswer) AppendJSON(b []byte) ([]byte, error) {
	w := writer{b}
	w.plain(`{"household":"`)
	w.b, _ = a.Household.AppendText(w.b)
	w.plain(`","at":"`)
	w.b, _ = a.At.AppendText(w.b)
	w.plain(`","state":"`)
	w.plain(a.State.String())
	w.plain(`","state_reason":`)
	w.text(&a.StateReason)
	w.plain(`,"employed":`)
	w.b = strconv.AppendBool(w.b, a.Employed)
	w.plain(`,"dimensions":{`)
	for i := range a.Dimensions {
		w.comma(i)
		w.plain(`"`)
		w.plain(domain.Dimension(i).String())
		w.plain(`":`)
		w.reading(&a.Dimensions[i])
	}
	w.plain(`},"overdue":[`)
	for i := range a.Overdue {
		w.comma(i)
		w.overdue(&a.Overdue[i])
	}
	w.plain(`],"discrepancies":[`)
	for i := range a.Discrepancies {
		d := &a.Discrepancies[i]
		w.comma(i)
		w.plain(`{"kind":`)
		w.quote(string(d.Kind))
		w.plain(`,"since":"`)
		w.b, _ = d.Since.AppendText(w.b)
		w.plain(`","reason":`)
		w.text(&d.Reason)
		w.plain(`,"events":`)
		w.events(d.Events)
		w.plain(`}`)
	}
	w.plain(`],"parameters":`)
	w.quote(a.Parameters)
	w.plain(`,"position":`)
	w.position(a.Position)
	w.plain(`,"lag":`)
	w.position(a.Lag)
	w.plain(`}`)
	return w.b, nil
}

// plain appends what needs no escape.
func (w *writer) plain(s string) { w.b = append(w.b, s...) }

// comma separates from the second element on.
func (w *writer) comma(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}

// quote appends a JSON string; our own words are valid UTF-8 and rarely need an escape.
func (w *writer) quote(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			w.b, _ = jsontext.AppendQuote(w.b, s)
			return
		}
	}
	w.plain(`"`)
	w.plain(s)
	w.plain(`"`)
}

func (w *writer) text(t *domain.Text) {
	w.plain(`{"zh":`)
	w.quote(t.ZH)
	w.plain(`,"en":`)
	w.quote(t.EN)
	w.plain(`}`)
}

func (w *writer) events(ids []domain.EventID) {
	w.plain(`[`)
	for i := range ids {
		w.comma(i)
		w.plain(`"`)
		w.b, _ = ids[i].AppendText(w.b)
		w.plain(`"`)
	}
	w.plain(`]`)
}

func (w *writer) reading(r *domain.Reading) {
	w.plain(`{"level":"`)
	w.plain(r.Level)
	w.plain(`","stale":`)
	w.b = strconv.AppendBool(w.b, r.Stale)
	if r.Since.Present() {
		w.plain(`,"since":"`)
		w.b, _ = r.Since.AppendText(w.b)
		w.plain(`"`)
	}
	if r.FreshUntil.Present() {
		w.plain(`,"fresh_until":"`)
		w.b, _ = r.FreshUntil.AppendText(w.b)
		w.plain(`"`)
	}
	w.plain(`,"reason":`)
	w.text(&r.Reason)
	w.plain(`,"events":`)
	w.events(r.Events)
	w.plain(`}`)
}

func (w *writer) overdue(o *domain.Overdue) {
	w.plain(`{"kind":"`)
	w.plain(o.Kind.String())
	w.plain(`","due":"`)
	w.b, _ = o.Due.AppendText(w.b)
	w.plain(`","days":`)
	w.b = strconv.AppendInt(w.b, int64(o.Days), 10)
	w.plain(`,"reason":`)
	w.text(&o.Reason)
	if len(o.Events) > 0 {
		w.plain(`,"events":`)
		w.events(o.Events)
	}
	w.plain(`}`)
}

// position appends positions in the order of their streams.
func (w *writer) position(p Position) {
	w.plain(`{`)
	if len(p) == 1 { // a county's ledger has one stream
		for stream, at := range p {
			w.place(stream, at)
		}
	} else {
		for i, stream := range slices.Sorted(maps.Keys(p)) {
			w.comma(i)
			w.place(stream, p[stream])
		}
	}
	w.plain(`}`)
}

func (w *writer) place(stream string, at uint64) {
	w.plain(`"`)
	w.plain(stream)
	w.plain(`":`)
	w.b = strconv.AppendUint(w.b, at, 10)
}
