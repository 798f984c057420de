package export

import (
	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// reach is how far the events of an export reach, all of the ledger up to its positions: what is noted
// follows from them alone, so that an export made again notes the same.
type reach struct {
	recorded    domain.Moment // of the newest event; 0 when there is none
	any         bool
	first, last domain.Day // of facts; acts on records and what is of imports are of the day of somebody's work
}

// note takes in one event; all are read when a day bounds the export.
func (r *reach) note(e *events.Event) error {
	kind, err := e.Kind()
	if err != nil || kind.Home == 0 || kind.Home == domain.BatchKind {
		return err
	}
	day := e.Time.Day()
	if !r.any || day < r.first {
		r.first = day
	}
	if !r.any || day > r.last {
		r.last = day
	}
	r.any = true
	return nil
}

// notes are what is to be known of the division and the two moments of the export, as answers have it.
func (e *exporter) notes() []domain.Text {
	all := projections.Basis{}.In(e.order.Division).Notes
	note := func(zh, en string) { all = append(all, domain.Text{ZH: zh, EN: en}) }
	r, o := &e.reach, &e.order
	switch {
	case r.recorded == 0:
		note("到该时刻为止账本没有任何记录", "nothing was recorded by that moment")
	case o.KnownAt > r.recorded:
		note("该时刻晚于所含的最后一条记录（"+r.recorded.String()+"）", "the moment is after the last record that is in it ("+r.recorded.String()+")")
	}
	switch {
	case o.AsOf == domain.NoDay || !r.any:
	case o.AsOf < r.first:
		note("截至该日尚无任何事实；最早的事实为 "+r.first.String(), "nothing was true yet by that day; the first fact is of "+r.first.String())
	case o.AsOf > r.last:
		note("最近的事实为 "+r.last.String(), "the latest fact is of "+r.last.String())
	}
	return all
}
