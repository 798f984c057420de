package domain

// WorkWish is what a person without work wants.
type WorkWish string

// WorkConstraint is what keeps a person from work.
type WorkConstraint string

// JobChannel is how a person came to a job (就业渠道).
type JobChannel string

// Answer is yes, no or unknown: a statement that somebody made.
type Answer string

// VerifyMethod is how a job was verified (核实方式).
type VerifyMethod string

// JobEndReason is why a job ended.
type JobEndReason string

// BusinessKind is what a household member's own business does.
type BusinessKind string

// BusinessEndReason is why a business closed.
type BusinessEndReason string

// The answers.
const (
	Yes      Answer = "yes"
	No       Answer = "no"
	NotKnown Answer = "unknown"
)

var (
	_ = enumerate[WorkWish](
		Term{"work", Text{"务工", "work"}},
		Term{"start_business", Text{"创业", "start a business"}},
		Term{"train", Text{"培训", "training"}})
	_ = enumerate[WorkConstraint](
		Term{"child_care", Text{"照看子女", "child care"}},
		Term{"health", Text{"健康", "health"}},
		Term{"age", Text{"年龄", "age"}})
	_ = enumerate[JobChannel](
		Term{"factory", Text{"企业吸纳", "taken on by an enterprise"}},
		Term{"workshop", Text{"帮扶车间", "workshop"}},
		Term{"public_welfare_post", Text{"公益性岗位", "public-welfare post"}},
		Term{"work_relief", Text{"以工代赈", "work relief"}},
		Term{"labour_export", Text{"劳务输出", "labour export"}},
		Term{"self_found", Text{"自主就业", "self-found"}})
	_ = enumerate[Answer](
		Term{"yes", Text{"是", "yes"}},
		Term{"no", Text{"否", "no"}},
		Term{"unknown", Text{"不详", "unknown"}})
	_ = enumerate[VerifyMethod](
		Term{"call", Text{"电话", "call"}},
		Term{"visit", Text{"入户", "visit"}},
		Term{"payroll", Text{"工资单", "payroll"}},
		Term{"insurance_match", Text{"社保比对", "insurance match"}},
		Term{"statistics", Text{"统计", "statistics"}})
	_ = enumerate[JobEndReason](
		Term{"contract_ended", Text{"合同到期", "contract ended"}},
		Term{"dismissed", Text{"辞退", "dismissed"}},
		Term{"resigned", Text{"辞职", "resigned"}},
		Term{"returned_home", Text{"返乡", "returned home"}},
		Term{"illness", Text{"生病", "illness"}},
		Term{"retired", Text{"退休", "retired"}},
		Term{"died", Text{"死亡", "died"}},
		Term{"unknown", Text{"不详", "unknown"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[BusinessKind](
		Term{"shop", Text{"商店", "shop"}},
		Term{"catering", Text{"餐饮", "catering"}},
		Term{"transport", Text{"运输", "transport"}},
		Term{"farming", Text{"种植", "farming"}},
		Term{"livestock", Text{"养殖", "livestock"}},
		Term{"processing", Text{"加工", "processing"}},
		Term{"service", Text{"服务", "service"}},
		Term{"online", Text{"电商", "online trade"}},
		Term{"other", Text{"其他", "other"}})
	_ = enumerate[BusinessEndReason](
		Term{"loss", Text{"亏损", "loss"}},
		Term{"illness", Text{"生病", "illness"}},
		Term{"job_found", Text{"转为就业", "found a job"}},
		Term{"moved", Text{"迁出", "moved"}},
		Term{"other", Text{"其他", "other"}})
)

// JobWanted says that a person wants work (求职登记).
type JobWanted struct {
	Person        PersonID                     `json:"person,omitzero" anju:"required" zh:"人员"`
	Wish          WorkWish                     `json:"wish,omitzero" anju:"required" zh:"意愿"`
	Constraint    SensitiveBox[WorkConstraint] `json:"constraint,omitzero" zh:"限制"`
	PlaceDivision Division                     `json:"place_division,omitzero" zh:"意向地区"`
}

var _ = define[JobWanted](Kind{
	Name: "job.wanted", Rank: 280, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss", "community"},
	Label:  Text{"求职登记", "Job wanted"},
	Effect: Text{"就业：求职中", "employment: seeking"},
	Sample: &JobWanted{Person: samplePerson, Wish: "work", Constraint: OpenSensitive[WorkConstraint]("child_care"), PlaceDivision: "520603"},
})

// Check has no rule beyond the fields'.
func (j *JobWanted) Check(*Report) {}

func (j *JobWanted) apply(f *File, s *Stamp) {
	f.work = append(f.work, workFact{Mark: s.mark(), person: j.Person, kind: wished})
}

// TrainingCompleted is a course that a person finished (培训完成).
type TrainingCompleted struct {
	Person      PersonID   `json:"person,omitzero" anju:"required" zh:"人员"`
	Course      string     `json:"course,omitzero" anju:"required" zh:"课程"`
	Hours       Opt[int32] `json:"hours,omitzero" anju:"min=0,max=5000" zh:"学时"`
	Certificate YesNo      `json:"certificate,omitzero" zh:"是否取证"`
	SubsidyFen  Opt[Fen]   `json:"subsidy_fen,omitzero" anju:"min=0" zh:"补贴（分）"`
}

// Training is a course finished.
type Training struct {
	Mark
	Person PersonID
}

var _ = define[TrainingCompleted](Kind{
	Name: "training.completed", Rank: 290, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss"},
	Label:  Text{"培训完成", "Training completed"},
	Effect: Text{"已培训", "trained"},
	Sample: &TrainingCompleted{Person: samplePerson, Course: "缝纫", Hours: Some[int32](40), Certificate: Affirmed},
})

// Check has no rule beyond the fields'.
func (t *TrainingCompleted) Check(*Report) {}

func (t *TrainingCompleted) apply(f *File, s *Stamp) {
	f.Trainings = append(f.Trainings, Training{s.mark(), t.Person})
}

// JobPlaced is a person's placement in a job (就业安置).
type JobPlaced struct {
	Person        PersonID    `json:"person,omitzero" anju:"required" zh:"人员"`
	Placement     PlacementID `json:"placement,omitzero" anju:"mint" zh:"就业记录"`
	Employer      string      `json:"employer,omitzero" zh:"就业单位"`
	Channel       JobChannel  `json:"channel,omitzero" zh:"就业渠道"`
	PlaceDivision Division    `json:"place_division,omitzero" zh:"就业地区划"`
	ContractTo    Date        `json:"contract_to,omitzero" zh:"合同截止"`
	WageFenMonth  Opt[Fen]    `json:"wage_fen_month,omitzero" anju:"min=0,max=10000000" zh:"月工资（分）"`
}

// Spell is the beginning of a person's job.
type Spell struct {
	Mark
	Person    PersonID
	Placement PlacementID
	Channel   JobChannel
	Wage      Opt[Fen]
}

var jobPlaced = define[JobPlaced](Kind{
	Name: "job.placed", Version: 2, Rank: 300, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss"},
	Label:  Text{"就业安置", "Job placed"},
	Effect: Text{"就业：已安置（待核实）", "employment: placed (not yet verified)"},
	Sample: &JobPlaced{
		Person: samplePerson, Placement: samplePlacement, Employer: "某服装车间", Channel: "factory",
		PlaceDivision: "520603", ContractTo: DateOf(MakeDay(2022, 3, 4)), WageFenMonth: Some[Fen](320000),
	},
})

// jobPlacedV1 stated the wage in whole yuan and knew no channel.
type jobPlacedV1 struct {
	Person        PersonID    `json:"person"`
	Placement     PlacementID `json:"placement"`
	Employer      string      `json:"employer,omitzero"`
	PlaceDivision Division    `json:"place_division,omitzero"`
	WageYuanMonth Opt[int64]  `json:"wage_yuan_month,omitzero"`
}

var _ = was(jobPlaced, 1, func(old jobPlacedV1) Fact {
	return &JobPlaced{
		Person: old.Person, Placement: old.Placement, Employer: old.Employer, PlaceDivision: old.PlaceDivision,
		WageFenMonth: Opt[Fen]{Fen(old.WageYuanMonth.V * 100), old.WageYuanMonth.OK},
	}
})

// Check has no rule beyond the fields'.
func (j *JobPlaced) Check(*Report) {}

func (j *JobPlaced) apply(f *File, s *Stamp) {
	f.Spells = append(f.Spells, Spell{s.mark(), j.Person, j.Placement, j.Channel, j.WageFenMonth})
	f.work = append(f.work, workFact{Mark: s.mark(), person: j.Person, placement: j.Placement, kind: placed})
}

// JobVerified states whether a person works (就业核实). Without a placement it speaks of the
// person: still = no says that he does not work, still = yes verifies his own business.
type JobVerified struct {
	Person       PersonID     `json:"person,omitzero" anju:"required" zh:"人员"`
	Placement    PlacementID  `json:"placement,omitzero" zh:"就业记录"`
	Still        Answer       `json:"still,omitzero" anju:"required" zh:"是否在岗"`
	WageFenMonth Opt[Fen]     `json:"wage_fen_month,omitzero" anju:"min=0,max=10000000" zh:"月工资（分）"`
	Method       VerifyMethod `json:"method,omitzero" zh:"核实方式"`
}

// Statement is what somebody stated about a person's work on a day.
type Statement struct {
	Mark
	Person    PersonID
	Placement PlacementID
	Still     Answer
	Wage      Opt[Fen]
}

var _ = define[JobVerified](Kind{
	Name: "job.verified", Rank: 310, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss", "community"},
	Label:  Text{"就业核实", "Job verified"},
	Effect: Text{"就业：已核实；时效重新计算", "employment: verified; freshness clock"},
	Sample: &JobVerified{Person: samplePerson, Placement: samplePlacement, Still: Yes, WageFenMonth: Some[Fen](330000), Method: "insurance_match"},
})

// Check has no rule beyond the fields'.
func (j *JobVerified) Check(*Report) {}

func (j *JobVerified) apply(f *File, s *Stamp) {
	f.Statements = append(f.Statements, Statement{s.mark(), j.Person, j.Placement, j.Still, j.WageFenMonth})
	f.work = append(f.work, workFact{Mark: s.mark(), person: j.Person, placement: j.Placement, kind: verified, still: j.Still})
}

// JobEnded ends a placement (离职).
type JobEnded struct {
	Person    PersonID     `json:"person,omitzero" anju:"required" zh:"人员"`
	Placement PlacementID  `json:"placement,omitzero" anju:"required" zh:"就业记录"`
	Reason    JobEndReason `json:"reason,omitzero" zh:"原因"`
}

// Ending is the end of a person's job.
type Ending struct {
	Mark
	Person    PersonID
	Placement PlacementID
}

var _ = define[JobEnded](Kind{
	Name: "job.ended", Rank: 320, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss"},
	Label:  Text{"离职", "Job ended"},
	Effect: Text{"就业：失去工作；30天与60天计时开始", "employment: out of work; starts the 30/60-day clocks"},
	Sample: &JobEnded{Person: samplePerson, Placement: samplePlacement, Reason: "contract_ended"},
})

// Check has no rule beyond the fields'.
func (j *JobEnded) Check(*Report) {}

func (j *JobEnded) apply(f *File, s *Stamp) {
	f.Endings = append(f.Endings, Ending{s.mark(), j.Person, j.Placement})
	f.work = append(f.work, workFact{Mark: s.mark(), person: j.Person, placement: j.Placement, kind: ended})
}

// BusinessStarted is a person's own business (自主创业).
type BusinessStarted struct {
	Person     PersonID     `json:"person,omitzero" anju:"required" zh:"人员"`
	Kind       BusinessKind `json:"kind,omitzero" anju:"required" zh:"类型"`
	SubsidyFen Opt[Fen]     `json:"subsidy_fen,omitzero" anju:"min=0" zh:"补贴（分）"`
}

var _ = define[BusinessStarted](Kind{
	Name: "business.started", Rank: 330, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss", "market"},
	Label:  Text{"自主创业", "Business started"},
	Effect: Text{"就业：自营", "employment: self-employed"},
	Sample: &BusinessStarted{Person: samplePerson, Kind: "shop", SubsidyFen: Some[Fen](500000)},
})

// Check has no rule beyond the fields'.
func (b *BusinessStarted) Check(*Report) {}

func (b *BusinessStarted) apply(f *File, s *Stamp) {
	f.work = append(f.work, workFact{Mark: s.mark(), person: b.Person, kind: businessStarted})
}

// BusinessClosed ends a person's own business (停业).
type BusinessClosed struct {
	Person PersonID          `json:"person,omitzero" anju:"required" zh:"人员"`
	Reason BusinessEndReason `json:"reason,omitzero" zh:"原因"`
}

var _ = define[BusinessClosed](Kind{
	Name: "business.closed", Rank: 340, Area: 2, Home: HouseholdKind, Departments: []Department{"hrss", "market"},
	Label:  Text{"停业", "Business closed"},
	Effect: Text{"就业：失去工作", "employment: out of work"},
	Sample: &BusinessClosed{Person: samplePerson, Reason: "loss"},
})

// Check has no rule beyond the fields'.
func (b *BusinessClosed) Check(*Report) {}

func (b *BusinessClosed) apply(f *File, s *Stamp) {
	f.work = append(f.work, workFact{Mark: s.mark(), person: b.Person, kind: businessClosed})
}
