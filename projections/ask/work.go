package ask

import (
	"context"

	"github.com/anju-ledger/anju/domain"
)

// noVerifiedWork is question 3.
func noVerifiedWork() Question {
	return Question{
		Number: 3, Name: "no-verified-work", Title: domain.Text{ZH: "无人有核实就业的劳动力户", EN: "Labour households with nobody in verified work"},
		Meaning: domain.Text{
			ZH: "有劳动力而无人有核实且未过期就业的户，时间最长的在前：自成员最近一次核实在岗之日起，从未核实的自登记之日起。",
			EN: "Households with labour in which nobody is in verified work that is not stale, longest first: since the last day on which a member was stated to work, otherwise since the registration.",
		},
		Options: []Option{inDivision()},
		Columns: append(append([]Column{householdColumn()}, siteColumns()...),
			column("since", Date, "起算日", "since"), column("days", Days, "天数", "days"),
			column("last_verified", Date, "最近核实在岗", "last stated to work"), column("employment", Level, "就业", "employment"),
			column("state", Level, "状态", "state")),
		answer: func(ctx context.Context, a *asked) error {
			err := a.gather(ctx, func(w domain.Word) bool { return w.Counted() && w.Labour() && !w.Employed() }, a.notInWork)
			if err == nil {
				a.name(1)
				a.sort(4, true)
			}
			return err
		},
	}
}

func (a *asked) notInWork(id domain.Entity, r *domain.Reader) []Row {
	roll, now := r.Roll(), r.Answer(a.At)
	since, verified := roll.From(), domain.NoDay
	events := now.Dimensions[domain.Employment].Events
	if s, found := lastVerified(roll, a.At); found {
		since, verified, events = s.Day, s.Day, []domain.EventID{s.ID()}
	}
	employment, _ := domain.Employment.ParseLevel(now.Dimensions[domain.Employment].Level)
	return []Row{{[]Cell{
		entity(id), entity(siteOf(roll, a.At)),
		{},
		date(since), daysFrom(since, a.At), date(verified),
		level(domain.Employment, employment), state(now.State),
	}, events}}
}

// lastVerified is the last statement by a day that somebody works who was a member then.
func lastVerified(roll domain.Roll, at domain.Day) (last domain.Statement, found bool) {
	stays := roll.Stays()
	roll.Files(func(f *domain.File, since domain.Day) {
		for _, s := range domain.UpTo(f.Statements, at) {
			if day := max(s.Day, since); s.Still == domain.Yes && member(stays, s.Person.Entity, day) && (!found || s.Day >= last.Day) {
				last, found = s, true
			}
		}
	})
	return last, found
}

// member reports whether a person belongs to the household on a day.
func member(stays []domain.Stay, person domain.Entity, day domain.Day) bool {
	for i := range stays {
		if stays[i].Person.Entity == person && stays[i].Holds(day) {
			return true
		}
	}
	return false
}

// unverifiedJobs is question 4.
func unverifiedJobs() Question {
	return Question{
		Number: 4, Name: "unverified-jobs", Title: domain.Text{ZH: "超期未核实的就业", EN: "Jobs not verified in time"},
		Meaning: domain.Text{
			ZH: "成员在业的就业记录中，自安置或最近一次陈述（是否在岗，不详不算）起超过参数 job_fresh_days（90天）的，时间最长的在前。",
			EN: "Open placements of members about which nobody has stated yes or no for more than the parameter job_fresh_days (90) since the placement or the last statement; longest first.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			householdColumn(), personColumn(), column("placed", Date, "安置日期", "placed"), column("channel", Level, "渠道", "channel"),
			column("last_statement", Date, "最近陈述", "last statement"), column("said", Level, "是否在岗", "still works"), column("days", Days, "天数", "days"),
		},
		answer: func(ctx context.Context, a *asked) error {
			err := a.gather(ctx, func(w domain.Word) bool { return w.Counted() && w.Overdue(domain.OverdueVerification) }, a.unverified)
			if err == nil {
				a.sort(6, true)
			}
			return err
		},
	}
}

func (a *asked) unverified(id domain.Entity, r *domain.Reader) (rows []Row) {
	roll := r.Roll()
	stays, limit := roll.Stays(), domain.Day(a.Known.Parameters().JobDays)
	roll.Files(func(f *domain.File, _ domain.Day) {
		for _, s := range domain.UpTo(f.Spells, a.At) {
			if !member(stays, s.Person.Entity, a.At) || ended(f, &s, a.At) {
				continue
			}
			last, said, events := s.Day, domain.Answer(""), []domain.EventID{s.ID()}
			for _, e := range domain.UpTo(f.Statements, a.At) {
				if e.Placement == s.Placement && e.Day >= s.Day && e.Still != domain.NotKnown {
					last, said, events = e.Day, e.Still, []domain.EventID{s.ID(), e.ID()}
				}
			}
			stated := last
			if said == "" {
				stated = domain.NoDay
			}
			if a.At > last+limit {
				rows = append(rows, Row{[]Cell{
					entity(id), entity(s.Person.Entity), date(s.Day), code(s.Channel), date(stated), code(said), daysFrom(last, a.At),
				}, events})
			}
		}
	})
	return rows
}

// ended reports a job that ended by a day; one that ends before it began ended as it began.
func ended(f *domain.File, s *domain.Spell, at domain.Day) bool {
	for _, e := range domain.UpTo(f.Endings, at) {
		if e.Placement == s.Placement {
			return true
		}
	}
	return false
}
