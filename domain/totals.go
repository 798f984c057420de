package domain

import "slices"

// TotalNo is the place of a total in Totals.
type TotalNo uint8

// The totals of a division: counts of facts that were true by a day, or of a state on it.
const (
	TotalCases TotalNo = iota
	TotalCleared
	TotalCommunities
	TotalHandovers
	TotalFacilities
	TotalFacilitiesOpen
	TotalAllocated
	TotalDisbursed
	TotalHouseholds
	TotalAccompanying
	TotalPoor
	TotalHouseholdsPlaced
	TotalIncomes
	TotalLinks
	TotalProjects
	TotalJobsEnded
	TotalJobsPlaced
	TotalJobsVerified
	TotalLabourHouseholds
	TotalLabourPersons
	TotalPersons
	TotalPersonsPlaced
	TotalTwice // pairs of households with one ID number; formed by a view over homes from Identities
	TotalEnrolled
	TotalLeft
	TotalNotWorking
	TotalApplications
	TotalIssued
	TotalTrainings
	TotalVisits
	totalOpenKinds // the first of the facilities open by type, in the order of its terms
)

// Total describes one total. A value is the sum of contributions divided by Per.
type Total struct {
	Key   string
	Label Text
	Unit  string
	Per   int64
}

// fenPerWan is how many fen are ten thousand yuan (万元).
const fenPerWan = 1_000_000

// Totals returns every total in the order of their numbers. The keys of facilities open by type
// carry the Chinese word of the type, as the sample county's do.
func Totals() []Total {
	count := func(key, zh, en string) Total { return Total{key, Text{zh, en}, "", 1} }
	all := []Total{
		count("cases", "风险线索", "risk flags"),
		count("cases_cleared", "风险消除", "cases cleared"),
		count("communities", "安置社区", "communities"),
		count("dwellings_handed_over", "交付住房", "dwellings handed over"),
		count("facilities", "配套设施", "facilities"),
		count("facilities_open", "投用设施", "facilities open"),
		{"funds_allocated_wan_yuan", Text{"下达资金", "funds allocated"}, "万元", fenPerWan},
		{"funds_disbursed_wan_yuan", Text{"拨付资金", "funds disbursed"}, "万元", fenPerWan},
		count("households", "搬迁户", "households"),
		count("households_accompanying", "随迁户", "accompanying households"),
		count("households_poor", "脱贫户", "registered poor households"),
		count("households_with_open_placement", "有就业的户", "households with an open placement"),
		count("incomes_declared", "收入申报", "incomes declared"),
		count("industry_links", "利益联结", "industry links"),
		count("industry_projects", "产业项目", "industry projects"),
		count("job_ended", "离职", "jobs ended"),
		count("job_placed", "就业安置", "jobs placed"),
		count("job_verified", "就业核实", "jobs verified"),
		count("labour_households", "有劳动力的户", "labour households"),
		count("labour_persons", "劳动力", "persons able to work"),
		count("persons", "搬迁人口", "persons"),
		count("persons_in_open_placement", "在业人数", "persons in an open placement"),
		count("persons_registered_twice", "重复登记", "persons registered twice"),
		count("services_enrolled", "公共服务登记", "services enrolled"),
		count("services_left", "公共服务终止", "services left"),
		count("stated_not_working", "明确未就业", "stated not working"),
		count("title_applications", "产权受理", "title applications"),
		count("titles_issued", "产权发证", "titles issued"),
		count("trainings", "培训", "trainings"),
		count("visits", "走访", "visits"),
	}
	for _, t := range TermsOf[FacilityType]() {
		word := t.ZH
		if t.Code == "workshop" {
			word = "扶贫车间" // the departments' files keep the older word
		}
		all = append(all, count("open_"+word, "投用"+t.ZH, t.EN+" open"))
	}
	return all
}

// Contributions yields what a home adds to the totals of divisions, each from a day on. amount
// may be negative: a state that ended.
func Contributions(f *File, around Files, yield func(total TotalNo, division Division, day Day, amount int64)) {
	p := &picture{}
	if f.Home.Kind() == HouseholdKind {
		p.h.prepare(f, around, DefaultParameters())
		p.work = p.crew.employment(nil, &p.h)
	}
	p.contributions(f, yield)
}

// contributions are those of a file; of a household's, whose history is drawn.
func (p *picture) contributions(f *File, yield func(TotalNo, Division, Day, int64)) {
	c := &counter{f, &p.h, yield}
	c.facts()
	c.places()
	if f.Home.Kind() == HouseholdKind {
		c.households(p)
	}
}

