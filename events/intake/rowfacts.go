package intake

import (
	"slices"
	"strconv"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake/sheet"
	"github.com/go-json-experiment/json"
)

// Rejection is one refused row: its number in a spreadsheet program, the first wrong column, and
// what is wrong. Value is never that of a sealed column.
type Rejection struct {
	Row    int                `json:"row"`
	Column string             `json:"column"`
	Kind   domain.RefusalKind `json:"kind"`
	Value  string             `json:"value,omitzero"`
	Rule   domain.Text        `json:"rule"`
	Fix    domain.Text        `json:"fix"`
}

// fileRow is one row while it is imported.
type fileRow struct {
	number    int
	values    map[string]*value // by column name
	content   string            // of all its columns, in one spelling
	wrong     *Rejection        // the first in column order
	wrongAt   int               // its place
	subs      []*Submission
	optional  []bool // of subs: left out where its entity is unknown
	rules     []*factRule
	state     rowState
	same      *fileRow // an earlier row of the same content, or the one that carries the household
	member    int      // of the register: its place among the household's members
	joint     bool     // the row's facts are those of same; not a repetition of it
	changes   []Difference
	events    []domain.EventID // of changes: the facts in force
	changedAt []restated       // and what the row states instead
	accepted  bool             // one of its facts is new
	corrected bool
}

// restated is a fact that a row states otherwise than it is recorded, with the rule that made it:
// nil for the register.
type restated struct {
	*Submission
	by *factRule
}

// rowState is what became of a row.
type rowState byte

// The states; a row of several facts has the first of refused, changed, accepted, duplicate
// that any of them has.
const (
	rowNothing rowState = iota
	rowDuplicate
	rowAccepted
	rowChanged
	rowRefused
)

// maxShown bounds a refused value in an answer, in characters.
const maxShown = 40

// refuse notes what is wrong with a column; of several the first in the file's order counts.
func (r *fileRow) refuse(l *layout, name string, rule rule, cell string) {
	at, there := l.at[name]
	if !there {
		at = len(l.columns)
	}
	if r.wrong != nil && at >= r.wrongAt {
		return
	}
	c := l.template.Columns[name]
	shown := ""
	if c != nil && !c.Sealed {
		shown = shownCell(cell)
	}
	r.wrongAt, r.state = at, rowRefused
	r.wrong = &Rejection{Row: r.number, Column: name, Kind: rule.kind, Value: shown, Rule: rule.rule, Fix: rule.fix}
}

// shownCell cuts a value short and hides one that looks like a person's number.
func shownCell(cell string) string {
	text := []rune(sheet.Trim(cell))
	if len(text) > maxShown {
		text = text[:maxShown]
	}
	ascii := strings.Map(func(r rune) rune { // a word of the column's own language may be told, a number may not
		if r > '~' {
			return '.'
		}
		return r
	}, sheet.Compact(string(text)))
	if printable(ascii) == "?" {
		return "?"
	}
	return string(text)
}

// readRow reads the cells of one row and checks what the columns alone decide.
func (l *layout) readRow(row sheet.Row) *fileRow {
	r := &fileRow{number: row.Number, values: make(map[string]*value, len(l.at))}
	var content strings.Builder
	for i, c := range l.columns {
		if c == nil {
			continue
		}
		cell := row.Cell(i)
		v, wrong := c.read(cell)
		if wrong != "" {
			r.refuse(l, c.name, c.refusal(wrong), cell)
		}
		if v != nil {
			r.values[c.name] = v
		}
		if v == nil {
			content.WriteByte(0xff) // behind every text: a filled cell comes before an empty one
		}
		content.WriteString(v.content())
		content.WriteByte(0)
	}
	r.content = content.String()
	for name, c := range l.template.Columns {
		if i, there := l.at[name]; c.Required && r.values[name] == nil && (!there || sheet.Text(row.Cell(i)) == "") {
			r.refuse(l, name, cellRule(domain.Missing), "")
		}
		if end, begin := r.values[name], r.values[c.NotBefore]; end != nil && begin != nil && end.day < begin.day {
			r.refuse(l, name, cellRule(domain.BeforeStart), row.Cell(l.at[name]))
		}
	}
	return r
}

