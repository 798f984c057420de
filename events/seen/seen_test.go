package seen

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
)

// served is a book behind the addresses of a ledger.
type served struct {
	book   *book.Book
	key    book.Key
	origin string
	down   bool // nothing is there
	noTile bool
	server *httptest.Server
}

func serve(t *testing.T, entries int, of string) *served {
	t.Helper()
	s := &served{key: book.NewKey(make([]byte, 32)), origin: "anju/test/ANJU-52"}
	s.put(t, t.TempDir(), entries, of)
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

// put serves another book.
func (s *served) put(t *testing.T, dir string, entries int, of string) {
	b, err := book.Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	s.book = b
	s.grow(t, entries, of)
}

func (s *served) grow(t *testing.T, n int, of string) {
	from := s.book.Size()
	require.NoError(t, s.book.Append(n, func(b []byte, i int) []byte { return fmt.Appendf(b, "%s %d", of, int(from)+i) }))
}

// ServeHTTP answers as a ledger does.
func (s *served) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	rest, ours := strings.CutPrefix(q.URL.Path, "/book/ANJU-52/")
	tile, isTile := strings.CutPrefix(rest, "tile/")
	switch {
	case q.URL.Path == "/v1/ledger" && !s.down:
		fmt.Fprint(w, `{"streams":[{"stream":"ANJU-52"}]}`)
	case q.URL.Path == "/v1/ledger":
		fmt.Fprint(w, `{"streams":[]}`)
	case !ours || s.down || isTile && s.noTile:
		http.NotFound(w, q)
	case rest == "checkpoint":
		root, err := s.book.Root(s.book.Size())
		if err == nil {
			var text []byte
			text, err = s.key.Sign(s.origin, book.Head{Size: s.book.Size(), Root: root})
			w.Write(text)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	case rest == "key":
		key, _ := s.key.Verifier(s.origin)
		fmt.Fprintln(w, key)
	case isTile:
		raw, err := s.book.Tile(tile, s.book.Size())
		if err != nil {
			http.NotFound(w, q)
			return
		}
		w.Write(raw)
	}
}

func TestWhatAClientNotices(t *testing.T) {
	const before = 300
	for _, c := range []struct {
		name   string
		change func(t *testing.T, s *served)
		want   ChangeKind // "" = nothing
		kept   bool
	}{
		{"nothing changed", func(*testing.T, *served) {}, "", true},
		{"it grew", func(t *testing.T, s *served) { s.grow(t, 70_000, "a") }, "", true},
		{"it was rolled back", func(t *testing.T, s *served) { s.put(t, t.TempDir(), 299, "a") }, RolledBack, false},
		{"the same length, other entries", func(t *testing.T, s *served) { s.put(t, t.TempDir(), before, "b") }, Forked, false},
		{"rolled back and gone on with", func(t *testing.T, s *served) {
			s.put(t, t.TempDir(), 299, "a")
			s.grow(t, 500, "b")
		}, Forked, false},
		{"the stream is gone", func(_ *testing.T, s *served) { s.down = true }, Gone, false},
		{"another key", func(_ *testing.T, s *served) { s.key = book.NewKey([]byte(strings.Repeat("k", 32))) }, AnotherKey, true},
		{"another origin with the same entries", func(t *testing.T, s *served) {
			s.origin = "anju/new/ANJU-52"
			s.grow(t, 1, "restored")
		}, AnotherOrigin, true},
		{"another ledger", func(t *testing.T, s *served) {
			s.origin = "anju/new/ANJU-52"
			s.put(t, t.TempDir(), 7, "z")
		}, AnotherOrigin, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, before, "a")
			m := &Memory{Path: filepath.Join(t.TempDir(), "deep", "ledgers.json")}
			r, err := m.Check(t.Context(), s.server.URL)
			require.NoError(t, err)
			require.Len(t, r.First, 1)
			info, err := os.Stat(m.Path)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			r, err = m.Check(t.Context(), s.server.URL)
			require.NoError(t, err)
			require.Empty(t, r, "a key is named once")

			c.change(t, s)
			r, err = m.Check(t.Context(), s.server.URL)
			if c.want == "" {
				require.NoError(t, err)
				require.Empty(t, r)
			} else {
				require.ErrorIs(t, err, ErrChanged)
				require.Equal(t, c.want, err.(*Change).Kind)
				require.Contains(t, err.Error(), "anju book trust")
				_, err = m.Check(t.Context(), s.server.URL)
				require.ErrorIs(t, err, ErrChanged, "it is not forgotten")
			}
			all, err := m.Compare(t.Context(), s.server.URL)
			require.NoError(t, err)
			require.Len(t, all, 1)
			require.Equal(t, c.kept, all[0].Kept)
			require.NoError(t, m.Trust(s.server.URL, all))
			r, err = m.Check(t.Context(), s.server.URL)
			require.NoError(t, err)
			require.Empty(t, r)
		})
	}
}

func TestALedgerThatCannotBeCheckedIsNoError(t *testing.T) {
	s := serve(t, 3, "a")
	m := &Memory{Path: filepath.Join(t.TempDir(), "ledgers.json")}
	_, err := m.Check(t.Context(), s.server.URL)
	require.NoError(t, err)
	s.noTile = true
	s.grow(t, 1, "a")
	r, err := m.Check(t.Context(), s.server.URL)
	require.NoError(t, err)
	require.Len(t, r.Unchecked, 1, "it is said, and the old checkpoint is kept")
	s.server.Close()
	r, err = m.Check(t.Context(), s.server.URL)
	require.NoError(t, err)
	require.Empty(t, r)
	_, err = (&Memory{}).Check(t.Context(), s.server.URL)
	require.NoError(t, err)

	inMemory := serve(t, 0, "")
	inMemory.down = true
	r, err = m.Check(t.Context(), inMemory.server.URL)
	require.NoError(t, err)
	require.Empty(t, r)

	require.NoError(t, os.WriteFile(m.Path, []byte("{"), 0o600))
	_, err = m.Check(t.Context(), s.server.URL)
	require.ErrorIs(t, err, ErrDamaged)
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"origins":{"a":{"key":"k","checkpoint":"c"}},"addresses":{"x":{"ANJU-52":"a"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m := &Memory{Path: filepath.Join(t.TempDir(), "f")}
		require.NoError(t, os.WriteFile(m.Path, text, 0o600))
		if _, err := m.read(); err != nil {
			require.ErrorIs(t, err, ErrDamaged)
		}
	})
}
