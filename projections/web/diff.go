package web

import (
	"net/http"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// rangeForm is the form of a parameter that gives two of what another question takes one of.
const rangeForm = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?(\.\.([0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?)?)?$`

// diffRoutes compare two pictures of a division.
func diffRoutes() []*route {
	return []*route{{
		method: http.MethodGet, path: "/v1/divisions/{code}/diff", id: "diff", summary: "Which households differ between two days or two moments, in what, and by which events",
		detail: "One of as_of and known_at is a range A..B; B may be left out: now. as_of=D&known_at=D.. says what changed since in the figures of day D. With total=KEY, one of the totals that differ, the page holds the homes whose share of it differs, with the events that made it, instead of households.",
		parameters: []parameter{
			inPath("code", "the division: 2, 4, 6, 9 or 12 digits", text(divisionForm, "520603")),
			query("as_of", "two days in the world, A..B; or one, when known_at is a range", text(rangeForm, "2021-03-31..2021-06-30")),
			query("known_at", "two moments of the ledger, A..B; or one, when as_of is a range", text(rangeForm, "2021-06-30..")),
			query("total", "the total of which the homes and events are told, instead of the households that differ", oneOf(totalKeys())),
			query("cursor", "the cursor of the page before, whose picture the page that follows has, though more was recorded since", text("", "h7k2m9qx4w1tz@2021-06-30T10:00:00.000Z,ANJU-52:12345")),
			query("limit", "households, or homes of a total, on a page, 1 to 1000; 100 by default", text("^[0-9]+$", "100")),
			query("at_least", "waits, at most ten seconds, until the views have read this position", text(positionForm, "ANJU-52:12345")),
			query("parameters", "by which parameter set both are judged; GET /v1/views/{name}/compare compares two sets", text("", "anju-2021-1")),
		},
		gives: projections.DiffAnswer{}, kinds: []problemKind{notReached, viewsStopped}, serve: (*API).serveDiff,
	}}
}

func (a *API) serveDiff(q *question) {
	division, err := domain.ParseDivision(q.PathValue("code"))
	var wrong *Problem
	if err != nil {
		wrong = badDivision("code", q.PathValue("code"))
	}
	var sides [2]times
	if wrong == nil {
		sides, wrong = a.sides(q)
	}
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	from, to := projections.Side{Known: sides[0].known, At: sides[0].at}, projections.Side{Known: sides[1].known, At: sides[1].at}
	page, wrong := a.pageOf(q, &from, &to)
	if wrong != nil {
		wrong.write(q.w)
		return
	}
	if key := q.value("total"); key != "" {
		total, known := domain.ParseTotal(key)
		if !known {
			unknownCode("total", key, totalKeys()).write(q.w)
			return
		}
		answer, err := from.DiffTotal(q.Context(), to, division, total, page)
		reply(q.w, domain.HouseholdKind, answer, err)
		return
	}
	answer, err := from.Diff(q.Context(), to, division, a.ledger.Directory(), page)
	reply(q.w, domain.HouseholdKind, answer, err)
}

// pageOf reads which page of a comparison is asked for, and pins the sides to the picture of the page before.
func (a *API) pageOf(q *question, from, to *projections.Side) (page projections.Query, wrong *Problem) {
	if page.Limit, wrong = limitOf(q); wrong != nil {
		return page, wrong
	}
	text := q.value("cursor")
	if text == "" {
		return page, nil
	}
	cursor, err := projections.ParseCursor(text)
	if err == nil {
		*from, *to, err = cursor.Pin(*from, *to)
	}
	if err != nil {
		return page, badCursor("cursor", text)
	}
	page.After = cursor.After
	for _, k := range []*projections.Known{from.Known, to.Known} {
		if wrong = a.awaited(q, k, "cursor", text); wrong != nil {
			return page, wrong
		}
	}
	return page, nil
}

// totalKeys are the keys of the totals.
func totalKeys() (keys []domain.Term) {
	for _, t := range domain.Totals() {
		keys = append(keys, domain.Term{Code: t.Key, Text: t.Label})
	}
	return keys
}

// sides reads the two pictures that are compared.
func (a *API) sides(q *question) (sides [2]times, wrong *Problem) {
	asOf, days := strings.CutSuffix(q.value("as_of"), "..")
	if before, after, both := strings.Cut(asOf, ".."); both {
		sides[0], sides[1], days = times{asOf: before}, times{asOf: after}, true
	} else if sides[0].asOf = asOf; !days {
		sides[1].asOf = asOf
	}
	known, moments := strings.CutSuffix(q.value("known_at"), "..")
	if before, after, both := strings.Cut(known, ".."); both {
		sides[0].knownAt, sides[1].knownAt, moments = before, after, true
	} else if sides[0].knownAt = known; !moments {
		sides[1].knownAt = known
	}
	if days == moments {
		return sides, badRange(q, "")
	}
	for i := range sides {
		if wrong := a.look(q, &sides[i]); wrong != nil {
			return sides, wrong
		}
	}
	last := sides[1].by
	if last == 0 {
		last = domain.MomentOf(a.now())
	}
	switch {
	case sides[0].at > sides[1].at:
		return sides, badRange(q, "as_of")
	case sides[0].by > last, sides[0].by == 0 && sides[1].by != 0:
		return sides, badRange(q, "known_at")
	}
	return sides, nil
}

// badRange is the problem of a comparison that does not say what to compare, or whose range runs backwards in a field.
func badRange(q *question, field string) *Problem {
	if field == "" {
		field = "as_of"
	}
	if q.value(field) == "" {
		field = "known_at"
	}
	return refuse(badParameter, field, q.value(field), domain.Text{ZH: "as_of 与 known_at 中恰有一个为区间 A..B，且 A 不晚于 B；不写 B 即现在", EN: "exactly one of as_of and known_at is a range A..B, and A is not after B; left out, B is now"},
		domain.Text{ZH: "例如 as_of=2021-03-31..2021-06-30；或 as_of=2021-06-30&known_at=2021-06-30..", EN: "such as as_of=2021-03-31..2021-06-30; or as_of=2021-06-30&known_at=2021-06-30.."})
}
