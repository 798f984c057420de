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
	b = append(b[:len(b)-1], `,"position":`...) // in the place of the last brace
	b = a.Position.appendJSON(b)
	b = append(b, `,"lag":`...)
	return append(a.Lag.appendJSON(b), '}')
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
