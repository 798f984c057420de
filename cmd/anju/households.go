package main

import "net/url"

type timelineCommand struct {
	target
	At       string `help:"Up to this date; default now."`
	AtLeast  string `name:"at-least" help:"Wait for this position, such as ANJU-52:12345."`
	Division string `help:"The county in which an official number is looked up."`
	ID       string `arg:"" help:"A household's id or official number."`
}

// Run prints what was recorded of a household, in the order in which it was true.
func (c timelineCommand) Run(s *session) error {
	q := query(map[string]string{"at": c.At, "at_least": c.AtLeast, "division": c.Division})
	return c.with(s, func(base string) error {
		return call(s, "GET", base+"/v1/households/"+url.PathEscape(c.ID)+"/timeline?"+q, "", nil)
	})
}

type householdsCommand struct {
	target
	Division string            `help:"Only this division, such as 520603."`
	State    string            `help:"Only this overall state, such as at_risk."`
	Level    map[string]string `help:"Only this level of a dimension, such as housing=vacant; several by \";\"."`
	Overdue  string            `help:"Only with something overdue of this kind, such as visit."`
	At       string            `help:"As of this date; default now."`
	AtLeast  string            `name:"at-least" help:"Wait for this position, such as ANJU-52:12345."`
	Cursor   string            `help:"The cursor of the page before."`
	Limit    string            `help:"Households on a page, 1 to 1000; default 100."`
}

// Run prints a page of households.
func (c householdsCommand) Run(s *session) error {
	pairs := map[string]string{}
	for dimension, level := range c.Level {
		pairs[dimension] = level
	}
	for name, value := range map[string]string{
		"division": c.Division, "state": c.State, "overdue": c.Overdue, "at": c.At, "at_least": c.AtLeast,
		"cursor": c.Cursor, "limit": c.Limit,
	} {
		pairs[name] = value
	}
	return c.with(s, func(base string) error {
		return call(s, "GET", base+"/v1/households?"+query(pairs), "", nil)
	})
}
