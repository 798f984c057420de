package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// verifyServer verifies the streams of a running server: their books are read over HTTP and checked
// here, with the keys that were given; then the server compares its streams with them.
func verifyServer(s *session, v *verifying, t target, keys string) (reports []events.VerifyReport, err error) {
	base := serverOf(t.Server)
	var ledger ledgerAnswer
	if err := fetch(s.plain(), get(base+"/v1/ledger", nil), &ledger); err != nil {
		return nil, err
	}
	for _, st := range ledger.Streams {
		key, trusted, err := keyOfServer(s, base, st.Stream, keys)
		if err != nil {
			return nil, err
		}
		tree, err := events.VerifyTree(s.ctx, serverFetch(s, base+"/book/"+st.Stream+"/"), key, func(done, all uint64) { v.progress(st.Stream, done, all) })
		if errors.Is(err, events.ErrNoTree) && st.Durable == 0 {
			continue // nothing was recorded in it
		}
		if err != nil {
			return nil, err
		}
		compared, err := askVerify(s, base, st.Stream, v)
		if err != nil {
			return nil, err
		}
		report := merged(tree, compared)
		if !trusted {
			report.Notes = append(report.Notes, domain.Text{
				ZH: "公钥取自服务本身：用 --key 给出事先取得的公钥", EN: "the key came from the server itself: give one that you got elsewhere by --key",
			})
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// keyOfServer picks a stream's key from those given, or asks the server for it.
func keyOfServer(s *session, base, stream, keys string) (key string, trusted bool, err error) {
	if keys != "" {
		key, err = events.KeyOf(keys, stream)
		return key, true, err
	}
	text, err := fetchBytes(s, base+"/book/"+stream+"/key")
	if err != nil {
		return "", false, err
	}
	key, err = readKeys(string(text))
	return key, false, err
}

// merged is one report of what was found here and at the server.
func merged(here, there events.VerifyReport) events.VerifyReport {
	for _, f := range there.Findings {
		known := slices.ContainsFunc(here.Findings, func(h events.Finding) bool {
			return h.In == f.In && h.From == f.From && h.To == f.To
		})
		if !known {
			here.Findings = append(here.Findings, f)
		}
	}
	here.More += there.More
	here.Events = max(here.Events, there.Events)
	here.OK = here.OK && there.OK
	return here
}

// verifyStep is a line of the answer of POST /v1/ledger/verify.
type verifyStep struct {
	Done   uint64               `json:"done"`
	All    uint64               `json:"all"`
	Report *events.VerifyReport `json:"report"`
	Error  string               `json:"error"`
}

// errUnfinished reports an answer that ended before the report came.
var errUnfinished = errors.New("服务未完成核对：请看其日志，再试一次 / the server did not finish: look at its log, and try again")

// askVerify lets a server compare a stream with its book.
func askVerify(s *session, base, stream string, v *verifying) (events.VerifyReport, error) {
	resp, err := open(s.plain(), question{method: http.MethodPost, address: base + "/v1/ledger/verify?" + query(map[string]string{"stream": stream})})
	if err != nil {
		return events.VerifyReport{}, err
	}
	defer resp.Body.Close()
	lines := jsontext.NewDecoder(resp.Body)
	for {
		var step verifyStep
		err := json.UnmarshalDecode(lines, &step)
		switch {
		case errors.Is(err, io.EOF):
			return events.VerifyReport{}, errUnfinished
		case err != nil:
			return events.VerifyReport{}, err
		case step.Error != "":
			return events.VerifyReport{}, fmt.Errorf("%w: %s", errUnfinished, step.Error)
		case step.Report != nil:
			return *step.Report, nil
		}
		v.progress(stream+" ", step.Done, step.All)
	}
}

// fetchBytes asks and returns the body.
func fetchBytes(s *session, address string) ([]byte, error) {
	resp, err := open(s.plain(), get(address, nil))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return readBounded(resp.Body)
}

// A tile of entries is the largest that is fetched: 256 of 65,535 bytes with their lengths. A server that sends
// more, or nothing for this long, is no book.
const (
	maxFetched = 256 * 65_537
	fetchWait  = 30 * time.Second
)

// errTooMuch reports an answer that no book gives.
var errTooMuch = fmt.Errorf("账本的应答超过 %d 字节，不是账册文件：请核对 --server 地址 / the answer is longer than %d bytes, which no file of a book is: check the address of --server", maxFetched, maxFetched)

// readBounded reads a body that is not trusted.
func readBounded(body io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(body, maxFetched+1))
	if err == nil && len(b) > maxFetched {
		err = errTooMuch
	}
	return b, err
}

// fetchesAtOnce bounds the connections that are kept for the next tiles: an audit asks for several at
// a time.
const fetchesAtOnce = 16

// serverFetch fetches the resources of a static tree from a server. What the server cannot give
// because it is damaged there is not there.
func serverFetch(s *session, base string) events.Fetch {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: fetchesAtOnce, IdleConnTimeout: idleWait}
	client := &http.Client{Transport: transport}
	return func(path string) ([]byte, error) {
		ctx, cancel := context.WithTimeout(s.ctx, fetchWait)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			return nil, err
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, fmt.Errorf("账本没有应答 / the ledger does not answer: %w", withoutAddress(err))
		}
		defer resp.Body.Close()
		body, err := readBounded(resp.Body)
		switch {
		case err != nil:
			return nil, err
		case resp.StatusCode == http.StatusNotFound:
			return nil, fs.ErrNotExist
		case resp.StatusCode != http.StatusOK && damagedThere(body):
			return nil, fs.ErrNotExist
		case resp.StatusCode != http.StatusOK:
			return nil, problemText(resp.Status, body)
		}
		return body, nil
	}
}

// damagedThere says that a problem document tells of damage that only an operator can mend.
func damagedThere(body []byte) bool {
	var p struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return false
	}
	kind := p.Type[strings.LastIndexByte(p.Type, '/')+1:]
	return kind == "unverified" || kind == "needs-operator"
}
