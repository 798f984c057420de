package projections

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// rows are the worklist of a division.
func (c *counter) rows(v *Views, division domain.Division) []DiscrepancyRow {
	require.NoError(c, v.CaughtUp(c.Context()))
	list, err := v.now().Discrepancies(c.Context(), Query{Division: division, Limit: 100}, at)
	require.NoError(c, err)
	return list.Discrepancies
}

// TestWhoIsInTwoHouseholdsIsTold lets two departments record one person's move, in one county, in two counties and in
// two provinces, in every order that the door cannot refuse: both households tell it, since the day on which he is in
// both, with whom it concerns and who can settle it; and it is gone when it is settled, also for views that read
// everything anew.
func TestWhoIsInTwoHouseholdsIsTold(t *testing.T) {
	c := openCounter(t)
	type move struct {
		here, there domain.Division
		n           int
		person      domain.Entity
		from, to    domain.Entity
	}
	first := func(m *move) string { return fmt.Sprintf(`%q|`, m.from) }
	joined := func(m *move, day, from string) *domain.EventID {
		data := fmt.Sprintf(`%q|{"member":{"person":%q,"relation":"spouse"},"reason":"marriage"%s}`, m.to, m.person, from)
		return &c.tell("psb", m.there, "household.member_joined", day, data).ID
	}
	left := func(m *move, day string) *domain.EventID {
		return &c.tell("community", m.here, "household.member_left", day, first(m)+fmt.Sprintf(`{"person":%q,"reason":"marriage"}`, m.person)).ID
	}
	whence := func(m *move) string { return fmt.Sprintf(`,"from_household":%q`, m.from) }
	orders := []struct {
		name   string
		tell   func(m *move) (since domain.Day)
		settle func(m *move)
	}{
		{"he arrived, and his leaving is recorded later", func(m *move) domain.Day {
			joined(m, "2020-03-01", whence(m))
			return domain.MakeDay(2020, 3, 1)
		}, func(m *move) { left(m, "2020-02-20") }},
		{"his leaving is voided after he arrived", func(m *move) domain.Day {
			gone := left(m, "2020-02-20")
			joined(m, "2020-03-01", "")
			c.tell("community", m.here, "record.voided", "2021-01-01", fmt.Sprintf(`{"target_event":%q,"reason":"false"}`, gone))
			return domain.MakeDay(2020, 3, 1)
		}, func(m *move) { left(m, "2020-03-01") }},
		{"an earlier stay is told late", func(m *move) domain.Day {
			left(m, "2020-02-20")
			late := *m
			late.to = c.home(m.there, m.n+2, "").IDs["/subject"]
			joined(m, "2020-06-01", "")
			joined(&late, "2020-03-01", "")
			m.from, m.here = late.to, m.there
			return domain.MakeDay(2020, 6, 1)
		}, func(m *move) { left(m, "2020-05-01") }},
		{"he came from a household that he had left for another", func(m *move) domain.Day {
			left(m, "2020-02-20")
			second := *m
			second.to = c.home(m.there, m.n+2, "").IDs["/subject"]
			joined(m, "2020-03-01", "")
			joined(&second, "2020-04-01", whence(m))
			m.from, m.here, m.to = m.to, m.there, second.to
			return domain.MakeDay(2020, 4, 1)
		}, func(m *move) { left(m, "2020-04-01") }},
	}
	for k, there := range []domain.Division{"520603201", "520602201", "440300201"} {
		for i, o := range orders {
			t.Run(fmt.Sprintf("%s %s", there, o.name), func(t *testing.T) {
				m := &move{here: domain.Division(fmt.Sprintf("520603%03d", 301+10*k+i)), there: there, n: 1000*(k+1) + 10*i}
				home := c.home(m.here, m.n, "")
				m.from, m.person = home.IDs["/subject"], home.IDs["/data/members/1/person"]
				m.to = c.home(m.there, m.n+1, "").IDs["/subject"]
				require.Empty(t, c.kinds(m.there), "lines are made before he moves")
				refused := c.offer("psb", m.there, "household.member_joined", "2020-03-01", fmt.Sprintf(`%q|{"member":{"person":%q,"relation":"spouse"},"reason":"marriage"}`, m.to, m.person))
				require.NotNil(t, refused.Problem)
				require.Equal(t, m.from.String(), refused.Problem.Refusals[0].Value)
				since := o.tell(m)
				kind := domain.InTwoHouseholds
				if m.here.County() != m.there.County() {
					kind = domain.InTwoCounties
				}
				for _, v := range []*Views{c.views, viewsOf(t, c.ledger)} {
					require.NoError(t, v.CaughtUp(t.Context()))
					for _, side := range []domain.Entity{m.from, m.to} {
						a, err := v.Household(side, at)
						require.NoError(t, err)
						require.Len(t, a.Discrepancies, 1)
						require.Equal(t, kind, a.Discrepancies[0].Kind)
						require.Equal(t, since, a.Discrepancies[0].Since)
						require.Equal(t, "discrepancy", a.Dimensions[domain.Data].Level)
						before, err := v.Household(side, since-1)
						require.NoError(t, err)
						require.Empty(t, before.Discrepancies)
					}
					for _, division := range []domain.Division{m.here, m.there} {
						rows := c.rows(v, division)
						require.NotEmpty(t, rows, division)
						for _, entity := range []domain.Entity{m.from, m.to, m.person} {
							require.Contains(t, rows[0].Entities, entity)
						}
						require.Subset(t, rows[0].Settle, []string{"/departments/psb/" + string(m.there.County())})
						require.Len(t, rows[0].Facts, 2)
					}
				}
				whole, of := c.rows(c.views, domain.Nation), 0
				for i := range whole {
					if slices.Contains(whole[i].Entities, m.person) {
						of++
					}
				}
				require.Equal(t, 1, of, "of both households, once")
				o.settle(m)
				for _, v := range []*Views{c.views, viewsOf(t, c.ledger)} {
					require.Empty(t, c.rows(v, m.here))
					require.Empty(t, c.rows(v, m.there))
					board, err := v.Board(domain.Nation, at)
					require.NoError(t, err)
					require.Zero(t, board.Dimensions["data"]["discrepancy"].Households)
				}
			})
		}
	}
}
