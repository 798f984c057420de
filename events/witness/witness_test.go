package witness

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/events/book"
)

const origin = "anju/test/ANJU-52"

// history is a log of small entries.
type history struct {
	key      book.Key
	verifier string
	hashes   []book.Hash // stored hashes of tlog
	size     uint64
}

func newHistory(t testing.TB) *history {
	h := &history{key: book.NewKey(make([]byte, 32))}
	var err error
	h.verifier, err = h.key.Verifier(origin)
	require.NoError(t, err)
	return h
}

// ReadHashes implements tlog.HashReader.
func (h *history) ReadHashes(indexes []int64) ([]book.Hash, error) {
	out := make([]book.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = h.hashes[at]
	}
	return out, nil
}

// fork is a log that goes on by itself from here.
func (h *history) fork() *history {
	f := *h
	f.hashes = append([]book.Hash(nil), h.hashes...)
	return &f
}

func (h *history) add(t testing.TB, entries ...string) *history {
	for _, e := range entries {
		hashes, err := tlog.StoredHashes(int64(h.size), []byte(e), h)
		require.NoError(t, err)
		h.hashes = append(h.hashes, hashes...)
		h.size++
	}
	return h
}

func (h *history) head(t testing.TB) book.Head {
	root, err := tlog.TreeHash(int64(h.size), h)
	require.NoError(t, err)
	return book.Head{Size: h.size, Root: root}
}

// asks is a right request from an old size.
func (h *history) asks(t testing.TB, old uint64) *Request {
	checkpoint, err := h.key.Sign(origin, h.head(t))
	require.NoError(t, err)
	r := &Request{Old: old, Checkpoint: checkpoint}
	if old > 0 && old < h.size {
		proof, err := tlog.ProveTree(int64(h.size), int64(old), h)
		require.NoError(t, err)
		r.Proof = proof
	}
	return r
}

func openWitness(t testing.TB, dir string, logs ...string) *Witness {
	t.Helper()
	w, err := Open(Config{Dir: dir, Name: "witness.example/w1", Logs: logs})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Close() }) // a test may have closed it
	return w
}

