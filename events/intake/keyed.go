package intake

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// correctable refuses a correction that says otherwise what only a new fact can say.
func (d *draft) correctable(x *events.Index, target *events.Event, was, now domain.Fact) error {
	l := lineage{x: x, directory: d.directory(x), home: target.Home.Entity, day: target.Time.Day()}
	l.elsewhere("/data/data", now)
	if left, is := now.(*domain.MemberLeft); is && left.MovedToHousehold != was.(*domain.MemberLeft).MovedToHousehold {
		if err := l.into("/data/data/moved_to_household", left.MovedToHousehold.Entity); err != nil {
			return err
		}
	}
	if len(l.refusals) > 0 {
		return d.refuse(l.refusals...)
	}
	if pointer := movesPeople(was, now); pointer != "" {
		said, err := scalars(now)
		if err != nil {
			return err
		}
		return d.refuse(notByCorrection().at("/data/data"+pointer, domain.Shown(said[strings.TrimPrefix(pointer, "/")])))
	}
	field, value, err := rekeys(target, was, now)
	if field != nil {
		return d.refuse(saidByTheKey().at("/data/data/"+field.Name, domain.Shown(value)))
	}
	return err
}

// rekeys returns the field by which a correction would say otherwise than the target's business key says, such as the
// year of an income: the key would go on naming the old year, which nobody then declared, while the new one may be
// declared under a key of its own. Amounts are no names. A fact that creates an entity is left out: what it creates keeps its identity, whatever
// its code is corrected to.
func rekeys(target *events.Event, was, now domain.Fact) (field *domain.Field, value string, err error) {
	kind, err := target.Kind()
	if err != nil || target.Key == "" {
		return nil, "", err
	}
	creates := false
	kind.VisitEntities(was, func(ref domain.EntityRef) { creates = creates || ref.Field.Minted || ref.Field.Created })
	if creates {
		return nil, "", nil
	}
	before, err := scalars(was)
	if err != nil {
		return nil, "", err
	}
	after, err := scalars(now)
	if err != nil {
		return nil, "", err
	}
	parts := strings.Split(target.Key, "/")
	fields := kind.Fields()
	for i := range fields {
		f := &fields[i]
		said := before[f.Name]
		if after[f.Name] != said && f.Class == domain.Open && f.Unit == "" && names(said) && slices.Contains(parts, string(appendEscaped(nil, said))) {
			return f, after[f.Name], nil
		}
	}
	return nil, "", nil
}

// names reports that a value is not so short that a part of a key is like it by chance: a key is often a running number.
func names(value string) bool {
	return len(value) >= 4 || len(value) > 1 && strings.Trim(value, "0123456789") != ""
}

// scalars are the texts and numbers of a payload's top level, as they are written in a key.
func scalars(f domain.Fact) (map[string]string, error) {
	data, err := domain.Encode(f)
	if err != nil {
		return nil, err
	}
	var all map[string]jsontext.Value
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for name, value := range all {
		switch value.Kind() {
		case '"':
			texts[name] = string(textOf(value))
		case '0':
			texts[name] = string(value)
		}
	}
	return texts, nil
}
