package intake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// The columns of the register that make a member and his household. The one built-in template
// whose facts span several rows needs them by name.
const (
	colHousehold = "户编号"
	colPerson    = "人编号"
	colIdentity  = "证件号码"
	colRelation  = "与户主关系"
	colCategory  = "户类型"
	colCommunity = "安置区"
	colMovedIn   = "入住日期"
)

// group makes the facts of the register's rows: all rows of one 户编号 are one household. A
// refused head row refuses the household, a refused member row only the member.
func (m *importer) group(rows []*fileRow) {
	households := map[string][]*fileRow{}
	var order []string
	for _, r := range rows {
		v := r.values[colHousehold]
		if v == nil || r.same != nil {
			continue
		}
		if households[v.text] == nil {
			order = append(order, v.text)
		}
		households[v.text] = append(households[v.text], r)
	}
	for _, number := range order {
		members := households[number]
		slices.SortStableFunc(members, func(a, b *fileRow) int {
			return cmp.Or(cmp.Compare(notHead(a), notHead(b)), cmp.Compare(personOf(a), personOf(b)))
		})
		m.household(number, members)
	}
}

func notHead(r *fileRow) int {
	if isHead(r) {
		return 0
	}
	return 1
}

func isHead(r *fileRow) bool {
	v := r.values[colRelation]
	return v != nil && v.text == string(domain.Head)
}

func personOf(r *fileRow) string {
	if v := r.values[colPerson]; v != nil {
		return v.text
	}
	return ""
}

// household makes the facts of one household's rows, the head's first.
func (m *importer) household(number string, rows []*fileRow) {
	id, err := m.door.Lookup(domain.HouseholdKind, m.caller.Division, number)
	var there *registration
	if err == nil {
		there = m.registered(id)
	}
	head := rows[0]
	m.refuseErased(head)
	if isHead(head) {
		for _, name := range []string{colCategory, colMovedIn} {
			if head.values[name] == nil {
				head.refuse(m.layout, name, cellRule(domain.Missing), "")
			}
		}
	}
	if err != nil && (!isHead(head) || head.state == rowRefused) {
		for _, r := range rows {
			if r.state == rowRefused {
				continue // its own cell says why
			}
			r.refuse(m.layout, colHousehold, rule{
				domain.Unknown, zhen("该户没有可接受的户主行", "the household has no acceptable row of its head"), zhen("请补充或更正户主所在行，再导入该户", "give or correct the head's row, and import the household again"),
			}, "")
		}
		return
	}
	registered := m.membership(id, there, rows)
	if there != nil && len(registered) == 0 {
		return
	}
	if head.state == rowRefused { // of a known household: it states nothing
		head = registered[0]
	}
	m.register(number, there, head, registered)
}

// registration is what a known household was registered with, and when.
type registration struct {
	*domain.HouseholdRegistered
	time domain.Moment
}

// registered is the registration of a known household that counts now; nil when another source
// registered it.
func (m *importer) registered(household domain.Entity) *registration {
	key := "register/household.registered/" + household.String()
	f, event, err := m.door.recorded(m.ctx, m.caller, domain.DeriveEventID(m.caller.Source(), key))
	if err != nil {
		return nil
	}
	h, ok := f.(*domain.HouseholdRegistered)
	if !ok {
		return nil
	}
	return &registration{h, event.Time}
}

// membership sorts the rows: those of the registration are returned; members who joined later
// are there already or join now.
func (m *importer) membership(household domain.Entity, there *registration, rows []*fileRow) (registered []*fileRow) {
	seen, heads := map[string]*fileRow{}, 0
	for _, r := range rows {
		m.refuseErased(r)
		if r.state == rowRefused {
			continue
		}
		person := personOf(r)
		if first := seen[person]; first != nil {
			r.state = rowChanged // another statement about a member who stands in the file already
			r.changes = []Difference{{Field: "/data/members", Sealed: true}}
			continue
		}
		seen[person] = r
		if isHead(r) && there == nil {
			if heads++; heads > 1 {
				r.refuse(m.layout, colRelation, rule{
					domain.Conflict, zhen("该户有多名户主", "the household has more than one head"),
					zhen("请只保留一行的关系为户主", "keep one row as the head's, and give the others their relation to him"),
				}, "")
				continue
			}
		}
		if there == nil || memberNumbered(there, person) >= 0 {
			registered = append(registered, r)
			continue
		}
		m.join(household, person, r)
	}
	return registered
}

