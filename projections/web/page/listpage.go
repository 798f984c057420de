package page

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
)

// listPage is a list of households.
type listPage struct {
	frame
	Division  domain.Division
	Choice    choice
	Worklists []option
	Filters   []filter
	Sorts     []option
	Narrowed  bool // a filter of the second row is set
	Total     int
	First     int // of the rows shown, from 1
	Last      int
	Rows      []listRow
	Before    string
	After     string
	CSV, XLSX string
	Dims      []string
}

// option is one value of a filter.
type option struct {
	Code, Name string
	Chosen     bool
	Href       string
}

// filter is a choice among the codes of a list.
type filter struct {
	Name, Label string
	Options     []option
}

// listRow is one household of a list.
type listRow struct {
	ID, Href  string
	State     string
	StateTone string
	Where     string
	Dims      []mark
	Overdue   []string
}

// mark is a dimension's level in a list: a square with its words.
type mark struct {
	Name, Level, Tone string
	Stale             bool
}

func (p *Page) serveLists(v *visit) error {
	query := v.URL.Query()
	c, err := p.readChoice(query)
	if err != nil {
		return err
	}
	a, err := p.sift(v.Context(), &c, v.moment)
	if err != nil {
		return err
	}
	l := listPage{frame: p.frame(v, v.lang.say("清单", "Lists"), "lists"), Division: c.Division, Choice: c, Total: len(a.Households)}
	l.crumbs(c.Division)
	l.Stand = standOf(a.Position, a.Lag, a.Parameters)
	l.note(a.Notes)
	if c.list != nil {
		l.Title = v.lang.pick(c.list.name)
	}
	last := max(1, (l.Total+listRows-1)/listRows)
	c.page = min(c.page, last)
	begin := (c.page - 1) * listRows
	some := a.Households[begin:min(begin+listRows, l.Total)]
	l.First, l.Last = begin+1, begin+len(some)
	if c.page > 1 {
		l.Before = with(l.Here, "page", strconv.Itoa(c.page-1))
	}
	if c.page < last {
		l.After = with(l.Here, "page", strconv.Itoa(c.page+1))
	}
	l.CSV, l.XLSX = with(l.Here, "as", "csv"), with(l.Here, "as", "xlsx")
	if answered, err := v.download("list", p.table(v, a.Households)); answered {
		return err
	}
	for i, where := range p.wheres(v, some) {
		l.Rows = append(l.Rows, l.row(some[i], where))
	}
	l.offer(&c)
	if err := p.offerCommunities(v.Context(), &l, &c, v.moment); err != nil {
		return err
	}
	if v.part() == "list" {
		return p.render(v, "list", &l)
	}
	return p.render(v, "lists", &l)
}

// offer fills the filters.
func (l *listPage) offer(c *choice) {
	lang := l.Lang
	all := func(name, label string) filter {
		return filter{name, label, []option{{"", lang.say("全部", "all"), false, ""}}}
	}
	for _, w := range worklists {
		l.Worklists = append(l.Worklists, option{w.code, lang.pick(w.name), c.list != nil && c.list.code == w.code, l.To("/lists?list=" + w.code + "&division=" + string(c.Division))})
	}
	states := all("state", lang.say("总体状态", "Overall state"))
	for _, o := range stateOrder {
		states.Options = append(states.Options, option{o.state.String(), lang.pick(o.state.Label()), c.state != nil && *c.state == o.state, ""})
	}
	stale := all("stale", lang.say("依据已过期", "Stale"))
	for _, d := range domain.Dimensions() {
		stale.Options = append(stale.Options, option{d.String(), lang.pick(d.Label()), c.stale != nil && *c.stale == d, ""})
	}
	overdue := all("overdue", lang.say("超期", "Overdue"))
	for kind := range domain.OverdueFacility {
		overdue.Options = append(overdue.Options, option{kind.String(), lang.term(domain.OverdueKinds(), kind.String()), c.overdue != nil && *c.overdue == kind, ""})
	}
	l.Filters = []filter{states, overdue, stale}
	for _, d := range domain.Dimensions() {
		f := all(d.String(), lang.pick(d.Label()))
		for i, term := range d.Levels() {
			chosen, set := c.levels[d]
			f.Options = append(f.Options, option{term.Code, lang.pick(term.Text), set && chosen == domain.Level(i), ""})
		}
		l.Filters = append(l.Filters, f)
		l.Dims = append(l.Dims, lang.pick(d.Label()))
	}
	l.Narrowed = len(c.levels) > 0
	l.Sorts = []option{
		{byWorst, lang.say("最需要关注的在前", "worst first"), c.sort == byWorst, ""},
		{byOverdue, lang.say("超期最多的在前", "most overdue first"), c.sort == byOverdue, ""},
		{byID, lang.say("按标识", "by id"), c.sort == byID, ""},
	}
}

