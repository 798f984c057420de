package page

import (
	"cmp"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// fundPage lists facilities or funds of a division.
type fundPage struct {
	frame
	Division   domain.Division
	Facilities []facilityShown
	Funds      []fundShown
	Idle       bool
	IdleHref   string
	AllHref    string
}

// fundShown is one fund.
type fundShown struct {
	ID, For, Source, Measure string
	Since, Last              domain.Day
	Allocated, Disbursed     domain.Fen
	Share                    string
	Evidence                 []field
}

// idleShare and idleDays say when money counts as idle: less than half of it spent, half a year
// after it was allocated. They are this page's own and are shown beside the list.
const (
	idleShare = 50 // percent
	idleDays  = 180
)

func (p *Page) serveFunds(v *visit) error {
	page, a, err := p.newFunds(v, v.lang.say("资金", "Funds"))
	if err != nil {
		return err
	}
	query := v.URL.Query()
	page.Idle = query.Get("idle") == "1"
	page.IdleHref, page.AllHref = with(page.Here, "idle", "1"), with(page.Here, "idle", "")
	for i := range a.Funds {
		f := &a.Funds[i]
		if query.Has("measure") && string(f.Measure) != query.Get("measure") || page.Idle && !idle(f, v.moment.day) {
			continue
		}
		page.Funds = append(page.Funds, fundShown{
			ID: f.Fund.String(), For: cmp.Or(v.moment.known.NameOf(f.For), f.For.String()), Source: v.lang.pick(domain.Label(f.Source)), Measure: v.lang.measure(f.Measure),
			Since: f.Since, Last: f.Last, Allocated: f.Allocated, Disbursed: f.Disbursed, Share: percent(int(f.Disbursed/100), int(f.Allocated/100)),
			Evidence: page.evidence(f.Events[:min(len(f.Events), mostInBrief)]),
		})
	}
	return p.render(v, "funds", page)
}

// idle reports money that lies unused.
func idle(f *projections.FundRow, at domain.Day) bool {
	return f.Allocated > 0 && f.Disbursed*100 < f.Allocated*idleShare && at-f.Since > idleDays
}

func (p *Page) serveFacilities(v *visit) error {
	page, a, err := p.newFunds(v, v.lang.say("配套设施", "Facilities"))
	if err != nil {
		return err
	}
	kind := v.URL.Query().Get("kind")
	for i := range a.Facilities {
		f := &a.Facilities[i]
		if kind != "" && string(f.Kind) != kind {
			continue
		}
		page.Facilities = append(page.Facilities, facilityShown{
			ID: f.Facility.String(), Code: f.Code, Name: f.Name, Kind: v.lang.pick(domain.Label(f.Kind)), Stage: v.lang.pick(domain.Label(f.Stage)),
			Since: f.Since, Planned: f.PlannedOpen, Evidence: page.evidence(f.Events),
		})
	}
	return p.render(v, "facilities", page)
}

func (p *Page) newFunds(v *visit, title string) (page *fundPage, a projections.WorksAnswer, err error) {
	page = &fundPage{frame: p.frame(v, title, "lists")}
	page.Division = page.Home
	if given := v.URL.Query().Get("division"); given != "" {
		if page.Division, err = domain.ParseDivision(given); err != nil {
			return nil, a, badInput(noDivision)
		}
	}
	page.crumbs(page.Division)
	a, err = p.worksOf(page.Division, v.moment)
	page.Stand = standOf(a.Position, a.Lag, page.Stand.Parameters)
	return page, a, err
}
