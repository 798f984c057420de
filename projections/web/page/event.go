package page

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// eventPage is one fact: what it says, who recorded it when, and its proof.
type eventPage struct {
	frame
	Event      *events.Event
	Name       string
	Effect     string
	Day        string
	Recorded   string
	Department string
	About      []fieldShown
	Fields     []fieldShown
	Place      string
	Raw        string
	Voided     string
	Corrected  string
	Undo       string // the page that undoes the import that it is of
}

// findEvent reads the event of the path, with its bytes: by id, or by where it stands.
func (p *Page) findEvent(ctx context.Context, where string) (events.Record, error) {
	province, sequence, ok := placeOf(where)
	if id, err := domain.ParseEventID(where); err == nil {
		province, sequence, err = p.ledger.Locate(id)
		ok = err == nil
	}
	if !ok {
		return events.Record{}, notThere(noEvent)
	}
	return p.recordAt(ctx, province, sequence)
}

// serveEventAsked leads from the form on the ledger's page to the event. What is neither
// an id nor a position may be an official number: it goes no further.
func (p *Page) serveEventAsked(v *visit) error {
	where := strings.TrimSpace(v.URL.Query().Get("id"))
	_, _, ok := placeOf(where)
	if _, err := domain.ParseEventID(where); err != nil && !ok {
		return notThere(noEvent)
	}
	http.Redirect(v.w, v.Request, v.moment.in("/events/"+url.PathEscape(where)), http.StatusSeeOther)
	return nil
}

func (p *Page) serveEvent(v *visit) error {
	record, err := p.findEvent(v.Context(), v.PathValue("id"))
	if err != nil {
		return err
	}
	e := record.Event
	kind, err := e.Kind()
	if err != nil {
		return stopped(err)
	}
	page := eventPage{
		frame: p.frame(v, v.lang.pick(kind.Label), "ledger"), Event: e, Name: v.lang.pick(kind.Label), Effect: v.lang.pick(kind.Effect),
		Day: e.Time.Day().String(), Recorded: china(e.Recorded), Department: v.lang.pick(domain.Label(e.Source.Department)),
		Place: fmt.Sprintf("%s:%d", e.Stream(), e.Sequence), Raw: string(record.Body),
	}
	page.crumbs(e.Division)
	if batch, _, of := strings.Cut(e.Batch, "/"); of {
		page.Undo = page.To("/undo?batch=", batch)
	}
	page.About = []fieldShown{{Label: v.lang.say("对象", "About"), Value: e.Subject.String(), Entity: e.Subject.String(), Href: entityAddress(e.Subject, page.To)}}
	page.Fields = v.lang.describe(e, page.To)
	directory := p.ledger.Directory()
	if by := directory.Voided(e.ID); by.Present() {
		page.Voided = page.To("/events/", by)
	}
	if by := directory.Correction(e.ID); by.Present() {
		page.Corrected = page.To("/events/", by)
	}
	return p.render(v, "event", page)
}

// china writes an instant in the civil time of China.
func china(m domain.Moment) string { return m.Time().In(domain.China).Format(time.DateTime) }
