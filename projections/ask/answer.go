package ask

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// A page of rows: enough for a screen by default, small enough to answer at once. A file holds every
// row up to MostRows, which is more than a county has households, workers or jobs.
const (
	pageDefault = 100
	pageMost    = 1000
	MostRows    = 200_000
)

// Row is one row of an answer, with the events that it rests on; where there are none, its household,
// person or other entity leads to them.
type Row struct {
	Cells  []Cell           `json:"cells"`
	Events []domain.EventID `json:"events,omitempty"`
}

// Answer is the answer to a question: a page of its rows, or all.
type Answer struct {
	Number   int               `json:"number"`
	Question string            `json:"question"`
	Title    domain.Text       `json:"title"`
	Meaning  domain.Text       `json:"meaning"`
	Options  map[string]string `json:"options"` // as they were given, or by default
	Summary  *Table            `json:"summary,omitzero"`
	Table
	Count      int    `json:"count"` // rows of the whole answer
	Cursor     string `json:"cursor,omitzero"`
	Down       string `json:"down,omitzero"` // the request that lists what the rows count
	Parameters string `json:"parameters"`
	// KnownThen is the earlier moment of a question that compares it with known_at.
	KnownThen domain.Moment `json:"known_then,omitzero"`
	projections.Basis
}

// Table is rows under their columns.
type Table struct {
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
}

// Ledger is what questions read beside what is known.
type Ledger interface {
	projections.Homes
	// Resolve finds the entity of an official number, code or name inside a county.
	Resolve(kind domain.EntityKind, county, number string) (domain.Entity, error)
}

// Request is a question as it is asked. Values are the options that were given, cursor and limit among
// them, as text; by axis At and Known, File the body where the question takes one.
type Request struct {
	Values map[string]string
	At     domain.Day
	By     domain.Moment // as asked for; 0 = all that is known
	Now    domain.Moment // when it is asked
	Known  *projections.Known
	Then   func(ctx context.Context, by domain.Moment) (*projections.Known, error) // what was known by another moment
	Ledger Ledger
	File   []byte
	Whole  bool // every row up to MostRows, and no page
}

// Refused is why a question is not answered: which option, by which rule.
type Refused struct{ domain.Refusal }

// Error implements error.
func (r *Refused) Error() string { return r.Rule.EN }

// ErrWaits reports a question that cannot be answered before people have an identity in the ledger.
var ErrWaits = errors.New("the question waits for identity")

// asked is a question on its way to its answer.
type asked struct {
	Request
	question *Question
	division domain.Division
	offset   int
	after    domain.Entity      // of a question that pages by household
	cursor   projections.Cursor // of one that compares, beside after
	limit    int
	*Answer
}

// Answer answers the question. The error is a *Refused where the asking is wrong, ErrWaits, or what the
// views say.
func (q *Question) Answer(ctx context.Context, r Request) (*Answer, error) {
	a, err := q.begin(r)
	if err != nil {
		return nil, err
	}
	if err := q.answer(ctx, a); err != nil {
		return nil, err
	}
	return a.page()
}

// page cuts the rows of the page out of all, unless the question made one page only. A cursor beyond the last row is
// refused: an empty page would be taken for the end.
func (a *asked) page() (*Answer, error) {
	if a.question.byHousehold {
		if a.after.Present() && len(a.Rows) == 0 {
			a.note(projections.NothingBeyond().ZH, projections.NothingBeyond().EN)
		}
		return a.Answer, nil
	}
	if a.Count = len(a.Rows); a.offset > 0 && a.offset >= a.Count {
		n := strconv.Itoa(a.Count)
		return nil, refuse("cursor", strconv.Itoa(a.offset), domain.Malformed, "答案共"+n+"行，该 cursor 之后没有行", "the answer has "+n+" rows, none beyond this cursor", "留空重新从第一页翻起；行数可能已变", "begin again without it; there may be fewer rows than before")
	}
	if a.Count > MostRows {
		a.note("共"+strconv.Itoa(a.Count)+"行，只给出前"+strconv.Itoa(MostRows)+"行", strconv.Itoa(a.Count)+" rows, of which the first "+strconv.Itoa(MostRows)+" are given")
	}
	from := min(a.offset, len(a.Rows))
	to := min(from+a.limit, len(a.Rows))
	if to < a.Count && !a.Whole {
		a.Cursor = strconv.Itoa(to)
	}
	a.Rows = slices.Clone(a.Rows[from:to])
	return a.Answer, nil
}

