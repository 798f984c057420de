package intake

import (
	"context"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"github.com/anju-ledger/anju/domain"
)

// undoSubject ends the subject of a wish to take back a split or a move: anju.record.<department>.<division>.undo.
const undoSubject = "undo"

// answerTakeBack answers such a wish, whose body is an object with the names of the HTTP parameters:
// {"event":"…","return_to":"household","time":"2021-06-30"}.
func (d *Door) answerTakeBack(ctx context.Context, caller Caller, m *nats.Msg) any {
	given := map[string]string{}
	if err := json.Unmarshal(m.Data, &given); err != nil {
		return badRequest(notTexts().at("", ""))
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains([]string{"event", "return_to", "time", "relation", "in", "approved_by"}, name) {
			return badRequest(unknownField().at("/"+printable(name), ""))
		}
	}
	u, refusals := parseTakeBack(func(name string) string { return given[name] })
	if len(refusals) > 0 {
		return problemOf(0, refusals)
	}
	answers, problem := d.TakeBack(ctx, caller, u)
	if problem != nil {
		return problem
	}
	return answers
}

func notTexts() rule {
	return rule{
		domain.Malformed, zhen("内容须为JSON对象，各值均为文字", "the body is a JSON object whose values are texts"),
		zhen(`例如 {"event":"…","return_to":"household","time":"2021-06-30"}`, `for example {"event":"…","return_to":"household","time":"2021-06-30"}`),
	}
}
