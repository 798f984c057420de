package domain

// EntitlementKind is a kind of regular or one-off payment (待遇).
type EntitlementKind string

// EndReason is why an entitlement ended.
type EndReason string

var (
	_ = enumerate[EntitlementKind](
		Term{"dibao", Text{"最低生活保障", "minimum living allowance"}},
		Term{"tekun", Text{"特困供养", "support for the destitute"}},
		Term{"pension", Text{"养老金", "pension"}},
		Term{"medical", Text{"医疗救助", "medical assistance"}},
		Term{"disability", Text{"残疾补贴", "disability allowance"}},
		Term{"temporary_relief", Text{"临时救助", "temporary relief"}})
	_ = enumerate[EndReason](
		Term{"income_rose", Text{"收入提高", "income rose"}},
		Term{"died", Text{"死亡", "died"}},
		Term{"moved", Text{"迁出", "moved"}},
		Term{"expired", Text{"期满", "expired"}},
		Term{"not_entitled", Text{"不再符合条件", "no longer entitled"}},
		Term{"other", Text{"其他", "other"}})
)

// SafetyNet reports whether the kind keeps a household that cannot work above need (DOMAIN §4).
func (k EntitlementKind) SafetyNet() bool {
	switch k {
	case "dibao", "tekun", "pension", "disability":
		return true
	}
	return false
}

// checkOneOf refuses a payload that names both or neither of its two possible bearers.
func checkOneOf(r *Report, a, b string, hasA, hasB bool) {
	if hasA != hasB {
		return
	}
	r.Add("/"+a, "", Missing, Text{a + " 与 " + b + " 必须且只能填写一个", "exactly one of " + a + " and " + b + " is given"},
		Text{"请只填写 " + a + " 或 " + b, "give " + a + " or " + b + " alone"})
}

// EntitlementStarted begins a payment to a person or household (待遇开始).
type EntitlementStarted struct {
	Person         PersonID                      `json:"person,omitzero" zh:"人员"`
	Household      HouseholdID                   `json:"household,omitzero" zh:"户"`
	Kind           SensitiveBox[EntitlementKind] `json:"kind,omitzero" anju:"required" zh:"待遇类型"`
	AmountFenMonth Opt[Fen]                      `json:"amount_fen_month,omitzero" anju:"min=0" zh:"月金额（分）"`
	Until          Date                          `json:"until,omitzero" zh:"截止日期"`
}

// EntitlementStep is the beginning or end of one kind of payment.
type EntitlementStep struct {
	Mark
	Person PersonID
	Kind   EntitlementKind // "" when its key was destroyed
	Until  Day
	Ends   bool
}

var _ = define[EntitlementStarted](Kind{
	Name: "entitlement.started", Rank: 230, Area: 4, Home: HouseholdKind, Departments: []Department{"civil", "hrss", "hsa"},
	Label:  Text{"待遇开始", "Entitlement started"},
	Effect: Text{"兜底保障生效；计入收入", "safety net on; income part"},
	Sample: &EntitlementStarted{Person: samplePerson, Kind: OpenSensitive[EntitlementKind]("dibao"), AmountFenMonth: Some[Fen](35000)},
})

// Check asks for exactly one bearer.
func (e *EntitlementStarted) Check(r *Report) {
	checkOneOf(r, "person", "household", e.Person.Present(), e.Household.Present())
}

func (e *EntitlementStarted) apply(f *File, s *Stamp) {
	kind, _ := e.Kind.Value()
	f.Entitlements = append(f.Entitlements, EntitlementStep{s.mark(), e.Person, kind, e.Until.Day(), false})
}

// EntitlementEnded ends a payment (待遇终止).
type EntitlementEnded struct {
	Person    PersonID                      `json:"person,omitzero" zh:"人员"`
	Household HouseholdID                   `json:"household,omitzero" zh:"户"`
	Kind      SensitiveBox[EntitlementKind] `json:"kind,omitzero" anju:"required" zh:"待遇类型"`
	Reason    EndReason                     `json:"reason,omitzero" anju:"required" zh:"原因"`
}

var _ = define[EntitlementEnded](Kind{
	Name: "entitlement.ended", Rank: 240, Area: 4, Home: HouseholdKind, Departments: []Department{"civil", "hrss", "hsa"},
	Label:  Text{"待遇终止", "Entitlement ended"},
	Effect: Text{"兜底保障终止；可能提高风险", "safety net off; may raise risk"},
	Sample: &EntitlementEnded{Household: sampleHousehold, Kind: OpenSensitive[EntitlementKind]("dibao"), Reason: "income_rose"},
})

// Check asks for exactly one bearer.
func (e *EntitlementEnded) Check(r *Report) {
	checkOneOf(r, "person", "household", e.Person.Present(), e.Household.Present())
}

func (e *EntitlementEnded) apply(f *File, s *Stamp) {
	kind, _ := e.Kind.Value()
	f.Entitlements = append(f.Entitlements, EntitlementStep{s.mark(), e.Person, kind, NoDay, true})
}

// BenefitPaid is one payment made (待遇发放).
type BenefitPaid struct {
	Person     PersonID                      `json:"person,omitzero" zh:"人员"`
	Household  HouseholdID                   `json:"household,omitzero" zh:"户"`
	Kind       SensitiveBox[EntitlementKind] `json:"kind,omitzero" anju:"required" zh:"待遇类型"`
	AmountFen  Opt[Fen]                      `json:"amount_fen,omitzero" anju:"required,min=0" zh:"金额（分）"`
	Period     Month                         `json:"period,omitzero" zh:"所属月份"`
	PayeeToken PersonalBox[string]           `json:"payee_token,omitzero" zh:"收款代号"`
}

// Payment is money paid to a person or to the household.
type Payment struct {
	Mark
	Person PersonID
	Kind   EntitlementKind
	Amount Fen
	Period Month
}

var _ = define[BenefitPaid](Kind{
	Name: "benefit.paid", Rank: 250, Area: 4, Home: HouseholdKind, Departments: []Department{"finance", "civil", "hrss", "hsa"},
	Label:  Text{"待遇发放", "Benefit paid"},
	Effect: Text{"资金视图；核对发放", "money view; reconciliation"},
	Sample: &BenefitPaid{Person: samplePerson, Kind: OpenSensitive[EntitlementKind]("dibao"), AmountFen: Some[Fen](35000), Period: MakeMonth(2021, 5), PayeeToken: OpenPersonal("payee_1")},
})

// Check asks for exactly one payee.
func (b *BenefitPaid) Check(r *Report) {
	checkOneOf(r, "person", "household", b.Person.Present(), b.Household.Present())
}

func (b *BenefitPaid) apply(f *File, s *Stamp) {
	kind, _ := b.Kind.Value()
	f.Payments = append(f.Payments, Payment{s.mark(), b.Person, kind, b.AmountFen.V, b.Period})
}
