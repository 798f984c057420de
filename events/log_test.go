package events

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// testDraft is the shortest real draft: a keyed fact, recorded once.
type testDraft struct {
	key    string
	refuse error
	size   int // of the employer's name
}

func (d *testDraft) IDs() map[string]domain.Entity { return nil }

func (d *testDraft) Settle(x *Index) (*Event, *Receipt, error) {
	if d.refuse != nil {
		return nil, nil, d.refuse
	}
	source := domain.Source{Department: "hrss", Division: "520603"}
	id := domain.DeriveEventID(source, d.key)
	if there, err := x.Find(id); err == nil {
		return nil, &Receipt{ID: id, Stream: there.Stream(), Sequence: there.Sequence, Recorded: there.Recorded}, nil
	} else if !errors.Is(err, ErrNotFound) {
		return nil, nil, err
	}
	home := domain.MintEntity(domain.HouseholdKind, 7)
	fact := &domain.JobPlaced{
		Person: domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, 1)}, Employer: strings.Repeat("x", d.size),
		Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, hashID(id))},
	}
	data, err := domain.Encode(fact)
	return &Event{
		ID: id, Source: source, Type: "job.placed", Version: 2, Subject: home, Time: domain.MakeDay(2020, 3, 5).Moment(),
		Home: HomeIn("520603", home), Division: "520603", Key: d.key, Data: data, Fact: fact,
	}, nil, err
}

func drafts(keys ...string) []Draft {
	all := make([]Draft, len(keys))
	for i, k := range keys {
		all[i] = &testDraft{key: k}
	}
	return all
}

// forEachLog runs a test on every Log: on disk behind the embedded server, and in memory.
func forEachLog(t *testing.T, test func(t *testing.T, l *Ledger)) {
	for name, dir := range map[string]string{"embedded": t.TempDir(), "memory": ""} {
		t.Run(name, func(t *testing.T) {
			l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			test(t, l)
		})
	}
}

func keysOf(t *testing.T, l *Ledger) (keys []string) {
	t.Helper()
	last := uint64(0)
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.Greater(t, rec.Sequence, last)
		last = rec.Sequence
		if rec.Event != nil {
			keys = append(keys, rec.Event.Key)
		}
	}
	return keys
}

func TestWhatIsAppendedIsReadInOrder(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		outcomes, err := l.Append(t.Context(), 52, false, drafts("a", "b", "a", "c"))
		require.NoError(t, err)
		require.Equal(t, uint64(1), outcomes[0].Receipt.Sequence)
		require.True(t, outcomes[2].Receipt.Already)
		require.Equal(t, outcomes[0].Receipt.Sequence, outcomes[2].Receipt.Sequence)
		require.Equal(t, uint64(3), outcomes[3].Receipt.Sequence)
		require.Equal(t, []string{"a", "b", "c"}, keysOf(t, l))
		again, err := l.Append(t.Context(), 52, false, drafts("b"))
		require.NoError(t, err)
		require.True(t, again[0].Receipt.Already)
		require.Equal(t, outcomes[1].Receipt.ID, again[0].Receipt.ID)
		require.Equal(t, uint64(3), l.Streams()[0].Durable)
	})
}

func TestARefusalConcernsOnlyItsDraft(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		refusal := errors.New("no")
		outcomes, err := l.Append(t.Context(), 52, false, []Draft{
			&testDraft{key: "a"}, &testDraft{refuse: refusal}, &testDraft{key: "big", size: MaxEvent}, &testDraft{key: "b"},
		})
		require.NoError(t, err)
		require.Equal(t, refusal, outcomes[1].Err)
		require.ErrorIs(t, outcomes[2].Err, ErrTooLarge)
		require.Equal(t, uint64(2), outcomes[3].Receipt.Sequence)
		require.Equal(t, []string{"a", "b"}, keysOf(t, l))
	})
}

