package projections

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// visitLine is the line of one event as a server sends it.
func visitLine(sequence uint64, kind string) []byte {
	home := domain.MintEntity(domain.HouseholdKind, 7)
	e := &events.Event{
		ID: domain.EventID{1, byte(sequence), 8: 0x80}, Source: domain.Source{Department: "hrss", Division: "520603"}, Type: kind, Version: 1,
		Subject: home, Time: domain.MakeDay(2020, 3, 5).Moment(), Home: events.HomeIn("520603", home), Sequence: sequence,
		Recorded: domain.MomentOf(testNow()), Division: "520603", Data: []byte(`{"course":"缝纫"}`),
	}
	return append(e.Append(nil), '\n')
}

func TestABrokenStreamIsAskedForAgainFromWhereItStood(t *testing.T) {
	var asked []string // by one connection after the other
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("after"))
		if len(asked) == 1 {
			_, _ = w.Write(visitLine(4, "training.completed"))
			_, _ = w.Write(visitLine(5, "training.completed")[:100]) // cut in the middle
			return
		}
		_, _ = w.Write(visitLine(5, "training.completed"))
	}))
	defer server.Close()
	var got []uint64
	for e, err := range (Remote{Server: server.URL}).Follow(t.Context(), Position{"ANJU-52": 3}) {
		require.NoError(t, err)
		if got = append(got, e.Sequence); len(got) == 2 {
			break
		}
	}
	require.Equal(t, []uint64{4, 5}, got)
	require.Equal(t, []string{"ANJU-52:3", "ANJU-52:4"}, asked)
}

// nothing is a view that takes whatever comes.
type nothing struct{}

func (nothing) Position() Position                     { return nil }
func (nothing) Apply(*events.Event, domain.Fact) error { return nil }

func TestAViewStopsWithTheNameOfATypeThatItDoesNotKnow(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(visitLine(1, "training.forgotten"))
	}))
	defer server.Close()
	err := Remote{Server: server.URL}.Run(t.Context(), nothing{})
	require.ErrorIs(t, err, domain.ErrVersion)
	require.ErrorContains(t, err, "training.forgotten/1")
}

func TestAServerThatRefusesIsNotAskedAgain(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	require.ErrorIs(t, Remote{Server: server.URL}.Run(t.Context(), nothing{}), ErrServer)
	server.Close()
	require.ErrorIs(t, Remote{Server: server.URL}.Run(t.Context(), nothing{}), ErrServer)
}
