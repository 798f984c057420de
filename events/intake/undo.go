package intake

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Undoing says which import is undone, by whom and why.
type Undoing struct {
	Batch      domain.Entity
	Department domain.Department // "" = each event by the department in whose name it was imported
	Division   domain.Division   // the caller's
	Reason     domain.VoidReason
	ApprovedBy string
	Trial      bool // say what would be voided, and record nothing

	// Progress is told how many voids are recorded; nil = nobody wants to know.
	Progress func(done, all int)

	set int // voids of one set, at most; 0 = maxSet
}

// Undone says what became of an import's events, or would.
type Undone struct {
	Batch    domain.Entity `json:"batch"`
	Undo     domain.Entity `json:"undo,omitzero"` // the batch of the voids: undone, it brings the import back
	Events   int           `json:"events"`        // of the import
	Voided   int           `json:"voided"`        // now; of a dry run: that would be
	Already  int           `json:"already"`       // voided before
	Types    []UndoneType  `json:"types"`         // of those voided
	First    []UndoneEvent `json:"first"`         // the first of them in the order in which they are voided, at most 200
	Position string        `json:"position,omitzero"`
	Recorded bool          `json:"recorded"`
	Identity string        `json:"identity"`
}

// UndoneType counts the voided events of one type.
type UndoneType struct {
	Type   string `json:"type"`
	Events int    `json:"events"`
}

// UndoneEvent is one event that is voided.
type UndoneEvent struct {
	Event    domain.EventID `json:"event"`
	Type     string         `json:"type"`
	Position string         `json:"position"`
}

// Dependence is an event of an import, and those outside of it that rest on it.
type Dependence struct {
	Event      domain.EventID   `json:"event"`
	Dependants []domain.EventID `json:"dependants"`
}

// undo carries one undoing.
type undo struct {
	door    *Door
	order   Undoing
	events  []*undoing // of the import, as they were read
	at      map[domain.EventID]*undoing
	creator map[domain.Entity]*undoing // of what those in force created
	voids   domain.Entity              // the batch of the voids, of an earlier attempt or of this one

	opened map[domain.Matter][]*undoing // by those in force
	others map[domain.Matter][]domain.Day
	goOn   map[domain.Matter][]dated // outside of the import
}

// undoing is one event of the import.
type undoing struct {
	id         domain.EventID
	source     domain.Source
	kind       string
	day        domain.Day
	place      domain.Place
	created    []domain.Entity
	void       bool
	dependants []domain.EventID
}

// Undo voids every event of an import that is not voided yet, in sets, the latest first, so that what
// remains after a crash never rests on what is gone; called again it goes on where it stopped, and
// of an import that is undone it records nothing. It is refused whole when an event outside the
// import rests on one of its events. The voids are a batch of their own: to undo that brings the import back.
func (d *Door) Undo(ctx context.Context, o Undoing) (*Undone, *Problem) {
	u := &undo{
		door: d, order: o, at: map[domain.EventID]*undoing{}, creator: map[domain.Entity]*undoing{},
		opened: map[domain.Matter][]*undoing{}, others: map[domain.Matter][]domain.Day{}, goOn: map[domain.Matter][]dated{},
	}
	if wrong := u.checked(); len(wrong) > 0 {
		return nil, badRequest(wrong[0])
	}
	if err := u.read(ctx); err != nil {
		return nil, failure(err)
	}
	if p := u.owned(); p != nil {
		return nil, p
	}
	if err := u.look(ctx); err != nil {
		return nil, failure(err)
	}
	if p := u.free(); p != nil {
		return nil, p
	}
	a := u.answer()
	if o.Trial || a.Voided == 0 {
		return a, nil
	}
	return a, u.record(ctx, a)
}

// checked refuses an order that is none.
func (u *undo) checked() (wrong []domain.Refusal) {
	if u.order.Batch.Kind() != domain.BatchKind {
		return []domain.Refusal{wrongForm(zhen("导入批次的标识，以 i 开头", "the id of an import batch; it begins with i"), zhen("批次见导入的回执", "the receipt of the import names its batch")).at("batch", u.order.Batch.String())}
	}
	for _, r := range kindNamed("record.voided").Check(u.fact(u.order.Batch.String())) {
		r.Field = strings.TrimPrefix(r.Field, "/data/")
		wrong = append(wrong, r)
	}
	return append(wrong, approver(Caller{u.order.Department, u.order.Division}, u.order.ApprovedBy, "approved_by")...)
}

// fact is the void of an event; the text stands for one where there is none yet.
func (u *undo) fact(target string) *domain.RecordVoided {
	id, err := domain.ParseEventID(target)
	if err != nil {
		id = domain.EventID{1, 8: 0x80}
	}
	return &domain.RecordVoided{TargetEvent: id, Reason: u.order.Reason, ApprovedBy: u.order.ApprovedBy}
}

