package web

import (
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// The forms of parameters, for the document; the handlers read them by the domain's parsers.
const (
	dayForm      = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
	momentForm   = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$`
	positionForm = `^(ANJU-[0-9]{2}:[0-9]+)(,ANJU-[0-9]{2}:[0-9]+)*$`
	divisionForm = `^[0-9]{2,12}$`
)

// whose are the parameters that name an entity.
func whose(kind domain.EntityKind) []parameter {
	letter := string(rune(kind))
	return append([]parameter{
		inPath("id", "the entity's id (it begins with "+letter+"), or its official number, code or name inside the county of division. An address may end in a proxy's log: look official numbers up by POST /v1/lookup.", text("", letter+"7k2m9qx4w1tz")),
		query("division", "the county that an official number, code or name counts in", text(divisionForm, "520603")),
	}, asOfParameters()...)
}

// routes are the operations of this door.
func routes() []*route {
	return slices.Concat(entityRoutes(), memberRoutes(), listRoutes(), discrepancyRoutes(), diffRoutes(), viewRoutes(), targetRoutes(), questionRoutes(), referenceRoutes(), bookRoutes(), verifyRoutes(), exportRoutes())
}

func entityRoutes() []*route {
	return []*route{
		{
			method: http.MethodGet, path: "/v1/households/{id}", id: "household", summary: "A household's support status",
			parameters: whose(domain.HouseholdKind), gives: projections.HouseholdAnswer{}, kinds: aboutEntity(), serve: (*API).serveHousehold,
		},
		{
			method: http.MethodGet, path: "/v1/households/{id}/timeline", id: "household-timeline", summary: "What was recorded of a household",
			detail:     "Composed through membership: its own facts, its members' and its dwelling's while they are its own, its community's and that community's facilities' while it lives there.",
			parameters: whose(domain.HouseholdKind), gives: projections.TimelineAnswer{}, kinds: aboutEntity(), serve: (*API).serveTimeline,
		},
		{
			method: http.MethodGet, path: "/v1/persons/{id}", id: "person", summary: "What is known of a person",
			detail:     "Composed over every household that the person belonged to. Sealed fields stay closed.",
			parameters: whose(domain.PersonKind), gives: projections.PersonAnswer{}, kinds: aboutEntity(), serve: (*API).servePerson,
		},
		{
			method: http.MethodGet, path: "/v1/persons/{id}/timeline", id: "person-timeline", summary: "What was recorded of a person",
			parameters: whose(domain.PersonKind), gives: projections.TimelineAnswer{}, kinds: aboutEntity(), serve: (*API).servePersonTimeline,
		},
		{
			method: http.MethodGet, path: "/v1/communities/{id}", id: "community", summary: "What is known of a resettlement community",
			detail:     "Its record, the facilities that serve it, its projects, and the households that live there, by state.",
			parameters: whose(domain.CommunityKind), gives: projections.CommunityAnswer{}, kinds: aboutEntity(), serve: (*API).serveCommunity,
		},
		{
			method: http.MethodGet, path: "/v1/communities/{id}/timeline", id: "community-timeline", summary: "What was recorded of a community, its facilities and projects",
			parameters: whose(domain.CommunityKind), gives: projections.TimelineAnswer{}, kinds: aboutEntity(), serve: (*API).serveCommunityTimeline,
		},
	}
}

// aboutEntity are the refusals of a question about one entity.
func aboutEntity() []problemKind {
	return []problemKind{unknownEntity, ambiguousNumber, notReached, viewsStopped, notVerified}
}

func listRoutes() []*route {
	return []*route{
		{
			method: http.MethodGet, path: "/v1/households", id: "households", summary: "Households of a division by state, level or what is overdue, a page at a time",
			parameters: listParameters(), gives: projections.HouseholdList{}, kinds: []problemKind{notReached, viewsStopped, notVerified}, serve: (*API).serveHouseholds,
		},
		{
			method: http.MethodGet, path: "/v1/divisions/{code}/board", id: "board", summary: "A division's households counted by state, level and what is overdue, and its totals",
			parameters: append([]parameter{inPath("code", "the division: 2, 4, 6, 9 or 12 digits", text(divisionForm, "520603"))}, asOfParameters()...),
			gives:      projections.BoardAnswer{}, kinds: []problemKind{notReached, viewsStopped, notVerified}, serve: (*API).serveBoard,
		},
		{
			method: http.MethodPost, path: "/v1/lookup", id: "lookup", summary: "The id behind an official number, code or name",
			detail: "The safe way: a body stays out of the logs of proxies. Numbers can be looked up, never listed.",
			body:   lookupRequest{}, gives: lookupAnswer{}, kinds: []problemKind{badBody, tooLarge, tooSlow, unknownEntity, ambiguousNumber}, serve: (*API).serveLookup,
		},
		{
			method: http.MethodGet, path: "/v1/events", id: "events", summary: "The events, one a line, byte for byte as they stand in the log",
			detail: "With follow=true it goes on with what is recorded later, and sends an empty line every fifteen seconds, which a reader skips, so that proxies keep it open. A client that takes nothing for thirty seconds is left; it comes back with after. Where neither stream nor book proves an event the answer ends: with the problem unverified, which names the places, as the whole answer or, after events were sent, as the last line of an answer that is then broken off. Reading goes on behind it with after.",
			parameters: []parameter{
				query("after", "only events after these positions", text(positionForm, "ANJU-52:12345")),
				query("type", "only this type", text("", "job.placed")),
				query("subject", "only those under this subject: the id of a household, community, facility, …, bare or with its kind", text("", "household/h7k2m9qx4w1tz")),
				query("division", "only those of this division and what lies in it", text(divisionForm, "5206")),
				query("since", "only those recorded since", text(momentForm, "2021-06-30")),
				query("follow", "true: go on for ever", &huma.Schema{Type: huma.TypeString, Enum: []any{"true", "false"}}),
			},
			media: "application/x-ndjson", schema: &huma.Schema{Ref: "#/components/schemas/Event"}, kinds: []problemKind{notVerified}, serve: (*API).serveEvents,
		},
	}
}

// listParameters are the filters of a list of households: one for each dimension beside the others.
func listParameters() []parameter {
	all := []parameter{
		query("division", "only this division and what lies in it", text(divisionForm, "520603")),
		query("state", "only this overall state", oneOf(domain.StateTerms())),
		query("stale", "only where what this dimension rests on is stale", oneOf(domain.DimensionTerms())),
		query("overdue", "only where this is overdue", oneOf(domain.OverdueKinds())),
		query("cursor", "the cursor of the page before", text("", "h7k2m9qx4w1tz")),
		query("limit", "households on a page, 1 to 1000; 100 by default", text("^[0-9]+$", "100")),
	}
	all = append(all, asOfParameters()...)
	for _, d := range domain.Dimensions() {
		all = append(all, query(d.String(), "only this level of "+d.Label().EN+" ("+d.Label().ZH+")", oneOf(d.Levels())))
	}
	return all
}

// oneOf is the schema of a code of a list.
func oneOf(terms []domain.Term) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, t := range terms {
		if t.Code != "" {
			s.Enum = append(s.Enum, t.Code)
		}
	}
	return s
}

// anyObject is the schema of a JSON object that describes itself.
func anyObject() *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

func referenceRoutes() []*route {
	return []*route{
		{
			method: http.MethodGet, path: "/v1/ledger", id: "ledger", summary: "The streams: what is on disk, what the views have read, and alarms",
			gives: ledgerAnswer{}, serve: (*API).serveLedger,
		},
		{
			method: http.MethodGet, path: "/v1/kinds", id: "kinds", summary: "The types of facts that can be recorded",
			gives: []kindEntry{}, serve: (*API).serveKinds,
		},
		{
			method: http.MethodGet, path: "/v1/schemas/{type}", id: "schema", summary: "The JSON Schema of a type's payload",
			parameters: []parameter{inPath("type", "the type", oneOf(types()))},
			media:      "application/schema+json", schema: anyObject(),
			kinds: []problemKind{unknownEntity}, serve: (*API).serveSchema,
		},
		{
			method: http.MethodGet, path: "/v1/measures", id: "measures", summary: "The working measures, with their source and date; none of the wording is official",
			gives: domain.Measures{}, serve: (*API).serveMeasures,
		},
		{
			method: http.MethodGet, path: "/v1/parameters", id: "parameters", summary: "The cut-offs of the status rules, with their sources; none is official",
			parameters: []parameter{query("parameters", "the set's name; by default the one in force", text("", "anju-2021-1"))},
			gives:      parametersAnswer{}, serve: (*API).serveParameters,
		},
		{
			method: http.MethodGet, path: "/healthz", id: "health", summary: "The process answers", gives: wordAnswer{}, serve: (*API).serveHealth,
		},
		{
			method: http.MethodGet, path: "/readyz", id: "ready", summary: "Every door may write and the views follow", gives: readyAnswer{},
			kinds: []problemKind{needsOperator, viewsStopped, notVerified}, serve: (*API).serveReady,
		},
	}
}
