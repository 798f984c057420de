package intake

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// TestACorrectedNameReplacesTheOldOne corrects numbers, codes and addresses, voids corrections, and looks up
// who answers to what: as it happens, and after starts with and without a snapshot.
func TestACorrectedNameReplacesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	var ledger *events.Ledger
	open := func(config events.Config) *Door {
		config.Dir, config.Port, config.Clock = dir, -1, testNow
		var err error
		ledger, err = events.Open(t.Context(), config)
		require.NoError(t, err)
		return NewDoor(Config{
			Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
			Random: rand.Reader, Now: testNow,
		})
	}
	d := open(events.Config{})
	keys := 0
	tell := func(c Caller, kind, data string) *Receipt {
		t.Helper()
		keys++
		subject := ""
		if of, rest, named := strings.Cut(data, "|"); named {
			subject, data = `"subject":`+of+",", rest
		}
		return accepted(t, d, c, fmt.Sprintf(`{"type":"%s","key":"n/%d","time":"2021-06-30","division":"520603003",%s"data":%s}`, kind, keys, subject, data))
	}
	correct := func(c Caller, r *Receipt, data string) *Receipt {
		t.Helper()
		return tell(c, "record.corrected", `{"target_event":"`+r.ID.String()+`","reason":"typo","data":`+data+`}`)
	}
	void := func(c Caller, r *Receipt) *Receipt {
		t.Helper()
		return tell(c, "record.voided", `{"target_event":"`+r.ID.String()+`","reason":"false"}`)
	}
	register := func(household, person, identity string) string {
		return `{"number":"` + household + `","category":"poor","members":[{"number":"` + person + `","relation":"head","id_number":"` + identity + `"}]}`
	}
	who := func(kind domain.EntityKind, number string) string {
		e, err := d.directory.Resolve(kind, "520603", number)
		switch {
		case errors.Is(err, events.ErrAmbiguousName):
			return "several"
		case err != nil:
			return "nobody"
		}
		return e.String()
	}
	const one, two, three = "990101198112010025", "990101198112010033", "990101198112010041"
	a := tell(rural(), "household.registered", register("H1", "P1", one))
	b := tell(rural(), "household.registered", register("H2", "P2", one))
	homeA, homeB := a.IDs["/subject"].String(), b.IDs["/subject"].String()
	personA, personB := a.IDs["/data/members/0/person"].String(), b.IDs["/data/members/0/person"].String()
	require.Equal(t, "several", who(domain.PersonKind, one))
	tell(Caller{"psb", "520603"}, "person.identity_linked", `{"person":{"number":"P2"},"id_number":"`+one+`","scheme":"resident_id","match":"exact"}`)

	fix := correct(rural(), a, register("H3", "P3", two))
	require.Equal(t, []string{"nobody", homeA, "nobody", personA}, []string{who(domain.HouseholdKind, "H1"), who(domain.HouseholdKind, "H3"), who(domain.PersonKind, "P1"), who(domain.PersonKind, "P3")})
	require.Equal(t, []string{personB, personA}, []string{who(domain.PersonKind, one), who(domain.PersonKind, two)}, "the number is one person's now")
	undone := void(rural(), fix)
	require.Equal(t, []string{homeA, "nobody"}, []string{who(domain.HouseholdKind, "H1"), who(domain.HouseholdKind, "H3")}, "the correction was voided")
	require.Equal(t, "several", who(domain.PersonKind, one))
	void(rural(), undone)
	require.Equal(t, homeA, who(domain.HouseholdKind, "H3"), "and holds again")
	correct(rural(), b, register("H1", "P2", three))
	require.Equal(t, homeB, who(domain.HouseholdKind, "H1"), "the number that a typing error had taken")
	require.Equal(t, personB, who(domain.PersonKind, one), "the police state it too")
	require.Equal(t, personB, who(domain.PersonKind, three))

	bare := correct(rural(), a, `{"category":"poor","members":[{"relation":"head"}]}`)
	require.Equal(t, []string{homeB, "nobody", personA}, []string{who(domain.HouseholdKind, "H1"), who(domain.HouseholdKind, "H3"), who(domain.PersonKind, "P1")}, "who leaves the numbers out says nothing of them")
	void(rural(), bare)
	require.Equal(t, []string{homeA, personA}, []string{who(domain.HouseholdKind, "H3"), who(domain.PersonKind, "P3")})

	facility := func(code string) string {
		return `{"code":"` + code + `","name":"n","stage":"building","kind":"clinic"}`
	}
	edu := Caller{"edu", "520603"}
	first := tell(edu, "facility.changed", facility("F1"))
	second := tell(edu, "facility.changed", facility("F1"))
	id := first.IDs["/data/facility"].String()
	correct(edu, second, facility("F2"))
	require.Equal(t, []string{id, id}, []string{who(domain.FacilityKind, "F1"), who(domain.FacilityKind, "F2")}, "the first fact states the old code still")
	correct(edu, first, facility("F2"))
	require.Equal(t, []string{"nobody", id}, []string{who(domain.FacilityKind, "F1"), who(domain.FacilityKind, "F2")})

	address := func(room string) domain.Address { return domain.Address{Block: "1", Unit: "2", Room: room} }
	keysGiven := func(room string) string { return `{"address":{"block":"1","unit":"2","room":"` + room + `"}}` }
	ndrc := Caller{"ndrc", "520603"}
	home := tell(ndrc, "dwelling.handed_over", `{"number":"H3"}|`+keysGiven("301"))
	correct(ndrc, home, keysGiven("302"))
	dwelling := func(room string) domain.Entity {
		e, _ := d.directory.Dwelling(0, address(room))
		return e
	}
	require.Equal(t, []domain.Entity{0, home.IDs["/data/dwelling"]}, []domain.Entity{dwelling("301"), dwelling("302")})

	state := func() []string {
		return []string{
			who(domain.HouseholdKind, "H1"), who(domain.HouseholdKind, "H2"), who(domain.HouseholdKind, "H3"), who(domain.PersonKind, one),
			who(domain.PersonKind, two), who(domain.PersonKind, three), who(domain.FacilityKind, "F1"), who(domain.FacilityKind, "F2"),
			dwelling("301").String(), dwelling("302").String(), who(domain.PersonKind, "P1"), who(domain.PersonKind, "P2"), who(domain.PersonKind, "P3"),
		}
	}
	before := state()
	require.NoError(t, ledger.Close())
	d = open(events.Config{})
	require.Equal(t, before, state(), "from a snapshot")
	require.NoError(t, ledger.Close())
	removeSnapshot(t, dir)
	d = open(events.Config{})
	defer func() { require.NoError(t, ledger.Close()) }()
	require.Equal(t, before, state(), "from the log")
}

