package domain

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// MaxParameterFile bounds the file of a parameter set, in bytes.
const MaxParameterFile = 64 << 10

// The limits of cut-offs: far beyond what any rule wants, and small enough that days can be
// added to any date.
const (
	mostDays    = 3660
	mostMonths  = 120
	mostPercent = 1000
	mostAge     = 120
	mostLines   = 100
	mostFen     = 100_000_000 // a head and year: a million yuan
	longestName = 48
)

// knob is one cut-off: the rule of its value, and where it goes.
type knob struct {
	name string
	rule Text
	set  func(p *Parameters, value string) bool // false: the value breaks the rule
}

// knobs are all cut-offs that a set has, in the order of DefaultParameters.
func knobs() []knob {
	days := func(name string, at func(*Parameters) *int) knob { return whole(name, 1, mostDays, at) }
	months := func(name string, at func(*Parameters) *int) knob { return whole(name, 1, mostMonths, at) }
	percent := func(name string, at func(*Parameters) *int64) knob {
		return knob{name, between(1, mostPercent), func(p *Parameters, value string) bool {
			n, ok := number(value, 1, mostPercent)
			*at(p) = int64(n)
			return ok
		}}
	}
	return []knob{
		{"title_policy_date", Text{"应为日期", "a date"}, func(p *Parameters, value string) bool {
			day, err := ParseDay(value)
			p.TitlePolicyDate = day
			return err == nil && day.Year() >= firstYear && day.Year() <= lastYear
		}},
		months("title_months", func(p *Parameters) *int { return &p.TitleMonths }),
		days("housing_fresh_days", func(p *Parameters) *int { return &p.HousingDays }),
		days("job_fresh_days", func(p *Parameters) *int { return &p.JobDays }),
		days("no_home_days", func(p *Parameters) *int { return &p.NoHomeDays }),
		days("out_of_work_days", func(p *Parameters) *int { return &p.OutOfWorkDays }),
		days("last_job_days", func(p *Parameters) *int { return &p.LastJobDays }),
		months("watch_months", func(p *Parameters) *int { return &p.WatchMonths }),
		months("settled_months", func(p *Parameters) *int { return &p.SettledMonths }),
		{"working_age", Text{"应为两个年龄，如 16-59", "two ages, such as 16-59"}, setWorkingAge},
		percent("near_line_percent", func(p *Parameters) *int64 { return &p.NearLinePercent }),
		percent("rich_percent", func(p *Parameters) *int64 { return &p.RichPercent }),
		percent("transfer_percent", func(p *Parameters) *int64 { return &p.TransferPercent }),
		days("zero_job_visit_days", func(p *Parameters) *int { return &p.ZeroJobVisitDays }),
		days("decision_days", func(p *Parameters) *int { return &p.DecisionDays }),
		days("plan_days", func(p *Parameters) *int { return &p.PlanDays }),
		days("review_days", func(p *Parameters) *int { return &p.ReviewDays }),
		days("visit_days", func(p *Parameters) *int { return &p.VisitDays }),
		days("monitored_visit_days", func(p *Parameters) *int { return &p.MonitoredVisitDays }),
		days("rejected_workdays", func(p *Parameters) *int { return &p.RejectedWorkdays }),
		{"line_fen_head", Text{"应为各年的线（分），年份递增，如 2019: 374700, 2020: 400000", "the line of each year in fen, by year, such as 2019: 374700, 2020: 400000"}, setLines},
		{"employed", Text{"应为 verified、working 或 placed", "verified, working or placed"}, func(p *Parameters, value string) bool {
			p.Employed = EmployedRule(value)
			return p.Employed == EmployedVerified || p.Employed == EmployedWorking || p.Employed == EmployedPlaced
		}},
		days("employed_days", func(p *Parameters) *int { return &p.EmployedDays }),
	}
}

func knobOf(name string) (knob, bool) {
	all := knobs()
	at := slices.IndexFunc(all, func(k knob) bool { return k.name == name })
	if at < 0 {
		return knob{}, false
	}
	return all[at], true
}

