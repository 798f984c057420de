package web

import (
	"net/http"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// memberRoutes are the questions about who belongs to a household.
func memberRoutes() []*route {
	return []*route{{
		method: http.MethodGet, path: "/v1/households/{id}/members", id: "household-members", summary: "Who belongs to a household, with work and schooling",
		detail:     "Those who left or died stand among them, with the day. Names and numbers stay sealed.",
		parameters: whose(domain.HouseholdKind), gives: projections.MembersAnswer{}, kinds: aboutEntity(), serve: (*API).serveMembers,
	}}
}

func (a *API) serveMembers(q *question) {
	id, t, wrong := a.about(q, domain.HouseholdKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	members, err := t.known.Members(id, a.ledger.Directory(), t.at)
	reply(q.w, domain.HouseholdKind, members, err)
}
