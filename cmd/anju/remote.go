package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// target says which ledger a command asks: a running server, or a folder that it opens itself.
type target struct {
	Server string `default:"http://127.0.0.1:8420" placeholder:"URL" help:"Ask this running server. 运行中的服务。"`
	Dir    string `type:"path" placeholder:"DIR" help:"Open this folder instead of asking a server. 直接打开账本目录。"`
}

// with calls use with the address of the ledger. A folder that holds none is refused and left as it is.
func (t target) with(s *session, use func(base string) error) error {
	if t.Dir != "" {
		if err := events.CheckLedger(t.Dir); err != nil {
			return fmt.Errorf("%s：%w", t.Dir, atRest(err))
		}
	}
	return t.withNew(s, use)
}

// withNew is with for commands that record: a folder without a ledger gets one.
func (t target) withNew(s *session, use func(base string) error) error {
	if t.Dir == "" {
		server := serverOf(t.Server)
		if err := remember(s, server); err != nil {
			return err
		}
		return use(server)
	}
	n, err := startNode(s, nodeConfig{Dir: t.Dir, Listen: "127.0.0.1:0"})
	if errors.Is(err, events.ErrInUse) {
		return fmt.Errorf("账本目录正被另一进程使用：请去掉 --dir，用 --server 指向它的地址 / a process holds the folder: leave --dir out and name its address by --server: %w", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(use(n.url), n.close())
}

// moment is the two axes of an answer, and how far the ledger must have been read for it.
type moment struct {
	AsOf    string `name:"as-of" placeholder:"DATE" help:"As it was in the world on this date, such as 2021-06-30; default today. 截至日期。"`
	KnownAt string `name:"known-at" placeholder:"TIME" help:"As it was known then: what was recorded by the end of this date, or by this moment; default all that is recorded. 按当时已记录的。"`
	At      string `placeholder:"DATE" help:"The older name of --as-of. 即 --as-of。"`
	AtLeast string `name:"at-least" placeholder:"POS" help:"Wait for this position, such as ANJU-52:12345. 等待读到该位置。"`
	Set     string `name:"parameters" placeholder:"NAME" help:"Judged by this parameter set, one of \"anju views\"; default the one in force. 参数集。"`
}

// pairs are the parameters of a question.
func (m moment) pairs() map[string]string {
	return map[string]string{"as_of": m.AsOf, "known_at": m.KnownAt, "at": m.At, "at_least": m.AtLeast, "parameters": m.Set}
}

// countyFlag is where official numbers are looked up.
type countyFlag struct {
	Division string `placeholder:"CODE" help:"The county of an official number, such as 520603. 户编号等所在的县。"`
}

// question is one request to the ledger.
type question struct {
	method, address string
	contentType     string
	body            io.Reader
}

func get(address string, pairs map[string]string) question {
	if q := query(pairs); q != "" {
		address += "?" + q
	}
	return question{method: http.MethodGet, address: address}
}

// query writes the parameters that have a value.
func query(pairs map[string]string) string {
	v := url.Values{}
	for name, value := range pairs {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// errRefused ends a command whose answer, already printed, says what was refused.
var errRefused = errors.New("未通过 / refused")

// open sends a request. A problem document is the error: as it came when JSON is wanted, as a
// sentence otherwise. The caller closes the body.
func open(s *session, q question) (*http.Response, error) {
	req, err := http.NewRequestWithContext(s.ctx, q.method, q.address, q.body)
	if err != nil {
		return nil, err
	}
	if q.contentType != "" {
		req.Header.Set("Content-Type", q.contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		if s.ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, fmt.Errorf("账本没有应答：请启动 anju serve，或用 --dir 指定目录 / the ledger does not answer: start \"anju serve\", or name a folder by --dir: %w", withoutAddress(err))
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if s.json {
		s.out.Write(body) //nolint:errcheck // outlet remembers a closed pipe
		return nil, errRefused
	}
	return nil, problemText(resp.Status, body)
}

// plain is the session for questions whose answers are not printed as they come.
func (s *session) plain() *session {
	copied := *s
	copied.json = false
	return &copied
}

// withoutAddress leaves out of an error the address that was asked: it may hold a number.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// errInterrupted ends a command that was stopped by a signal.
var errInterrupted = errors.New("已中断 / interrupted")

// fetch asks and decodes the answer.
func fetch(s *session, q question, answer any) error {
	resp, err := open(s, q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.UnmarshalRead(resp.Body, answer)
}

// show asks and prints the answer: the very body as JSON, otherwise by print.
func show[T any](s *session, q question, print func(s *session, answer T)) error {
	if s.json {
		return copyBody(s, q)
	}
	var answer T
	if err := fetch(s, q, &answer); err != nil {
		return err
	}
	print(s, answer)
	return nil
}

// copyBody prints an answer as it comes.
func copyBody(s *session, q question) error {
	resp, err := open(s, q)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(s.out, resp.Body)
	if err == nil && s.terminal.out {
		fmt.Fprintln(s.out)
	}
	return err
}

// find returns the id of who is meant. An official number is looked up in its county, by a body
// and not by an address, so that no log of addresses keeps it.
func find(s *session, base string, kind domain.EntityKind, division, who string) (string, error) {
	if _, err := domain.ParseEntity(who); err == nil {
		return who, nil
	}
	if division == "" {
		return "", fmt.Errorf("这不是编号（id）；官方编号须用 --division 给出所在的县 / this is no id (%s and 12 characters); of an official number give the county by --division", string(rune(kind)))
	}
	body, err := json.Marshal(map[string]string{"kind": kind.String(), "number": who, "division": division})
	if err != nil {
		return "", err
	}
	var found struct {
		ID string `json:"id"`
	}
	err = fetch(s, question{http.MethodPost, base + "/v1/lookup", "application/json", bytes.NewReader(body)}, &found)
	return found.ID, err
}
