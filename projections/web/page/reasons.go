package page

import (
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// unstated are the reasons of levels that rest on no single record: what is missing, or what was
// looked at. Without them a file would say "no risk, because: no risk".
var unstated = map[string]domain.Text{
	"housing/no_home":          {ZH: "还没有交付住房，或已搬离而没有新住房", EN: "no dwelling was handed over yet, or the household left it without a new one"},
	"housing/unknown":          {ZH: "没有住房交付或入住核查的记录", EN: "no handover of a dwelling or check of it is recorded"},
	"title/n/a":                {ZH: "还没有交付住房", EN: "no dwelling was handed over yet"},
	"title/none":               {ZH: "没有不动产登记受理或发证的记录", EN: "neither an application for a title nor a certificate is recorded"},
	"employment/n/a":           {ZH: "没有需要就业的成员，也没有人在业", EN: "nobody of the household is required to work, and nobody works"},
	"employment/unknown":       {ZH: "有劳动力的成员还没有都登记就业情况", EN: "the work of the members able to work is not recorded, or not of each"},
	"industry/none":            {ZH: "没有产业利益联结的记录", EN: "no link to an industry project is recorded"},
	"services/gap":             {ZH: "走访发现缺口，或有适龄儿童没有就学记录", EN: "a visit found a gap, or a child of school age has no enrolment"},
	"services/unknown":         {ZH: "所需的服务都没有记录", EN: "none of the services that the household needs is recorded"},
	"services/covered":         {ZH: "所需的服务都有记录", EN: "every service that the household needs is recorded"},
	"community/unknown":        {ZH: "所在社区的组织形式没有记录", EN: "the form of its community is not recorded"},
	"rights/unknown":           {ZH: "没有旧宅基地处置的记录", EN: "nothing is recorded of the old homestead"},
	"income/unknown":           {ZH: "没有收入申报", EN: "no income was declared"},
	"risk/none":                {ZH: "没有监测对象认定，也没有未处理的风险线索", EN: "the household is not monitored, and no risk flag is open"},
	"data/stale":               {ZH: "至少有一个方面的依据已过期", EN: "what at least one dimension rests on is stale"},
	"data/fresh":               {ZH: "没有矛盾，没有重复登记，各方面的依据都未过期", EN: "nothing contradicts, nobody is registered twice, and what the dimensions rest on is not stale"},
	"data/duplicate_suspected": {ZH: "有成员的证件号与另一户的成员相同", EN: "a member has the same ID number as a member of another household"},
	"data/discrepancy":         {ZH: "有记录互相矛盾，见“矛盾”", EN: "records contradict each other, see the discrepancies"},
}

// reason says why a dimension stands where it does. The dimension's name, which stands beside it
// already, is left out, and so is a reason that only repeats the level.
func (l language) reason(d domain.Dimension, r *domain.Reading) string {
	said := l.pick(r.Reason)
	if _, after, cut := strings.Cut(said, l.say("：", ": ")); cut {
		said = after
	}
	level := l.term(d.Levels(), r.Level)
	if said != level {
		return said
	}
	if why, known := unstated[d.String()+"/"+r.Level]; known {
		return l.pick(why)
	}
	return l.say("由各成员的记录合并得出", "composed of the members' records")
}

// twins are the persons of other households, and those households, that stand under the ID number of
// a member: what a suspected duplicate has to be compared with.
func (p *Page) twins(h *householdPage) (links []field, err error) {
	for _, row := range h.Moment.known.Contradictions(h.ID, h.Moment.day, domain.SecondNumber) {
		for _, e := range row.Entities {
			if e.Kind() != domain.PersonKind {
				continue
			}
			a, _, err := p.person(e, h.Moment)
			if err != nil {
				return nil, err
			}
			for _, m := range a.Memberships {
				link := field{m.Household.String(), h.To("/households/", m.Household)}
				if m.Household != h.ID && !m.To.Present() && !slices.Contains(links, link) {
					links = append(links, link)
				}
			}
		}
	}
	return links, nil
}
