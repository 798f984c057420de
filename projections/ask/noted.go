package ask

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/anju-ledger/anju/domain"
)

// How near the sum of numbers in a note comes to a figure to be taken for its parts: joined ones state
// that they are parts of something; others have to come very near.
const (
	joinedNear = 0.1
	runNear    = 0.01
	notedMost  = 32 // numbers of a note that are looked at
)

// number is a number in a text.
type number struct {
	value    float64
	unit     string // the word behind it, "" where none says of what it is
	from, to int    // where it stands
	joined   bool   // by + or / with the one before
}

// numbers reads the numbers of a text: with commas in the thousands, m, million, bn, 万 and 亿 multiplied out.
// Percentages, dates, ranges and what stands before a colon are labels, not numbers.
func numbers(text string) (all []number) {
	for at := 0; at < len(text) && len(all) < notedMost; {
		digits := digitsAt(text[at:])
		if digits == 0 {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
			continue
		}
		n := number{from: at, to: at + digits}
		value, err := strconv.ParseFloat(strings.ReplaceAll(text[at:n.to], ",", ""), 64)
		before, rest := text[:at], strings.TrimPrefix(text[n.to:], "+")
		at = n.to
		if err != nil || label(before, rest) {
			at += len(rest) - len(strings.TrimLeft(rest, "-0123456789."))
			continue
		}
		n.value, rest = multiplied(value, rest)
		n.unit = unitOf(rest)
		if len(all) > 0 {
			between := strings.TrimPrefix(text[all[len(all)-1].to:n.from], "+")
			n.joined = strings.Contains(between, "+") || between == "/"
		}
		all = append(all, n)
	}
	return all
}

// digitsAt is how long the number at the head of a text is.
func digitsAt(text string) (n int) {
	for n < len(text) && (text[n] >= '0' && text[n] <= '9' || n > 0 && (text[n] == ',' || text[n] == '.') && n+1 < len(text) && text[n+1] >= '0' && text[n+1] <= '9') {
		n++
	}
	return n
}

// label reports digits that count nothing.
func label(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return last == '-' || next == '-' || next == '–' || next == '%' || next == '％' || next == ':' || next == '：' || next == '年' || next == '月' ||
		last < utf8.RuneSelf && unicode.IsLetter(last)
}

// multiplied takes the word of a multiple.
func multiplied(value float64, rest string) (float64, string) {
	for _, m := range []struct {
		word string
		by   float64
	}{{" million", 1e6}, {" billion", 1e9}, {" bn", 1e9}, {"bn", 1e9}, {"m", 1e6}, {"万", 1e4}, {"亿", 1e8}} {
		after, found := strings.CutPrefix(rest, m.word)
		if next, _ := utf8.DecodeRuneInString(after); found && !(next < utf8.RuneSelf && unicode.IsLetter(next)) {
			return math.Round(value * m.by), after
		}
	}
	return value, rest
}

// unitOf is the word behind a number, of Chinese its first character.
func unitOf(rest string) string {
	rest = strings.TrimPrefix(rest, " ")
	first, size := utf8.DecodeRuneInString(rest)
	if unicode.Is(unicode.Han, first) {
		return rest[:size]
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r >= utf8.RuneSelf || !unicode.IsLetter(r) })
	if end < 0 {
		end = len(rest)
	}
	word := strings.ToLower(rest[:end])
	if slices.Contains([]string{"in", "of", "at", "from", "and", "to", "or", "by"}, word) {
		return ""
	}
	return word
}

// means reports that a unit in a note is that of a figure.
func (f *published) means(unit string) bool {
	if unit == "" {
		return false
	}
	unit = cmp.Or(map[string]string{"hh": "household", "p": "people"}[unit], unit)
	return strings.Contains(strings.ToLower(f.metric+" "+f.unit), unit)
}

// notedParts checks the parts that notes tell.
func notedParts(all []published, add func(f *published, found domain.Term, against float64, restsOn string)) {
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].line == all[from].line {
			to++
		}
		line := all[from:to]
		from = to
		found := numbers(line[0].note)
		for _, parts := range joined(found) {
			if f, near := nearest(line, parts, joinedNear); near {
				add(f, fits(f.value, total(parts)), total(parts), noted(parts))
			}
		}
		for _, run := range runs(found) {
			if parts, f := best(line, run); f != nil {
				add(f, fits(f.value, total(parts)), total(parts), noted(parts))
			}
		}
	}
}

// joined are the numbers that + or / join; the last one's unit is that of all.
func joined(all []number) (groups [][]number) {
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && all[end].joined {
			end++
		}
		if end-i > 1 {
			group := slices.Clone(all[i:end])
			for k := range group {
				group[k].unit = cmp.Or(group[k].unit, group[len(group)-1].unit)
			}
			groups = append(groups, group)
		}
		i = end
	}
	return groups
}

// runs are the other numbers by their units, in their order.
func runs(all []number) (groups [][]number) {
	byUnit, order := map[string][]number{}, []string(nil)
	for i, n := range all {
		if n.joined || i+1 < len(all) && all[i+1].joined {
			continue
		}
		if byUnit[n.unit] == nil {
			order = append(order, n.unit)
		}
		byUnit[n.unit] = append(byUnit[n.unit], n)
	}
	for _, unit := range order {
		if len(byUnit[unit]) > 1 {
			groups = append(groups, byUnit[unit])
		}
	}
	return groups
}

// best is the part of a run that comes nearest to a figure of its line: the longest of equally near ones.
func best(line []published, run []number) (parts []number, of *published) {
	off := math.Inf(1)
	for size := len(run); size > 1; size-- {
		for from := 0; from+size <= len(run); from++ {
			some := run[from : from+size]
			if f, near := nearest(line, some, runNear); near && apart(f, some) < off {
				parts, of, off = some, f, apart(f, some)
			}
		}
	}
	return parts, of
}

// nearest is the figure that a sum comes nearest to: of those with the unit of its parts, where some have it.
func nearest(line []published, parts []number, within float64) (f *published, near bool) {
	unit := parts[len(parts)-1].unit
	same := slices.ContainsFunc(line, func(f published) bool { return f.means(unit) })
	for i := range line {
		if same && !line[i].means(unit) {
			continue
		}
		if f == nil || apart(&line[i], parts) < apart(f, parts) {
			f = &line[i]
		}
	}
	return f, f != nil && apart(f, parts) <= within
}

// apart is how far a sum is from a figure, as a share of it.
func apart(f *published, parts []number) float64 {
	return math.Abs(f.value-total(parts)) / math.Max(1, math.Abs(f.value))
}

func total(parts []number) (sum float64) {
	for _, p := range parts {
		sum += p.value
	}
	return sum
}

func noted(parts []number) string {
	var all []string
	for _, p := range parts {
		all = append(all, strings.TrimSpace(written(p.value)+" "+p.unit))
	}
	return "note: " + strings.Join(all, " + ")
}
