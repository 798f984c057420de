package ask

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept of answers for the pages that follow: some forty megabytes.
const (
	keptAnswers = 16
	keptCells   = 1 << 19
	keptFor     = 5 * time.Minute
)

// Kept keeps the last answers of several pages whole, so that a page that follows, or the file of every row, is cut out
// of the answer that the page before was cut out of, as long as the views stand at the same position. The zero Kept keeps nothing yet;
// it may be asked concurrently.
type Kept struct {
	mu  sync.Mutex
	all []keptAnswer // the latest last
}

type keptAnswer struct {
	key    string
	whole  *Answer
	made   time.Time
	weight int // cells
}

// Answer answers a question as Question.Answer does, or cuts the page out of an answer that is kept; now is the wall
// clock.
func (k *Kept) Answer(ctx context.Context, q *Question, r Request, now time.Time) (*Answer, error) {
	a, err := q.begin(r)
	if err != nil {
		return nil, err
	}
	key, keeps := a.key()
	if keeps {
		if whole := k.find(key, now); whole != nil {
			kept := *whole
			a.Answer = &kept
			return a.page()
		}
	}
	if err := q.answer(ctx, a); err != nil {
		return nil, err
	}
	if keeps && len(a.Rows) > min(a.limit, pageDefault) {
		whole := *a.Answer
		whole.Notes = slices.Clone(whole.Notes)
		k.keep(keptAnswer{key, &whole, now, len(a.Rows) * len(a.Columns)})
	}
	return a.page()
}

// key is what was asked and where the views stood, the page aside. A question that makes one page itself, that reads
// a file or that names somebody, perhaps by an official number, is not kept.
func (a *asked) key() (key string, keeps bool) {
	if a.question.byHousehold || len(a.File) > 0 {
		return "", false
	}
	for _, o := range a.question.Options {
		if o.Kind == HouseholdOption || o.Kind == CommunityOption && a.Options[o.Name] != "" {
			return "", false
		}
	}
	parts := []string{a.Question, a.At.String(), a.By.String(), a.Parameters, a.Position.String(), fmt.Sprint(a.Notes)}
	for _, name := range slices.Sorted(maps.Keys(a.Options)) {
		parts = append(parts, name+"="+a.Options[name])
	}
	return strings.Join(parts, "\x00"), true
}

// find returns what is kept under a key, and lets go of what is too old.
func (k *Kept) find(key string, now time.Time) *Answer {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = slices.DeleteFunc(k.all, func(a keptAnswer) bool { return now.Sub(a.made) > keptFor })
	at := slices.IndexFunc(k.all, func(a keptAnswer) bool { return a.key == key })
	if at < 0 {
		return nil
	}
	found := k.all[at]
	k.all = append(slices.Delete(k.all, at, at+1), found)
	return found.whole
}

// keep keeps an answer, and lets go of the oldest beyond the bounds.
func (k *Kept) keep(a keptAnswer) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(slices.DeleteFunc(k.all, func(o keptAnswer) bool { return o.key == a.key }), a)
	cells := 0
	for i := len(k.all) - 1; i >= 0; i-- {
		if cells += k.all[i].weight; cells > keptCells || len(k.all)-i > keptAnswers {
			k.all = slices.Delete(k.all, 0, i+1)
			return
		}
	}
}

// begin reads a question as it is asked, and where the views stand.
func (q *Question) begin(r Request) (*asked, error) {
	a := &asked{Request: r, question: q, Answer: &Answer{
		Number: q.Number, Question: q.Name, Title: q.Title, Meaning: q.Meaning, Options: map[string]string{}, Parameters: r.Known.Parameters().Name,
		Table: Table{Columns: q.Columns, Rows: []Row{}},
	}}
	if err := a.read(); err != nil {
		return nil, err
	}
	a.Basis = r.Known.Stands(r.At).In(a.division)
	return a, nil
}
