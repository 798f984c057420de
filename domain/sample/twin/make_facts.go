package twin

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

func sortStrings(all []string) { slices.Sort(all) }

// work makes a person's rows of the labour file: spells of work, and statements of none.
func (k *maker) work(m member, keys int) {
	if m.age(theEnd()) < 16 || m.class == "" || k.chance(0.2) {
		return
	}
	day := keys - 60
	for range 1 + k.rnd.IntN(3) {
		start := k.between(day, min(day+500, theEnd()-5))
		if k.chance(0.3) {
			k.idle(m, k.between(day, theEnd()))
			continue
		}
		r := record{
			"人编号": m.number, "姓名": "王某", "就业渠道": word(k, "labour", "就业渠道"), "就业单位": pick(k, "某电子厂", "某合作社", "某公司,二厂"),
			"就业地区划代码": pick(k, "440300", "520603", "330100"), "入职日期": Iso(start), "月工资(元)": pick(k, "3200", "1589", "3587.50", "0"),
			"就业状态": "在岗", "统计日期": Iso(theEnd()),
		}
		day = start + 30
		if k.chance(0.35) {
			end := k.between(start, theEnd())
			r["就业状态"], r["离职日期"] = "离岗", Iso(end)
			day = end + 1
		} else if k.chance(0.1) {
			r["就业状态"] = "离岗"
		}
		if k.chance(0.85) {
			r["核实日期"], r["核实方式"] = Iso(k.between(max(start, theEnd()-pick(k, 80, 95, 400)), theEnd())), word(k, "labour", "核实方式")
		}
		if k.chance(0.1) {
			r["培训课程"], r["培训完成日期"] = pick(k, "家政服务", "电焊"), Iso(k.between(keys, theEnd()))
		}
		k.say("labour", r)
		if k.chance(0.02) { // the same row again
			k.say("labour", r)
		}
		if day > theEnd()-5 {
			return
		}
	}
}

func (k *maker) idle(m member, day int) {
	r := record{"人编号": m.number, "姓名": "王某", "就业状态": "未就业", "统计日期": Iso(day)}
	if k.chance(0.1) {
		r["培训课程"], r["培训完成日期"] = "家政服务", Iso(day)
	}
	k.say("labour", r)
}

// school makes a person's rows of the services file.
func (k *maker) school(m member, keys int) {
	if k.chance(0.3) {
		k.say("services", record{"人编号": m.number, "服务类别": "家庭医生签约", "机构": "某卫生室", "起始日期": Iso(k.between(keys, theEnd()))})
	}
	if age := m.age(theEnd()); age < 5 || age > 17 || k.chance(0.2) {
		return
	}
	start := k.between(keys-300, theEnd()-40)
	r := record{"人编号": m.number, "服务类别": pick(k, "小学", "小学", "初中", "幼儿园"), "机构": "万山区某小学", "起始日期": Iso(start)}
	if k.chance(0.3) {
		r["结束日期"], r["结束原因"] = Iso(k.between(start+1, theEnd()-20)), word(k, "services", "结束原因")
	}
	k.say("services", r)
	if r["结束日期"] != "" && k.chance(0.4) {
		ended, _ := readDay(r["结束日期"])
		k.say("services", record{"人编号": m.number, "服务类别": pick(k, "小学", "初中"), "机构": "另一小学", "起始日期": Iso(k.between(ended, theEnd()))})
	}
}

func (k *maker) title(number string, town, keys int, address string) {
	if k.chance(0.1) {
		return
	}
	r := record{
		"户编号": number, "安置区": k.towns[town], "坐落": address, "建筑面积": pick(k, "40", "80.5"), "业务号": "SL" + number[4:], "土地性质": word(k, "titles", "土地性质"),
	}
	applied := k.between(max(keys-30, Day(2018, 6, 1)), theEnd())
	if k.chance(0.95) {
		r["受理日期"] = Iso(applied)
	}
	if k.chance(0.7) {
		r["登簿日期"], r["不动产权证号"] = Iso(k.between(applied, theEnd())), "黔(2021)万山区不动产权第"+number[4:]+"号"
	}
	k.say("titles", r)
}

func (k *maker) visits(number string, keys int) {
	seen := map[int]bool{}
	for range k.rnd.IntN(7) {
		day := k.between(max(keys-40, theEnd()-pick(k, 60, 170, 185, 900)), theEnd())
		if seen[day] {
			continue
		}
		seen[day] = true
		r := record{
			"户编号": number, "走访日期": Iso(day), "走访目的": word(k, "visits", "走访目的"), "入住情况": pick(k, "常住", "常住", "常住", "空置", "出租", "季节性"),
			"发现问题": pick(k, "", "", "房屋漏水"), "下次走访日期": Iso(day + 90),
		}
		if k.chance(0.1) {
			r["入住情况"] = ""
		}
		k.say("visits", r)
		if k.chance(0.05) { // another purpose on the same day: another visit, the same check
			again := record{}
			for name, v := range r {
				again[name] = v
			}
			again["走访目的"] = map[string]string{"日常走访": "就业回访", "就业回访": "政策宣传", "政策宣传": "日常走访"}[r["走访目的"]]
			k.say("visits", again)
		}
	}
}

