package page

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// listRows is how many households a page of a list shows.
const listRows = 50

// weekAhead is how far "this week" looks, in days.
const weekAhead = 7

// worklist is a standing question whose answer is a list of households to work off.
type worklist struct {
	code  string
	name  domain.Text
	wants func(domain.Word) bool
	ahead domain.Day // asked as of so many days later: what falls due by then
}

// overdueIn wants what is overdue in one of several ways.
func overdueIn(kinds ...domain.OverdueKind) func(domain.Word) bool {
	return func(w domain.Word) bool {
		return slices.ContainsFunc(kinds, w.Overdue)
	}
}

// worklists are the standing questions, in the order in which they are offered.
var worklists = []worklist{
	{"no_job", domain.Text{ZH: "没有已核实的就业", EN: "No verified job"}, func(w domain.Word) bool {
		return w.Counted() && !w.Employed() && w.Level(domain.Employment) != 0
	}, 0},
	{"title_late", domain.Text{ZH: "办证超期", EN: "Title past the clock"}, overdueIn(domain.OverdueTitle), 0},
	{"vacant", domain.Text{ZH: "住房空置", EN: "Vacant dwellings"}, func(w domain.Word) bool {
		return w.Level(domain.Housing) == domain.HousingVacant
	}, 0},
	{"services_gap", domain.Text{ZH: "服务缺口（有适龄儿童失学）", EN: "Gaps in services (a child out of school)"}, func(w domain.Word) bool {
		return w.Level(domain.Services) == domain.ServicesGap
	}, 0},
	{"no_plan", domain.Text{ZH: "没有帮扶计划", EN: "No help plan"}, overdueIn(domain.OverduePlan), 0},
	{"doors", domain.Text{ZH: "本周该上门的户", EN: "Doors to knock on this week"}, overdueIn(domain.OverdueVisit, domain.OverdueZeroJobVisit, domain.OverdueReview), weekAhead},
	{"employed", domain.Text{ZH: "有人就业且已核实", EN: "With verified work"}, domain.Word.Employed, 0},
}

// choice is what a list wants to see.
type choice struct {
	Division  domain.Division
	Community domain.Entity // whose residents alone are wanted; absent for all
	list      *worklist
	state     *domain.State
	stale     *domain.Dimension
	overdue   *domain.OverdueKind
	levels    map[domain.Dimension]domain.Level
	sort      string
	page      int
}

// The orders of a list.
const (
	byWorst   = "worst"
	byOverdue = "overdue"
	byID      = "id"
)

// readChoice reads the filters of a list.
func (p *Page) readChoice(query url.Values) (c choice, err error) {
	c.levels, c.sort, c.page = map[domain.Dimension]domain.Level{}, cmp.Or(query.Get("sort"), byWorst), 1
	if c.Division, _ = p.extent(); query.Get("division") != "" {
		if c.Division, err = domain.ParseDivision(query.Get("division")); err != nil {
			return c, badInput("division", query.Get("division"), noDivision)
		}
	}
	if !slices.Contains([]string{byWorst, byOverdue, byID}, c.sort) {
		return c, badInput("sort", c.sort, wrongCode, domain.Term{Code: byWorst}, domain.Term{Code: byOverdue}, domain.Term{Code: byID})
	}
	if text := query.Get("site"); text != "" {
		if c.Community, err = domain.ParseEntity(text); err != nil || c.Community.Kind() != domain.CommunityKind {
			return c, badInput("site", text, noCommunity)
		}
	}
	if code := query.Get("list"); code != "" {
		at := slices.IndexFunc(worklists, func(l worklist) bool { return l.code == code })
		if at < 0 {
			return c, badInput("list", code, wrongCode, worklistTerms()...)
		}
		c.list = &worklists[at]
	}
	if code := query.Get("state"); code != "" {
		state, known := domain.ParseState(code)
		if !known {
			return c, badInput("state", code, wrongCode, domain.StateTerms()...)
		}
		c.state = &state
	}
	if code := query.Get("stale"); code != "" {
		d, known := domain.ParseDimension(code)
		if !known {
			return c, badInput("stale", code, wrongCode, domain.DimensionTerms()...)
		}
		c.stale = &d
	}
	if code := query.Get("overdue"); code != "" {
		kind, known := domain.ParseOverdueKind(code)
		if !known {
			return c, badInput("overdue", code, wrongCode, domain.OverdueKinds()...)
		}
		c.overdue = &kind
	}
	for _, d := range domain.Dimensions() {
		if code := query.Get(d.String()); code != "" {
			level, known := d.ParseLevel(code)
			if !known {
				return c, badInput(d.String(), code, wrongCode, d.Levels()...)
			}
			c.levels[d] = level
		}
	}
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		c.page = n
	}
	return c, nil
}

