package page

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// overview is the page of a division.
type overview struct {
	frame
	Division   domain.Division
	Known      bool // the table of divisions has its name
	Households int
	Employed   int
	States     bar
	Dimensions []bar
	Overdue    []count
	Data       []count
	Totals     []total
	Works      works
	Below      []row
	Empty      []row // divisions below of which nothing is recorded
	Tiles      []tile
	Places     []place
}

// count is a number with the list behind it.
type count struct {
	Name string
	N    int
	Href string
}

// total is one of the totals of a board.
type total struct {
	Name, Unit string
	Value      string
	Href       string // the list behind it
}

// row is a division below, with what is worth seeing at a glance.
type row struct {
	Division   domain.Division
	Name       string
	Href       string
	Households int
	States     bar
	Crisis     count
	Risk       count
	Overdue    int
	List       string // its households
	Late       string // those that owe something, the most first
}

// serveHome leads to the narrowest division that holds all that is recorded.
func (p *Page) serveHome(v *visit) error {
	home, _ := p.extent()
	http.Redirect(v.w, v.Request, v.moment.in("/divisions/"+string(home)), http.StatusSeeOther)
	return nil
}

// division reads the division of the path, in its shortest form.
func (v *visit) division() (domain.Division, error) {
	d, err := domain.ParseDivision(v.PathValue("code"))
	if err != nil {
		return "", notThere(noDivision)
	}
	return d, nil
}

func (p *Page) serveOverview(v *visit) error {
	d, err := v.division()
	if err != nil {
		return err
	}
	b, err := p.board(v.Context(), d, v.moment)
	if err != nil {
		return err
	}
	o := overview{
		frame: p.frame(v, v.lang.place(d), "overview"), Division: d, Known: d == domain.Nation || d.Name() != "",
		Households: b.Households, Employed: b.Employed,
	}
	o.crumbs(d)
	o.Stand = standOf(b.Position, b.Lag, b.Parameters)
	o.note(b.Notes)
	o.read(&b)
	if err := p.readBelow(v.Context(), &o); err != nil {
		return err
	}
	a, err := p.worksOf(v.Context(), d, v.moment)
	if err != nil {
		return err
	}
	o.Works, o.Places = v.lang.works(&a, v.moment), v.lang.places(&a, v.moment)
	if county := d.County(); len(d) > len(county) {
		if a, err = p.worksOf(v.Context(), domain.Division(county), v.moment); err != nil {
			return err
		}
		o.Places = slices.DeleteFunc(v.lang.places(&a, v.moment), func(c place) bool { return !strings.HasPrefix(c.Code, string(d)) })
	}
	return p.render(v, "overview", o)
}

// list is the address of the households of the division that a filter wants.
func (o *overview) list(d domain.Division, filter, code string) string {
	q := url.Values{"division": {string(d)}, filter: {code}}
	return o.To("/lists?" + q.Encode())
}

// read takes the board's counts.
func (o *overview) read(b *projections.BoardAnswer) {
	l := o.Lang
	o.States = l.stateBar(b.States, b.Households, func(code string) string { return o.list(o.Division, "state", code) })
	for _, d := range domain.Dimensions() {
		o.Dimensions = append(o.Dimensions, l.dimensionBar(d, b.Dimensions[d.String()], b.Households, func(code string) string {
			return o.list(o.Division, d.String(), code)
		}))
	}
	for _, kind := range domain.OverdueKinds()[:domain.OverdueFacility] {
		o.Overdue = append(o.Overdue, count{l.pick(kind.Text), b.Overdue[kind.Code], o.list(o.Division, "overdue", kind.Code)})
	}
	data := b.Dimensions[domain.Data.String()]
	for _, level := range domain.Data.Levels()[1:] {
		if level.Code != "fresh" {
			o.Data = append(o.Data, count{l.pick(level.Text), data[level.Code].Households, o.list(o.Division, "data", level.Code)})
		}
	}
	for _, t := range domain.Totals() {
		if value := b.Totals[t.Key]; value != 0 && !strings.HasPrefix(t.Key, "open_") {
			o.Totals = append(o.Totals, total{l.pick(t.Label), l.unit(t.Unit), amount(value), o.behind(t.Key)})
		}
	}
}

// behind is the address of the list behind a total.
func (o *overview) behind(key string) string {
	in := "division=" + string(o.Division)
	switch key {
	case "households":
		return o.To("/lists?" + in)
	case "facilities":
		return o.To("/facilities?" + in)
	case "facilities_open":
		return o.To("/facilities?stage=open&" + in)
	case "persons_registered_twice":
		return o.To("/discrepancies?kind=registered_twice&" + in)
	case "funds_allocated_wan_yuan", "funds_disbursed_wan_yuan":
		return o.To("/funds?" + in)
	}
	return o.To("/totals/" + key + "?" + in)
}

// amount writes a total, without a fraction that is none.
func amount(value float64) string {
	if whole := int64(value); float64(whole) == value {
		return grouped(whole)
	}
	return wan(domain.Fen(value * 1_000_000))
}

// readBelow counts the divisions below, and lays out the nation's tiles.
func (p *Page) readBelow(ctx context.Context, o *overview) error {
	for _, d := range p.below(o.Division) {
		b, err := p.board(ctx, d, o.Moment)
		if err != nil {
			return err
		}
		r := row{
			Division: d, Name: o.Lang.place(d), Href: o.To("/divisions/", d), Households: b.Households,
			List: o.To("/lists?division=", d), Late: o.To("/lists?sort="+byOverdue+"&division=", d),
			States: o.Lang.stateBar(b.States, b.Households, func(code string) string { return o.list(d, "state", code) }),
			Crisis: count{N: b.States[domain.InCrisis.String()], Href: o.list(d, "state", domain.InCrisis.String())},
			Risk:   count{N: b.States[domain.AtRisk.String()], Href: o.list(d, "state", domain.AtRisk.String())},
		}
		for _, n := range b.Overdue {
			r.Overdue += n
		}
		if b.Households == 0 {
			o.Empty = append(o.Empty, r)
			continue
		}
		o.Below = append(o.Below, r)
	}
	slices.SortStableFunc(o.Below, func(a, b row) int { return b.Households - a.Households })
	if o.Division == domain.Nation {
		o.Tiles = o.tiles()
	}
	return nil
}
