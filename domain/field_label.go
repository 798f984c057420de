package domain

import "strings"

// plainLabel is the English label of a field that has no en tag: that of its Chinese one, where the field's name alone does
// not say it plainly; otherwise the name, spaces for underscores. A unit stands in brackets, as in Chinese.
func plainLabel(zh, name string) string {
	if at := strings.Index(plainLabels, "\n"+zh+"|"); at >= 0 {
		label, _, _ := strings.Cut(plainLabels[at+len("\n"+zh+"|"):], "\n")
		return label
	}
	return strings.ReplaceAll(name, "_", " ")
}

// plainLabels are the labels, one a line.
const plainLabels = `
金额（分）|amount (fen)
月金额（分）|amount a month (fen)
面积（平方分米）|area (dm2)
生产经营净收入（分）|income of business (fen)
投资（分）|investment (fen)
支出（分）|costs (fen)
年预期收益（分）|expected income a year (fen)
财产净收入（分）|income of property (fen)
补贴（分）|subsidy (fen)
转移净收入（分）|transfers (fen)
工资性收入（分）|wages (fen)
月工资（分）|wage a month (fen)
批准人代号|approved by (code)
出生年月|month of birth
楼栋|building
单元|staircase
规模单位|unit of the capacity
户类型|kind of household
是否取证|certificate earned
不动产权证号|number of the certificate
分出户|households split off
监测类别|class of monitoring
合同截止|contract until
更正后的内容|what the record says, corrected
残疾情况|disability
登记地区划|division of the registration
办结期限|to be settled by
完成时限|to be reached by
完成期限|to be done by
整改期限|to be put right by
新住房|new dwelling
佐证材料|evidence (reference)
组织形式|form of organisation
发现问题|what was found
被并户|households merged
并入户|household that they are merged into
迁出社区|community left
迁入社区|community moved to
原户|former household
新户|new household
迁入户|household moved to
学时|hours of training
待遇类型|kind of entitlement
服务类别|kind of service
登记方式|kind of registration
联结方式|kind of link
迁移类型|kind of move
风险类型|kind of risk
劳动技能|ability to work
土地性质|kind of land
核对方式|how it was compared
核实方式|how it was verified
核查方式|how it was checked
下次走访日期|next visit by
户编号|number of the household
人编号|number of the person
社区编码|code of the community
社区名称|name of the community
设施名称|name of the facility
项目名称|name of the project
项目编号|code of the project
迁出地地址|address of origin
迁出地区划|division of origin
帮扶责任人|responsible for the help
收款代号|code of the payee
所属月份|month that it is for
涉及人员|person concerned
家庭人口|persons counted
就业地区划|division of the job
意向地区|division wished for
就业记录|job (placement)
政策依据|policy (reference)
走访目的|purpose of the visit
结束原因|why it ended
涉及记录|records concerned
登记凭据|register entry (reference)
与户主关系|relation to the head
申请编号|number of the request
内容的类型和版本|type and version of the content
证件类型|kind of document
安置方式|way of resettlement
线索来源|source of the flag
资金来源|source of the money
入住情况|how it is lived in
是否在岗|still works
有异议的记录|disputed record
被作废记录|record to be voided
被更正记录|record to be corrected
`
