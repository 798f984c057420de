package domain

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// requireSameJSON compares an answer's own encoder with that of the json package.
func requireSameJSON(t require.TestingT, a *StatusAnswer) {
	want, err := json.Marshal(a, json.Deterministic(true))
	require.NoError(t, err)
	require.Equal(t, string(want), string(a.AppendJSON(nil)))
}

func TestAnAnswerIsWrittenAsTheJSONPackageWritesIt(t *testing.T) {
	p := DefaultParameters()
	for seed := range uint64(40) {
		v := newVillage(seed)
		files := foldAll(v.registers(farDay))
		for home, f := range files {
			if home.Kind() == HouseholdKind {
				requireSameJSON(t, Status(f, files, v.when(), p))
			}
		}
	}
	requireSameJSON(t, Status(&File{Home: sampleHousehold.Entity}, nil, day("2020-01-01"), p))
}

func TestAnyTextIsWrittenAsTheJSONPackageWritesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.RuneFrom([]rune("a中\"\\\n\t\x00\x1f\x7f\u2028é ")))).Draw(t, "text")
		a := &StatusAnswer{Household: sampleHousehold.Entity, At: 1, StateReason: Text{text, text}, Parameters: text, Overdue: []Overdue{{Reason: Text{ZH: text}}}}
		a.Discrepancies = []Discrepancy{{Kind: DiscrepancyKind(text)}}
		requireSameJSON(t, a)
	})
}