// inBatch reports an event of a batch: a row's, or the end of the import.
func inBatch(e *events.Event, batch domain.Entity) bool {
	id, _, _ := strings.Cut(e.Batch, "/")
	return id == batch.String() || e.Subject == batch && e.Type == batchClosed
}

// read collects the import's events, and an earlier attempt to undo it.
func (u *undo) read(ctx context.Context) error {
	return u.door.everything(ctx, func(e *events.Event) error {
		switch {
		case inBatch(e, u.order.Batch):
			one := &undoing{
				id: e.ID, source: e.Source, kind: e.Type, day: e.Time.Day(), place: domain.Place{Province: e.Home.Province, Sequence: e.Sequence},
				void: u.door.directory.Voided(e.ID).Present(),
			}
			f, err := u.door.factIn(e)
			if err != nil {
				return err
			}
			if m, opens := domain.Opens(f); opens && !one.void {
				u.opened[m] = append(u.opened[m], one)
			}
			for _, id := range receiptOf(e, f).IDs {
				one.created = append(one.created, id)
			}
			u.events, u.at[e.ID] = append(u.events, one), one
		case e.Type == "record.voided" && strings.HasPrefix(e.Key, undoKey+"/"+u.order.Batch.String()+"/"):
			id, _, _ := strings.Cut(e.Batch, "/")
			u.voids, _ = domain.ParseEntity(id) // absent when it is none
		}
		return nil
	})
}

