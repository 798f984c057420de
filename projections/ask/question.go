// Package ask holds the standing questions: each has a name, a definition, options, columns, and one
// function that answers it from what is known, now or then. A file of theirs is a family of close
// questions; adding a question is writing one function and one line of Questions.
//
// It knows no HTTP and no terminal: the doors show every question by its columns. TestQuestions and its
// neighbours work the answers out by hand.
package ask

import (
	"context"
	"strconv"

	"github.com/anju-ledger/anju/domain"
)

// Question is one standing question.
type Question struct {
	Number  int         `json:"number"` // 1 to 30, as DOMAIN §7 counts them
	Name    string      `json:"name"`
	Title   domain.Text `json:"title"`
	Meaning domain.Text `json:"meaning"` // how the answer is defined
	Options []Option    `json:"options"` // beside as_of, known_at, at_least, cursor, limit and format
	Columns []Column    `json:"columns"`
	Summary []Column    `json:"summary,omitempty"` // of the small table that stands before the rows, where there is one

	byHousehold bool // it makes one page itself, whose cursor is a household
	answer      func(context.Context, *asked) error
}

// Column is one column of an answer.
type Column struct {
	Name  string      `json:"name"`
	Title domain.Text `json:"title"`
	Kind  Kind        `json:"kind"`
}

// OptionKind says what an option takes.
type OptionKind string

// The kinds of options.
const (
	DivisionOption  OptionKind = "division"
	HouseholdOption OptionKind = "household" // an id, or an official number inside division
	CommunityOption OptionKind = "community" // an id, or a code or name inside division
	NumberOption    OptionKind = "number"
	CodeOption      OptionKind = "code" // one of the choices
	MonthOption     OptionKind = "month"
	MomentOption    OptionKind = "moment" // a date, or a moment in +08:00 or Z
	SetOption       OptionKind = "set"    // the name of a parameter set
	FileOption      OptionKind = "file"   // the body of a POST
)

// Option is one parameter of a question.
type Option struct {
	Name     string        `json:"name"`
	Kind     OptionKind    `json:"kind"`
	Title    domain.Text   `json:"title"`
	Default  string        `json:"default,omitzero"`
	Required bool          `json:"required,omitzero"`
	Choices  []domain.Term `json:"choices,omitempty"`
	Min      int           `json:"min,omitzero"` // of a number
	Max      int           `json:"max,omitzero"`
}

// Questions returns all standing questions in the order of their numbers. What they hold is the caller's.
func Questions() []Question {
	return []Question{
		householdsByState(), asKnownThen(), noVerifiedWork(), unverifiedJobs(), untitledDwellings(), vacantBySite(),
		childrenWithoutSchool(), sitesLackingServices(), facilityDemand(), monitoredHouseholds(), mayFallBack(), backWithinAYear(),
		idleFunds(), moneyPerStable(), idleProjects(), overdueFindings(), paidAfterEnd(), registeredTwice(), targetProgress(),
		titleCampaign(), employmentRate(), firstJobs(), beforeStability(), lateness(), changedFigure(),
		unsummedParts(), myTimeline(), lookedAtMe(), dueNext(), doors(),
	}
}

// Find returns the question of a name or number.
func Find(name string) (Question, bool) {
	n, err := strconv.Atoi(name)
	for _, q := range Questions() {
		if q.Name == name || err == nil && q.Number == n {
			return q, true
		}
	}
	return Question{}, false
}

// inDivision is the option that most questions share.
func inDivision() Option {
	return Option{Name: "division", Kind: DivisionOption, Default: string(domain.Nation), Title: domain.Text{ZH: "区划代码", EN: "only this division and what lies in it"}}
}

func column(name string, kind Kind, zh, en string) Column {
	return Column{name, domain.Text{ZH: zh, EN: en}, kind}
}

// Columns that many answers share.
func householdColumn() Column { return column("household", Household, "户", "household") }
func personColumn() Column    { return column("person", Person, "人员", "person") }
func siteColumns() []Column {
	return []Column{column("community", Community, "安置社区", "community"), column("site", Words, "社区名称", "name of the community")}
}
