package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Problem is a refusal as RFC 9457 writes it, in both languages. Its value is never personal: an
// official number is not repeated, wherever it stood.
type Problem struct {
	Type   string      `json:"type"` // a stable URI, one for each kind
	Status int         `json:"status"`
	Title  string      `json:"title"`          // of the kind, as RFC 9457 wants it: one string
	Names  domain.Text `json:"names"`          // the same by language
	Field  string      `json:"field,omitzero"` // the parameter or member that is wrong
	Value  string      `json:"value,omitzero"`
	Detail string      `json:"detail,omitzero"` // what was found
	Rule   domain.Text `json:"rule,omitzero"`   // what it has to be
	Fix    domain.Text `json:"fix,omitzero"`    // the way out
}

// problemTypes is the prefix of the type member; the door in uses the same.
const problemTypes = "https://anju-ledger.github.io/problems/"

// problemKind is one kind of refusal: the last part of its type.
type problemKind string

// The kinds. Their names are stable: programs tell refusals apart by them.
const (
	unknownRoute     problemKind = "unknown-route"
	wrongMethod      problemKind = "wrong-method"
	unknownParameter problemKind = "unknown-parameter"
	badParameter     problemKind = "bad-parameter"
	badBody          problemKind = "bad-body"
	tooLarge         problemKind = "too-large"
	tooSlow          problemKind = "too-slow"
	unknownEntity    problemKind = "unknown-entity"
	ambiguousNumber  problemKind = "ambiguous-number"
	unknownQuestion  problemKind = "unknown-question"
	waitsForIdentity problemKind = "waits-for-identity"
	notReached       problemKind = "position-not-reached"
	needsOperator    problemKind = "needs-operator"
	unknownSet       problemKind = "unknown-parameter-set"
	setStands        problemKind = "parameter-set-conflict"
	notStored        problemKind = "not-stored"
	noTemporary      problemKind = "no-temporary-folder"
	viewsStopped     problemKind = "views-stopped"
	notVerified      problemKind = "unverified"
	starting         problemKind = "starting"
	internal         problemKind = "internal"
)

// describe returns the kind's status and names.
func (k problemKind) describe() (status int, names domain.Text) {
	switch k {
	case unknownRoute:
		return http.StatusNotFound, domain.Text{ZH: "没有这个地址", EN: "There is no such address"}
	case wrongMethod:
		return http.StatusMethodNotAllowed, domain.Text{ZH: "此地址不接受这种方法", EN: "The address does not take this method"}
	case unknownParameter:
		return http.StatusBadRequest, domain.Text{ZH: "没有这个参数", EN: "There is no such parameter"}
	case badParameter:
		return http.StatusBadRequest, domain.Text{ZH: "参数无效", EN: "A parameter is not valid"}
	case badBody:
		return http.StatusBadRequest, domain.Text{ZH: "请求内容无效", EN: "The body is not valid"}
	case tooLarge:
		return http.StatusRequestEntityTooLarge, domain.Text{ZH: "请求过大", EN: "The request is too large"}
	case tooSlow:
		return http.StatusRequestTimeout, domain.Text{ZH: "内容没有及时送达", EN: "The body did not arrive in time"}
	case unknownEntity:
		return http.StatusNotFound, domain.Text{ZH: "没有找到", EN: "It is not known"}
	case ambiguousNumber:
		return http.StatusConflict, domain.Text{ZH: "有多个对象使用这个编号", EN: "More than one entity answers to this number"}
	case unknownQuestion:
		return http.StatusNotFound, domain.Text{ZH: "没有这个问题", EN: "There is no such question"}
	case waitsForIdentity:
		return http.StatusNotImplemented, domain.Text{ZH: "此问题须等待身份功能", EN: "The question waits for identity"}
	case notReached:
		return http.StatusConflict, domain.Text{ZH: "尚未读到该位置", EN: "The views have not reached that position"}
	case unknownSet:
		return http.StatusNotFound, domain.Text{ZH: "没有这个参数集", EN: "There is no such parameter set"}
	case setStands:
		return http.StatusConflict, domain.Text{ZH: "参数集的状况不允许此操作", EN: "The parameter set stands otherwise than this needs"}
	case notStored:
		return http.StatusInsufficientStorage, domain.Text{ZH: "未能写入账本目录", EN: "The ledger's folder could not be written"}
	case noTemporary:
		return http.StatusInsufficientStorage, domain.Text{ZH: "未能写入服务器的临时目录", EN: "The server's temporary folder could not be written"}
	case needsOperator:
		return http.StatusServiceUnavailable, domain.Text{ZH: "数据流需要处理", EN: "A stream needs the operator"}
	case viewsStopped:
		return http.StatusServiceUnavailable, domain.Text{ZH: "视图已停止", EN: "The views have stopped"}
	case notVerified:
		return http.StatusServiceUnavailable, domain.Text{ZH: "该处记录未经证实", EN: "What is recorded there is unverified"}
	case starting:
		return http.StatusServiceUnavailable, domain.Text{ZH: "账本正在启动", EN: "The ledger is starting"}
	}
	return http.StatusInternalServerError, domain.Text{ZH: "内部错误", EN: "Internal error"}
}

