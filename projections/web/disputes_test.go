package web

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// testDisputes contests a household's record and a facility's, and reads worklist, status and timeline
// before and after the answer.
func testDisputes(t *testing.T, s *served) {
	first := func(kind string) *events.Event {
		for rec, err := range s.ledger.Read(t.Context(), 52, 0) {
			require.NoError(t, err)
			if rec.Event.Type == kind {
				return rec.Event
			}
		}
		panic("no " + kind)
	}
	post := func(department, kind, key, data string) {
		t.Helper()
		status, _, body := s.ask(t, "POST", "/v1/events?department="+department+"&division=520603", "application/json",
			`{"type":"`+kind+`","key":"`+key+`","time":"2021-06-20T10:00:00+08:00","data":`+data+`}`)
		require.Less(t, status, 300, body)
		require.NoError(t, s.views.CaughtUp(t.Context()))
	}
	worklist := func(query string) (a projections.DiscrepancyList) {
		status, _, body := s.ask(t, "GET", "/v1/discrepancies?division=520603&kind=disputed&"+query, "", "")
		require.Equal(t, 200, status, body)
		require.NoError(t, json.Unmarshal([]byte(body), &a))
		return a
	}
	timeline := func(e *events.Event) (at projections.Entry) {
		status, _, body := s.ask(t, "GET", "/v1/households/"+e.Subject.String()+"/timeline?as_of=2021-06-30", "", "")
		require.Equal(t, 200, status, body)
		var a projections.TimelineAnswer
		require.NoError(t, json.Unmarshal([]byte(body), &a))
		for _, entry := range a.Entries {
			if entry.Event == e.ID {
				return entry
			}
		}
		panic("not in the timeline")
	}
	job, facility := first("job.placed"), first("facility.changed")
	require.Empty(t, worklist("as_of=2021-06-30").Discrepancies)
	post("audit", "record.disputed", "dispute/1", `{"target_event":"`+job.ID.String()+`","claim":"not_so"}`)
	post("community", "record.disputed", "dispute/2", `{"target_event":"`+facility.ID.String()+`","claim":"wrong_date"}`)
	all := worklist("as_of=2021-06-30").Discrepancies
	require.Len(t, all, 2)
	require.Equal(t, job.Subject, all[0].Home)
	require.Equal(t, facility.Subject, all[1].Home, "households first")
	require.Equal(t, domain.MakeDay(2021, 6, 20), all[0].Since)
	require.Equal(t, []string{"/departments/hrss/520603", "/departments/audit/520603"}, all[0].Settle, "who recorded it answers, who disputes withdraws")
	require.Equal(t, job.ID, all[0].Facts[0].Event)
	page := worklist("as_of=2021-06-30&limit=1")
	require.Equal(t, job.Subject.String(), page.Cursor)
	require.Equal(t, facility.Subject, worklist("as_of=2021-06-30&limit=1&cursor=" + page.Cursor).Discrepancies[0].Home)
	require.Empty(t, worklist("as_of=2021-06-19").Discrepancies)
	require.Empty(t, worklist("as_of=2021-06-30&known_at=2021-06-30").Discrepancies)
	require.Equal(t, all[0].Facts[1].Event, timeline(job).Disputed)
	post("hrss", "record.corrected", "answer/1", `{"target_event":"`+job.ID.String()+`","data":{"person":"`+person(t, job)+`","channel":"workshop"},"reason":"inspection"}`)
	require.Len(t, worklist("as_of=2021-06-30").Discrepancies, 1)
	entry := timeline(job)
	require.Zero(t, entry.Disputed)
	require.True(t, entry.Corrected.Present())
}

// person is whom a job.placed is about.
func person(t *testing.T, e *events.Event) string {
	kind, err := e.Kind()
	require.NoError(t, err)
	f, err := kind.Decode(e.Version, e.Data)
	require.NoError(t, err)
	return f.(*domain.JobPlaced).Person.String()
}
