package web

import (
	"net/http"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// targetRoutes are the targets of divisions and how far they are reached.
func targetRoutes() []*route {
	return []*route{{
		method: http.MethodGet, path: "/v1/divisions/{code}/targets", id: "targets", summary: "What was to be reached in a division and what lies in it, by when, and how far it is",
		parameters: append([]parameter{
			inPath("code", "the division: 2, 4, 6, 9 or 12 digits", text(divisionForm, "520603")),
			query("indicator", "only this indicator", oneOf(domain.TermsOf[domain.Indicator]())),
		}, asOfParameters()...),
		gives: projections.TargetsAnswer{}, kinds: []problemKind{notReached, viewsStopped, notVerified}, serve: (*API).serveTargets,
	}}
}

func (a *API) serveTargets(q *question) {
	division, err := domain.ParseDivision(q.PathValue("code"))
	var wrong *Problem
	if err != nil {
		wrong = badDivision("code", q.PathValue("code"))
	}
	indicator, known := q.value("indicator"), domain.TermsOf[domain.Indicator]()
	if wrong == nil && indicator != "" && !slices.ContainsFunc(known, func(t domain.Term) bool { return t.Code == indicator }) {
		wrong = unknownCode("indicator", indicator, known)
	}
	t, sound := a.moments(q, wrong)
	if !sound {
		return
	}
	answer, err := t.known.Targets(q.Context(), division, domain.Indicator(indicator), t.at)
	reply(q.w, domain.TargetKind, answer, err)
}
