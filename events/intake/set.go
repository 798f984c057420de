package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// maxRefusals is how many refusals of its parts a refused set tells: the first say where to begin.
const maxRefusals = 100

// recordSet records all or none; the problem is the set's when it was none.
func (d *Door) recordSet(ctx context.Context, caller Caller, answers []Answer, drafts []*draft) *Problem {
	if len(drafts) == 0 || len(drafts) > maxSet {
		return refuseSet(answers, problemOf(0, []domain.Refusal{wrongForm(zhen("一组须有1至1024条记录", "a set has 1 to 1,024 events"), zhen("请分成几组提交", "divide it into several sets")).at("", strconv.Itoa(len(drafts)))}))
	}
	first := drafts[0]
	for i, x := range drafts {
		if x != nil && first != nil && x.province != first.province {
			answers[i].Problem = problemOf(i, []domain.Refusal{oneProvince().at("/division", string(x.s.Division))})
		}
	}
	if slices.ContainsFunc(answers, isRefused) {
		return refuseSet(answers, nil)
	}
	for i, x := range drafts {
		x.resolver.earlier = drafts[:i]
	}
	voids := 0 // each may have to look for what rests on its target
	for _, x := range drafts {
		if _, is := x.s.Fact.(*domain.RecordVoided); is {
			voids++
		}
	}
	for range maxRounds + voids {
		again, problem := d.offerSet(ctx, answers, drafts)
		if !again {
			return problem
		}
	}
	return refuseSet(answers, problemOf(0, []domain.Refusal{oneProvince().at("", string(caller.Division))}))
}

func oneProvince() rule {
	return wrongForm(zhen("一组记录须属同一省", "a set lies within one province"), zhen("请按省分成几组", "send a set for each province"))
}

func isRefused(a Answer) bool { return a.Problem != nil }

// offerSet appends the set; again when it is to be offered once more, to another stream or after
// a scan.
func (d *Door) offerSet(ctx context.Context, answers []Answer, drafts []*draft) (again bool, problem *Problem) {
	part := make([]events.Draft, len(drafts))
	for i, x := range drafts {
		x.answer = Answer{}
		part[i] = x
	}
	outcomes, err := d.log.Append(ctx, drafts[0].province, true, part)
	if err != nil {
		return false, refuseSet(answers, failure(err))
	}
	var whole *Problem
	for i, x := range drafts {
		switch o := outcomes[i]; { // of the parts without a fault of their own it is another's
		case errors.Is(o.Err, errElsewhere) && x.elsewhere != 0 && x.elsewhere != drafts[0].province:
			for _, y := range drafts {
				y.province = x.elsewhere
			}
			return true, nil
		case errors.Is(o.Err, errScan) && x.scan != nil && !x.scan.done:
			if err := d.runScan(ctx, x); err != nil {
				return false, refuseSet(answers, failure(err))
			}
			return true, nil
		case x.answer.Problem != nil:
			answers[i].Problem = x.answer.Problem
		case o.Err != nil && whole == nil && !errors.Is(o.Err, errAnswered):
			whole = failure(o.Err)
		}
	}
	if whole != nil || slices.ContainsFunc(answers, isRefused) {
		return false, refuseSet(answers, whole)
	}
	for i, x := range drafts {
		d.conclude(ctx, x, outcomes[i])
		answers[i] = x.answer
	}
	return false, nil
}

// refuseSet returns the problem of a set that was refused: what refuses it as a whole, otherwise
// what is wrong with its parts. A part with which nothing is wrong gets no refusal of another's.
func refuseSet(answers []Answer, whole *Problem) *Problem {
	if at := slices.IndexFunc(answers, isRefused); at >= 0 {
		whole = ofParts(answers, at)
	}
	for i := range answers {
		if answers[i].Problem == nil {
			answers[i] = Answer{Problem: &Problem{Type: whole.Type, Title: whole.Title, Names: whole.Names, Status: whole.Status, Detail: whole.Detail}}
		}
	}
	return whole
}

// ofParts is the problem of a set of which parts are wrong, the first of them at a place: its own,
// with the refusals of all of them, whose fields are pointers into the list of events.
func ofParts(answers []Answer, first int) *Problem {
	p := *answers[first].Problem
	p.Index, p.Refusals = first, nil
	p.Detail = fmt.Sprintf("整组未记录，因为第 %d 条（从0数起）被拒绝 / nothing of the set was recorded, since event %d (counted from 0) was refused", first, first)
	for i, a := range answers {
		if a.Problem == nil {
			continue
		}
		for _, r := range a.Problem.Refusals {
			if len(p.Refusals) < maxRefusals {
				if r.Field == "" || r.Field[0] == '/' { // not who sends it, which is the same for all
					r.Field = "/" + strconv.Itoa(i) + r.Field
				}
				p.Refusals = append(p.Refusals, r)
			}
		}
	}
	return &p
}
