package main

import "net/url"

type statusCommand struct {
	target
	At       string `help:"As of this date; default now."`
	AtLeast  string `name:"at-least" help:"Wait for this position, such as ANJU-52:12345."`
	Division string `help:"The county in which an official number is looked up."`
	ID       string `arg:"" help:"A household's id or official number."`
}

// Run prints a household's status as of a day.
func (c statusCommand) Run(s *session) error {
	q := query(map[string]string{"at": c.At, "at_least": c.AtLeast, "division": c.Division})
	return c.with(s, func(base string) error {
		return call(s, "GET", base+"/v1/households/"+url.PathEscape(c.ID)+"?"+q, "", nil)
	})
}

type boardCommand struct {
	target
	At       string `help:"As of this date; default now."`
	AtLeast  string `name:"at-least" help:"Wait for this position, such as ANJU-52:12345."`
	Division string `arg:"" help:"A division code, such as 520603."`
}

// Run prints the board of a division as of a day.
func (c boardCommand) Run(s *session) error {
	q := query(map[string]string{"at": c.At, "at_least": c.AtLeast})
	return c.with(s, func(base string) error {
		return call(s, "GET", base+"/v1/divisions/"+url.PathEscape(c.Division)+"/board?"+q, "", nil)
	})
}
