package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// compare returns where the content of a stored payload and of a new one differ (WIRE §3):
// both have their sealed fields open; entities that the fact itself creates are left out, and
// so are fields that are erased in either. It clears those in was, and leaves now as it is.
func compare(kind *domain.Kind, was, now domain.Fact) ([]Difference, error) {
	sealed, restore := blank(kind, was, now)
	defer restore()
	a, err := domain.Encode(was)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	b, err := domain.Encode(now)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if bytes.Equal(a, b) {
		return nil, nil
	}
	var left, right any
	if err := json.Unmarshal(a, &left); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	if err := json.Unmarshal(b, &right); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return differences(nil, "/data", left, right, sealed), nil
}

// blank takes out what is no content; sealed names the fields whose values are not shown, and
// restore puts now right again.
func blank(kind *domain.Kind, was, now domain.Fact) (sealed map[string]bool, restore func()) {
	sealed = map[string]bool{}
	if kind.Name == "record.corrected" {
		sealed["/data/data"] = true // sealed fields may stand anywhere in it
	}
	var undo []func()
	gone := map[string]bool{}
	kind.VisitBoxes(was, func(ref domain.BoxRef) {
		sealed["/data"+ref.Pointer] = true
		gone[ref.Pointer] = gone[ref.Pointer] || ref.Box.Erased
	})
	kind.VisitBoxes(now, func(ref domain.BoxRef) {
		sealed["/data"+ref.Pointer] = true
		saved := *ref.Box
		undo = append(undo, func() { *ref.Box = saved })
		ref.Box.Sealed, ref.Box.Tag = "", 0
		gone[ref.Pointer] = gone[ref.Pointer] || ref.Box.Erased
	})
	drop := func(ref domain.BoxRef) {
		if gone[ref.Pointer] {
			*ref.Box = domain.Box{}
		}
	}
	kind.VisitBoxes(was, drop)
	kind.VisitBoxes(now, drop)
	kind.VisitEntities(was, func(ref domain.EntityRef) {
		if ref.Field.Minted || ref.Field.Created {
			*ref.ID = 0
		}
	})
	kind.VisitEntities(now, func(ref domain.EntityRef) {
		if ref.Field.Minted || ref.Field.Created {
			saved := *ref.ID
			undo = append(undo, func() { *ref.ID = saved })
			*ref.ID = 0
		}
	})
	return sealed, func() {
		for _, f := range slices.Backward(undo) {
			f()
		}
	}
}

// differences walks two JSON values together.
func differences(found []Difference, at string, was, now any, sealed map[string]bool) []Difference {
	if sealed[at] {
		if !same(was, now) {
			found = append(found, Difference{Field: at, Sealed: true})
		}
		return found
	}
	a, isObject := was.(map[string]any)
	b, both := now.(map[string]any)
	if isObject && both {
		keys := make([]string, 0, len(a)+len(b))
		for k := range a {
			keys = append(keys, k)
		}
		for k := range b {
			if _, there := a[k]; !there {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			found = differences(found, at+"/"+k, a[k], b[k], sealed)
		}
		return found
	}
	x, isList := was.([]any)
	y, lists := now.([]any)
	if isList && lists {
		for i := range max(len(x), len(y)) {
			found = differences(found, at+"/"+strconv.Itoa(i), item(x, i), item(y, i), sealed)
		}
		return found
	}
	if !same(was, now) {
		hidden := holdsSealed(at, sealed)
		d := Difference{Field: at, Sealed: hidden}
		if !hidden {
			d.Was, d.Now = shown(was), shown(now)
		}
		found = append(found, d)
	}
	return found
}

// holdsSealed reports that a sealed field lies below the pointer, whose whole value is thus
// not shown.
func holdsSealed(at string, sealed map[string]bool) bool {
	for p := range sealed {
		if strings.HasPrefix(p, at+"/") {
			return true
		}
	}
	return false
}

func item(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func same(a, b any) bool { return shown(a) == shown(b) }

func shown(v any) string {
	if v == nil {
		return ""
	}
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return ""
	}
	if v := jsontext.Value(b); v.Kind() == '"' {
		text, _ := jsontext.AppendUnquote(nil, v)
		return string(text)
	}
	return string(b)
}
