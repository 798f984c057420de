package export

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// Version names the shape of exports. It changes when a table, a column or its meaning does.
const Version = "anju-export/3"

// The files of an export beside its tables.
const (
	manifestName   = "manifest.json"
	dictionaryName = "dictionary.csv"
)

// Manifest says what an export is an export of. It holds no time of its own: the same order of the
// same log gives the same bytes.
type Manifest struct {
	Export     string          `json:"export"` // Version
	Format     Format          `json:"format"`
	Division   domain.Division `json:"division,omitzero"`   // absent = everything
	AsOf       domain.Day      `json:"as_of,omitzero"`      // absent = no bound
	KnownAt    domain.Moment   `json:"known_at,omitzero"`   // RFC 3339; when not asked for: when the newest event was recorded
	Definition string          `json:"definition"`          // of the rules of statuses
	Parameters string          `json:"parameters,omitzero"` // the set of their cut-offs
	Streams    []StreamEnd     `json:"streams"`
	Notes      []domain.Text   `json:"notes,omitzero"` // what is to be known of the division and the two moments
	Tables     []TableFiles    `json:"tables"`
}

// StreamEnd is how far a stream was read, and the root of its book there.
type StreamEnd struct {
	Stream   string `json:"stream"`
	Position uint64 `json:"position"`
	Root     string `json:"root,omitzero"` // base64, as in a checkpoint; absent when it keeps no book
}

// TableFiles is one table and the files that it stands in.
type TableFiles struct {
	Table string `json:"table"`
	// DependsOn names what the rows follow from, beside the division and the format: streams (up to their
	// positions), as_of, and, of households and jobs, definition and parameters.
	DependsOn []string `json:"depends_on"`
	Rows      int64    `json:"rows"`
	Files     []File   `json:"files"`
}

// File is one file of an export.
type File struct {
	Path   string `json:"path"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hex
}

// ParseManifest reads a manifest.
func ParseManifest(text []byte) (m Manifest, err error) {
	m.AsOf = domain.NoDay
	return m, json.Unmarshal(text, &m, json.RejectUnknownMembers(true))
}

// Order returns the order that makes the same export again.
func (m *Manifest) Order() Order {
	o := Order{Format: m.Format, Division: m.Division, AsOf: m.AsOf, KnownAt: m.KnownAt, Parameters: m.Parameters, End: projections.Position{}}
	for _, s := range m.Streams {
		o.End[s.Stream] = s.Position
	}
	for _, t := range m.Tables {
		o.Tables = append(o.Tables, t.Table)
	}
	return o
}

// ErrDiffers says that an export made again is not the one of its manifest.
var ErrDiffers = errors.New("it is not what the manifest says")

// Differs names the first thing in which an export made again is not what a manifest says, "" when it is the
// same bit for bit: the definition, the set, a stream's position or root, a table, a file.
func (m *Manifest) Differs(again *Manifest) string {
	if m.Definition != again.Definition || m.Parameters != again.Parameters {
		return again.Definition + " " + again.Parameters
	}
	if len(m.Streams) != len(again.Streams) || len(m.Tables) != len(again.Tables) {
		return manifestName
	}
	for i, s := range m.Streams {
		if s != again.Streams[i] {
			return fmt.Sprintf("%s:%d", s.Stream, s.Position)
		}
	}
	for i, t := range m.Tables {
		other := again.Tables[i]
		for k, f := range t.Files {
			if k >= len(other.Files) || f != other.Files[k] {
				return f.Path
			}
		}
		if t.Table != other.Table || t.Rows != other.Rows || len(t.Files) != len(other.Files) {
			return t.Table
		}
	}
	if m.KnownAt != again.KnownAt {
		return "known_at " + again.KnownAt.String()
	}
	return ""
}

// describe writes the dictionary and the manifest.
func (e *exporter) describe() error {
	if err := e.put(dictionaryName, dictionary(e.order.Tables)); err != nil {
		return err
	}
	text, err := json.Marshal(e.manifest, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return err
	}
	return e.put(manifestName, append(text, '\n'))
}

// put writes a whole file.
func (e *exporter) put(name string, text []byte) error {
	if err := e.folder.write(name, text); err != nil {
		return err
	}
	return e.made(name)
}

// dictionary lists the columns of the tables: name, type, meaning.
func dictionary(names []string) []byte {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"table", "column", "type", "zh", "en"}) // a Builder takes everything
	for _, t := range tables() {
		for _, name := range names {
			if name == t.name {
				for _, c := range t.columns {
					_ = w.Write([]string{t.name, c.Name, c.Type, c.Label.ZH, c.Label.EN})
				}
			}
		}
	}
	w.Flush()
	return []byte(b.String())
}
