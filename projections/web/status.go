package web

import (
	"github.com/anju-ledger/anju/domain"
)

func (a *API) serveHousehold(q *question) {
	id, at, wrong := a.about(q, domain.HouseholdKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	status, err := a.views.Household(id, at)
	reply(q.w, domain.HouseholdKind, status, err)
}

func (a *API) serveTimeline(q *question) {
	id, at, wrong := a.about(q, domain.HouseholdKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := a.views.Timeline(id, a.ledger.Directory(), at)
	reply(q.w, domain.HouseholdKind, timeline, err)
}

func (a *API) servePerson(q *question) {
	id, at, wrong := a.about(q, domain.PersonKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	person, err := a.views.Person(id, a.ledger.Directory(), at)
	reply(q.w, domain.PersonKind, person, err)
}

func (a *API) servePersonTimeline(q *question) {
	id, at, wrong := a.about(q, domain.PersonKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := a.views.PersonTimeline(id, a.ledger.Directory(), at)
	reply(q.w, domain.PersonKind, timeline, err)
}

func (a *API) serveCommunity(q *question) {
	id, at, wrong := a.about(q, domain.CommunityKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	community, err := a.views.Community(id, at)
	reply(q.w, domain.CommunityKind, community, err)
}

func (a *API) serveCommunityTimeline(q *question) {
	id, at, wrong := a.about(q, domain.CommunityKind)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	timeline, err := a.views.CommunityTimeline(id, at)
	reply(q.w, domain.CommunityKind, timeline, err)
}

func (a *API) serveBoard(q *question) {
	at, wrong := a.when(q)
	code := q.PathValue("code")
	division, err := domain.ParseDivision(code)
	if wrong == nil && err != nil {
		wrong = badDivision("code", code)
	}
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	board, err := a.views.Board(division, at)
	reply(q.w, domain.HouseholdKind, board, err)
}
