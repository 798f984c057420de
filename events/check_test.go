package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/events/book"
)

// TestAChangedStreamIsAnAlarm lets an administrator do what the ledger never does; at the next
// minute the door stands still and says why.
func TestAChangedStreamIsAnAlarm(t *testing.T) {
	limited := streamConfig(52)
	limited.MaxMsgs, limited.Discard = 2, jetstream.DiscardOld
	roomy := streamConfig(52)
	roomy.MaxMsgs = 1000
	for name, c := range map[string]struct {
		fault   func(js jetstream.JetStream) error
		says    string
		refused bool   // by the next start too
		from    uint64 // the places that the alarm names
		to      uint64
	}{
		"a limit was set": {func(js jetstream.JetStream) error {
			_, err := js.UpdateStream(t.Context(), roomy)
			return err
		}, "max_msgs is 1000", true, 0, 0},
		"messages were dropped": {func(js jetstream.JetStream) error {
			if _, err := js.UpdateStream(t.Context(), limited); err != nil {
				return err
			}
			_, err := js.UpdateStream(t.Context(), streamConfig(52))
			return err
		}, "2 messages up to 3: some are lost", false, 1, 1},
		"the end is lost": {func(js jetstream.JetStream) error {
			return madeAnew(t, js)
		}, "ends at 0, and 3 was acknowledged", false, 1, 3},
		"it holds other messages": {func(js jetstream.JetStream) error {
			err := madeAnew(t, js)
			for range 3 {
				if err == nil {
					_, err = js.Publish(t.Context(), "anju.52.520603.household.x", []byte("x"))
				}
			}
			return err
		}, "the stream has other bytes there", false, 3, 3},
		"the stream is gone": {func(js jetstream.JetStream) error { return js.DeleteStream(t.Context(), "ANJU-52") }, "it is gone", false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			minute := make(chan time.Time)
			dir := t.TempDir()
			l, err := Open(t.Context(), Config{Dir: dir, Port: -1, minute: minute})
			require.NoError(t, err)
			record(t, l, "a", "b", "c")
			l.check(52)
			require.Empty(t, l.Streams()[0].Alarm)
			record(t, l, "c")

			require.NoError(t, c.fault(l.js))
			minute <- time.Time{}
			minute <- time.Time{} // taken when the check before has ended
			require.Contains(t, l.Streams()[0].Alarm, c.says)
			alarm := l.Streams()[0].Alarms[0]
			require.True(t, alarm.Stands)
			require.Equal(t, []uint64{c.from, c.to}, []uint64{alarm.From, alarm.To})
			require.Equal(t, []string{"a", "b", "c"}, keysOf(t, l), "what the book proves is read")
			_, err = l.Append(t.Context(), 52, false, drafts("d"))
			require.ErrorIs(t, err, ErrStopped)
			require.NoError(t, l.Close())

			l, err = Open(t.Context(), Config{Dir: dir, Port: -1})
			if c.refused {
				require.ErrorContains(t, err, c.says)
				return
			}
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			require.Equal(t, []string{"a", "b", "c"}, keysOf(t, l), "the book has it all")
		})
	}
}

func TestTheDoorCountsItsWork(t *testing.T) {
	l, err := Open(t.Context(), Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a", "b")
	record(t, l, "a")
	record(t, l, "c")
	stats := l.Stats()
	require.Len(t, stats.Doors, 1)
	door := stats.Doors[0]
	require.Equal(t, "ANJU-52", door.Stream)
	require.EqualValues(t, 2, door.Groups)
	require.EqualValues(t, 3, door.Events)
	require.GreaterOrEqual(t, door.SyncTime, door.SlowestSync)
	require.Zero(t, door.Waiting)
}

// TestAForeignMessageIsAnAlarm puts one behind the end while nobody records: at the next minute
// it is seen, and the door goes on.
func TestAForeignMessageIsAnAlarm(t *testing.T) {
	minute := make(chan time.Time)
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1, minute: minute})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a")
	_, err = l.js.Publish(t.Context(), "anju.52.520603.household.x", []byte("x"))
	require.NoError(t, err)
	minute <- time.Time{}
	minute <- time.Time{} // taken when the check before has ended
	state := l.Streams()[0]
	require.EqualValues(t, 1, state.Foreign)
	require.EqualValues(t, 2, state.Durable)
	require.EqualValues(t, 2, l.Books()[0].Written, "the book caught up")
	entry, err := l.writers[52].book.book.Entry(1)
	require.NoError(t, err)
	require.Equal(t, Entry("ANJU-52", 2, "anju.52.520603.household.x", []byte("x")), entry)
	require.Contains(t, state.Alarm, "不是账本的记录")
	require.Contains(t, state.Alarm, "no events of ours: 1")
	require.False(t, state.Stands)
	require.EqualValues(t, 3, record(t, l, "b")[0].Receipt.Sequence)
	require.Equal(t, []string{"a", "b"}, keysOf(t, l))
}

