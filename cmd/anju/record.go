package main

import (
	"bufio"
	"io"
	"os"
)

type recordCommand struct {
	target
	Department string `required:"" help:"The recording department, such as hrss."`
	Division   string `required:"" help:"Its division, such as 520603."`
	Atomic     bool   `help:"Record all events as one set, or none."`
	File       string `arg:"" optional:"" help:"CloudEvents, one a line, or one JSON array; default: standard input."`
}

// Run records events and prints a receipt or problem for each.
func (c recordCommand) Run(s *session) error {
	in := s.in
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	body := bufio.NewReader(in)
	contentType := "application/x-ndjson"
	if first, err := body.Peek(1); err == nil && first[0] == '[' {
		contentType = "application/cloudevents-batch+json"
	} else if err != nil && err != io.EOF {
		return err
	}
	atomic := ""
	if c.Atomic {
		atomic = "true"
	}
	q := query(map[string]string{"department": c.Department, "division": c.Division, "atomic": atomic})
	return c.with(s, func(base string) error {
		return call(s, "POST", base+"/v1/events?"+q, contentType, body)
	})
}
