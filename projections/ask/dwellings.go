package ask

import (
	"context"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// untitledDwellings is question 5.
func untitledDwellings() Question {
	return Question{
		Number: 5, Name: "untitled-dwellings", Title: domain.Text{ZH: "超期未办证的住房", EN: "Dwellings without title past the clock"},
		Meaning: domain.Text{
			ZH: "户在截至日持有而未登簿发证的住房，办证时限（交付日与参数 title_policy_date 的较晚者起 title_months 个月）已过的，超期最久的在前。",
			EN: "Dwellings that a household has on the day and whose title is not issued though its clock has run out: title_months after the later of the keys and the parameter title_policy_date; longest first.",
		},
		Options: []Option{inDivision()},
		Columns: append(append([]Column{householdColumn(), column("dwelling", Object, "住房", "dwelling")}, siteColumns()...),
			column("keys", Date, "交付", "keys"), column("due", Date, "应于", "due"), column("days", Days, "超期天数", "days late"),
			column("applied", Date, "受理", "applied")),
		answer: func(ctx context.Context, a *asked) error {
			err := a.gather(ctx, func(w domain.Word) bool { return w.Counted() && w.Overdue(domain.OverdueTitle) }, a.untitled)
			if err == nil {
				a.name(2)
				a.sort(6, true)
			}
			return err
		},
	}
}

func (a *asked) untitled(id domain.Entity, r *domain.Reader) (rows []Row) {
	for _, h := range r.Holdings(a.At) {
		if h.Issued.Present() || a.At <= h.TitleDue {
			continue
		}
		rows = append(rows, Row{[]Cell{
			entity(id), entity(h.Dwelling.Entity), entity(siteOf(r.Roll(), a.At)), {}, date(h.Keys), date(h.TitleDue), daysFrom(h.TitleDue, a.At), date(h.Applied),
		}, h.Events})
	}
	return rows
}

// vacantBySite is question 6.
func vacantBySite() Question {
	return Question{
		Number: 6, Name: "vacant-by-site", Title: domain.Text{ZH: "各安置社区的空置住房", EN: "Vacant dwellings by site"},
		Meaning: domain.Text{
			ZH: "每个安置社区的户中，最近核查为空置的户数和占比，其中核查已过期的；从未核查的另列，不算空置也不算居住。空置多的在前。",
			EN: "Of the households of each community, those whose dwelling was found vacant at the last check, and of them those whose check is stale; never checked stands apart, neither vacant nor lived in. Most vacant first.",
		},
		Options: []Option{inDivision()},
		Columns: append(siteColumns(), column("households", Count, "户数", "households"), column("vacant", Count, "空置", "vacant"),
			column("share", Percent, "占比", "share"), column("stale", Count, "其中核查过期", "of them stale"),
			column("never_checked", Count, "从未核查", "never checked")),
		answer: answerVacant,
	}
}

func answerVacant(ctx context.Context, a *asked) error {
	found, err := a.Known.Sift(ctx, a.division, a.At, domain.Word.Counted)
	if err != nil {
		return err
	}
	sites, err := a.sites(ctx, found.Households)
	if err != nil {
		return err
	}
	type tally struct{ households, vacant, stale, unchecked int }
	of := map[domain.Entity]*tally{}
	var order []domain.Entity
	for i, h := range found.Households {
		t := of[sites[i]]
		if t == nil {
			t = &tally{}
			of[sites[i]], order = t, append(order, sites[i])
		}
		t.households++
		switch h.Word.Level(domain.Housing) {
		case domain.HousingVacant:
			t.vacant++
			if h.Word.Stale(domain.Housing) {
				t.stale++
			}
		case domain.KeysOnly, domain.HousingUnknown:
			t.unchecked++
		}
	}
	for _, site := range order {
		t := of[site]
		a.add(nil, entity(site), Cell{}, count(t.households), count(t.vacant), share(t.vacant, t.households), count(t.stale), count(t.unchecked))
	}
	a.name(0)
	a.sort(3, true)
	a.down("/v1/households?housing=vacant")
	return nil
}

// sites are the communities that households live in.
func (a *asked) sites(ctx context.Context, all []projections.Sifted) ([]domain.Entity, error) {
	ids := make([]domain.Entity, len(all))
	for i := range all {
		ids[i] = all[i].Household
	}
	return projections.Look(ctx, a.Known, ids, a.At, func(_ domain.Entity, r *domain.Reader) domain.Entity { return siteOf(r.Roll(), a.At) })
}
