package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOfATargetTheValueStatedLastCounts(t *testing.T) {
	s := &story{}
	for _, stated := range []struct {
		on    string
		value int64
		due   Day
	}{
		{"2020-01-01", 5000, MakeDay(2020, 12, 31)},
		{"2020-02-01", 10_000, MakeDay(2021, 12, 31)},
		{"2020-06-01", 6000, MakeDay(2020, 12, 31)},
	} {
		s.on(stated.on, "target.set", &TargetSet{Target: TargetID{MintEntity(TargetKind, 1)}, Indicator: "titled_rate", Value: stated.value, Due: DateOf(stated.due)})
	}
	values := func(at string) (values []int64) {
		for _, step := range TargetsOn(s.file(), day(at)) {
			values = append(values, step.Value)
		}
		return values
	}
	require.Empty(t, values("2019-12-31"))
	require.Equal(t, []int64{5000}, values("2020-01-31"))
	require.Equal(t, []int64{5000, 10_000}, values("2020-05-31"))
	require.Equal(t, []int64{6000, 10_000}, values("2020-06-01"), "by due day, each as it was stated last")
}

func TestEveryIndicatorCountsSomethingOfABoard(t *testing.T) {
	totals := map[string]Total{}
	for _, total := range Totals() {
		totals[total.Key] = total
	}
	for _, term := range TermsOf[Indicator]() {
		scale, known := Indicator(term.Code).Scale()
		require.True(t, known, term.Code)
		for _, f := range []Figure{scale.Part, scale.Whole} {
			if total, is := totals[f.Total]; f.Total != "" {
				require.True(t, is, term.Code)
				require.Equal(t, total.Per, f.Per, term.Code)
			}
		}
		counts := func(f Figure) bool { return f.Total != "" || f.Employed || len(f.States)+len(f.Levels) > 0 }
		require.True(t, counts(scale.Part), term.Code)
		require.Equal(t, scale.Unit == perTenThousand, counts(scale.Whole), term.Code)
	}
	rate, _ := Indicator("titled_rate").Scale()
	require.EqualValues(t, 9446, rate.Of(9446, 10_000))
	require.Zero(t, rate.Of(0, 0), "of nothing")
	k, _ := KindOf("target.set")
	tooMuch := &TargetSet{Target: TargetID{MintEntity(TargetKind, 1)}, Indicator: "titled_rate", Value: 10_001, Due: DateOf(MakeDay(2021, 1, 1))}
	require.Equal(t, "/data/value", k.Check(tooMuch)[0].Field)
	tooMuch.Indicator = "households_titled"
	require.Empty(t, k.Check(tooMuch))
}
