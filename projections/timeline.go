package projections

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Entry is one fact of a timeline, without its payload: what is sealed stays so.
type Entry struct {
	Day        domain.Day        `json:"day"`
	Event      domain.EventID    `json:"event"`
	Type       string            `json:"type"`
	Name       domain.Text       `json:"name"`
	Division   domain.Division   `json:"division"`
	Department domain.Department `json:"department"` // who recorded it
	Position   string            `json:"position"`   // where it stands in the log
}

// TimelineAnswer is what was recorded under a household's own subject, in the order in which it
// was true, up to a day. Corrections and voids stand in it as facts of their own.
type TimelineAnswer struct {
	Household domain.Entity `json:"household"`
	At        domain.Day    `json:"at"`
	Entries   []Entry       `json:"entries"`
	Position  Position      `json:"position"`
	Lag       Position      `json:"lag"`
}

// Timeline returns a household's facts up to a day.
func (v *Views) Timeline(id domain.Entity, at domain.Day) (TimelineAnswer, error) {
	v.follow()
	v.mu.Lock()
	defer v.mu.Unlock()
	h, known := v.homes[id]
	if !known || id.Kind() != domain.HouseholdKind {
		return TimelineAnswer{}, fmt.Errorf("%w: %s", ErrUnknown, id)
	}
	a := TimelineAnswer{Household: id, At: at, Entries: []Entry{}}
	for s := range h.register.Facts() {
		if s.Day() > at {
			break
		}
		a.Entries = append(a.Entries, Entry{
			Day: s.Day(), Event: s.ID, Type: s.Kind.Name, Name: s.Kind.Label, Division: s.Division,
			Department: s.Source.Department, Position: fmt.Sprintf("%s:%d", events.StreamName(s.Place.Province), s.Place.Sequence),
		})
	}
	a.Position, a.Lag = v.where()
	return a, v.failed
}
