package intake

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// record tries the rows' facts and, when it is no dry run, records those of the rows that none
// of their facts refuses: a row is recorded whole or not at all. Rows of one fact each need no
// trial for that.
func (m *importer) record(caller Caller, rows []*fileRow) error {
	try := func(subs []*Submission) []Answer { return m.door.try(m.ctx, caller, subs, &trial{}) }
	record := func(subs []*Submission) []Answer { return m.door.Record(m.ctx, caller, subs, false) }
	if !m.options.Record {
		shared := func(subs []*Submission) []Answer { return m.door.try(m.ctx, caller, subs, &m.trial) }
		if err := m.offer(rows, shared, true); err != nil {
			return err
		}
		return m.settleChanges(caller, rows)
	}
	if slices.ContainsFunc(rows, func(r *fileRow) bool { return len(r.subs) > 1 }) {
		if err := m.offer(rows, try, false); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if r.state != rowRefused && r.same == nil && len(r.subs) > 0 {
			r.state = rowNothing
			r.changes, r.events, r.changedAt, r.accepted = nil, nil, nil, false
		}
	}
	if err := m.offer(rows, record, true); err != nil {
		return err
	}
	return m.settleChanges(caller, rows)
}

// offer hands the facts of rows to the door and notes on each row what became of them.
func (m *importer) offer(rows []*fileRow, door func([]*Submission) []Answer, final bool) error {
	type place struct {
		row *fileRow
		at  int
	}
	var subs []*Submission
	var places []place
	for _, r := range rows {
		if r.state == rowRefused || r.same != nil {
			continue
		}
		for i, s := range r.subs {
			subs, places = append(subs, s), append(places, place{r, i})
		}
	}
	if len(subs) == 0 {
		return nil
	}
	for i, a := range door(subs) {
		r, at := places[i].row, places[i].at
		if err := m.note(r, at, a, final); err != nil {
			return err
		}
	}
	for _, r := range rows {
		r.drop()
	}
	return nil
}

// drop takes out the facts that note marked: those about an entity that need not be known.
func (r *fileRow) drop() {
	for i := len(r.subs) - 1; i >= 0; i-- {
		if r.subs[i] == nil {
			r.subs, r.rules, r.optional = slices.Delete(r.subs, i, i+1), slices.Delete(r.rules, i, i+1), slices.Delete(r.optional, i, i+1)
		}
	}
}

// note takes in the answer to one fact of a row.
func (m *importer) note(r *fileRow, at int, a Answer, final bool) error {
	switch {
	case a.Receipt != nil:
		state := rowAccepted
		if a.Receipt.Already || m.repeats(a.Receipt.ID, r.subs[at], final) {
			state = rowDuplicate
		}
		r.raise(state)
		r.accepted = r.accepted || state == rowAccepted
	case a.Problem.Existing != nil:
		r.raise(rowChanged)
		r.changes = append(r.changes, a.Problem.Differs...)
		r.events = append(r.events, a.Problem.Existing.ID)
		r.changedAt = append(r.changedAt, restated{r.subs[at], r.rules[at]})
	case a.Problem.Status == http.StatusInsufficientStorage:
		return fmt.Errorf("%w: %w", ErrStopped, events.ErrDiskFull)
	case a.Problem.Status >= 500:
		return fmt.Errorf("%w: %s", ErrStopped, a.Problem.Names.EN)
	case r.optional[at] && onlyUnknown(a.Problem.Refusals):
		r.subs[at] = nil
	default:
		for _, wrong := range a.Problem.Refusals {
			if r.rules[at] == nil {
				told := rule{wrong.Kind, wrong.Rule, wrong.Fix}
				r.refuse(m.layout, registerColumn(wrong.Field), told, wrong.Value)
				continue
			}
			m.layout.refuseFact(r, r.rules[at], wrong)
		}
		r.state = rowRefused
	}
	return nil
}

func onlyUnknown(refusals []domain.Refusal) bool {
	for _, r := range refusals {
		if r.Kind != domain.Unknown {
			return false
		}
	}
	return len(refusals) > 0
}

// raise keeps the highest of the states that a row's facts have.
func (r *fileRow) raise(s rowState) { r.state = max(r.state, s) }

// repeats reports, in a dry run, that an earlier row of the file states the same fact.
func (m *importer) repeats(id domain.EventID, s *Submission, final bool) bool {
	if m.options.Record || !final {
		return false
	}
	if _, there := m.tried[id]; there {
		return true
	}
	m.tried[id] = s.Kind.Name
	return false
}

// settleChanges looks at the rows that state something else than the fact in force: cells that
// are merely empty state nothing, so such a row is a duplicate. By choice the others are
// recorded as corrections.
func (m *importer) settleChanges(caller Caller, rows []*fileRow) error {
	for _, r := range rows {
		if r.state != rowChanged || r.same != nil || len(r.events) == 0 {
			continue
		}
		events, subs := r.events, r.changedAt
		r.changes, r.events, r.changedAt = nil, nil, nil
		for i, id := range events {
			if err := m.settleChange(caller, r, id, subs[i]); err != nil {
				return err
			}
		}
		if len(r.changes) == 0 {
			r.state = rowDuplicate
			if r.accepted {
				r.state = rowAccepted
			}
		}
	}
	return nil
}

