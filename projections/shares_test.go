package projections

import (
	"context"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
)

// sharesMakeUp requires that the shares of every total sum up to what a board says.
func sharesMakeUp(on *rapid.T, k *Known, b BoardAnswer) {
	for i, total := range domain.Totals() {
		a, err := k.SharesOf(context.Background(), domain.TotalNo(i), b.Division, b.At)
		require.NoError(on, err)
		sum, homes := 0.0, map[domain.Entity]bool{}
		for _, s := range a.Shares {
			require.False(on, homes[s.Home], "a home stands once")
			homes[s.Home], sum = true, sum+s.Amount
		}
		require.InDelta(on, b.Totals[total.Key], sum, 1e-6, "%s of %s on %s", total.Key, b.Division, b.At)
	}
}