// refuse makes the problem of a kind: every refusal of this door begins here.
func refuse(kind problemKind, field, value string, rule, fix domain.Text) *Problem {
	status, names := kind.describe()
	return &Problem{
		Type: problemTypes + string(kind), Status: status, Title: names.ZH + " / " + names.EN, Names: names,
		Field: field, Value: domain.Shown(value), Rule: rule, Fix: fix,
	}
}

// Bounds of a failure that is told.
const (
	maxShown  = 160
	maxTold   = 800 // of an alarm, which is said whole
	maxDigits = 10  // more in a row could be a phone, ID or official number
)

// shown returns what may be told of a failure: nothing that could hold an official number.
func shown(value string) string { return shownUpTo(value, maxShown) }

// told is shown for an alarm: the sentence is said whole, with its way out.
func told(value string) string { return shownUpTo(strings.ReplaceAll(value, "\n", "; "), maxTold) }

func shownUpTo(value string, most int) string {
	digits := 0
	for i, r := range value {
		digits++
		if r < '0' || r > '9' {
			digits = 0
		}
		if digits > maxDigits || !unicode.IsPrint(r) {
			return ""
		}
		if i >= most {
			return value[:i] + "…"
		}
	}
	return value
}

// document returns the problem's body.
func (p *Problem) document() []byte {
	body, err := json.Marshal(p)
	if err != nil {
		return []byte(`{"type":"about:blank","status":500}`)
	}
	return body
}

// write sends the problem.
func (p *Problem) write(w http.ResponseWriter) {
	body := p.document()
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if strings.HasSuffix(p.Type, string(notReached)) || strings.HasSuffix(p.Type, string(starting)) {
		h.Set("Retry-After", "1")
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client has gone: nobody to tell
}

// WriteStarting answers a request that comes before the ledger is open and its views have read
// what is recorded; read says how many events they have.
func WriteStarting(w http.ResponseWriter, read int64) {
	n := strconv.FormatInt(read, 10)
	refuse(starting, "", "", domain.Text{ZH: "视图已读" + n + "条记录", EN: "its views have read " + n + " events"},
		domain.Text{ZH: "请稍后重试；GET /healthz 已可用", EN: "try again in a moment; GET /healthz answers already"}).write(w)
}

// unknownCode is the problem of a code that is not in its list.
func unknownCode(field, value string, known []domain.Term) *Problem {
	codes := ""
	for _, t := range known {
		if t.Code != "" {
			codes += " " + t.Code
		}
	}
	return refuse(badParameter, field, value, domain.Text{ZH: "应为列表中的代码", EN: "a code of its list"},
		domain.Text{ZH: "可用：" + codes, EN: "one of:" + codes})
}

// badDivision is the problem of a division code.
func badDivision(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "区划代码为2、4、6、9或12位数字", EN: "a division code has 2, 4, 6, 9 or 12 digits"},
		domain.Text{ZH: "例如 520603", EN: "such as 520603"})
}

// badPosition is the problem of a position.
func badPosition(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "位置写作 ANJU-52:12345", EN: "a position is written ANJU-52:12345"},
		domain.Text{ZH: "多个位置用逗号分隔；回执中给出了位置", EN: "separate several by commas; a receipt gives its position"})
}

// badTime is the problem of a moment.
func badTime(field, value string) *Problem {
	return refuse(badParameter, field, value, domain.Text{ZH: "时间写作 2021-06-30 或 RFC 3339", EN: "a date, 2021-06-30, or a moment as RFC 3339 writes it"},
		domain.Text{ZH: "例如 2021-06-30T00:00:00+08:00；留空表示不限", EN: "such as 2021-06-30T00:00:00+08:00; leave it out for the default"})
}

// stopped is the problem of views that follow no more, with the record that they met.
func stopped(why error) *Problem {
	if errors.Is(why, events.ErrDiffers) {
		return unverified(why)
	}
	return refuse(viewsStopped, "", why.Error(), domain.Text{ZH: "视图不认识某条记录的类型或版本", EN: "every type and version in the log is known to the views"},
		domain.Text{ZH: "请用新版程序打开账本，见 docs/operate.md", EN: "open the ledger with a newer program; see docs/operate.md"})
}

// stopping is the problem of a long answer that was given up: the client has gone, or the server
// goes.
func stopping() *Problem {
	return refuse(viewsStopped, "", "", domain.Text{ZH: "服务正在停止", EN: "the server is stopping"},
		domain.Text{ZH: "请稍后重试", EN: "ask again in a moment"})
}

// sendLess is the way out of a body that did not come in time.
func sendLess() domain.Text {
	return domain.Text{ZH: "请重新提交；网络慢时请减少内容", EN: "send it again; over a slow line send less"}
}

// notKnown is the problem of an entity: it never repeats what was asked, which may be a number.
func notKnown(kind problemKind, what domain.EntityKind) *Problem {
	letter := string(rune(what))
	return refuse(kind, "id", "", domain.Text{ZH: "应为已登记对象的标识或编号", EN: "the id or number of a " + what.String() + " that is registered"}, domain.Text{
		ZH: "使用标识（" + letter + " 开头），或在 division 中给出县级区划并使用编号；编号宜用 POST /v1/lookup 查询",
		EN: "give its id (it begins with " + letter + "), or its number with its county as division; POST /v1/lookup keeps numbers out of addresses",
	})
}
