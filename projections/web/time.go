package web

import (
	"context"
	"errors"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// times are the two axes that a question is asked on: facts that were true by the end of a day, as
// far as they were known.
type times struct {
	asOf, knownAt string // as asked for; "" is now
	at            domain.Day
	by            domain.Moment // 0 is all that is known
	known         *projections.Known
}

// when reads both axes, and waits for at_least and for what known_at asks to be seen.
func (a *API) when(q *question) (t times, wrong *Problem) {
	t.asOf, t.knownAt = q.value("as_of"), q.value("known_at")
	older := q.value("at")
	if t.asOf != "" && older != "" {
		return t, refuse(badParameter, "as_of", t.asOf, domain.Text{ZH: "at 与 as_of 含义相同，只能给一个", EN: "at and as_of mean the same: only one is given"},
			domain.Text{ZH: "请去掉 at", EN: "leave at out"})
	}
	if wrong = a.look(q, &t); wrong == nil && older != "" {
		t.at, wrong = olderAt(older)
	}
	return t, wrong
}

// moments is when for a question whose other parameters were read already; it answers what is wrong with
// either.
func (a *API) moments(q *question, wrong *Problem) (t times, sound bool) {
	if wrong == nil {
		t, wrong = a.when(q)
	}
	if wrong != nil {
		wrong.write(q.w)
	}
	return t, wrong == nil
}

// look reads the axes that t names, and waits until the views have read as far.
func (a *API) look(q *question, t *times) (wrong *Problem) {
	now := domain.MomentOf(a.now())
	if t.at, wrong = asOf(t.asOf, now); wrong != nil {
		return wrong
	}
	if t.by, wrong = knownAt(t.knownAt); wrong != nil {
		return wrong
	}
	if wrong = a.reached(q); wrong != nil {
		return wrong
	}
	var err error
	if t.known, err = a.views.KnownAt(t.by, now).Under(q.value("parameters")); err != nil {
		return setProblem("parameters", err)
	}
	return a.awaited(q, t.known, "known_at", t.knownAt)
}

// awaited waits until the views have read what a question is asked on.
func (a *API) awaited(q *question, k *projections.Known, field, value string) *Problem {
	ctx, cancel := context.WithTimeout(q.Context(), a.wait)
	defer cancel()
	err := k.Reached(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return refuse(notReached, field, value, domain.Text{ZH: "视图须读到该时刻为止的记录", EN: "the views have to read what was recorded by then"},
			domain.Text{ZH: "请稍后重试", EN: "try again in a moment"})
	}
	return stopped(err)
}

// asOf reads as of which day a question is asked.
func asOf(text string, now domain.Moment) (domain.Day, *Problem) {
	if text == "" {
		return now.Day(), nil
	}
	if day, err := domain.ParseDay(text); err == nil {
		return day, nil
	}
	m, err := domain.ParseInstant(text)
	return m.Day(), wrongInstant("as_of", text, err)
}

// olderAt reads at: a civil date, or an instant of any zone whose civil day in China counts.
func olderAt(text string) (domain.Day, *Problem) {
	if day, err := domain.ParseDay(text); err == nil {
		return day, nil
	}
	m, err := anyInstant(text)
	return m.Day(), wrongInstant("at", text, err)
}

// anyInstant reads an instant of any zone; one that names none is refused as such.
func anyInstant(text string) (domain.Moment, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return domain.MomentOf(t), nil
	}
	return domain.ParseInstant(text)
}

// knownAt reads by when what counts was recorded: an instant, or a date, which is its end in China.
// 0 is all that is known.
func knownAt(text string) (domain.Moment, *Problem) {
	if text == "" {
		return 0, nil
	}
	m, err := domain.ParseKnownAt(text)
	return m, wrongInstant("known_at", text, err)
}

// wrongInstant is the problem of a moment that was not read; nil when it was.
func wrongInstant(field, text string, err error) *Problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, domain.ErrForeignZone):
		return badZone(field, text)
	case isWritten(text):
		return refuse(badParameter, field, text, domain.Text{ZH: "日历上没有这一天或这个时刻，或不在1600至2999年之间", EN: "there is no such day or moment, or it is not of the years 1600 to 2999"},
			domain.Text{ZH: "例如 2021-06-30；留空表示不限", EN: "such as 2021-06-30; leave it out for the default"})
	}
	return badTime(field, text)
}

// isWritten reports text that begins as a date does, which may be none: 2021-02-30.
func isWritten(text string) bool {
	const form = "2021-06-30"
	if len(text) < len(form) || len(text) > len(form) && text[len(form)] != 'T' {
		return false
	}
	for i := range len(form) {
		if form[i] == '-' != (text[i] == '-') || form[i] != '-' && (text[i] < '0' || text[i] > '9') {
			return false
		}
	}
	return true
}

// badZone is the problem of an instant without a zone or of a foreign one.
func badZone(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "时刻须注明时区：+08:00（北京时间）或 Z", EN: "a moment says its zone: +08:00, which is China's, or Z"},
		domain.Text{ZH: "例如 2021-06-30T18:00:00+08:00；或只写日期 2021-06-30", EN: "such as 2021-06-30T18:00:00+08:00; or the date alone, 2021-06-30"})
}

// asOfParameters are taken by every question about how it is or was.
func asOfParameters() []parameter {
	return append(timeParameters(),
		query("parameters", "by which parameter set it is judged, one of those that GET /v1/views lists; by default the one in force", text("", "anju-2021-1")))
}

// timeParameters are the axes of time, and how far the views must have read.
func timeParameters() []parameter {
	return []parameter{
		query("as_of", "as of when, in the world: facts true by the end of this day count, a later day's do not. A date, or a moment in +08:00 or Z whose day in China counts. Default: today.", text(momentForm, "2021-06-30")),
		query("known_at", "what was known by when: facts recorded by this moment count, and corrections and voids among them. A moment in +08:00 or Z, or a date, which is its end in China. Default: all that is recorded.", text(momentForm, "2021-06-30", "2021-06-30T18:00:00+08:00")),
		query("at", "the older name of as_of; a moment of any zone. Not both.", text(momentForm, "2021-06-30")),
		query("at_least", "waits, at most ten seconds, until the views have read this position, such as a receipt names", text(positionForm, "ANJU-52:12345")),
	}
}
