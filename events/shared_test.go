package events

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// startOther starts a server that no ledger owns.
func startOther(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		ServerName: "other", Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(), SyncAlways: true,
	})
	require.NoError(t, err)
	go s.Start()
	require.True(t, s.ReadyForConnections(startWait))
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL()
}

func TestAServerThatMayForgetIsRefused(t *testing.T) {
	_, err := Open(t.Context(), Config{Dir: t.TempDir(), NATS: startOther(t)})
	require.ErrorIs(t, err, ErrNotDurable)
}

// TestAFolderKeepsToItsServer opens the folders of both kinds the other way: refused, and nothing is made.
func TestAFolderKeepsToItsServer(t *testing.T) {
	for name, c := range map[string]struct {
		first, other Config
		says         string
	}{
		"embedded": {Config{Port: -1}, Config{NATS: startOther(t), Synced: true}, "leave --nats out"},
		"nats":     {Config{NATS: startOther(t), Synced: true}, Config{Port: -1}, "anju serve --nats URL"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.first.Dir, c.other.Dir = dir, dir
			l, err := Open(t.Context(), c.first)
			require.NoError(t, err)
			record(t, l, "a")
			require.NoError(t, l.Close())
			_, err = Open(t.Context(), c.other)
			require.ErrorIs(t, err, ErrKeeper)
			require.ErrorContains(t, err, c.says)
			if name == "nats" {
				require.NoDirExists(t, filepath.Join(dir, "jetstream"))
			} else {
				require.NoError(t, os.Remove(filepath.Join(dir, keeperFile))) // of an older version
				_, err = Open(t.Context(), c.other)
				require.ErrorIs(t, err, ErrKeeper)
			}
			l, err = Open(t.Context(), c.first)
			require.NoError(t, err)
			require.Equal(t, []string{"a"}, keysOf(t, l))
			require.NoError(t, l.Close())
			mark, err := os.ReadFile(filepath.Join(dir, keeperFile))
			require.NoError(t, err)
			require.Equal(t, name+"\n", string(mark), "never an address")
		})
	}
}

// TestTwoLedgersOnOneServer runs two intakes with the same submissions: nothing is lost or
// doubled, and each sees what the other recorded.
func TestTwoLedgersOnOneServer(t *testing.T) {
	url := startOther(t)
	var ledgers [2]*Ledger
	for i := range ledgers {
		l, err := Open(t.Context(), Config{Dir: t.TempDir(), NATS: url, Synced: true})
		require.NoError(t, err)
		defer func() { require.NoError(t, l.Close()) }()
		ledgers[i] = l
	}
	const each = 30
	var senders sync.WaitGroup
	var fresh atomic.Int64
	for _, l := range ledgers {
		senders.Go(func() {
			for i := range each {
				outcomes, err := l.Append(t.Context(), 52, i%3 == 0, drafts(fmt.Sprint(i), fmt.Sprint(i, "b")))
				if err != nil || outcomes[0].Err != nil || outcomes[1].Err != nil {
					t.Error(err, outcomes)
					return
				}
				for _, o := range outcomes {
					if !o.Receipt.Already {
						fresh.Add(1)
					}
				}
			}
		})
	}
	senders.Wait()
	require.EqualValues(t, 2*each, fresh.Load())
	for _, l := range ledgers {
		ctx, cancel := context.WithCancel(t.Context())
		var keys []string
		for rec, err := range l.Follow(ctx, 52, 0) {
			require.NoError(t, err)
			require.NotNil(t, rec.Event)
			if keys = append(keys, rec.Event.Key); len(keys) == 2*each {
				break
			}
		}
		cancel()
		slices.Sort(keys)
		require.Len(t, slices.Compact(keys), 2*each)
	}
}

// TestClientsReachNothingButTheDoor tries what a client of the embedded server must not do.
func TestClientsReachNothingButTheDoor(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	_, err = l.Append(t.Context(), 52, false, drafts("a"))
	require.NoError(t, err)
	refused := make(chan error, 16)
	client, err := nats.Connect(l.ClientURL(), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		refused <- err
	}))
	require.NoError(t, err)
	defer client.Close()
	for _, subject := range []string{
		"anju.52.520603.household.x", "$JS.API.STREAM.DELETE.ANJU-52", "$JS.API.STREAM.UPDATE.ANJU-52",
		"$JS.API.DIRECT.GET.ANJU-52", "$JS.API.INFO", "_ANJU.x", "_INBOX.x",
	} {
		require.NoError(t, client.Publish(subject, []byte("x")))
		require.NoError(t, client.Flush())
		require.ErrorIs(t, <-refused, nats.ErrPermissionViolation, subject)
	}
	for _, subject := range []string{">", "anju.>", "_ANJU.>", "$JS.>"} {
		_, err := client.SubscribeSync(subject)
		require.NoError(t, err)
		require.NoError(t, client.Flush())
		require.ErrorIs(t, <-refused, nats.ErrPermissionViolation, subject)
	}
	for _, subject := range []string{"$JS.API.STREAM.DELETE.ANJU-52", "$JS.API.INFO", "anju.52.520603.household.x", "anju.record.x", "_ANJU.x", "$SRV.PING"} {
		require.NoError(t, l.Answers().Publish(subject, nil))
		require.NoError(t, l.Answers().Flush())
		require.ErrorContains(t, l.Answers().LastError(), `Publish to "`+subject+`"`, "the answers go to inboxes only")
	}
	require.Equal(t, []string{"a"}, keysOf(t, l))
	require.Empty(t, l.Streams()[0].Foreign)
}

// TestAnotherMessageInTheMiddle stores a foreign message, or cuts a set, while a group is on
// its way: what is void stays void, and the retry records everything once.
func TestAnotherMessageInTheMiddle(t *testing.T) {
	for name, fault := range map[string]func(s *memoryStore) (string, error){
		"a foreign message came first": func(s *memoryStore) (string, error) {
			s.messages = append(s.messages, message{uint64(len(s.messages)) + 1, "anju.52.520603.household.x", []byte("x")})
			return "publish", nil
		},
		"the set was cut": func(s *memoryStore) (string, error) {
			s.messages = s.messages[:len(s.messages)-1]
			return "ack", errFence
		},
		"the set was cut and a foreign message followed": func(s *memoryStore) (string, error) {
			s.messages[len(s.messages)-1] = message{uint64(len(s.messages)), "anju.52.520603.household.x", []byte("x")}
			return "ack", errFence
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s *memoryStore
			wanted, _ := fault(&memoryStore{messages: []message{{sequence: 1}}})
			l, err := Open(t.Context(), Config{Fails: func(step string) error {
				if s == nil || step != wanted {
					return nil
				}
				_, err := fault(s)
				s = nil
				return err
			}})
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			_, err = l.Append(t.Context(), 52, false, drafts("before"))
			require.NoError(t, err)
			s, _ = l.writers[52].store.(*memoryStore)
			outcomes, err := l.Append(t.Context(), 52, true, drafts("x", "y", "z"))
			require.NoError(t, err)
			require.Nil(t, s, "the fault did not happen")
			for _, o := range outcomes {
				require.NoError(t, o.Err)
				require.False(t, o.Receipt.Already)
			}
			require.Equal(t, []string{"before", "x", "y", "z"}, keysOf(t, l))
			again, err := l.Append(t.Context(), 52, true, drafts("x", "y", "z"))
			require.NoError(t, err)
			require.Equal(t, outcomes[2].Receipt.Sequence, again[2].Receipt.Sequence)
		})
	}
}