// refuseErased refuses the row of somebody whose data were erased, by either of his numbers.
func (m *importer) refuseErased(r *fileRow) {
	for _, name := range []string{colPerson, colIdentity} {
		if v := r.values[name]; v != nil && m.knows("person", v.text) == domain.Erased {
			r.refuse(m.layout, name, cellRule(domain.Erased), "")
		}
	}
}

func memberNumbered(h *registration, person string) int {
	return slices.IndexFunc(h.Members, func(x domain.Member) bool {
		number, ok := x.Number.Value()
		return ok && number == person
	})
}

// join records a new member of a known household, at the day that the importer gives.
func (m *importer) join(household domain.Entity, person string, r *fileRow) {
	if e, err := m.door.Lookup(domain.PersonKind, m.caller.Division, person); err == nil && slices.Contains(m.door.directory.Members(household), e) {
		r.state = rowDuplicate
		return
	}
	if !m.options.Effective.Present() {
		r.refuse(m.layout, colPerson, rule{
			domain.Missing, zhen("该户已登记，新成员需要生效日期", "the household is registered; a new member needs the day from which he belongs to it"),
			zhen("请在导入时给出 effective 日期", "give the import an effective date (effective=2021-06-30)"),
		}, "")
		return
	}
	s := &Submission{
		Kind: kindNamed("household.member_joined"), Time: m.options.Effective.Moment(), Batch: m.batchOf(r),
		Subject: Name{Pointer: "/subject", Kind: domain.HouseholdKind, ID: household},
		Key:     Key{Text("register"), Text("household.member_joined"), At("/data/member/person"), Text(m.options.Effective.String())},
	}
	s.decode(map[string]any{"member": memberData(r), "reason": "found"})
	m.addFact(r, s)
}

func kindNamed(name string) *domain.Kind {
	k, ok := domain.KindOf(name)
	if !ok {
		panic("intake: no type " + name)
	}
	return k
}

// addFact hangs a submission of the register on a row.
func (m *importer) addFact(r *fileRow, s *Submission) {
	for _, wrong := range s.Refusals {
		r.refuse(m.layout, registerColumn(wrong.Field), rule{wrong.Kind, wrong.Rule, wrong.Fix}, wrong.Value)
	}
	r.subs, r.rules, r.optional = append(r.subs, s), append(r.rules, nil), append(r.optional, false)
}

// register makes household.registered and the handing over of the keys, on the head's row.
func (m *importer) register(number string, there *registration, head *fileRow, rows []*fileRow) {
	carrier := rows[0]
	members := make([]map[string]any, 0, len(rows))
	for i, r := range rows {
		members = append(members, memberData(r))
		if r.member = i; there != nil {
			r.member = memberNumbered(there, personOf(r))
		}
		if r != carrier {
			r.same, r.state = carrier, rowNothing
			r.joint = true
		}
	}
	if there != nil {
		members = overlay(there, members)
	}
	data := map[string]any{"number": number, "members": members}
	if there != nil {
		data["category"] = string(there.Category)
	}
	for field, name := range map[string]string{"category": colCategory, "settlement_mode": "安置方式"} {
		if v := head.values[name]; v != nil {
			data[field] = v.text
		}
	}
	s := &Submission{
		Kind: kindNamed("household.registered"), Batch: m.batchOf(carrier),
		Key: Key{Text("register"), Text("household.registered"), At("/subject")},
	}
	if v := head.values[colCommunity]; v != nil {
		s.Names = append(s.Names, Name{Pointer: "/data/community", Kind: domain.CommunityKind, Number: v.text})
	}
	switch {
	case isHead(head) && head.values[colMovedIn] != nil:
		s.Time = head.values[colMovedIn].day.Moment()
	case there != nil: // the head's row is not in the file: it states nothing about the day
		s.Time = there.time
		head = &fileRow{}
	}
	s.decode(data)
	m.addFact(carrier, s)
	keys := &fileRow{number: carrier.number, values: head.values}
	m.layout.submissions(keys, m.options.batch)
	carrier.subs, carrier.rules, carrier.optional = append(carrier.subs, keys.subs...), append(carrier.rules, keys.rules...), append(carrier.optional, keys.optional...)
	if keys.wrong != nil {
		carrier.refuse(m.layout, keys.wrong.Column, rule{keys.wrong.Kind, keys.wrong.Rule, keys.wrong.Fix}, "")
	}
}

