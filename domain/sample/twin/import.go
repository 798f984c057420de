package twin

import (
	"cmp"
	"slices"
)

// Import takes a file in. Joining is the day from which new members of known households belong
// to them, 0 when the importer gives none.
func (c *County) Import(name string, data []byte, joining int) Report {
	l, all := c.lines(data)
	r := Report{File: name, Rows: len(all)}
	if l.name == "register" {
		c.register(&r, all, joining)
	} else {
		for _, one := range all {
			c.check(l.name, one)
			c.take(&r, one, l.name)
		}
	}
	slices.SortFunc(r.Rejects, func(a, b Reject) int { return cmp.Compare(a.Row, b.Row) })
	return r
}

func (r *Report) refused(l *line) {
	r.Rejects = append(r.Rejects, Reject{r.File, l.number, l.column, l.wrong})
}

// take records the facts of a row and counts what became of it.
func (c *County) take(r *Report, l *line, kind string) {
	if l.wrong != "" {
		r.refused(l)
		return
	}
	c.settle(r, c.states(kind, l))
	switch kind {
	case "communities":
		c.names[l.says["安置区名称"]] = true
	case "facilities":
		if l.has("开工日期") || l.has("投用日期") {
			c.projects[l.says["项目编号"]] = true
		}
	}
}

// settle records a row's facts; of several ends the row has the first of changed, accepted,
// duplicate that any has.
func (c *County) settle(r *Report, facts []*Fact) {
	ends := map[string]int{}
	for _, f := range facts {
		ends[c.record(f)]++
	}
	r.NewFacts += ends["accepted"]
	switch {
	case ends["changed"] > 0:
		r.Changed++
	case ends["accepted"] > 0:
		r.Accepted++
	case ends["duplicate"] > 0:
		r.Duplicates++
	default:
		r.Nothing++
	}
}

// register groups the rows by household over the whole file.
func (c *County) register(r *Report, all []*line, joining int) {
	homes := map[string][]*line{}
	var order []string
	for _, l := range all {
		h := l.says["户编号"]
		if h == "" {
			r.refused(l)
			continue
		}
		if homes[h] == nil {
			order = append(order, h)
		}
		homes[h] = append(homes[h], l)
	}
	for _, h := range order {
		if c.households[h] == nil {
			c.open(r, h, homes[h])
		} else {
			c.again(r, h, homes[h], joining)
		}
	}
}

// open registers a household by its head's row.
func (c *County) open(r *Report, number string, rows []*line) {
	at := slices.IndexFunc(rows, func(l *line) bool {
		if l.says["与户主关系"] != "head" {
			return false
		}
		l.need("户类型", "入住日期")
		return l.wrong == ""
	})
	if at < 0 {
		for _, l := range rows {
			if l.wrong == "" {
				l.refuse("户编号", "unknown")
			}
			r.refused(l)
		}
		return
	}
	head := rows[at]
	h := &household{
		number: number, category: head.says["户类型"], mode: head.says["安置方式"], community: head.says["安置区"], from: head.day["入住日期"],
	}
	c.households[number] = h
	c.record(&Fact{Key: "register/household.registered/" + number, Type: "household.registered", Day: h.from, Household: number})
	r.NewFacts++
	if address := head.says["楼栋单元房号"]; address != "" {
		h.dwelling = h.community + " " + address
		c.dwellings[h.dwelling] = number
		c.record(&Fact{Key: "register/dwelling.handed_over/" + number, Type: "dwelling.handed_over", Day: h.from, Household: number})
		r.NewFacts++
	}
	seen := map[string]*line{}
	for _, l := range rows {
		c.member(r, h, l, seen)
	}
}

// member adds a row's person to a household that opens.
func (c *County) member(r *Report, h *household, l *line, seen map[string]*line) {
	p := l.says["人编号"]
	switch first := seen[p]; {
	case l.wrong != "":
		r.refused(l)
	case first != nil && sameCells(first, l):
		r.Duplicates++
	case first != nil:
		h.contested = true
		r.Changed++
	default:
		seen[p] = l
		r.Accepted++
		c.add(h, l, h.from)
	}
}

func (c *County) add(h *household, l *line, from int) {
	birth, _ := readNumber(l.says["出生年月"], 0)
	p := &person{number: l.says["人编号"], household: h.number, identity: l.says["证件号码"], birth: int(birth), class: l.says["劳动技能"], from: from}
	h.members = append(h.members, p)
	c.persons[p.number] = p
}

func sameCells(a, b *line) bool {
	for name := range a.at {
		if name != "序号" && a.says[name] != b.says[name] {
			return false
		}
	}
	return true
}

// again reads the rows of a household that is registered: its members are there, new ones join.
func (c *County) again(r *Report, number string, rows []*line, joining int) {
	h := c.households[number]
	for _, l := range rows {
		if l.says["与户主关系"] == "head" {
			l.need("户类型", "入住日期")
		}
		there := slices.ContainsFunc(h.members, func(p *person) bool { return p.number == l.says["人编号"] })
		if l.wrong == "" && !there && joining == 0 {
			l.refuse("人编号", "missing")
		}
		switch {
		case l.wrong != "":
			r.refused(l)
		case there:
			r.Duplicates++
		default:
			r.Accepted++
			r.NewFacts++
			c.add(h, l, joining)
		}
	}
}
