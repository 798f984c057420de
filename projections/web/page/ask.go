package page

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// What pages ask the views stands in this file alone.

// moment is as of when a page shows the world: now, or a day that was chosen.
type moment struct {
	day    domain.Day
	chosen bool
	by     domain.Moment      // known by then; 0 = all that is known
	set    string             // the parameter set that was chosen, "" is the one in force
	known  *projections.Known // the ledger as it was known by then
}

// Day is the day.
func (m moment) Day() domain.Day { return m.day }

// Chosen reports a day that is not simply today.
func (m moment) Chosen() bool { return m.chosen }

// Past reports that it is shown as it was known by a past moment.
func (m moment) Past() bool { return m.by != 0 }

// By is that moment in China's time, as an input of a form has it; "" for all that is known.
func (m moment) By() string {
	if m.by == 0 {
		return ""
	}
	return m.by.Time().In(domain.China).Format(localForm)
}

// Set is the parameter set that was chosen, "" for the one in force.
func (m moment) Set() string { return m.set }

// localForm is how a form writes an instant in China's time.
const localForm = "2006-01-02T15:04:05"

// in puts the moment into an address.
func (m moment) in(address string) string {
	add := func(name, value string) {
		mark := "?"
		if strings.Contains(address, "?") {
			mark = "&"
		}
		address += mark + name + "=" + url.QueryEscape(value)
	}
	if m.chosen {
		add("at", m.day.String())
	}
	if m.by != 0 {
		add("known_at", m.By())
	}
	if m.set != "" {
		add("parameters", m.set)
	}
	return address
}

func (p *Page) today() domain.Day { return domain.MomentOf(p.now()).Day() }

// knownWait is how long a page waits until the views have read what a moment asks for.
const knownWait = 10 * time.Second

// momentOf reads the moment of an address: as of which day, and as known by when.
func (p *Page) momentOf(ctx context.Context, query url.Values) (moment, error) {
	now := domain.MomentOf(p.now())
	m := moment{day: now.Day()}
	name := "at"
	if !query.Has(name) {
		name = "as_of" // as the API calls it
	}
	if text := query.Get(name); text != "" {
		day, err := domain.ParseDay(text)
		if err != nil {
			return m, badInput(name, text, wrongDay)
		}
		m.day, m.chosen = day, true
	}
	if text := query.Get("known_at"); text != "" {
		by, err := readInstant(text)
		if err != nil {
			return m, badInput("known_at", text, wrongInstant)
		}
		m.by = by
	}
	m.set = query.Get("parameters")
	known, err := p.views.KnownAt(m.by, now).Under(m.set)
	if err != nil {
		m.set, m.known = "", p.views.KnownAt(m.by, now) // the page that says so is asked under the one in force
		return m, badInput("parameters", query.Get("parameters"), noSet)
	}
	m.known = known
	ctx, cancel := context.WithTimeout(ctx, knownWait)
	defer cancel()
	if err := m.known.Reached(ctx); err != nil {
		return m, stopped(err)
	}
	return m, nil
}

// readInstant reads a moment in China's time, or a date, which is its end.
func readInstant(text string) (domain.Moment, error) {
	if day, err := domain.ParseDay(text); err == nil {
		return day.LastMoment(), nil
	}
	t, err := time.ParseInLocation(localForm, text, domain.China)
	if err != nil {
		t, err = time.ParseInLocation("2006-01-02T15:04", text, domain.China)
	}
	m := domain.MomentOf(t)
	if m == 0 {
		m-- // which stands for all that is known: nothing was recorded then
	}
	return m, err
}

// stand says how far the views are now, and which set judges.
func (p *Page) stand(m moment) stand {
	position, lag, err := p.views.Where()
	s := standOf(position, lag, p.views.Parameters())
	if m.set != "" {
		s.Parameters = m.set
	}
	s.Stopped = err != nil
	return s
}

// extent returns the division that holds all that is recorded, and the day of the latest fact of
// its boards by today.
func (p *Page) extent() (domain.Division, domain.Day) {
	counties, latest := p.views.Extent(p.today())
	if len(counties) == 0 {
		return domain.Nation, domain.NoDay
	}
	all := counties[0]
	for _, c := range counties[1:] {
		for all != domain.Nation && !c.Within(all) {
			all = all.Parent()
		}
	}
	return all, latest
}

// below returns the divisions one level down of which anything is recorded.
func (p *Page) below(d domain.Division) []domain.Division {
	if len(d) >= len("520603") {
		return d.Children()
	}
	var below []domain.Division
	counties, _ := p.views.Extent(p.today())
	for _, c := range counties {
		for c != "" && c.Parent() != d {
			c = c.Parent()
		}
		if c != "" && !slices.Contains(below, c) {
			below = append(below, c)
		}
	}
	slices.Sort(below)
	return below
}

// household returns a household's status.
func (p *Page) household(id domain.Entity, m moment) (projections.HouseholdAnswer, error) {
	a, err := m.known.Household(id, m.day)
	if err != nil {
		return a, stopped(err)
	}
	return a, nil
}

// members returns who belongs or belonged to a household.
func (p *Page) members(id domain.Entity, m moment) ([]projections.HouseholdMember, error) {
	a, err := m.known.Members(id, p.ledger.Directory(), m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return a.Members, nil
}

// dueNext returns what a household owes next.
func (p *Page) dueNext(id domain.Entity, m moment) ([]domain.Due, error) {
	next, err := m.known.DueNext(id, m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return next, nil
}

// householdTimeline returns what was recorded of a household.
func (p *Page) householdTimeline(id domain.Entity, m moment) ([]projections.Entry, error) {
	a, err := m.known.Timeline(id, p.ledger.Directory(), m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return a.Entries, nil
}

// person returns what is known of a person, and what was recorded of him.
func (p *Page) person(id domain.Entity, m moment) (projections.PersonAnswer, []projections.Entry, error) {
	a, err := m.known.Person(id, p.ledger.Directory(), m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	t, err := m.known.PersonTimeline(id, p.ledger.Directory(), m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	return a, t.Entries, nil
}

// community returns what is known of a community, and what was recorded of it.
func (p *Page) community(id domain.Entity, m moment) (projections.CommunityAnswer, []projections.Entry, error) {
	a, err := m.known.Community(id, m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	t, err := m.known.CommunityTimeline(id, m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	return a, t.Entries, nil
}

// dwells returns where a household lives.
func (p *Page) dwells(id domain.Entity, m moment) (projections.Dwelt, error) {
	return m.known.Dwells(id, m.day)
}

// began is when the first event was recorded, in China's time; "" of an empty ledger.
func (p *Page) began(ctx context.Context) string {
	first := ""
	for _, province := range p.ledger.Provinces() {
		at, known := p.firsts.Load(province)
		if !known { // a first event never changes
			e, err := p.eventAt(ctx, province, 1)
			if err != nil {
				continue
			}
			at = e.Recorded.Time().In(domain.China).Format(localForm)
			p.firsts.Store(province, at)
		}
		if at := at.(string); first == "" || at < first {
			first = at
		}
	}
	return first
}
