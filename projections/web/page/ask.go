package page

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// What pages ask the views stands in this file alone.

// moment is as of when a page shows the world: now, or a day that was chosen.
type moment struct {
	day    domain.Day
	chosen bool
}

// Day is the day.
func (m moment) Day() domain.Day { return m.day }

// Chosen reports a day that is not simply today.
func (m moment) Chosen() bool { return m.chosen }

// in puts the moment into an address.
func (m moment) in(address string) string {
	if !m.chosen {
		return address
	}
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	return address + mark + "at=" + m.day.String()
}

func (p *Page) today() domain.Day { return domain.MomentOf(p.now()).Day() }

// momentOf reads the moment of an address.
func (p *Page) momentOf(query url.Values) (moment, error) {
	text := query.Get("at")
	if text == "" {
		return moment{p.today(), false}, nil
	}
	day, err := domain.ParseDay(text)
	if err != nil {
		return moment{p.today(), false}, badInput(wrongDay)
	}
	return moment{day, true}, nil
}

// stand says how far the views are now.
func (p *Page) stand() stand {
	position, lag, err := p.views.Where()
	s := standOf(position, lag, domain.DefaultParameters().Name)
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

// boards keep the boards of one position: several people look at the same few.
type boards struct {
	mu       sync.Mutex
	position string
	made     map[boardOf]projections.BoardAnswer
}

type boardOf struct {
	division domain.Division
	day      domain.Day
}

// mostBoards bounds what is kept.
const mostBoards = 2048

// board counts a division.
func (p *Page) board(d domain.Division, m moment) (projections.BoardAnswer, error) {
	position, _, _ := p.views.Where()
	key, at := boardOf{d, m.day}, position.String()
	p.boards.mu.Lock()
	kept, known := p.boards.made[key]
	known = known && p.boards.position == at
	p.boards.mu.Unlock()
	if known {
		return kept, nil
	}
	b, err := p.views.Board(d, m.day)
	if err != nil {
		return b, stopped(err)
	}
	p.boards.mu.Lock()
	defer p.boards.mu.Unlock()
	if at = b.Position.String(); p.boards.position != at || len(p.boards.made) >= mostBoards {
		p.boards.position, p.boards.made = at, map[boardOf]projections.BoardAnswer{}
	}
	p.boards.made[key] = b
	return b, nil
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

// worksOf returns the facilities, funds and communities of a division.
func (p *Page) worksOf(d domain.Division, m moment) (projections.WorksAnswer, error) {
	a, err := p.views.Works(d, m.day)
	if err != nil {
		return a, stopped(err)
	}
	return a, nil
}

// household returns a household's status.
func (p *Page) household(id domain.Entity, m moment) (projections.HouseholdAnswer, error) {
	a, err := p.views.Household(id, m.day)
	if err != nil {
		return a, stopped(err)
	}
	return a, nil
}

// members returns who belongs or belonged to a household.
func (p *Page) members(id domain.Entity, m moment) ([]projections.HouseholdMember, error) {
	a, err := p.views.Members(id, p.ledger.Directory(), m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return a.Members, nil
}

// dueNext returns what a household owes next.
func (p *Page) dueNext(id domain.Entity, m moment) ([]domain.Due, error) {
	next, err := p.views.DueNext(id, m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return next, nil
}

// householdTimeline returns what was recorded of a household.
func (p *Page) householdTimeline(id domain.Entity, m moment) ([]projections.Entry, error) {
	a, err := p.views.Timeline(id, p.ledger.Directory(), m.day)
	if err != nil {
		return nil, stopped(err)
	}
	return a.Entries, nil
}

// person returns what is known of a person, and what was recorded of him.
func (p *Page) person(id domain.Entity, m moment) (projections.PersonAnswer, []projections.Entry, error) {
	a, err := p.views.Person(id, p.ledger.Directory(), m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	t, err := p.views.PersonTimeline(id, p.ledger.Directory(), m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	return a, t.Entries, nil
}

// community returns what is known of a community, and what was recorded of it.
func (p *Page) community(id domain.Entity, m moment) (projections.CommunityAnswer, []projections.Entry, error) {
	a, err := p.views.Community(id, m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	t, err := p.views.CommunityTimeline(id, m.day)
	if err != nil {
		return a, nil, stopped(err)
	}
	return a, t.Entries, nil
}

// sifted returns the households of a division that somebody wants to look through.
func (p *Page) sifted(d domain.Division, m moment, wants func(domain.Word) bool) (projections.SiftAnswer, error) {
	a, err := p.views.Sift(d, m.day, wants)
	if err != nil {
		return a, stopped(err)
	}
	return a, nil
}

// dwells returns where a household lives.
func (p *Page) dwells(id domain.Entity, m moment) (projections.Dwelt, error) {
	return p.views.Dwells(id, m.day)
}
