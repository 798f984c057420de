package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/anju-ledger/anju/events/book"
)

// sizeMedia is the type of the answer that names a size (C2SP tlog-witness).
const sizeMedia = "text/x.tlog.size"

// addPath follows the submission prefix.
const addPath = "/add-checkpoint"

// Handler answers POST /add-checkpoint. Its address, without that, is the submission prefix.
func (w *Witness) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+addPath, w.serve)
	return mux
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
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(q)
	if err != nil {
		return none, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxRequest))
	if err != nil {
		return none, err
	}
	if resp.StatusCode != http.StatusOK {
		return none, refusalOf(resp, answer)
	}
	return book.CosignatureOf(append(bytes.Clone(r.Checkpoint), answer...), c.Key)
}

// maxShown bounds what is repeated of a witness's words.
const maxShown = 200

// refusalOf reads an answer that is no cosignature.
func refusalOf(resp *http.Response, answer []byte) error {
	text := strings.TrimSpace(string(answer[:min(len(answer), maxShown)]))
	if resp.StatusCode != http.StatusConflict {
		return &Refusal{Status: resp.StatusCode, Text: strings.ToValidUTF8(text, "?")}
	}
	size, err := parseSize(text)
	if err != nil {
		return fmt.Errorf("the witness answers 409 without a size: %w", err)
	}
	return &Refusal{Status: resp.StatusCode, Size: size}
}
