package twin

// column says how a file's column is read: its form and, of a coded one, its values.
type column struct {
	name, form string
	must       bool
	codes      map[string]string
}

// layout is one of the eleven files: its columns in the order in which the sample has them.
type layout struct {
	name    string
	columns []column
}

func text(name string) column { return column{name: name, form: "text"} }

func must(c column) column {
	c.must = true
	return c
}

func as(form, name string) column { return column{name: name, form: form} }

// coded takes pairs of the Chinese word and the code.
func coded(name string, pairs ...string) column {
	c := column{name: name, form: "code", codes: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		c.codes[pairs[i]] = pairs[i+1]
	}
	return c
}

func sources() column {
	return coded("资金来源", "中央预算内", "central_budget", "衔接资金", "bridging", "地方政府债券", "bond", "东西部协作", "east_west")
}

// layouts are the eleven files as README.md lists them.
func layouts() []layout {
	return append(peopleFiles(), placeFiles()...)
}

func peopleFiles() []layout {
	return []layout{
		{"register", []column{
			text("序号"), must(as("id", "户编号")), must(as("id", "人编号")), text("姓名"), as("id", "证件号码"),
			must(coded("与户主关系", "户主", "head", "配偶", "spouse", "子女", "child", "父母", "parent", "孙子女", "grandchild", "其他", "other")),
			as("month", "出生年月"),
			coded("劳动技能", "技能劳动力", "skilled", "普通劳动力", "ordinary", "弱劳动力或半劳动力", "weak", "无劳动力", "none", "丧失劳动力", "none"),
			text("健康状况"), as("id", "联系电话"), coded("户类型", "脱贫户", "poor", "随迁户", "accompanying"),
			coded("安置方式", "集中安置", "concentrated", "分散安置", "dispersed"), as("community", "安置区"), text("楼栋单元房号"),
			as("area", "住房面积(平方米)"), as("day", "入住日期"),
		}},
		{"labour", []column{
			must(as("person", "人编号")), text("姓名"), as("id", "证件号码"), coded("就业状态", "在岗", "yes", "离岗", "no", "未就业", "none"),
			coded("就业渠道", "企业吸纳", "factory", "帮扶车间", "workshop", "公益性岗位", "public_welfare_post", "以工代赈", "work_relief", "劳务输出", "labour_export", "自主就业", "self_found"),
			text("就业单位"), text("就业地区划代码"), as("day", "入职日期"), as("day", "离职日期"), as("yuan", "月工资(元)"), as("day", "核实日期"),
			coded("核实方式", "电话", "call", "入户", "visit", "社保比对", "insurance_match"), text("培训课程"), as("day", "培训完成日期"), as("day", "统计日期"),
		}},
		{"titles", []column{
			must(as("household", "户编号")), as("community", "安置区"), text("坐落"), as("area", "建筑面积"), text("业务号"),
			as("day", "受理日期"), as("day", "登簿日期"), text("不动产权证号"), coded("土地性质", "国有", "state", "集体", "collective"), text("备注"),
		}},
		{"monitoring", []column{
			must(as("household", "户编号")), coded("监测类别", "脱贫不稳定户", "unstable", "边缘易致贫户", "borderline", "突发严重困难户", "sudden_hardship"),
			coded("线索来源", "自主申报", "self", "部门预警", "department", "网格排查", "grid"), as("day", "线索日期"), as("day", "认定日期"),
			coded("风险类型", "因病", "illness", "因灾", "disaster", "就业", "job", "因学", "school", "住房", "housing", "收入", "income"),
			coded("帮扶措施", "公益性岗位", "b5", "临时救助", "d4", "医疗救助", "d4"), text("帮扶责任人"), as("day", "措施日期"), as("day", "风险消除日期"),
		}},
		{"visits", []column{
			must(as("household", "户编号")), must(as("day", "走访日期")), must(coded("走访目的", "日常走访", "routine", "就业回访", "job_follow_up", "政策宣传", "policy")),
			coded("入住情况", "常住", "lived_in", "空置", "vacant", "出租", "let_out", "季节性", "seasonal"), text("发现问题"), as("day", "下次走访日期"),
		}},
		{"income", []column{
			must(as("household", "户编号")), must(as("year", "年度")), must(as("count", "家庭人口")), as("yuan", "工资性收入(元)"),
			as("signed", "生产经营净收入(元)"), as("signed", "财产净收入(元)"), as("signed", "转移净收入(元)"),
		}},
		{"services", []column{
			must(as("person", "人编号")), must(coded("服务类别", "幼儿园", "kindergarten", "小学", "primary", "初中", "junior", "家庭医生签约", "family_doctor")),
			text("机构"), must(as("day", "起始日期")), as("day", "结束日期"), coded("结束原因", "毕业", "graduated", "辍学", "dropped_out", "迁出", "moved"),
		}},
	}
}

func placeFiles() []layout {
	return []layout{
		{"communities", []column{
			must(text("安置区名称")), must(as("id", "社区编码")), must(coded("类型", "农村", "rural", "城镇", "town")), must(as("day", "成立日期")),
			must(coded("组织形式", "并入原有村", "group_of_host", "单独成立居委会", "own_committee")),
		}},
		{"facilities", []column{
			must(text("项目编号")), must(text("项目名称")),
			must(coded("类别", "幼儿园", "kindergarten", "小学", "primary_school", "初中", "junior_school", "卫生室", "clinic", "社区服务中心", "service_centre",
				"养老服务设施", "elderly_care", "污水处理", "sewage", "扶贫车间", "workshop")),
			as("communities", "服务安置区"), as("count", "建设规模"), coded("规模单位", "学位", "places", "床位", "beds", "平方米", "m2", "吨/日", "tonnes_day", "岗位", "jobs"),
			as("wan", "总投资(万元)"), sources(), text("状态"), as("day", "开工日期"), as("day", "投用日期"),
		}},
		{"industry", []column{
			must(text("项目编号")), text("项目名称"), text("类型"), as("community", "安置区"), text("状态"), as("day", "启动日期"), must(as("household", "户编号")),
			coded("联结方式", "土地流转", "lease", "订单", "order", "务工", "wage", "入股", "share", "托管", "custody"), as("day", "联结起始日"), as("yuan", "年预期收益(元)"),
		}},
		{"disbursed", []column{
			must(text("凭证号")), must(as("project", "项目编号")), sources(), must(as("day", "拨付日期")), must(as("wan", "金额(万元)")), text("用途"),
		}},
	}
}