// removeSnapshot deletes what a start would go on from.
func removeSnapshot(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(dir, "door.snapshot")))
}

// TestASetMayCorrectItsOwnPart: names are restated though neither the record nor its key is on disk yet.
func TestASetMayCorrectItsOwnPart(t *testing.T) {
	d := testDoor(t)
	const id = "0192f3c1-0000-7000-8000-00000000000a"
	register := func(number string) string {
		return `{"number":"` + number + `","category":"poor","members":[{"number":"P1","name":"某甲","relation":"head"}]}`
	}
	c := rural()
	set := []*Submission{
		Parse([]byte(`{"type":"household.registered","id":"`+id+`","time":"2020-01-01","data":`+register("H1")+`}`), c, testNow()),
		Parse([]byte(`{"type":"record.corrected","key":"fix","time":"2021-06-30","data":{"target_event":"`+id+`","reason":"typo","data":`+register("H2")+`}}`), c, testNow()),
	}
	for _, a := range d.Record(t.Context(), c, set, true) {
		require.Nil(t, a.Problem, "%+v", a.Problem)
	}
	_, err := d.directory.Resolve(domain.HouseholdKind, "520603", "H1")
	require.ErrorIs(t, err, events.ErrUnknownName)
	_, err = d.directory.Resolve(domain.HouseholdKind, "520603", "H2")
	require.NoError(t, err)
}
