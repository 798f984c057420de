package web

import (
	"errors"
	"strconv"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/book"
)

// alarmEntry is one thing that the operator of a stream has to look at, with the way out.
type alarmEntry struct {
	Kind   events.AlarmKind `json:"kind"`
	From   uint64           `json:"from,omitzero"` // the places that it is about, both included; absent = the whole stream
	To     uint64           `json:"to,omitzero"`
	Stands bool             `json:"stands"` // nothing is recorded in the stream meanwhile
	Detail string           `json:"detail,omitzero"`
	Rule   domain.Text      `json:"rule"`
	Fix    domain.Text      `json:"fix"`
}

func alarmEntries(alarms []events.Alarm) []alarmEntry {
	entries := []alarmEntry{}
	for _, a := range alarms {
		rule, fix := alarmWords(a.Kind)
		entries = append(entries, alarmEntry{a.Kind, a.From, a.To, a.Stands, told(a.Detail), rule, fix})
	}
	return entries
}

// alarmWords says what should be, and the way out.
func alarmWords(kind events.AlarmKind) (rule, fix domain.Text) {
	switch kind {
	case events.AlarmRolledBack:
		return domain.Text{ZH: "账本不少于、不异于见证人所副署的", EN: "a ledger holds at least what its witnesses cosigned"},
			domain.Text{ZH: "换回较新的目录；若已丢失，停止服务并运行 anju restore，见 docs/operate.md", EN: "bring the newer folder back; if it is lost, stop the server and run anju restore, see docs/operate.md"}
	case events.AlarmDiffers:
		return domain.Text{ZH: "数据流与账册应逐条一致", EN: "stream and book agree, entry by entry"},
			domain.Text{ZH: "停止服务，运行 anju verify ledger 与 anju repair，见 docs/operate.md；期间账册仍可读取", EN: "stop the server, run anju verify ledger and anju repair, see docs/operate.md; the book is read meanwhile"}
	case events.AlarmSettings:
		return domain.Text{ZH: "数据流的设置只由账本更改", EN: "nobody but the ledger changes a stream's settings"},
			domain.Text{ZH: "查明是谁改动，改回设置，重新打开账本", EN: "find out who did it, put the settings back, and open the ledger again"}
	case events.AlarmUnreachable:
		return domain.Text{ZH: "每分钟都能检查数据流", EN: "the stream can be asked each minute"},
			domain.Text{ZH: "检查 NATS 服务器与磁盘；恢复后自动消除", EN: "look at the NATS server and the disk; it ends by itself"}
	case events.AlarmUnsigned:
		return domain.Text{ZH: "每秒为新记录签名检查点", EN: "a checkpoint of what is new is signed each second"},
			domain.Text{ZH: "无记录丢失，仍可写入；检查磁盘空间与 book/、checkpoints/ 的权限；恢复后自动消除", EN: "nothing is lost, and recording goes on; look at the room on the disk and the permissions of book/ and checkpoints/; it ends by itself"}
	case events.AlarmBookDamaged:
		return domain.Text{ZH: "账册的文件与写入时一致", EN: "the files of the book are what was written"},
			domain.Text{ZH: "检查磁盘；重新打开账本时会由数据流重建", EN: "look at the disk; opening the ledger again makes it anew from the stream"}
	case events.AlarmBookMended:
		return domain.Text{ZH: "账册的文件与写入时一致", EN: "the files of the book are what was written"},
			domain.Text{ZH: "无记录丢失；请检查磁盘，损坏的文件在 damaged/", EN: "nothing is lost; look at the disk, the damaged file is in damaged/"}
	case events.AlarmForeign:
		return domain.Text{ZH: "只有账本写入数据流", EN: "nobody but the ledger writes to a stream"},
			domain.Text{ZH: "查明是谁接触了 JetStream API", EN: "find out who reached the JetStream API"}
	}
	return domain.Text{ZH: "每个数据流都能写入", EN: "every stream can be written"},
		domain.Text{ZH: "见 docs/operate.md", EN: "see docs/operate.md"}
}

// standing is the problem of a stream that does not record.
func standing(s events.StreamState) *Problem {
	a := s.Alarms[0]
	rule, fix := alarmWords(a.Kind)
	value := ""
	if a.From > 0 {
		value = places(s.Stream, a.From, a.To)
	}
	p := refuse(needsOperator, s.Stream, value, rule, fix)
	p.Detail = told(a.Detail)
	return p
}

// places writes a run of places, as in ANJU-52:7-9.
func places(stream string, from, to uint64) string {
	text := stream + ":" + strconv.FormatUint(from, 10)
	if to > from {
		text += "-" + strconv.FormatUint(to, 10)
	}
	return text
}

// unverified is the problem of what neither stream nor book proves: it names the places, and
// nothing is handed out in their stead.
func unverified(err error) *Problem {
	p := refuse(notVerified, "", "", domain.Text{ZH: "数据流或账册应能证明所读的每一条记录", EN: "stream or book proves every event that is read"},
		domain.Text{ZH: "运行 anju verify ledger，见 docs/operate.md；GET /v1/events?after= 可从其后继续读取", EN: "run anju verify ledger, see docs/operate.md; GET /v1/events?after= goes on behind it"})
	var d *events.DifferenceError
	if errors.As(err, &d) {
		p.Field, p.Value = "position", places(d.Stream, d.From, d.To)
		after := places(d.Stream, d.To, d.To)
		p.Fix = domain.Text{ZH: "运行 anju verify ledger，见 docs/operate.md；after=" + after + " 可从其后继续读取", EN: "run anju verify ledger, see docs/operate.md; after=" + after + " goes on behind it"}
		return p
	}
	p.Detail = shown(err.Error())
	return p
}

// inStream names the stream of what a book says of its entries.
func inStream(stream string, err error) error {
	var d *book.DamageError
	if errors.As(err, &d) {
		return &events.DifferenceError{Stream: stream, From: d.From + 1, To: d.To, Err: err}
	}
	return err
}

// bookStanding says how the book of a stream stands.
type bookStanding struct {
	Written  uint64        `json:"written"` // entries in the book
	Signed   uint64        `json:"signed"`  // how many of them the last checkpoint covers
	SignedAt time.Time     `json:"signed_at,omitzero"`
	Scrub    scrubStanding `json:"scrub"`
}

// scrubStanding says how the scrub stands, which reads and compares everything again and again.
type scrubStanding struct {
	Running  bool      `json:"running"`
	Started  time.Time `json:"started,omitzero"` // of the round that runs, or ran last
	Position uint64    `json:"position"`         // the round that runs has compared everything up to here
	Found    int       `json:"found"`            // how many findings it has, so far
	Ended    time.Time `json:"ended,omitzero"`   // of the last round that came to its end
	Events   uint64    `json:"events"`           // that it compared
	Findings int       `json:"findings"`         // how many it had; the alarms name the places
}

func bookStandingOf(b events.BookState) *bookStanding {
	s := b.Scrub
	return &bookStanding{b.Written, b.Signed, b.SignedAt.UTC(), scrubStanding{
		s.Running, s.Started.UTC(), s.Position, len(s.Found), s.Ended.UTC(), s.Events, len(s.Last),
	}}
}
