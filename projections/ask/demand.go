package ask

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// facilityDemand is question 9.
func facilityDemand() Question {
	return Question{
		Number: 9, Name: "facility-demand", Title: domain.Text{ZH: "设施容量与需求", EN: "Capacity against demand of facilities"},
		Meaning: domain.Text{
			ZH: "学校、幼儿园的学位和养老设施的床位，与所服务安置社区的适龄人数：幼儿园三至五岁（8月31日前满三周岁起三个学年），小学六个学年，初中、高中各三个学年，养老六十周岁以上；帮扶车间的岗位，与所服务社区有劳动力的户数，每户一人就业（车间不是唯一的用工单位）。单位不同的容量不比。其他类别（卫生室、医院、服务中心、供水、供电、污水、垃圾、道路、文化等）每人需要多少，没有任何记录或已公布的标准写明，需求为空即未知，只列所服务社区的户数和人数。一社区由几处同类设施服务时，人数计入每一处。缺口大的在前。",
			EN: "Places of schools and kindergartens and beds of elderly care, against the people of that age in the communities served: kindergarten from three by 31 August for three school years, primary six years, junior and senior secondary three each, elderly care from sixty; jobs of workshops against the labour households of the communities served, one job each (a workshop is not their only employer). A capacity in another unit is not compared. What a person needs of other kinds (clinics, hospitals, service centres, water, power, sewage, waste, roads, culture) is stated by no fact and no published norm that is known here: their demand is empty, which is not known, beside the households and people served. Where several of a kind serve one community its people count for each. Largest gap first.",
		},
		Options: []Option{inDivision(), {Name: "kind", Kind: CodeOption, Choices: domain.TermsOf[domain.FacilityType](), Title: domain.Text{ZH: "只要这类设施", EN: "only this kind of facility"}}},
		Columns: []Column{
			column("facility", Facility, "设施", "facility"), column("name", Words, "名称", "name"), column("kind", Level, "类别", "kind"),
			column("stage", Level, "状态", "stage"), column("capacity", Count, "容量", "capacity"), column("unit", Level, "单位", "unit"),
			column("demand", Count, "需求", "demand"), column("gap", Count, "缺口", "gap"), column("enrolled", Count, "已登记", "enrolled"),
			column("households", Count, "服务户数", "households served"), column("persons", Count, "服务人数", "people served"),
			column("same_kind", Count, "同类投用设施", "others of the kind open"),
		},
		answer: answerDemand,
	}
}

// measuredIn is the unit in which the demand for a kind of facility is counted, "" where no demand is defined.
func measuredIn(kind domain.FacilityType) domain.CapacityUnit {
	switch kind {
	case "kindergarten", "primary_school", "junior_school", "senior_school":
		return "places"
	case "elderly_care":
		return "beds"
	case "workshop":
		return "jobs"
	}
	return ""
}

// isFor says whether somebody is of those that a school, kindergarten or home for the old is for on a day, by his
// birth month.
func isFor(kind domain.FacilityType, birth domain.Month, at domain.Day) bool {
	if kind == "elderly_care" {
		return at >= (birth + 60*12).First()
	}
	years := map[domain.FacilityType][2]int{"kindergarten": {3, 6}, "primary_school": {6, 12}, "junior_school": {12, 15}, "senior_school": {15, 18}}
	of := years[kind]
	year, month := int(birth)/12, int(birth)%12+1
	if month > 8 { // three, six, … by 31 August of the next year
		year++
	}
	return at >= domain.MakeDay(year+of[0], 9, 1) && at < domain.MakeDay(year+of[1], 9, 1)
}

// served are the people whom a facility serves.
type served struct{ demand, enrolled, households, persons, unborn int }

// serves adds up the people of the communities that a facility serves.
func (a *asked) serves(f *projections.FacilityRow, people map[domain.Entity]*residents) (s served) {
	for _, r := range people {
		s.enrolled += r.enrolled[f.Facility]
	}
	for _, site := range f.Serves {
		r := people[site]
		if r == nil {
			continue
		}
		s.households, s.persons = s.households+r.households, s.persons+len(r.births)
		switch measuredIn(f.Kind) {
		case "":
		case "jobs":
			s.demand += r.labour
		default:
			known := r.known()
			s.unborn += len(r.births) - len(known)
			for _, birth := range known {
				if isFor(f.Kind, birth, a.At) {
					s.demand++
				}
			}
		}
	}
	return s
}

func answerDemand(ctx context.Context, a *asked) error {
	works, err := a.Known.Works(a.division, a.At)
	if err != nil {
		return err
	}
	var sites []domain.Entity
	for i := range works.Facilities {
		sites = append(sites, works.Facilities[i].Serves...)
	}
	people, err := a.residents(ctx, a.Known.ResidentsOf(distinct(sites)))
	if err != nil {
		return err
	}
	unborn, undefined := 0, []domain.Text{}
	for i := range works.Facilities {
		f := &works.Facilities[i]
		if wanted := a.Options["kind"]; f.Stage == domain.FacilityDemolished || wanted != "" && wanted != string(f.Kind) {
			continue
		}
		s := a.serves(f, people)
		unborn += s.unborn
		var demand, capacity, gap, enrolled Cell
		unit := measuredIn(f.Kind)
		if unit == "" {
			undefined = append(undefined, domain.Label(f.Kind))
		}
		if unit != "" && len(f.Serves) > 0 {
			demand = count(s.demand)
		}
		if f.Capacity.OK {
			capacity = count(int(f.Capacity.V))
		}
		if demand.Known() && capacity.Known() && f.Unit == unit {
			gap = count(s.demand - int(f.Capacity.V))
		}
		if unit != "" && unit != "jobs" {
			enrolled = count(s.enrolled)
		}
		a.add(f.Events, entity(f.Facility), plain(f.Name), code(f.Kind), code(f.Stage), capacity, code(f.Unit), demand, gap, enrolled,
			count(s.households), count(s.persons), count(sameKind(works.Facilities, f)))
	}
	if unborn > 0 {
		a.note("出生月未知的成员未计入需求："+strconv.Itoa(unborn)+"人次", "members whose birth month is not stated are in no demand: "+strconv.Itoa(unborn)+" times")
	}
	a.noteUndefined(distinct(undefined))
	a.sort(7, true)
	return nil
}

// noteUndefined names the kinds that are listed without a demand.
func (a *asked) noteUndefined(kinds []domain.Text) {
	if len(kinds) == 0 {
		return
	}
	var zh, en []string
	for _, k := range kinds {
		zh, en = append(zh, k.ZH), append(en, k.EN)
	}
	slices.Sort(zh)
	slices.Sort(en)
	a.note("每人需要多少没有写明，需求未知："+strings.Join(zh, "、"), "what a person needs is not stated, so the demand is not known: "+strings.Join(en, ", "))
}

// sameKind counts the other open facilities of the kind that serve one of its communities.
func sameKind(all []projections.FacilityRow, f *projections.FacilityRow) (n int) {
	for i := range all {
		o := &all[i]
		if o.Facility != f.Facility && o.Kind == f.Kind && isOpen(o.Stage) && slices.ContainsFunc(o.Serves, func(e domain.Entity) bool { return slices.Contains(f.Serves, e) }) {
			n++
		}
	}
	return n
}

// known are the births of the residents that are stated.
func (r *residents) known() []domain.Month {
	return slices.DeleteFunc(slices.Clone(r.births), func(m domain.Month) bool { return m == 0 })
}
