package projections

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake"
)

// counter is a ledger with its door and its views, at which a test stands.
type counter struct {
	*testing.T
	ledger *events.Ledger
	door   *intake.Door
	views  *Views
	keys   int
}

func openCounter(t *testing.T) *counter {
	ledger, err := events.Open(t.Context(), events.Config{Clock: testNow})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ledger.Close()) })
	door := intake.NewDoor(intake.Config{
		Log: ledger, Directory: ledger.Directory(), Opener: &events.Opener{Ring: ledger.Ring()}, Ring: ledger.Ring(),
		Random: rand.Reader, Now: testNow,
	})
	return &counter{t, ledger, door, viewsOf(t, ledger), 0}
}

// tell records a fact as a department of a division would: data is JSON, and may name a subject before a
// "|". It fails the test when it is refused.
func (c *counter) tell(department domain.Department, division domain.Division, kind, day, data string) *intake.Receipt {
	c.Helper()
	a := c.offer(department, division, kind, day, data)
	require.Nil(c, a.Problem, "%s %+v", kind, a.Problem)
	return a.Receipt
}

func (c *counter) offer(department domain.Department, division domain.Division, kind, day, data string) intake.Answer {
	c.keys++
	subject := ""
	if of, rest, named := strings.Cut(data, "|"); named {
		subject, data = `"subject":`+of+",", rest
	}
	caller := intake.Caller{Department: department, Division: division[:6]}
	body := fmt.Sprintf(`{"type":"%s","key":"k/%d","time":"%s","division":"%s",%s"data":%s}`, kind, c.keys, day, division, subject, data)
	return c.door.Record(c.Context(), caller, []*intake.Submission{intake.Parse([]byte(body), caller, testNow())}, false)[0]
}

// home registers a household of two in a township, the first member with an ID number.
func (c *counter) home(division domain.Division, number int, identity string) *intake.Receipt {
	return c.tell("rural", division, "household.registered", "2019-06-01", registration(number, identity, "1980-05"))
}

func registration(number int, identity, birth string) string {
	return fmt.Sprintf(`{"number":"H%d","category":"poor","members":[{"number":"P%d","relation":"head","birth_month":"%s","id_number":"%s"},{"number":"Q%d","relation":"spouse"}]}`, number, number, birth, identity, number)
}

// void and correct settle what does not fit.
func (c *counter) void(department domain.Department, division domain.Division, r *intake.Receipt) {
	c.tell(department, division, "record.voided", "2021-06-30", `{"target_event":"`+r.ID.String()+`","reason":"false"}`)
}

func (c *counter) correct(department domain.Department, division domain.Division, r *intake.Receipt, data string) {
	c.tell(department, division, "record.corrected", "2021-06-30", `{"target_event":"`+r.ID.String()+`","reason":"typo","data":`+data+`}`)
}

