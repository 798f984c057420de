package page

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// findMost bounds what the form of the search may send.
const findMost = 4 << 10

// mostDivisions is how many divisions a search by name shows.
const mostDivisions = 60

// findPage is the search. It never shows what was looked up: an official number is personal.
type findPage struct {
	frame
	Division    domain.Division
	Missed      string // what was not found, in words
	name        string // of the divisions looked for: it may be a number put into the wrong field
	Divisions   []crumb
	Communities []string // as they are offered; where several counties stand below, with their county
	Community   string   // as it was asked for
	Address     domain.Address
	Homes       []crumb // households at this address, in several communities

	communities []projections.CommunityRow
}

func (p *Page) newFind(v *visit) (*findPage, error) {
	home, _ := p.extent()
	f := &findPage{frame: p.frame(v, v.lang.say("查找", "Find"), "find"), Division: home}
	if given := v.URL.Query().Get("division"); given != "" {
		d, err := domain.ParseDivision(given)
		if err != nil {
			return nil, badInput("division", given, noDivision)
		}
		f.Division = d
	}
	f.crumbs(f.Division)
	a, err := p.worksOf(v.Context(), f.Division, v.moment)
	if err != nil {
		return nil, err
	}
	f.communities = a.Communities
	for i := range a.Communities[:min(len(a.Communities), mostPlaces)] {
		f.Communities = append(f.Communities, f.community(&a.Communities[i]))
	}
	return f, nil
}

// community names a community so that it can be told from others of its name.
func (f *findPage) community(c *projections.CommunityRow) string {
	if len(f.Division) >= len("520603") {
		return c.Name
	}
	return c.Name + " " + domain.Division(c.Division.County()).FullName()
}

// meant are the communities that a text means: by id, code or name, else those with it in their name.
func (f *findPage) meant(text string) (few []domain.Entity) {
	var containing []domain.Entity
	for i := range f.communities {
		c := &f.communities[i]
		switch {
		case text == c.Name || text == c.Code || text == f.community(c) || text == c.Community.String():
			few = append(few, c.Community)
		case strings.Contains(c.Name, text):
			containing = append(containing, c.Community)
		}
	}
	if len(few) == 0 {
		return containing
	}
	return few
}

// at finds the homes at an address of the communities that are meant.
func (p *Page) at(v *visit, f *findPage) (domain.Entity, error) {
	post := func(name string) string { return strings.TrimSpace(v.PostForm.Get(name)) }
	f.Community, f.Address = post("community"), domain.Address{Block: post("block"), Unit: post("unit"), Room: post("room")}
	if f.Community == "" {
		return 0, events.ErrUnknownName
	}
	found, failed := domain.Entity(0), events.ErrUnknownName
	for _, community := range f.meant(f.Community) {
		dwelling, err := p.ledger.Directory().Dwelling(community, f.Address)
		if err != nil {
			failed = cmp.Or(pickError(err), failed)
			continue
		}
		found = p.homeOf(dwelling)
		f.Homes = append(f.Homes, crumb{v.moment.known.NameOf(community) + " " + v.lang.address(f.Address), f.To("/households/", found)})
	}
	switch len(f.Homes) {
	case 0:
		return 0, failed
	case 1:
		return found, nil
	}
	return 0, errSeveral
}

// errSeveral says that several communities have this address.
var errSeveral = errors.New("several communities have this address")

func (p *Page) serveFind(v *visit) error {
	f, err := p.newFind(v)
	if err != nil {
		return err
	}
	return p.render(v, "find", f)
}

// named finds the divisions below one whose names or codes contain what was asked for.
func (f *findPage) named(below domain.Division, found []crumb) []crumb {
	for _, d := range below.Children() {
		if len(found) >= mostDivisions {
			return found
		}
		if strings.Contains(d.Name(), f.name) || strings.HasPrefix(string(d), f.name) && len(d) <= len(f.name)+3 {
			found = append(found, crumb{d.FullName() + " " + string(d), f.To("/divisions/", d)})
		}
		found = f.named(d, found)
	}
	return found
}