func TestASetIsRecordedWholeOrNotAtAll(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		refusal := errors.New("no")
		outcomes, err := l.Append(t.Context(), 52, true, []Draft{&testDraft{key: "a"}, &testDraft{refuse: refusal}})
		require.NoError(t, err)
		require.Equal(t, refusal, outcomes[0].Err)
		require.Empty(t, keysOf(t, l))
		outcomes, err = l.Append(t.Context(), 52, true, drafts("a", "b", "c"))
		require.NoError(t, err)
		require.Equal(t, uint64(3), outcomes[2].Receipt.Sequence)
		outcomes, err = l.Append(t.Context(), 52, true, drafts("a", "b", "c"))
		require.NoError(t, err)
		require.True(t, outcomes[1].Receipt.Already)
		outcomes, err = l.Append(t.Context(), 52, true, drafts("d", "a"))
		require.NoError(t, err)
		require.ErrorIs(t, outcomes[0].Err, ErrMixedSet)
		outcomes, err = l.Append(t.Context(), 52, true, drafts("a", "d"))
		require.NoError(t, err)
		require.ErrorIs(t, outcomes[0].Err, ErrMixedSet)
		require.ErrorIs(t, outcomes[1].Err, ErrMixedSet)
		require.Equal(t, []string{"a", "b", "c"}, keysOf(t, l))
		for rec, err := range l.Read(t.Context(), 52, 1) { // a reader that stopped inside the set
			require.NoError(t, err)
			require.Greater(t, rec.Sequence, uint64(1))
		}
		_, err = l.Append(t.Context(), 52, true, make([]Draft, MaxSetEvents+1))
		require.ErrorIs(t, err, ErrTooLarge)
	})
}

func TestFollowersSeeWhatBecomesDurable(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		got := make(chan string)
		var wg sync.WaitGroup
		wg.Go(func() {
			for rec, err := range l.Follow(ctx, 52, 0) {
				if err != nil {
					return
				}
				got <- rec.Event.Key
				if rec.Event.Key == "end" {
					return
				}
			}
		})
		for i := range 5 {
			_, err := l.Append(t.Context(), 52, false, drafts(fmt.Sprint(i)))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprint(i), <-got)
		}
		_, err := l.Append(t.Context(), 52, false, drafts("end"))
		require.NoError(t, err)
		require.Equal(t, "end", <-got)
		wg.Wait()
	})
}

