package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// archive are the ends of imports.
type archive []*File

func (archive) File(Entity) (*File, bool) { return nil, false }

func (a archive) Imports(template string, division Division) (all []Batch) {
	for _, f := range a {
		for _, b := range f.Batches {
			if b.Template == template && b.Division == division {
				all = append(all, b)
			}
		}
	}
	return all
}

func TestRefusedRowsAreDueUntilAnImportRefusesNothing(t *testing.T) {
	imported := func(date, template string, rejected int32) *File {
		end := &BatchClosed{Batch: BatchID{MintEntity(BatchKind, 1)}, Template: template, TemplateVersion: 1, Rows: 9}
		if rejected > 0 {
			end.Rejected.Counts = []Count{{BadDate, rejected}}
		}
		k, _ := KindOf("import.batch_closed")
		s := Stamp{Time: day(date).Moment(), Kind: k, Key: template + "/import.batch_closed/i000000000001", Source: Source{"hrss", "520603"}, Division: "520603"}
		s.ID = DeriveEventID(s.Source, s.Key)
		r, _ := Register(nil).Insert(end, s)
		f := &File{Home: end.Batch.Entity}
		r.Fold(f)
		return f
	}
	first := imported("2021-06-04", "labour", 2) // a Friday
	again, other, clean := imported("2021-06-08", "labour", 1), imported("2021-06-09", "titles", 0), imported("2021-06-20", "labour", 0)
	cases := []struct {
		name, at string
		around   Files
		want     int
	}{
		{"in time through the fifth working day", "2021-06-11", nil, 0},
		{"overdue from the next day", "2021-06-12", nil, 1},
		{"an import that still refuses rows ends nothing", "2021-06-19", archive{first, again}, 1},
		{"nor does one of another template", "2021-06-19", archive{first, other}, 1},
		{"an import that refuses nothing does, from its day", "2021-06-20", archive{first, again, clean}, 0},
		{"and until then it was overdue", "2021-06-19", archive{first, again, clean}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Len(t, OverdueOf(first, c.around, day(c.at), DefaultParameters()), c.want)
		})
	}
	require.Empty(t, OverdueOf(clean, nil, day("2022-01-01"), DefaultParameters()), "nothing was refused")
}

