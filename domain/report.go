package domain

// RefusalKind is a machine-readable cause of a refusal; imports count by it.
type RefusalKind string

// The kinds of refusal that facts and files share (data/samples/README.md names the first eight).
const (
	Missing      RefusalKind = "missing"       // a required field is absent
	Unknown      RefusalKind = "unknown"       // no such household, person, …
	BadDate      RefusalKind = "bad_date"      // no date, or an impossible one
	BadNumber    RefusalKind = "bad_number"    // no number, or out of its range
	Negative     RefusalKind = "negative"      // below nought where that has no meaning
	LossyNumber  RefusalKind = "lossy_number"  // a spreadsheet rounded it: 5.20603E+13
	UnknownCode  RefusalKind = "unknown_code"  // a value that its list does not hold
	BeforeStart  RefusalKind = "before_start"  // an end before its beginning
	Malformed    RefusalKind = "malformed"     // not of the field's form
	NotAllowed   RefusalKind = "not_allowed"   // the department may not record this, or a field is the door's
	UnknownField RefusalKind = "unknown_field" // the schema has no such field
	TooLarge     RefusalKind = "too_large"     // over a named limit
	Future       RefusalKind = "future"        // a day or more after now
	PersonalText RefusalKind = "personal_text" // an open text holds what looks like a phone or ID number
	Conflict     RefusalKind = "conflict"      // the same id or key with other content
	Erased       RefusalKind = "erased"        // the person was forgotten
	Depends      RefusalKind = "depends"       // later facts rest on it
)

var _ = enumerate[RefusalKind](
	Term{"missing", Text{"缺少必填项", "missing"}},
	Term{"unknown", Text{"查无此对象", "unknown"}},
	Term{"bad_date", Text{"日期无效", "bad date"}},
	Term{"bad_number", Text{"数值无效", "bad number"}},
	Term{"negative", Text{"不应为负", "negative"}},
	Term{"lossy_number", Text{"编号被表格软件改写", "number rounded by a spreadsheet"}},
	Term{"unknown_code", Text{"代码不在列表中", "unknown code"}},
	Term{"before_start", Text{"早于开始日期", "before its start"}},
	Term{"malformed", Text{"格式不正确", "malformed"}},
	Term{"not_allowed", Text{"不允许", "not allowed"}},
	Term{"unknown_field", Text{"字段不存在", "unknown field"}},
	Term{"too_large", Text{"超出上限", "too large"}},
	Term{"future", Text{"日期在未来", "in the future"}},
	Term{"personal_text", Text{"公开文字含个人信息", "personal data in open text"}},
	Term{"conflict", Text{"与已有记录冲突", "conflict"}},
	Term{"erased", Text{"人员信息已删除", "erased"}},
	Term{"depends", Text{"有后续记录依赖", "later facts depend on it"}})

// Refusal is one broken rule, as data: which field, what value, which rule, what to do.
type Refusal struct {
	Field string      `json:"field"`           // RFC 6901 pointer from the event ("/data/wage_fen_month")
	Value string      `json:"value,omitempty"` // as given; never that of a sealed field
	Kind  RefusalKind `json:"kind"`
	Rule  Text        `json:"rule"`
	Fix   Text        `json:"fix"`
}

// Report collects what is wrong with one payload. Base is put before each field.
type Report struct {
	Base     string
	Refusals []Refusal
}

// Add appends a refusal for the field pointer (from the payload's root, "/wage_fen_month").
func (r *Report) Add(field, value string, kind RefusalKind, rule, fix Text) {
	r.Refusals = append(r.Refusals, Refusal{r.Base + field, value, kind, rule, fix})
}

// OK reports that nothing is wrong.
func (r *Report) OK() bool { return len(r.Refusals) == 0 }
