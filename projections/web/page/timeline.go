package page

import (
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// entryShown is one fact of a timeline.
type entryShown struct {
	Day, Recorded string
	Name          string
	Href          string // of the event
	About         string // the person or dwelling that it concerns
	AboutHref     string
	Department    string
	Brief         []fieldShown
	Corrected     string // address of the correction in force
	Voided        string // address of the void in force
	Disputed      string // address of the first dispute that is not answered
}

// areaShown is a timeline's facts of one area, the latest first.
type areaShown struct {
	Number  int
	Name    string
	Entries []entryShown
}

// timeline groups what was recorded by area, the latest first. It reads each event for the day on
// which it was recorded and for what it says.
func (p *Page) timeline(ctx context.Context, f *frame, entries []projections.Entry) ([]areaShown, error) {
	byArea := map[int][]entryShown{}
	for i := range slices.Backward(entries) {
		e := &entries[i]
		shown := entryShown{
			Day: e.Day.String(), Name: f.Lang.pick(e.Name), Href: f.To("/events/", e.Event),
			Department: f.Lang.pick(domain.Label(e.Department)),
		}
		if e.About.Present() {
			shown.About, shown.AboutHref = e.About.String(), entityAddress(e.About, f.To)
		}
		if e.Corrected.Present() {
			shown.Corrected = f.To("/events/", e.Corrected)
		}
		if e.Voided.Present() {
			shown.Voided = f.To("/events/", e.Voided)
		}
		if e.Disputed.Present() {
			shown.Disputed = f.To("/events/", e.Disputed)
		}
		if province, sequence, ok := placeOf(e.Position); ok {
			event, err := p.eventAt(ctx, province, sequence)
			if err != nil {
				return nil, err
			}
			shown.Recorded = event.Recorded.Day().String()
			shown.Brief = brief(f.Lang.describe(event, f.To))
		}
		byArea[e.Area] = append(byArea[e.Area], shown)
	}
	var all []areaShown
	for _, n := range areaOrder {
		if len(byArea[n]) > 0 {
			all = append(all, areaShown{n, f.Lang.pick(areas[n]), byArea[n]})
		}
	}
	return all, nil
}

// evidence are the events that a reading rests on.
func (f *frame) evidence(ids []domain.EventID) (links []field) {
	for _, id := range ids {
		short, _, _ := strings.Cut(id.String(), "-")
		links = append(links, field{short, f.To("/events/", id)})
	}
	return links
}
