package domain

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// FieldClass says who may read a field (DESIGN D9).
type FieldClass byte

// The field classes.
const (
	Open      FieldClass = iota // readable by everybody who may read the event
	Sensitive                   // sealed; opened in memory for folding
	Personal                    // sealed; opened only for the alias index and, with identity, for display
)

// String returns "open", "sensitive" or "personal".
func (c FieldClass) String() string { return [...]string{"open", "sensitive", "personal"}[c] }

// Box is a field that is sealed in the log: {"sealed":"…"} there, its plain JSON value in a
// submission. Exactly one of Plain and Sealed is set; both are empty when the field is absent.
// Box itself knows no cryptography: the seal package opens and closes it.
type Box struct {
	Plain  jsontext.Value // the field's JSON while open
	Sealed string         // base64url of WIRE §4's bytes while closed
	Erased bool           // the key was destroyed; the value is gone for ever
	Tag    uint64         // keyed hash of a Tagged value, set by who opens it for folding; never in the log
}

// errBadBox is not exported: the door reports it with the field's name.
var errBadBox = errors.New(`a sealed field is {"sealed":"…"} or its plain value`)

// IsZero reports an absent field.
func (b Box) IsZero() bool { return len(b.Plain) == 0 && b.Sealed == "" && !b.Erased }

// MarshalJSONTo writes the sealed form, or the plain one while open.
func (b Box) MarshalJSONTo(enc *jsontext.Encoder) error {
	switch {
	case b.Sealed != "":
		if err := enc.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.String("sealed")); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.String(b.Sealed)); err != nil {
			return err
		}
		return enc.WriteToken(jsontext.EndObject)
	case len(b.Plain) > 0:
		return enc.WriteValue(b.Plain)
	}
	return enc.WriteToken(jsontext.Null)
}

// UnmarshalJSONFrom reads either form; which one is allowed is the caller's rule.
func (b *Box) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() != '{' {
		*b = Box{Plain: v.Clone()}
		return nil
	}
	var sealed struct {
		Sealed string `json:"sealed"`
	}
	if err := json.Unmarshal(v, &sealed, json.RejectUnknownMembers(true)); err != nil || sealed.Sealed == "" {
		return errBadBox
	}
	*b = Box{Sealed: sealed.Sealed}
	return nil
}

// PersonalBox is a sealed field of class Personal whose plain value is a T.
type PersonalBox[T any] struct{ Box }

// SensitiveBox is a sealed field of class Sensitive whose plain value is a T.
type SensitiveBox[T any] struct{ Box }

// Value decodes the plain value; ok is false while the box is closed, erased or absent.
func (b PersonalBox[T]) Value() (v T, ok bool) { return valueOf[T](b.Box) }

// Value decodes the plain value; ok is false while the box is closed, erased or absent.
func (b SensitiveBox[T]) Value() (v T, ok bool) { return valueOf[T](b.Box) }

func valueOf[T any](b Box) (v T, ok bool) {
	if len(b.Plain) == 0 {
		return v, false
	}
	return v, json.Unmarshal(b.Plain, &v) == nil
}

// OpenPersonal returns an open box holding v.
func OpenPersonal[T any](v T) PersonalBox[T] { return PersonalBox[T]{boxOf(v)} }

// OpenSensitive returns an open box holding v.
func OpenSensitive[T any](v T) SensitiveBox[T] { return SensitiveBox[T]{boxOf(v)} }

func boxOf(v any) Box {
	b, err := json.Marshal(v)
	if err != nil {
		panic("domain: a sealed field's type does not encode: " + err.Error())
	}
	return Box{Plain: b}
}

// Opt is an optional value for which zero means something: an absent figure is not the
// figure nought.
type Opt[T any] struct {
	V  T
	OK bool
}

// Some returns a present v.
func Some[T any](v T) Opt[T] { return Opt[T]{v, true} }

// IsZero reports absence, for json's omitzero.
func (o Opt[T]) IsZero() bool { return !o.OK }

// Or returns the value, or other when absent.
func (o Opt[T]) Or(other T) T {
	if o.OK {
		return o.V
	}
	return other
}

// MarshalJSONTo writes the value.
func (o Opt[T]) MarshalJSONTo(enc *jsontext.Encoder) error { return json.MarshalEncode(enc, o.V) }

// UnmarshalJSONFrom reads a value.
func (o *Opt[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	o.OK = true
	return json.UnmarshalDecode(dec, &o.V)
}
