package intake

import (
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

func TestAReceiptIsWrittenAsItsFieldsSay(t *testing.T) {
	person := domain.MintEntity(domain.PersonKind, 7)
	for _, r := range []Receipt{
		{ID: domain.EventID{1, 8: 0x80}, Stream: "ANJU-52", Sequence: 7, RecordedTime: "2021-06-30T04:00:00.000Z", Durable: "disk", Position: "ANJU-52:7", Identity: selfNamed},
		{Already: true, Voided: true, IDs: map[string]domain.Entity{"/subject": person, "/data/members/0/person": person}},
	} {
		want, err := json.Marshal(r, json.Deterministic(true))
		require.NoError(t, err)
		got, err := Answer{Receipt: &r}.MarshalJSON()
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))
		require.Equal(t, string(want), string(got))
	}
}
