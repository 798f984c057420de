package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// contributed is one contribution to a total.
type contributed struct {
	total    TotalNo
	division Division
	day      Day
	amount   int64
}

// stays are holders without the files that they were read from.
func stays(holders []Holder) (bare []Holder) {
	for _, h := range holders {
		bare = append(bare, Holder{Tag: h.Tag, Person: h.Person, From: h.From, To: h.To})
	}
	return bare
}

// TestAReaderAnswersAsTheFunctionsDo reads villages one after the other with one reader: nothing of
// one home is left in the next.
func TestAReaderAnswersAsTheFunctionsDo(t *testing.T) {
	p := DefaultParameters()
	reader := NewReader(p)
	for seed := range uint64(40) {
		v := newVillage(seed)
		registers := v.registers(farDay)
		files := foldAll(registers)
		for home, register := range registers {
			var want, got []contributed
			Contributions(files[home], files, func(n TotalNo, in Division, d Day, a int64) { want = append(want, contributed{n, in, d, a}) })
			reader.Read(home, register, files)
			reader.Contributions(func(n TotalNo, in Division, d Day, a int64) { got = append(got, contributed{n, in, d, a}) })
			require.Equal(t, want, got, "seed %d %s", seed, home)
			if home.Kind() != HouseholdKind {
				continue
			}
			require.Equal(t, Steps(nil, files[home], files, p), reader.Steps(nil), "seed %d %s", seed, home)
			require.Equal(t, stays(Holders(files[home], files)), stays(reader.Holders(nil)), "seed %d %s", seed, home)
			for range 4 {
				at := v.when()
				require.Equal(t, Status(files[home], files, at, p), reader.Status(home, register, files, at), "seed %d %s at %s", seed, home, at)
			}
		}
	}
}
