package projections

import (
	"maps"
	"slices"
	"strconv"
)

// AppendJSON appends the answer as JSON, byte for byte as the json package writes it: a status is
// asked for more often than anything else.
func (a HouseholdAnswer) AppendJSON(b []byte) []byte {
	b = a.StatusAnswer.AppendJSON(b)
	b = append(b[:len(b)-1], `,"as_of":"`...) // in the place of the last brace
	b, _ = a.AsOf.AppendText(b)
	if a.KnownAt != 0 {
		b = append(b, `","known_at":"`...)
		b, _ = a.KnownAt.AppendText(b)
	}
	b = append(append(b, `","definition":"`...), a.Definition...)
	b = append(b, `","position":`...)
	b = a.Position.appendJSON(b)
	b = append(b, `,"lag":`...)
	b = a.Lag.appendJSON(b)
	for i, note := range a.Notes {
		b = append(b, [...]string{`,"notes":[`, `,`}[min(i, 1)]...)
		b = note.AppendJSON(b)
	}
	if len(a.Notes) > 0 {
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendJSON appends positions in the order of their streams.
func (p Position) appendJSON(b []byte) []byte {
	b = append(b, '{')
	for i, stream := range slices.Sorted(maps.Keys(p)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), stream...), `":`...)
		b = strconv.AppendUint(b, p[stream], 10)
	}
	return append(b, '}')
}
