package page

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// discrepancyPage is the worklist of what does not fit together.
type discrepancyPage struct {
	frame
	Division domain.Division
	Kinds    []option
	Rows     []discrepancyShown
	After    string
}

// discrepancyShown is one contradiction, and who can settle it.
type discrepancyShown struct {
	Name       string
	Since      domain.Day
	Home, Href string
	Facts      []field
	Settle     string
}

// discrepancyHomes is how many homes a page shows.
const discrepancyHomes = 50

func (p *Page) serveDiscrepancies(v *visit) error {
	query := v.URL.Query()
	d := discrepancyPage{frame: p.frame(v, v.lang.say("矛盾", "Discrepancies"), "lists")}
	d.Division = d.Home
	wanted := projections.Query{Limit: discrepancyHomes, Kind: domain.DiscrepancyKind(query.Get("kind"))}
	if kinds := domain.TermsOf[domain.DiscrepancyKind](); wanted.Kind != "" && !slices.ContainsFunc(kinds, func(t domain.Term) bool { return t.Code == string(wanted.Kind) }) {
		return badInput(wrongCode)
	}
	var err error
	if text := query.Get("division"); text != "" {
		if d.Division, err = domain.ParseDivision(text); err != nil {
			return badInput(noDivision)
		}
	}
	if text := query.Get("cursor"); text != "" {
		if wanted.After, err = domain.ParseEntity(text); err != nil {
			return badInput(wrongCode)
		}
	}
	wanted.Division = d.Division
	list, err := v.moment.known.Discrepancies(v.Context(), wanted, v.moment.day)
	if err != nil {
		return stopped(err)
	}
	d.crumbs(d.Division)
	d.Stand = standOf(list.Position, list.Lag, list.Parameters)
	d.note(list.Notes)
	d.offer(wanted.Kind)
	for i := range list.Discrepancies {
		d.Rows = append(d.Rows, d.row(&list.Discrepancies[i]))
	}
	if list.Cursor != "" {
		d.After = with(d.Here, "cursor", list.Cursor)
	}
	return p.render(v, "discrepancies", d)
}

// offer lists the kinds to choose from.
func (d *discrepancyPage) offer(chosen domain.DiscrepancyKind) {
	address := func(kind string) string {
		q := url.Values{"division": {string(d.Division)}}
		if kind != "" {
			q.Set("kind", kind)
		}
		return d.To("/discrepancies?" + q.Encode())
	}
	d.Kinds = []option{{"", d.Lang.say("全部", "all"), chosen == "", address("")}}
	for _, t := range domain.TermsOf[domain.DiscrepancyKind]() {
		d.Kinds = append(d.Kinds, option{t.Code, d.Lang.pick(t.Text), string(chosen) == t.Code, address(t.Code)})
	}
}

func (d *discrepancyPage) row(r *projections.DiscrepancyRow) discrepancyShown {
	s := discrepancyShown{Name: d.Lang.pick(r.Name), Since: r.Since, Home: r.Home.String(), Href: entityAddress(r.Home, d.To)}
	ids := make([]domain.EventID, len(r.Facts))
	for i := range r.Facts {
		ids[i] = r.Facts[i].Event
	}
	s.Facts = d.evidence(ids)
	var who []string
	for _, source := range r.Settle {
		parts := strings.Split(source, "/")
		if len(parts) < 4 {
			continue
		}
		who = append(who, cmp.Or(d.Lang.place(domain.Division(parts[3])), parts[3])+" "+d.Lang.pick(domain.Label(domain.Department(parts[2]))))
	}
	s.Settle = strings.Join(who, d.Lang.say("、", ", "))
	return s
}
