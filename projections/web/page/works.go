package page

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// works are the facilities and the money of a division.
type works struct {
	Stages     []string
	Facilities []facilityLine
	Late       count // facilities past their planned opening
	Money      []moneyLine
}

// facilityLine counts the facilities of a type by stage.
type facilityLine struct {
	Name  string
	Cells []count // planned, building, open, other
}

// moneyLine sums the money of a measure.
type moneyLine struct {
	Code, Name           string
	Allocated, Disbursed domain.Fen
	Href                 string
}

// Share is how much of what was allocated is disbursed.
func (m moneyLine) Share() string { return percent(int(m.Disbursed/100), int(m.Allocated/100)) }

// Width is the same in thousandths, for its bar.
func (m moneyLine) Width() int64 {
	if m.Allocated == 0 {
		return 0
	}
	return int64(min(m.Disbursed, m.Allocated) * barWidth / m.Allocated)
}

// place is a community of the division.
type place struct {
	ID                     string
	Name, Code, Kind, Form string
	Href                   string
	Homes                  string // the list of those who live there
	Households             int
}

// stageColumn is the column in which a facility is counted.
func stageColumn(s domain.FacilityPhase) int {
	switch s {
	case domain.FacilityPlanned:
		return 0
	case domain.FacilityBuilding:
		return 1
	case domain.FacilityOpen, domain.FacilityReopened:
		return 2
	}
	return 3
}

// works counts the facilities and sums the money of a division.
func (l language) works(a *projections.WorksAnswer, m moment) works {
	d := a.Division
	var w works
	for _, t := range columnsOfStages {
		w.Stages = append(w.Stages, l.pick(t.Text))
	}
	for _, term := range domain.TermsOf[domain.FacilityType]() {
		line := facilityLine{Name: l.pick(term.Text), Cells: make([]count, len(w.Stages))}
		any := false
		for i := range a.Facilities {
			if f := &a.Facilities[i]; string(f.Kind) == term.Code {
				c := &line.Cells[stageColumn(f.Stage)]
				c.N++
				if f.Overdue {
					w.Late.N++
				}
				any = true
			}
		}
		for i := range line.Cells {
			line.Cells[i].Href = m.in("/facilities?division=" + string(d) + "&kind=" + term.Code + "&stage=" + columnsOfStages[i].Code)
		}
		if any {
			w.Facilities = append(w.Facilities, line)
		}
	}
	w.Late.Href = m.in("/facilities?division=" + string(d) + "&stage=" + lateStage)
	byMeasure := map[domain.MeasureCode]*moneyLine{}
	for i := range a.Funds {
		f := &a.Funds[i]
		line, met := byMeasure[f.Measure]
		if !met {
			line = &moneyLine{Code: string(f.Measure), Name: l.measure(f.Measure), Href: m.in("/funds?division=" + string(d) + "&measure=" + cmp.Or(string(f.Measure), noMeasure))}
			byMeasure[f.Measure] = line
		}
		line.Allocated += f.Allocated
		line.Disbursed += f.Disbursed
	}
	for _, line := range byMeasure {
		w.Money = append(w.Money, *line)
	}
	slices.SortFunc(w.Money, func(a, b moneyLine) int { return cmp.Compare(a.Code, b.Code) })
	return w
}

// measure names a measure of the working list.
func (l language) measure(code domain.MeasureCode) string {
	for _, m := range domain.DefaultMeasures().List {
		if m.Code == code {
			return l.pick(m.Name)
		}
	}
	if code == "" {
		return l.say("未注明措施", "no measure stated")
	}
	return string(code)
}

// mostPlaces bounds the communities that an overview lists.
const mostPlaces = 200

// places lists the communities of a county or a division below it.
func (l language) places(a *projections.WorksAnswer, m moment) []place {
	if len(a.Division) < len("520603") {
		return nil
	}
	var all []place
	for i := range a.Communities {
		c := &a.Communities[i]
		all = append(all, place{
			ID: c.Community.String(), Name: c.Name, Code: c.Code, Kind: l.pick(domain.Label(c.Kind)), Form: l.pick(domain.Label(c.Form)),
			Href: m.in("/communities/" + c.Community.String()), Households: c.Households,
			Homes: m.in("/lists?division=" + string(a.Division.County()) + "&site=" + c.Community.String()),
		})
	}
	slices.SortFunc(all, func(a, b place) int { return cmp.Compare(a.Code, b.Code) })
	return all[:min(len(all), mostPlaces)]
}
