// Package seen is a client's memory of the ledgers that it has asked: the last checkpoint that it saw
// of each stream, so that a ledger that was put back to an older state, or shows another history, is
// noticed by whoever asked it before. It is for every program that asks a ledger over HTTP; the command
// line uses it on each command.
//
// It follows C2SP tlog-checkpoint and tlog-tiles, and proves growth from the tiles by sumdb/tlog. A key is
// believed when it is seen first. TestWhatAClientNotices proves it.
package seen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/events/book"
)

// ErrChanged reports a ledger that is not the one that was seen before; see Change.
var ErrChanged = errors.New("the ledger is not the one that was seen before")

// ErrDamaged reports a file of memories that does not read. Look at it, or delete it: then everything is
// seen for the first time.
var ErrDamaged = errors.New("the file of remembered checkpoints does not read")

// Wait bounds each request that a check makes.
const Wait = 5 * time.Second

// Memory is what a client remembers. Any number of processes may use one file.
type Memory struct {
	Path string       // of the file, made when it is not there; "" remembers nothing
	HTTP *http.Client // nil = one with Wait
}

// file is what is in the file.
type file struct {
	Origins   map[string]sight             `json:"origins"`   // by the origin of a stream's checkpoints
	Addresses map[string]map[string]string `json:"addresses"` // of a ledger, to the origin of each stream there
}

// sight is the last that was seen of a stream.
type sight struct {
	Key        string `json:"key"`        // its public key, since it was seen first
	Checkpoint string `json:"checkpoint"` // signed by it
}

// Report says what a check met that is no reason to stop.
type Report struct {
	First     []string // public keys that were seen for the first time, and are believed from now on
	Unchecked []string // streams that could not be checked now, with the reason
}

// Check asks a ledger for its checkpoints and compares them with the last ones: one small request, and
// one a stream; when a stream has grown, some tiles more. It remembers what it saw. A *Change says
// that the ledger is not what it was. A ledger that keeps no book, does not answer, or is starting is
// no error: what is then asked of it will tell.
func (m *Memory) Check(ctx context.Context, address string) (Report, error) {
	var r Report
	if m.Path == "" {
		return r, nil
	}
	known, err := m.read()
	if err != nil {
		return r, err
	}
	for _, stream := range m.streams(ctx, address, known.Addresses[address]) {
		origin, now, err := m.look(ctx, address, stream, known)
		var changed *Change
		switch {
		case errors.As(err, &changed):
			changed.Address = address
			return r, changed
		case errors.Is(err, errNone):
			continue
		case err != nil:
			r.Unchecked = append(r.Unchecked, stream+": "+err.Error())
			continue
		}
		if _, before := known.Origins[origin]; !before {
			r.First = append(r.First, now.Key)
		}
		known.remember(address, stream, origin, now)
	}
	return r, m.write(known, false)
}

// remember enters a sight.
func (f *file) remember(address, stream, origin string, s sight) {
	f.Origins[origin] = s
	if f.Addresses[address] == nil {
		f.Addresses[address] = map[string]string{}
	}
	f.Addresses[address][stream] = origin
}

// errNone says that a ledger keeps no book of a stream, and never did.
var errNone = errors.New("no book")

// look fetches a stream's checkpoint and compares it with the last one.
func (m *Memory) look(ctx context.Context, address, stream string, known *file) (origin string, now sight, err error) {
	was := known.Addresses[address][stream]
	text, err := m.get(ctx, address+"/book/"+stream+"/checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		if was == "" {
			return "", now, errNone
		}
		return "", now, &Change{Kind: Gone, Stream: stream, Was: was, Seen: sizeOf(known.Origins[was])}
	}
	if err != nil {
		return "", now, err
	}
	_, origin, err = book.CheckpointText(text)
	if err != nil {
		return "", now, err
	}
	if was != "" && was != origin {
		return "", now, &Change{Kind: AnotherOrigin, Stream: stream, Was: was, Now: origin, Seen: sizeOf(known.Origins[was]), Holds: sizeIn(text)}
	}
	before, seen := known.Origins[origin]
	if !seen {
		key, err := m.get(ctx, address+"/book/"+stream+"/key")
		if err != nil {
			return "", now, err
		}
		now = sight{strings.TrimSpace(string(key)), string(text)}
		_, err = book.OpenCheckpoint(text, now.Key)
		return origin, now, err
	}
	head, err := book.OpenCheckpoint(text, before.Key)
	if err != nil {
		return "", now, &Change{Kind: AnotherKey, Stream: stream, Was: origin, Now: origin, Seen: sizeOf(before), Holds: sizeIn(text)}
	}
	now = sight{before.Key, string(text)}
	return origin, now, m.follows(ctx, address, stream, before, head)
}

