package events

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
	"github.com/anju-ledger/anju/events/witness"
)

// testWitness is a witness behind an address that can be taken away and made slow.
type testWitness struct {
	Witness
	witness *witness.Witness
	dead    atomic.Bool
	hangs   atomic.Bool
	lies    atomic.Bool // says that it holds more, and shows nothing
	asked   atomic.Int64
}

// startWitness starts a witness of the logs.
func startWitness(t *testing.T, logs ...string) *testWitness {
	t.Helper()
	w := &testWitness{}
	var err error
	w.witness, err = witness.Open(witness.Config{Dir: t.TempDir(), Logs: logs})
	require.NoError(t, err)
	handler := w.witness.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, q *http.Request) {
		w.asked.Add(1)
		switch {
		case w.hangs.Load():
			_, _ = io.Copy(io.Discard, q.Body) // only then the server notices that the client has gone
			<-q.Context().Done()
		case w.lies.Load():
			if q.Method == http.MethodGet {
				http.NotFound(rw, q)
				return
			}
			rw.Header().Set("Content-Type", "text/x.tlog.size")
			rw.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(rw, "99\n")
		case w.dead.Load():
			panic(http.ErrAbortHandler)
		default:
			handler.ServeHTTP(rw, q)
		}
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		require.NoError(t, w.witness.Close())
	})
	w.Witness = Witness{server.URL, w.witness.Key().String()}
	return w
}

// newFolder makes the folder of a ledger with one event, and returns its public key too.
func newFolder(t *testing.T) (dir, key string) {
	t.Helper()
	dir = t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	record(t, l, "first")
	key, err = l.VerifierKey("ANJU-52")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return dir, key
}

// copyFolder is what a backup does.
func copyFolder(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, exec.CommandContext(t.Context(), "cp", "-a", dir, to).Run())
	return to
}

// witnessedTo waits until enough witnesses have cosigned so many events.
func witnessedTo(t *testing.T, l *Ledger, size uint64) {
	t.Helper()
	require.Eventually(t, func() bool {
		r := l.Witnesses()
		return len(r.Streams) == 1 && r.Streams[0].Size == size
	}, 20*time.Second, 10*time.Millisecond, "%+v", l.Witnesses())
}

func openWitnessed(t *testing.T, dir string, needed int, witnesses ...*testWitness) *Ledger {
	t.Helper()
	c := Config{Dir: dir, Port: -1, WitnessesNeeded: needed}
	for _, w := range witnesses {
		c.Witnesses = append(c.Witnesses, w.Witness)
	}
	l, err := Open(t.Context(), c)
	require.NoError(t, err)
	return l
}

func TestCheckpointsAndProofsCarryCosignatures(t *testing.T) {
	dir, key := newFolder(t)
	w := []*testWitness{startWitness(t, key), startWitness(t, key), startWitness(t, key)}
	keys := []string{w[0].Key, w[1].Key, w[2].Key}
	w[2].dead.Store(true)
	l := openWitnessed(t, dir, 0, w...)
	require.Equal(t, []WitnessedStream{{"ANJU-52", 1, 1, l.Witnesses().Streams[0].At}}, l.Witnesses().Streams, "at the start")
	require.Empty(t, l.Witnesses().Alarm, "one of three may be dead")
	require.NotEmpty(t, l.Witnesses().Witnesses[2].Problem)
	record(t, l, "a", "b")
	witnessedTo(t, l, 3)
	p, err := l.Prove(t.Context(), 52, 3)
	require.NoError(t, err)
	_, _, err = CheckProof(p, key)
	require.NoError(t, err)
	all, err := CheckWitnessed(p, keys, 2)
	require.NoError(t, err)
	require.Len(t, all, 2)
	_, err = CheckWitnessed(p, keys, 3)
	require.ErrorIs(t, err, book.ErrCosignature)
	checkpoint, err := l.Checkpoint("ANJU-52")
	require.NoError(t, err)
	require.Equal(t, p.Checkpoint, checkpoint)
	record(t, l, "c")
	require.NoError(t, l.Close(), "which has the last event witnessed")

	l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	checkpoint, err = l.Checkpoint("ANJU-52")
	require.NoError(t, err)
	parsed, err := book.ParseWitnessKey(keys[0])
	require.NoError(t, err)
	_, err = book.CheckWitnessed(checkpoint, []book.WitnessKey{parsed}, 1)
	require.NoError(t, err, "what was witnessed stays so without witnesses")
	head, err := book.OpenCheckpoint(checkpoint, key)
	require.NoError(t, err)
	require.EqualValues(t, 4, head.Size)
}

