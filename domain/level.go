package domain

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Dimension is one of the ten sides of a household's support status (DOMAIN §4).
type Dimension uint8

// The dimensions, in the order of the catalogue: D1 to D10.
const (
	Housing Dimension = iota
	Title
	Employment
	Industry
	Services
	Organisation // D6, written "community"
	Rights
	IncomeLevel // D8, written "income"
	Risk        // D9
	Data        // D10
	dimensions
)

// Level is a dimension's level, worst first from 1; 0 is not applicable.
type Level uint8

// NotApplicable is outside the ranking of every dimension.
const NotApplicable Level = 0

// The levels of each dimension, worst first.
const (
	NoHome Level = iota + 1
	HousingUnknown
	HousingVacant
	HousingLetOut
	HousingSeasonal
	KeysOnly
	HousingLivedIn

	TitleNone      Level = 1
	TitleInProcess Level = 2
	TitleIssued    Level = 3

	EmploymentUnknown Level = 1
	EmploymentNone    Level = 2
	EmploymentSeeking Level = 3
	EmploymentPlaced  Level = 4
	EmploymentProven  Level = 5 // verified
	EmploymentTwo     Level = 6 // verified_2plus

	IndustryNone   Level = 1
	IndustryLinked Level = 2

	ServicesGap     Level = 1
	ServicesUnknown Level = 2
	ServicesPartial Level = 3
	ServicesCovered Level = 4

	CommunityUnknown Level = 1
	Organised        Level = 2
	RegisteredHere   Level = 3

	GrievanceOpen     Level = 1
	OldHouseUnsettled Level = 2
	RightsUnknown     Level = 3
	RightsSecured     Level = 4

	BelowLine     Level = 1
	IncomeUnknown Level = 2
	NearLine      Level = 3
	AboveLine     Level = 4
	IncomeGrowing Level = 5

	Monitored       Level = 1
	RiskFlag        Level = 2
	ClearedWatching Level = 3
	RiskNone        Level = 4

	DataDiscrepancy Level = 1
	DataDuplicate   Level = 2
	DataStale       Level = 3
	DataFresh       Level = 4
)

// dimensionTerms names the dimensions; levelTerms their levels, at 0 "n/a".
var (
	notApplicable  = Term{"n/a", Text{"不适用", "not applicable"}}
	dimensionTerms = [dimensions]Term{
		{"housing", Text{"住房", "housing"}},
		{"title", Text{"产权", "title"}},
		{"employment", Text{"就业", "employment"}},
		{"industry", Text{"产业", "industry"}},
		{"services", Text{"公共服务", "services"}},
		{"community", Text{"社区", "community"}},
		{"rights", Text{"权益", "rights"}},
		{"income", Text{"收入", "income"}},
		{"risk", Text{"风险", "risk"}},
		{"data", Text{"数据", "data"}},
	}
	levelTerms = [dimensions][]Term{
		{
			notApplicable,
			{"no_home", Text{"未入住", "no home"}},
			{"unknown", Text{"未知", "unknown"}},
			{"vacant", Text{"空置", "vacant"}},
			{"let_out", Text{"出租", "let out"}},
			{"seasonal", Text{"季节性居住", "seasonal"}},
			{"keys_only", Text{"已交付未核查", "keys only"}},
			{"lived_in", Text{"常住", "lived in"}},
		},
		{notApplicable, {"none", Text{"未申请", "none"}}, {"in_process", Text{"办理中", "in process"}}, {"issued", Text{"已办证", "issued"}}},
		{
			notApplicable,
			{"unknown", Text{"未知", "unknown"}},
			{"none", Text{"无就业", "none"}},
			{"seeking", Text{"求职中", "seeking"}},
			{"placed", Text{"已安置待核实", "placed"}},
			{"verified", Text{"已核实", "verified"}},
			{"verified_2plus", Text{"两人以上已核实", "two or more verified"}},
		},
		{notApplicable, {"none", Text{"未联结", "none"}}, {"linked", Text{"已联结", "linked"}}},
		{
			notApplicable,
			{"gap", Text{"有缺口", "gap"}},
			{"unknown", Text{"未知", "unknown"}},
			{"partial", Text{"部分覆盖", "partial"}},
			{"covered", Text{"全覆盖", "covered"}},
		},
		{notApplicable, {"unknown", Text{"未知", "unknown"}}, {"organised", Text{"已有组织", "organised"}}, {"registered_here", Text{"已在安置地登记", "registered here"}}},
		{
			notApplicable,
			{"grievance_open", Text{"诉求未办结", "grievance open"}},
			{"old_house_unsettled", Text{"旧房未处置", "old house unsettled"}},
			{"unknown", Text{"未知", "unknown"}},
			{"secured", Text{"已保障", "secured"}},
		},
		{
			notApplicable,
			{"below_line", Text{"低于线", "below the line"}},
			{"unknown", Text{"未知", "unknown"}},
			{"near_line", Text{"接近线", "near the line"}},
			{"above", Text{"高于线", "above"}},
			{"growing", Text{"增长", "growing"}},
		},
		{
			notApplicable,
			{"monitored", Text{"监测中", "monitored"}},
			{"flagged", Text{"有线索", "flagged"}},
			{"cleared_watching", Text{"消除后观察", "cleared, watching"}},
			{"none", Text{"无风险", "none"}},
		},
		{
			notApplicable,
			{"discrepancy", Text{"有矛盾", "discrepancy"}},
			{"duplicate_suspected", Text{"疑似重复", "duplicate suspected"}},
			{"stale", Text{"有过期", "stale"}},
			{"fresh", Text{"新鲜", "fresh"}},
		},
	}
)

