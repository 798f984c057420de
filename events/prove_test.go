package events

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

func TestEveryReceiptBecomesAProof(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	outcomes := record(t, l, "a", "b", "c")
	key, err := l.VerifierKey("ANJU-52")
	require.NoError(t, err)
	for _, o := range outcomes {
		province, sequence, err := l.Locate(o.Receipt.ID)
		require.NoError(t, err)
		require.Equal(t, o.Receipt.Sequence, sequence)
		p, err := l.Prove(t.Context(), province, sequence)
		require.NoError(t, err)
		text, err := p.MarshalText()
		require.NoError(t, err)

		var offline book.Proof
		require.NoError(t, offline.UnmarshalText(text))
		e, head, err := CheckProof(&offline, key)
		require.NoError(t, err)
		require.Equal(t, o.Receipt.ID, e.ID)
		require.EqualValues(t, 3, head.Size)

		forged := offline
		forged.Extra = append([]byte(nil), offline.Extra...)
		forged.Extra[payloadAt(t, forged.Extra)] ^= 1
		_, _, err = CheckProof(&forged, key)
		require.ErrorIs(t, err, book.ErrProof)
		forged = offline
		forged.Index++
		_, _, err = CheckProof(&forged, key)
		require.ErrorIs(t, err, book.ErrProof)
	}
	_, _, err = l.Locate(domain.EventID{1})
	require.ErrorIs(t, err, ErrNotFound)
	_, err = l.Prove(t.Context(), 52, 4)
	require.ErrorIs(t, err, ErrNotFound)
	other, err := l.VerifierKey("ANJU-53")
	require.NoError(t, err)
	p, err := l.Prove(t.Context(), 52, 1)
	require.NoError(t, err)
	_, _, err = CheckProof(p, other)
	require.ErrorIs(t, err, book.ErrSignature)
}

// payloadAt is where a character of the payload stands behind the head of an event.
func payloadAt(t *testing.T, b []byte) int {
	t.Helper()
	const person = `"data":{"person":"p00000000000`
	at := bytes.Index(b, []byte(person))
	require.Positive(t, at)
	return at + len(person)
}