// wants reports whether a household passes the filters, the worklist's aside.
func (c *choice) wants(w domain.Word) bool {
	if c.state != nil && w.State() != *c.state || c.overdue != nil && !w.Overdue(*c.overdue) {
		return false
	}
	if c.stale != nil && !w.Stale(*c.stale) {
		return false
	}
	for d, level := range c.levels {
		if w.Level(d) != level {
			return false
		}
	}
	return true
}

// worst orders households by state, the worst first.
func worst(w domain.Word) int {
	for i, o := range stateOrder {
		if o.state == w.State() {
			return i
		}
	}
	return len(stateOrder)
}

// late counts what is overdue.
func late(w domain.Word) (n int) {
	for kind := range domain.OverdueFacility {
		if w.Overdue(kind) {
			n++
		}
	}
	return n
}

// sift finds and orders the households that a choice wants.
func (p *Page) sift(ctx context.Context, c *choice, m moment) (projections.SiftAnswer, error) {
	a, err := p.words(ctx, c.Division, m)
	if err != nil {
		return a, err
	}
	listed := func(s projections.Sifted) bool { return c.list == nil || c.list.wants(s.Word) }
	if c.list != nil && c.list.ahead > 0 {
		later := m
		later.day += c.list.ahead
		due, err := p.words(ctx, c.Division, later)
		if err != nil {
			return due, err
		}
		listed = func(s projections.Sifted) bool {
			at, met := slices.BinarySearchFunc(due.Households, s.Household, func(x projections.Sifted, id domain.Entity) int { return cmp.Compare(x.Household, id) })
			return met && c.list.wants(due.Households[at].Word)
		}
	}
	var residents []domain.Entity
	if c.Community.Present() {
		if residents, err = m.known.Residents(c.Community, m.day); err != nil {
			return a, stopped(err)
		}
		slices.Sort(residents)
	}
	var some []projections.Sifted
	for _, s := range a.Households {
		_, resident := slices.BinarySearch(residents, s.Household)
		if c.wants(s.Word) && listed(s) && (resident || !c.Community.Present()) {
			some = append(some, s)
		}
	}
	a.Households = c.order(some)
	return a, nil
}

// mostLate is more than any household can owe at once.
const mostLate = int(domain.OverdueFacility) + 1

// rank is the place of a household in a list: the smaller the earlier.
func (c *choice) rank(w domain.Word) int {
	switch c.sort {
	case byWorst:
		return worst(w)*mostLate + mostLate - 1 - late(w)
	case byOverdue:
		return mostLate - 1 - late(w)
	}
	return 0
}

// order sorts as the choice says; equals stay in the order of ids. There are few ranks and up to
// millions of households: they are counted, not compared.
func (c *choice) order(all []projections.Sifted) []projections.Sifted {
	ranks := make([]uint8, len(all))
	var begin [256]int // of each rank, after the next loop
	for i := range all {
		ranks[i] = uint8(c.rank(all[i].Word))
		begin[ranks[i]]++
	}
	at := 0
	for r := range begin {
		begin[r], at = at, at+begin[r]
	}
	sorted := make([]projections.Sifted, len(all))
	for i, r := range ranks {
		sorted[begin[r]] = all[i]
		begin[r]++
	}
	return sorted
}

// The codes of filters, for who is told that one is not among them.

func worklistTerms() (terms []domain.Term) {
	for _, w := range worklists {
		terms = append(terms, domain.Term{Code: w.code, Text: w.name})
	}
	return terms
}