// add adds a row.
func (a *asked) add(events []domain.EventID, cells ...Cell) {
	a.Rows = append(a.Rows, Row{cells, events})
}

// sum adds a row to the summary.
func (a *asked) sum(cells ...Cell) {
	if a.Summary == nil {
		a.Summary = &Table{Columns: a.question.Summary, Rows: []Row{}}
	}
	a.Summary.Rows = append(a.Summary.Rows, Row{Cells: cells})
}

// down names the request that lists what the rows count: of the same division, on both axes, by the same set, so that
// it gives these figures though more is recorded since.
func (a *asked) down(request string) {
	a.Down = request + "&as_of=" + a.At.String()
	if a.KnownAt != 0 {
		a.Down += "&known_at=" + a.KnownAt.String()
	}
	if a.division != domain.Nation {
		a.Down += "&division=" + string(a.division)
	}
	a.Down += "&parameters=" + a.Parameters
}

// note adds what is to be known of the answer.
func (a *asked) note(zh, en string) { a.Notes = append(a.Notes, domain.Text{ZH: zh, EN: en}) }

// earlier names the earlier of two moments, and notes what is to be known of it that is not of the later.
func (a *asked) earlier(then projections.Basis, what domain.Text) {
	a.KnownThen = then.KnownAt
	of := a.Notes
	for _, n := range then.Notes {
		if !slices.Contains(of, n) {
			a.note(what.ZH+"："+n.ZH, what.EN+": "+n.EN)
		}
	}
}

// households returns the households of the division that wants accepts, in the order of their ids.
func (a *asked) households(ctx context.Context, wants func(domain.Word) bool) ([]domain.Entity, error) {
	found, err := a.Known.Sift(ctx, a.division, a.At, wants)
	ids := make([]domain.Entity, len(found.Households))
	for i := range found.Households {
		ids[i] = found.Households[i].Household
	}
	return ids, err
}

// gather looks at the households that wants accepts and adds the rows that look makes of each.
func (a *asked) gather(ctx context.Context, wants func(domain.Word) bool, make func(id domain.Entity, r *domain.Reader) []Row) (err error) {
	a.Rows, err = look(ctx, a, wants, make)
	return err
}

// look looks at the households that wants accepts and returns what each gives, one after the other.
func look[T any](ctx context.Context, a *asked, wants func(domain.Word) bool, look func(id domain.Entity, r *domain.Reader) []T) ([]T, error) {
	ids, err := a.households(ctx, wants)
	if err != nil {
		return nil, err
	}
	made, err := projections.Look(ctx, a.Known, ids, a.At, look)
	return slices.Concat(made...), err
}

// name writes the names of the communities or the like of one column into the next.
func (a *asked) name(column int) {
	ids := make([]domain.Entity, len(a.Rows))
	for i := range a.Rows {
		ids[i], _ = domain.ParseEntity(a.Rows[i].Cells[column].Code)
	}
	names := a.Known.NamesAt(ids, a.At)
	for i := range a.Rows {
		a.Rows[i].Cells[column+1] = plain(names[ids[i]])
	}
}

// sort orders the rows by a column: descending, or ascending; what is not known stands last. Rows that
// are equal in it follow their other cells from the left, ids, which are random, last of all, so that the
// same history is told in the same order.
func (a *asked) sort(column int, descending bool) {
	var order []int
	for _, ids := range []bool{false, true} {
		for i, c := range a.Columns {
			if c.Kind.identity() == ids {
				order = append(order, i)
			}
		}
	}
	slices.SortStableFunc(a.Rows, func(x, y Row) int {
		c := compareCells(x.Cells[column], y.Cells[column], descending)
		for i := 0; c == 0 && i < len(order); i++ {
			c = compareCells(x.Cells[order[i]], y.Cells[order[i]], false)
		}
		return c
	})
}

func compareCells(x, y Cell, descending bool) int {
	switch {
	case !x.Known() && !y.Known():
		return 0
	case !x.Known():
		return 1
	case !y.Known():
		return -1
	case descending:
		x, y = y, x
	}
	return cmp.Or(cmp.Compare(x.Number, y.Number), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Names.EN, y.Names.EN))
}

// siteOf is the community that a household lives in on a day.
func siteOf(r domain.Roll, at domain.Day) (site domain.Entity) {
	for _, t := range r.Sites() {
		if t.Holds(at) {
			site = t.Of
		}
	}
	return site
}
