package sample_test

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/domain/sample"
)

// TestStandInsKeepTheRulesOfTheirFields fills the sealed fields of every type of the catalogue.
func TestStandInsKeepTheRulesOfTheirFields(t *testing.T) {
	made := sample.NewStandIns()
	person := domain.MintEntity(domain.PersonKind, 7)
	sealed := 0
	for _, k := range domain.Kinds() {
		data, err := domain.Encode(k.Sample)
		require.NoError(t, err)
		fact, err := k.Decode(k.Version, data)
		require.NoError(t, err)
		k.VisitBoxes(fact, func(ref domain.BoxRef) {
			if len(ref.Box.Plain) > 0 {
				ref.Box.Plain = made.Value(person, ref.Field)
				sealed++
			}
		})
		require.Empty(t, k.Check(fact), k.Name)
	}
	require.Greater(t, sealed, 10)
}

func TestAStandInIsOfOneEntity(t *testing.T) {
	member, known := domain.KindOf("household.registered")
	require.True(t, known)
	fields := map[string]*domain.Field{}
	for _, f := range member.Fields() {
		for i := range f.Children {
			fields[f.Children[i].Name] = &f.Children[i]
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		made, again := sample.NewStandIns(), sample.NewStandIns()
		holders, numbers := map[string]domain.Entity{}, map[domain.Entity]string{}
		shared := map[domain.Entity]domain.Entity{} // who shares an ID number has that of the first
		for n := range uint64(10) {
			one, other := domain.MintEntity(domain.PersonKind, n), domain.MintEntity(domain.PersonKind, n+10)
			if rapid.Bool().Draw(t, "shared") {
				made.Same(one, other)
				again.Same(other, one)
				shared[other] = one
			}
		}
		for _, n := range rapid.SliceOfN(rapid.Uint64Range(0, 40), 1, 60).Draw(t, "persons") {
			person := domain.MintEntity(domain.PersonKind, n)
			for _, name := range []string{"number", "id_number"} {
				var number string
				require.NoError(t, json.Unmarshal(made.Value(person, fields[name]), &number))
				require.Equal(t, made.Value(person, fields[name]), again.Value(person, fields[name]))
				of := person
				if one, shares := shared[person]; shares && name == "id_number" {
					of = one
				}
				holder, taken := holders[number]
				require.True(t, !taken || holder == of, number)
				holders[number] = of
				other, met := numbers[of]
				require.True(t, name != "id_number" || !met || other == number, number)
				if name == "id_number" {
					numbers[of] = number
				}
				require.True(t, name == "number" || checks(number), number)
			}
		}
	})
}

// checks computes the checksum as the standard writes it: weights 2^(17-i) modulo 11.
func checks(number string) bool {
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(number[i]-'0') * w
	}
	return len(number) == 18 && number[:2] == "99" && fmt.Sprint(string("10X98765432"[sum%11])) == number[17:]
}
