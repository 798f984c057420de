package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
)

// recordPage offers the types of facts, or the form of one of them.
type recordPage struct {
	frame
	Areas []kindArea

	Kind        string
	Effect      string
	Departments []option
	County      string
	Subject     bool // the form asks whose fact it is
	Instant     bool
	Ask         bool   // the form cannot be made before it is known what it is about
	Target      string // of a correction or void: the record's name
	TargetAt    string
	Fields      []formField
}

// kindArea are the types of one area.
type kindArea struct {
	Name  string
	Kinds []option
}

// formField is one field of a form, made from a payload's description (domain.Field).
type formField struct {
	Name, Label string
	Type        string
	Unit        string // "fen" and "dm2" are asked for in yuan and square metres
	UnitName    string
	List        bool
	Required    bool
	Sealed      bool
	Optional    string // why a field that the fact needs may stay empty
	Options     []option
	Min, Max    string
	Hint        string
	Value       string // what the form begins with
	Children    []formField
	Items       []formField // of a list, those that the form begins with
}

func (p *Page) serveRecord(v *visit) error {
	page := recordPage{frame: p.frame(v, v.lang.say("填报", "Record"), "record")}
	page.crumbs(page.Home)
	byArea := map[int][]option{}
	for _, k := range domain.Kinds() {
		if len(k.Recorders()) > 0 && !ofTheLedger(k) {
			byArea[k.Area] = append(byArea[k.Area], option{Code: k.Name, Name: v.lang.pick(k.Label), Href: page.To("/record/" + k.Name)})
		}
	}
	for _, n := range areaOrder {
		if len(byArea[n]) > 0 {
			page.Areas = append(page.Areas, kindArea{v.lang.pick(areas[n]), byArea[n]})
		}
	}
	return p.render(v, "record", page)
}

// ofTheLedger reports a type that the ledger records on its own account.
func ofTheLedger(k *domain.Kind) bool {
	recorders := k.Recorders()
	return k.Name == "import.batch_closed" || len(recorders) == 1 && recorders[0] == domain.LedgerItself
}

func (p *Page) serveForm(v *visit) error {
	k, known := domain.KindOf(v.PathValue("type"))
	if !known || ofTheLedger(k) {
		return notThere(noKind)
	}
	page := recordPage{
		frame: p.frame(v, v.lang.pick(k.Label), "record"), Kind: k.Name, Effect: v.lang.pick(k.Effect), Instant: k.Time == domain.InstantTime,
		Subject: k.Home == domain.HouseholdKind && k.Name != "household.registered",
	}
	page.crumbs(page.Home)
	page.County = page.HomeCounty()
	for _, d := range k.Recorders() {
		if d != domain.LedgerItself {
			page.Departments = append(page.Departments, option{Code: string(d), Name: v.lang.pick(domain.Label(d))})
		}
	}
	page.Fields = v.lang.formFields(k.Fields())
	target := strings.TrimSpace(v.URL.Query().Get("target"))
	page.Ask = target == "" && slices.ContainsFunc(page.Fields, func(f formField) bool { return f.Type == string(domain.AnyField) })
	if target != "" {
		if err := p.aim(v, &page, target); err != nil {
			return err
		}
	}
	return p.render(v, "form", page)
}

// formFields are the fields of an object as a form asks for them; what the door fills in is not.
func (l language) formFields(fields []domain.Field) (all []formField) {
	for i := range fields {
		f := &fields[i]
		if f.Minted {
			continue
		}
		field := formField{
			Name: f.Name, Label: l.label(f.Label), Type: string(f.Type), Unit: f.Unit, List: f.List,
			Required: f.Required && !f.Created, Sealed: f.Class != domain.Open, Children: l.formFields(f.Children),
		}
		if f.Created {
			field.Optional = l.say("新登记时留空", "leave empty for a new one")
		}
		for _, t := range f.Terms {
			field.Options = append(field.Options, option{Code: t.Code, Name: l.pick(t.Text)})
		}
		field.bound(f)
		field.Hint = l.hint(f)
		switch f.Unit {
		case "fen":
			field.UnitName = l.say("元", "yuan")
		case "dm2":
			field.UnitName = l.say("平方米", "square metres")
		}
		all = append(all, field)
	}
	return all
}

// bound writes the bounds of a number in the unit that the form asks for: hundredths become ones.
func (f *formField) bound(of *domain.Field) {
	write := func(n *int64) string {
		switch {
		case n == nil:
			return ""
		case f.Unit == "fen" || f.Unit == "dm2":
			return strings.TrimSuffix(strconv.FormatFloat(float64(*n)/100, 'f', 2, 64), ".00")
		}
		return strconv.FormatInt(*n, 10)
	}
	f.Min, f.Max = write(of.Min), write(of.Max)
}

// hint says in which form a field is written.
func (l language) hint(f *domain.Field) string {
	switch f.Type {
	case domain.EntityField:
		return l.say("标识或编号", "id or number")
	case domain.DivisionField:
		return "520603"
	case domain.EventField:
		return l.say("记录编号，见记录页", "event id, as the event's page shows it")
	}
	return ""
}