// everything reads all events of all streams, each stream in its order.
func (d *Door) everything(ctx context.Context, take func(*events.Event) error) error {
	for _, province := range d.directory.Provinces() {
		for rec, err := range d.log.Read(ctx, province, 0) {
			if err == nil && rec.Event != nil {
				err = take(rec.Event)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// factOf reads a payload as it lies in the log.
func factOf(e *events.Event) (domain.Fact, error) {
	kind, err := e.Kind()
	if err != nil {
		return nil, err
	}
	return kind.Decode(e.Version, e.Data)
}

// owned refuses an import that is not there, or of which an event is somebody else's.
func (u *undo) owned() *Problem {
	if len(u.events) == 0 {
		p := badRequest(noBatch().at("batch", u.order.Batch.String()))
		p.Status = http.StatusNotFound
		return p
	}
	for _, e := range u.events {
		if by := u.order.ApprovedBy; !e.void && by != "" && u.caller(e).Source().IsNamedBy(by) {
			return badRequest(secondPerson().at("approved_by", domain.Shown(by))) // it is imported in several names
		}
		if e.void || u.caller(e).ofOneLine(e.source) {
			continue
		}
		field, value := "department", string(u.caller(e).Department)
		if u.caller(e).Department == e.source.Department {
			field, value = "division", string(u.order.Division)
		}
		p := badRequest(notItsOwner(e.source).at(field, value))
		p.Status = http.StatusForbidden
		return p
	}
	return nil
}

// caller is in whose name an event is voided: the caller's, or, where he names no department, that in
// which it was imported.
func (u *undo) caller(e *undoing) Caller {
	return Caller{cmp.Or(u.order.Department, e.source.Department), u.order.Division}
}

// look finds the events outside the import that rest on its events in force.
func (u *undo) look(ctx context.Context) error {
	for _, e := range u.events {
		for _, id := range e.created {
			if _, known := u.creator[id]; !known && !e.void {
				u.creator[id] = e
			}
		}
	}
	if len(u.creator) == 0 && len(u.opened) == 0 {
		return nil
	}
	defer u.goingOn()
	return u.door.everything(ctx, func(e *events.Event) error {
		if e.Type == batchClosed || inBatch(e, u.order.Batch) || u.door.directory.Voided(e.ID).Present() {
			return nil
		}
		f, err := u.door.factIn(e)
		if err == nil {
			u.rests(e, f)
			u.see(e, f)
		}
		return err
	})
}

// rests notes an event on those that created what it names. What an event before the import created, or
// found there, is not the import's.
func (u *undo) rests(e *events.Event, f domain.Fact) {
	if c, corrects := f.(*domain.RecordCorrected); corrects {
		if _, ours := u.at[c.TargetEvent]; ours {
			return
		}
	}
	for entity := range named(e, f) {
		by, ours := u.creator[entity]
		switch {
		case !ours || slices.Contains(by.dependants, e.ID) || len(by.dependants) >= maxDependants:
		case by.place.Province == e.Home.Province && e.Sequence < by.place.Sequence:
			delete(u.creator, entity)
		default:
			by.dependants = append(by.dependants, e.ID)
		}
	}
}

// free refuses an import on whose events others rest.
func (u *undo) free() *Problem {
	p := problemOf(0, []domain.Refusal{dependants().at("batch", u.order.Batch.String())})
	for _, e := range u.latestFirst() {
		if len(e.dependants) > 0 && len(p.Depends) < maxNamed {
			p.Depends = append(p.Depends, Dependence{e.id, e.dependants})
		}
	}
	if len(p.Depends) == 0 {
		return nil
	}
	return p
}

// latestFirst are the events in force in the order in which they are voided.
func (u *undo) latestFirst() []*undoing {
	left := slices.DeleteFunc(slices.Clone(u.events), func(e *undoing) bool { return e.void })
	slices.SortFunc(left, func(a, b *undoing) int {
		return cmp.Or(cmp.Compare(a.place.Province, b.place.Province), cmp.Compare(b.place.Sequence, a.place.Sequence))
	})
	return left
}

// answer counts what is to be voided.
func (u *undo) answer() *Undone {
	left := u.latestFirst()
	a := &Undone{
		Batch: u.order.Batch, Undo: u.voids, Events: len(u.events), Voided: len(left), Already: len(u.events) - len(left),
		Types: []UndoneType{}, First: []UndoneEvent{}, Identity: selfNamed,
	}
	for _, e := range left {
		at := slices.IndexFunc(a.Types, func(t UndoneType) bool { return t.Type == e.kind })
		if at < 0 {
			at, a.Types = len(a.Types), append(a.Types, UndoneType{Type: e.kind})
		}
		a.Types[at].Events++
		if len(a.First) < maxNamed {
			a.First = append(a.First, UndoneEvent{e.id, e.kind, events.StreamName(e.place.Province) + ":" + strconv.FormatUint(e.place.Sequence, 10)})
		}
	}
	return a
}

// record records the voids, a set at a time.
func (u *undo) record(ctx context.Context, a *Undone) *Problem {
	if !u.voids.Present() {
		u.voids = u.door.Mint(domain.BatchKind)
	}
	a.Undo = u.voids
	left, done := u.latestFirst(), 0
	for len(left) > 0 {
		most := min(cmp.Or(u.order.set, maxSet), len(left))
		n := 1
		for n < most && left[n].place.Province == left[0].place.Province {
			n++
		}
		position, p := u.recordRest(ctx, left[:n])
		if p != nil {
			p.Detail = fmt.Sprintf("已作废 %d 条，其余 %d 条未动；可放心重试 / %d events are voided, %d are not; repeating it is harmless", done, len(left), done, len(left))
			return p
		}
		a.Position, a.Recorded = cmp.Or(position, a.Position), true
		left, done = left[n:], done+n
		if u.order.Progress != nil {
			u.order.Progress(done, a.Voided)
		}
	}
	return nil
}

// recordRest voids those of some events of one stream that nobody voided in the meantime: an earlier
// attempt whose outcome was unknown, or another caller.
func (u *undo) recordRest(ctx context.Context, part []*undoing) (position string, p *Problem) {
	for range maxRounds {
		if err := ctx.Err(); err != nil { // whoever asked has gone: he repeats it
			return "", failure(err)
		}
		part = slices.DeleteFunc(slices.Clone(part), func(e *undoing) bool { return u.door.directory.Voided(e.id).Present() })
		if len(part) == 0 {
			return "", nil
		}
		if position, p = u.recordSet(ctx, part); p == nil || p.Status != http.StatusConflict {
			break
		}
	}
	return position, p
}

// recordSet voids some events of one stream together.
func (u *undo) recordSet(ctx context.Context, part []*undoing) (position string, p *Problem) {
	answers, drafts := []Answer(nil), []*draft(nil)
	for _, e := range part {
		s := &Submission{
			Kind: kindNamed("record.voided"), Time: domain.MomentOf(u.door.now()), Key: u.key(e), Batch: u.voids.String() + "/" + strconv.Itoa(len(answers)+1),
			Fact: u.fact(e.id.String()),
		}
		a, x := u.door.drafts(u.caller(e), []*Submission{s}, nil)
		if x[0] != nil {
			x[0].province, x[0].scan = e.place.Province, &scan{done: true, undo: true} // it was looked for already, for all
		}
		answers, drafts = append(answers, a...), append(drafts, x...)
	}
	if at := slices.IndexFunc(answers, isRefused); at >= 0 {
		return "", answers[at].Problem
	}
	if p := u.door.recordSet(ctx, u.caller(part[0]), answers, drafts); p != nil {
		return "", p
	}
	return answers[len(answers)-1].Receipt.Position, nil
}

// undoKey begins the keys of the voids of an undone import.
const undoKey = "undo"

// key names the void of an event: the same at each attempt. A void that holds no more, because the import was
// brought back or the event corrected since, is followed by another.
func (u *undo) key(e *undoing) Key {
	k := Key{Text(undoKey), Text(u.order.Batch.String()), Text("record.voided"), Text(e.id.String())}
	for {
		text := k.text(func(string) domain.Entity { return 0 })
		before := domain.DeriveEventID(u.caller(e).Source(), text)
		if !u.door.directory.Acted(e.id, before) {
			return k
		}
		k = append(k, Text(before.String()))
	}
}
