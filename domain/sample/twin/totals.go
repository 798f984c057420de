package twin

// Totals are the counts of truth.json on a day.
func (c *County) Totals(at int) map[string]float64 {
	t := map[string]float64{}
	for _, key := range []string{
		"cases", "cases_cleared", "communities", "dwellings_handed_over", "facilities", "facilities_open", "funds_allocated_wan_yuan",
		"funds_disbursed_wan_yuan", "households", "households_accompanying", "households_poor", "households_with_open_placement",
		"incomes_declared", "industry_links", "industry_projects", "job_ended", "job_placed", "job_verified", "labour_households",
		"labour_persons", "persons", "persons_in_open_placement", "persons_registered_twice", "services_enrolled", "services_left",
		"stated_not_working", "title_applications", "titles_issued", "trainings", "visits",
	} {
		t[key] = 0
	}
	for _, f := range c.facts {
		if f.Day <= at {
			c.count(t, f)
		}
	}
	c.countPeople(t, at)
	c.countTwice(t, at)
	return t
}

func (c *County) count(t map[string]float64, f *Fact) {
	names := map[string]string{
		"risk.flagged": "cases", "risk.cleared": "cases_cleared", "community.established": "communities", "dwelling.handed_over": "dwellings_handed_over",
		"income.declared": "incomes_declared", "industry.household_linked": "industry_links", "industry.project_changed": "industry_projects",
		"job.ended": "job_ended", "job.placed": "job_placed", "service.enrolled": "services_enrolled", "service.left": "services_left",
		"title.application_accepted": "title_applications", "title.certificate_issued": "titles_issued", "training.completed": "trainings",
		"visit.made": "visits", "household.registered": "households",
	}
	if name := names[f.Type]; name != "" {
		t[name]++
	}
	switch f.Type {
	case "job.verified":
		if f.Says["就业状态"] == "none" {
			t["stated_not_working"]++
		} else {
			t["job_verified"]++
		}
	case "fund.allocated":
		t["funds_allocated_wan_yuan"] += number(f.Says["总投资(万元)"]) / 1e6
	case "fund.disbursed":
		t["funds_disbursed_wan_yuan"] += number(f.Says["金额(万元)"]) / 1e6
	case "household.registered":
		t["households_"+c.households[f.Household].category]++
	case "facility.changed":
		c.countFacility(t, f)
	}
}

func (c *County) countFacility(t map[string]float64, f *Fact) {
	if f.Says["stage"] == "open" {
		t["facilities_open"]++
		for word, code := range layoutNamed("facilities").column("类别").codes {
			if code == f.Says["类别"] {
				t["open_"+word]++
			}
		}
	}
	building := "facilities/facility.changed/" + f.Says["code"] + "/building"
	if f.Says["stage"] == "building" || c.facts[building] == nil {
		t["facilities"]++
	}
}

func layoutNamed(name string) layout {
	for _, l := range layouts() {
		if l.name == name {
			return l
		}
	}
	panic("twin: no file is named " + name)
}

func (l layout) column(name string) column {
	for _, c := range l.columns {
		if c.name == name {
			return c
		}
	}
	panic("twin: no column " + name)
}

func number(s string) float64 {
	n, _ := readNumber(s, 0)
	return float64(n)
}

func (c *County) countPeople(t map[string]float64, at int) {
	for _, h := range c.households {
		if h.from > at {
			continue
		}
		labour, working := 0, 0
		for _, p := range h.members {
			if p.from > at {
				continue
			}
			t["persons"]++
			if p.class != "none" && p.class != "" {
				labour++
			}
			if c.openPlacements(p.number, at) > 0 {
				working++
			}
		}
		t["labour_persons"] += float64(labour)
		t["persons_in_open_placement"] += float64(working)
		if labour > 0 {
			t["labour_households"]++
		}
		if working > 0 {
			t["households_with_open_placement"]++
		}
	}
}

// openPlacements counts the person's placements that began and did not end by the day.
func (c *County) openPlacements(person string, at int) (open int) {
	for _, f := range c.byHome[c.persons[person].household] {
		if f.Type != "job.placed" || f.Person != person || f.Day > at {
			continue
		}
		end := c.facts["labour/job.ended/"+f.Says["placement"]]
		if end == nil || end.Day > at {
			open++
		}
	}
	return open
}

// countTwice counts pairs of households in which one 证件号码 stands.
func (c *County) countTwice(t map[string]float64, at int) {
	by := map[string]map[string]bool{}
	for _, p := range c.persons {
		if p.identity != "" && p.from <= at {
			if by[p.identity] == nil {
				by[p.identity] = map[string]bool{}
			}
			by[p.identity][p.household] = true
		}
	}
	for _, homes := range by {
		t["persons_registered_twice"] += float64(len(homes) * (len(homes) - 1) / 2)
	}
}
