package ask

import (
	"context"
	"strconv"

	"github.com/anju-ledger/anju/domain"
)

// firstJobs is question 22.
func firstJobs() Question {
	columns := []Column{column("channel", Level, "渠道", "channel"), column("persons", Count, "人数", "persons"), column("ended", Count, "已结束", "ended")}
	for _, n := range survivalDays() {
		d := strconv.Itoa(n)
		columns = append(columns, column("observed_"+d, Count, "已满"+d+"天", "begun "+d+" d ago"), column("lasted_"+d, Percent, "其中满"+d+"天仍在", "lasted "+d+" d"))
	}
	return Question{
		Number: 22, Name: "first-jobs", Title: domain.Text{ZH: "各渠道首次就业的留存", EN: "Survival of first placements, by channel"},
		Meaning: domain.Text{
			ZH: "每人的第一次就业安置，按渠道：开始已满30、90、180、365天的人数，其中到那天尚未结束的占比。job.ended 与死亡结束就业；没有满那么久的不计入那一列。没有写明渠道的另列一行。",
			EN: "Each person's first placement, by channel: how many began 30, 90, 180, 365 days ago or more, and the share of them that had not ended by then. job.ended and death end a job; who began later is in no share of that length. Placements that name no channel stand in a row of their own.",
		},
		Options: []Option{inDivision()},
		Columns: columns,
		answer:  answerFirstJobs,
	}
}

func survivalDays() []int { return []int{30, 90, 180, 365} }

// firstJob is a person's first placement; to is NoDay while it lasts.
type firstJob struct {
	channel  domain.JobChannel
	from, to domain.Day
}

// lasted reports a job that had not ended so many days after it began.
func (j *firstJob) lasted(days int) bool { return !j.to.Present() || j.to >= j.from+domain.Day(days) }

// firstJobsOf are those of the persons whose facts stand under a household.
func (a *asked) firstJobsOf(_ domain.Entity, r *domain.Reader) (all []firstJob) {
	f := r.File()
	met := map[domain.PersonID]bool{}
	spells := domain.UpTo(f.Spells, a.At)
	for i := range spells {
		s := &spells[i]
		if met[s.Person] {
			continue
		}
		met[s.Person] = true
		j := firstJob{s.Channel, s.Day, domain.NoDay}
		ends := func(d domain.Day) {
			if d = max(d, s.Day); !j.to.Present() || d < j.to {
				j.to = d
			}
		}
		for _, e := range domain.UpTo(f.Endings, a.At) {
			if e.Placement == s.Placement {
				ends(e.Day)
			}
		}
		for _, d := range domain.UpTo(f.Deaths, a.At) {
			if d.Person == s.Person {
				ends(d.Day)
			}
		}
		all = append(all, j)
	}
	return all
}

func answerFirstJobs(ctx context.Context, a *asked) error {
	jobs, err := look(ctx, a, func(domain.Word) bool { return true }, a.firstJobsOf)
	if err != nil {
		return err
	}
	for _, channel := range append(domain.TermsOf[domain.JobChannel](), domain.Term{}) {
		persons, over := 0, 0
		lengths := survivalDays()
		observed, lasted := make([]int, len(lengths)), make([]int, len(lengths))
		for i := range jobs {
			j := &jobs[i]
			if string(j.channel) != channel.Code {
				continue
			}
			persons++
			if j.to.Present() {
				over++
			}
			for k, n := range lengths {
				if j.from+domain.Day(n) > a.At {
					continue
				}
				observed[k]++
				if j.lasted(n) {
					lasted[k]++
				}
			}
		}
		cells := []Cell{term(channel), count(persons), count(over)}
		for k := range lengths {
			cells = append(cells, count(observed[k]), share(lasted[k], observed[k]))
		}
		if persons > 0 {
			a.add(nil, cells...)
		}
	}
	a.Down = "/v1/events?type=job.placed"
	return nil
}