// offerCommunities adds the filter of the communities of a county or a division below it.
func (p *Page) offerCommunities(ctx context.Context, l *listPage, c *choice, m moment) error {
	if len(c.Division) < len("520603") {
		return nil
	}
	a, err := p.worksOf(ctx, c.Division, m)
	if err != nil {
		return err
	}
	f := filter{"site", l.Lang.say("社区", "Community"), []option{{"", l.Lang.say("全部", "all"), false, ""}}}
	for _, o := range l.Lang.places(&a, m) {
		f.Options = append(f.Options, option{o.ID, o.Name, o.ID == c.Community.String(), ""})
	}
	l.Filters = slices.Insert(l.Filters, 2, f)
	return nil
}

// List is the code of the worklist, "" for none.
func (l *listPage) List() string {
	if l.Choice.list == nil {
		return ""
	}
	return l.Choice.list.code
}

// FirstFilters are all but the dimensions.
func (l *listPage) FirstFilters() []filter { return l.Filters[:len(l.Filters)-len(l.Dims)] }

// MoreFilters are the dimensions.
func (l *listPage) MoreFilters() []filter { return l.Filters[len(l.Filters)-len(l.Dims):] }

func (l *listPage) row(s projections.Sifted, where string) listRow {
	r := listRow{
		ID: s.Household.String(), Href: l.To("/households/", s.Household), Where: where,
		State: l.Lang.pick(s.Word.State().Label()), StateTone: stateTone(s.Word.State()), Overdue: l.Lang.lateIn(s.Word),
	}
	for _, d := range domain.Dimensions() {
		code := d.Code(s.Word.Level(d))
		r.Dims = append(r.Dims, mark{l.Lang.pick(d.Label()), l.Lang.term(d.Levels(), code), levelTone(d, code), s.Word.Stale(d)})
	}
	return r
}

// lateIn names what is overdue.
func (l language) lateIn(w domain.Word) (names []string) {
	for kind := range domain.OverdueFacility {
		if w.Overdue(kind) {
			names = append(names, l.duty(kind))
		}
	}
	return names
}

// askers is how many records are read at a time for a page: each waits for the log.
const askers = 8

// wheres are the communities and addresses of households.
func (p *Page) wheres(v *visit, some []projections.Sifted) []string {
	found := make([]string, len(some))
	var next atomic.Int64
	var asking sync.WaitGroup
	for range min(askers, len(some)) {
		asking.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(some)); i = next.Add(1) - 1 {
				found[i] = p.where(v.Context(), v.lang, some[i].Household, v.moment)
			}
		})
	}
	asking.Wait()
	return found
}

// where is a household's community and address.
func (p *Page) where(ctx context.Context, l language, id domain.Entity, m moment) string {
	d, err := p.dwells(id, m)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(d.Name + " " + p.addressOf(ctx, l, d))
}

// addressOf reads the address that the handover of a dwelling states, or its correction; "" when
// nobody stated one.
func (p *Page) addressOf(ctx context.Context, l language, d projections.Dwelt) string {
	province, sequence := d.Keys.Province, d.Keys.Sequence
	if d.Corrected.Present() {
		var err error
		if province, sequence, err = p.ledger.Locate(d.Corrected); err != nil {
			return ""
		}
	}
	e, err := p.eventAt(ctx, province, sequence)
	if err != nil {
		return ""
	}
	if keys, ok := handover(e); ok {
		return l.address(keys.Address)
	}
	return ""
}

// handover reads the handover of a dwelling that an event states, or corrects.
func handover(e *events.Event) (*domain.DwellingHandedOver, bool) {
	kind, err := e.Kind()
	if err != nil {
		return nil, false
	}
	fact, err := kind.Decode(e.Version, e.Data)
	if err != nil {
		return nil, false
	}
	if correction, is := fact.(*domain.RecordCorrected); is {
		handedOver, _ := domain.KindOf("dwelling.handed_over")
		if fact, err = correction.Carried(handedOver); err != nil {
			return nil, false
		}
	}
	keys, ok := fact.(*domain.DwellingHandedOver)
	return keys, ok
}

// mostAddressed is up to how many households a download states addresses: each is read from its
// own record.
const mostAddressed = 5000

// table writes a list as rows of text, the header first.
func (p *Page) table(v *visit, all []projections.Sifted) iter.Seq[[]any] {
	l := v.lang
	return func(yield func([]any) bool) {
		header := []any{l.say("户标识", "household"), l.say("住址", "address"), l.say("总体状态", "state")}
		for _, d := range domain.Dimensions() {
			header = append(header, l.pick(d.Label()))
		}
		if !yield(append(header, l.say("过期方面", "stale"), l.say("超期", "overdue"))) {
			return
		}
		for _, s := range all {
			row := []any{s.Household.String(), "", l.pick(s.Word.State().Label())}
			if len(all) <= mostAddressed {
				row[1] = harmless(p.where(v.Context(), l, s.Household, v.moment))
			}
			var stale []string
			for _, d := range domain.Dimensions() {
				row = append(row, l.pick(d.Levels()[s.Word.Level(d)].Text))
				if s.Word.Stale(d) {
					stale = append(stale, l.pick(d.Label()))
				}
			}
			if !yield(append(row, strings.Join(stale, " "), strings.Join(l.lateIn(s.Word), " "))) {
				return
			}
		}
	}
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && slices.Contains([]byte("=+-@\t\r"), s[0]) {
		return "'" + s
	}
	return s
}
