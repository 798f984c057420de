package ask

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// evidenceMost is how many events a row that counts many names.
const evidenceMost = 100

// firstJobs is question 22.
func firstJobs() Question {
	return Question{
		Number: 22, Name: "first-jobs", Title: domain.Text{ZH: "首次就业的存续，按渠道", EN: "Survival of first placements by channel"},
		Meaning: domain.Text{
			ZH: "每人第一次就业安置延续了多少天。止于离职、死亡，或此后再未被肯定的“不在岗”陈述；否则只观察到最后一次肯定在岗的那天为止，从未核实的观察零天：没有消息不算还在。存续率为 Kaplan–Meier 估计：逐个离职日乘以（1 − 离职人数 ÷ 仍在观察的人数）；没有人观察到那么久的为空，即未知。人员计入其登记户所在区划。每行的记录是最先的一百次离职。",
			EN: "How many days the first placement of each person lasted. It ends with the end of the job, a death, or a statement that he does not work there which no later yes follows; otherwise it is seen until the last statement that he does, zero days where nobody ever stated: no news is not good news. Survival is the Kaplan–Meier estimate: over the days on which jobs ended the product of (1 − ended / still seen); empty, which is not known, where nobody is seen as long. A person counts where the household is under which he is registered. The events of a row are the first hundred ends.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			column("channel", Level, "渠道", "channel"), column("placements", Count, "首次就业", "first placements"), column("never_stated", Count, "从未核实", "never stated about"),
			column("ended", Count, "已离职", "ended"), column("median", Days, "中位存续天数", "median days"),
			column("after_30", Percent, "30天存续", "last 30 days"), column("after_90", Percent, "90天存续", "last 90 days"), column("after_180", Percent, "180天存续", "last 180 days"), column("after_365", Percent, "365天存续", "last 365 days"),
		},
		answer: answerFirstPlacements,
	}
}

// placement is a first placement as far as it is seen.
type placement struct {
	channel domain.JobChannel
	days    int
	stated  bool // by anybody, ended or not
	ended   domain.EventID
}

func answerFirstPlacements(ctx context.Context, a *asked) error {
	all, err := look(ctx, a, func(domain.Word) bool { return true }, func(_ domain.Entity, r *domain.Reader) []placement { return firstOf(r.File(), a.At) })
	if err != nil {
		return err
	}
	byChannel := map[domain.JobChannel][]placement{}
	for _, p := range all {
		byChannel[p.channel] = append(byChannel[p.channel], p)
	}
	for channel, some := range byChannel {
		slices.SortFunc(some, func(x, y placement) int {
			return cmp.Or(cmp.Compare(x.days, y.days), slices.Compare(x.ended[:], y.ended[:]))
		})
		name, never, ended, events := code(channel), 0, 0, []domain.EventID(nil)
		if channel == "" {
			name = term(notStated)
		}
		for _, p := range some {
			if !p.stated {
				never++
			}
			if p.ended.Present() {
				ended++
				events = append(events, p.ended)
			}
		}
		a.add(events[:min(len(events), evidenceMost)], name, count(len(some)), count(never), count(ended),
			median(some), lasting(some, 30), lasting(some, 90), lasting(some, 180), lasting(some, 365))
	}
	a.sort(1, true)
	return nil
}

// firstOf are the first placements of the persons whose facts stand in a file, by a day.
func firstOf(f *domain.File, at domain.Day) (all []placement) {
	met := map[domain.Entity]bool{}
	spells := domain.UpTo(f.Spells, at)
	for i := range spells {
		if s := &spells[i]; !met[s.Person.Entity] {
			met[s.Person.Entity] = true
			all = append(all, seen(f, s, at))
		}
	}
	return all
}

// seen is a placement as far as anybody stated.
func seen(f *domain.File, s *domain.Spell, at domain.Day) placement {
	p := placement{channel: s.Channel}
	last, out := s.Day, domain.NoDay
	for _, e := range domain.UpTo(f.Statements, at) {
		ours := e.Placement == s.Placement || !e.Placement.Present() && e.Still == domain.No
		if e.Person != s.Person || !ours || e.Day < s.Day || e.Still == domain.NotKnown {
			continue
		}
		p.stated = true
		switch {
		case e.Still == domain.Yes:
			last, out, p.ended = e.Day, domain.NoDay, domain.EventID{}
		case out == domain.NoDay:
			out, p.ended = e.Day, e.ID()
		}
	}
	for _, e := range domain.UpTo(f.Endings, at) {
		if e.Placement != s.Placement || e.Person != s.Person {
			continue
		}
		p.stated = true
		if day := max(e.Day, s.Day); out == domain.NoDay || day < out {
			out, p.ended = day, e.ID()
		}
	}
	for _, d := range domain.UpTo(f.Deaths, at) {
		if day := max(d.Day, s.Day); d.Person == s.Person && (out == domain.NoDay || day < out) {
			p.stated, out, p.ended = true, day, d.ID()
		}
	}
	if out.Present() {
		last = out
	}
	p.days = int(last - s.Day)
	return p
}

// curve hands on the survival estimate after each day on which jobs ended, of placements by their days: E. L.
// Kaplan, P. Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958), the product over the days
// of 1 − ended / still seen.
func curve(all []placement, step func(days int, survive float64) bool) {
	survive := 1.0
	for i := 0; i < len(all); {
		end, ended := i, 0
		for end < len(all) && all[end].days == all[i].days {
			if all[end].ended.Present() {
				ended++
			}
			end++
		}
		if ended > 0 {
			survive *= 1 - float64(ended)/float64(len(all)-i)
			if !step(all[i].days, survive) {
				return
			}
		}
		i = end
	}
}

// median is the first day after which no more than half last, not known where more do.
func median(all []placement) (days Cell) {
	curve(all, func(at int, survive float64) bool {
		if survive <= 0.5 {
			days = count(at)
		}
		return survive > 0.5
	})
	return days
}

// lasting is the share that lasts a number of days, not known where nobody is seen as long.
func lasting(all []placement, days int) Cell {
	share := 1.0
	curve(all, func(at int, survive float64) bool {
		if at <= days {
			share = survive
		}
		return at <= days
	})
	if all[len(all)-1].days < days && share > 0 {
		return Cell{}
	}
	return Cell{Number: math.Round(share*1000) / 10, IsNumber: true}
}
