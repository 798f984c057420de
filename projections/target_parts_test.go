package projections

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// TestTargetsAndTheirPartsAreSummed sets a county's targets and its townships'. The figures are those that
// Hubei published on 2020-11-26: households 318,400, of them 253,700 concentrated and 64,200 dispersed, which
// falls short of the whole by 500; and people 882,300 of 674,700 and 207,600, which fits.
func TestTargetsAndTheirPartsAreSummed(t *testing.T) {
	c := openCounter(t)
	const county, first, second = domain.Division("130274"), domain.Division("130274103"), domain.Division("130274451")
	require.Equal(t, []domain.Division{first, second}, county.Children(), "a county of two townships")
	set := func(in domain.Division, day string, i domain.Indicator, value int, due string) domain.EventID {
		return c.tell("ndrc", in, "target.set", day, fmt.Sprintf(`{"indicator":"%s","value":%d,"due":"%s"}`, i, value, due)).ID
	}
	const households, people, due = domain.Indicator("households_lived_in"), domain.Indicator("persons_in_work"), "2021-12-31"
	whole := set(county, "2020-11-26", households, 318_400, due)
	set(county, "2020-11-26", people, 882_300, due)
	set(county, "2020-11-26", "titled_rate", 9000, due)
	one := set(first, "2020-11-27", households, 253_700, due)
	set(first, "2020-11-27", people, 674_700, due)
	set(first, "2020-11-27", "titled_rate", 10_000, due)
	require.Empty(t, c.rows(c.views, county), "less may come yet")
	two := c.tell("ndrc", second, "target.set", "2020-12-01", `{"indicator":"households_lived_in","value":64200,"due":"2021-12-31"}`)
	set(second, "2020-12-01", people, 207_600, due)
	set(second, "2020-12-01", "titled_rate", 10_000, due)
	set(second, "2020-12-01", households, 1, "2022-12-31") // of another day

	for _, v := range []*Views{c.views, viewsOf(t, c.ledger)} {
		rows := c.rows(v, county)
		require.Len(t, rows, 1, "people sum; rates have no sum")
		require.Equal(t, domain.PartsDoNotSum, rows[0].Kind)
		require.Equal(t, domain.MakeDay(2020, 12, 1), rows[0].Since)
		require.Equal(t, []domain.EventID{whole, one, two.ID}, []domain.EventID{rows[0].Facts[0].Event, rows[0].Facts[1].Event, rows[0].Facts[2].Event})
		require.Len(t, rows[0].Entities, 3)
		require.Equal(t, []string{"/departments/ndrc/130274"}, rows[0].Settle)
		require.Empty(t, c.rows(v, second), "it is the county's")
	}
	before, err := c.views.now().Discrepancies(t.Context(), Query{Division: county, Limit: 10}, domain.MakeDay(2020, 11, 30))
	require.NoError(t, err)
	require.Empty(t, before.Discrepancies)
	c.correct("ndrc", second, two, `{"indicator":"households_lived_in","value":64700,"due":"2021-12-31"}`)
	require.Empty(t, c.rows(c.views, county), "corrected")
	set(first, "2021-01-01", households, 253_701, due)
	require.Len(t, c.rows(c.views, county), 1, "by one more than the whole")
	set(county, "2021-02-01", households, 318_401, due)
	require.Empty(t, c.rows(c.views, county), "the whole was set anew")

	// Of a county of which a township has no target, more than the whole is told, less is not.
	set("520603", "2020-01-01", households, 100, due)
	set("520603001", "2020-01-01", households, 60, due)
	require.Empty(t, c.rows(c.views, "520603"))
	last := set("520603002", "2020-01-02", households, 41, due)
	require.Len(t, c.rows(c.views, "520603"), 1)
	c.tell("ndrc", "520603", "record.voided", "2021-06-30", fmt.Sprintf(`{"target_event":%q,"reason":"false"}`, last))
	require.Empty(t, c.rows(c.views, "520603"))
}
