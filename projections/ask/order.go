package ask

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// beforeStability is question 23.
func beforeStability() Question {
	return Question{
		Number: 23, Name: "before-stability", Title: domain.Text{ZH: "稳定之前各项支持的先后", EN: "Which order of support precedes stability"},
		Meaning: domain.Text{
			ZH: "曾达到稳得住或逐步能致富的户，在首次达到之日及之前，各项支持首次实现的先后：交付（有钥匙）、入住（核查常住）、就业（已安置）、产业（已联结）、服务（全覆盖）、办证。同日的以加号并列，没有实现的不列。每种次序的户数、占比，以及从登记到稳定的天数中位数；多的在前。",
			EN: "Of the households that ever were stable or getting rich: in which order support first stood, up to the first day of stability: keys, lived in, work (placed), industry (linked), services (covered), title. What came on one day is joined by a plus; what never came is left out. Of each order the households, their share, and the median of the days from registration to stability; the most frequent first.",
		},
		Options: []Option{inDivision()},
		Columns: []Column{
			column("order", Words, "次序", "order"), column("households", Count, "户数", "households"), column("share", Percent, "占比", "share"),
			column("median_days", Days, "天数中位数", "median days"),
		},
		answer: answerOrder,
	}
}

// milestone is a level of support that a household may reach.
type milestone struct {
	name    domain.Text
	reached func(domain.Word) bool
}

func milestones() []milestone {
	return []milestone{
		{domain.Text{ZH: "交付", EN: "keys"}, func(w domain.Word) bool { return w.Level(domain.Housing) >= domain.HousingVacant }},
		{domain.Text{ZH: "入住", EN: "lived in"}, func(w domain.Word) bool { return w.Level(domain.Housing) == domain.HousingLivedIn }},
		{domain.Text{ZH: "就业", EN: "work"}, func(w domain.Word) bool { return w.Level(domain.Employment) >= domain.EmploymentPlaced }},
		{domain.Text{ZH: "产业", EN: "industry"}, func(w domain.Word) bool { return w.Level(domain.Industry) == domain.IndustryLinked }},
		{domain.Text{ZH: "服务", EN: "services"}, func(w domain.Word) bool { return w.Level(domain.Services) == domain.ServicesCovered }},
		{domain.Text{ZH: "办证", EN: "title"}, func(w domain.Word) bool { return w.Level(domain.Title) == domain.TitleIssued }},
	}
}

// way is how one household came to be stable.
type way struct {
	order domain.Text
	days  int
}

func (a *asked) wayOf(_ domain.Entity, r *domain.Reader) []way {
	steps := r.Steps(nil)
	all := milestones()
	first := make([]domain.Day, len(all))
	for i := range first {
		first[i] = domain.NoDay
	}
	for _, s := range steps {
		if s.From > a.At {
			return nil
		}
		for i := range all {
			if !first[i].Present() && s.Word.Counted() && all[i].reached(s.Word) {
				first[i] = s.From
			}
		}
		if state := s.Word.State(); state == domain.Stable || state == domain.GettingRich {
			return []way{{ordered(all, first), int(s.From - r.Roll().From())}}
		}
	}
	return nil
}

// ordered writes the milestones that were reached by the days on which they were.
func ordered(all []milestone, first []domain.Day) domain.Text {
	var places []int
	for i := range first {
		if first[i].Present() {
			places = append(places, i)
		}
	}
	slices.SortStableFunc(places, func(x, y int) int { return cmp.Compare(first[x], first[y]) })
	var zh, en strings.Builder
	for i, p := range places {
		switch {
		case i == 0:
		case first[p] == first[places[i-1]]:
			zh.WriteString("+")
			en.WriteString(" + ")
		default:
			zh.WriteString("→")
			en.WriteString(" → ")
		}
		zh.WriteString(all[p].name.ZH)
		en.WriteString(all[p].name.EN)
	}
	return domain.Text{ZH: zh.String(), EN: en.String()}
}

func answerOrder(ctx context.Context, a *asked) error {
	ways, err := look(ctx, a, func(domain.Word) bool { return true }, a.wayOf)
	if err != nil {
		return err
	}
	days := map[domain.Text][]int{}
	for _, w := range ways {
		days[w.order] = append(days[w.order], w.days)
	}
	for order, all := range days {
		a.add(nil, Cell{Names: order}, count(len(all)), share(len(all), len(ways)), count(percentile(all, 50)))
	}
	a.sort(1, true)
	return nil
}

// percentile is the smallest of some numbers that so many of a hundred of them do not exceed; it sorts them.
func percentile(all []int, of int) int {
	slices.Sort(all)
	return all[max(0, (len(all)*of+99)/100-1)]
}