// communitiesNamed finds the communities whose names or codes contain what was asked for.
func (p *Page) communitiesNamed(v *visit, f *findPage) (found []crumb, err error) {
	a, err := p.worksOf(v.Context(), domain.Nation, v.moment)
	for i := range a.Communities {
		c := &a.Communities[i]
		if len(found) < mostDivisions && (strings.Contains(c.Name, f.name) || c.Code != "" && strings.HasPrefix(c.Code, f.name)) {
			found = append(found, crumb{strings.TrimSpace(c.Name + " " + c.Code), f.To("/communities/", c.Community)})
		}
	}
	return found, err
}

// serveLookup leads from a number or an address to its page. Both come in the body and go no
// further: the answer is another address, or that nothing was found.
func (p *Page) serveLookup(v *visit) error {
	v.Body = http.MaxBytesReader(v.w, v.Body, findMost)
	if err := v.ParseForm(); err != nil {
		return badInput("", "", wrongForm)
	}
	f, err := p.newFind(v)
	if err != nil {
		return err
	}
	if f.name = strings.TrimSpace(v.PostForm.Get("name")); f.name != "" {
		if f.Divisions, err = p.communitiesNamed(v, f); err != nil {
			return err
		}
		f.Divisions = f.named(domain.Nation, f.Divisions)
		if len(f.Divisions) == 0 {
			f.Missed = v.lang.say("没有名称或代码与此相符的区划或社区", "No division or community has this in its name or code")
		}
		return p.render(v, "find", f)
	}
	if d, err := domain.ParseDivision(strings.TrimSpace(v.PostForm.Get("division"))); err == nil {
		f.Division = d
	}
	found, err := p.lookUp(v, f)
	if err == nil {
		if href := entityAddress(found, f.To); href != "" {
			http.Redirect(v.w, v.Request, href, http.StatusSeeOther)
			return nil
		}
	}
	if errors.Is(err, errSeveral) {
		return p.render(v, "find", f)
	}
	v.status = http.StatusNotFound
	f.Missed = v.lang.say("没有找到。请核对编号、所在县，或地址的每一项", "Not found. Check the number and its county, or each part of the address")
	if errors.Is(err, events.ErrAmbiguousName) {
		f.Missed = v.lang.say("不止一个对象使用这个编号，请使用标识", "More than one entity answers to this number: use the id")
	}
	return p.render(v, "find", f)
}

// lookUp finds an entity by id, by official number or name inside the county, or by address.
func (p *Page) lookUp(v *visit, f *findPage) (domain.Entity, error) {
	directory := p.ledger.Directory()
	if number := strings.TrimSpace(v.PostForm.Get("number")); number != "" {
		if e, err := domain.ParseEntity(strings.ToLower(number)); err == nil {
			return p.homeOf(e), nil
		}
		failed := events.ErrUnknownName
		for _, kind := range []domain.EntityKind{domain.HouseholdKind, domain.PersonKind, domain.CommunityKind} {
			e, err := directory.Resolve(kind, f.Division.County(), number)
			if err == nil {
				return e, nil
			}
			failed = cmp.Or(pickError(err), failed)
		}
		return 0, failed
	}
	return p.at(v, f)
}

// homeOf is the entity that has a page: a dwelling's is its household's.
func (p *Page) homeOf(e domain.Entity) domain.Entity {
	if e.Kind() == domain.DwellingKind || e.Kind() == domain.PlacementKind {
		if home, known := p.ledger.Directory().Home(e); known {
			return home.Entity
		}
	}
	return e
}

// pickError keeps the refusal that says more than that nothing was found.
func pickError(err error) error {
	if errors.Is(err, events.ErrAmbiguousName) {
		return err
	}
	return nil
}