// follows checks that a head goes on from what was seen.
func (m *Memory) follows(ctx context.Context, address, stream string, before sight, head book.Head) error {
	was, err := book.OpenCheckpoint([]byte(before.Checkpoint), before.Key)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	kept, err := m.keeps(ctx, address, stream, was, head)
	_, origin, _ := book.CheckpointText([]byte(before.Checkpoint))
	switch {
	case err != nil:
		return err
	case head.Size < was.Size:
		return &Change{Kind: RolledBack, Stream: stream, Was: origin, Now: origin, Seen: was.Size, Holds: head.Size}
	case !kept:
		return &Change{Kind: Forked, Stream: stream, Was: origin, Now: origin, Seen: was.Size, Holds: head.Size}
	}
	return nil
}

// read reads the file; an empty memory when it is not there.
func (m *Memory) read() (*file, error) {
	f := &file{map[string]sight{}, map[string]map[string]string{}}
	text, err := os.ReadFile(m.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, f); err != nil || f.Origins == nil || f.Addresses == nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrDamaged, m.Path, err)
	}
	return f, nil
}

// write takes what was seen into the file, where another process may have put more meanwhile: the larger
// checkpoint of an origin stays, unless the new one is accepted in its place.
func (m *Memory) write(seen *file, accepted bool) (err error) {
	if err := os.MkdirAll(filepath.Dir(m.Path), 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(m.Path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	f, err := m.read()
	if err != nil {
		return err
	}
	for origin, s := range seen.Origins {
		if before, known := f.Origins[origin]; accepted || !known || before.Key == s.Key && sizeOf(before) < sizeOf(s) {
			f.Origins[origin] = s
		}
	}
	for address, streams := range seen.Addresses {
		if f.Addresses[address] == nil {
			f.Addresses[address] = map[string]string{}
		}
		maps.Copy(f.Addresses[address], streams)
		maps.DeleteFunc(f.Addresses[address], func(_, origin string) bool { return origin == "" })
	}
	text, err := json.Marshal(f, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	if err := os.WriteFile(m.Path+".new", append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(m.Path+".new", m.Path)
}

func sizeOf(s sight) uint64 { return sizeIn([]byte(s.Checkpoint)) }

// sizeIn reads the size that a checkpoint names, 0 of what is none.
func sizeIn(checkpoint []byte) uint64 {
	text, origin, err := book.CheckpointText(checkpoint)
	if err != nil {
		return 0
	}
	h, _ := book.ParseCheckpoint(string(text), origin)
	return h.Size
}

// The bounds of what a ledger answers.
const (
	maxAnswer  = 1 << 20
	maxStreams = 100 // two digits name one
)

// get fetches a small resource; fs.ErrNotExist when the ledger has none.
func (m *Memory) get(ctx context.Context, address string) ([]byte, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := m.HTTP
	if client == nil {
		client = &http.Client{Timeout: Wait}
	}
	resp, err := client.Do(q)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode == http.StatusNotFound:
		return nil, fs.ErrNotExist
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the ledger answers %s", resp.Status)
	}
	return body, nil
}

// streams returns the streams of a ledger and those that were seen there before; none when it does not tell.
func (m *Memory) streams(ctx context.Context, address string, before map[string]string) []string {
	body, err := m.get(ctx, address+"/v1/ledger")
	var answer struct {
		Streams []struct {
			Stream string `json:"stream"`
		} `json:"streams"`
	}
	if err != nil || json.Unmarshal(body, &answer) != nil {
		return nil
	}
	all := slices.Collect(maps.Keys(before))
	for _, s := range answer.Streams {
		if !strings.Contains(s.Stream, "/") && len(all) < maxStreams {
			all = append(all, s.Stream)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