// TestWhatIsOverdue names every kind of a household: fresh on its last day in time, overdue from
// the next, done on the day it is done.
func TestWhatIsOverdue(t *testing.T) {
	g := GrievanceID{MintEntity(GrievanceKind, 1)}
	held := func(date string) *story { return registered(worker1).keys(date, sampleDwelling) }
	filed := func() *story {
		return registered(worker1).on("2021-06-01", "grievance.filed", &GrievanceFiled{Grievance: g, Kind: "title", Due: DateOf(day("2021-07-01"))})
	}
	planned := &HelpPlanned{Case: sampleCase, Measures: []PlannedMeasure{{Code: OpenSensitive[MeasureCode]("d4")}}}
	found := FindingID{MintEntity(FindingKind, 1)}
	finding := func() *story {
		return registered(worker1).on("2021-06-01", "inspection.found", &InspectionFound{Finding: found, Due: DateOf(day("2021-07-01"))})
	}
	rectified := func(s *story, accepted YesNo) *story {
		return s.on("2021-07-10", "inspection.rectified", &InspectionRectified{Finding: found, Accepted: accepted})
	}
	next := func(s *story) *story {
		return s.on("2021-06-01", "visit.made", &VisitMade{Purpose: "routine", NextDue: DateOf(day("2021-07-10"))})
	}
	cases := []struct {
		name string
		kind OverdueKind
		at   string
		want bool
		s    *story
	}{
		{"title: twelve months from the policy", OverdueTitle, "2021-11-05", false, held("2019-06-01")},
		{"title: and overdue", OverdueTitle, "2021-11-06", true, held("2019-06-01")},
		{"title: twelve months from later keys", OverdueTitle, "2022-02-01", false, held("2021-02-01")},
		{"title: and overdue", OverdueTitle, "2022-02-02", true, held("2021-02-01")},
		{"title: an application does not do", OverdueTitle, "2021-12-01", true, held("2019-06-01").on("2021-01-01", "title.application_accepted", &TitleApplied{Dwelling: sampleDwelling})},
		{"title: issued", OverdueTitle, "2021-12-01", false, held("2019-06-01").on("2021-12-01", "title.certificate_issued", &CertificateIssued{Dwelling: sampleDwelling})},
		{"job: ninety days after the placement", OverdueVerification, "2021-08-30", false, registered(worker1).works(1, "2021-06-01", "")},
		{"job: and overdue", OverdueVerification, "2021-08-31", true, registered(worker1).works(1, "2021-06-01", "")},
		{"job: any statement yes or no does", OverdueVerification, "2021-08-31", false, registered(worker1).works(1, "2021-06-01", "").statesOf(1, 1, "2021-08-31", No)},
		{"job: unknown does not", OverdueVerification, "2021-08-31", true, registered(worker1).works(1, "2021-06-01", "").statesOf(1, 1, "2021-08-01", NotKnown)},
		{"job: an ended one is verified no more", OverdueVerification, "2021-08-31", false, registered(worker1).works(1, "2021-06-01", "").ends(1, "2021-08-31")},
		{"zero job: thirty days", OverdueZeroJobVisit, "2019-06-09", false, registered(worker1)},
		{"zero job: and overdue", OverdueZeroJobVisit, "2019-06-10", true, registered(worker1)},
		{"zero job: visited", OverdueZeroJobVisit, "2019-06-10", false, registered(worker1).visited("2019-06-10", PersonID{})},
		{"zero job: somebody works", OverdueZeroJobVisit, "2019-06-10", false, registered(worker1).works(1, "2019-06-10", "")},
		{"zero job: nobody required to work", OverdueZeroJobVisit, "2019-08-01", false, registered(oldPair...)},
		{"flag: fifteen days", OverdueDecision, "2021-06-16", false, registered(worker1).flagged("2021-06-01")},
		{"flag: and overdue", OverdueDecision, "2021-06-17", true, registered(worker1).flagged("2021-06-01")},
		{"flag: dismissed", OverdueDecision, "2021-06-20", false, registered(worker1).flagged("2021-06-01").decided("2021-06-20", NoCase)},
		{"plan: ten days more", OverduePlan, "2021-06-20", false, registered(worker1).decided("2021-06-10", Unstable)},
		{"plan: and overdue", OverduePlan, "2021-06-21", true, registered(worker1).decided("2021-06-10", Unstable)},
		{"plan: made", OverduePlan, "2021-06-21", false, registered(worker1).decided("2021-06-10", Unstable).on("2021-06-21", "help.planned", planned)},
		{"review: ninety days", OverdueReview, "2021-09-08", false, registered(worker1).decided("2021-06-10", Unstable)},
		{"review: and overdue", OverdueReview, "2021-09-09", true, registered(worker1).decided("2021-06-10", Unstable)},
		{"review: a visit is one", OverdueReview, "2021-09-09", false, registered(worker1).decided("2021-06-10", Unstable).visited("2021-08-01", PersonID{})},
		{"review: a decision is one", OverdueReview, "2021-09-09", false, registered(worker1).decided("2021-06-10", Unstable).decided("2021-08-01", Borderline)},
		{"review: cleared", OverdueReview, "2021-09-09", false, registered(worker1).decided("2021-06-10", Unstable).cleared("2021-09-01")},
		{"income: by 31 January", OverdueIncome, "2022-01-31", false, registered(worker1).income(2020, 9000, 0)},
		{"income: and overdue", OverdueIncome, "2022-02-01", true, registered(worker1).income(2020, 9000, 0)},
		{"visit: next_due", OverdueVisit, "2021-07-10", false, next(registered(worker1))},
		{"visit: and overdue", OverdueVisit, "2021-07-11", true, next(registered(worker1))},
		{"visit: otherwise 180 days", OverdueVisit, "2021-11-28", false, registered(worker1).visited("2021-06-01", PersonID{})},
		{"visit: and overdue", OverdueVisit, "2021-11-29", true, registered(worker1).visited("2021-06-01", PersonID{})},
		{"visit: thirty while monitored", OverdueVisit, "2021-07-01", false, registered(worker1).decided("2021-05-01", Unstable).visited("2021-06-01", PersonID{})},
		{"visit: and overdue", OverdueVisit, "2021-07-02", true, registered(worker1).decided("2021-05-01", Unstable).visited("2021-06-01", PersonID{})},
		{"grievance: by its due date", OverdueGrievance, "2021-07-01", false, filed()},
		{"grievance: and overdue", OverdueGrievance, "2021-07-02", true, filed()},
		{"grievance: resolved", OverdueGrievance, "2021-07-02", false, filed().on("2021-07-02", "grievance.resolved", &GrievanceResolved{Grievance: g, Outcome: "settled"})},
		{"rectification: by its due date", OverdueRectification, "2021-07-01", false, finding()},
		{"rectification: and overdue", OverdueRectification, "2021-07-02", true, finding()},
		{"rectification: accepted", OverdueRectification, "2021-07-10", false, rectified(finding(), Affirmed)},
		{"rectification: not accepted", OverdueRectification, "2021-07-10", true, rectified(finding(), "no")},
		{"nothing of a closed household", OverdueVisit, "2021-11-29", false, registered(worker1).on("2021-06-01", "household.closed", &HouseholdClosed{Reason: "extinct"})},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := false
			for _, o := range Status(c.s.file(), nil, day(c.at), DefaultParameters()).Overdue {
				got = got || o.Kind == c.kind
			}
			require.Equal(t, c.want, got)
		})
	}
}
