package domain

import (
	"reflect"
	"strconv"
	"strings"
)

// FieldType is the form of a field's value.
type FieldType string

// The forms.
const (
	TextField     FieldType = "text"
	CodeField     FieldType = "code"     // one of Terms
	IntegerField  FieldType = "integer"  // int32 or int64; Unit says of what
	BooleanField  FieldType = "boolean"  //
	DateField     FieldType = "date"     // 2020-03-05
	MonthField    FieldType = "month"    // 1986-04
	DivisionField FieldType = "division" // 2, 4, 6, 9 or 12 digits
	EntityField   FieldType = "entity"   // an id, or {"number":…} in a submission
	EventField    FieldType = "event"    // an event id
	ObjectField   FieldType = "object"   // Children
	AnyField      FieldType = "any"      // JSON whose shape another field decides
)

// Field describes one key of a payload, for doors, schemas, forms and pages.
//
// It is read off the Go struct: the json tag names it; the anju tag holds, comma separated,
// "required" (must be present), "mint" (the fact creates this entity; the door fills it in),
// "create" (may be given; absent, it is found by its code, number or address, or minted when that
// is new; on an object it holds for the entities in it),
// "ref" (a text that is a reference number, of digits by nature), "min=N" and "max=N" (bounds of
// an integer), "fold" (an open text that the fold needs; others stay in the event), "tag" (a
// personal value whose equality the fold needs, as a keyed tag); the zh tag is its Chinese label, the en tag its English one (by default
// plainLabel's).
type Field struct {
	Name      string
	Label     Text
	Type      FieldType
	List      bool // a JSON array of Type
	Class     FieldClass
	Required  bool
	Fold      bool       // an open text that registers keep
	Tagged    bool       // a personal value that registers keep as a keyed tag
	Minted    bool       // filled in by the door
	Created   bool       // filled in by the door when its code or number is new
	Reference bool       // an open text that is a reference number, of digits by nature
	Entity    EntityKind // of an EntityField; 0 = any kind
	Terms     []Term     // of a CodeField
	Min, Max  *int64     // of an IntegerField
	Unit      string     // "fen", "dm2", "months", … or ""
	Children  []Field    // of an ObjectField

	index  int
	slash  string // "/" and the name: the pointer of a field of the top level
	goType reflect.Type
}

// under returns the pointer of the field in the object at base.
func (f *Field) under(base string) string {
	if base == "" {
		return f.slash // the common case costs nothing
	}
	return base + f.slash
}

var (
	boxType       = reflect.TypeFor[Box]()
	entityType    = reflect.TypeFor[Entity]()
	eventIDType   = reflect.TypeFor[EventID]()
	dateType      = reflect.TypeFor[Date]()
	monthType     = reflect.TypeFor[Month]()
	divisionType  = reflect.TypeFor[Division]()
	stampableAny  = reflect.TypeFor[Payload]()
	fenType       = reflect.TypeFor[Fen]()
	areaType      = reflect.TypeFor[Dm2]()
	entityLetters = map[reflect.Type]EntityKind{
		reflect.TypeFor[HouseholdID](): HouseholdKind, reflect.TypeFor[PersonID](): PersonKind,
		reflect.TypeFor[DwellingID](): DwellingKind, reflect.TypeFor[HomesteadID](): HomesteadKind,
		reflect.TypeFor[CommunityID](): CommunityKind, reflect.TypeFor[FacilityID](): FacilityKind,
		reflect.TypeFor[ProjectID](): ProjectKind, reflect.TypeFor[PlacementID](): PlacementKind,
		reflect.TypeFor[CaseID](): CaseKind, reflect.TypeFor[GrievanceID](): GrievanceKind,
		reflect.TypeFor[FindingID](): FindingKind, reflect.TypeFor[FundID](): FundKind,
		reflect.TypeFor[TargetID](): TargetKind, reflect.TypeFor[BatchID](): BatchKind,
	}
)

// fieldsOf reads a payload struct; it panics on a field that no form fits.
func fieldsOf(t reflect.Type) []Field {
	fields := make([]Field, 0, t.NumField())
	for i := range t.NumField() {
		sf := t.Field(i)
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "" {
			panic("domain: " + t.Name() + "." + sf.Name + " has no json name")
		}
		f := Field{Name: name, index: i, slash: "/" + name}
		f.Label = Text{sf.Tag.Get("zh"), sf.Tag.Get("en")}
		if f.Label.EN == "" {
			f.Label.EN = plainLabel(f.Label.ZH, name)
		}
		f.setRules(sf.Tag.Get("anju"))
		f.setType(sf.Type)
		f.setUnit()
		fields = append(fields, f)
	}
	return fields
}

func (f *Field) setRules(tag string) {
	for rule := range strings.SplitSeq(tag, ",") {
		key, value, _ := strings.Cut(rule, "=")
		switch key {
		case "":
		case "required":
			f.Required = true
		case "fold":
			f.Fold = true
		case "tag":
			f.Tagged = true
		case "ref":
			f.Reference = true
		case "mint":
			f.Minted = true
		case "create":
			f.Created = true
		case "min", "max":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				panic("domain: bound of " + f.Name + " is no number")
			}
			if key == "min" {
				f.Min = &n
			} else {
				f.Max = &n
			}
		default:
			panic("domain: field rule " + key + " of " + f.Name + " is unknown")
		}
	}
}

