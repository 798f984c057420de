package domain

// File is everything recorded under one home, folded (一户一档): dated registers, each in fold
// order, so that any question can be asked for any day by reading the entries up to it. A
// household's file also holds the facts of its persons, dwellings, cases and grievances; a
// community's, facility's, project's, fund's or batch's file holds only its own.
//
// The zero File is ready for use. A File is not safe for concurrent writing; folded, it may be
// read by many.
type File struct {
	Home   Entity
	origin origin

	Registrations []Registration
	Memberships   []Membership
	Profiles      []Profile
	Identities    []Identity
	Deaths        []Death
	Moves         []Move
	Closings      []Closing
	Lineages      []Lineage

	Handovers    []Handover
	Occupancies  []Occupancy
	TitleSteps   []TitleStep
	Homesteads   []HomesteadState
	Residences   []Residence
	Entitlements []EntitlementStep
	Payments     []Payment
	Grievances   []GrievanceStep

	Wishes     []Wish
	Trainings  []Training
	Spells     []Spell
	Statements []Statement
	Endings    []Ending
	Businesses []BusinessStep
	Links      []Link
	Services   []ServiceStep
	Visits     []Visit
	Incomes    []Income
	CaseSteps  []CaseStep
	Findings   []FindingStep

	Communities []CommunityRecord
	Facilities  []FacilityStage
	Projects    []ProjectStage
	Money       []MoneyStep
	Batches     []Batch
	KeysGone    []Mark // person.key_destroyed
}

// Mark says when an entry of a register was true and where the event it rests on stands.
type Mark struct {
	Day   Day
	at    uint32 // where its record begins in the register
	file  *File
	Place Place
}

// ID returns the event's id. It is read off the register when asked for: most ids are hashes of
// their keys, and few of a file's events are ever named.
func (m *Mark) ID() EventID {
	rec, _ := readRecord(m.file.origin.records[m.at:], m.file.origin.symbols)
	return rec.stamp.ID
}

// origin is the register that a file was folded from; registers never change.
type origin struct {
	symbols symbols
	records []byte
}

func (s Stamp) mark() Mark { return Mark{s.Day(), s.at, s.file, s.Place} }

// UpTo returns the entries of a register, which is in fold order, that were true by the end of
// day. day may be before the first: the result is empty.
func UpTo[T interface{ on() Day }](register []T, day Day) []T {
	n := len(register)
	for n > 0 && register[n-1].on() > day {
		n--
	}
	return register[:n]
}

func (m Mark) on() Day { return m.Day }
