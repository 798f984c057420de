// Package twin is a second opinion: it reads a county's department files, says what a correct
// import of them gives and how each household stands on a day, and makes such files from a seed.
//
// It follows data/samples/README.md and DOMAIN §4 sentence by sentence, in the plainest way that
// there is (facts are maps of strings, a status walks over the days), and imports nothing of
// ours, so that a mistake would have to be made twice to stay unseen. It is for tests: its own,
// which hold it against the sample county's truth.json, and those of projections, which hold the
// real door and the real views against it.
package twin

import (
	"maps"
	"slices"
)

// Reject is one refused row.
type Reject struct {
	File   string `json:"file"`
	Row    int    `json:"row"`
	Column string `json:"column"`
	Kind   string `json:"kind"`
}

// Report is what a correct import of one file gives.
type Report struct {
	File                                         string
	Rows, Accepted, Duplicates, Changed, Nothing int
	Rejects                                      []Reject
	Ends                                         map[int]string // of the rows that are not refused
	NewFacts                                     int
}

// Fact is one fact: what it is about, when, and what it says.
type Fact struct {
	Key, Type         string
	Day               int
	Household, Person string // official numbers
	Says              map[string]string
	Contested         bool // another row of a file says something else under the same key
	file              int  // the last that stated it
}

// contradicts reports that a fact says something else than the one that is there. What it leaves
// empty it does not state.
func (f *Fact) contradicts(old *Fact) bool {
	for column, v := range f.Says {
		if v != "" && v != old.Says[column] {
			return true
		}
	}
	return f.Day != old.Day
}

// person is a member of a household.
type person struct {
	number, household, identity string
	birth                       int // year*12 + month-1
	class                       string
	from                        int // day
	row                         *line
}

// household is a registered household.
type household struct {
	number, category, mode, community string
	from                              int
	members                           []*person
	dwelling                          string
	contested                         bool
}

// County is a county's ledger as the twin keeps it: facts by key.
type County struct {
	Correcting  bool     // changed cells are recorded as corrections
	file        int      // files imported
	corrections []func() // of the file at hand: rows are compared with what was in force before it
	facts       map[string]*Fact
	households  map[string]*household
	persons     map[string]*person
	dwellings   map[string]string // household by community and address
	projects    map[string]bool
	funds       map[string]map[string]bool // sources by project
	names       map[string]bool            // of communities
	codes       map[string]bool
	byHome      map[string][]*Fact // of a household and its members
}

// New returns an empty county.
func New() *County {
	return &County{
		facts: map[string]*Fact{}, households: map[string]*household{}, persons: map[string]*person{}, dwellings: map[string]string{},
		projects: map[string]bool{}, funds: map[string]map[string]bool{}, names: map[string]bool{}, codes: map[string]bool{},
		byHome: map[string][]*Fact{},
	}
}

// Households returns the official numbers of the registered households.
func (c *County) Households() []string { return slices.Sorted(maps.Keys(c.households)) }

// Contested reports a household about which rows contradict each other, so that which of them
// counts is not said anywhere: two under one key, or one person in work and out of it by
// statements of one day.
func (c *County) Contested(number string) bool {
	said := map[string]string{}
	for _, f := range c.byHome[number] {
		if f.Contested {
			return true
		}
		if f.Type == "job.verified" {
			who, still := f.Person+Iso(f.Day), f.Says["就业状态"]
			if other := said[who]; other != "" && (other == "yes") != (still == "yes") {
				return true
			}
			said[who] = still
		}
	}
	return c.households[number].contested
}

// record adds a fact; it says whether it is new, known, or known with another content, which
// then counts where changes are corrections. A correction gives the payload anew, not the day.
func (c *County) record(f *Fact) string {
	old := c.facts[f.Key]
	if old == nil {
		f.file = c.file
		c.facts[f.Key] = f
		c.byHome[f.Household] = append(c.byHome[f.Household], f)
		return "accepted"
	}
	twice := old.file == c.file
	old.file = c.file
	if !f.contradicts(old) {
		return "duplicate"
	}
	old.Contested = old.Contested || twice
	if c.Correcting {
		c.corrections = append(c.corrections, func() {
			for column, v := range f.Says {
				if v != "" {
					old.Says[column] = v
				}
			}
		})
	}
	return "changed"
}
