package intake

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// lineage checks a fact that changes who belongs to which household against how the households
// stand when it is recorded: a split, a merge, a joining and a change of the head have a meaning
// only there (DESIGN D5). Everything else about a household is accepted, and what does not fit is
// shown as a discrepancy.
type lineage struct {
	x         *events.Index
	directory *events.Directory
	home      domain.Entity
	day       domain.Day
	refusals  []domain.Refusal
}

func (l *lineage) refuse(r rule, pointer string, e domain.Entity) {
	l.refusals = append(l.refusals, r.at(pointer, e.String()))
}

// check finds what stands in the way of a new fact; the error is the log's.
func (l *lineage) check(f domain.Fact) error {
	switch f.(type) {
	case *domain.HouseholdSplit, *domain.HouseholdMerged, *domain.HeadChanged:
		l.again(f)
	}
	return l.stands(f)
}

// stands finds what stands in the way of a fact that is to count, be it new or brought back.
func (l *lineage) stands(f domain.Fact) error {
	switch f := f.(type) {
	case *domain.HouseholdSplit:
		l.split(f)
		l.remainder(f)
		return cmp.Or(l.made("/subject", l.home), l.dwellings(f))
	case *domain.HouseholdMerged:
		return l.merge(f)
	case *domain.HeadChanged:
		l.head(f)
		return l.made("/subject", l.home)
	case *domain.MemberJoined:
		if slices.Contains(l.directory.MembersOn(l.home, l.day), f.Member.Person.Entity) {
			l.refuse(memberAlready(), "/data/member/person", f.Member.Person.Entity)
		}
		l.elsewhere("/data", f)
		return cmp.Or(l.made("/subject", l.home), l.into("/subject", l.home), l.whence(f))
	case *domain.MemberLeft:
		l.elsewhere("/data", f)
		to := f.MovedToHousehold.Entity
		return cmp.Or(l.made("/data/moved_to_household", to), l.into("/data/moved_to_household", to))
	}
	return nil
}

// made refuses a household of which every registration, or the split that founded it, is voided: who moved into
// it would be counted nowhere.
func (l *lineage) made(pointer string, household domain.Entity) error {
	founding := l.directory.Founding(household)
	by, left := domain.EventID{}, founding.Registrations
	if left == 0 {
		by = l.directory.Voided(founding.Split)
	}
	for _, id := range founding.Unmade {
		void := l.directory.Voided(id)
		if left == 0 || !void.Present() {
			continue
		}
		e, err := l.x.Find(id)
		switch {
		case errors.Is(err, events.ErrNotFound): // of a dry run
		case err != nil:
			return err
		case e.Type == "household.registered":
			by, left = void, left-1
		}
	}
	if left == 0 && by.Present() {
		l.refusals = append(l.refusals, unmade().at(pointer, by.String()))
	}
	return nil
}

// elsewhere refuses that somebody leaves for the household that he leaves, or comes from the one that he joins: by that
// he would be nowhere, or be said to have moved when he did not. Corrections are held to it, too.
func (l *lineage) elsewhere(at string, f domain.Fact) {
	switch f := f.(type) {
	case *domain.MemberLeft:
		if f.MovedToHousehold.Entity == l.home {
			l.refuse(intoItself(), at+"/moved_to_household", l.home)
		}
	case *domain.MemberJoined:
		if f.FromHousehold.Entity == l.home {
			l.refuse(intoItself(), at+"/from_household", l.home)
		}
	}
}

// dayOf is the day on which an event was true; false when it is not recorded, as in a dry run.
func (l *lineage) dayOf(id domain.EventID) (domain.Day, bool, error) {
	e, err := l.x.Find(id)
	if errors.Is(err, events.ErrNotFound) {
		return domain.NoDay, false, nil
	}
	if err != nil {
		return domain.NoDay, false, err
	}
	return e.Time.Day(), true, nil
}

// into refuses that somebody moves into a household before a split founded it, and on or after the
// day on which it ended.
func (l *lineage) into(pointer string, household domain.Entity) error {
	by := l.directory.Ended(household)
	if l.directory.FoundedAfter(household, l.day) {
		l.refuse(notYetFounded(), pointer, household)
	}
	if !by.Present() {
		return nil
	}
	day, known, err := l.dayOf(by)
	if err == nil && (!known || l.day >= day) {
		l.refuse(endedHousehold(), pointer, household)
	}
	return err
}

// whence refuses that somebody who belongs to another household on the day joins without its being said whence
// he comes: by that he would be in both, and nobody would know that he moved. Facts may be told late: where it
// is said, or where he belonged to none on that day as far as is known, he joins, and whoever turns out to be
// in two is shown as a discrepancy.
func (l *lineage) whence(f *domain.MemberJoined) error {
	person := f.Member.Person.Entity
	if f.FromHousehold.Present() {
		return nil
	}
	if died, known := l.directory.DiedOn(person); known && died <= l.day {
		return nil
	}
	for _, e := range l.directory.HouseholdsOf(person, l.day) {
		by := l.directory.Ended(e)
		day, known, err := l.dayOf(by)
		switch {
		case err != nil:
			return err
		case e == l.home, by.Present() && (!known || day <= l.day):
		default:
			l.refuse(belongsElsewhere(), "/data/from_household", e)
		}
	}
	return nil
}

// head refuses a head who is no member on the day, or is known to be dead by then.
func (l *lineage) head(f *domain.HeadChanged) {
	died, known := l.directory.DiedOn(f.NewHead.Entity)
	if known && died <= l.day {
		l.refuse(hasDied(died, l.directory.Death(f.NewHead.Entity)), "/data/new_head", f.NewHead.Entity)
	} else if !slices.Contains(l.directory.MembersOn(l.home, l.day), f.NewHead.Entity) {
		l.refuse(noMember(), "/data/new_head", f.NewHead.Entity)
	}
}

