package events

import (
	"fmt"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/book"
)

// FindingKind says what happened to an event, or to what proves it.
type FindingKind string

// The kinds of findings.
const (
	Altered    FindingKind = "altered"     // other bytes than were recorded
	Lost       FindingKind = "lost"        // it is no longer there
	Inserted   FindingKind = "inserted"    // it was never recorded, or is there twice
	Reordered  FindingKind = "reordered"   // it stands at another place than it was recorded at
	Forked     FindingKind = "forked"      // another history than the one that was signed
	RolledBack FindingKind = "rolled_back" // an older state than the one that was signed
	Unsigned   FindingKind = "unsigned"    // the key did not sign it
)

// Words names the kind in both languages.
func (k FindingKind) Words() domain.Text {
	words := map[FindingKind]domain.Text{
		Altered: {ZH: "被改动", EN: "altered"}, Lost: {ZH: "丢失", EN: "lost"}, Inserted: {ZH: "被插入", EN: "inserted"},
		Reordered: {ZH: "被移位", EN: "reordered"}, Forked: {ZH: "分叉", EN: "forked"},
		RolledBack: {ZH: "被回退", EN: "rolled back"}, Unsigned: {ZH: "签名不符", EN: "not signed by the key"},
	}
	return words[k]
}

// FindingPlace says which copy a finding is of.
type FindingPlace string

// The places of findings.
const (
	InStream     FindingPlace = "stream"     // JetStream's messages
	InBook       FindingPlace = "book"       // the book's entries
	InTiles      FindingPlace = "tiles"      // the book's hashes
	InHead       FindingPlace = "head"       // the book's head
	InCheckpoint FindingPlace = "checkpoint" // the signed checkpoint
	InSettings   FindingPlace = "settings"   // how JetStream keeps the stream
)

// Words names the place in both languages.
func (p FindingPlace) Words() domain.Text {
	words := map[FindingPlace]domain.Text{
		InStream: {ZH: "数据流", EN: "stream"}, InBook: {ZH: "账册", EN: "book"}, InTiles: {ZH: "哈希块", EN: "tiles"},
		InHead: {ZH: "账册头", EN: "head"}, InCheckpoint: {ZH: "检查点", EN: "checkpoint"},
		InSettings: {ZH: "数据流设置", EN: "settings"},
	}
	return words[p]
}

// Finding is one run of events of which one copy is not what was recorded.
type Finding struct {
	Kind   FindingKind    `json:"kind"`
	In     FindingPlace   `json:"in"`
	From   uint64         `json:"from"` // sequences, both included
	To     uint64         `json:"to"`
	Event  domain.EventID `json:"event,omitzero"` // the one recorded at From, where it is known
	Detail domain.Text    `json:"detail,omitzero"`
	// Of damage to the book, when a scrub met it: it was made again from the stream, or the stream
	// does not prove it either.
	Mended   bool `json:"mended,omitzero"`
	Unproven bool `json:"unproven,omitzero"`
}

// stops says that nothing may be recorded while this is so.
func (f *Finding) stops() bool { return f.In == InStream || f.Unproven }

// what says what was found, without the place.
func (f *Finding) what() domain.Text {
	text := domain.Text{ZH: f.In.Words().ZH + f.Kind.Words().ZH, EN: f.Kind.Words().EN + " in the " + f.In.Words().EN}
	switch {
	case f.Mended:
		text = domain.Text{ZH: text.ZH + "，已由数据流重建", EN: text.EN + ", made again from the stream"}
	case f.Unproven:
		text = domain.Text{ZH: text.ZH + "，数据流也无法证明", EN: text.EN + ", and the stream does not prove it"}
	}
	if f.Detail.EN != "" {
		text = domain.Text{ZH: text.ZH + "：" + f.Detail.ZH, EN: text.EN + ": " + f.Detail.EN}
	}
	return text
}

// VerifyReport is what a verification of one stream found.
type VerifyReport struct {
	Stream   string        `json:"stream"`
	Events   uint64        `json:"events"`          // that were compared
	Root     string        `json:"root,omitzero"`   // of the tree over them
	Signed   uint64        `json:"signed,omitzero"` // how many the last checkpoint covers
	OK       bool          `json:"ok"`              // nothing was found
	Findings []Finding     `json:"findings"`        // the first maxFindings
	More     int           `json:"more,omitzero"`   // findings beyond them
	Notes    []domain.Text `json:"notes,omitzero"`  // what is worth knowing and no damage
}

// newReport begins the report of a stream.
func newReport(stream string) VerifyReport {
	return VerifyReport{Stream: stream, Findings: []Finding{}}
}

// maxFindings bounds a report: past it damage is counted, not listed.
const maxFindings = 1000

// find notes a finding; runs that say the same are joined, but where each event is named.
func (r *VerifyReport) find(f Finding) {
	if n := len(r.Findings); n > 0 {
		last := &r.Findings[n-1]
		same := last.Kind == f.Kind && last.In == f.In && last.Detail == f.Detail && last.Mended == f.Mended
		if same && last.To+1 == f.From && !last.Event.Present() && !f.Event.Present() {
			last.To = f.To
			return
		}
	}
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, f)
}

// note notes what is worth knowing and no damage.
func (r *VerifyReport) note(t domain.Text) { r.Notes = append(r.Notes, t) }

// close says whether the report is clean.
func (r *VerifyReport) close() {
	r.OK = len(r.Findings) == 0
}

// eventOf returns the id of the event that an entry of the book holds, absent when it holds none.
func eventOf(entry []byte) (id domain.EventID) {
	m, _, _, err := parseEntry(entry)
	if err != nil {
		return id
	}
	if e, err := Parse(m.body); err == nil {
		id = e.ID
	}
	return id
}

// bothLanguages writes a sentence with the same arguments in both languages.
func bothLanguages(zh, en string, args ...any) domain.Text {
	return domain.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// rightLeaf says that a leaf is of these bytes.
func rightLeaf(leaf book.Hash, entry []byte) bool { return book.LeafHash(entry) == leaf }