// applies reports that the row states the fact.
func (f *factRule) applies(r *fileRow) bool {
	for _, name := range f.Or {
		if r.values[name] != nil {
			return true
		}
	}
	for _, name := range f.When {
		if r.values[name] == nil {
			return false
		}
	}
	for name, codes := range f.Only {
		if v := r.values[name]; v == nil || !slices.Contains(codes, v.text) {
			return false
		}
	}
	return true
}

// submissions makes the row's facts. What is missing for them is refused at its column.
func (l *layout) submissions(r *fileRow, batch string) {
	for _, f := range l.template.Facts {
		if !f.applies(r) {
			continue
		}
		missing := false
		need := func(name string) {
			if r.values[name] == nil {
				r.refuse(l, name, cellRule(domain.Missing), "")
				missing = true
			}
		}
		need(f.Time)
		for _, part := range f.Key {
			if part[0] != '/' && part[0] != '=' {
				need(part)
			}
		}
		for at, s := range f.Data {
			if s.Column != "" && f.fields[at].Required && (!strings.Contains(at, "/") || strings.Contains(at, "*")) {
				need(s.Column)
			}
			for _, name := range []string{s.Day, s.Address} {
				if name != "" {
					need(name)
				}
			}
		}
		if missing || r.state == rowRefused {
			continue
		}
		s := f.submission(l.template.Name, r)
		if batch != "" {
			s.Batch = batch + "/" + strconv.Itoa(r.number)
		}
		for _, wrong := range s.Refusals {
			l.refuseFact(r, f, wrong)
		}
		r.subs, r.rules, r.optional = append(r.subs, s), append(r.rules, f), append(r.optional, f.IfKnown != "")
	}
}

// refuseFact tells a fact's refusal at the column that its field comes from.
func (l *layout) refuseFact(r *fileRow, f *factRule, wrong domain.Refusal) {
	name := ""
	if f != nil {
		name = f.columnOf(wrong.Field)
	}
	told := rule{wrong.Kind, wrong.Rule, wrong.Fix}
	switch wrong.Kind {
	case domain.Unknown, domain.Missing, domain.Erased:
		told = cellRule(wrong.Kind)
	}
	r.refuse(l, name, told, wrong.Value)
}

// titleOf is the header, as it stands in the file, of the column that a field comes from; "" when
// the file has none.
func (l *layout) titleOf(f *factRule, pointer string) string {
	if f == nil {
		return l.titles[registerColumn(pointer)]
	}
	return l.titles[f.columnOf(pointer)]
}

// columnOf finds the column behind a pointer of the submission.
func (f *factRule) columnOf(pointer string) string {
	switch {
	case pointer == "/time":
		return f.Time
	case strings.HasPrefix(pointer, "/subject"):
		return f.Subject
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(pointer, "/data"), "/")
	for rest != "" {
		for at, s := range f.Data {
			if at == rest || patternOf(rest) == at {
				return s.main()
			}
		}
		cut := strings.LastIndexByte(rest, '/')
		if cut < 0 {
			break
		}
		rest = rest[:cut]
	}
	return f.Time
}

