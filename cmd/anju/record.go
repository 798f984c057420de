package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

type recordCommand struct {
	target
	Department string `required:"" placeholder:"CODE" help:"The recording department, such as hrss. 记录部门。"`
	Division   string `required:"" placeholder:"CODE" help:"Its division, such as 520603. 其区划。"`
	Atomic     bool   `help:"Record all events as one set, or none. 全部记录或全部不记录。"`
	File       string `arg:"" optional:"" help:"One CloudEvent, an array of them, or one a line; default: standard input. 事件文件。"`
}

// Help shows an example.
func (recordCommand) Help() string {
	return `Each event gets a receipt or is refused; the same event again gets its first receipt, so repeating is harmless. Exit code 1 when any was refused; those that have a receipt are recorded.

每条事件得到回执或被拒绝；重复提交只得到原回执。任何一条被拒绝时退出码为 1。

  anju record --department hrss --division 520603 events.ndjson

where a line of events.ndjson is such as

  {"type":"training.completed","key":"t/1","time":"2021-03-05","data":{"person":{"number":"52060390000201"},"course":"缝纫"}}`
}

// Run records events and prints a receipt or problem for each.
func (c recordCommand) Run(s *session) error {
	in := s.in
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return unreadable(c.File, err)
		}
		defer f.Close()
		in = f
	} else if s.terminal.in {
		fmt.Fprintln(s.err, "请输入事件，以 Ctrl-D 结束 / type events, and end by Ctrl-D")
	}
	body := bufio.NewReaderSize(in, headBytes)
	contentType, err := contentTypeOf(body)
	if err != nil {
		return unreadable(c.File, err)
	}
	pairs := map[string]string{"department": c.Department, "division": c.Division}
	if c.Atomic {
		pairs["atomic"] = "true"
	}
	return c.withNew(s, func(base string) error {
		resp, err := open(s, question{http.MethodPost, base + "/v1/events?" + query(pairs), contentType, body})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return printAnswers(s, resp.Body)
	})
}

// headBytes is how much is looked at to tell one document from a list of lines: more than an event has.
const headBytes = 64 << 10

// contentTypeOf tells what a body is: the first line of NDJSON is a JSON object, whole.
func contentTypeOf(body *bufio.Reader) (string, error) {
	head, err := body.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = bytes.TrimLeft(head, " \t\r\n")
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	switch {
	case len(head) > 0 && head[0] == '[':
		return "application/cloudevents-batch+json", nil
	case jsontext.Value(line).IsValid():
		return "application/x-ndjson", nil
	}
	return "application/cloudevents+json", nil
}

// printAnswers prints the answers as they come, and fails when one is a refusal.
func printAnswers(s *session, body io.Reader) error {
	counts := map[string]int{}
	if s.json {
		body = io.TeeReader(body, s.out)
	}
	dec := jsontext.NewDecoder(body)
	for at := 1; ; {
		value, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		answers := []jsontext.Value{value}
		if value.Kind() == '[' {
			if err := json.Unmarshal(value, &answers); err != nil {
				return err
			}
		}
		for _, answer := range answers {
			what, line, err := answerLine(answer)
			if err != nil {
				return err
			}
			counts[what]++
			if !s.json {
				fmt.Fprintf(s.out, "%d  %s  %s\n", at, what, line)
			}
			at++
		}
	}
	return countedAnswers(s, counts)
}

// What became of an event.
const (
	wasRecorded = "已记录 recorded"
	wasThere    = "已有   already "
	wasRefused  = "被拒绝 refused "
)

// answerLine reads the answer to one event: a receipt has a position, a problem a status.
func answerLine(answer jsontext.Value) (what, line string, err error) {
	var a struct {
		Position string                   `json:"position"`
		ID       string                   `json:"id"`
		Already  bool                     `json:"already"`
		IDs      map[string]domain.Entity `json:"ids"`
		Status   int                      `json:"status"`
		Existing *intake.Receipt          `json:"existing"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return "", "", err
	}
	if a.Status >= http.StatusBadRequest {
		line = problemText("", answer).Error()
		if a.Existing != nil {
			line += fmt.Sprintf(" (%s)", a.Existing.Position)
		}
		return wasRefused, line, nil
	}
	line = a.Position + "  " + a.ID
	for _, pointer := range slices.Sorted(maps.Keys(a.IDs)) {
		line += "  " + pointer + "=" + a.IDs[pointer].String()
	}
	if a.Already {
		return wasThere, line, nil
	}
	return wasRecorded, line, nil
}

func countedAnswers(s *session, counts map[string]int) error {
	if !s.json {
		fmt.Fprintf(s.out, "记录 recorded %d | 已有 already there %d | 拒绝 refused %d\n", counts[wasRecorded], counts[wasThere], counts[wasRefused])
	}
	if counts[wasRefused] > 0 {
		return errRefused
	}
	return nil
}
