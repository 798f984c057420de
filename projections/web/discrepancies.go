package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// discrepancyRoutes are the worklist of what does not fit together.
func discrepancyRoutes() []*route {
	return []*route{{
		method: http.MethodGet, path: "/v1/discrepancies", id: "discrepancies", summary: "What does not fit together: kind, whom it concerns, the facts, who can settle it, since when",
		detail: "Contradictions are accepted and shown, never refused. Whoever recorded one of the facts settles it by record.corrected or record.voided; it is then gone. A disputed record is listed until it is answered so.",
		parameters: append([]parameter{
			query("division", "only this division and what lies in it", text(divisionForm, "520603")),
			query("kind", "only this kind", oneOf(domain.TermsOf[domain.DiscrepancyKind]())),
			query("cursor", "the cursor of the page before", text("", "h7k2m9qx4w1tz")),
			query("limit", "homes on a page, 1 to 1000; 100 by default", text("^[0-9]+$", "100")),
		}, asOfParameters()...),
		gives: projections.DiscrepancyList{}, kinds: []problemKind{notReached, viewsStopped}, serve: (*API).serveDiscrepancies,
	}}
}

func (a *API) serveDiscrepancies(q *question) {
	wanted, wrong := parseDiscrepancies(q)
	t, sound := a.moments(q, wrong)
	if !sound {
		return
	}
	list, err := t.known.Discrepancies(q.Context(), wanted, t.at)
	reply(q.w, domain.HouseholdKind, list, err)
}

// parseDiscrepancies reads the filters of the worklist.
func parseDiscrepancies(q *question) (wanted projections.Query, wrong *Problem) {
	var err error
	if wanted.Division, wrong = divisionOf(q); wrong != nil {
		return wanted, wrong
	}
	if text := q.value("kind"); text != "" {
		known := domain.TermsOf[domain.DiscrepancyKind]()
		if !slices.ContainsFunc(known, func(t domain.Term) bool { return t.Code == text }) {
			return wanted, unknownCode("kind", text, known)
		}
		wanted.Kind = domain.DiscrepancyKind(text)
	}
	if text := q.value("cursor"); text != "" {
		if wanted.After, err = domain.ParseEntity(text); err != nil {
			return wanted, badCursor("cursor", text)
		}
	}
	wanted.Limit, wrong = limitOf(q)
	return wanted, wrong
}

// divisionOf reads the division to which a question is bounded; "" is none.
func divisionOf(q *question) (domain.Division, *Problem) {
	text := q.value("division")
	if text == "" {
		return "", nil
	}
	division, err := domain.ParseDivision(text)
	if err != nil {
		return "", badDivision("division", text)
	}
	return division, nil
}

// limitOf reads how much a page holds.
func limitOf(q *question) (limit int, wrong *Problem) {
	text := q.value("limit")
	if text == "" {
		return pageDefault, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > pageMost {
		return limit, badLimit("limit", text)
	}
	return limit, nil
}

// badCursor is the problem of a cursor.
func badCursor(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "应为上一页给出的 cursor", EN: "the cursor that the page before gave"},
		domain.Text{ZH: "留空从第一页开始", EN: "leave it out for the first page"})
}

// badLimit is the problem of a page's size.
func badLimit(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "每页 1 至 1000 户", EN: "a page has 1 to 1000 households"},
		domain.Text{ZH: "用 cursor 翻页", EN: "turn pages by cursor"})
}