type counter struct {
	f     *File
	h     *household // when it began; of a household alone
	yield func(TotalNo, Division, Day, int64)
}

// division is where the household was on a day: where it was registered or founded by a split, before that
// where its first fact was recorded, and then where it moved to. No later fact changes where it was before.
func (c *counter) division(day Day) (in Division) {
	switch {
	case day >= c.h.from:
		in = c.h.first.division()
	case len(c.f.origin.records) > 0:
		rec, _ := readHead(c.f.origin.records, c.f.origin.symbols)
		in = divisionOf(rec.division)
	}
	for _, m := range UpTo(c.f.Moves, day) {
		if m.Division != "" {
			in = m.Division
		}
	}
	return in
}

// add yields what the household adds to a total from a day on.
func (c *counter) add(total TotalNo, day Day, amount int64) {
	c.yield(total, c.division(day), day, amount)
}

func (c *counter) one(total TotalNo, day Day) { c.add(total, day, 1) }

// facts counts what was recorded under a household.
func (c *counter) facts() {
	f := c.f
	for i := range f.CaseSteps {
		switch f.CaseSteps[i].Step {
		case Flagged:
			c.one(TotalCases, f.CaseSteps[i].Day)
		case Cleared:
			c.one(TotalCleared, f.CaseSteps[i].Day)
		}
	}
	each(c, TotalHandovers, f.Handovers)
	each(c, TotalIncomes, f.Incomes)
	each(c, TotalLinks, f.Links)
	each(c, TotalJobsEnded, f.Endings)
	each(c, TotalJobsPlaced, f.Spells)
	each(c, TotalTrainings, f.Trainings)
	each(c, TotalVisits, f.Visits)
	for i := range f.Statements {
		if s := &f.Statements[i]; s.Still == No && !s.Placement.Present() {
			c.one(TotalNotWorking, s.Day)
		} else {
			c.one(TotalJobsVerified, s.Day)
		}
	}
	for i := range f.Services {
		if f.Services[i].Left {
			c.one(TotalLeft, f.Services[i].Day)
		} else {
			c.one(TotalEnrolled, f.Services[i].Day)
		}
	}
	for i := range f.TitleSteps {
		if f.TitleSteps[i].Issued {
			c.one(TotalIssued, f.TitleSteps[i].Day)
		} else {
			c.one(TotalApplications, f.TitleSteps[i].Day)
		}
	}
}

func each[T interface{ on() Day }](c *counter, total TotalNo, register []T) {
	for i := range register {
		c.one(total, register[i].on())
	}
}

// places counts communities, facilities, projects and money.
func (c *counter) places() {
	f := c.f
	if len(f.Communities) > 0 {
		c.yield(TotalCommunities, f.Communities[0].Division, f.Communities[0].Day, 1)
	}
	if len(f.Projects) > 0 {
		c.yield(TotalProjects, f.Projects[0].Division, f.Projects[0].Day, 1)
	}
	for i := range f.Money {
		m := &f.Money[i]
		if m.Spent {
			c.yield(TotalDisbursed, m.Division, m.Day, int64(m.Amount))
		} else {
			c.yield(TotalAllocated, m.Division, m.Day, int64(m.Amount))
		}
	}
	open, kind := false, FacilityType("")
	for i := range f.Facilities {
		s := &f.Facilities[i]
		if i == 0 {
			c.yield(TotalFacilities, s.Division, s.Day, 1)
		}
		now := s.Stage == FacilityOpen || s.Stage == FacilityReopened
		if now == open && (s.Kind == kind || !now) {
			continue
		}
		in := f.Facilities[0].Division
		if open {
			c.facility(kind, in, s.Day, -1)
		}
		if now {
			c.facility(s.Kind, in, s.Day, 1)
		}
		open, kind = now, s.Kind
	}
}

func (c *counter) facility(kind FacilityType, in Division, day Day, n int64) {
	c.yield(TotalFacilitiesOpen, in, day, n)
	at := slices.IndexFunc(TermsOf[FacilityType](), func(t Term) bool { return t.Code == string(kind) })
	if at >= 0 {
		c.yield(totalOpenKinds+TotalNo(at), in, day, n)
	}
}

