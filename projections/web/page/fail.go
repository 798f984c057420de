package page

import (
	"errors"
	"net/http"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// failure is a request that a page cannot answer, in words for who sent it. It repeats nothing
// of the request in which an official number may stand.
type failure struct {
	status int
	says   domain.Text // what is wrong
	fix    domain.Text // the way out
}

// Error is what is wrong.
func (f *failure) Error() string { return f.says.EN }

// What pages cannot answer.
var (
	noAddress    = domain.Text{ZH: "没有这个页面", EN: "There is no such page"}
	noDivision   = domain.Text{ZH: "区划代码为2、4、6、9或12位数字，全国为00", EN: "A division code has 2, 4, 6, 9 or 12 digits; the nation is 00"}
	noEntity     = domain.Text{ZH: "没有找到：还没有与此标识有关的记录", EN: "Not found: nothing is recorded about this id"}
	noCommunity  = domain.Text{ZH: "社区标识应来自清单或社区页面", EN: "The id of a community comes from a list or its page"}
	noTotal      = domain.Text{ZH: "没有这个累计数", EN: "There is no such total"}
	noSet        = domain.Text{ZH: "没有这个名称的参数集；账本页列出全部参数集", EN: "There is no parameter set of this name; the ledger's page lists them all"}
	noQuestion   = domain.Text{ZH: "没有这个问题；“全部常设问题”列出所有问题", EN: "There is no such question; the standing questions are listed on their page"}
	noEvent      = domain.Text{ZH: "没有找到这条记录", EN: "There is no such event"}
	oneEarlier   = domain.Text{ZH: "较早的截至日与较早的时刻只能给一个", EN: "An earlier day or an earlier moment is given, not both"}
	notEarlier   = domain.Text{ZH: "比较的一方应不晚于本页的日期或时刻", EN: "What is compared with lies after the day or moment of the page"}
	noBatch      = domain.Text{ZH: "导入批次的标识以 i 开头，见导入回执或记录页", EN: "The id of an import's batch begins with i; its receipt and its events name it"}
	noKind       = domain.Text{ZH: "没有这种记录类型", EN: "There is no such type of record"}
	wrongDay     = domain.Text{ZH: "日期写作 2021-06-30，不带时刻", EN: "a date is written 2021-06-30, without a time"}
	wrongInstant = domain.Text{ZH: "时刻写作 2021-06-30T18:00（北京时间），或只写日期", EN: "A moment is written 2021-06-30T18:00 in China's time, or as a date alone"}
	wrongForm    = domain.Text{ZH: "没有收到可读的表单", EN: "The form did not arrive in a form that can be read"}
	noColumn     = domain.Text{ZH: "没有这一列：各列自0数起", EN: "there is no such column; they are counted from 0"}
	wrongCode    = domain.Text{ZH: "应为列表中的代码", EN: "it is a code of its list"}
)

func notThere(says domain.Text) error {
	return &failure{http.StatusNotFound, says, domain.Text{ZH: "请核对地址，或从总览、查找重新进入", EN: "Check the address, or start again from the overview or the search"}}
}

// badInput names the parameter that cannot be read, its value where no official number can stand in it, the
// rule, and, of a code, those that it may be.
func badInput(name, value string, rule domain.Text, codes ...domain.Term) error {
	says, given := rule, ""
	if name != "" {
		if withoutNumber(value) {
			given = name + "=" + value
		} else {
			given = name
		}
		says = domain.Text{ZH: given + "：" + rule.ZH, EN: given + ": " + rule.EN}
	}
	fix := domain.Text{ZH: "请修改地址中的参数，或清除它", EN: "Correct the parameter in the address, or take it out"}
	if len(codes) > 0 {
		known := make([]string, len(codes))
		for i, t := range codes {
			known[i] = t.Code
		}
		list := strings.TrimSpace(strings.Join(known, " "))
		fix = domain.Text{ZH: fix.ZH + "；可用：" + list, EN: fix.EN + "; one of: " + list}
	}
	return &failure{http.StatusBadRequest, says, fix}
}

// mostDigits is fewer than an official number, an ID number or a phone has.
const mostDigits = 8

// withoutNumber reports a short value of letters, few digits and marks.
func withoutNumber(value string) bool {
	digits := 0
	for _, c := range value {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', strings.ContainsRune("_-+:.", c):
		default:
			return false
		}
	}
	return value != "" && len(value) <= 32 && digits <= mostDigits
}

// stopped tells an unknown entity from views that follow no more.
func stopped(err error) error {
	if errors.Is(err, projections.ErrUnknown) {
		return notThere(noEntity)
	}
	return &failure{
		http.StatusServiceUnavailable,
		domain.Text{ZH: "视图已停止：它们遇到了不认识的记录", EN: "The views have stopped: they met a record that they do not know"},
		domain.Text{ZH: "请用新版程序打开账本，见 docs/operate.md", EN: "Open the ledger with a newer program; see docs/operate.md"},
	}
}

// problemPage is a page that says what went wrong.
type problemPage struct {
	frame
	Says, Fix string
}

// fail answers with a page that says what is wrong. Who meets an error that nobody foresaw is told
// no more than that.
func (p *Page) fail(v *visit, err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{
			http.StatusInternalServerError,
			domain.Text{ZH: "页面出错", EN: "The page failed"},
			domain.Text{ZH: "请重试；账本中的记录不受影响", EN: "Try again; what is recorded is not affected"},
		}
	}
	v.status = f.status
	around := p.frame(v, v.lang.pick(f.says), "")
	around.Here, around.path = "/", "/"
	page := problemPage{around, v.lang.pick(f.says), v.lang.pick(f.fix)}
	if err := p.render(v, "problem", page); err != nil {
		http.Error(v.w, page.Says, f.status)
	}
}

// isPage reports a request that a person's browser makes for a page: programs ask for JSON, and
// the addresses of the API stay the API's.
func isPage(r *http.Request) bool {
	if r.Method != http.MethodGet || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return false
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch first {
	case "v1", "book", "metrics", "openapi.json", "healthz", "readyz":
		return false
	}
	return true
}

// startingPage says that the ledger is not open yet.
type startingPage struct {
	Lang language
	Read int
}

// WriteStarting answers a browser that comes before the ledger is open: a page that opens by
// itself once it is, and what that page is made of. It reports false for every other request.
func WriteStarting(w http.ResponseWriter, r *http.Request, read int64) bool {
	if name, found := strings.CutPrefix(r.URL.Path, "/assets/"); found && r.Method == http.MethodGet {
		r.SetPathValue("name", name)
		files := packed()
		files.serve(w, r)
		return true
	}
	if !isPage(r) {
		return false
	}
	secure(w.Header())
	l := languageOf(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusServiceUnavailable)
	_ = parsed()[l].ExecuteTemplate(w, "starting", startingPage{l, int(read)}) // the client has gone: nobody to tell
	return true
}