func statusOf(err error) int {
	var refused *Refusal
	if errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

// TestAnswers is the table of C2SP tlog-witness, over HTTP.
func TestAnswers(t *testing.T) {
	long := newHistory(t).add(t, "a", "b", "c")
	two := newHistory(t).add(t, "a", "b")
	other := newHistory(t).add(t, "a", "x", "c")
	wrongKey := newHistory(t).add(t, "a", "b", "c")
	wrongKey.key = book.NewKey([]byte(strings.Repeat("k", 32)))
	unknown := strings.Replace(string(long.asks(t, 2).Checkpoint), "anju/test", "anju/rest", 1)
	text := func(r *Request) string { b, _ := r.MarshalText(); return string(b) }
	empty := newHistory(t)
	notEmpty, err := empty.key.Sign(origin, book.Head{Root: book.Hash{1}})
	require.NoError(t, err)

	cases := []struct {
		name  string
		holds *history // nil = nothing
		body  string
		want  int
		size  string
	}{
		{"the first checkpoint is cosigned", nil, text(long.asks(t, 0)), 200, ""},
		{"one that goes on is cosigned", two, text(long.asks(t, 2)), 200, ""},
		{"the same one is cosigned again", long, text(long.asks(t, 3)), 200, ""},
		{"an empty log is cosigned", nil, text(empty.asks(t, 0)), 200, ""},
		{"an empty log with a root is not", nil, text(&Request{Checkpoint: notEmpty}), 422, ""},
		{"an unknown log", two, "old 2\n\n" + unknown, 404, ""},
		{"another key", two, text(wrongKey.asks(t, 2)), 403, ""},
		{"an old size above the new", long, text(two.asks(t, 3)), 400, ""},
		{"an old size that is not what the witness holds", two, text(long.asks(t, 0)), 409, "2\n"},
		{"a smaller log: rolled back", long, text(two.asks(t, 2)), 409, "3\n"},
		{"another history from the same place", two, text(other.asks(t, 2)), 422, ""},
		{"another history of the same size", long, text(other.asks(t, 3)), 409, "3\n"},
		{"a proof from nothing", nil, text(&Request{Checkpoint: long.asks(t, 0).Checkpoint, Proof: []book.Hash{{}}}), 422, ""},
		{"a proof to the same size", long, text(&Request{Old: 3, Checkpoint: long.asks(t, 0).Checkpoint, Proof: []book.Hash{{}}}), 422, ""},
		{"no proof", two, text(&Request{Old: 2, Checkpoint: long.asks(t, 0).Checkpoint}), 422, ""},
		{"64 lines of proof", two, "old 2\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64) + "\n" + string(long.asks(t, 2).Checkpoint), 400, ""},
		{"a size with a zero before it", two, "old 02\n\n" + string(long.asks(t, 2).Checkpoint), 400, ""},
		{"no checkpoint", two, "old 2\n\n", 400, ""},
		{"no request", two, "", 400, ""},
		{"a body that is too long", two, text(long.asks(t, 2)) + strings.Repeat("x", maxRequest), 400, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := openWitness(t, t.TempDir(), long.verifier)
			if c.holds != nil {
				_, err := w.Add(c.holds.asks(t, 0))
				require.NoError(t, err)
			}
			rec := httptest.NewRecorder()
			w.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", strings.NewReader(c.body)))
			require.Equal(t, c.want, rec.Code, rec.Body.String())
			require.Equal(t, c.want == 200, strings.HasPrefix(rec.Body.String(), "— witness.example/w1 "))
			if c.want == http.StatusConflict {
				require.Equal(t, "text/x.tlog.size", rec.Header().Get("Content-Type"))
				require.Equal(t, c.size, rec.Body.String())
			}
		})
	}
	rec := httptest.NewRecorder()
	openWitness(t, t.TempDir()).Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/add-checkpoint", nil))
	require.Equal(t, http.StatusMethodNotAllowed, rec.Code)
}

// TestARequestOfAPublicLogIsCosigned takes the requests of another implementation's test (sigsum's tree).
func TestARequestOfAPublicLogIsCosigned(t *testing.T) {
	const public = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
	const one = "old 0\n\n" + public + "\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— " + public +
		" UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n"
	const three = "old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" + public +
		"\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n\n— " + public +
		" UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n"
	const five = "old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\nKgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" + public +
		"\n5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n\n— " + public +
		" UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=\n"
	w := openWitness(t, t.TempDir(), public+"+5202289b+Af/cLU2Y5BJNP+r3iMDC+av9eWCD0fBJVDfzAux5zxAP")
	for _, step := range []struct {
		body string
		want int
	}{{one, 0}, {five, 0}, {three, http.StatusConflict}} {
		var r Request
		require.NoError(t, r.UnmarshalText([]byte(step.body)))
		text, err := r.MarshalText()
		require.NoError(t, err)
		require.Equal(t, step.body, string(text))
		_, err = w.Add(&r)
		require.Equal(t, step.want, statusOf(err), err)
	}
}

// TestOfTwoHistoriesOneIsCosigned races two ledgers that share a beginning.
func TestOfTwoHistoriesOneIsCosigned(t *testing.T) {
	start := newHistory(t).add(t, "a", "b")
	w := openWitness(t, t.TempDir(), start.verifier)
	_, err := w.Add(start.asks(t, 0))
	require.NoError(t, err)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	forks := []*history{start.fork(), start.fork()}
	cosigned := make([]int, len(forks))
	var racing sync.WaitGroup
	for i, h := range forks {
		racing.Go(func() {
			c := &Client{URL: server.URL + "/", Key: w.Key()}
			held := start.size
			for n := range 30 {
				h.add(t, fmt.Sprintf("of %d: %d", i, n))
				if _, err := c.Add(t.Context(), h.asks(t, held)); err == nil {
					cosigned[i]++
					held = h.size
				}
			}
		})
	}
	racing.Wait()
	require.Contains(t, [][]int{{30, 0}, {0, 30}}, cosigned)
}

func TestAClientBelievesOnlyTheWitnessItKnows(t *testing.T) {
	h := newHistory(t).add(t, "a")
	w := openWitness(t, t.TempDir(), h.verifier)
	impostor := openWitness(t, t.TempDir(), h.verifier)
	server := httptest.NewServer(impostor.Handler())
	defer server.Close()
	_, err := (&Client{URL: server.URL, Key: w.Key()}).Add(t.Context(), h.asks(t, 0))
	require.ErrorIs(t, err, book.ErrCosignature)
	c, err := (&Client{URL: server.URL, Key: impostor.Key()}).Add(t.Context(), h.asks(t, 1)) // which it holds since it was asked
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), c.At, time.Minute)
	odd := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { http.Error(rw, "1x", http.StatusConflict) }))
	defer odd.Close()
	_, err = (&Client{URL: odd.URL, Key: w.Key()}).Add(t.Context(), h.asks(t, 0))
	require.ErrorIs(t, err, ErrRequest)
}

