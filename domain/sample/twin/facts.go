package twin

import "slices"

// states gives the facts that a row states, after noting what is missing for them.
func (c *County) states(kind string, l *line) []*Fact {
	switch kind {
	case "communities":
		return saying(l.fact(kind, "community.established", "成立日期", l.says["社区编码"]), l, "安置区名称", "类型", "组织形式")
	case "labour":
		return c.labour(l)
	case "titles":
		return c.titles(l)
	case "facilities":
		return l.facility()
	case "industry":
		return l.industry()
	case "monitoring":
		return l.monitoring()
	case "visits":
		return c.visit(l)
	case "income":
		year := l.says["年度"]
		f := saying(l.fact(kind, "income.declared", "", l.says["户编号"], year), l,
			"年度", "家庭人口", "工资性收入(元)", "生产经营净收入(元)", "财产净收入(元)", "转移净收入(元)")
		f[0].Day = yearEnd(year)
		return f
	case "services":
		return c.services(l)
	}
	return saying(l.fact(kind, "fund.disbursed", "拨付日期", l.says["凭证号"]), l, "项目编号", "资金来源", "金额(万元)", "用途")
}

// fact makes one fact of the row; it says what the row says.
func (l *line) fact(template, kind, day string, parts ...string) []*Fact {
	f := &Fact{Key: template + "/" + kind, Type: kind, Day: l.day[day], Household: l.says["户编号"], Person: l.says["人编号"], Says: map[string]string{}}
	for _, p := range parts {
		f.Key += "/" + p
	}
	return []*Fact{f}
}

// saying adds what some columns say.
func saying(f []*Fact, l *line, columns ...string) []*Fact {
	for _, name := range columns {
		f[0].Says[name] = l.says[name]
	}
	return f
}

func yearEnd(year string) int {
	n, _ := readNumber(year, 0)
	return Day(int(n), 12, 31)
}

// need refuses the row where one of the columns is empty.
func (l *line) need(columns ...string) {
	for _, name := range columns {
		if !l.has(name) {
			l.refuse(name, "missing")
		}
	}
}

// notBefore refuses an end before its beginning.
func (l *line) notBefore(end, begin string) {
	if l.has(end) && l.has(begin) && l.day[end] < l.day[begin] {
		l.refuse(end, "before_start")
	}
}

// check notes what the rules between columns refuse.
func (c *County) check(kind string, l *line) {
	filled := func(columns ...string) bool { return slices.ContainsFunc(columns, l.has) }
	switch kind {
	case "labour":
		l.notBefore("离职日期", "入职日期")
		l.notBefore("核实日期", "入职日期")
		if s := l.says["就业状态"]; s == "yes" || s == "no" || filled("离职日期") {
			l.need("入职日期")
		}
		if l.says["就业状态"] == "none" {
			l.need("统计日期")
		}
		if l.has("培训完成日期") {
			l.need("培训课程")
		}
	case "titles":
		l.notBefore("登簿日期", "受理日期")
		if filled("受理日期", "登簿日期") {
			l.need("安置区", "坐落", "业务号")
			if filled("安置区") && filled("坐落") && c.dwellings[l.dwelling()] == "" {
				l.refuse("坐落", "unknown")
			}
		}
	case "monitoring":
		if filled("认定日期", "措施日期", "风险消除日期") {
			l.need("线索日期")
		}
		for day, what := range map[string]string{"线索日期": "线索来源", "认定日期": "监测类别", "措施日期": "帮扶措施"} {
			if l.has(day) {
				l.need(what)
			}
		}
	case "facilities":
		if filled("开工日期", "投用日期") && l.has("建设规模") {
			l.need("规模单位")
		}
	case "disbursed":
		funds := c.funds[l.says["项目编号"]]
		if source := l.says["资金来源"]; l.has("项目编号") && (source == "" && len(funds) != 1 || source != "" && !funds[source]) {
			l.refuse("项目编号", "unknown")
		}
	case "services":
		if l.has("结束日期") {
			l.need("结束原因")
		}
	case "industry":
		if filled("户编号", "联结方式", "联结起始日") {
			l.need("户编号", "联结方式", "联结起始日")
		}
	}
}

