package events

import (
	"bytes"
	"hash/fnv"
	"reflect"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// plainTag stands in for a keyring's tag where no secrecy is tested.
func plainTag(class string, value []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(class + "\x00"))
	_, _ = h.Write(value)
	return h.Sum64()
}

func learn(t *testing.T, d *Directory, home Home, sequence uint64, day domain.Day, f domain.Fact) {
	for _, k := range domain.Kinds() {
		if sameType(k.New(), f) {
			d.Learn(home, domain.Stamp{Kind: k, ID: domain.EventID{1, byte(sequence)}, Time: day.Moment(), Place: domain.Place{Province: home.Province, Sequence: sequence}}, f)
			return
		}
	}
	t.Fatalf("no kind for %T", f)
}

func sameType(a, b domain.Fact) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

func person(n uint64) domain.PersonID {
	return domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, n)}
}

func registered(number string, persons ...uint64) *domain.HouseholdRegistered {
	h := &domain.HouseholdRegistered{Number: domain.OpenPersonal(number)}
	for _, n := range persons {
		h.Members = append(h.Members, domain.Member{Person: person(n), Number: domain.OpenPersonal(number + string(rune('a'+n)))})
	}
	return h
}

func TestDirectoryUndoTakesBackWhatAFailedGroupTaught(t *testing.T) {
	d := NewDirectory(plainTag)
	home := HomeIn("520603003", domain.MintEntity(domain.HouseholdKind, 7))
	day := domain.MakeDay(2020, 1, 1)
	learn(t, d, home, 1, day, registered("H1", 1, 2))
	d.Settle(52, 1)
	before := snapshot(t, d)

	other := HomeIn("520603003", domain.MintEntity(domain.HouseholdKind, 8))
	learn(t, d, other, 2, day, registered("H2", 3))
	learn(t, d, home, 3, day+1, &domain.MemberLeft{Person: person(2)})
	learn(t, d, other, 4, day+1, &domain.MemberJoined{Member: domain.Member{Person: person(2)}})
	learn(t, d, home, 5, day+2, &domain.PersonDied{Person: person(1)})
	learn(t, d, other, 6, day+3, &domain.KeyDestroyed{Person: person(3)})
	require.Equal(t, []domain.Entity{person(3).Entity, person(2).Entity}, d.Members(other.Entity))
	require.Empty(t, d.Members(home.Entity))
	require.True(t, d.Forgotten(person(3).Entity))
	require.Len(t, d.Tombstones(person(3).Entity), 1)
	require.Equal(t, before, snapshot(t, d), "a snapshot holds only what is durable")

	d.Undo(52, 1)
	require.Equal(t, before, snapshot(t, d))
	require.Len(t, d.Members(home.Entity), 2)
	_, err := d.Resolve(domain.HouseholdKind, "520603", "H2")
	require.ErrorIs(t, err, ErrUnknownName)
}

func snapshot(t *testing.T, d *Directory) string {
	var b bytes.Buffer
	require.NoError(t, d.settled(52).save(&b))
	p, err := loadProvince(&b)
	require.NoError(t, err)
	loaded := NewDirectory(plainTag)
	loaded.resume(52, p)
	out := ""
	for _, s := range p.Slots[1:] {
		h, _ := loaded.Home(s.Entity)
		out += s.Entity.String() + "@" + h.String() + " "
	}
	for _, number := range []string{"H1", "H2"} {
		e, _ := loaded.Resolve(domain.HouseholdKind, "520603", number)
		out += number + "=" + e.String() + " "
		for _, m := range loaded.Members(e) {
			out += m.String() + " "
		}
	}
	return out
}

func TestAnIdentityNumberOfTwoPersonsIsAmbiguous(t *testing.T) {
	d := NewDirectory(plainTag)
	for n := range uint64(2) {
		h := registered("H"+string(rune('0'+n)), n+1)
		h.Members[0].IDNumber = domain.OpenPersonal("X")
		learn(t, d, HomeIn("520603", domain.MintEntity(domain.HouseholdKind, n+1)), n+1, 1, h)
	}
	_, err := d.Resolve(domain.PersonKind, "520603", "X")
	require.ErrorIs(t, err, ErrAmbiguousName)
	d.Undo(52, 1)
	e, err := d.Resolve(domain.PersonKind, "520603", "X")
	require.NoError(t, err)
	require.Equal(t, person(1).Entity, e)
}