// kinds are the kinds of discrepancies in a division.
func (c *counter) kinds(division domain.Division) (kinds []domain.DiscrepancyKind) {
	require.NoError(c, c.views.CaughtUp(c.Context()))
	list, err := c.views.now().Discrepancies(c.Context(), Query{Division: division, Limit: 100}, at)
	require.NoError(c, err)
	for _, d := range list.Discrepancies {
		require.NotEmpty(c, d.Settle)
		require.NotEmpty(c, d.Facts)
		kinds = append(kinds, d.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// TestEveryDiscrepancyIsGoneOnceItIsSettled tells what does not fit together, a kind each in a township of
// its own, through the door; sees it on the worklist; and settles it as whoever recorded it would.
func TestEveryDiscrepancyIsGoneOnceItIsSettled(t *testing.T) {
	c := openCounter(t)
	const nobody = "990101198112010025"
	cases := []struct {
		kind domain.DiscrepancyKind
		tell func(in domain.Division, n int) (settle func())
	}{
		{domain.TwoOpenPlacements, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.tell("hrss", in, "job.placed", "2020-01-01", fmt.Sprintf(`{"person":{"number":"P%d"}}`, n))
			second := c.tell("hrss", in, "job.placed", "2020-02-01", fmt.Sprintf(`{"person":{"number":"P%d"}}`, n))
			return func() { c.void("hrss", in, second) }
		}},
		{domain.AfterDeath, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			died := c.tell("civil", in, "person.died", "2020-01-01", fmt.Sprintf(`{"person":{"number":"Q%d"}}`, n))
			c.tell("hrss", in, "job.placed", "2020-02-01", fmt.Sprintf(`{"person":{"number":"Q%d"}}`, n))
			return func() { c.void("civil", in, died) }
		}},
		{domain.AfterClosing, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			closed := c.tell("township", in, "household.closed", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"reason":"withdrawn"}`, n))
			c.tell("township", in, "visit.made", "2020-02-01", fmt.Sprintf(`{"number":"H%d"}|{"purpose":"routine"}`, n))
			return func() { c.void("township", in, closed) }
		}},
		{domain.TitleBeforeKeys, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			keys := c.tell("ndrc", in, "dwelling.handed_over", "2020-03-01", fmt.Sprintf(`{"number":"H%d"}|{"address":{"block":"1","unit":"%d","room":"1"}}`, n, n))
			title := c.tell("nr", in, "title.application_accepted", "2020-02-01", `{"dwelling":"`+keys.IDs["/data/dwelling"].String()+`"}`)
			return func() { c.void("nr", in, title) }
		}},
		{domain.RestsOnVoided, func(in domain.Division, n int) func() { // the certificate was told first, so that the door knew of nothing that rests
			c.home(in, n, "")
			keys := c.tell("ndrc", in, "dwelling.handed_over", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"address":{"block":"2","unit":"%d","room":"1"}}`, n, n))
			title := `{"dwelling":"` + keys.IDs["/data/dwelling"].String() + `","application_no":"SL1"}`
			issued := c.tell("nr", in, "title.certificate_issued", "2020-03-01", title)
			c.void("nr", in, c.tell("nr", in, "title.application_accepted", "2020-02-01", title))
			return func() { c.void("nr", in, issued) }
		}},
		{domain.PaidAfterEnd, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			who := fmt.Sprintf(`{"person":{"number":"P%d"},"kind":"pension"`, n)
			c.tell("civil", in, "entitlement.started", "2020-01-01", who+`}`)
			c.tell("civil", in, "entitlement.ended", "2020-03-01", who+`,"reason":"expired"}`)
			paid := c.tell("civil", in, "benefit.paid", "2020-05-01", who+`,"amount_fen":100}`)
			return func() { c.correct("civil", in, paid, who+`,"amount_fen":100,"period":"2020-02"}`) }
		}},
		{domain.OverspentFund, func(in domain.Division, n int) func() {
			facility := c.tell("edu", in, "facility.changed", "2020-01-01", fmt.Sprintf(`{"code":"F%d","name":"n","stage":"open","kind":"clinic"}`, n)).IDs["/data/facility"].String()
			fund := c.tell("finance", in, "fund.allocated", "2020-02-01", `{"for":{"facility":"`+facility+`"},"source":"bond","amount_fen":100,"year":2020}`).IDs["/data/fund"].String()
			spent := c.tell("finance", in, "fund.disbursed", "2020-03-01", `{"fund":"`+fund+`","amount_fen":101,"voucher_no":"v1"}`)
			return func() {
				c.correct("finance", in, spent, `{"fund":"`+fund+`","amount_fen":100,"voucher_no":"v1"}`)
			}
		}},
		{domain.InTwoHouseholds, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.home(in, n+1, "")
			joined := c.tell("psb", in, "household.member_joined", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"member":{"number":"P%d","relation":"spouse"},"reason":"marriage","from_household":{"number":"H%d"}}`, n+1, n, n))
			return func() { c.void("psb", in, joined) }
		}},
		{domain.SecondNumber, func(in domain.Division, n int) func() {
			identity := strings.Replace(nobody, "1201", "0401", 1)
			c.home(in, n, identity)
			other := c.home(in, n+1, identity)
			return func() {
				c.correct("rural", in, other, registration(n+1, strings.Replace(nobody, "1201", "0501", 1), "1980-05"))
			}
		}},
		{domain.InTwoCounties, func(in domain.Division, n int) func() {
			c.home(in, n, nobody)
			other := c.home("520602001", n, nobody)
			return func() {
				c.correct("rural", "520602001", other, registration(n, strings.Replace(nobody, "1201", "0101", 1), "1980-05"))
			}
		}},
		{domain.InTwoCounties, func(in domain.Division, n int) func() {
			c.home("520602001", n, "")
			c.home(in, n, "")
			joined := c.tell("psb", in, "household.member_joined", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"member":{"number":"R%d","relation":"child"},"reason":"adoption","from_household":{"number":"H%d","division":"520602"}}`, n, n, n))
			return func() { c.void("psb", in, joined) }
		}},
		{domain.BeforeBirth, func(in domain.Division, n int) func() {
			born := c.tell("rural", in, "household.registered", "2019-06-01", registration(n, "", "2020-05"))
			c.tell("health", in, "service.enrolled", "2020-01-01", fmt.Sprintf(`{"person":{"number":"P%d"},"kind":"family_doctor"}`, n))
			return func() { c.correct("rural", in, born, registration(n, "", "1980-05")) }
		}},
		{domain.BeforeRegistration, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			visit := c.tell("township", in, "visit.made", "2019-05-31", fmt.Sprintf(`{"number":"H%d"}|{"purpose":"routine"}`, n))
			return func() { c.void("township", in, visit) }
		}},
		{domain.PartsDoNotSum, func(in domain.Division, n int) func() {
			facility := c.tell("edu", in, "facility.changed", "2020-01-01", fmt.Sprintf(`{"code":"F%d","name":"n","stage":"building","kind":"clinic","cost_fen":100}`, n)).IDs["/data/facility"].String()
			c.tell("finance", in, "fund.allocated", "2020-02-01", `{"for":{"facility":"`+facility+`"},"source":"bond","amount_fen":80,"year":2020}`)
			second := c.tell("finance", in, "fund.allocated", "2020-03-01", `{"for":{"facility":"`+facility+`"},"source":"donation","amount_fen":21,"year":2020}`)
			return func() {
				c.correct("finance", in, second, `{"for":{"facility":"`+facility+`"},"source":"donation","amount_fen":20,"year":2020}`)
			}
		}},
		{domain.VerifiedAfterEnd, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			job := c.tell("hrss", in, "job.placed", "2020-01-01", fmt.Sprintf(`{"person":{"number":"P%d"}}`, n)).IDs["/data/placement"].String()
			c.tell("hrss", in, "job.ended", "2020-02-01", fmt.Sprintf(`{"person":{"number":"P%d"},"placement":"%s","reason":"resigned"}`, n, job))
			yes := c.tell("hrss", in, "job.verified", "2020-03-01", fmt.Sprintf(`{"person":{"number":"P%d"},"placement":"%s","still":"yes","method":"call"}`, n, job))
			return func() { c.void("hrss", in, yes) }
		}},
		{domain.EndedBeforeStart, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			job := c.tell("hrss", in, "job.placed", "2020-03-01", fmt.Sprintf(`{"person":{"number":"P%d"}}`, n)).IDs["/data/placement"].String()
			end := c.tell("hrss", in, "job.ended", "2020-02-01", fmt.Sprintf(`{"person":{"number":"P%d"},"placement":"%s","reason":"resigned"}`, n, job))
			return func() { c.void("hrss", in, end) }
		}},
		{domain.LeftNotArrived, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.home(in, n+1, "")
			left := c.tell("psb", in, "household.member_left", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"person":{"number":"Q%d"},"reason":"marriage","moved_to_household":{"number":"H%d"}}`, n, n, n+1))
			return func() { c.void("psb", in, left) }
		}},
		{domain.HeadGone, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.tell("psb", in, "person.died", "2020-01-01", fmt.Sprintf(`{"person":{"number":"P%d"}}`, n))
			return func() {
				c.tell("psb", in, "household.head_changed", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"new_head":{"number":"Q%d"},"reason":"death"}`, n, n))
			}
		}},
		{domain.OtherHead, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.tell("psb", in, "household.member_joined", "2020-01-01", fmt.Sprintf(`{"number":"H%d"}|{"member":{"number":"R%d","relation":"child"},"reason":"adoption"}`, n, n))
			changed := c.tell("psb", in, "household.head_changed", "2020-02-01", fmt.Sprintf(`{"number":"H%d"}|{"old_head":{"number":"Q%d"},"new_head":{"number":"R%d"},"reason":"agreement"}`, n, n, n))
			return func() { c.void("psb", in, changed) }
		}},
		{domain.DwellingTwice, func(in domain.Division, n int) func() {
			c.home(in, n, "")
			c.home(in, n+1, "")
			keys := c.tell("ndrc", in, "dwelling.handed_over", "2020-03-01", fmt.Sprintf(`{"number":"H%d"}|{"address":{"block":"1","unit":"%d","room":"1"}}`, n, n))
			require.Empty(t, c.kinds(in))
			again := c.tell("housing", in, "dwelling.handed_over", "2020-04-01", fmt.Sprintf(`{"number":"H%d"}|{"dwelling":"%s"}`, n+1, keys.IDs["/data/dwelling"]))
			return func() { c.void("housing", in, again) }
		}},
		{domain.DwellingTwice, func(in domain.Division, n int) func() { // it went on to another, and a void gives it back
			c.home(in, n, "")
			c.home(in, n+1, "")
			keys := c.tell("ndrc", in, "dwelling.handed_over", "2020-03-01", fmt.Sprintf(`{"number":"H%d"}|{"address":{"block":"1","unit":"%d","room":"2"}}`, n, n))
			away := c.tell("township", in, "household.moved", "2020-05-01", fmt.Sprintf(`{"number":"H%d"}|{"kind":"returned_to_origin"}`, n))
			c.tell("housing", in, "dwelling.handed_over", "2020-06-01", fmt.Sprintf(`{"number":"H%d"}|{"dwelling":"%s"}`, n+1, keys.IDs["/data/dwelling"]))
			require.Empty(t, c.kinds(in))
			c.void("township", in, away)
			return func() {
				c.tell("township", in, "household.moved", "2020-05-01", fmt.Sprintf(`{"number":"H%d"}|{"kind":"returned_to_origin"}`, n))
			}
		}},
		{domain.RegisteredAgain, func(in domain.Division, n int) func() { // under another key, by its number
			c.home(in, n, "")
			again := c.tell("rural", in, "household.registered", "2019-07-01", registration(n, "", "1980-05"))
			return func() { c.void("rural", in, again) }
		}},
		{domain.Disputed, func(in domain.Division, n int) func() {
			home := c.home(in, n, "")
			c.tell("audit", in, "record.disputed", "2021-01-01", `{"target_event":"`+home.ID.String()+`","claim":"not_so"}`)
			return func() { c.correct("rural", in, home, registration(n, "", "1980-05")) }
		}},
	}
	for i, test := range cases {
		t.Run(fmt.Sprintf("%s %d", test.kind, i), func(t *testing.T) {
			in := domain.Division(fmt.Sprintf("520603%03d", 101+i))
			settle := test.tell(in, 100*(i+1))
			require.Equal(t, []domain.DiscrepancyKind{test.kind}, c.kinds(in))
			settle()
			require.Empty(t, c.kinds(in))
		})
	}
	board, err := c.views.Board("52", at)
	require.NoError(t, err)
	require.Zero(t, board.Dimensions["data"]["discrepancy"].Households, "boards count none that is settled")
	require.Zero(t, board.Dimensions["data"]["duplicate_suspected"].Households)
}