func between(least, most int) Text {
	return Text{
		"应为" + strconv.Itoa(least) + "至" + strconv.Itoa(most) + "的整数",
		"a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most),
	}
}

func whole(name string, least, most int, at func(*Parameters) *int) knob {
	return knob{name, between(least, most), func(p *Parameters, value string) bool {
		n, ok := number(value, least, most)
		*at(p) = n
		return ok
	}}
}

// number reads digits alone: a sign or a leading zero would be a second way to write the same.
func number(text string, least, most int) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most && strconv.Itoa(n) == text
}

func setWorkingAge(p *Parameters, value string) bool {
	from, to, both := strings.Cut(value, "-")
	least, ok := number(from, 0, mostAge)
	most, also := number(to, least, mostAge)
	p.WorkingAge = [2]int{least, most}
	return both && ok && also
}

func setLines(p *Parameters, value string) bool {
	p.Lines = nil
	for part := range strings.SplitSeq(value, ",") {
		year, fen, both := strings.Cut(strings.TrimSpace(part), ": ")
		y, ok := number(year, firstYear, lastYear)
		f, also := number(fen, 1, mostFen)
		if n := len(p.Lines); !both || !ok || !also || n == mostLines || n > 0 && int32(y) <= p.Lines[n-1].Year {
			return false
		}
		p.Lines = append(p.Lines, Line{int32(y), Fen(f)})
	}
	return true
}

// parameterFile is the file of a set: what GET /v1/parameters gives, or less of it.
type parameterFile struct {
	Name       string      `json:"name"`
	Version    int         `json:"version"`
	ValidFrom  string      `json:"valid_from"`
	Source     string      `json:"source"`
	Parameters []Parameter `json:"parameters"`
	Lines      []Line      `json:"lines"` // those of line_fen_head, written out

	Notice  *Text  `json:"notice"`  // of an answer: not read
	Sources []Term `json:"sources"` // likewise
}

// ParseParameters reads the file of a parameter set. Parameters that it does not name are those of
// DefaultParameters. What is wrong is told with its place in the file.
func ParseParameters(text []byte) (*Parameters, []Refusal) {
	var r Report
	var f parameterFile
	if len(text) > MaxParameterFile {
		r.Add("", "", TooLarge, Text{"参数集文件不超过64 KiB", "the file of a parameter set holds at most 64 KiB"}, exampleSet())
		return nil, r.Refusals
	}
	if err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true)); err != nil {
		refuseFile(&r, err)
		return nil, r.Refusals
	}
	p := DefaultParameters()
	p.Name, p.Version, p.Source = f.Name, f.Version, f.Source
	f.head(&r, p)
	seen := map[string]bool{}
	for i := range f.Parameters {
		f.take(&r, p, i, seen)
	}
	if r.OK() && len(f.Lines) > 0 && !slices.Equal(f.Lines, p.Lines) {
		r.Add("/lines", "", Malformed, Text{"lines 由 line_fen_head 得出，两者应一致", "lines follow from line_fen_head and have to be the same"},
			Text{"请删去 lines", "leave lines out"})
	}
	if !r.OK() {
		return nil, r.Refusals
	}
	return p, nil
}

// exampleSet is the way out of a file that is none.
func exampleSet() Text {
	const shape = `{"name":"employed-placed","version":1,"valid_from":"2026-01-01","source":"…","parameters":[{"name":"employed","value":"placed","source":"O","reason":{"zh":"…","en":"…"}}]}`
	return Text{"例如 " + shape, "such as " + shape}
}

// refuseFile tells why a file is not one of a set; its bytes are not repeated.
func refuseFile(r *Report, err error) {
	var where *json.SemanticError
	pointer := ""
	if errors.As(err, &where) {
		pointer = Shown(string(where.JSONPointer))
	}
	rule := Text{"应为参数集的 JSON 对象", "the file is a JSON object of a parameter set"}
	if errors.Is(err, json.ErrUnknownName) {
		rule = Text{"没有这个成员", "there is no such member"}
	}
	r.Add(pointer, "", Malformed, rule, exampleSet())
}