func TestManySendersLoseAndDoubleNothing(t *testing.T) {
	forEachLog(t, func(t *testing.T, l *Ledger) {
		const senders, each = 16, 25
		var wg sync.WaitGroup
		var fresh atomic.Int64
		for s := range senders {
			wg.Go(func() {
				for i := range each {
					// Each key is sent by two senders.
					outcomes, err := l.Append(t.Context(), 52, false, drafts(fmt.Sprintf("%d-%d", s/2, i)))
					if err == nil && outcomes[0].Err == nil && !outcomes[0].Receipt.Already {
						fresh.Add(1)
					}
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, senders/2*each, fresh.Load())
		require.Len(t, keysOf(t, l), senders/2*each)
	})
}

// TestAGroupIsAnUnbrokenRun puts one message where a group of three was to begin: the sequences
// of the second and third fit again, and still none may be stored.
func TestAGroupIsAnUnbrokenRun(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	w, err := l.writer(t.Context(), 52)
	require.NoError(t, err)
	const subject = "anju.52.520603.household.x"
	_, err = l.js.Publish(t.Context(), subject, []byte("another door's"))
	require.NoError(t, err)
	err = w.store.append(t.Context(), []message{{1, subject, []byte("a")}, {2, subject, []byte("b")}, {3, subject, []byte("c")}})
	require.ErrorIs(t, err, errFence)
	stored := 0
	require.NoError(t, w.store.read(t.Context(), 0, func(message) bool { stored++; return true }))
	require.Equal(t, 1, stored)
}

// TestTwoDoorsOnOneStream runs a second writer on the same stream: failover in practice.
func TestTwoDoorsOnOneStream(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	first, err := l.writer(t.Context(), 52)
	require.NoError(t, err)
	own := *first.store.(*jetStore) // but for the inbox
	own.acks = nil
	second := &writer{
		province: 52, store: &own, directory: NewDirectory(l.ring.Tag), ring: l.ring, opener: first.opener, owners: &idOwners{},
		clock: time.Now, room: func() error { return nil },
	}
	require.NoError(t, second.open(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	var running, senders sync.WaitGroup
	running.Go(func() { second.run(ctx) })
	var fresh atomic.Int64
	for i, w := range []*writer{first, second, first, second} {
		senders.Go(func() {
			for n := range 40 {
				r := &request{drafts: drafts(fmt.Sprintf("%d-%d", i/2, n)), outcomes: make([]Outcome, 1), done: make(chan struct{})}
				if w.submit(ctx, r) == nil && w.await(ctx, r) == nil && r.outcomes[0].Err == nil && !r.outcomes[0].Receipt.Already {
					fresh.Add(1)
				}
			}
		})
	}
	senders.Wait()
	cancel()
	running.Wait()
	_, err = l.Append(t.Context(), 52, false, drafts("last"))
	require.NoError(t, err)
	keys := keysOf(t, l)
	require.Len(t, keys, 2*40+1)
	seen := map[string]bool{}
	for _, k := range keys {
		require.False(t, seen[k], "%s is recorded twice", k)
		seen[k] = true
	}
	require.EqualValues(t, 80, fresh.Load())
}

func TestForeignMessagesAreKeptAndSkipped(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	_, err = l.Append(t.Context(), 52, false, drafts("a"))
	require.NoError(t, err)
	_, err = l.js.Publish(t.Context(), "anju.52.520603.household.x", []byte("not ours"))
	require.NoError(t, err)
	outcomes, err := l.Append(t.Context(), 52, false, drafts("b", "a"))
	require.NoError(t, err)
	require.Equal(t, uint64(3), outcomes[0].Receipt.Sequence)
	require.True(t, outcomes[1].Receipt.Already)
	require.Equal(t, []string{"a", "b"}, keysOf(t, l))
	require.EqualValues(t, 1, l.Streams()[0].Foreign)
}

func TestReadersLeaveNoConsumersBehind(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	_, err = l.Append(t.Context(), 52, false, drafts("a", "b"))
	require.NoError(t, err)
	w, err := l.writer(t.Context(), 52)
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, w.store.read(t.Context(), 0, func(message) bool { return true }))
	}
	stream, err := l.js.Stream(t.Context(), "ANJU-52")
	require.NoError(t, err)
	require.Zero(t, stream.CachedInfo().State.Consumers)
}

// TestEveryStepFailsBeforeAndAfter is the failure table of the door.
func TestEveryStepFailsBeforeAndAfter(t *testing.T) {
	cases := []struct {
		name, step string
		failure    error
		recorded   bool // the retry finds it recorded once
		stopped    bool
	}{
		{"nothing was published", "publish", errFence, true, false},
		{"the acknowledgement was lost", "ack", errFence, true, false},
		{"the sync failed", "sync", errors.New("input/output error"), false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			armed := false
			l, err := Open(t.Context(), Config{Fails: func(step string) error {
				if armed && step == c.step {
					armed = false
					return c.failure
				}
				return nil
			}})
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			_, err = l.Append(t.Context(), 52, false, drafts("before"))
			require.NoError(t, err)
			armed = true
			outcomes, err := l.Append(t.Context(), 52, false, drafts("x", "y"))
			require.NoError(t, err)
			require.False(t, armed, "the failure did not happen")
			if c.stopped {
				require.ErrorIs(t, outcomes[0].Err, ErrStopped)
				_, err = l.Append(t.Context(), 52, false, drafts("z"))
				require.ErrorIs(t, err, ErrStopped)
				require.Equal(t, []string{"before"}, keysOf(t, l), "readers see only what is durable")
				return
			}
			require.NoError(t, outcomes[0].Err)
			require.Equal(t, []string{"before", "x", "y"}, keysOf(t, l))
		})
	}
}

func TestTheDoorStopsWhenTheClockFallsBack(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l, err := Open(t.Context(), Config{Clock: func() time.Time { return now }})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	_, err = l.Append(t.Context(), 52, false, drafts("a"))
	require.NoError(t, err)
	now = now.Add(-30 * time.Second)
	outcomes, err := l.Append(t.Context(), 52, false, drafts("b"))
	require.NoError(t, err)
	require.Equal(t, domain.MomentOf(now.Add(30*time.Second)), outcomes[0].Receipt.Recorded, "never before its predecessor's")
	now = now.Add(-2 * time.Minute)
	outcomes, err = l.Append(t.Context(), 52, false, drafts("c"))
	require.NoError(t, err)
	require.ErrorIs(t, outcomes[0].Err, ErrClock)
}

func TestAFullDiskIsSaidAndHealsItself(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1, MinFree: 1 << 62})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	outcomes, err := l.Append(t.Context(), 52, false, drafts("a"))
	require.NoError(t, err)
	require.ErrorIs(t, outcomes[0].Err, ErrDiskFull)
	l.config.MinFree = 1
	outcomes, err = l.Append(t.Context(), 52, false, drafts("a"))
	require.NoError(t, err)
	require.NoError(t, outcomes[0].Err)
}

