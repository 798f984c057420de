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
	HeadChanges   []HeadChange
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

	Trainings  []Training
	Spells     []Spell
	Statements []Statement
	Endings    []Ending
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
	Targets     []TargetStep
	Batches     []Batch
	KeysGone    []Mark // person.key_destroyed
	Disputes    []Dispute

	acts map[EventID]act // in force, by target; nil when there are none
	work []workFact      // wishes, spells, statements, endings, businesses and classes together
}

// reset empties the file's registers and keeps their room.
func (f *File) reset() {
	f.Registrations = f.Registrations[:0]
	f.Memberships = f.Memberships[:0]
	f.HeadChanges = f.HeadChanges[:0]
	f.Identities = f.Identities[:0]
	f.Deaths = f.Deaths[:0]
	f.Moves = f.Moves[:0]
	f.Closings = f.Closings[:0]
	f.Lineages = f.Lineages[:0]
	f.Handovers = f.Handovers[:0]
	f.Occupancies = f.Occupancies[:0]
	f.TitleSteps = f.TitleSteps[:0]
	f.Homesteads = f.Homesteads[:0]
	f.Residences = f.Residences[:0]
	f.Entitlements = f.Entitlements[:0]
	f.Payments = f.Payments[:0]
	f.Grievances = f.Grievances[:0]
	f.Trainings = f.Trainings[:0]
	f.Spells = f.Spells[:0]
	f.Statements = f.Statements[:0]
	f.Endings = f.Endings[:0]
	f.Links = f.Links[:0]
	f.Services = f.Services[:0]
	f.Visits = f.Visits[:0]
	f.Incomes = f.Incomes[:0]
	f.CaseSteps = f.CaseSteps[:0]
	f.Findings = f.Findings[:0]
	f.Communities = f.Communities[:0]
	f.Facilities = f.Facilities[:0]
	f.Projects = f.Projects[:0]
	f.Money = f.Money[:0]
	f.Targets = f.Targets[:0]
	f.Batches = f.Batches[:0]
	f.KeysGone = f.KeysGone[:0]
	f.Disputes = f.Disputes[:0]
	f.work = f.work[:0]
}

// Mark says when an entry of a register was true and where the event it rests on stands.
type Mark struct {
	Day  Day
	at   uint32 // where its record begins in the register
	file *File
}

// ID returns the event's id. It is read off the register when asked for: most ids are hashes of
// their keys, and few of a file's events are ever named.
func (m *Mark) ID() EventID {
	t := m.file.origin.symbols
	rec, _ := readHead(m.file.origin.records[m.at:], t)
	return rec.id(t)
}

// Place returns where the event stands in the ledger.
func (m *Mark) Place() Place {
	rec, _ := readHead(m.file.origin.records[m.at:], m.file.origin.symbols)
	return rec.place
}

// origin is the register that a file was folded from; registers never change.
type origin struct {
	symbols symbols
	records []byte
}

func (s *Stamp) mark() Mark { return Mark{s.day, s.at, s.file} }

// key reads the fact's business key off the register, while it is folded.
func (s *Stamp) key() string {
	t := s.file.origin.symbols
	rec, _ := readHead(s.file.origin.records[s.at:], t)
	return string(rec.appendKey(nil, t))
}

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
