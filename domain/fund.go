package domain

// FundSource is where money comes from (资金来源).
type FundSource string

var _ = enumerate[FundSource](
	Term{"central_budget", Text{"中央预算内", "central budget"}},
	Term{"bridging", Text{"衔接资金", "bridging funds"}},
	Term{"bond", Text{"地方政府债券", "local government bond"}},
	Term{"quota_proceeds", Text{"增减挂钩节余指标收益", "land-quota proceeds"}},
	Term{"donation", Text{"捐赠", "donation"}},
	Term{"east_west", Text{"东西部协作", "east-west cooperation"}},
	Term{"other", Text{"其他", "other"}})

// Purpose is what money is for: exactly one of a facility and an industry project.
type Purpose struct {
	Facility FacilityID `json:"facility,omitzero" zh:"设施"`
	Project  ProjectID  `json:"project,omitzero" zh:"产业项目"`
}

func (p Purpose) check(r *Report) {
	if p.Facility.Present() == p.Project.Present() {
		r.Add("/for", "", Malformed, Text{"资金用途必须是一个设施或一个产业项目", "money is for one facility or one project, not both"},
			Text{"请只填写 facility 或 project 之一", "give exactly one of facility and project"})
	}
}

// FundAllocated gives money to a facility or project (资金下达); it creates the fund, which is
// one source's money for one purpose.
type FundAllocated struct {
	Fund      FundID      `json:"fund,omitzero" anju:"create" zh:"资金"`
	For       Purpose     `json:"for,omitzero" anju:"required" zh:"用于"`
	Source    FundSource  `json:"source,omitzero" anju:"required" zh:"资金来源"`
	AmountFen Fen         `json:"amount_fen,omitzero" anju:"required,min=1" zh:"金额（分）" en:"amount (fen)"`
	Year      int32       `json:"year,omitzero" anju:"required,min=2012,max=2100" zh:"年度"`
	Measure   MeasureCode `json:"measure,omitzero" anju:"fold" zh:"措施"`
}

// MoneyStep is money allocated to, or spent from, the file's fund.
type MoneyStep struct {
	Mark
	For      Purpose
	Source   FundSource // of an allocation
	Amount   Fen
	Year     int32 // of an allocation
	Measure  MeasureCode
	Spent    bool
	Division Division
}

var _ = define[FundAllocated](Kind{
	Name: "fund.allocated", Rank: 460, Area: 5, Home: FundKind, Departments: []Department{"finance", "ndrc"},
	Label:  Text{"资金下达", "Fund allocated"},
	Effect: Text{"资金：已下达", "money: allocated"},
	Sample: &FundAllocated{
		Fund: sampleFund, For: Purpose{Facility: sampleFacility}, Source: "bond", AmountFen: 1_468_000_000, Year: 2018, Measure: "a1",
	},
})

// Check wants exactly one purpose.
func (m *FundAllocated) Check(r *Report) {
	m.For.check(r)
	m.Measure.check(r, "/measure")
}

func (m *FundAllocated) apply(f *File, s *Stamp) {
	f.Money = append(f.Money, MoneyStep{
		Mark: s.mark(), For: m.For, Source: m.Source, Amount: m.AmountFen, Year: m.Year, Measure: m.Measure, Division: s.Division,
	})
}

// FundDisbursed spends money of a fund (资金拨付).
type FundDisbursed struct {
	Fund      FundID  `json:"fund,omitzero" anju:"required" zh:"资金"`
	For       Purpose `json:"for,omitzero" zh:"用于"`
	AmountFen Fen     `json:"amount_fen,omitzero" anju:"required,min=1" zh:"金额（分）" en:"amount (fen)"`
	Purpose   string  `json:"purpose,omitzero" zh:"用途"`
	VoucherNo string  `json:"voucher_no,omitzero" anju:"required,ref" zh:"凭证号" en:"voucher number"`
}

var _ = define[FundDisbursed](Kind{
	Name: "fund.disbursed", Rank: 470, Area: 5, Home: FundKind, Departments: []Department{"finance", "ndrc"},
	Label:  Text{"资金拨付", "Fund disbursed"},
	Effect: Text{"资金：已支出；支出不得超过下达", "money: spent; more spent than allocated is a discrepancy"},
	Sample: &FundDisbursed{
		Fund: sampleFund, For: Purpose{Facility: sampleFacility}, AmountFen: 31_000_000, Purpose: "工程款", VoucherNo: "PZ000002",
	},
})

// Check wants at most one purpose; none means the fund's own.
func (m *FundDisbursed) Check(r *Report) {
	if m.For != (Purpose{}) {
		m.For.check(r)
	}
}

func (m *FundDisbursed) apply(f *File, s *Stamp) {
	f.Money = append(f.Money, MoneyStep{Mark: s.mark(), For: m.For, Amount: m.AmountFen, Spent: true, Division: s.Division})
}