// again checks the type's own rules once more: two numbers may be of one entity.
func (l *lineage) again(f domain.Fact) {
	r := domain.Report{Base: "/data"}
	f.Check(&r)
	l.refusals = append(l.refusals, r.Refusals...)
}

// open refuses a split or merge of a household that has ended, and one dated before a split or
// merge that the household took part in since: lineage goes forward in time, so that it has no
// cycle on any day, and who is shared out then belongs to it. merges says that one of the same day
// counts as later.
func (l *lineage) open(pointer string, household domain.Entity, merges bool) {
	if l.directory.Closed(household) {
		l.refuse(endedHousehold(), pointer, household)
		return
	}
	if later := l.directory.LaterAct(household, l.day, merges); later.Present() {
		l.refusals = append(l.refusals, beforeAnAct().at(pointer, later.String()))
	}
}

// split refuses a household that is not open to it, and a person who does not belong to it on the
// day and since.
func (l *lineage) split(f *domain.HouseholdSplit) {
	l.open("/subject", l.home, true)
	active, then := l.directory.Members(l.home), l.directory.MembersOn(l.home, l.day)
	for i, child := range f.Children {
		for n, person := range child.Members {
			if e := person.Entity; !slices.Contains(active, e) || !slices.Contains(then, e) || l.directory.LaterStep(l.home, e, l.day) {
				l.refuse(l.absent(e, then), "/data/children/"+strconv.Itoa(i)+"/members/"+strconv.Itoa(n), e)
			}
		}
	}
}

// absent is the rule of somebody who cannot be shared out: that he died, where he would have belonged to the household.
func (l *lineage) absent(person domain.Entity, then []domain.Entity) rule {
	died, known := l.directory.DiedOn(person)
	if known && (died <= l.day || slices.Contains(then, person)) {
		return hasDied(died, l.directory.Death(person))
	}
	return noMember()
}

// outOfTime refuses what is told of a household on a day on which it was not there yet, where the one thing that is
// wrong is the day, and that somebody joined who had died.
func (l *lineage) outOfTime(f domain.Fact) (told []domain.Refusal) {
	switch f := f.(type) {
	case *domain.HouseholdSplit, *domain.HeadChanged:
		if since := l.directory.RegisteredOn(l.home); since > l.day {
			told = append(told, beforeRegistration(since).at("/time", l.day.String()))
		}
	case *domain.MemberJoined:
		person := f.Member.Person.Entity
		if died, known := l.directory.DiedOn(person); known && died < l.day {
			told = append(told, hasDied(died, l.directory.Death(person)).at("/data/member/person", person.String()))
		}
	}
	return told
}

// dwellings refuses a split that gives away what another household has.
func (l *lineage) dwellings(f *domain.HouseholdSplit) error {
	for i, child := range f.Children {
		taken, err := l.taken(child.Dwelling)
		if err != nil {
			return err
		}
		if taken {
			l.refuse(takenDwelling(), "/data/children/"+strconv.Itoa(i)+"/dwelling", child.Dwelling.Entity)
		}
	}
	return nil
}

// remainder refuses a split that leaves nobody on its day, and so ends the household, which others
// have joined since.
func (l *lineage) remainder(f *domain.HouseholdSplit) {
	shared := func(e domain.Entity) bool {
		return slices.ContainsFunc(f.Children, func(c domain.Child) bool { return slices.Contains(c.Members, domain.PersonID{Entity: e}) })
	}
	later := slices.DeleteFunc(l.directory.Members(l.home), shared)
	if len(later) == 0 {
		return
	}
	for _, e := range slices.DeleteFunc(l.directory.MembersOn(l.home, l.day), shared) {
		if died, known := l.directory.DiedOn(e); !known || died > l.day {
			return // he stays behind
		}
	}
	l.refuse(endedBefore(), "/subject", later[0])
}

// anyDay is after every day: now, as far as is known.
const anyDay domain.Day = 1<<31 - 1

// taken reports a dwelling that another household has, on the day or now, or that came to this one only since.
func (l *lineage) taken(d domain.DwellingID) (bool, error) {
	if !d.Present() {
		return false, nil
	}
	then := l.directory.Holders(d.Entity, l.day)
	for _, e := range l.directory.Holders(d.Entity, anyDay) {
		if e != l.home && !l.directory.Closed(e) || e == l.home && !slices.Contains(then, e) {
			return true, nil // another's, or the household's own only since
		}
	}
	for _, e := range then {
		ended, known, err := l.dayOf(l.directory.Ended(e))
		if err != nil || e != l.home && (!known || ended > l.day) {
			return true, err
		}
	}
	return false, nil
}

// merge refuses a subject that is not the household that remains, and households that are not open to it, of which
// the members changed since its day, or that lie in two provinces.
func (l *lineage) merge(f *domain.HouseholdMerged) error {
	errs := []error{l.made("/data/into", f.Into.Entity)}
	if f.Into.Entity != l.home {
		l.refuse(notTheRemaining(), "/subject", l.home)
	}
	l.open("/data/into", f.Into.Entity, false)
	into, _ := l.directory.Home(f.Into.Entity)
	for i, from := range f.From {
		pointer := "/data/from/" + strconv.Itoa(i)
		errs = append(errs, l.made(pointer, from.Entity))
		l.open(pointer, from.Entity, true)
		if l.directory.LaterStep(from.Entity, 0, l.day) {
			l.refuse(changedSince(), pointer, from.Entity)
		}
		if h, ok := l.directory.Home(from.Entity); ok && h.Province != into.Province {
			l.refuse(ofTwoProvinces(), pointer, from.Entity)
		}
	}
	return errors.Join(errs...)
}