// Dimensions returns the ten dimensions in order.
func Dimensions() []Dimension {
	all := make([]Dimension, dimensions)
	for i := range all {
		all[i] = Dimension(i)
	}
	return all
}

// DimensionTerms returns the terms of the dimensions in order; the caller must not change them.
func DimensionTerms() []Term { return dimensionTerms[:] }

// String returns the dimension's code, such as "housing".
func (d Dimension) String() string { return dimensionTerms[d].Code }

// Label returns the dimension's names.
func (d Dimension) Label() Text { return dimensionTerms[d].Text }

// Levels returns the dimension's levels by their number; the first is n/a, then worst first.
// The caller must not change them.
func (d Dimension) Levels() []Term { return levelTerms[d] }

// ParseDimension finds the dimension of a code.
func ParseDimension(code string) (Dimension, bool) {
	for i := range dimensionTerms {
		if dimensionTerms[i].Code == code {
			return Dimension(i), true
		}
	}
	return 0, false
}

// ParseLevel finds the level of a code in the dimension.
func (d Dimension) ParseLevel(code string) (Level, bool) {
	for i, t := range levelTerms[d] {
		if t.Code == code {
			return Level(i), true
		}
	}
	return 0, false
}

// Code returns the code of one of the dimension's levels.
func (d Dimension) Code(l Level) string { return levelTerms[d][l].Code }

// State is the overall state of a household; exactly one holds on every day from registration.
type State uint8

// The states; NotRegistered stands before a household's first day.
const (
	NotRegistered State = iota
	Closed
	InCrisis
	AtRisk
	Unproven
	GettingRich
	Stable
	Stabilising
	states
)

var stateTerms = [states]Term{
	{"not_registered", Text{"尚未登记", "not registered yet"}},
	{"closed", Text{"已销户", "closed"}},
	{"in_crisis", Text{"陷入困难", "in crisis"}},
	{"at_risk", Text{"有返贫风险", "at risk of falling back"}},
	{"unproven", Text{"待核实", "unproven"}},
	{"getting_rich", Text{"逐步能致富", "getting rich"}},
	{"stable", Text{"稳得住", "stable"}},
	{"stabilising", Text{"趋于稳定", "stabilising"}},
}

// StateTerms returns the terms of the states that a household can be in, by number: all but that it is not
// registered yet. The caller must not change them.
func StateTerms() []Term { return stateTerms[Closed:] }

// String returns the state's code, such as "at_risk".
func (s State) String() string { return stateTerms[s].Code }

// Label returns the state's names.
func (s State) Label() Text { return stateTerms[s].Text }

// ParseState finds the state of a code.
func ParseState(code string) (State, bool) {
	for i := range stateTerms {
		if stateTerms[i].Code == code {
			return State(i), true
		}
	}
	return 0, false
}

// MarshalText implements encoding.TextMarshaler.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *State) UnmarshalText(b []byte) error {
	got, ok := ParseState(string(b))
	if !ok {
		return errors.New("unknown state")
	}
	*s = got
	return nil
}

// Readings are the ten dimensions of one answer; in JSON an object by dimension.
type Readings [dimensions]Reading

// MarshalJSONTo writes the readings as an object, in the order of the dimensions.
func (r *Readings) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i := range r {
		if err := enc.WriteToken(jsontext.String(dimensionTerms[i].Code)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, &r[i]); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// UnmarshalJSONFrom reads the object that MarshalJSONTo writes.
func (r *Readings) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var byName map[string]Reading
	if err := json.UnmarshalDecode(dec, &byName); err != nil {
		return err
	}
	for name, reading := range byName {
		if d, ok := ParseDimension(name); ok {
			r[d] = reading
		}
	}
	return nil
}
