package domain

import "github.com/go-json-experiment/json/jsontext"

// Fen is an amount of money in fen, a hundredth of a yuan.
type Fen int64

// Dm2 is an area in square decimetres, a hundredth of a square metre.
type Dm2 int64

// Payload is a whole payload carried inside another fact (record.corrected); its shape is
// that of the target's type.
type Payload = jsontext.Value