func (c *County) labour(l *line) (facts []*Fact) {
	p, home := l.says["人编号"], c.persons[l.says["人编号"]].household
	placement := p + "@" + l.says["入职日期"]
	if l.has("入职日期") {
		facts = append(facts, saying(l.fact("labour", "job.placed", "入职日期", p, l.says["入职日期"]), l, "就业渠道", "就业单位", "就业地区划代码", "月工资(元)")...)
	}
	if s := l.says["就业状态"]; l.has("核实日期") && (s == "yes" || s == "no") {
		facts = append(facts, saying(l.fact("labour", "job.verified", "核实日期", placement, l.says["核实日期"]), l, "就业状态", "核实方式")...)
	}
	if l.has("离职日期") {
		facts = append(facts, l.fact("labour", "job.ended", "离职日期", placement)...)
	}
	for _, f := range facts {
		f.Says["placement"] = placement
	}
	if l.says["就业状态"] == "none" {
		facts = append(facts, saying(l.fact("labour", "job.verified", "统计日期", p, l.says["统计日期"]), l, "就业状态")...)
	}
	if l.has("培训完成日期") {
		facts = append(facts, l.fact("labour", "training.completed", "培训完成日期", p, l.says["培训课程"], l.says["培训完成日期"])...)
	}
	for _, f := range facts {
		f.Household = home
	}
	return facts
}

func (l *line) dwelling() string { return l.says["安置区"] + " " + l.says["坐落"] }

func (c *County) titles(l *line) (facts []*Fact) {
	if l.has("受理日期") {
		facts = append(facts, l.fact("titles", "title.application_accepted", "受理日期", l.says["业务号"])...)
	}
	if l.has("登簿日期") {
		facts = append(facts, saying(l.fact("titles", "title.certificate_issued", "登簿日期", l.says["业务号"]), l, "不动产权证号", "土地性质")...)
	}
	for _, f := range facts {
		f.Household = c.dwellings[l.dwelling()]
	}
	return facts
}

func (l *line) facility() (facts []*Fact) {
	code := l.says["项目编号"]
	about := []string{"项目名称", "类别", "服务安置区", "建设规模", "规模单位", "总投资(万元)"}
	if l.has("开工日期") {
		facts = append(facts, saying(l.fact("facilities", "facility.changed", "开工日期", code, "building"), l, about...)...)
		facts[0].Says["stage"], facts[0].Says["code"] = "building", code
		if l.has("资金来源") && l.has("总投资(万元)") {
			facts = append(facts, saying(l.fact("facilities", "fund.allocated", "开工日期", code, l.says["资金来源"]), l, "项目编号", "资金来源", "总投资(万元)")...)
		}
	}
	if l.has("投用日期") {
		open := saying(l.fact("facilities", "facility.changed", "投用日期", code, "open"), l, about...)
		open[0].Says["stage"], open[0].Says["code"] = "open", code
		facts = append(facts, open...)
	}
	return facts
}

func (l *line) industry() (facts []*Fact) {
	code := l.says["项目编号"]
	if l.has("启动日期") {
		f := saying(l.fact("industry", "industry.project_changed", "启动日期", code, "operating"), l, "项目名称", "类型", "安置区")
		f[0].Household = ""
		facts = append(facts, f...)
	}
	if l.has("户编号") {
		facts = append(facts, saying(l.fact("industry", "industry.household_linked", "联结起始日", code, l.says["户编号"], l.says["联结起始日"]), l, "联结方式", "年预期收益(元)")...)
	}
	return facts
}

func (l *line) monitoring() (facts []*Fact) {
	for _, s := range []struct{ day, kind, says, more string }{
		{"线索日期", "risk.flagged", "线索来源", "风险类型"},
		{"认定日期", "risk.decided", "监测类别", ""},
		{"措施日期", "help.planned", "帮扶措施", "帮扶责任人"},
		{"风险消除日期", "risk.cleared", "", ""},
	} {
		if l.has(s.day) {
			f := saying(l.fact("monitoring", s.kind, s.day, l.says["户编号"], l.says["线索日期"]), l, s.says, s.more)
			f[0].Says["case"] = l.says["线索日期"]
			facts = append(facts, f...)
		}
	}
	return facts
}

func (c *County) visit(l *line) []*Fact {
	h := l.says["户编号"]
	facts := saying(l.fact("visits", "visit.made", "走访日期", h, l.says["走访日期"], l.says["走访目的"]), l, "发现问题", "下次走访日期")
	if home := c.households[h]; l.has("入住情况") && home.dwelling != "" && home.from <= l.day["走访日期"] {
		facts = append(facts, saying(l.fact("visits", "dwelling.occupancy_checked", "走访日期", h, l.says["走访日期"]), l, "入住情况")...)
	}
	return facts
}

func (c *County) services(l *line) (facts []*Fact) {
	parts := []string{l.says["人编号"], l.says["服务类别"], l.says["起始日期"]}
	facts = saying(l.fact("services", "service.enrolled", "起始日期", parts...), l, "服务类别", "机构")
	if l.has("结束日期") {
		facts = append(facts, saying(l.fact("services", "service.left", "结束日期", parts...), l, "服务类别", "结束原因")...)
	}
	for _, f := range facts {
		f.Household = c.persons[l.says["人编号"]].household
		f.Says["from"] = l.says["起始日期"]
	}
	return facts
}
