package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A disputed record shows until what holds of it is decided anew, and again when that decision falls.
func TestADisputeShowsUntilItIsAnswered(t *testing.T) {
	home := sampleHousehold.Entity
	all := map[Entity]Register{home: settled(worker1).works(1, "2019-08-01", "").register}
	placed, _ := KindOf("job.placed")
	var job EventID
	n := uint64(200)
	act := func(kind string, f Fact) EventID {
		n++
		tell(all, home, n, "2021-06-10", kind, f)
		for s := range all[home].Facts() {
			if s.Place.Sequence == n {
				return s.ID
			}
		}
		panic("not told")
	}
	for s := range all[home].Facts() {
		if s.Kind == placed {
			job = s.ID
		}
	}
	restate := func(target EventID) EventID {
		c := &RecordCorrected{TargetEvent: target, Reason: "inspection"}
		require.NoError(t, c.Carry(placed, &JobPlaced{Person: pid(1), Placement: wid(1)}))
		return act("record.corrected", c)
	}
	void := func(target EventID) EventID {
		return act("record.voided", &RecordVoided{TargetEvent: target, Reason: "false"})
	}
	dispute := func(target EventID) EventID {
		return act("record.disputed", &RecordDisputed{TargetEvent: target, Claim: "not_so"})
	}
	disputed := func() (by []EventID) {
		files := foldAll(all)
		before := Status(files[home], files, day("2021-06-09"), DefaultParameters())
		require.Empty(t, before.Discrepancies, "as of a day before it was disputed")
		a := Status(files[home], files, day("2021-06-30"), DefaultParameters())
		requireSameJSON(t, a)
		require.Equal(t, len(a.Discrepancies) > 0, a.Dimensions[Data].Level == "discrepancy")
		for _, d := range a.Discrepancies {
			require.Equal(t, Disputed, d.Kind)
			require.Equal(t, job, d.Events[0])
			by = append(by, d.Events[1])
		}
		var first EventID
		for s, standing := range all[home].Standings() {
			if s.ID == job {
				first = standing.Disputed
			}
		}
		if len(by) > 0 {
			require.Contains(t, by, first)
		} else {
			require.Zero(t, first)
		}
		return by
	}
	require.Empty(t, disputed())
	one := dispute(job)
	require.Equal(t, []EventID{one}, disputed())
	correction := restate(job)
	require.Empty(t, disputed(), "the same stated again is an answer")
	gone := void(correction)
	require.Equal(t, []EventID{one}, disputed(), "the answer fell")
	two := dispute(job)
	require.ElementsMatch(t, []EventID{one, two}, disputed())
	void(two)
	require.Equal(t, []EventID{one}, disputed(), "the second was withdrawn")
	last := void(job)
	require.Empty(t, disputed(), "what is disputed was voided")
	three := dispute(last)
	require.Equal(t, []EventID{three}, disputed(), "a void is disputed: shown at what it took away")
	void(last)
	require.Equal(t, []EventID{one}, disputed(), "the record stands again, and so does the dispute of it")
	require.NotEqual(t, gone, last)
}
