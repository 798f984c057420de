package main

type replayCommand struct {
	target
	Type     string `help:"Only this type, such as job.placed."`
	Subject  string `help:"Only this subject, such as household/h7k2m9qx4w1tz."`
	Division string `help:"Only this division, such as 520603."`
	After    string `help:"Only what stands after this position, such as ANJU-52:12345."`
	Since    string `help:"Only what was recorded since this date or RFC 3339 time."`
	Follow   bool   `help:"Go on with what is recorded from now on."`
}

// Run prints events, one a line, as they stand in the log.
func (c replayCommand) Run(s *session) error {
	follow := ""
	if c.Follow {
		follow = "true"
	}
	q := query(map[string]string{
		"type": c.Type, "subject": c.Subject, "division": c.Division, "after": c.After, "since": c.Since, "follow": follow,
	})
	return c.with(s, func(base string) error {
		return call(s, "GET", base+"/v1/events?"+q, "", nil)
	})
}

type ledgerCommand struct{ target }

// Run prints the streams, their durable positions and alarms.
func (c ledgerCommand) Run(s *session) error {
	return c.with(s, func(base string) error { return call(s, "GET", base+"/v1/ledger", "", nil) })
}
