package domain

import (
	"slices"
	"strings"
	"unicode"
)

// ApprovedBy returns who approved an act on records or on who belongs to which household, as its field
// approved_by names him; "" where nobody is named, or the type has no such field.
func ApprovedBy(f Fact) string {
	if by := approval(f); by != nil {
		return *by
	}
	return ""
}

// Approve names who approved an act, where its type has a field for him.
func Approve(f Fact, by string) {
	if field := approval(f); field != nil {
		*field = by
	}
}

func approval(f Fact) *string {
	switch f := f.(type) {
	case *RecordCorrected:
		return &f.ApprovedBy
	case *RecordVoided:
		return &f.ApprovedBy
	case *HouseholdSplit:
		return &f.ApprovedBy
	case *HouseholdMerged:
		return &f.ApprovedBy
	case *HouseholdMoved:
		return &f.ApprovedBy
	case *MemberJoined:
		return &f.ApprovedBy
	case *MemberLeft:
		return &f.ApprovedBy
	}
	return nil
}

// approverPattern is the form of a code that names who approved something, for schemas.
const approverPattern = "^[A-Za-z._/-]*[0-9][A-Za-z0-9._/-]*$"

// longestApprover is the longest such code.
const longestApprover = 40

// IsApproverCode reports a text that has the form of the code of who approved something: letters, digits and . _ / -, at
// least one of them a digit, since a name in Latin letters has none. Names stay outside of the
// ledger; the form is the door's to ask for, and texts of another form that are recorded stay readable.
func IsApproverCode(text string) bool {
	return len(text) <= longestApprover && strings.ContainsAny(text, "0123456789") && strings.IndexFunc(text, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._/-", c)
	}) < 0
}

// IsNamedBy reports whether a text names the source and nothing else: its department by code or name,
// its division, or both, in any spelling ("hrss", "HRSS 520603", "/departments/hrss/520603",
// "人力资源社会保障"). Until identity exists an event carries no person: who records is known by
// department and division alone, so that this is all that a second person can be compared with.
func (s Source) IsNamedBy(text string) bool {
	label := Label(s.Department)
	own := []string{"departments", string(s.Department), string(s.Division), label.ZH, label.EN}
	for i := range own {
		own[i] = plainly(own[i])
	}
	rest := plainly(text)
	if rest == "" {
		return false
	}
	slices.SortFunc(own, func(a, b string) int { return len(b) - len(a) }) // the longest first: 5206 stands in 520603
	for _, name := range own {
		if name != "" {
			rest = strings.ReplaceAll(rest, name, "")
		}
	}
	return rest == ""
}

// plainly keeps letters and digits, in lower case and of plain width.
func plainly(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // the full-width forms of ASCII
			r -= '！' - '!'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, text)
}
