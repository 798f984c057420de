package domain

// Files gives the folded files of neighbours: communities, projects, and the homes of members
// who moved in or out. A nil Files knows none; what rests on neighbours is then unknown.
type Files interface {
	// File returns the folded file of a home. The file is the callee's; it may be read until
	// the answer is given. Neighbours' neighbours are asked for through the same Files.
	File(home Entity) (*File, bool)
}

// Reading is one dimension of a status.
type Reading struct {
	Level      string    `json:"level"`
	Stale      bool      `json:"stale"`
	Since      Day       `json:"since,omitzero"`       // first day of the run of this level
	FreshUntil Day       `json:"fresh_until,omitzero"` // last day that it counts as fresh; absent = does not age
	Reason     Text      `json:"reason"`
	Events     []EventID `json:"events"` // what it rests on
}

// Overdue is one thing that should have been done by a day (DOMAIN §4).
type Overdue struct {
	Kind   OverdueKind `json:"kind"`
	Due    Day         `json:"due"`  // the last day in time
	Days   int         `json:"days"` // since then
	Reason Text        `json:"reason"`
	Events []EventID   `json:"events,omitempty"`
}

// Discrepancy is a contradiction between facts, shown and never refused (DESIGN D5).
type Discrepancy struct {
	Kind   DiscrepancyKind `json:"kind"`
	Since  Day             `json:"since"`
	Reason Text            `json:"reason"`
	Events []EventID       `json:"events"`
}

// StatusAnswer is a household's support status on a day. Position and lag are added by the
// view that gives it.
type StatusAnswer struct {
	Household     Entity        `json:"household"`
	At            Day           `json:"at"`
	State         State         `json:"state"`
	StateReason   Text          `json:"state_reason"`
	Employed      bool          `json:"employed"`
	Dimensions    Readings      `json:"dimensions"`
	Overdue       []Overdue     `json:"overdue"`
	Discrepancies []Discrepancy `json:"discrepancies"`
	Parameters    string        `json:"parameters"` // name of the set that produced it
}
