package web

import (
	"github.com/anju-ledger/anju/domain"
)

func (a *API) serveHousehold(q *question) {
	id, t, wrong := a.about(q, domain.HouseholdKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	status, err := t.known.Household(id, t.at)
	reply(q.w, domain.HouseholdKind, status, err)
}

func (a *API) serveTimeline(q *question) {
	id, t, wrong := a.about(q, domain.HouseholdKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := t.known.Timeline(id, a.ledger.Directory(), t.at)
	reply(q.w, domain.HouseholdKind, timeline, err)
}

func (a *API) servePerson(q *question) {
	id, t, wrong := a.about(q, domain.PersonKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	person, err := t.known.Person(id, a.ledger.Directory(), t.at)
	reply(q.w, domain.PersonKind, person, err)
}

func (a *API) servePersonTimeline(q *question) {
	id, t, wrong := a.about(q, domain.PersonKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := t.known.PersonTimeline(id, a.ledger.Directory(), t.at)
	reply(q.w, domain.PersonKind, timeline, err)
}

func (a *API) serveCommunity(q *question) {
	id, t, wrong := a.about(q, domain.CommunityKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	community, err := t.known.Community(id, t.at)
	reply(q.w, domain.CommunityKind, community, err)
}

func (a *API) serveCommunityTimeline(q *question) {
	id, t, wrong := a.about(q, domain.CommunityKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := t.known.CommunityTimeline(id, t.at)
	reply(q.w, domain.CommunityKind, timeline, err)
}

func (a *API) serveBoard(q *question) {
	t, wrong := a.when(q)
	code := q.PathValue("code")
	division, err := domain.ParseDivision(code)
	if wrong == nil && err != nil {
		wrong = badDivision("code", code)
	}
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	board, err := t.known.Board(q.Context(), division, t.at)
	reply(q.w, domain.HouseholdKind, board, err)
}
