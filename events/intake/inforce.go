package intake

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/go-json-experiment/json"
)

// reading reads, under the fence, the fact that an event id stands for.
type reading struct {
	draft
	id    domain.EventID
	fact  domain.Fact
	event *events.Event
}

// errNoFact says that nothing is recorded under an id.
var errNoFact = errors.New("nothing is recorded under the id")

// Settle reads and appends nothing (events.Draft).
func (r *reading) Settle(x *events.Index) (*events.Event, *events.Receipt, error) {
	e, err := x.Find(r.id)
	if err != nil {
		return nil, nil, errAnswered
	}
	own, err := r.open(e)
	if err != nil {
		return nil, nil, err
	}
	if r.fact, err = r.inForce(x, e, own); err != nil {
		return nil, nil, err
	}
	r.event = e
	if kind, err := e.Kind(); err == nil {
		kind.VisitBoxes(r.fact, func(ref domain.BoxRef) { ref.Box.Sealed, ref.Box.Tag = "", 0 })
	}
	return nil, nil, errAnswered
}

// recorded returns the payload in force of an event, every field open, the caller's to change.
// errNoFact when there is none.
func (d *Door) recorded(ctx context.Context, caller Caller, id domain.EventID) (domain.Fact, *events.Event, error) {
	r := &reading{draft: draft{door: d, caller: caller}, id: id}
	if _, err := d.log.Append(ctx, provinceOf(caller.Division), false, []events.Draft{r}); err != nil {
		return nil, nil, err
	}
	if r.fact == nil {
		return nil, nil, errNoFact
	}
	return r.fact, r.event, nil
}

// plainFields returns a payload's fields as JSON values, sealed ones open.
func plainFields(v any) map[string]any {
	fields := map[string]any{}
	if b, err := json.Marshal(v); err == nil {
		_ = json.Unmarshal(b, &fields)
	}
	return fields
}

// stated puts what a row states over the fact in force: fields that the row leaves out keep
// their values, since an empty cell is no statement. The result is the payload that a
// correction would give; it is nil when the row states nothing else than what is there.
func stated(kind *domain.Kind, was, now domain.Fact) (map[string]any, []Difference) {
	for _, f := range []domain.Fact{was, now} {
		kind.VisitBoxes(f, func(ref domain.BoxRef) { ref.Box.Sealed, ref.Box.Tag = "", 0 })
	}
	old := plainFields(was)
	merged := overlayFields(plainFields(was), plainFields(now))
	kind.VisitEntities(was, func(ref domain.EntityRef) { dropMinted(old, merged, ref) })
	sealed := map[string]bool{}
	kind.VisitBoxes(was, func(ref domain.BoxRef) { sealed["/data"+ref.Pointer] = true })
	kind.VisitBoxes(now, func(ref domain.BoxRef) { sealed["/data"+ref.Pointer] = true })
	differs := differences(nil, "/data", old, merged, sealed)
	if len(differs) == 0 {
		return nil, nil
	}
	return merged, differs
}

// dropMinted takes an entity that the fact created out of the comparison.
func dropMinted(old, merged map[string]any, ref domain.EntityRef) {
	if !ref.Field.Minted && !ref.Field.Created {
		return
	}
	for _, m := range []map[string]any{old, merged} {
		dropAt(m, ref.Pointer[1:])
	}
}

func overlayFields(under, over map[string]any) map[string]any {
	for k, v := range over {
		child, isObject := v.(map[string]any)
		below, both := under[k].(map[string]any)
		if isObject && both {
			v = overlayFields(below, child)
		}
		under[k] = v
	}
	return under
}

// dropAt deletes the value at "members/0/person".
func dropAt(v any, at string) {
	name, rest, deeper := strings.Cut(at, "/")
	switch v := v.(type) {
	case map[string]any:
		if !deeper {
			delete(v, name)
			return
		}
		dropAt(v[name], rest)
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i < len(v) {
			dropAt(v[i], rest)
		}
	}
}
