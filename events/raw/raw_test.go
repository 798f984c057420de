package raw

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAStreamIsFencedAndDrained(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	messages := make([]Message, 40)
	for i := range messages {
		messages[i] = Message{"anju.52.520603.household.h1", []byte("body")}
	}
	require.NoError(t, s.Append(t.Context(), messages, 16))
	count, err := Drain(t.Context(), s.Conn(), "RAW")
	require.NoError(t, err)
	require.Equal(t, uint64(40), count)

	s.last-- // as if somebody else had appended: the fence holds
	require.Error(t, s.Append(t.Context(), messages[:3], 16))
	count, err = Drain(t.Context(), s.Conn(), "RAW")
	require.NoError(t, err)
	require.Equal(t, uint64(42), count, "the two behind it expect what is there: by itself the fence is no chain")
}