func TestADamagedWitnessDoesNotOpen(t *testing.T) {
	h := newHistory(t).add(t, "a", "b")
	dir := t.TempDir()
	w := openWitness(t, dir, h.verifier)
	_, err := w.Add(h.asks(t, 0))
	require.NoError(t, err)
	_, err = Open(Config{Dir: dir})
	require.ErrorIs(t, err, ErrInUse)
	require.NoError(t, w.Close())
	info, err := os.Stat(filepath.Join(dir, "key"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	path := filepath.Join(dir, "logs", fileOf(origin))
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, damage := range []string{strings.Replace(string(kept), "\n2\n", "\n1\n", 1), string(kept[:len(kept)-9]), ""} {
		require.NoError(t, os.WriteFile(path, []byte(damage), 0o600))
		_, err = Open(Config{Dir: dir, Logs: []string{h.verifier}})
		require.ErrorIs(t, err, ErrDamaged, damage)
	}
	require.NoError(t, os.WriteFile(path, kept, 0o600))
	_, err = openWitness(t, dir, h.verifier).Add(h.asks(t, 0))
	require.Equal(t, http.StatusConflict, statusOf(err), "it knows what it knew")
}

// dieAt makes the test binary a child that dies by SIGKILL in a step.
const dieAt, dieIn = "ANJU_TEST_WITNESS_DIES_AT", "ANJU_TEST_WITNESS_DIR"

// TestDiesAsAChild is no test of its own: it is what TestAWitnessThatDiesKeepsItsWord runs.
func TestDiesAsAChild(t *testing.T) {
	step := os.Getenv(dieAt)
	if step == "" {
		t.Skip("runs as a child of another test")
	}
	h := newHistory(t).add(t, "a", "b")
	armed := false
	w, err := Open(Config{Dir: os.Getenv(dieIn), Logs: []string{h.verifier}, Before: func(at string) error {
		if !armed || at != step {
			return nil
		}
		self, err := os.FindProcess(os.Getpid())
		require.NoError(t, err)
		require.NoError(t, self.Kill())
		select {} // until it takes effect
	}})
	require.NoError(t, err)
	_, err = w.Add(h.asks(t, 0))
	require.NoError(t, err)
	armed = true
	_, err = w.Add(h.add(t, "c").asks(t, 2))
	require.NoError(t, err, "it should be dead")
}

// TestAWitnessThatDiesKeepsItsWord kills a witness before each step of keeping a checkpoint: the next start holds
// the one before or the new one, and of the two only a history that goes on from it is cosigned.
func TestAWitnessThatDiesKeepsItsWord(t *testing.T) {
	for step, holds := range map[string]uint64{"write": 2, "sync": 2, "rename": 2, "sync folder": 3, "answer": 3} {
		t.Run(step, func(t *testing.T) {
			dir := t.TempDir()
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestDiesAsAChild$")
			child.Env = append(os.Environ(), dieAt+"="+step, dieIn+"="+dir)
			out, err := child.CombinedOutput()
			require.ErrorContains(t, err, "killed", string(out))

			h := newHistory(t).add(t, "a", "b")
			w := openWitness(t, dir, h.verifier)
			other := h.fork().add(t, "x", "y")
			_, err = w.Add(other.asks(t, 0))
			require.Equal(t, &Refusal{Status: http.StatusConflict, Size: holds}, err)
			_, err = w.Add(h.add(t, "c").asks(t, holds))
			require.NoError(t, err, "the same is asked again after a crash")
			_, err = w.Add(other.asks(t, 3))
			require.Equal(t, http.StatusUnprocessableEntity, statusOf(err))
		})
	}
}

func TestAWitnessWhoseDiskFailsSaysSoUntilItIsOpenedAgain(t *testing.T) {
	h := newHistory(t).add(t, "a")
	dir, broken := t.TempDir(), errors.New("broken")
	fails := true
	w, err := Open(Config{Dir: dir, Logs: []string{h.verifier}, Before: func(step string) error {
		if fails && step == "sync" {
			return broken
		}
		return nil
	}})
	require.NoError(t, err)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	c := &Client{URL: server.URL, Key: w.Key()}
	for range 2 {
		_, err = c.Add(context.WithoutCancel(t.Context()), h.asks(t, 0))
		require.Equal(t, http.StatusInternalServerError, statusOf(err))
		fails = false
	}
	require.NoError(t, w.Close())
	_, err = openWitness(t, dir, h.verifier).Add(h.asks(t, 0))
	require.NoError(t, err)
}

func FuzzRequest(f *testing.F) {
	f.Add([]byte("old 0\n\na\n1\nx\n\n— a b\n"))
	f.Add([]byte("old 2\n" + strings.Repeat("A", 43) + "=\n\nx"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Request
		if r.UnmarshalText(text) != nil {
			return
		}
		again, err := r.MarshalText()
		require.NoError(t, err)
		require.Equal(t, string(text), string(again))
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add("PRIVATE+KEY+w+00000000+BAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseKey(text); err == nil {
			require.Contains(t, text, c.Name())
		}
	})
}
