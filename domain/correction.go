package domain

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// CorrectionReason is why a record is corrected.
type CorrectionReason string

// VoidReason is why a record is voided.
type VoidReason string

var (
	_ = enumerate[CorrectionReason](
		Term{"typo", Text{"录入错误", "typing error"}},
		Term{"late_data", Text{"迟到数据", "late data"}},
		Term{"wrong_subject", Text{"对象错误", "wrong subject"}},
		Term{"policy_change", Text{"政策调整", "policy change"}},
		Term{"inspection", Text{"督查要求", "inspection"}})
	_ = enumerate[VoidReason](
		Term{"duplicate", Text{"重复", "duplicate"}},
		Term{"false", Text{"不实", "false"}},
		Term{"wrong_subject", Text{"对象错误", "wrong subject"}},
		Term{"test", Text{"测试", "test"}})
)

// RecordCorrected gives an event's payload anew (更正). The target's effect is replaced at its
// own world time; the original stays in the ledger for ever. Schema is the type and version of
// Data, such as "anju:job.placed/2": the door fills it in from the target, so that a correction
// is read in its own version for ever. Sealed fields of Data are sealed like any other; their
// pointers begin with /data.
type RecordCorrected struct {
	TargetEvent EventID          `json:"target_event,omitzero" anju:"required" zh:"被更正记录"`
	Schema      string           `json:"schema,omitzero" anju:"fold,ref" zh:"内容的类型和版本"`
	Data        Payload          `json:"data,omitzero" anju:"required" zh:"更正后的内容"`
	Reason      CorrectionReason `json:"reason,omitzero" anju:"required" zh:"原因"`
	ApprovedBy  string           `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

var _ = define[RecordCorrected](Kind{
	Name: "record.corrected", Rank: 570, Area: 9, Time: InstantTime, Departments: []Department{OfTarget},
	Label:  Text{"更正", "Record corrected"},
	Effect: Text{"自原生效日起以新内容替换；原记录保留", "replaces the effect of the target from its valid date; original stays"},
	Sample: &RecordCorrected{TargetEvent: sampleEvent, Schema: "anju:job.verified/1", Data: Payload(`{"person":"` + samplePerson.String() + `","still":"yes"}`), Reason: "typo"},
})

// Check refuses a payload that is no JSON object, and a schema that is none of the catalogue.
func (c *RecordCorrected) Check(r *Report) {
	if name, _, ok := ParseSchema(c.Schema); c.Schema != "" && (!ok || kinds[name] == nil) {
		r.Add("/schema", Shown(c.Schema), UnknownCode, Text{"没有这个类型或版本", "there is no such type or version"},
			Text{"可以不填：账本按被更正记录填写", "leave it out: the ledger takes that of the target"})
	}
	if c.Data.Kind() != jsontext.KindBeginObject {
		r.Add("/data", "", Malformed, Text{"更正内容必须是完整的新数据对象", "the correction is the full new payload, an object"},
			Text{"请提交该类型的完整 data", "send the type's whole data"})
	}
}

// Carry puts the new payload of a target of type k, sealed or open, into the correction.
func (c *RecordCorrected) Carry(k *Kind, f Fact) error {
	data, err := Encode(f)
	if err != nil {
		return fmt.Errorf("payload of a correction: %w", err)
	}
	c.Schema, c.Data = k.Schema(), data
	return nil
}

// Carried reads the new payload as the target's type k: in the version that the correction
// names, or the present one while the door has not named it. It is ErrVersion when the
// correction carries another type or a version that this program does not know.
func (c *RecordCorrected) Carried(k *Kind) (Fact, error) {
	if c.Schema == "" {
		return k.Decode(k.Version, c.Data)
	}
	name, version, ok := ParseSchema(c.Schema)
	if !ok || name != k.Name {
		return nil, fmt.Errorf("%w: a correction of %s carries %q", ErrVersion, k.Name, c.Schema)
	}
	return k.Decode(version, c.Data)
}

// apply does nothing by itself: Register.Fold puts the new payload in the target's place.
func (c *RecordCorrected) apply(*File, *Stamp) {}

// RecordVoided takes an event's effect away (作废); the original stays in the ledger for ever.
type RecordVoided struct {
	TargetEvent EventID    `json:"target_event,omitzero" anju:"required" zh:"被作废记录"`
	Reason      VoidReason `json:"reason,omitzero" anju:"required" zh:"原因"`
	ApprovedBy  string     `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

var _ = define[RecordVoided](Kind{
	Name: "record.voided", Rank: 580, Area: 9, Time: InstantTime, Departments: []Department{OfTarget},
	Label:  Text{"作废", "Record voided"},
	Effect: Text{"撤销原记录的效力", "removes the effect of the target"},
	Sample: &RecordVoided{TargetEvent: sampleEvent, Reason: "duplicate"},
})

// Check has no rule beyond the fields'.
func (v *RecordVoided) Check(*Report) {}

// apply does nothing by itself: Register.Fold leaves the target out.
func (v *RecordVoided) apply(*File, *Stamp) {}

// Count is how many rows were refused for one cause.
type Count struct {
	Kind RefusalKind `json:"kind" zh:"类型"`
	Rows int32       `json:"rows" anju:"min=0" zh:"行数"`
}

// RefusedRow names one refused row of a file; never its content.
type RefusedRow struct {
	Row    int32       `json:"row" anju:"min=1" zh:"行号"`
	Column string      `json:"column,omitzero" zh:"列"`
	Kind   RefusalKind `json:"kind" zh:"类型"`
}

// Rejected sums up the refused rows of an import: all counted, the first 200 named.
type Rejected struct {
	Counts []Count      `json:"counts,omitzero" zh:"按类型计数"`
	First  []RefusedRow `json:"first,omitzero" zh:"前200行"`
}

// BatchClosed ends an import (导入完成): its counts, and the way from a row to its events.
type BatchClosed struct {
	Batch           BatchID  `json:"batch,omitzero" anju:"required" zh:"批次"`
	Template        string   `json:"template,omitzero" anju:"required" zh:"模板"`
	TemplateVersion int32    `json:"template_version,omitzero" anju:"required,min=1" zh:"模板版本"`
	Rows            int32    `json:"rows" anju:"min=0" zh:"行数"`
	Accepted        int32    `json:"accepted" anju:"min=0" zh:"接受"`
	Duplicates      int32    `json:"duplicates" anju:"min=0" zh:"重复"`
	Changed         int32    `json:"changed" anju:"min=0" zh:"有变化"`
	Nothing         int32    `json:"nothing" anju:"min=0" zh:"无内容"`
	Rejected        Rejected `json:"rejected,omitzero" zh:"拒绝"`
}

// Batch is the end of an import.
type Batch struct {
	Mark
	Closed   Moment
	Template string   // "" when the end was recorded without a business key
	Division Division // whose file it was
	Rejected int32
	Rows     int64
	Ends     [5]int64 // of the rows: accepted, duplicates, changed, without content, refused
}

// maxNamedRows is how many refused rows a batch names (WIRE §6).
const maxNamedRows = 200

var _ = define[BatchClosed](Kind{
	Name: "import.batch_closed", Rank: 600, Area: 9, Time: InstantTime, Home: BatchKind, Departments: []Department{Importer},
	Label:  Text{"导入完成", "Import batch closed"},
	Effect: Text{"批次视图；由行到记录的线索", "batch view; lineage from row to event"},
	Sample: &BatchClosed{
		Batch: BatchID{MintEntity(BatchKind, 1)}, Template: "labour", TemplateVersion: 1, Rows: 3, Accepted: 2,
		Rejected: Rejected{[]Count{{BadDate, 1}}, []RefusedRow{{3, "入职日期", BadDate}}},
	},
})

// Check holds the list of named rows to its limit.
func (b *BatchClosed) Check(r *Report) {
	if len(b.Rejected.First) > maxNamedRows {
		r.Add("/rejected/first", "", TooLarge, Text{"最多列出200行", "at most 200 rows are named"},
			Text{"其余按类型计数", "count the others by kind"})
	}
}

func (b *BatchClosed) apply(f *File, s *Stamp) {
	var rejected int32
	for _, c := range b.Rejected.Counts {
		rejected += c.Rows
	}
	template, _, _ := strings.Cut(s.key(), "/") // WIRE §3: the key of what a template records begins with its name
	f.Batches = append(f.Batches, Batch{
		Mark: s.mark(), Closed: s.Time, Template: template, Division: s.Division, Rejected: rejected, Rows: int64(b.Rows),
		Ends: [5]int64{int64(b.Accepted), int64(b.Duplicates), int64(b.Changed), int64(b.Nothing), int64(rejected)},
	})
}
