package twin

import (
	"cmp"
	"slices"
)

// Import takes a file in. Joining is the day from which new members of known households belong
// to them, 0 when the importer gives none.
func (c *County) Import(name string, data []byte, joining int) Report {
	c.file++
	l, all := c.lines(data)
	r := Report{File: name, Rows: len(all), Ends: map[int]string{}}
	if l.name == "register" {
		c.register(&r, all, joining)
	} else {
		// A row of which another says all and more repeats it, whatever the order of the file.
		slices.SortStableFunc(all, func(a, b *line) int { return len(b.says) - len(a.says) })
		for _, one := range all {
			c.check(l.name, one)
			c.take(&r, one, l.name)
		}
	}
	for _, correct := range c.corrections {
		correct()
	}
	c.corrections = nil
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
	c.settle(r, l.number, c.states(kind, l))
	switch kind {
	case "communities":
		c.names[l.says["安置区名称"]] = true
	case "facilities":
		if l.has("开工日期") || l.has("投用日期") {
			code := l.says["项目编号"]
			c.projects[code] = true
			if source := l.says["资金来源"]; source != "" && l.has("总投资(万元)") && l.has("开工日期") {
				if c.funds[code] == nil {
					c.funds[code] = map[string]bool{}
				}
				c.funds[code][source] = true
			}
		}
	}
}

// settle records a row's facts; of several ends the row has the first of changed, accepted,
// duplicate that any has.
func (c *County) settle(r *Report, row int, facts []*Fact) {
	ends := map[string]int{}
	for _, f := range facts {
		ends[c.record(f)]++
	}
	r.NewFacts += ends["accepted"]
	switch {
	case ends["changed"] > 0:
		r.end(row, "changed")
	case ends["accepted"] > 0:
		r.end(row, "accepted")
	case ends["duplicate"] > 0:
		r.end(row, "duplicate")
	default:
		r.end(row, "nothing")
	}
}

// end notes what became of a row that is not refused.
func (r *Report) end(row int, as string) {
	r.Ends[row] = as
	switch as {
	case "changed":
		r.Changed++
	case "accepted":
		r.Accepted++
	case "duplicate":
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
		r.end(l.number, "duplicate")
	case first != nil:
		h.contested = true
		r.end(l.number, "changed")
	default:
		seen[p] = l
		r.end(l.number, "accepted")
		c.add(h, l, h.from)
	}
}

func (c *County) add(h *household, l *line, from int) {
	birth, _ := readNumber(l.says["出生年月"], 0)
	p := &person{number: l.says["人编号"], household: h.number, identity: l.says["证件号码"], birth: int(birth), class: l.says["劳动技能"], from: from, row: l}
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
// A filled cell that says something else is a change; an empty one says nothing.
func (c *County) again(r *Report, number string, rows []*line, joining int) {
	h := c.households[number]
	for _, l := range rows {
		columns := []string{"姓名", "证件号码", "与户主关系", "出生年月", "劳动技能", "健康状况", "联系电话"}
		if l.says["与户主关系"] == "head" {
			l.need("户类型", "入住日期")
			columns = append(columns, "户类型", "安置方式", "安置区", "楼栋单元房号", "住房面积(平方米)", "入住日期")
		}
		p := c.persons[l.says["人编号"]]
		there := p != nil && p.household == number
		if l.wrong == "" && !there && joining == 0 {
			l.refuse("人编号", "missing")
		}
		switch {
		case l.wrong != "":
			r.refused(l)
		case !there:
			r.end(l.number, "accepted")
			r.NewFacts++
			c.add(h, l, joining)
		case slices.ContainsFunc(columns, func(name string) bool { return l.has(name) && l.says[name] != p.row.says[name] }):
			r.end(l.number, "changed")
			if c.Correcting {
				p.correct(l)
			}
		default:
			r.end(l.number, "duplicate")
		}
	}
}

// correct takes in what a row says of a member otherwise.
func (p *person) correct(l *line) {
	for name, v := range l.says {
		p.row.says[name] = v
	}
	birth, _ := readNumber(p.row.says["出生年月"], 0)
	p.birth, p.class, p.identity = int(birth), p.row.says["劳动技能"], p.row.says["证件号码"]
}