// TestADeletedStreamStopsTheDoorAtOnce records into a stream that an administrator deleted: the
// first answer says so, and so does the alarm, before any minute.
func TestADeletedStreamStopsTheDoorAtOnce(t *testing.T) {
	l, err := Open(t.Context(), Config{Dir: t.TempDir(), Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a")
	require.NoError(t, l.js.DeleteStream(t.Context(), "ANJU-52"))
	outcomes, err := l.Append(t.Context(), 52, false, drafts("b"))
	require.NoError(t, err)
	require.ErrorIs(t, outcomes[0].Err, ErrStopped)
	require.ErrorIs(t, outcomes[0].Err, errGone)
	state := l.Streams()[0]
	require.True(t, state.Stands)
	require.Contains(t, state.Alarm, "it is gone")
	_, err = l.Append(t.Context(), 52, false, drafts("b"))
	require.ErrorIs(t, err, errGone)
}

// TestADamagedLeafIsNotTheStreamsFault flips the last leaf of an open ledger: the minute's check
// does not take the stream for wrong, and the scrub makes the leaf again at once.
func TestADamagedLeafIsNotTheStreamsFault(t *testing.T) {
	dir := t.TempDir()
	l := openScrubbed(t, dir)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a", "b", "c")
	path := filepath.Join(dir, "book/ANJU-52/hashes.0")
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, flipInPlace(path, 70))
	l.check(52)
	require.Empty(t, l.Streams()[0].Alarms)
	l.scrubStep(scrubDay)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Equal(t, AlarmBookMended, l.Streams()[0].Alarms[0].Kind)
	record(t, l, "d")
}

// TestACheckpointThatCannotBeWrittenIsTriedAgain puts a folder where a file is to be written: the door goes
// on, the alarm ends with its cause.
func TestACheckpointThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(t.Context(), Config{Dir: dir, Port: -1})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a")
	l.signAll()
	for i, file := range []string{"checkpoints/ANJU-52.new", "book/ANJU-52/head.new"} {
		inTheWay := filepath.Join(dir, file)
		require.NoError(t, os.Mkdir(inTheWay, 0o700))
		record(t, l, file)
		l.signAll()
		state := l.Streams()[0]
		require.False(t, state.Stands, state.Alarm)
		require.Len(t, state.Alarms, 1)
		require.Equal(t, AlarmUnsigned, state.Alarms[0].Kind)
		require.Contains(t, state.Alarm, "is a directory")
		require.EqualValues(t, i+1, l.Books()[0].Signed)
		require.NoError(t, os.Remove(inTheWay))
		l.signAll()
		require.Empty(t, l.Streams()[0].Alarms)
		require.EqualValues(t, i+2, l.Books()[0].Signed)
	}
	w := l.writers[52]
	w.signFailed(fmt.Errorf("head: %w", book.ErrSync))
	require.ErrorIs(t, w.failure(), errSync)
	require.Equal(t, AlarmStopped, l.Streams()[0].Alarms[0].Kind)
}

// TestADamagedHeadIsWrittenAgain flips the head of an open ledger: signing goes on.
func TestADamagedHeadIsWrittenAgain(t *testing.T) {
	dir := t.TempDir()
	l := openScrubbed(t, dir)
	defer func() { require.NoError(t, l.Close()) }()
	record(t, l, "a", "b")
	l.signAll()
	require.NoError(t, flipInPlace(filepath.Join(dir, "book/ANJU-52/head"), 20))
	record(t, l, "c")
	l.signAll()
	state := l.Streams()[0]
	require.False(t, state.Stands, state.Alarm)
	require.Equal(t, AlarmBookMended, state.Alarms[0].Kind)
	require.EqualValues(t, 3, l.Books()[0].Signed)
}

// madeAnew deletes the stream and makes it again, empty. The server clears the old one's folder away
// behind its answer, and refuses to make another there until that is done.
func madeAnew(t *testing.T, js jetstream.JetStream) error {
	const storeIsThere = 10049
	if err := js.DeleteStream(t.Context(), "ANJU-52"); err != nil {
		return err
	}
	for {
		_, err := js.CreateStream(t.Context(), streamConfig(52))
		var refused *jetstream.APIError
		if !errors.As(err, &refused) || refused.ErrorCode != storeIsThere {
			return err
		}
	}
}
