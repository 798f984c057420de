package main

import "net/url"

type proveCommand struct {
	target
	Event string `arg:"" placeholder:"EVENT" help:"The event's id, or where it stands, as its receipt says: ANJU-52:12345. 事件编号或回执中的位置。"`
}

// Help shows an example.
func (proveCommand) Help() string {
	return `Prints a C2SP tlog-proof with the event's bytes, the way to the root of a signed checkpoint, and that checkpoint. Check it with "anju verify proof", offline.
输出可离线核对的证明。

  anju prove ANJU-52:12345 > event.tlog-proof`
}

// Run prints the proof of an event.
func (c proveCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		return copyBody(s, get(base+"/v1/events/"+url.PathEscape(c.Event)+"/proof", nil))
	})
}
