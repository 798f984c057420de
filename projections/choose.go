package projections

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// SetState says how a parameter set stands: known (asked by name, lines are made for the question),
// building, ready (lines are kept beside those in force), in_force.
type SetState struct {
	Name       string     `json:"name"`
	Version    int        `json:"version"`
	ValidFrom  domain.Day `json:"valid_from"`
	Source     string     `json:"source"`
	Definition string     `json:"definition"` // of the rules that it is read by
	State      string     `json:"state"`
	Differs    []string   `json:"differs"` // parameters with another value than in the set in force
	Homes      int        `json:"homes"`   // whose lines it has or will have; 0 while it is known only
	Made       int        `json:"made"`    // of them, with a line
	Bytes      int64      `json:"bytes"`   // of memory, about
}

// The states of a set.
const (
	SetKnown    = "known"
	SetBuilding = "building"
	SetReady    = "ready"
	SetInForce  = "in_force"
)

// SetRefusal says why nothing was done about a parameter set.
type SetRefusal struct {
	Unknown bool   // there is no such set
	Name    string // of the set
	Rule    domain.Text
	Fix     domain.Text
}

// Error implements error.
func (r *SetRefusal) Error() string { return r.Rule.ZH + " / " + r.Rule.EN }

func refuseSet(name, zh, en, fixZH, fixEN string) *SetRefusal {
	return &SetRefusal{Name: name, Rule: domain.Text{ZH: zh, EN: en}, Fix: domain.Text{ZH: fixZH, EN: fixEN}}
}

// judgement returns that of a set; "" is the set in force.
func (v *Views) judgement(name string) (*judgement, error) {
	if name == "" {
		return v.inForce.Load(), nil
	}
	found, known := v.judgements.Load(name)
	if !known {
		r := refuseSet(name, "没有这个名称的参数集", "there is no parameter set of this name", "GET /v1/views（anju views）列出全部参数集", "GET /v1/views (anju views) lists them all")
		r.Unknown = true
		return nil, r
	}
	return found.(*judgement), nil
}

// Set returns a parameter set by name, "" is the one in force. The caller may not change it.
func (v *Views) Set(name string) (*domain.Parameters, error) {
	j, err := v.judgement(name)
	if err != nil {
		return nil, err
	}
	return j.parameters, nil
}

// Under is the same knowledge judged by another set; "" is the one that was in force when it was asked for.
func (k *Known) Under(name string) (*Known, error) {
	if name == "" {
		return k, nil
	}
	j, err := k.views.judgement(name)
	if err != nil {
		return nil, err
	}
	under := *k
	under.judged = j
	return &under, nil
}

// SetStates returns every known set, the one in force first, then by name.
func (v *Views) SetStates() []SetState {
	all := []SetState{}
	v.judgements.Range(func(_, j any) bool {
		all = append(all, v.stateOf(j.(*judgement)))
		return true
	})
	slices.SortFunc(all, func(a, b SetState) int {
		return cmp.Or(rankOf(a)-rankOf(b), cmp.Compare(a.Name, b.Name))
	})
	return all
}

// rankOf puts the set in force first.
func rankOf(s SetState) int {
	if s.State == SetInForce {
		return 0
	}
	return 1
}

// SetState returns how one set stands.
func (v *Views) SetState(name string) (SetState, error) {
	j, err := v.judgement(name)
	if err != nil {
		return SetState{}, err
	}
	return v.stateOf(j), nil
}

func (v *Views) stateOf(j *judgement) SetState {
	v.mu.RLock()
	defer v.mu.RUnlock()
	p, inForce := j.parameters, v.inForce.Load()
	s := SetState{
		Name: p.Name, Version: p.Version, ValidFrom: p.ValidFrom, Source: p.Source, Definition: domain.Definition,
		State: SetKnown, Differs: p.Differences(inForce.parameters),
	}
	if s.Differs == nil {
		s.Differs = []string{}
	}
	if j.kept {
		s.Homes, s.Made, s.Bytes = v.homes.count, v.homes.count-j.first, j.bytes()
	}
	switch {
	case j == inForce:
		s.State = SetInForce
	case j.ready():
		s.State = SetReady
	case j.wanted:
		s.State = SetBuilding
	}
	return s
}

// Build makes lines by a parameter set beside those in force, in the background, while both serve, and
// keeps them from then on, across starts too. The set is known from then on; one that is known has the same
// values.
func (v *Views) Build(set *domain.Parameters) error {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	if err := v.learn(set); err != nil {
		return err
	}
	return v.build(set.Name)
}

