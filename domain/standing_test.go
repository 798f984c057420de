package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestStandingsAreWhatFoldTakes records facts, corrections and voids in any order and compares
// what Standings says is in force with what a fold takes.
func TestStandingsAreWhatFoldTakes(t *testing.T) {
	placed, _ := KindOf("job.placed")
	corrected, _ := KindOf("record.corrected")
	voided, _ := KindOf("record.voided")
	rapid.Check(t, func(t *rapid.T) {
		var r Register
		var ids []EventID
		add := func(k *Kind, f Fact, n int) {
			id := EventID{0: byte(n + 1), 8: 0x80}
			ids = append(ids, id)
			r, _ = r.Insert(f, Stamp{
				ID: id, Kind: k, Time: MakeDay(2020, 1, 1+n%20).Moment(), Source: Source{Department: "hrss", Division: "520603"},
				Division: "520603", Place: Place{Province: 52, Sequence: uint64(n + 1)},
			})
		}
		for n := range rapid.IntRange(1, 12).Draw(t, "facts") {
			fresh := &JobPlaced{Person: samplePerson, Placement: PlacementID{MintEntity(PlacementKind, uint64(n+1))}, WageFenMonth: Some(Fen(n))}
			if n == 0 {
				add(placed, fresh, n)
				continue
			}
			target := ids[rapid.IntRange(0, len(ids)-1).Draw(t, "target")]
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				add(placed, fresh, n)
			case 1:
				c := &RecordCorrected{TargetEvent: target, Reason: "typo"}
				require.NoError(t, c.Carry(placed, fresh))
				add(corrected, c, n)
			default:
				add(voided, &RecordVoided{TargetEvent: target, Reason: "test"}, n)
			}
		}
		var f File
		r.Fold(&f)
		var wages []Fen
		for _, s := range r.Standings() {
			require.Equal(t, s.InForce == nil, s.Voided.Present())
			if job, ok := s.InForce.(*JobPlaced); ok {
				wages = append(wages, job.WageFenMonth.V)
			}
		}
		var folded []Fen
		for i := range f.Spells {
			folded = append(folded, f.Spells[i].Wage.V)
		}
		require.Equal(t, folded, wages)
	})
}