func lineOf(year int) int {
	switch year {
	case 2018:
		return 3535
	case 2019:
		return 3747
	}
	return 4000
}

func (k *maker) incomes(number string, members, keys int) {
	first, _, _ := civil(keys)
	for year := max(first, 2018); year <= 2020; year++ {
		if k.chance(0.12) {
			continue
		}
		line := lineOf(year) * members * 100
		total := pick(k, line-1, line, line+line/2-1, line+line/2, line*2, line*5/2-1, line*5/2, line*3+year%100*5000, line*3+year%100*5000)
		transfer := total * pick(k, 5, 10, 29, 30, 40) / 100
		business := total * pick(k, 0, 10, -2) / 100
		k.say("income", record{
			"户编号": number, "年度": strconv.Itoa(year), "家庭人口": strconv.Itoa(members), "工资性收入(元)": yuan(total - transfer - business),
			"生产经营净收入(元)": yuan(business), "财产净收入(元)": "0", "转移净收入(元)": yuan(transfer),
		})
	}
}

func yuan(fen int) string {
	if fen%100 == 0 {
		return strconv.Itoa(fen / 100)
	}
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}

func (k *maker) cases(number string, keys int) {
	for range pick(k, 0, 0, 0, 0, 0, 1, 1, 2) {
		flagged := k.between(max(keys, Day(2019, 6, 1)), theEnd())
		r := record{
			"户编号": number, "监测类别": word(k, "monitoring", "监测类别"), "线索来源": word(k, "monitoring", "线索来源"), "线索日期": Iso(flagged),
			"风险类型": word(k, "monitoring", "风险类型"),
		}
		decided, planned := flagged+k.rnd.IntN(25), flagged+k.rnd.IntN(60)
		if decided <= theEnd() && k.chance(0.9) {
			r["认定日期"] = Iso(decided)
			if planned >= decided && planned <= theEnd() && k.chance(0.8) {
				r["措施日期"], r["帮扶措施"], r["帮扶责任人"] = Iso(planned), word(k, "monitoring", "帮扶措施"), "李某"
			}
			if cleared := k.between(planned+decided-flagged, theEnd()); cleared > decided && cleared <= theEnd() && k.chance(0.6) {
				r["风险消除日期"] = Iso(cleared)
			}
		}
		k.say("monitoring", r)
	}
}

func (k *maker) links(number string, keys int) {
	if k.chance(0.6) {
		return
	}
	r := record{}
	for name, v := range pick(k, k.books["projects"]...) {
		r[name] = v
	}
	r["户编号"], r["联结方式"], r["联结起始日"] = number, word(k, "industry", "联结方式"), Iso(k.between(max(keys, Day(2019, 1, 5)), theEnd()))
	r["年预期收益(元)"] = pick(k, "4206", "600.5", "")
	k.say("industry", r)
}

// grow brings the files to the next month: jobs are verified again, or have ended, and some
// cells are put right.
func (k *maker) grow() {
	for i, r := range k.books["labour"] {
		if r["就业状态"] == "未就业" {
			continue
		}
		next := maps.Clone(r)
		next["统计日期"] = "2021-06-28"
		if r["就业状态"] == "在岗" && k.chance(0.5) {
			next["核实日期"], next["核实方式"] = Iso(k.between(theEnd()+1, theEnd()+8)), "电话"
			if k.chance(0.2) {
				next["就业状态"], next["离职日期"] = "离岗", Iso(theEnd())
			}
		}
		k.books["labour"][i] = next
	}
	k.change("labour", "月工资(元)", func(string) string { return "2750" })
	k.change("labour", "离职日期", k.laterDay)
	k.change("visits", "入住情况", func(string) string { return "常住" })
	k.change("income", "工资性收入(元)", func(string) string { return yuan(k.rnd.IntN(9_000_000)) })
	k.change("titles", "登簿日期", k.laterDay)
	k.change("monitoring", "监测类别", func(string) string { return word(k, "monitoring", "监测类别") })
	k.change("services", "结束原因", func(string) string { return word(k, "services", "结束原因") })
	k.change("register", "劳动技能", func(string) string { return word(k, "register", "劳动技能") })
	k.change("register", "出生年月", func(was string) string { return was[:2] + "9" + was[3:] })
}

// change puts a column right in some rows of a file.
func (k *maker) change(book, column string, to func(was string) string) {
	for i, r := range k.books[book] {
		if r[column] != "" && k.chance(0.05) {
			next := maps.Clone(r)
			next[column] = to(r[column])
			k.books[book][i] = next
		}
	}
}

func (k *maker) laterDay(was string) string {
	day, _ := readDay(was)
	return Iso(k.between(day, theEnd()))
}
