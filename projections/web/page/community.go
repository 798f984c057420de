package page

import (
	"cmp"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// communityPage is what is known of a resettlement community.
type communityPage struct {
	frame
	ID         domain.Entity
	Name       string
	Facts      []fieldShown
	Residents  bar
	List       string // of those who live here
	Facilities []facilityShown
	Projects   []facilityShown
	Timeline   []areaShown
}

// facilityShown is a facility or project of the community.
type facilityShown struct {
	ID, Code, Name, Kind string
	Stage                string
	Since, Planned       domain.Day
	Capacity             string
	Evidence             []field
}

func (p *Page) serveCommunity(v *visit) error {
	id, err := v.entity(domain.CommunityKind)
	if err != nil {
		return err
	}
	a, entries, err := p.community(id, v.moment)
	if err != nil {
		return err
	}
	name := a.Name
	if name == "" {
		name = id.String()
	}
	c := communityPage{frame: p.frame(v, name, "overview"), ID: id, Name: name}
	c.Stand = standOf(a.Position, a.Lag, a.Parameters)
	c.note(a.Notes)
	c.crumbs(a.Division)
	c.facts(&a)
	c.Residents = v.lang.stateBar(a.Residents.States, a.Residents.Households, func(code string) string {
		return c.To("/lists?state=" + code + "&division=" + string(a.Division.County()) + "&site=" + id.String())
	})
	c.List = c.To("/lists?division=" + string(a.Division.County()) + "&site=" + id.String())
	for i := range a.Facilities {
		c.Facilities = append(c.Facilities, c.facility(&a.Facilities[i]))
	}
	for _, j := range a.Projects {
		c.Projects = append(c.Projects, facilityShown{ID: j.Project.String(), Code: cmp.Or(j.Code, j.Project.String()), Stage: v.lang.pick(domain.Label(j.Stage)), Since: j.Since, Evidence: c.evidence(j.Events)})
	}
	if c.Timeline, err = p.timeline(v.Context(), &c.frame, entries); err != nil {
		return err
	}
	return p.render(v, "community", c)
}

func (c *communityPage) facts(a *projections.CommunityAnswer) {
	l := c.Lang
	c.Facts = []fieldShown{
		{Label: l.say("编码", "Code"), Value: a.Code},
		{Label: l.say("类型", "Kind"), Value: l.pick(domain.Label(a.Kind))},
		{Label: l.say("组织形式", "Form"), Value: l.pick(domain.Label(a.Form))},
		{Label: l.say("成立", "Established"), Value: shortDay(a.Since)},
		{Label: l.say("区划", "Division"), Value: a.Division.FullName() + " " + string(a.Division)},
	}
}

func (c *communityPage) facility(f *projections.Facility) facilityShown {
	s := facilityShown{
		ID: f.Facility.String(), Code: f.Code, Name: f.Name, Kind: c.Lang.pick(domain.Label(f.Kind)), Stage: c.Lang.pick(domain.Label(f.Stage)),
		Since: f.Since, Planned: f.PlannedOpen, Evidence: c.evidence(f.Events),
	}
	if f.Capacity != nil {
		s.Capacity = grouped(*f.Capacity) + " " + c.Lang.pick(domain.Label(f.CapacityUnit))
	}
	return s
}
