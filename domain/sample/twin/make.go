package twin

import (
	"fmt"
	"math/rand/v2"
	"strconv"
)

// Making says which county's files are made. The same values give the same bytes.
type Making struct {
	Seed       uint64
	Division   string // the county; "" = 520603
	Households int
	Dirt       float64 // 0 = well-formed cells only, 1 = about as the sample county, more = dirtier
	Shuffled   bool    // rows in another order
	Grown      bool    // the next month's files: all that the month before had, and more
}

// File is one department file.
type File struct {
	Name string
	Data []byte
}

// record is a row before it is written: what each column says; days as 2020-03-05.
type record map[string]string

// maker carries the county while its files are made.
type maker struct {
	Making
	rnd   *rand.Rand
	towns []string
	opens []int // of towns
	books map[string][]record
	later map[string][]record // what the next month adds
	homes int
}

// Make makes the eleven files in the order in which they are imported.
func Make(m Making) []File {
	if m.Division == "" {
		m.Division = "520603"
	}
	k := &maker{Making: m, rnd: rand.New(rand.NewPCG(m.Seed, 1)), books: map[string][]record{}, later: map[string][]record{}}
	k.communities()
	k.facilities()
	for k.homes < m.Households {
		k.home(false)
	}
	for range m.Households / 20 {
		k.home(true)
	}
	if m.Grown {
		for name, more := range k.later {
			k.books[name] = append(k.books[name], more...)
		}
		k.grow()
	}
	return k.write()
}

func (k *maker) say(book string, r record) { k.books[book] = append(k.books[book], r) }

func (k *maker) chance(p float64) bool { return k.rnd.Float64() < p }

func pick[T any](k *maker, all ...T) T { return all[k.rnd.IntN(len(all))] }

// between returns a day in a closed interval.
func (k *maker) between(from, to int) int {
	if to <= from {
		return from
	}
	return from + k.rnd.IntN(to-from+1)
}

// theEnd is the last day that the files of the first month speak of.
func theEnd() int { return Day(2021, 6, 20) }

func word(k *maker, book, column string) string {
	var words []string
	for w := range layoutNamed(book).column(column).codes {
		words = append(words, w)
	}
	sortStrings(words)
	return pick(k, words...)
}

func (k *maker) communities() {
	for i := range 3 + k.rnd.IntN(4) {
		name := fmt.Sprintf("%s%s", pick(k, "安和", "新苑", "康宁", "同心", "望山", "清溪")+string(rune('甲'+i*3)), pick(k, "社区", "安置点"))
		opened := Day(2018, 3, 1) + 30*i
		k.towns, k.opens = append(k.towns, name), append(k.opens, opened)
		k.say("communities", record{
			"安置区名称": name, "社区编码": fmt.Sprintf("%s0%02d5%02d", k.Division, i+1, i+1), "类型": word(k, "communities", "类型"),
			"成立日期": Iso(opened), "组织形式": word(k, "communities", "组织形式"),
		})
	}
}

func (k *maker) facilities() {
	n := 0
	for i, town := range k.towns {
		for range 2 + k.rnd.IntN(3) {
			n++
			start := k.between(k.opens[i]-200, Day(2020, 6, 1))
			r := record{
				"项目编号": fmt.Sprintf("%s-F%03d", k.Division, n), "类别": word(k, "facilities", "类别"), "服务安置区": town, "建设规模": strconv.Itoa(30 + k.rnd.IntN(900)),
				"规模单位": word(k, "facilities", "规模单位"), "总投资(万元)": pick(k, "1468", "300.5", "0.0001", "2640"), "资金来源": word(k, "facilities", "资金来源"),
				"状态": "在建", "开工日期": Iso(start),
			}
			r["项目名称"] = town + r["类别"]
			if k.chance(0.2) {
				r["服务安置区"] += pick(k, "、", "，", "；", "、 ") + pick(k, k.towns...)
			}
			if k.chance(0.7) {
				r["投用日期"], r["状态"] = Iso(k.between(start, theEnd())), "建成投用"
			}
			k.say("facilities", r)
			k.disbursed(r, start, n)
		}
		k.project(i, town)
	}
}

func (k *maker) disbursed(of record, start, n int) {
	for i := range k.rnd.IntN(3) {
		r := record{
			"凭证号": fmt.Sprintf("PZ%05d%d", n, i), "项目编号": of["项目编号"], "拨付日期": Iso(k.between(start, theEnd())),
			"金额(万元)": strconv.Itoa(10 + k.rnd.IntN(40)), "用途": "工程款",
		}
		if k.chance(0.3) {
			r["资金来源"] = of["资金来源"]
		}
		k.say("disbursed", r)
	}
}

