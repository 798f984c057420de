package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLedgerIsProvedByBoundedAnswers asks a server that sends more than any file of a book has.
func TestLedgerIsProvedByBoundedAnswers(t *testing.T) {
	size := maxFetched
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, size))
	}))
	defer server.Close()
	fetch := serverFetch(&session{ctx: t.Context()}, server.URL)
	body, err := fetch("/tile/entries/000")
	require.NoError(t, err)
	require.Len(t, body, maxFetched)
	size++
	_, err = fetch("/tile/entries/000")
	require.ErrorIs(t, err, errTooMuch)
}
