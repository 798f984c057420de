package ask

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// orderOfMeasures is question 23.
func beforeStability() Question {
	return Question{
		Number: 23, Name: "before-stability", Title: domain.Text{ZH: "稳住之前的措施次序", EN: "Which order of measures precedes stability"},
		Meaning: domain.Text{
			ZH: "每户各类措施第一次落到户上的先后：交钥匙、培训、就业、公益性岗位、产业联结、入学、公共服务、产权发证、旧宅腾退、待遇、户口、帮扶计划；同一天的并列，取前 steps（默认3）步。达到过“稳得住”或“逐步能致富”的户只数首次达到当日之前（含当日）的；其余的户数到截至日。每种次序：户数、其中达到的、占比，以及从交钥匙到首次达到的中位天数。先后不是因果。每行举出最早达到的一户及其措施记录。",
			EN: "In which order each kind of measure first reached a household: keys, training, job, public-welfare post, industry, school, other services, title, homestead given up, entitlement, residence, help plan; those of one day together, the first `steps` (3) steps. Of a household that ever was stable or getting rich those up to the first such day count, of others all by the day. Of each order: households, how many became stable, their share, and the median days from the keys to it. What comes before is no cause. Each row names the household that was stable first, with the events of its measures.",
		},
		Options: []Option{inDivision(), {
			Name: "steps", Kind: NumberOption, Default: "3", Min: 1, Max: 12, Title: domain.Text{ZH: "次序的前几步", EN: "how many steps of an order"},
		}},
		Columns: []Column{
			column("order", Words, "次序", "order"), column("households", Count, "户数", "households"), column("stable", Count, "达到过稳得住", "became stable"),
			column("share", Percent, "占比", "share"), column("median", Days, "交钥匙到达到的中位天数", "median days from the keys"), column("household", Household, "举例", "such as"),
		},
		answer: answerOrder,
	}
}

// The kinds of measures that reach a household, in the order in which those of one day are told.
const (
	keysGiven = iota
	titleIssued
	trained
	jobFound
	welfarePost
	industryLinked
	enrolledSchool
	servedOtherwise
	homesteadLeft
	entitled
	registered
	helpPlanned
	measureKinds
)

func measureNames() [measureKinds]domain.Text {
	return [measureKinds]domain.Text{
		keysGiven: {ZH: "交钥匙", EN: "keys"}, titleIssued: {ZH: "产权", EN: "title"}, trained: {ZH: "培训", EN: "training"}, jobFound: {ZH: "就业", EN: "job"},
		welfarePost: {ZH: "公益性岗位", EN: "public-welfare post"}, industryLinked: {ZH: "产业", EN: "industry"}, enrolledSchool: {ZH: "入学", EN: "school"},
		servedOtherwise: {ZH: "公共服务", EN: "services"}, homesteadLeft: {ZH: "旧宅腾退", EN: "homestead"}, entitled: {ZH: "待遇", EN: "entitlement"},
		registered: {ZH: "户口", EN: "residence"}, helpPlanned: {ZH: "帮扶计划", EN: "help plan"},
	}
}

// firsts are the first of each kind of measure that reached a household.
type firsts [measureKinds]*domain.Mark

// take takes a measure that reached the household.
func (f *firsts) take(kind int, m *domain.Mark) {
	if f[kind] == nil || m.Day < f[kind].Day {
		f[kind] = m
	}
}

// course is how one household fared.
type course struct {
	household domain.Entity
	order     domain.Text
	keys      domain.Day
	stable    domain.Day // NoDay when it never was
	events    []domain.EventID
}

func answerOrder(ctx context.Context, a *asked) error {
	all, err := look(ctx, a, domain.Word.Counted, func(id domain.Entity, r *domain.Reader) []course { return a.course(id, r) })
	if err != nil {
		return err
	}
	byOrder := map[string][]course{}
	for _, c := range all {
		byOrder[c.order.EN] = append(byOrder[c.order.EN], c)
	}
	for _, some := range byOrder {
		first, days, stable := some[0], []int(nil), 0
		for _, c := range some {
			if c.stable == domain.NoDay {
				continue
			}
			stable++
			if c.keys.Present() {
				days = append(days, int(c.stable-c.keys))
			}
			if first.stable == domain.NoDay || c.stable < first.stable {
				first = c
			}
		}
		half := Cell{}
		if len(days) > 0 {
			half = count(percentile(days, 50))
		}
		a.add(first.events, words(first.order.ZH, first.order.EN), count(len(some)), count(stable), share(stable, len(some)), half, entity(first.household))
	}
	a.sort(1, true)
	slices.SortStableFunc(a.Rows, func(x, y Row) int { return compareCells(x.Cells[2], y.Cells[2], true) })
	return nil
}