// TestAPortOfAnotherProgram is refused at once: the embedded server would wait for it in silence.
func TestAPortOfAnotherProgram(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, taken.Close()) }()
	_, err = Open(t.Context(), Config{Dir: t.TempDir(), Port: taken.Addr().(*net.TCPAddr).Port})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	if usual, err := net.Listen("tcp", "127.0.0.1:4222"); err == nil { // otherwise another program holds it already
		defer func() { require.NoError(t, usual.Close()) }()
	}
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err, "any free port is not the usual one")
	require.NoError(t, l.Close())
}

func TestAFolderHasOneLedger(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	_, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.ErrorIs(t, err, ErrInUse)
	_, err = l.Append(t.Context(), 52, false, drafts("a", "b"))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	outcomes, err := l.Append(t.Context(), 52, false, drafts("b", "c"))
	require.NoError(t, err)
	require.True(t, outcomes[0].Receipt.Already)
	require.Equal(t, []string{"a", "b", "c"}, keysOf(t, l))
	require.NoError(t, l.Close())
}

// childFolder, when set, makes the test binary the child that TestKilledUnderLoad kills.
const childFolder = "ANJU_TEST_CHILD_FOLDER"

// TestKilledUnderLoad kills a process that appends, again and again: every acknowledged event
// is there once afterwards.
func TestKilledUnderLoad(t *testing.T) {
	if dir := os.Getenv(childFolder); dir != "" {
		appendForEver(dir)
		return
	}
	dir := t.TempDir()
	acknowledged := map[string]bool{}
	for round := range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledUnderLoad$")
		cmd.Env = append(os.Environ(), childFolder+"="+dir)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		buf := make([]byte, 1<<16)
		text := ""
		for strings.Count(text, "\n") < 200 {
			n, err := out.Read(buf)
			require.NoError(t, err)
			text += string(buf[:n])
		}
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait(), "round %d: the child was to be killed", round)
		lines := strings.Split(text, "\n")
		for _, key := range lines[:len(lines)-1] {
			acknowledged[key] = true
		}
	}
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	seen := map[string]bool{}
	for _, k := range keysOf(t, l) {
		require.False(t, seen[k], "%s is recorded twice", k)
		seen[k] = true
	}
	require.Greater(t, len(acknowledged), 300)
	for key := range acknowledged {
		require.True(t, seen[key], "%s was acknowledged and is lost", key)
	}
}

func appendForEver(dir string) {
	l, err := Open(context.Background(), Config{Dir: dir, Port: -1})
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		key := strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(i)
		if outcomes, err := l.Append(context.Background(), 52, false, drafts(key)); err != nil || outcomes[0].Err != nil {
			panic(fmt.Sprint(err, outcomes))
		}
		fmt.Println(key)
	}
}
