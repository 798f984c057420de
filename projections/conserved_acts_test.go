package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

func list(all []domain.Entity) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = fmt.Sprintf("%q", e)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// some draws people, mostly members of the household.
func (c *clan) some(home domain.Entity) (all []domain.Entity) {
	from := slices.Clone(walkKin(c.told, len(c.told), c.clock).living(home))
	if len(from) == 0 || c.chance("anybody", 10) {
		from = c.people
	}
	slices.SortFunc(from, func(a, b domain.Entity) int { return slices.Index(c.people, a) - slices.Index(c.people, b) }) // ids are chance
	for range rapid.IntRange(1, 3).Draw(c.t, "people") {
		if p := c.pick("person", from); !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// act lets something happen; much of it is refused.
func (c *clan) act() {
	households := c.households()
	home, other, day := c.pick("home", households), c.pick("other", c.everyHousehold()), c.day()
	person := c.some(home)[0]
	switch rapid.SampledFrom([]string{
		"split", "split", "merge", "move", "move", "move", "join", "found", "leave", "return", "die", "head", "headless", "away", "off", "keys", "keys", "case", "clear", "close",
		"correct", "correct", "void", "void", "undo", "undo", "back", "back",
	}).Draw(c.t, "act") {
	case "split":
		c.split(home, day)
	case "merge":
		subject := rapid.SampledFrom([]domain.Entity{0, home, c.pick("subject", households)}).Draw(c.t, "of")
		if c.record(c.by("county", home), c.write("household.merged", day, subject, c.place[home], fmt.Sprintf(`{"into":%q,"from":[%q],"reason":"care"}`, home, other))) {
			require.Equal(c.t, home, c.told[len(c.told)-1].home)
		}
	case "move":
		c.move(person, home, other, day)
	case "found":
		c.record(c.by("psb", home), c.of("household.member_joined", day, home, `{"member":{"relation":"other"},"reason":"found"}`))
	case "join", "return":
		c.record(c.by("psb", home), c.of("household.member_joined", day, home, fmt.Sprintf(`{"member":{"person":%q,"relation":%q},"reason":"return"}`, person, c.relation())))
	case "leave":
		c.record(c.by("psb", home), c.of("household.member_left", day, home, fmt.Sprintf(`{"person":%q,"reason":"moved"}`, person)))
	case "die":
		c.record(c.by("psb", home), c.write("person.died", day, 0, "", fmt.Sprintf(`{"person":%q}`, person)))
	case "head":
		c.record(c.by("psb", home), c.of("household.head_changed", day, home, fmt.Sprintf(`{"new_head":%q,"reason":"agreement"}`, person)))
	case "headless":
		c.bury(home, day)
	case "away":
		c.record(c.by("psb", home), c.of("household.moved", day, home, `{"kind":"returned_to_origin"}`))
	case "off":
		c.moveOff(home, day)
	case "keys":
		c.keys(home, day)
	case "case":
		c.watch(home, day)
	case "clear":
		for _, f := range c.told {
			if decided, is := f.fact.(*domain.RiskDecided); is && f.home == home && f.day < day {
				c.record(c.by("rural", home), c.write("risk.cleared", day, 0, c.place[home], fmt.Sprintf(`{"case":%q,"kind":"cleared"}`, decided.Case.Entity)))
				break
			}
		}
	case "close":
		c.record(c.by("county", home), c.of("household.closed", day, home, `{"reason":"withdrawn"}`))
	case "correct":
		c.correct()
	case "back":
		c.bringBack(day)
	default:
		c.takeBack(day)
	}
}

func (c *clan) relation() string {
	return rapid.SampledFrom([]string{"other", "other", "head"}).Draw(c.t, "relation")
}

// move tells that a person goes from one household to another: as one set, or as two facts in any order, one of which
// may never be told, as it has to be between provinces.
func (c *clan) move(person, home, other domain.Entity, day domain.Day) {
	if home == other {
		return
	}
	whence := fmt.Sprintf(`,"from_household":%q`, home)
	if c.chance("unsaid", 4) {
		whence = ""
	}
	left := c.of("household.member_left", day, home, fmt.Sprintf(`{"person":%q,"reason":"marriage","moved_to_household":%q}`, person, other))
	joined := func(day domain.Day) string {
		return c.of("household.member_joined", day, other, fmt.Sprintf(`{"member":{"person":%q,"relation":%q},"reason":"marriage"%s}`, person, c.relation(), whence))
	}
	if c.place[home].Province() == c.place[other].Province() && !c.chance("apart", 4) {
		c.record(c.by("psb", home), left, joined(day))
		return
	}
	arrives := day
	if c.chance("later", 2) {
		arrives = c.day()
	}
	leaves, comes := !c.chance("stays", 5), !c.chance("lost", 5)
	if rapid.Bool().Draw(c.t, "arrival first") {
		if comes {
			c.record(c.by("psb", other), joined(arrives))
		}
		comes = false
	}
	if leaves {
		c.record(c.by("psb", home), left)
	}
	if comes {
		c.record(c.by("psb", other), joined(arrives))
	}
}

// bury tells of the head's death and of who follows him, as one set in any order.
func (c *clan) bury(home domain.Entity, day domain.Day) {
	head, heirs := walkKin(c.told, len(c.told), day).headOf(home), c.some(home)
	if !head.Present() || heirs[0] == head {
		return
	}
	if c.chance("known", 3) { // another office told it already
		c.record(c.by("civil", home), c.write("person.died", day, 0, "", fmt.Sprintf(`{"person":%q}`, head)))
	}
	set := []string{
		c.write("person.died", day, 0, "", fmt.Sprintf(`{"person":%q}`, head)),
		c.of("household.head_changed", day, home, fmt.Sprintf(`{"old_head":%q,"new_head":%q,"reason":"death"}`, head, heirs[0])),
	}
	if rapid.Bool().Draw(c.t, "heir first") {
		slices.Reverse(set)
	}
	c.record(c.by("psb", home), set...)
}

// moveOff lets a household move to another county, or to a dwelling by its id.
func (c *clan) moveOff(home domain.Entity, day domain.Day) {
	if rapid.Bool().Draw(c.t, "county") {
		c.record(c.by("psb", home), c.write("household.moved", day, home, rapid.SampledFrom(kinPlaces()).Draw(c.t, "whither"), `{"kind":"left_county"}`))
		return
	}
	c.record(c.by("rural", home), c.of("household.moved", day, home, fmt.Sprintf(`{"kind":"resettled_again","dwelling":%q}`, c.pick("dwelling", c.dwellings))))
}

// keys hands over a new dwelling, or one that is there already, whoever has it.
func (c *clan) keys(home domain.Entity, day domain.Day) {
	*c.serial++
	which := fmt.Sprintf(`"address":{"block":"1","room":"%d"}`, *c.serial)
	if c.chance("used", 3) {
		which = fmt.Sprintf(`"dwelling":%q`, c.pick("dwelling", c.dwellings))
	}
	c.record(c.by("rural", home), c.of("dwelling.handed_over", day, home, "{"+which+"}"))
}

func (c *clan) split(home domain.Entity, day domain.Day) {
	people := c.some(home)
	dwelling := ""
	if c.chance("with dwelling", 3) {
		dwelling = fmt.Sprintf(`,"dwelling":%q`, c.pick("dwelling", c.dwellings))
	}
	children := `{"members":` + list(people[:1]) + dwelling + `}`
	if len(people) > 1 {
		children += `,{"members":` + list(people[1:]) + `}`
	}
	split := c.of("household.split", day, home, `{"children":[`+children+`]}`)
	if heir := c.pick("heir", c.people); c.chance("heir first", 4) { // the two offices tell it in any order
		c.record(c.by("psb", home), c.of("household.head_changed", day, home, fmt.Sprintf(`{"new_head":%q,"reason":"split"}`, heir)))
	}
	if !c.record(c.by("township", home), split) || !c.chance("child's head", 3) {
		return
	}
	if f, is := c.told[len(c.told)-1].fact.(*domain.HouseholdSplit); is {
		child := f.Children[0]
		c.record(c.by("psb", child.Household.Entity), c.of("household.head_changed", day, child.Household.Entity, fmt.Sprintf(`{"new_head":%q,"reason":"split"}`, child.Members[0].Entity)))
	}
}

// correct says that a fact was otherwise: never of whom it is.
func (c *clan) correct() {
	f := c.told[rapid.IntRange(0, len(c.told)-1).Draw(c.t, "fact")]
	other := c.pick("other", c.households())
	data := ""
	switch fact := f.fact.(type) {
	case *domain.HouseholdRegistered:
		var members []string
		for i, m := range fact.Members {
			relation := "other"
			if i == rapid.IntRange(0, len(fact.Members)-1).Draw(c.t, "head") && !strings.Contains(strings.Join(members, ""), `"head"`) || i == len(fact.Members)-1 && !strings.Contains(strings.Join(members, ""), `"head"`) {
				relation = "head"
			}
			members = append(members, fmt.Sprintf(`{"person":%q,"relation":%q}`, m.Person, relation))
		}
		data = `{"category":"accompanying","members":[` + strings.Join(members, ",") + `]}`
	case *domain.MemberJoined:
		data = fmt.Sprintf(`{"member":{"person":%q,"relation":%q},"reason":"return","from_household":%q}`, fact.Member.Person, c.relation(), other)
	case *domain.MemberLeft:
		data = fmt.Sprintf(`{"person":%q,"reason":"other","moved_to_household":%q}`, fact.Person, other)
	case *domain.HouseholdMoved:
		data = rapid.SampledFrom([]string{`{"kind":"returned_to_origin"}`, fmt.Sprintf(`{"kind":"resettled_again","dwelling":%q}`, c.pick("dwelling", c.dwellings))}).Draw(c.t, "moved")
	case *domain.RiskDecided:
		data = fmt.Sprintf(`{"case":%q,"class":%q}`, fact.Case, rapid.SampledFrom([]string{"none", "unstable"}).Draw(c.t, "class"))
	case *domain.HouseholdClosed:
		data = `{"reason":"registered_in_error"}`
	default:
		return
	}
	c.record(intake.Caller{Department: f.source.Department, Division: f.source.Division}, c.write("record.corrected", 0, 0, "", fmt.Sprintf(`{"target_event":%q,"reason":"typo","data":%s}`, f.id, data)))
}

// bringBack makes a voided split, merge or move count again, by the void of its void or by a correction after it, at times
// when the households have gone another way meanwhile.
func (c *clan) bringBack(day domain.Day) {
	at := map[domain.EventID]kinFact{}
	var voids []domain.EventID
	for _, f := range c.told {
		at[f.id] = f
		if void, is := f.fact.(*domain.RecordVoided); is {
			switch at[void.TargetEvent].fact.(type) {
			case *domain.HouseholdSplit, *domain.HouseholdMerged, *domain.MemberJoined, *domain.MemberLeft:
				voids = append(voids, f.id)
			}
		}
	}
	if len(voids) == 0 {
		return
	}
	void := at[voids[rapid.IntRange(0, len(voids)-1).Draw(c.t, "void")]]
	of := at[void.fact.(*domain.RecordVoided).TargetEvent]
	another := c.chance("another way", 2)
	correction := ""
	switch fact := of.fact.(type) {
	case *domain.HouseholdMerged:
		if another {
			c.record(c.by("county", of.home), c.write("household.merged", day, 0, c.place[of.home], fmt.Sprintf(`{"into":%q,"from":[%q],"reason":"care"}`, fact.From[0], fact.Into)))
		}
		correction = fmt.Sprintf(`{"into":%q,"from":[%q],"reason":"other"}`, fact.Into, fact.From[0])
	case *domain.HouseholdSplit:
		if another {
			c.move(fact.Children[0].Members[0].Entity, of.home, c.pick("whither", c.households()), day)
		}
	}
	caller := intake.Caller{Department: of.source.Department, Division: of.source.Division}
	if correction != "" && c.chance("by correction", 2) {
		c.record(caller, c.write("record.corrected", 0, 0, "", fmt.Sprintf(`{"target_event":%q,"reason":"typo","data":%s}`, of.id, correction)))
		return
	}
	c.record(caller, c.write("record.voided", 0, 0, "", fmt.Sprintf(`{"target_event":%q,"reason":"false"}`, void.id)))
}

// takeBack voids a fact of any kind, or undoes it by a choice.
func (c *clan) takeBack(day domain.Day) {
	f := c.told[rapid.IntRange(0, len(c.told)-1).Draw(c.t, "fact")]
	caller := intake.Caller{Department: f.source.Department, Division: f.source.Division}
	choice := rapid.SampledFrom([]intake.ReturnTo{"", intake.ToHousehold, intake.ToAddress}).Draw(c.t, "return to")
	switch f.fact.(type) {
	case *domain.HouseholdSplit, *domain.MemberLeft, *domain.MemberJoined, *domain.HouseholdMoved:
		if choice != "" && rapid.Bool().Draw(c.t, "another department") {
			caller.Department = "township"
		}
		answers, problem := c.door.TakeBack(context.Background(), caller, intake.TakeBack{Event: f.id, ReturnTo: choice, Day: day, Relation: "other", Division: c.place[f.home], ApprovedBy: "li_02"})
		if problem != nil {
			require.Less(c.t, problem.Status, 500)
			c.refused++
			return
		}
		c.learn(answers)
	default:
		c.record(caller, c.write("record.voided", 0, 0, "", fmt.Sprintf(`{"target_event":%q,"reason":"false"}`, f.id)))
	}
}
