package projections

import (
	"fmt"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

// trio registers a household of three, in a township of its own.
func (c *counter) trio(in domain.Division, n int) map[string]domain.Entity {
	return c.tell("rural", in, "household.registered", "2019-06-01", fmt.Sprintf(`{"number":"H%d","category":"poor","members":[{"number":"P%d","relation":"head"},{"number":"Q%d","relation":"spouse"},{"number":"R%d","relation":"child"}]}`, n, n, n, n)).IDs
}

func (c *counter) splits(in domain.Division, of domain.Entity, day string, members ...domain.Entity) domain.Entity {
	return c.tell("township", in, "household.split", day, fmt.Sprintf(`%q|{"children":[{"members":%s}]}`, of, list(members))).IDs["/data/children/0/household"]
}

func (c *counter) heads(in domain.Division, of, who domain.Entity, day string) *intake.Receipt {
	return c.tell("psb", in, "household.head_changed", day, fmt.Sprintf(`%q|{"new_head":%q,"reason":"split"}`, of, who))
}

func (c *counter) membersOf(home domain.Entity) MembersAnswer {
	require.NoError(c, c.views.CaughtUp(c.Context()))
	a, err := c.views.now().Members(home, c.ledger.Directory(), at)
	require.NoError(c, err)
	return a
}

// Who is found to have been there when the household was split, and is told of only since, stays in what remained of
// it, and both say so until it is settled.
func TestWhoIsFoundAfterASplitStaysAndIsTold(t *testing.T) {
	c, in := openCounter(t), domain.Division("520603101")
	ids := c.trio(in, 1)
	home := ids["/subject"]
	child := c.splits(in, home, "2021-03-01", ids["/data/members/2/person"])
	require.Empty(t, c.kinds(in))
	found := c.tell("psb", in, "household.member_joined", "2021-02-01", fmt.Sprintf(`%q|{"member":{"relation":"child"},"reason":"found"}`, home))
	require.Equal(t, []domain.DiscrepancyKind{domain.FoundAfterSplit}, c.kinds(in))
	who := found.IDs["/data/member/person"]
	require.Contains(t, c.ledger.Directory().Members(home), who)
	require.NotContains(t, c.ledger.Directory().Members(child), who)
	c.void("psb", in, found)
	require.Empty(t, c.kinds(in))
}

// A split is the township's, a new head the police's: they come one after the other, in any order, and each household
// has its head.
func TestASplitAndTheHeadsOfBothAreTwoOfficesFacts(t *testing.T) {
	c := openCounter(t)
	for n, order := range []string{"the split first", "the parent's new head first", "the head goes, and is told of as the child's again"} {
		in := domain.Division(fmt.Sprintf("520603%d", 110+n))
		ids := c.trio(in, n+1)
		home, head, wife, son := ids["/subject"], ids["/data/members/0/person"], ids["/data/members/1/person"], ids["/data/members/2/person"]
		leads := son // the child's
		var child domain.Entity
		switch n {
		case 0:
			child = c.splits(in, home, "2021-03-01", son)
			require.Equal(t, []domain.DiscrepancyKind(nil), c.kinds(in), order)
			c.heads(in, child, son, "2021-03-01")
			leads, wife = son, head // whom the parent keeps as its head
		case 1:
			c.heads(in, home, wife, "2021-03-01")
			child = c.splits(in, home, "2021-03-01", head, son)
			leads = head
			c.heads(in, child, head, "2021-03-01")
		default:
			child = c.splits(in, home, "2021-03-01", head, son)
			require.Equal(t, []domain.DiscrepancyKind{domain.HeadGone}, c.kinds(in), order)
			c.heads(in, home, wife, "2021-03-01")
			c.heads(in, child, son, "2021-03-02")
		}
		require.Empty(t, c.kinds(in), order)
		for of, want := range map[domain.Entity]domain.Entity{home: wife, child: leads} {
			a := c.membersOf(of)
			require.NotNil(t, a.Head, order)
			require.Equal(t, want, a.Head.Person, order)
		}
	}
}

// A death that civil affairs told already, and the police's set of the death and the new head, in any order; the heir
// who is known to be dead himself is refused, in a dry run, too.
func TestAKnownDeathAndTheNewHead(t *testing.T) {
	c := openCounter(t)
	caller := intake.Caller{Department: "psb", Division: "520603"}
	for n, order := range [][2]int{{0, 1}, {1, 0}} {
		in := domain.Division(fmt.Sprintf("520603%d", 120+n))
		ids := c.trio(in, n+1)
		home, head, wife, son := ids["/subject"], ids["/data/members/0/person"], ids["/data/members/1/person"], ids["/data/members/2/person"]
		c.tell("civil", in, "person.died", "2021-03-01", fmt.Sprintf(`{"person":%q}`, head))
		c.tell("civil", in, "person.died", "2021-02-01", fmt.Sprintf(`{"person":%q}`, son))
		require.Equal(t, []domain.DiscrepancyKind{domain.HeadGone}, c.kinds(in))
		set := func(heir domain.Entity) []*intake.Submission {
			bodies := []string{
				fmt.Sprintf(`{"type":"person.died","key":"set/%d/died","time":"2021-03-01","division":"%s","data":{"person":%q}}`, n, in, head),
				fmt.Sprintf(`{"type":"household.head_changed","key":"set/%d/head","time":"2021-03-01","division":"%s","subject":%q,"data":{"old_head":%q,"new_head":%q,"reason":"death"}}`, n, in, home, head, heir),
			}
			return []*intake.Submission{intake.Parse([]byte(bodies[order[0]]), caller, testNow()), intake.Parse([]byte(bodies[order[1]]), caller, testNow())}
		}
		before := c.ledger.Directory().Position(52)
		for _, answers := range [][]intake.Answer{c.door.Record(t.Context(), caller, set(son), true), c.door.Try(t.Context(), caller, set(son))} {
			refused := answers[order[1]].Problem
			require.NotNil(t, refused)
			text, err := json.Marshal(refused)
			require.NoError(t, err)
			require.Contains(t, string(text), "/data/new_head")
		}
		require.Equal(t, before, c.ledger.Directory().Position(52))
		for _, a := range c.door.Record(t.Context(), caller, set(wife), true) {
			require.Nil(t, a.Problem, "%+v", a.Problem)
		}
		require.Empty(t, c.kinds(in))
		require.Equal(t, wife, c.membersOf(home).Head.Person)
	}
}

// Whom a merge or a split took everybody from has no head any more.
func TestAHouseholdThatEndedNamesNoHead(t *testing.T) {
	c, in := openCounter(t), domain.Division("520603130")
	first, second, third := c.trio(in, 1), c.trio(in, 2), c.trio(in, 3)
	c.tell("township", in, "household.merged", "2021-03-01", fmt.Sprintf(`{"into":%q,"from":[%q],"reason":"care"}`, first["/subject"], second["/subject"]))
	c.splits(in, third["/subject"], "2021-03-01", third["/data/members/0/person"], third["/data/members/1/person"], third["/data/members/2/person"])
	for _, ended := range []domain.Entity{second["/subject"], third["/subject"]} {
		a := c.membersOf(ended)
		require.Nil(t, a.Head)
		require.Len(t, a.Members, 3)
		for _, m := range a.Members {
			require.Equal(t, domain.MakeDay(2021, 3, 1), m.To)
		}
		before, err := c.views.now().Members(ended, c.ledger.Directory(), domain.MakeDay(2021, 2, 28))
		require.NoError(t, err)
		require.NotNil(t, before.Head)
	}
}
