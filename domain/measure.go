package domain

// MeasureCode names a working measure of follow-up support, such as "b5" (公益性岗位). It is a
// code of the loaded list (Measures), which an operator may replace: a code that the list
// lacks is accepted and marked, as a place code is.
type MeasureCode string

// check reports a code that is none by its form.
func (c MeasureCode) check(r *Report, pointer string) {
	if c != "" && !isCode(string(c)) {
		r.Add(pointer, string(c), UnknownCode, Text{"措施代码由小写字母、数字和下划线组成", "a measure code has lower-case letters, digits and underscores"},
			Text{"请填写措施清单中的代码，例如 b5", "give a code of the list of measures, such as b5"})
	}
}

// isCode reports a value that has the form of every code of the ledger: [a-z0-9_]+.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
