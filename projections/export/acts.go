package export

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// acts are the corrections and voids up to the end of an export. An act counts from the day of its
// target, as in the fold of a status: the order's bounds choose it by the event that it is about.
type acts struct {
	rows   []Standing // in the order of the log
	chosen map[domain.EventID]bool
}

// readActs reads the acts; it is done once, when a table or a bound asks for it.
func (e *exporter) readActs(ctx context.Context) error {
	if !e.order.bounded() && !slices.Contains(e.order.Tables, standingsTable) {
		return nil
	}
	var sequences []uint64
	for event, err := range e.all(ctx) {
		if err != nil {
			return err
		}
		row, acts, err := standingOf(event)
		if err == nil {
			err = e.reach.note(event)
		}
		if err != nil {
			return err
		}
		if acts {
			e.acts.rows, sequences = append(e.acts.rows, row), append(sequences, event.Sequence)
		}
	}
	judge(e.acts.rows, sequences)
	return e.chooseActs(ctx)
}

// judge says which acts hold: of those on one target the last that is not itself voided, as
// domain.Register.Fold has it.
func judge(rows []Standing, sequences []uint64) {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sequences[b], sequences[a]) })
	decided, voided := map[domain.EventID]bool{}, map[domain.EventID]bool{}
	for _, i := range order {
		row := &rows[i]
		if voided[row.Event] || decided[row.Target] {
			continue
		}
		row.Holds, decided[row.Target] = true, true
		voided[row.Target] = row.Act == voidedType
	}
}

// chooseActs finds which acts the bounds choose: those whose target is chosen, and of an act on an
// act those whose last target is.
func (e *exporter) chooseActs(ctx context.Context) error {
	if !e.order.bounded() || len(e.acts.rows) == 0 {
		return nil
	}
	e.acts.chosen = map[domain.EventID]bool{}
	for _, row := range e.acts.rows {
		e.acts.chosen[row.Target] = false
	}
	for event, err := range e.all(ctx) {
		if err != nil {
			return err
		}
		if _, asked := e.acts.chosen[event.ID]; asked && !isAct(event.Type) {
			e.acts.chosen[event.ID] = e.order.chooses(event)
		}
	}
	for _, row := range e.acts.rows { // a target stands before the acts on it
		e.acts.chosen[row.Event] = e.acts.chosen[row.Target]
	}
	return nil
}

// chooses reports whether the order chooses an event: an act as its target.
func (e *exporter) chooses(event *events.Event) bool {
	if e.order.bounded() && isAct(event.Type) {
		return e.acts.chosen[event.ID]
	}
	return e.order.chooses(event)
}

// The types of the acts.
const (
	correctedType = "record.corrected"
	voidedType    = "record.voided"
)

func isAct(name string) bool { return name == correctedType || name == voidedType }

// standingsTable is the name of the table of Standing.
const standingsTable = "standings"

// Standing is a row of the table standings: one correction or void, with the event that it is
// about. Of several about one event the last that is not itself voided holds.
type Standing struct {
	Target   domain.EventID `parquet:"target,uuid" json:"target" zh:"被更正或作废的事件" en:"the event that it is about"`
	Act      string         `parquet:"act,dict" json:"act" zh:"行为" en:"record.corrected or record.voided"`
	Event    domain.EventID `parquet:"event,uuid" json:"event" zh:"更正或作废事件" en:"the event of the act"`
	Day      domain.Day     `parquet:"day,date" json:"day" zh:"行为日期" en:"the day of the act; it counts from the day of its target"`
	Recorded Moment         `parquet:"recorded,timestamp(millisecond)" json:"recorded" zh:"记录时刻" en:"when the ledger took the act"`
	Reason   string         `parquet:"reason,dict" json:"reason" zh:"原因" en:"the reason given"`
	Holds    bool           `parquet:"holds" json:"holds" zh:"现行有效（同一事件上最后一个未被作废的行为）" en:"it is the act in force: of those on its target the last that is not itself voided"`
}

func standings(_ context.Context, e *exporter) iter.Seq2[Standing, error] {
	return func(yield func(Standing, error) bool) {
		for _, row := range e.acts.rows {
			if (!e.order.bounded() || e.acts.chosen[row.Event]) && !yield(row, nil) {
				return
			}
		}
	}
}

// standingOf reads a correction or void; acts is false for every other event.
func standingOf(e *events.Event) (row Standing, acts bool, err error) {
	if !isAct(e.Type) {
		return row, false, nil
	}
	kind, err := e.Kind()
	if err != nil {
		return row, true, err
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return row, true, err
	}
	row = Standing{Act: e.Type, Event: e.ID, Day: e.Time.Day(), Recorded: Moment(e.Recorded)}
	switch f := fact.(type) {
	case *domain.RecordCorrected:
		row.Target, row.Reason = f.TargetEvent, string(f.Reason)
	case *domain.RecordVoided:
		row.Target, row.Reason = f.TargetEvent, string(f.Reason)
	}
	return row, true, nil
}
