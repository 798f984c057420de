package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/anju-ledger/anju/events/book"
)

// sizeMedia is the type of the answer that names a size (C2SP tlog-witness).
const sizeMedia = "text/x.tlog.size"

// What follows the submission prefix.
const (
	addPath  = "/add-checkpoint"
	lastPath = "/checkpoint" // ours
)

// Handler answers POST /add-checkpoint. Its address, without that, is the submission prefix.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+addPath, w.serve)
	mux.HandleFunc("GET "+lastPath, w.serveLast)
	return mux
}

// serveLast gives the last checkpoint that the witness cosigned of a log, ?origin=…, with both signatures. C2SP
// tlog-witness leaves open how that is asked; a ledger that lost its folder needs it.
func (w *Witness) serveLast(rw http.ResponseWriter, q *http.Request) {
	l, known := w.logs[q.URL.Query().Get("origin")]
	if !known {
		http.Error(rw, "the witness does not know this log", http.StatusNotFound)
		return
	}
	l.mu.Lock()
	kept, err := os.ReadFile(l.path)
	l.mu.Unlock()
	if err != nil {
		http.Error(rw, "the witness has cosigned nothing of this log", http.StatusNotFound)
		return
	}
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = rw.Write(kept) // the client has gone: it asks again
}

func (w *Witness) serve(rw http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, q.Body, maxRequest))
	if err != nil {
		http.Error(rw, "a request has at most 64 KiB", http.StatusBadRequest)
		return
	}
	var r Request
	if err := r.UnmarshalText(body); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	c, err := w.Add(&r)
	var refused *Refusal
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusConflict:
		rw.Header().Set("Content-Type", sizeMedia)
		rw.WriteHeader(refused.Status)
		fmt.Fprintf(rw, "%d\n", refused.Size)
	case errors.As(err, &refused):
		http.Error(rw, refused.Text, refused.Status)
	case err != nil:
		http.Error(rw, "the witness's disk fails", http.StatusInternalServerError)
	default:
		rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(rw, c.Line) // the client has gone: it asks again
	}
}

// Client asks one witness. It may be used concurrently.
type Client struct {
	URL  string          // the submission prefix
	Key  book.WitnessKey // the only one that is believed
	HTTP *http.Client    // nil = http.DefaultClient
}

// Add asks for a cosignature of a checkpoint, and checks it before it believes it. A *Refusal is the
// witness's no; any other error says that there was no answer to be believed.
func (c *Client) Add(ctx context.Context, r *Request) (none book.Cosignature, err error) {
	body, err := r.MarshalText()
	if err != nil {
		return none, err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+addPath, bytes.NewReader(body))
	if err != nil {
		return none, err
	}
	q.Header.Set("Content-Type", "text/plain; charset=utf-8")
	status, answer, err := c.do(q)
	if err != nil {
		return none, err
	}
	if status != http.StatusOK {
		return none, refusalOf(status, answer)
	}
	return book.CosignatureOf(append(bytes.Clone(r.Checkpoint), answer...), c.Key)
}

// Last asks for the last checkpoint of a log that the witness cosigned, and checks both signatures; nil when it has
// cosigned none, or does not tell.
func (c *Client) Last(ctx context.Context, logKey string) ([]byte, error) {
	v, err := note.NewVerifier(logKey)
	if err != nil {
		return nil, err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(c.URL, "/")+lastPath+"?origin="+url.QueryEscape(v.Name()), nil)
	if err != nil {
		return nil, err
	}
	status, text, err := c.do(q)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK:
		return nil, refusalOf(status, text)
	}
	if _, err := book.OpenCheckpoint(text, logKey); err != nil {
		return nil, err
	}
	_, err = book.CosignatureOf(text, c.Key)
	return text, err
}

// do asks and reads the answer, which is small.
func (c *Client) do(q *http.Request) (status int, answer []byte, err error) {
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxRequest))
	return resp.StatusCode, answer, err
}

// maxShown bounds what is repeated of a witness's words.
const maxShown = 200

// refusalOf reads an answer that is no cosignature.
func refusalOf(status int, answer []byte) error {
	text := strings.TrimSpace(string(answer[:min(len(answer), maxShown)]))
	if status != http.StatusConflict {
		return &Refusal{Status: status, Text: strings.ToValidUTF8(text, "?")}
	}
	size, err := parseSize(text)
	if err != nil {
		return fmt.Errorf("the witness answers 409 without a size: %w", err)
	}
	return &Refusal{Status: status, Size: size}
}
