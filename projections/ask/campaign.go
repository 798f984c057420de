package ask

import (
	"context"
	"strconv"

	"github.com/anju-ledger/anju/domain"
)

// titleCampaign is question 20.
func titleCampaign() Question {
	return Question{
		Number: 20, Name: "title-campaign", Title: domain.Text{ZH: "逐月重放办证进程", EN: "The title campaign, replayed by month"},
		Meaning: domain.Text{
			ZH: "从 from 月（默认截至月之前23个月）到截至月，每月的交付、受理、发证件数，以及月末（最后一月为截至日）有钥匙的户、已办证的户和办证率，均按所选的已知时刻。",
			EN: "From the month `from` (by default 23 months before that of the day) to that of the day: keys, applications and certificates of each month, and at its end (of the last, on the day) the households that have keys, those with a title, and the rate; all as known at the moment asked for.",
		},
		Options: []Option{inDivision(), {Name: "from", Kind: MonthOption, Title: domain.Text{ZH: "起始月份", EN: "the first month"}}},
		Columns: []Column{
			column("month", Month, "月份", "month"), column("keys", Count, "交付", "keys"), column("applications", Count, "受理", "applications"), column("issued", Count, "发证", "issued"),
			column("with_keys", Count, "有钥匙的户", "households with keys"), column("titled", Count, "已办证户", "households titled"), column("rate", Percent, "办证率", "rate"),
		},
		answer: answerCampaign,
	}
}

// monthsMost bounds a campaign: each month is a board of its own.
const monthsMost = 120

func answerCampaign(ctx context.Context, a *asked) error {
	year, month, _ := a.At.Date()
	last := domain.MakeMonth(year, month)
	first := last - 23
	if text := a.Options["from"]; text != "" {
		first, _ = domain.ParseMonth(text) // it was checked
	}
	a.Options["from"] = first.String()
	if first > last || last-first >= monthsMost {
		return refuse("from", first.String(), domain.Malformed, "起始月份不晚于截至月，且不超过"+strconv.Itoa(monthsMost)+"个月", "a month not after that of the day, and at most "+strconv.Itoa(monthsMost)+" months",
			"例如 2021-01", "such as 2021-01")
	}
	before, err := a.Known.Board(ctx, a.division, first.First()-1)
	if err != nil {
		return err
	}
	for m := first; m <= last; m++ {
		now, err := a.Known.Board(ctx, a.division, min((m+1).First()-1, a.At))
		if err != nil {
			return err
		}
		titles := now.Dimensions[domain.Title.String()]
		held := 0
		for _, l := range titles {
			held += l.Households
		}
		held -= titles[domain.Title.Code(domain.NotApplicable)].Households
		issued := titles[domain.Title.Code(domain.TitleIssued)].Households
		grown := func(key string) Cell { return count(int(now.Totals[key] - before.Totals[key])) }
		a.add(nil, plain(m.String()), grown("dwellings_handed_over"), grown("title_applications"), grown("titles_issued"), count(held), count(issued), share(issued, held))
		before = now
	}
	a.down("/v1/households?title=" + domain.Title.Code(domain.TitleIssued))
	return nil
}