// memberFields are the fields of a member by their columns.
func memberFields() map[string]string {
	return map[string]string{
		"number": colPerson, "name": "姓名", "id_number": colIdentity, "phone": "联系电话", "relation": colRelation,
		"birth_month": "出生年月", "labour_class": "劳动技能", "health": "健康状况",
	}
}

func memberData(r *fileRow) map[string]any {
	data := map[string]any{}
	for field, name := range memberFields() {
		v := r.values[name]
		switch {
		case v == nil:
		case v.month != 0:
			data[field] = v.month.String()
		default:
			data[field] = v.text
		}
	}
	return data
}

// overlay puts what the file states over the members as they are registered: an empty cell and
// an absent row state nothing.
func overlay(there *registration, stated []map[string]any) []map[string]any {
	members := make([]map[string]any, len(there.Members))
	for i := range there.Members {
		members[i] = plainFields(&there.Members[i])
		delete(members[i], "person")
		for k, v := range members[i] {
			if v == nil { // erased
				delete(members[i], k)
			}
		}
		for _, s := range stated {
			if s["number"] == members[i]["number"] {
				for k, v := range s {
					members[i][k] = v
				}
			}
		}
	}
	return members
}

// registerColumn is the column of a refused field of the register.
func registerColumn(pointer string) string {
	last := pointer
	for i := len(pointer) - 1; i >= 0; i-- {
		if pointer[i] == '/' {
			last = pointer[i+1:]
			break
		}
	}
	if last == "person" {
		return colPerson
	}
	if name, ok := memberFields()[last]; ok {
		return name
	}
	switch last {
	case "category":
		return colCategory
	case "settlement_mode":
		return "安置方式"
	case "community":
		return colCommunity
	case "time":
		return colMovedIn
	}
	return colHousehold
}

// batchOf is the batch attribute of a row's facts, "" in a dry run.
func (m *importer) batchOf(r *fileRow) string {
	if m.options.batch == "" {
		return ""
	}
	return m.options.batch + "/" + strconv.Itoa(r.number)
}

// shareChanges tells a household's changes at the rows of the members whom they concern; what
// concerns the household itself stays on the row that carries its facts.
func shareChanges(rows []*fileRow) {
	joined := map[*fileRow][]*fileRow{}
	for _, r := range rows {
		if r.joint && r.same.state == rowChanged {
			joined[r.same] = append(joined[r.same], r)
		}
	}
	for carrier, members := range joined {
		for _, r := range members {
			r.state, r.same = rowDuplicate, nil
			about := "/data/members/" + strconv.Itoa(r.member) + "/"
			for _, c := range carrier.changes {
				if strings.HasPrefix(c.Field, about) {
					r.state, r.events, r.corrected = rowChanged, carrier.events, carrier.corrected
					r.changes = append(r.changes, c)
				}
			}
			carrier.changes = slices.DeleteFunc(carrier.changes, func(c Difference) bool { return strings.HasPrefix(c.Field, about) })
		}
		if len(carrier.changes) == 0 {
			carrier.state = rowDuplicate
		}
	}
}