func TestARolledBackFolderIsRefusedByItsWitness(t *testing.T) {
	dir, key := newFolder(t)
	w := startWitness(t, key)
	old := copyFolder(t, dir)
	l := openWitnessed(t, dir, 0, w)
	record(t, l, "a", "b")
	require.NoError(t, l.Close())

	t.Run("before the doors open", func(t *testing.T) {
		l := openWitnessed(t, copyFolder(t, old), 0, w)
		defer func() { require.NoError(t, l.Close()) }()
		_, err := l.Append(t.Context(), 52, false, drafts("new"))
		require.ErrorIs(t, err, ErrRolledBack)
		require.ErrorIs(t, err, ErrDiffers)
		require.ErrorContains(t, err, "of ANJU-52 the witness "+w.witness.Key().Name()+" holds 3 entries, the book here 1")
		require.ErrorContains(t, err, "anju restore")
		require.True(t, l.Streams()[0].Stands)
		require.Contains(t, l.Streams()[0].Alarm, "持有 3 条，本账册 1 条：目录被恢复到旧状态")
		require.Len(t, bodies(t, l), 1, "what the book holds can be read")
		before := w.asked.Load()
		l.signAll()
		require.Equal(t, before, w.asked.Load())
	})
	t.Run("as soon as the witness answers, when it did not at the start", func(t *testing.T) {
		w.dead.Store(true)
		l := openWitnessed(t, copyFolder(t, old), 0, w)
		defer func() { require.NoError(t, l.Close()) }()
		require.Contains(t, l.Witnesses().Alarm, "witnessed by 1 of 1")
		record(t, l, "new")
		w.dead.Store(false)
		require.Eventually(t, func() bool {
			_, err := l.Append(t.Context(), 52, false, drafts("another"))
			return err != nil
		}, 20*time.Second, 50*time.Millisecond)
		_, err := l.Append(t.Context(), 52, false, drafts("another"))
		require.ErrorIs(t, err, ErrRolledBack)
	})
	t.Run("though it grew past what the witness holds: another history", func(t *testing.T) {
		copied := copyFolder(t, old)
		l, err := Open(t.Context(), Config{Dir: copied, Port: -1})
		require.NoError(t, err, "without a witness nothing is noticed")
		record(t, l, "x", "y", "z")
		require.NoError(t, l.Close())
		l = openWitnessed(t, copied, 0, w)
		defer func() { require.NoError(t, l.Close()) }()
		_, err = l.Append(t.Context(), 52, false, drafts("new"))
		require.ErrorIs(t, err, ErrRolledBack)
		require.ErrorContains(t, err, "another history")
	})
	t.Run("of the same length: another root", func(t *testing.T) {
		copied := copyFolder(t, old)
		l, err := Open(t.Context(), Config{Dir: copied, Port: -1})
		require.NoError(t, err)
		record(t, l, "x", "y")
		require.NoError(t, l.Close())
		l = openWitnessed(t, copied, 0, w)
		defer func() { require.NoError(t, l.Close()) }()
		require.Contains(t, l.Streams()[0].Alarm, "another history")
	})
	t.Run("the folder that was gone on with is taken", func(t *testing.T) {
		l := openWitnessed(t, dir, 0, w)
		record(t, l, "c")
		require.NoError(t, l.Close())
	})
}

// TestAWitnessesWordAloneStopsNothing: without a checkpoint that the ledger signed one of two is an alarm, and
// both are believed.
func TestAWitnessesWordAloneStopsNothing(t *testing.T) {
	dir, key := newFolder(t)
	w := []*testWitness{startWitness(t, key), startWitness(t, key)}
	w[1].lies.Store(true)
	l := openWitnessed(t, dir, 2, w...)
	defer func() { require.NoError(t, l.Close()) }()
	require.False(t, l.Streams()[0].Stands, l.Streams()[0].Alarm)
	record(t, l, "a")
	require.Regexp(t, "holds 99 entries, the book here [12]", l.Witnesses().Witnesses[1].Problem)
	require.Contains(t, l.Witnesses().Alarm, "it proves it by no checkpoint of ours")
	w[1].lies.Store(false)
	witnessedTo(t, l, 2)
	require.Eventually(t, func() bool { return l.Witnesses().Alarm == "" }, 20*time.Second, 10*time.Millisecond)
	w[0].lies.Store(true)
	w[1].lies.Store(true)
	record(t, l, "b")
	require.Eventually(t, func() bool { return l.Streams()[0].Stands }, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, AlarmRolledBack, l.Streams()[0].Alarms[0].Kind)
}

// TestAnotherDoorsEventsAreNoRollback lets a witness know what another door on the same server recorded, and
// this one has not learned yet.
func TestAnotherDoorsEventsAreNoRollback(t *testing.T) {
	url := startOther(t)
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), NATS: url, Synced: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a", "b")
	w := l.writers[52]
	w.mu.Lock()
	durable := w.durable
	w.durable = 1 // it has not learned the second one yet
	w.mu.Unlock()
	err = l.sawMore(t.Context(), w, nil, 2)
	w.mu.Lock()
	w.durable = durable
	w.mu.Unlock()
	require.ErrorContains(t, err, "the next one is asked for")
	require.NoError(t, w.failure())
}

// TestASlowWitnessHoldsNothingUp: no answer ever comes, and an append takes as long as it takes.
func TestASlowWitnessHoldsNothingUp(t *testing.T) {
	dir, key := newFolder(t)
	w, slow := startWitness(t, key), startWitness(t, key)
	l := openWitnessed(t, dir, 1, w, slow)
	slow.hangs.Store(true)
	began := time.Now()
	for _, key := range []string{"a", "b", "c"} {
		record(t, l, key)
	}
	require.Less(t, time.Since(began), witnessWait)
	witnessedTo(t, l, 4)
	slow.hangs.Store(false)
	require.NoError(t, l.Close())
}

func TestAWitnessThatDoesNotKnowTheStreamIsShown(t *testing.T) {
	dir, _ := newFolder(t)
	w := startWitness(t)
	l := openWitnessed(t, dir, 0, w)
	defer func() { require.NoError(t, l.Close()) }()
	r := l.Witnesses()
	require.Contains(t, r.Witnesses[0].Problem, "404")
	require.NotEmpty(t, r.Alarm)
	record(t, l, "a")
}

func TestWitnessesThatCannotBeAskedAreRefused(t *testing.T) {
	w := startWitness(t)
	for _, c := range []Config{
		{Witnesses: []Witness{{w.URL, "w+1+x"}}},
		{Witnesses: []Witness{{"witness", w.Key}}},
		{Witnesses: []Witness{w.Witness, w.Witness}},
		{Witnesses: []Witness{w.Witness}, WitnessesNeeded: 2},
	} {
		c.Dir, c.Port = t.TempDir(), -1
		_, err := Open(t.Context(), c)
		require.ErrorIs(t, err, ErrWitnesses)
	}
}
