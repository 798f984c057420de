package events

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// streamConfig is how every stream of the ledger is kept.
func streamConfig(province uint8) jetstream.StreamConfig {
	name := StreamName(province)
	return jetstream.StreamConfig{
		Name:     name,
		Subjects: []string{"anju." + name[5:] + ".>"},
		Storage:  jetstream.FileStorage, // memory storage forgets

		// Nothing may ever be dropped to make room: a full store refuses.
		Discard:    jetstream.DiscardNew,
		Retention:  jetstream.LimitsPolicy,
		MaxMsgs:    -1,
		MaxBytes:   -1,
		MaxAge:     0,
		MaxMsgSize: -1, // a foreign message is kept as it is; the door bounds ours

		DenyDelete: true, // no message is taken out
		DenyPurge:  true, // nor all of them

		// Message ids only chain the messages of a group (jetstore.go); the server need not remember
		// them. This is the shortest window that it accepts.
		Duplicates: 100 * time.Millisecond,

		AllowDirect: true, // reads by sequence do not pass through the stream's queue

		// Compression stays off: sealed blocks that never change are the repair material, and many
		// fixes of recent releases are in the other paths.
		Compression: jetstream.NoCompression,
	}
}

// differsFrom names the first setting of a running stream that is not the ledger's, "" when
// all agree. Limits that a later update added would silently end the append-only promise.
func differsFrom(got, want jetstream.StreamConfig) string {
	checks := []struct {
		name      string
		got, want any
	}{
		{"subjects", fmt.Sprint(got.Subjects), fmt.Sprint(want.Subjects)},
		{"storage", got.Storage, want.Storage},
		{"discard", got.Discard, want.Discard},
		{"retention", got.Retention, want.Retention},
		{"max_msgs", got.MaxMsgs, want.MaxMsgs},
		{"max_bytes", got.MaxBytes, want.MaxBytes},
		{"max_age", got.MaxAge, want.MaxAge},
		{"max_msgs_per_subject", max(got.MaxMsgsPerSubject, 0), int64(0)},
		{"deny_delete", got.DenyDelete, want.DenyDelete},
		{"deny_purge", got.DenyPurge, want.DenyPurge},
		{"duplicate_window", got.Duplicates, want.Duplicates},
		{"allow_direct", got.AllowDirect, want.AllowDirect},
		{"allow_rollup_hdrs", got.AllowRollup, false},
		{"allow_msg_ttl", got.AllowMsgTTL, false},
		{"compression", got.Compression, want.Compression},
		{"sealed", got.Sealed, false},
		{"mirror", got.Mirror != nil, false},
		{"sources", len(got.Sources), 0},
	}
	for _, c := range checks {
		if c.got != c.want {
			return fmt.Sprintf("%s is %v instead of %v", c.name, c.got, c.want)
		}
	}
	return ""
}

// listProvinces returns the provinces that have a stream. The list is taken whole before the first is
// opened: it ends by a deadline of its own, and a stream whose directory has to be learned anew takes longer.
func (l *Ledger) listProvinces(ctx context.Context) (provinces []uint8, err error) {
	names := l.js.StreamNames(ctx)
	for name := range names.Name() {
		if province, ours := ParseStreamName(name); ours {
			provinces = append(provinces, province)
		}
	}
	return provinces, names.Err()
}