// patternOf turns "measures/0/code" into "measures/*/code".
func patternOf(at string) string {
	parts := strings.Split(at, "/")
	for i, p := range parts {
		if _, err := strconv.Atoi(p); err == nil {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// submission makes one fact of a row whose needed cells are there.
func (f *factRule) submission(template string, r *fileRow) *Submission {
	s := &Submission{Kind: f.kind, Time: r.values[f.Time].day.Moment(), Key: Key{Text(template), Text(f.Type)}}
	for _, part := range f.Key {
		switch part[0] {
		case '/':
			s.Key = append(s.Key, At(part))
		case '=':
			s.Key = append(s.Key, Text(part[1:]))
		default:
			s.Key = append(s.Key, Text(r.values[part].text))
		}
	}
	if v := r.values[f.Subject]; v != nil {
		s.Subject = Name{Pointer: "/subject", Kind: domain.HouseholdKind, Number: v.text}
	}
	data := map[string]any{}
	for _, at := range f.order {
		source, field := f.Data[at], f.fields[at]
		if field.Type == domain.EntityField {
			f.nameEntity(s, data, at, source, r)
		} else if v := source.value(r, field, strings.Contains(at, "*")); v != nil {
			put(data, at, v)
		}
	}
	s.decode(data)
	return s
}

// decode turns the fields into the payload and checks it.
func (s *Submission) decode(data map[string]any) {
	b, err := json.Marshal(data)
	s.Fact = s.Kind.New()
	if err == nil {
		err = json.Unmarshal(b, s.Fact)
	}
	if err != nil {
		s.refuse(payloadForm().at("/data", ""))
		return
	}
	s.check()
}

// value is what the field gets, nil for nothing.
func (s *source) value(r *fileRow, field *domain.Field, several bool) any {
	if s.Value != "" {
		return s.Value
	}
	if v := r.values[s.YearOf]; v != nil {
		return v.day.Year()
	}
	if v := r.values[s.Unlisted]; v != nil && v.free != "" {
		return v.free
	}
	name := s.Column
	if name == "" {
		name = s.Listed
	}
	v := r.values[name]
	switch {
	case v == nil:
		return nil
	case v.address != (domain.Address{}):
		return v.address
	case v.month != 0:
		return v.month
	case field.Type == domain.IntegerField:
		return v.number
	case len(v.codes) > 0 && (field.List || several):
		return v.codes
	case len(v.codes) > 0:
		return v.codes[0]
	case v.text == "":
		return nil
	}
	return v.text
}

// put sets a field by its path. Behind "*" each of several values makes an entry of the list of
// its own, and a single one goes into every entry.
func put(data map[string]any, at string, v any) {
	name, rest, deeper := strings.Cut(at, "/")
	if !deeper {
		data[name] = v
		return
	}
	if element, each := strings.CutPrefix(rest, "*/"); each {
		entries, _ := data[name].([]map[string]any)
		values, several := v.([]string)
		for len(entries) < max(1, len(values)) {
			entries = append(entries, map[string]any{})
		}
		for i := range entries {
			if several {
				v = values[min(i, len(values)-1)]
			}
			entries[i][element] = v
		}
		data[name] = entries
		return
	}
	child, _ := data[name].(map[string]any)
	if child == nil {
		child = map[string]any{}
		data[name] = child
	}
	put(child, rest, v)
}

// nameEntity names the entity of a field by number, code or what tells it apart.
func (f *factRule) nameEntity(s *Submission, data map[string]any, at string, from source, r *fileRow) {
	v := r.values[from.Of]
	if v == nil {
		return
	}
	field := f.fields[at]
	n := Name{Pointer: "/data/" + at, Kind: field.Entity, Number: v.text}
	switch {
	case field.List:
		f.nameList(s, data, at, v)
		return
	case from.Day != "":
		of := domain.HouseholdKind
		if field.Entity == domain.PlacementKind {
			of = domain.PersonKind
		}
		n = Name{Pointer: n.Pointer, Kind: field.Entity, Of: &Name{Pointer: n.Pointer, Kind: of, Number: v.text}, Day: r.values[from.Day].day}
	case from.Address != "":
		n = Name{Pointer: n.Pointer, Kind: field.Entity, Of: &Name{Pointer: n.Pointer, Kind: domain.CommunityKind, Number: v.text}, Address: r.values[from.Address].address}
	case field.Entity == domain.FundKind:
		n = Name{Pointer: n.Pointer, Kind: field.Entity, Of: &Name{Pointer: n.Pointer, Number: v.text}}
		if source := r.values[from.Source]; source != nil {
			n.Source = source.text
		}
	}
	s.Names = append(s.Names, n)
}

// nameList names each entity of a list; a stand-in keeps its place until it is found.
func (f *factRule) nameList(s *Submission, data map[string]any, at string, v *value) {
	numbers := v.codes
	if len(numbers) == 0 {
		numbers = []string{v.text}
	}
	stand := make([]string, len(numbers))
	for i, number := range numbers {
		stand[i] = "h000000000000"
		s.Names = append(s.Names, Name{Pointer: "/data/" + at + "/" + strconv.Itoa(i), Kind: f.fields[at].Entity, Number: number})
	}
	data[at] = stand
}
