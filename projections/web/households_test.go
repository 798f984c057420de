package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// register is a household's registration: what a list and a lookup need.
type register struct {
	draft
	n uint64
}

func (d register) Settle(x *events.Index) (*events.Event, *events.Receipt, error) {
	e, _, err := d.draft.Settle(x)
	if err != nil {
		return nil, nil, err
	}
	fact := &domain.HouseholdRegistered{Category: domain.Poor, Community: domain.CommunityID{Entity: domain.MintEntity(domain.CommunityKind, 9)}, Members: []domain.Member{{
		Person: domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, d.n)}, Relation: "head",
	}}}
	e.Type, e.Subject, e.Fact = "household.registered", domain.MintEntity(domain.HouseholdKind, d.n), fact
	e.Home = events.HomeIn(d.division, e.Subject)
	e.Data, err = domain.Encode(fact)
	return e, nil, err
}

func registerThree(t *testing.T, l *events.Ledger) {
	t.Helper()
	for n, division := range []domain.Division{"520603001", "520603002", "520602"} {
		outcomes, err := l.Append(t.Context(), 52, false, []events.Draft{register{draft{string(division), division}, uint64(n + 1)}})
		require.NoError(t, err)
		require.NoError(t, outcomes[0].Err)
	}
}

func TestAListIsFilteredAndTurnsPages(t *testing.T) {
	ledger, server := serve(t)
	registerThree(t, ledger)
	list := func(query string) (l projections.HouseholdList) {
		resp, lines := get(t, server.URL+"/v1/households?at=2021-06-30&at_least=ANJU-52:3&"+query)
		require.Equal(t, http.StatusOK, resp.StatusCode, lines)
		require.NoError(t, json.Unmarshal([]byte(lines[0]), &l))
		return l
	}
	require.Len(t, list("").Households, 3)
	for query, want := range map[string]int{
		"division=520603": 2, "division=5206": 3, "state=stable": 0, "housing=lived_in": 0, "overdue=grievance": 0, "stale=housing": 0,
	} {
		require.Len(t, list(query).Households, want, query)
	}
	lacks := domain.Text{ZH: "区划表中没有 529999", EN: "the table of divisions lacks 529999"}
	require.NotContains(t, list("division=520603").Notes, lacks)
	require.Contains(t, list("division=529999").Notes, lacks)
	one := list("limit=2")
	require.NotEmpty(t, one.Cursor)
	two := list("limit=2&cursor=" + one.Cursor)
	require.Len(t, two.Households, 1)
	require.Empty(t, two.Cursor)
	require.NotContains(t, one.Households, two.Households[0])
	state := one.Households[0].State.String()
	require.Contains(t, list("state="+state).Households, one.Households[0])
	for _, query := range []string{"state=happy", "housing=castle", "colour=red", "limit=0", "limit=1001", "cursor=x", "overdue=tea", "stale=happy", "division=5"} {
		resp, lines := get(t, server.URL+"/v1/households?"+query)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, query)
		require.Contains(t, lines[0], `"fix":`, query)
	}
}

func TestATimelineHoldsNoPayload(t *testing.T) {
	ledger, server := serve(t)
	registerThree(t, ledger)
	id := domain.MintEntity(domain.HouseholdKind, 1).String()
	resp, lines := get(t, server.URL+"/v1/households/"+id+"/timeline?at=2021-06-30&at_least=ANJU-52:3")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var a projections.TimelineAnswer
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &a))
	require.Len(t, a.Entries, 1)
	require.Equal(t, "household.registered", a.Entries[0].Type)
	require.Equal(t, "ANJU-52:1", a.Entries[0].Position)
	require.Equal(t, domain.DeriveEventID(domain.Source{Department: "hrss", Division: "520603"}, "520603001"), a.Entries[0].Event)
	_, lines = get(t, server.URL+"/v1/households/"+id+"/timeline?at=2020-03-04")
	require.Contains(t, lines[0], `"entries":[]`)
	resp, _ = get(t, server.URL+"/v1/households/"+domain.MintEntity(domain.HouseholdKind, 99).String()+"/timeline")
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestALookupNeverRepeatsTheNumber(t *testing.T) {
	_, server := serve(t)
	for body, status := range map[string]int{
		`{"kind":"household","number":"520603000077","division":"520603"}`: 404,
		`{"kind":"castle","number":"520603000077","division":"520603"}`:    400,
		`{"kind":"household","number":"520603000077","division":"5"}`:      400,
		`{"kind":"household","number":"520603000077","colour":"red"}`:      400,
		`{"kind":"household"}`: 400, `520603000077`: 400, ``: 400,
	} {
		resp, err := http.Post(server.URL+"/v1/lookup", "application/json", strings.NewReader(body))
		require.NoError(t, err)
		var text strings.Builder
		require.NoError(t, resp.Write(&text))
		require.NoError(t, resp.Body.Close())
		require.Equal(t, status, resp.StatusCode, body)
		require.NotContains(t, text.String(), "520603000077", body)
	}
}

