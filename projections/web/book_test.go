package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

func TestTheBookIsServedAsAStaticLog(t *testing.T) {
	s := serveCounty(t)
	ask := func(address string) string {
		status, _, body := s.ask(t, "GET", address, "", "")
		require.Equal(t, 200, status, address)
		return body
	}
	durable := s.ledger.Streams()[0].Durable
	key := strings.TrimSpace(ask("/book/ANJU-52/key"))
	var p book.Proof
	require.NoError(t, p.UnmarshalText([]byte(ask("/v1/events/ANJU-52:700/proof"))))
	e, _, err := events.CheckProof(&p, key)
	require.NoError(t, err)
	require.EqualValues(t, 700, e.Sequence)
	require.Equal(t, ask("/v1/events/ANJU-52:700/proof"), ask("/v1/events/"+e.ID.String()+"/proof"))

	head, err := book.OpenCheckpoint([]byte(ask("/book/ANJU-52/checkpoint")), key)
	require.NoError(t, err)
	require.LessOrEqual(t, head.Size, durable)
	entries := ask("/book/ANJU-52/tile/entries/000")
	leaves := ask("/book/ANJU-52/tile/0/000")
	require.Len(t, leaves, 8192)
	length := int(entries[0])<<8 | int(entries[1])
	first := book.LeafHash([]byte(entries[2 : 2+length]))
	require.Equal(t, leaves[:32], string(first[:]), "the bundle's first entry hashes to the tile's first leaf")

	for address, status := range map[string]int{
		"/book/ANJU-53/checkpoint": 404, "/book/x/key": 404, "/book/ANJU-99/key": 404, "/book/ANJU-52/tile/0/999": 404, "/book/ANJU-52/tile/9/000": 404, "/book/ANJU-52/tile/0/1": 404,
		"/book/ANJU-52/tile/": 404, "/v1/events/ANJU-52:0/proof": 404, "/v1/events/ANJU-52:99999999/proof": 404, "/v1/events/soon/proof": 400, "/v1/events/018f0000-0000-7000-8000-000000000000/proof": 404,
		"/v1/events/ANJU-53:1/proof": 404,
	} {
		got, media, body := s.ask(t, "GET", address, "", "")
		require.Equal(t, status, got, address)
		require.Equal(t, "application/problem+json", media, address)
		require.Contains(t, body, `"zh":`)
	}
	require.Equal(t, []uint8{52}, s.ledger.Provinces(), "a question opens no stream")
}