// BuildKnown is Build of a set that is known.
func (v *Views) BuildKnown(name string) error {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	return v.build(name)
}

// build is Build; choosing is held.
func (v *Views) build(name string) error {
	j, err := v.judgement(name)
	if err != nil {
		return err
	}
	switch state := v.stateOf(j).State; {
	case state == SetInForce:
		return refuseSet(name, "该参数集正在使用", "the set is in force", "无需构建", "there is nothing to build")
	case slices.Contains(v.sets.chosen.Built, name):
		return refuseSet(name, "该参数集已在构建或已建成（"+state+"）", "the set is built already, or on its way: "+state, "可比较、切换，或先 drop", "compare it, switch to it, or drop it first")
	}
	c := v.sets.chosen
	c.Built = append(slices.Clone(c.Built), name)
	if err := v.sets.choose(c); err != nil {
		return err
	}
	v.begin(j)
	return nil
}

// learn takes a set that is not known yet; the same one again is fine.
func (v *Views) learn(p *domain.Parameters) error {
	if known := v.sets.known[p.Name]; known != nil {
		if bytes.Equal(known.File(), p.File()) {
			return nil
		}
		return refuseSet(p.Name, "已有同名而内容不同的参数集；数字以其名称注明所用参数，故参数集不可更改", "a set of this name says otherwise, and a set is never changed: figures name it", "请另起名称", "give it another name")
	}
	if len(v.sets.known) == maxSets {
		return refuseSet(p.Name, "最多64个参数集", "a ledger knows at most 64 sets", "请使用已有的参数集", "use one that is there")
	}
	if err := v.sets.keep(p); err != nil {
		return err
	}
	v.judgements.Store(p.Name, newJudgement(v, p))
	return nil
}

// begin starts the making of lines.
func (v *Views) begin(j *judgement) {
	v.mu.Lock()
	defer v.mu.Unlock()
	j.wanted = true
	if j.kept || v.goal != nil { // until the followers have caught up homes change again and again: see buildChosen
		return
	}
	j.kept = true
	v.kept = append(slices.Clone(v.kept), j)
	v.homes.all(j.mark)
	j.first = len(j.waiting)
	select {
	case v.changed <- struct{}{}:
	default:
	}
}

// buildChosen begins the sets that were built before the start, once the followers have caught up.
func (v *Views) buildChosen() {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	for _, name := range v.sets.chosen.Built {
		if j, err := v.judgement(name); err == nil {
			v.begin(j)
		}
	}
}

// Switch puts a set that is ready in force: what is asked from then on without a name is answered by it,
// each answer by one set whole. The one before stays built until it is dropped.
func (v *Views) Switch(name string) error {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	j, err := v.judgement(name)
	if err != nil {
		return err
	}
	before := v.inForce.Load()
	switch state := v.stateOf(j).State; {
	case j == before:
		return refuseSet(name, "该参数集已在使用", "the set is in force already", "无需切换", "there is nothing to switch")
	case state != SetReady:
		return refuseSet(name, "切换前须先建成，现为 "+state, "a set is built before it is switched to; it is "+state, "请先 build，待其为 ready", "build it first, until it is ready")
	}
	c := chosen{InForce: name, Built: append(v.sets.chosen.without(name), before.parameters.Name)}
	if err := v.sets.choose(c); err != nil {
		return err
	}
	v.inForce.Store(j)
	select {
	case v.switched <- struct{}{}: // a snapshot of its lines saves the next start making them
	default:
	}
	return nil
}

// Drop lets go of the lines of a set, and of their memory. The set stays known: a figure that names it can be made again.
func (v *Views) Drop(name string) error {
	v.choosing.Lock()
	defer v.choosing.Unlock()
	j, err := v.judgement(name)
	if err != nil {
		return err
	}
	switch {
	case j == v.inForce.Load():
		return refuseSet(name, "正在使用的参数集不能撤下", "the set in force cannot be dropped", "请先切换到另一个", "switch to another one first")
	case !slices.Contains(v.sets.chosen.Built, name):
		return refuseSet(name, "该参数集没有建成的视图", "nothing is built by this set", "无需撤下", "there is nothing to drop")
	}
	c := v.sets.chosen
	c.Built = c.without(name)
	if err := v.sets.choose(c); err != nil {
		return err
	}
	v.saving.Lock() // a snapshot may be reading its lines, from when it was in force
	defer v.saving.Unlock()
	j.refreshing.Lock()
	defer j.refreshing.Unlock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept = slices.DeleteFunc(slices.Clone(v.kept), func(k *judgement) bool { return k == j })
	j.clear()
	j.sheets = nil
	return nil
}