func (f *Field) setType(t reflect.Type) {
	if t.Kind() == reflect.Struct && t.NumField() == 1 && t.Field(0).Type == boxType {
		f.Class = Personal
		if strings.HasPrefix(t.Name(), "SensitiveBox") {
			f.Class = Sensitive
		}
		value, _ := reflect.Zero(t).Type().MethodByName("Value")
		t = value.Type.Out(0)
	}
	if t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "Opt[") {
		t = t.Field(0).Type
	}
	if t.Kind() == reflect.Slice && t != stampableAny {
		f.List = true
		t = t.Elem()
	}
	f.goType = t
	switch kind, isEntity := entityLetters[t]; {
	case isEntity:
		f.Type, f.Entity = EntityField, kind
	case t == entityType:
		f.Type = EntityField
	case t == eventIDType:
		f.Type = EventField
	case t == dateType:
		f.Type = DateField
	case t == monthType:
		f.Type = MonthField
	case t == divisionType:
		f.Type = DivisionField
	case t == stampableAny:
		f.Type = AnyField
	case t.Kind() == reflect.String:
		f.Type = TextField
		if terms, ok := vocabularies[t]; ok {
			f.Type, f.Terms = CodeField, terms
		}
	case t.Kind() == reflect.Bool:
		f.Type = BooleanField
	case t.Kind() == reflect.Int32 || t.Kind() == reflect.Int64:
		f.Type = IntegerField
	case t.Kind() == reflect.Struct:
		f.Type, f.Children = ObjectField, fieldsOf(t)
		f.passCreated()
	default:
		panic("domain: field " + f.Name + " has a type without a form: " + t.String())
	}
}

// passCreated turns the entities that an object marked create would mint into ones that may be
// there already: a member who joins is new, or comes from another household.
func (f *Field) passCreated() {
	if !f.Created {
		return
	}
	f.Created = false
	for i := range f.Children {
		if c := &f.Children[i]; c.Minted {
			c.Minted, c.Created = false, true
		}
	}
}

func (f *Field) setUnit() {
	switch f.goType {
	case fenType:
		f.Unit = "fen"
	case areaType:
		f.Unit = "dm2"
	}
}

// EntityRef is one entity that a payload names.
type EntityRef struct {
	Pointer string // RFC 6901, from the payload's root
	Field   *Field
	ID      *Entity // may be written through, when the fact is the caller's
}

// VisitEntities calls visit for every entity field of the fact, absent ones of the top level
// and of present objects included, in the order of the keys.
func (k *Kind) VisitEntities(fact Fact, visit func(EntityRef)) {
	visitFields("", k.fields(), reflect.ValueOf(fact).Elem(), func(p string, f *Field, v, _ reflect.Value) {
		if f.Type != EntityField || f.Class != Open {
			return
		}
		if v.Kind() == reflect.Struct {
			v = v.Field(0)
		}
		visit(EntityRef{p, f, v.Addr().Interface().(*Entity)})
	})
}

// BoxRef is one sealed field of a payload.
type BoxRef struct {
	Pointer string // RFC 6901, from the payload's root
	Field   *Field
	Box     *Box
	Person  Entity // whose key it is under; absent = the home household's
}

// VisitBoxes calls visit for every sealed field of the fact, present or not, with the person
// whom the nearest enclosing object names.
func (k *Kind) VisitBoxes(fact Fact, visit func(BoxRef)) {
	visitFields("", k.fields(), reflect.ValueOf(fact).Elem(), func(p string, f *Field, v, owner reflect.Value) {
		if f.Class == Open {
			return
		}
		ref := BoxRef{Pointer: p, Field: f, Box: v.Field(0).Addr().Interface().(*Box)}
		if person := owner.FieldByName("Person"); person.IsValid() {
			if id, ok := person.Interface().(PersonID); ok {
				ref.Person = id.Entity
			}
		}
		visit(ref)
	})
}

// visitFields walks the entities and sealed fields of a payload in the order of its keys; the
// last argument of visit is the struct that holds the field.
func visitFields(base string, fields []Field, s reflect.Value, visit func(string, *Field, reflect.Value, reflect.Value)) {
	for i := range fields {
		f := &fields[i]
		if f.Class == Open && f.Type != EntityField && f.Type != ObjectField {
			continue // nobody visits these; their pointers would cost the most
		}
		v := s.Field(f.index)
		p := f.under(base)
		switch {
		case f.Class != Open || !f.List && f.Type != ObjectField:
			visit(p, f, v, s)
		case !f.List:
			visitFields(p, f.Children, v, visit)
		default:
			for n := range v.Len() {
				at := p + "/" + strconv.Itoa(n)
				if f.Type == ObjectField {
					visitFields(at, f.Children, v.Index(n), visit)
				} else {
					visit(at, f, v.Index(n), s)
				}
			}
		}
	}
}