func (m *importer) settleChange(caller Caller, r *fileRow, id domain.EventID, s restated) error {
	was, event, err := m.door.recorded(m.ctx, caller, id)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	payload, differs := stated(s.Kind, was, s.Fact)
	if event.Time != s.Time {
		differs = append(differs, Difference{Field: "/time", Was: event.Time.Day().String(), Now: s.Time.Day().String()})
	}
	if len(differs) == 0 {
		return nil
	}
	for i := range differs {
		differs[i].Column = m.layout.titleOf(s.by, differs[i].Field)
	}
	r.changes, r.events = append(r.changes, differs...), append(r.events, id)
	if !m.options.Record || !m.options.Correct || payload == nil {
		return nil
	}
	data, err := json.Marshal(payload, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrStopped, err)
	}
	correction := &Submission{
		Kind: kindNamed("record.corrected"), Time: domain.MomentOf(m.door.now()), Batch: s.Batch,
		Key:  Key{Text(m.layout.template.Name), Text("record.corrected"), Text(id.String()), Text(m.options.batch), Text(fmt.Sprint(r.number))},
		Fact: &domain.RecordCorrected{TargetEvent: id, Data: jsontext.Value(data), Reason: "typo"},
	}
	a := m.door.Record(m.ctx, caller, []*Submission{correction}, false)[0]
	if a.Problem == nil {
		r.corrected = true
		return nil
	}
	if a.Problem.Status >= 500 {
		return fmt.Errorf("%w: %s", ErrStopped, a.Problem.Names.EN)
	}
	for _, wrong := range a.Problem.Refusals {
		r.refuse(m.layout, "", rule{wrong.Kind, wrong.Rule, wrong.Fix}, "")
	}
	return nil
}

// count sums the rows up; a row that repeats another shares its end, as a duplicate where that
// one was accepted.
func (m *importer) count(report *FileReport) {
	slices.SortFunc(m.rows, func(a, b *fileRow) int { return cmp.Compare(a.number, b.number) })
	report.states = make(map[int]rowState, len(m.rows))
	shareChanges(m.rows)
	for _, r := range m.rows {
		if r.same != nil {
			m.share(r)
		}
		report.Rows++
		report.states[r.number] = r.state
		switch r.state {
		case rowAccepted:
			report.Accepted++
		case rowDuplicate:
			report.Duplicates++
		case rowNothing:
			report.Nothing++
		case rowChanged:
			report.Changed++
			change := RowChange{Row: r.number, Fields: r.changes, Corrected: r.corrected}
			if len(r.events) > 0 {
				change.Event = r.events[0]
			}
			report.Changes = append(report.Changes, change)
		case rowRefused:
			report.Rejected = append(report.Rejected, *r.wrong)
		}
	}
}

// share gives a row the end of the row that carries its facts, or that it repeats.
func (m *importer) share(r *fileRow) {
	of := r.same
	if of.same != nil {
		of = of.same
	}
	switch {
	case of.state == rowRefused && r.joint:
		r.refuse(m.layout, colHousehold, rule{
			domain.Unknown, zhen("该户的户主行被拒绝", "the row of the household's head was refused"), zhen("请更正户主所在行，本行随之导入", "correct the head's row, and this one is imported with it"),
		}, "")
	case of.state == rowRefused:
		wrong := *of.wrong
		wrong.Row = r.number
		r.wrong, r.state = &wrong, rowRefused
	case of.state == rowAccepted && !r.joint:
		r.state = rowDuplicate
	default:
		r.state = of.state
	}
	if r.state == rowChanged {
		r.changes = of.changes
	}
}

// close ends the import with import.batch_closed. An import that found everything there already
// records nothing at all.
func (m *importer) close(report *FileReport) error {
	corrected := slices.ContainsFunc(report.Changes, func(c RowChange) bool { return c.Corrected })
	again := report.Accepted == 0 && !corrected && report.Duplicates > 0
	if again && !m.options.Resumed || report.Rows == 0 {
		report.Recorded, report.Batch = false, 0
		return nil
	}
	closed := &domain.BatchClosed{
		Batch: domain.BatchID{Entity: report.Batch}, Template: report.Template, TemplateVersion: m.layout.template.Version,
		Rows: int32(report.Rows), Accepted: int32(report.Accepted), Duplicates: int32(report.Duplicates),
		Changed: int32(report.Changed), Nothing: int32(report.Nothing),
	}
	closed.Rejected = rejectedOf(report.Rejected)
	s := &Submission{
		Kind: kindNamed(batchClosed), Time: domain.MomentOf(m.door.now()), Fact: closed,
		Key: Key{Text(report.Template), Text(batchClosed), At("/data/batch")},
	}
	a := m.door.Record(m.ctx, m.caller, []*Submission{s}, false)[0]
	if a.Problem != nil {
		return fmt.Errorf("%w: %s", ErrStopped, a.Problem.Names.EN)
	}
	return nil
}

// maxNamed is how many refused rows import.batch_closed names (WIRE §6).
const maxNamed = 200

func rejectedOf(all []Rejection) (r domain.Rejected) {
	for i, x := range all {
		at := slices.IndexFunc(r.Counts, func(c domain.Count) bool { return c.Kind == x.Kind })
		if at < 0 {
			at = len(r.Counts)
			r.Counts = append(r.Counts, domain.Count{Kind: x.Kind})
		}
		r.Counts[at].Rows++
		if i < maxNamed {
			r.First = append(r.First, domain.RefusedRow{Row: int32(x.Row), Column: x.Column, Kind: x.Kind})
		}
	}
	return r
}
