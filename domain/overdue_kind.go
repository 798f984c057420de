package domain

// OverdueKind is what should have been done; its String is its code.
type OverdueKind uint8

// The kinds of overdue things. Those of a household come first; the last two are those of
// facilities and import batches.
const (
	OverdueTitle OverdueKind = iota
	OverdueVerification
	OverdueZeroJobVisit
	OverdueDecision
	OverduePlan
	OverdueReview
	OverdueIncome
	OverdueVisit
	OverdueGrievance
	OverdueRectification
	OverdueFacility
	OverdueRejected
	overdueKinds
)

var overdueTerms = [overdueKinds]Term{
	{"title", Text{"办证超期", "title overdue"}},
	{"job_verification", Text{"就业核实超期", "job verification overdue"}},
	{"zero_job_visit", Text{"零就业户走访超期", "visit to a zero-job household overdue"}},
	{"risk_decision", Text{"线索认定超期", "decision on a risk flag overdue"}},
	{"help_plan", Text{"帮扶计划超期", "help plan overdue"}},
	{"risk_review", Text{"监测回访超期", "review of a case overdue"}},
	{"income", Text{"收入申报超期", "income declaration overdue"}},
	{"visit", Text{"走访超期", "visit overdue"}},
	{"grievance", Text{"诉求办结超期", "grievance overdue"}},
	{"rectification", Text{"整改超期", "rectification overdue"}},
	{"facility", Text{"设施投用超期", "opening of a facility overdue"}},
	{"rejected_rows", Text{"退回行更正超期", "rejected rows overdue"}},
}

// OverdueKinds returns the terms by number; the caller must not change them.
func OverdueKinds() []Term { return overdueTerms[:] }

// String returns the kind's code.
func (k OverdueKind) String() string { return overdueTerms[k].Code }

// MarshalText implements encoding.TextMarshaler.
func (k OverdueKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; an unknown code stays as it was.
func (k *OverdueKind) UnmarshalText(b []byte) error {
	if got, ok := ParseOverdueKind(string(b)); ok {
		*k = got
	}
	return nil
}

// ParseOverdueKind finds the kind of a code.
func ParseOverdueKind(code string) (OverdueKind, bool) {
	for i := range overdueTerms {
		if overdueTerms[i].Code == code {
			return OverdueKind(i), true
		}
	}
	return 0, false
}

// DiscrepancyKind is the code of a contradiction between facts.
type DiscrepancyKind string

// The contradictions that release 1 finds.
const (
	TwoOpenPlacements  DiscrepancyKind = "two_open_placements"
	AfterDeath         DiscrepancyKind = "after_death"
	AfterClosing       DiscrepancyKind = "after_closing"
	TitleBeforeKeys    DiscrepancyKind = "title_before_keys"
	PaidAfterEnd       DiscrepancyKind = "paid_after_end"
	OverspentFund      DiscrepancyKind = "disbursed_over_allocated"
	InTwoHouseholds    DiscrepancyKind = "in_two_households"
	BeforeBirth        DiscrepancyKind = "before_birth"
	BeforeRegistration DiscrepancyKind = "before_registration"
	LeftNotArrived     DiscrepancyKind = "left_not_arrived"
	VerifiedAfterEnd   DiscrepancyKind = "verified_after_end"
	EndedBeforeStart   DiscrepancyKind = "ended_before_start"
	SecondNumber       DiscrepancyKind = "registered_twice"
	RegisteredAgain    DiscrepancyKind = "registered_again"
	HeadGone           DiscrepancyKind = "head_gone"
	OtherHead          DiscrepancyKind = "other_head"
	LeftNonMember      DiscrepancyKind = "left_non_member"
	FoundAfterSplit    DiscrepancyKind = "found_after_split"
	Disputed           DiscrepancyKind = "disputed"
	InTwoCounties      DiscrepancyKind = "in_two_counties"
	PartsDoNotSum      DiscrepancyKind = "parts_do_not_sum"
	DwellingTwice      DiscrepancyKind = "dwelling_in_two_households"
	RestsOnVoided      DiscrepancyKind = "rests_on_voided"
	CorrectedAway      DiscrepancyKind = "corrected_away"
)

var _ = enumerate[DiscrepancyKind](
	Term{"two_open_placements", Text{"同时有两份就业", "two placements open at once"}},
	Term{"after_death", Text{"死亡后仍有记录", "a fact after the person's death"}},
	Term{"after_closing", Text{"销户后仍有记录", "a fact after the household was closed"}},
	Term{"title_before_keys", Text{"产权早于交付", "a title step before the keys"}},
	Term{"paid_after_end", Text{"待遇终止后仍发放", "paid after the entitlement ended"}},
	Term{"disbursed_over_allocated", Text{"拨付超过下达", "more disbursed than allocated"}},
	Term{"in_two_households", Text{"同时在两户", "in two households at once"}},
	Term{"before_birth", Text{"早于出生", "a fact before the person's birth"}},
	Term{"before_registration", Text{"早于登记", "a fact before the household's registration"}},
	Term{"left_not_arrived", Text{"已迁出未迁入", "left, not arrived"}},
	Term{"verified_after_end", Text{"离职后核实在岗", "verified as working after the job ended"}},
	Term{"ended_before_start", Text{"离职早于入职", "ended before it started"}},
	Term{"registered_twice", Text{"疑似重复登记", "one ID number registered twice"}},
	Term{"registered_again", Text{"同一户登记两次", "the household was registered by a second fact"}},
	Term{"head_gone", Text{"户主已故、已迁出或不是成员，尚无新户主", "the head died, left or is no member, and nobody follows him"}},
	Term{"other_head", Text{"原户主与已知户主不符", "the head who was replaced is not the one that was known"}},
	Term{"left_non_member", Text{"迁出或分出时此人已不是该户成员", "left, or was split off, when he was no member any more"}},
	Term{"found_after_split", Text{"分户后才查明当时在户，留在原户", "found to have been there after the household was split; he stays in what remained"}},
	Term{"disputed", Text{"有异议待答复", "disputed, and not answered"}},
	Term{"in_two_counties", Text{"同时在两县", "in two counties at once"}},
	Term{"parts_do_not_sum", Text{"分项与总数不符", "parts that do not sum"}},
	Term{"dwelling_in_two_households", Text{"同一住房属于两户", "one dwelling in two households"}},
	Term{"rests_on_voided", Text{"所依据的记录已作废", "what it rests on was voided"}},
	Term{"corrected_away", Text{"更正写到了另一户（或另一对象）名下", "a correction names somebody or something of another household"}})
