package domain

import "reflect"

// Text is one sentence or label in both languages of the product.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Term is one value of an enumeration: its code on the wire ([a-z0-9_]+) and its names.
type Term struct {
	Code string `json:"code"`
	Text
}

// vocabularies holds the terms of each enumeration type; filled by enumerate while the
// package initialises and read-only afterwards.
var vocabularies = map[reflect.Type][]Term{}

// enumerate registers T's terms, in the order of their first use: the place of a term in the
// list is part of snapshots, so the list is append only. The result is for `var _ =`.
func enumerate[T ~string](terms ...Term) struct{} {
	vocabularies[reflect.TypeFor[T]()] = terms
	return struct{}{}
}

// TermsOf returns the terms of T's enumeration; the caller must not change them.
func TermsOf[T ~string]() []Term { return vocabularies[reflect.TypeFor[T]()] }

// YesNo is the answer to a question that has only two.
type YesNo string

// Affirmed is the answer yes.
const Affirmed YesNo = "yes"

var _ = enumerate[YesNo](
	Term{"yes", Text{"是", "yes"}},
	Term{"no", Text{"否", "no"}})

// Label returns the names of v in T's enumeration; an unknown code names itself.
func Label[T ~string](v T) Text {
	for _, t := range TermsOf[T]() {
		if t.Code == string(v) {
			return t.Text
		}
	}
	return Text{string(v), string(v)}
}
