package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACorrectionIsReadInItsOwnVersion(t *testing.T) {
	placed, _ := KindOf("job.placed")
	ended, _ := KindOf("job.ended")
	cases := []struct {
		name, schema, data string
		want               Opt[Fen]
		fails              bool
	}{
		{"the present version", "anju:job.placed/2", `{"person":"p000000000001","wage_fen_month":310000}`, Some[Fen](310000), false},
		{"an old version", "anju:job.placed/1", `{"person":"p000000000001","wage_yuan_month":3100}`, Some[Fen](310000), false},
		{"not named yet", "", `{"person":"p000000000001","wage_fen_month":0}`, Some[Fen](0), false},
		{"a later version", "anju:job.placed/3", `{}`, Opt[Fen]{}, true},
		{"another type", ended.Schema(), `{}`, Opt[Fen]{}, true},
		{"no schema at all", "job", `{}`, Opt[Fen]{}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			correction := RecordCorrected{Schema: c.schema, Data: Payload(c.data)}
			f, err := correction.Carried(placed)
			if c.fails {
				require.ErrorIs(t, err, ErrVersion)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, f.(*JobPlaced).WageFenMonth)
		})
	}
}

func TestACorrectionCarriesSealedFields(t *testing.T) {
	k, _ := KindOf("person.identity_linked")
	sealed := &IdentityLinked{Person: samplePerson, IDNumber: PersonalBox[string]{Box{Sealed: "AQID"}}, Scheme: "resident_id", Match: "exact"}
	correction := &RecordCorrected{TargetEvent: sampleEvent, Reason: "typo"}
	require.NoError(t, correction.Carry(k, sealed))
	require.Equal(t, k.Schema(), correction.Schema)
	f, err := correction.Carried(k)
	require.NoError(t, err)
	require.Equal(t, sealed, f)
	corrected, _ := KindOf("record.corrected")
	require.Empty(t, corrected.Check(correction))
	correction.Schema = "anju:job.invented/1"
	require.Len(t, corrected.Check(correction), 1)
}

// A status names the corrections that its evidence stands under, and the voids of its household's facts.
func TestAStatusNamesWhatItRestsOn(t *testing.T) {
	home := sampleHousehold.Entity
	all := map[Entity]Register{home: settled(worker1).works(1, "2019-08-01", "").register}
	p := DefaultParameters()
	at := day("2021-06-30")
	status := func() *StatusAnswer {
		files := foldAll(all)
		return Status(files[home], files, at, p)
	}
	before := status()
	require.Empty(t, before.Amended)
	var placed EventID
	for s := range all[home].Facts() {
		if s.Kind.Name == "job.placed" {
			placed = s.ID
		}
	}
	require.Contains(t, before.Dimensions[Employment].Events, placed)
	c := &RecordCorrected{TargetEvent: placed, Reason: "typo"}
	k, _ := KindOf("job.placed")
	require.NoError(t, c.Carry(k, &JobPlaced{Person: pid(1), Placement: wid(1)}))
	tell(all, home, 200, "2021-07-05", "record.corrected", c)
	corrected := status()
	require.Len(t, corrected.Amended, 1, "it counts whenever it was recorded")
	require.Equal(t, Amendment{placed, "corrected", corrected.Amended[0].By}, corrected.Amended[0])
	requireSameJSON(t, corrected)
	tell(all, home, 201, "2021-07-06", "record.voided", &RecordVoided{TargetEvent: placed, Reason: "false"})
	voided := status()
	require.Len(t, voided.Amended, 1)
	require.Equal(t, "voided", voided.Amended[0].Act)
	require.NotContains(t, voided.Dimensions[Employment].Events, placed)
	requireSameJSON(t, voided)
}
