package export

import (
	"context"
	"iter"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// Status is a row of the table statuses: one household as of the day of the export.
type Status struct {
	Household  string     `parquet:"household" json:"household" zh:"户" en:"id of the household"`
	AsOf       domain.Day `parquet:"as_of,date" json:"as_of" zh:"截至日期" en:"the day"`
	State      string     `parquet:"state,dict" json:"state" zh:"总体状态" en:"overall state"`
	Employed   bool       `parquet:"employed" json:"employed" zh:"有人就业且已核实" en:"somebody is in verified work"`
	Housing    string     `parquet:"housing,dict" json:"housing" zh:"住房" en:"level of housing"`
	Title      string     `parquet:"title,dict" json:"title" zh:"产权" en:"level of title"`
	Employment string     `parquet:"employment,dict" json:"employment" zh:"就业" en:"level of employment"`
	Industry   string     `parquet:"industry,dict" json:"industry" zh:"产业" en:"level of industry"`
	Services   string     `parquet:"services,dict" json:"services" zh:"公共服务" en:"level of services"`
	Community  string     `parquet:"community,dict" json:"community" zh:"社区" en:"level of community"`
	Rights     string     `parquet:"rights,dict" json:"rights" zh:"权益" en:"level of rights"`
	Income     string     `parquet:"income,dict" json:"income" zh:"收入" en:"level of income"`
	Risk       string     `parquet:"risk,dict" json:"risk" zh:"风险" en:"level of risk"`
	Data       string     `parquet:"data,dict" json:"data" zh:"数据" en:"level of data"`
	Stale      string     `parquet:"stale,dict" json:"stale" zh:"已过期的方面" en:"dimensions whose level is stale, spaces between"`
	Overdue    string     `parquet:"overdue,dict" json:"overdue" zh:"超期事项" en:"what is overdue, spaces between"`
}

func statuses(ctx context.Context, e *exporter) iter.Seq2[Status, error] {
	return func(yield func(Status, error) bool) {
		found, err := e.households(ctx)
		if err != nil {
			yield(Status{}, err)
			return
		}
		for _, h := range found {
			if !yield(statusOf(h, e.order.AsOf), nil) {
				return
			}
		}
	}
}

// households are those of the division, closed ones too, as of the day.
func (e *exporter) households(ctx context.Context) ([]projections.Sifted, error) {
	a, err := e.known.Sift(ctx, e.order.Division, e.order.AsOf, func(domain.Word) bool { return true })
	return a.Households, err
}

func statusOf(h projections.Sifted, at domain.Day) Status {
	level := func(d domain.Dimension) string { return d.Code(h.Word.Level(d)) }
	s := Status{
		Household: h.Household.String(), AsOf: at, State: h.Word.State().String(), Employed: h.Word.Employed(),
		Housing: level(domain.Housing), Title: level(domain.Title), Employment: level(domain.Employment), Industry: level(domain.Industry),
		Services: level(domain.Services), Community: level(domain.Organisation), Rights: level(domain.Rights), Income: level(domain.IncomeLevel),
		Risk: level(domain.Risk), Data: level(domain.Data),
	}
	var stale, overdue []string
	for _, d := range domain.Dimensions() {
		if h.Word.Stale(d) {
			stale = append(stale, d.String())
		}
	}
	for i, kind := range domain.OverdueKinds() {
		if h.Word.Overdue(domain.OverdueKind(i)) {
			overdue = append(overdue, kind.Code)
		}
	}
	s.Stale, s.Overdue = strings.Join(stale, " "), strings.Join(overdue, " ")
	return s
}

// overall is the dimension of transitions of the overall state.
const overall = "state"

// Transition is a row of the table transitions: on that day a household went from one level of a
// dimension, or one overall state, to another. Going stale is none.
type Transition struct {
	Household string     `parquet:"household" json:"household" zh:"户" en:"id of the household"`
	Day       domain.Day `parquet:"day,date" json:"day" zh:"日期" en:"the first day of the new level"`
	Dimension string     `parquet:"dimension,dict" json:"dimension" zh:"方面" en:"the dimension; state for the overall state"`
	From      string     `parquet:"from,dict,optional" json:"from,omitzero" zh:"原来" en:"the level before; absent when it was not registered"`
	To        string     `parquet:"to,dict,optional" json:"to,omitzero" zh:"变为" en:"the level since; absent when it is closed"`
}

func transitions(ctx context.Context, e *exporter) iter.Seq2[Transition, error] {
	return func(yield func(Transition, error) bool) {
		found, err := e.households(ctx)
		if err != nil {
			yield(Transition{}, err)
			return
		}
		for _, h := range found {
			steps, err := e.known.Steps(h.Household)
			if err != nil {
				yield(Transition{}, err)
				return
			}
			for _, t := range transitionsOf(h.Household, steps, e.order.AsOf) {
				if !yield(t, nil) {
					return
				}
			}
		}
	}
}

func transitionsOf(id domain.Entity, steps []domain.Step, by domain.Day) (all []Transition) {
	before := domain.Word(0)
	for _, s := range steps {
		if s.From > by {
			break
		}
		add := func(dimension, from, to string) {
			if from != to {
				all = append(all, Transition{id.String(), s.From, dimension, from, to})
			}
		}
		add(overall, stateOf(before), stateOf(s.Word))
		for _, d := range domain.Dimensions() {
			add(d.String(), levelOf(before, d), levelOf(s.Word, d))
		}
		before = s.Word
	}
	return all
}

func stateOf(w domain.Word) string {
	if w.State() == domain.NotRegistered {
		return ""
	}
	return w.State().String()
}

// levelOf is "" where a household has no levels.
func levelOf(w domain.Word, d domain.Dimension) string {
	if !w.Counted() {
		return ""
	}
	return d.Code(w.Level(d))
}

// Spell is a row of the table spells: one job of a person, as it stood on the day of the export.
type Spell struct {
	Person       string          `parquet:"person" json:"person" zh:"人" en:"id of the person"`
	Household    string          `parquet:"household" json:"household" zh:"登记户" en:"the household that his facts stand under"`
	Placement    string          `parquet:"placement" json:"placement" zh:"就业记录" en:"id of the placement"`
	From         domain.Day      `parquet:"from,date" json:"from" zh:"起" en:"its first day"`
	To           domain.Day      `parquet:"to,date,optional" json:"to,omitzero" zh:"止" en:"the day on which it ended; absent while it lasts"`
	Status       string          `parquet:"status,dict" json:"status" zh:"情况" en:"placed, verified, not_working, unclear or ended"`
	Channel      string          `parquet:"channel,dict,optional" json:"channel,omitzero" zh:"渠道" en:"how it was found"`
	EndReason    string          `parquet:"end_reason,dict,optional" json:"end_reason,omitzero" zh:"离职原因" en:"why it ended"`
	Place        domain.Division `parquet:"place,dict,optional" json:"place,omitzero" zh:"就业地" en:"where it is"`
	WageFenMonth int64           `parquet:"wage_fen_month,optional" json:"wage_fen_month,omitzero" zh:"月工资（分）" en:"the latest stated, in fen; absent when none is"`
	Statements   int32           `parquet:"statements" json:"statements" zh:"核实次数" en:"how often somebody stated whether it lasts"`
}

func spells(ctx context.Context, e *exporter) iter.Seq2[Spell, error] {
	return func(yield func(Spell, error) bool) {
		found, err := e.households(ctx)
		if err != nil {
			yield(Spell{}, err)
			return
		}
		for _, h := range found {
			rows, err := e.spellsOf(h.Household)
			if err != nil {
				yield(Spell{}, err)
				return
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}

// spellsOf are the jobs of the persons whose facts stand under a household, who may have left it.
func (e *exporter) spellsOf(household domain.Entity) (all []Spell, err error) {
	homes := e.source.Log.Directory()
	members, err := e.known.Members(household, homes, e.order.AsOf)
	if err != nil {
		return nil, err
	}
	seen := map[domain.Entity]bool{}
	for _, m := range members.Members {
		home, known := homes.Home(m.Person)
		if seen[m.Person] || !known || home.Entity != household {
			continue
		}
		seen[m.Person] = true
		person, err := e.known.Person(m.Person, homes, e.order.AsOf)
		if err != nil {
			return nil, err
		}
		for i := range person.Placements {
			all = append(all, spellOf(&person, &person.Placements[i]))
		}
	}
	return all, nil
}

func spellOf(person *projections.PersonAnswer, p *projections.Placement) Spell {
	s := Spell{
		Person: person.Person.String(), Household: person.Home.String(), Placement: p.Placement.String(), From: p.From, Status: p.Status,
		Channel: string(p.Channel), EndReason: string(p.EndReason), Place: p.PlaceDivision, Statements: int32(len(p.Statements)),
	}
	if p.To.Present() {
		s.To = p.To
	}
	if p.WageFenMonth != nil {
		s.WageFenMonth = int64(*p.WageFenMonth)
	}
	return s
}