// course is none of a household that nothing reached.
func (a *asked) course(id domain.Entity, r *domain.Reader) []course {
	c := course{household: id, keys: domain.NoDay, stable: domain.NoDay}
	for _, s := range r.Steps(nil) {
		if state := s.Word.State(); s.From <= a.At && (state == domain.Stable || state == domain.GettingRich) {
			c.stable = s.From
			break
		}
	}
	until := a.At
	if c.stable.Present() {
		until = c.stable
	}
	met := measures(r, until)
	if met[keysGiven] != nil {
		c.keys = met[keysGiven].Day
	}
	var reached []int
	for kind, m := range met {
		if m != nil {
			reached = append(reached, kind)
		}
	}
	slices.SortStableFunc(reached, func(x, y int) int { return cmp.Compare(met[x].Day, met[y].Day) })
	if c.write(reached, &met, a.number("steps")); c.order.EN == "" {
		return nil
	}
	return []course{c}
}

// write tells the first steps of an order.
func (c *course) write(reached []int, met *firsts, steps int) {
	names := measureNames()
	var zh, en strings.Builder
	for i, kind := range reached {
		switch {
		case i == 0:
		case met[kind].Day == met[reached[i-1]].Day:
			zh.WriteString(" + ")
			en.WriteString(" + ")
		default:
			if steps--; steps == 0 {
				c.order = domain.Text{ZH: zh.String(), EN: en.String()}
				return
			}
			zh.WriteString(" → ")
			en.WriteString(" → ")
		}
		zh.WriteString(names[kind].ZH)
		en.WriteString(names[kind].EN)
		c.events = append(c.events, met[kind].ID())
	}
	c.order = domain.Text{ZH: zh.String(), EN: en.String()}
}

// measures are the first measures by a day, of the household and of its members while they belong to it.
func measures(r *domain.Reader, until domain.Day) (met firsts) {
	f := r.File()
	for i := range domain.UpTo(f.Handovers, until) {
		met.take(keysGiven, &f.Handovers[i].Mark)
	}
	for i := range domain.UpTo(f.Links, until) {
		met.take(industryLinked, &f.Links[i].Mark)
	}
	for i := range domain.UpTo(f.Residences, until) {
		met.take(registered, &f.Residences[i].Mark)
	}
	for i, s := range domain.UpTo(f.TitleSteps, until) {
		if s.Issued {
			met.take(titleIssued, &f.TitleSteps[i].Mark)
		}
	}
	for i, s := range domain.UpTo(f.Homesteads, until) {
		if s.State == domain.HomesteadVacated {
			met.take(homesteadLeft, &f.Homesteads[i].Mark)
		}
	}
	for i, s := range domain.UpTo(f.Entitlements, until) {
		if !s.Ends {
			met.take(entitled, &f.Entitlements[i].Mark)
		}
	}
	for i, s := range domain.UpTo(f.CaseSteps, until) {
		if s.Step == domain.Planned {
			met.take(helpPlanned, &f.CaseSteps[i].Mark)
		}
	}
	stays := r.Roll().Stays()
	r.Roll().Files(func(f *domain.File, _ domain.Day) { met.ofMembers(f, stays, until) })
	return met
}

// ofMembers takes what reached members while they belong to the household.
func (f *firsts) ofMembers(file *domain.File, stays []domain.Stay, until domain.Day) {
	take := func(kind int, person domain.PersonID, m *domain.Mark) {
		if member(stays, person.Entity, m.Day) {
			f.take(kind, m)
		}
	}
	for i := range domain.UpTo(file.Trainings, until) {
		take(trained, file.Trainings[i].Person, &file.Trainings[i].Mark)
	}
	for i := range domain.UpTo(file.Spells, until) {
		kind, s := jobFound, &file.Spells[i]
		if s.Channel == "public_welfare_post" {
			kind = welfarePost
		}
		take(kind, s.Person, &s.Mark)
	}
	for i := range domain.UpTo(file.Services, until) {
		kind, s := servedOtherwise, &file.Services[i]
		switch s.Kind {
		case "kindergarten", "primary", "junior", "senior":
			kind = enrolledSchool
		}
		if !s.Left {
			take(kind, s.Person, &s.Mark)
		}
	}
}