func TestAHouseholdsDwellingIsThatOfTheDay(t *testing.T) {
	d := NewDirectory(plainTag)
	home := HomeIn("520603", domain.MintEntity(domain.HouseholdKind, 1))
	community := domain.CommunityID{Entity: domain.MintEntity(domain.CommunityKind, 1)}
	first := domain.DwellingID{Entity: domain.MintEntity(domain.DwellingKind, 1)}
	second := domain.DwellingID{Entity: domain.MintEntity(domain.DwellingKind, 2)}
	learn(t, d, home, 1, 100, registered("H1", 1))
	learn(t, d, home, 2, 100, &domain.DwellingHandedOver{Dwelling: first, Community: community, Address: domain.Address{Block: "1"}})
	learn(t, d, home, 3, 200, &domain.DwellingHandedOver{Dwelling: second, Community: community, Address: domain.Address{Block: "2"}})
	for day, want := range map[domain.Day]domain.Entity{150: first.Entity, 200: second.Entity} {
		got, err := d.DwellingOf(home.Entity, day)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	_, err := d.DwellingOf(home.Entity, 99)
	require.ErrorIs(t, err, ErrUnknownName)
	got, err := d.Over().Dwelling(community.Entity, domain.Address{Block: "2"})
	require.NoError(t, err)
	require.Equal(t, second.Entity, got)
}

func TestTagTableAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, twin := tagTable{}, map[uint64]uint32{}
		for i := range rapid.IntRange(1, 300).Draw(t, "steps") {
			tag := uint64(rapid.IntRange(1, 60).Draw(t, "tag"))
			if rapid.Bool().Draw(t, "put") {
				table.put(tag, uint32(i))
				twin[tag] = uint32(i)
			} else {
				table.remove(tag)
				delete(twin, tag)
			}
			for tag := range uint64(61) {
				got, ok := table.get(tag)
				want, there := twin[tag]
				require.Equal(t, there, ok)
				if ok {
					require.Equal(t, want, got)
				}
			}
		}
	})
}

func TestSlotTableAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, twin, slots := slotTable{}, map[domain.Entity]uint32{}, make([]slot, 1)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			e := domain.MintEntity(domain.PersonKind, uint64(rapid.IntRange(1, 60).Draw(t, "entity")))
			_, there := twin[e]
			switch {
			case !there:
				slots = append(slots, slot{Entity: e})
				twin[e] = uint32(len(slots) - 1)
				table.put(slots, twin[e])
			case rapid.Bool().Draw(t, "remove"):
				table.remove(slots, e)
				delete(twin, e)
			}
			for n := range uint64(61) {
				e := domain.MintEntity(domain.PersonKind, n)
				got, ok := table.get(slots, e)
				want, there := twin[e]
				require.Equal(t, there, ok)
				require.Equal(t, want, got)
			}
		}
	})
}

func TestWhatAVoidedFactTaughtDoesNotCount(t *testing.T) {
	d := NewDirectory(plainTag)
	home := HomeIn("520603", domain.MintEntity(domain.HouseholdKind, 1))
	event := func(n byte) domain.EventID { return domain.EventID{n, 8: 0x80} }
	sequence := uint64(0)
	tell := func(id domain.EventID, name string, f domain.Fact) {
		kind, ok := domain.KindOf(name)
		require.True(t, ok)
		sequence++
		d.Learn(home, domain.Stamp{Kind: kind, ID: id, Time: domain.Day(100).Moment(), Place: domain.Place{Province: 52, Sequence: sequence}}, f)
	}
	tell(event(1), "household.registered", registered("H1", 1, 2))
	tell(event(2), "household.member_left", &domain.MemberLeft{Person: person(2)})
	tell(event(3), "person.died", &domain.PersonDied{Person: person(1)})
	tell(event(4), "household.closed", &domain.HouseholdClosed{})
	require.Empty(t, d.Members(home.Entity))
	require.True(t, d.Closed(home.Entity))
	for n := byte(2); n <= 4; n++ {
		tell(event(10+n), "record.voided", &domain.RecordVoided{TargetEvent: event(n)})
	}
	require.Len(t, d.Members(home.Entity), 2)
	require.False(t, d.Closed(home.Entity))
	require.False(t, d.Over().Closed(home.Entity))
	_, err := d.Resolve(domain.HouseholdKind, "520603", "H1")
	require.NoError(t, err)

	var b bytes.Buffer
	d.Settle(52, sequence)
	require.NoError(t, d.settled(52).save(&b))
	p, err := loadProvince(&b)
	require.NoError(t, err)
	loaded := NewDirectory(plainTag)
	loaded.resume(52, p)
	require.Len(t, loaded.Members(home.Entity), 2, "after a restart as before")
	require.False(t, loaded.Closed(home.Entity))

	tell(event(21), "record.voided", &domain.RecordVoided{TargetEvent: event(14)})
	require.True(t, d.Closed(home.Entity), "a void that was voided takes nothing away")
	require.True(t, d.Over().Closed(home.Entity))
	require.Equal(t, domain.EventID{}, d.Voided(event(4)))
	tell(event(22), "record.voided", &domain.RecordVoided{TargetEvent: event(21)})
	require.False(t, d.Closed(home.Entity), "and counts again when that is voided")
	require.Equal(t, event(14), d.Voided(event(4)))
	tell(event(23), "record.corrected", &domain.RecordCorrected{TargetEvent: event(4)})
	require.True(t, d.Closed(home.Entity), "a correction after the void states the fact anew, as it does in views")
	tell(event(24), "record.corrected", &domain.RecordCorrected{TargetEvent: event(4)})
	tell(event(25), "record.voided", &domain.RecordVoided{TargetEvent: event(24)})
	require.Equal(t, event(23), d.Correction(event(4)), "the correction before it holds again")
	require.True(t, d.Closed(home.Entity))
	d.Undo(52, sequence-1)
	require.Equal(t, event(24), d.Correction(event(4)), "what is taken back teaches nothing")
}