// ValidSetName reports a name that a parameter set may have: it stands in addresses and file names.
func ValidSetName(name string) bool {
	if name == "" || len(name) > longestName || name[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}

// head checks what is said of the set itself.
func (f *parameterFile) head(r *Report, p *Parameters) {
	if !ValidSetName(f.Name) {
		r.Add("/name", Shown(f.Name), Malformed, Text{"名称由小写字母、数字和连字符组成，最多48个字符", "a name is small letters, digits and hyphens, at most 48"},
			Text{"例如 employed-placed", "such as employed-placed"})
	}
	if f.Version < 1 || f.Version > mostDays {
		r.Add("/version", strconv.Itoa(f.Version), BadNumber, Text{"版本为1以上的整数", "a version is a whole number from 1"}, Text{"例如 1", "such as 1"})
	}
	day, err := ParseDay(f.ValidFrom)
	if p.ValidFrom = day; err != nil || day.Year() < firstYear || day.Year() > lastYear {
		r.Add("/valid_from", Shown(f.ValidFrom), Malformed, Text{"应为生效日期", "the date from which the set is meant to hold"}, Text{"例如 2026-01-01", "such as 2026-01-01"})
	}
	if !plainText(f.Source) {
		r.Add("/source", "", Missing, Text{"须说明参数集的来源，最多200字，不含电话或证件号码", "a set says where it comes from, in at most 200 characters, without a phone or ID number"},
			Text{"写明文件、单位或“本单位自拟”", "name the document, the office, or say that it is your own"})
	}
}

// take sets one parameter.
func (f *parameterFile) take(r *Report, p *Parameters, i int, seen map[string]bool) {
	given, at := &f.Parameters[i], "/parameters/"+strconv.Itoa(i)
	k, known := knobOf(given.Name)
	switch {
	case !known:
		names := ""
		for _, k := range knobs() {
			names += " " + k.name
		}
		r.Add(at+"/name", Shown(given.Name), Malformed, Text{"没有这个参数", "there is no such parameter"}, Text{"可用：" + names, "one of:" + names})
		return
	case seen[given.Name]:
		r.Add(at+"/name", Shown(given.Name), Malformed, Text{"每个参数只写一次", "a parameter is given once"}, Text{"请删去重复的参数", "take out the second one"})
		return
	case !k.set(p, given.Value):
		r.Add(at+"/value", Shown(given.Value), Malformed, Text{given.Name + " " + k.rule.ZH, given.Name + " is " + k.rule.EN},
			Text{"例如 " + DefaultParameters().Value(given.Name), "such as " + DefaultParameters().Value(given.Name)})
	}
	seen[given.Name] = true
	if given.Source != "S" && given.Source != "O" && given.Source != "M" {
		r.Add(at+"/source", Shown(given.Source), Malformed, Text{"来源为 S（有出处）、O（自拟）或 M（凭记忆）", "a source is S (sourced), O (one's own) or M (from memory)"},
			Text{"没有出处的写 O", "without a source it is O"})
	}
	if !plainText(given.Reason.ZH) || !plainText(given.Reason.EN) {
		r.Add(at+"/reason", "", Missing, Text{"须有中英文理由，各不超过200字，不含电话或证件号码", "a reason in zh and en, at most 200 characters each, without a phone or ID number"}, exampleSet())
	}
	p.All[p.at(given.Name)] = *given
}

// plainText reports a text that is there, is not long, and holds nothing that looks personal.
func plainText(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxText && !looksPersonal(s, false)
}

// File writes the set as ParseParameters reads it, whole.
func (p *Parameters) File() []byte {
	text, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		panic("domain: a parameter set that cannot be written: " + err.Error())
	}
	return append(text, '\n')
}

// Differences names the parameters whose values differ between two sets, in the order of the sets.
func (p *Parameters) Differences(other *Parameters) (names []string) {
	for i := range p.All {
		if name := p.All[i].Name; p.All[i].Value != other.Value(name) {
			names = append(names, name)
		}
	}
	return names
}
