package seen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/anju-ledger/anju/events/book"
)

// ChangeKind says how a ledger is not the one that was seen before.
type ChangeKind string

// The kinds.
const (
	RolledBack    ChangeKind = "rolled_back"    // it holds fewer events
	Forked        ChangeKind = "forked"         // what was seen is not in it
	Gone          ChangeKind = "gone"           // the stream is not there
	AnotherKey    ChangeKind = "another_key"    // the same name, signed by another key
	AnotherOrigin ChangeKind = "another_origin" // another ledger, or one that was restored
)

// Change is a ledger that is not the one that was seen before. It is an ErrChanged.
type Change struct {
	Kind        ChangeKind
	Address     string // of the server
	Stream      string
	Was, Now    string // origins
	Seen, Holds uint64 // events
}

// Error names what changed, and the way out, in both languages.
func (c *Change) Error() string {
	var zh, en string
	switch c.Kind {
	case RolledBack, Gone:
		zh = fmt.Sprintf("曾见 %d 条，现有 %d 条：账本被恢复到旧状态", c.Seen, c.Holds)
		en = fmt.Sprintf("%d events were seen, %d are there: it was put back to an older state", c.Seen, c.Holds)
	case Forked:
		zh = fmt.Sprintf("先前所见的 %d 条不在其中：历史被改写", c.Seen)
		en = fmt.Sprintf("the %d events that were seen are not what it begins with: its history was rewritten", c.Seen)
	case AnotherKey:
		zh = "公钥已更换"
		en = "it is signed by another key"
	case AnotherOrigin:
		zh = fmt.Sprintf("来源标识由 %s 变为 %s：该地址上换了另一账本（如又一次 anju demo），或恢复后的账本", c.Was, c.Now)
		en = fmt.Sprintf("its origin was %s and is %s: at this address stands another ledger now, such as another anju demo, or one that was restored", c.Was, c.Now)
	}
	return fmt.Sprintf("%s（%s）：%s。请询问运维者；若属实，用 anju book trust --server %s --yes 接受 / %v, %s: %s. Ask its operator; \"anju book trust --server %s --yes\" accepts it", "账本与先前所见不符", c.Stream, zh, c.Address, ErrChanged, c.Stream, en, c.Address)
}

// Unwrap returns ErrChanged.
func (c *Change) Unwrap() error { return ErrChanged }

// Trusted is one stream that a client accepts as it is now.
type Trusted struct {
	Stream     string
	Was, Now   string // origins; Was is "" when it was never seen, Now when it is gone
	Seen       uint64 // events, when it was seen last
	Holds      uint64 // events now
	Key        string // public key, now
	Kept       bool   // all that was seen is there, in its place
	checkpoint string
}

// Compare says how the ledger at an address stands to what was seen of it, and remembers nothing. The
// streams come in their order.
func (m *Memory) Compare(ctx context.Context, address string) (all []Trusted, err error) {
	known, err := m.read()
	if err != nil {
		return nil, err
	}
	for _, stream := range m.streams(ctx, address, known.Addresses[address]) {
		origin := known.Addresses[address][stream]
		t, err := m.compare(ctx, address, stream, known.Origins[origin])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stream, err)
		}
		t.Was = origin
		all = append(all, t)
	}
	return all, nil
}

func (m *Memory) compare(ctx context.Context, address, stream string, before sight) (Trusted, error) {
	t := Trusted{Stream: stream, Seen: sizeOf(before)}
	text, err := m.get(ctx, address+"/book/"+stream+"/checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	key, err := m.get(ctx, address+"/book/"+stream+"/key")
	if err != nil {
		return t, err
	}
	t.Key, t.checkpoint = strings.TrimSpace(string(key)), string(text)
	head, err := book.OpenCheckpoint(text, t.Key)
	if err != nil {
		return t, err
	}
	_, t.Now, _ = book.CheckpointText(text)
	t.Holds = head.Size
	if before == (sight{}) {
		t.Kept = true
		return t, nil
	}
	was, err := book.OpenCheckpoint([]byte(before.Checkpoint), before.Key)
	if err == nil {
		t.Kept, err = m.keeps(ctx, address, stream, was, head)
	}
	return t, err
}

// Trust remembers a ledger as Compare found it, in the place of what was seen there before. What
// was seen under a former origin stays in the file.
func (m *Memory) Trust(address string, all []Trusted) error {
	accepted := &file{map[string]sight{}, map[string]map[string]string{address: {}}}
	for _, t := range all {
		accepted.Addresses[address][t.Stream] = t.Now
		if t.Now != "" {
			accepted.Origins[t.Now] = sight{t.Key, t.checkpoint}
		}
	}
	return m.write(accepted, true)
}
