package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/damage"
)

// powerChild, when set, makes the test binary the child whose disk TestPowerCutUnderLoad cuts.
const powerChild = "ANJU_TEST_POWER_FOLDER"

// TestPowerCutUnderLoad takes the disk away from a process that appends single events and sets,
// kills it, and mounts the disk again: what was acknowledged is there once, and no half set.
func TestPowerCutUnderLoad(t *testing.T) {
	if dir := os.Getenv(powerChild); dir != "" {
		appendManyForEver(dir)
		return
	}
	disk := makeDisk(t, 512<<20)
	acknowledged := map[string]bool{}
	const rounds = 2
	for range rounds {
		for key := range cutPower(t, disk) {
			acknowledged[key] = true
		}
		require.NoError(t, disk.Again())
	}
	require.Greater(t, len(acknowledged), 1000)
	l, err := Open(t.Context(), Config{Dir: filepath.Join(disk.Path, "ledger"), Port: -1, MinFree: 1 << 20})
	require.NoError(t, err)
	seen := map[string]bool{}
	sets := map[string]int{}
	opened := 0
	for rec, err := range l.Read(t.Context(), 52, 0) {
		require.NoError(t, err)
		require.NotNil(t, rec.Event, "foreign entry at %d", rec.Sequence)
		require.False(t, seen[rec.Event.Key], "%s is recorded twice", rec.Event.Key)
		seen[rec.Event.Key] = true
		if rec.Event.Set.Parts > 0 {
			sets[rec.Event.Set.ID.String()]++
		}
		opened += openAll(t, l, rec.Event)
	}
	require.Greater(t, opened, 100)
	for id, parts := range sets {
		require.Equal(t, partsOfASet, parts, "half a set is shown: %s", id)
	}
	for key := range acknowledged {
		require.True(t, seen[key], "%s was acknowledged and is lost", key)
	}
	t.Logf("%d power cuts: %d acknowledged, %d recorded, %d sets, 0 lost, 0 halved; all %d sealed fields open",
		rounds, len(acknowledged), len(seen), len(sets), opened)
	require.NoError(t, l.Close())
}

// openAll opens every sealed field of the event, and returns how many there are.
func openAll(t *testing.T, l *Ledger, e *Event) (opened int) {
	t.Helper()
	fact, err := Opener{Ring: l.Ring()}.OpenAll(e)
	require.NoError(t, err, "a sealed field of %s does not open", e.Key)
	kind, err := e.Kind()
	require.NoError(t, err)
	kind.VisitBoxes(fact, func(ref domain.BoxRef) {
		if !ref.Box.IsZero() {
			require.NotEmpty(t, ref.Box.Plain, ref.Pointer)
			opened++
		}
	})
	return opened
}

// cutPower runs the child until it has acknowledged a thousand events, and returns these.
func cutPower(t *testing.T, disk *damage.Disk) map[string]bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPowerCutUnderLoad$")
	cmd.Env = append(os.Environ(), powerChild+"="+filepath.Join(disk.Path, "ledger"))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var text bytes.Buffer
	buf := make([]byte, 1<<16)
	for bytes.Count(text.Bytes(), []byte("\n")) < 1000 {
		n, err := out.Read(buf)
		require.NoError(t, err, "the child ended early: %s", text.String())
		text.Write(buf[:n])
	}
	require.NoError(t, disk.Cut())
	require.NoError(t, cmd.Process.Kill())
	_, err = text.ReadFrom(out)
	require.NoError(t, err)
	require.Error(t, cmd.Wait(), "the child was to be killed")
	lines := strings.Split(text.String(), "\n")
	keys := map[string]bool{}
	for _, key := range lines[:len(lines)-1] {
		keys[key] = true
	}
	return keys
}

// makeDisk makes a disk of that many bytes whose power may be cut, or that may be filled; the test is skipped where that
// needs rights or programs that are not there.
func makeDisk(t *testing.T, size int64) *damage.Disk {
	t.Helper()
	disk, err := damage.MakeDisk(t.TempDir(), size)
	if errors.Is(err, damage.ErrNoDisk) {
		t.Skip("SKIP:", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, disk.Close()) })
	return disk
}

// partsOfASet is how many events a set of the child has.
const partsOfASet = 3

// sealedDraft registers a household whose fields are sealed under new keys.
type sealedDraft struct{ testDraft }

func (d *sealedDraft) Settle(x *Index) (*Event, *Receipt, error) {
	e, there, err := d.testDraft.Settle(x)
	if e == nil || err != nil {
		return e, there, err
	}
	home, person := domain.MintEntity(domain.HouseholdKind, hashID(e.ID)), domain.MintEntity(domain.PersonKind, hashID(e.ID))
	fact := &domain.HouseholdRegistered{Category: "poor", Members: []domain.Member{{Person: domain.PersonID{Entity: person}, Relation: "head"}}}
	fact.Members[0].Name.Plain = []byte(`"某甲"`)
	fact.Number.Plain = []byte(`"5206"`)
	e.Type, e.Version, e.Subject, e.Home, e.Fact = "household.registered", 1, home, HomeIn("520603", home), fact
	kind, err := e.Kind()
	if err != nil {
		return nil, nil, err
	}
	kind.VisitBoxes(fact, func(ref domain.BoxRef) {
		owner := ref.Person
		if !owner.Present() {
			owner = home
		}
		if len(ref.Box.Plain) > 0 && err == nil {
			ref.Box.Sealed, err = x.Sealer().Seal(uint64(owner), e.ID, ref.Pointer, ref.Box.Plain)
		}
	})
	if err == nil {
		e.Data, err = domain.Encode(fact)
	}
	return e, nil, err
}

// appendManyForEver records single events, registrations and sets from several senders and prints the keys of
// what was acknowledged.
func appendManyForEver(dir string) {
	l, err := Open(context.Background(), Config{Dir: dir, Port: -1, MinFree: 1 << 20})
	if err != nil {
		panic(err)
	}
	var senders sync.WaitGroup
	for sender := range 8 {
		senders.Go(func() {
			for i := 0; ; i++ {
				keys := make([]string, partsOfASet)
				for part := range keys {
					keys[part] = fmt.Sprintf("%d-%d-%d-%d", os.Getpid(), sender, i, part)
				}
				all := drafts(keys...)
				for part := range all {
					if sender >= 4 {
						all[part] = &sealedDraft{testDraft{key: keys[part]}}
					}
				}
				outcomes, err := l.Append(context.Background(), 52, sender%2 == 0, all)
				if err != nil {
					return // the disk is gone
				}
				for part, o := range outcomes {
					if o.Err == nil {
						fmt.Println(keys[part])
					}
				}
			}
		})
	}
	senders.Wait()
	select {} // until it is killed
}