func TestALookupThatDoesNotComeIsCutOff(t *testing.T) {
	_, _, server := serveAPI(t, func(api *API) { api.patient = 200 * time.Millisecond })
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	_, err = io.WriteString(c, "POST /v1/lookup HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"kind\":")
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(5*time.Second)))
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err, "nothing came")
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusRequestTimeout, resp.StatusCode)
	require.True(t, resp.Close, "the connection is given up")
	require.Contains(t, string(body), "没有及时送达")
}

func TestTheMicroServiceAnswersAsHTTPDoes(t *testing.T) {
	ledger, err := events.Open(t.Context(), events.Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	registerThree(t, ledger)
	views := projections.New(ledger, events.Opener{Ring: ledger.Ring()}, domain.DefaultParameters())
	t.Cleanup(views.Close)
	api := New(ledger, views, time.Now)
	server := httptest.NewServer(api.Handler())
	t.Cleanup(server.Close)
	service, err := api.ServeMicro(t.Context(), ledger.Answers())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, service.Stop()) })
	client, err := nats.Connect(ledger.ClientURL())
	require.NoError(t, err)
	t.Cleanup(client.Close)
	found, err := client.Request("$SRV.PING.anju-status", nil, 5*time.Second)
	require.NoError(t, err)
	require.Contains(t, string(found.Data), `"name":"anju-status"`)
	id := domain.MintEntity(domain.HouseholdKind, 1).String()
	person := domain.MintEntity(domain.PersonKind, 1).String()
	community := domain.MintEntity(domain.CommunityKind, 9).String()
	for subject, q := range map[string]struct{ asked, path string }{
		"household": {id, "/v1/households/" + id}, "board": {"520603", "/v1/divisions/520603/board"},
		"person": {person, "/v1/persons/" + person}, "community": {community, "/v1/communities/" + community},
		"timeline": {id, "/v1/households/" + id + "/timeline"}, "timeline ": {person, "/v1/persons/" + person + "/timeline"},
		"timeline  ": {community, "/v1/communities/" + community + "/timeline"}, "households": {"520603", "/v1/households"},
		"discrepancies": {"520603", "/v1/discrepancies?division=520603"}, "question": {"households-by-state", "/v1/questions/1"},
	} {
		asked := q.asked
		for query, members := range map[string]string{
			"at=2021-06-30&at_least=ANJU-52:3":        `"at":"2021-06-30","at_least":"ANJU-52:3"`,
			"as_of=2021-06-30&known_at=2021-06-30":    `"as_of":"2021-06-30","known_at":"2021-06-30"`,
			"as_of=2021-06-30&known_at=2999-01-01":    `"as_of":"2021-06-30","known_at":"2999-01-01"`,
			"as_of=2021-06-30&at_least=ANJU-52:3&at=": `"as_of":"2021-06-30","at_least":"ANJU-52:3"`,
		} {
			address := q.path + "?" + query
			if subject == "discrepancies" {
				address = q.path + "&" + query
			}
			if subject == "question" {
				address += "&limit=2&division=520603"
				members += `,"limit":"2","options":{"division":"520603"}`
			}
			if subject == "households" {
				address += "&division=520603&limit=1&community=unknown"
				members += `,"limit":"1","levels":{"community":"unknown"}`
			}
			resp, lines := get(t, server.URL+address)
			require.Equal(t, http.StatusOK, resp.StatusCode, subject)
			m, err := client.Request("anju.status."+strings.TrimSpace(subject), []byte(`{"id":"`+asked+`",`+members+`}`), 10*time.Second)
			require.NoError(t, err)
			require.Equal(t, lines[0], string(m.Data))
		}
	}
	m, err := client.Request("anju.status.household", []byte(`{"id":"`+domain.MintEntity(domain.HouseholdKind, 99).String()+`"}`), 10*time.Second)
	require.NoError(t, err)
	require.Equal(t, "404", m.Header.Get("Nats-Service-Error-Code"))
	for body, field := range map[string]string{`[]`: "body", `x`: "body", ``: "body", `{}`: "id", `{"id":"520603","colour":"red"}`: "colour"} {
		m, err = client.Request("anju.status.board", []byte(body), 10*time.Second)
		require.NoError(t, err)
		require.Equal(t, "400", m.Header.Get("Nats-Service-Error-Code"))
		var p Problem
		require.NoError(t, json.Unmarshal(m.Data, &p), "the body is a problem document: %s", m.Data)
		require.Equal(t, problemTypes+string(badBody), p.Type)
		require.Equal(t, field, p.Field, body)
	}
}
