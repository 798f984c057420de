package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// target says which ledger a command asks: a running server, or a folder that it opens itself.
type target struct {
	Server string `default:"http://127.0.0.1:8420" help:"A running server."`
	Dir    string `type:"path" help:"Open this folder instead of asking a server."`
}

// with calls use with the address of the ledger.
func (t target) with(s *session, use func(base string) error) error {
	if t.Dir == "" {
		return use(strings.TrimSuffix(t.Server, "/"))
	}
	n, err := startNode(s.ctx, t.Dir, "127.0.0.1:0", -1)
	if err != nil {
		return err
	}
	return errors.Join(use(n.url), n.close())
}

// errRefused ends a command whose answer, already printed, says what was refused.
var errRefused = errors.New("refused / 未通过")

// call sends one request and copies the answer's body to s.out.
func call(s *session, method, address, contentType string, body io.Reader) error {
	req, err := http.NewRequestWithContext(s.ctx, method, address, body)
	if err != nil {
		return err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the ledger does not answer: start \"anju serve\", or name a folder by --dir: %w", err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(s.out, resp.Body); err != nil && s.ctx.Err() == nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		fmt.Fprintln(s.out)
		return errRefused
	}
	return nil
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