func (k *maker) project(i int, town string) {
	k.say("industry", record{
		"项目编号": fmt.Sprintf("%s-P%02d", k.Division, i+1), "项目名称": town + "食用菌基地", "类型": "种植", "安置区": town, "状态": "运营中",
		"启动日期": Iso(Day(2019, 1, 10) + 30*i),
	})
	k.books["projects"], k.books["industry"] = append(k.books["projects"], k.books["industry"][len(k.books["industry"])-1]), k.books["industry"][:len(k.books["industry"])-1]
}

// member is one person of a household that is being made.
type member struct {
	number, class string
	birth         int // year*12 + month-1
}

func (m member) age(day int) int {
	y, mo, _ := civil(day)
	return (y*12 + mo - 1 - m.birth) / 12
}

// home makes one household with all that the departments say of it. A late one comes with the
// next month's files.
func (k *maker) home(late bool) {
	k.homes++
	number := fmt.Sprintf("%s%06d", k.Division, k.homes)
	town := k.rnd.IntN(len(k.towns))
	keys := k.between(k.opens[town], pick(k, Day(2019, 12, 31), Day(2019, 12, 31), Day(2021, 5, 31)))
	address := fmt.Sprintf("%d栋%d单元%d%02d", 1+k.homes/100, 1+k.homes/20%5, 1+k.homes%20, 1+k.rnd.IntN(4))
	before := map[string]int{}
	for name, rows := range k.books {
		before[name] = len(rows)
	}
	members := k.members(number, town, keys, address)
	for _, m := range members {
		k.work(m, keys)
		k.school(m, keys)
	}
	k.title(number, town, keys, address)
	k.visits(number, keys)
	k.incomes(number, len(members), keys)
	k.cases(number, keys)
	k.links(number, keys)
	if !late {
		return
	}
	for name, rows := range k.books {
		k.later[name] = append(k.later[name], rows[before[name]:]...)
		k.books[name] = rows[:before[name]:before[name]]
	}
}

func (k *maker) members(number string, town, keys int, address string) (all []member) {
	category, mode := word(k, "register", "户类型"), "集中安置"
	if k.chance(0.04) {
		mode = "分散安置"
	}
	for i := range 1 + k.rnd.IntN(6) {
		m := member{number: fmt.Sprintf("%s%02d", number, i+1)}
		years := pick(k, 2+k.rnd.IntN(16), 16+k.rnd.IntN(8), 20+k.rnd.IntN(40), 20+k.rnd.IntN(40), 55+k.rnd.IntN(8), 60+k.rnd.IntN(25))
		if i == 0 {
			years = 20 + k.rnd.IntN(50)
		}
		m.birth = (2021-years)*12 + k.rnd.IntN(12)
		r := record{
			"序号": "1", "户编号": number, "人编号": m.number, "姓名": pick(k, "王某丁", "龙某甲", "张某"), "与户主关系": pick(k, "配偶", "子女", "父母", "孙子女", "其他"),
			"出生年月": fmt.Sprintf("%04d%02d", m.birth/12, m.birth%12+1), "劳动技能": k.classOf(m), "健康状况": pick(k, "健康", "慢性病", "残疾"),
			"证件号码": fmt.Sprintf("990101%04d%02d%02d%03d%s", m.birth/12, m.birth%12+1, 1+k.homes%28, (k.homes*7+i)%1000, pick(k, "X", "1", "5")),
			"联系电话": fmt.Sprintf("1990000%04d", k.rnd.IntN(10000)), "户类型": category, "安置方式": mode, "安置区": k.towns[town],
		}
		if i == 0 {
			r["与户主关系"], r["入住日期"] = "户主", Iso(keys)
			if mode != "分散安置" && !k.chance(0.02) {
				r["楼栋单元房号"], r["住房面积(平方米)"] = address, pick(k, "20", "40.5", "80", "100.25")
			}
		}
		if k.chance(0.02) && len(k.books["register"]) > 0 { // the same person in two townships
			r["证件号码"] = pick(k, k.books["register"]...)["证件号码"]
		}
		m.class = r["劳动技能"]
		k.say("register", r)
		all = append(all, m)
		if k.chance(0.02) { // in next month's file a child more
			more := record{}
			for name, v := range r {
				more[name] = v
			}
			more["人编号"], more["与户主关系"], more["出生年月"], more["劳动技能"], more["证件号码"] = m.number[:12]+"19", "子女", "202105", "无劳动力", ""
			delete(more, "入住日期")
			delete(more, "楼栋单元房号")
			delete(more, "住房面积(平方米)")
			k.later["register"] = append(k.later["register"], more)
			break
		}
	}
	return all
}

func (k *maker) classOf(m member) string {
	if age := m.age(theEnd()); age < 16 || age > 75 {
		return "无劳动力"
	}
	return pick(k, "技能劳动力", "普通劳动力", "普通劳动力", "普通劳动力", "弱劳动力或半劳动力", "无劳动力", "丧失劳动力")
}
