package page

import (
	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

// progressMonths is how many months the progress of a division shows.
const progressMonths = 36

// progress is what the chart of a division draws.
type progress struct {
	Months []month `json:"months"`
}

// month is a division at the end of a month, or on the day asked about, and where each number leads.
type month struct {
	Day        domain.Day        `json:"day"`
	Households int               `json:"households"`
	Employed   int               `json:"employed"`
	Titled     int               `json:"titled"`
	LivedIn    int               `json:"lived_in"`
	Lists      map[string]string `json:"lists"`
}

// monthEnds are the last days of the months before a day, and the day itself at the end.
func monthEnds(at domain.Day, n int) []domain.Day {
	year, m, _ := at.Date()
	first := domain.MakeDay(year, m, 1)
	days := make([]domain.Day, 0, n)
	for back := n - 2; back >= 0; back-- {
		days = append(days, first.AddMonths(-back)-1)
	}
	return append(days, at)
}

func (p *Page) serveProgress(v *visit) error {
	d, err := v.division()
	if err != nil {
		return err
	}
	var all progress
	for _, day := range monthEnds(v.moment.day, progressMonths) {
		at := v.moment
		at.day, at.chosen = day, true
		b, err := p.board(v.Context(), d, at)
		if err != nil {
			return err
		}
		title := b.Dimensions[domain.Title.String()]
		home := b.Dimensions[domain.Housing.String()]
		titled, livedIn := domain.Title.Code(domain.TitleIssued), domain.Housing.Code(domain.HousingLivedIn)
		list := func(filter string) string { return at.in("/lists?division=" + string(d) + filter) }
		all.Months = append(all.Months, month{day, b.Households, b.Employed, title[titled].Households, home[livedIn].Households, map[string]string{
			"day": at.in("/divisions/" + string(d)), "households": list(""), "employed": list("&list=employed"),
			"titled": list("&title=" + titled), "lived_in": list("&housing=" + livedIn),
		}})
	}
	body, err := json.Marshal(all)
	if err != nil {
		return err
	}
	v.send("application/json", body)
	return nil
}