// households counts the household, its people, and what is a state of theirs.
func (c *counter) households(p *picture) {
	if len(c.f.Registrations) > 0 {
		r := &c.f.Registrations[0]
		c.one(TotalHouseholds, r.Day)
		switch r.Category {
		case Poor:
			c.one(TotalPoor, r.Day)
		case Accompanying:
			c.one(TotalAccompanying, r.Day)
		}
	}
	for i := range c.f.Memberships {
		m := &c.f.Memberships[i]
		if m.own() && !slices.ContainsFunc(c.f.Memberships[:i], func(e Membership) bool { return e.own() && e.Person == m.Person }) {
			c.one(TotalPersons, m.Day)
		}
	}
	c.work(p)
	for i := range c.f.Spells {
		person := c.f.Spells[i].Person
		if !slices.ContainsFunc(c.f.Spells[:i], func(s Spell) bool { return s.Person == person }) {
			p.changes = c.placements(p.changes[:0], person)
		}
	}
}

// own reports a joining that counts the person here: he came from no other household.
func (m *Membership) own() bool { return !m.Leaves && !m.Other.Present() && m.Reason != "split" }

// work follows the states that depend on who belongs to the household.
func (c *counter) work(p *picture) {
	var last work
	take := func(n work) {
		if (n.labour > 0) != (last.labour > 0) {
			c.add(TotalLabourHouseholds, n.from, sign(n.labour > 0))
		}
		if n.placed != last.placed {
			c.add(TotalHouseholdsPlaced, n.from, sign(n.placed))
		}
		if n.labour != last.labour {
			c.add(TotalLabourPersons, n.from, int64(n.labour-last.labour))
		}
		last = n
	}
	for i := range p.work {
		if n := &p.work[i]; n.from < p.h.closed {
			take(*n)
		}
	}
	if p.h.closed != farDay {
		take(work{from: p.h.closed})
	}
}

func sign(on bool) int64 {
	if on {
		return 1
	}
	return -1
}

// placements follows whether a person is in an open placement; it counts under his home, once.
func (c *counter) placements(changes []change, p PersonID) []change {
	death := farDay
	for i := range c.f.Deaths {
		if c.f.Deaths[i].Person == p {
			death = min(death, c.f.Deaths[i].Day)
		}
	}
	for i := range c.f.Spells {
		s := &c.f.Spells[i]
		if s.Person != p {
			continue
		}
		if end := min(c.f.endDay(s), death); end > s.Day {
			changes = append(changes, change{s.Day, 1}, change{end, -1})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.day) - int(b.day) })
	running := 0
	for i := 0; i < len(changes); {
		day, before := changes[i].day, running
		for ; i < len(changes) && changes[i].day == day; i++ {
			running += changes[i].n
		}
		if day != farDay && (before > 0) != (running > 0) {
			c.add(TotalPersonsPlaced, day, sign(running > 0))
		}
	}
	return changes
}

// change is one placement more, or one less.
type change struct {
	day Day
	n   int
}

// Holder is a person's stay in a household under a tagged ID number, from when both are known.
type Holder struct {
	Tag      uint64
	Person   PersonID
	From, To Day // [From, To); To is far in the future while it lasts

	home   *File // where the stay is, and
	joined *Mark // by what
}

// Holders returns the tagged ID numbers of a household's members with their stays. Two holders of
// one tag in two households at once are a person registered twice.
func Holders(f *File, around Files) []Holder {
	var h household
	h.prepare(f, around, nil)
	return h.holders(nil)
}

func (h *household) holders(dst []Holder) []Holder {
	for i := range h.members {
		dst = h.numbers(dst, &h.members[i])
	}
	return dst
}

// numbers appends the ID numbers under which a member stands, one after the other: the one that was stated when he
// joined, until he is linked to another.
func (h *household) numbers(dst []Holder, m *membership) []Holder {
	tag, since := m.tag, m.tagged
	add := func(till Day) {
		if tag != 0 {
			dst = append(dst, Holder{tag, m.person, max(m.from, since, h.from), min(m.to, h.closed, till), h.f, m.joined})
		}
	}
	for _, e := range h.identities(m.person) {
		add(e.day)
		tag, since = e.Tag, e.day
	}
	add(farDay)
	return dst
}

// identityStep is a linking to an ID number, on the day from which it counts for the household.
type identityStep struct {
	day Day
	*Identity
}

func (s identityStep) on() Day { return s.day }

// identities are the linkings of a person by day, of whichever source: mostly none.
func (h *household) identities(p PersonID) (steps []identityStep) {
	for n := range h.sources {
		f := &h.sources[n]
		for i := range f.Identities {
			if e := &f.Identities[i]; e.Person == p {
				steps = append(steps, identityStep{f.day(e.Day), e})
			}
		}
	}
	sortByDay(steps)
	return steps
}

// ParseTotal finds a total by its key.
func ParseTotal(key string) (TotalNo, bool) {
	at := slices.IndexFunc(Totals(), func(t Total) bool { return t.Key == key })
	return TotalNo(max(at, 0)), at >= 0
}
