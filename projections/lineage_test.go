package projections

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// Who joins without saying whence brings what is recorded of him at his home; what was recorded
// before he joined counts from the day on which he did.
func TestWhoJoinsWithoutSayingWhenceBringsHisFacts(t *testing.T) {
	v := newVillage(t)
	views := viewsOf(t, v.ledger)
	b := v.entity("b/subject")
	work := func(at domain.Day) string {
		a, err := views.Household(b, at)
		require.NoError(t, err)
		return a.Dimensions[domain.Employment].Level
	}
	require.Equal(t, "unknown", work(domain.MakeDay(2021, 1, 9)))
	require.Equal(t, "verified", work(domain.MakeDay(2021, 1, 10)))
}
