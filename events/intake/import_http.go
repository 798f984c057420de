package intake

import (
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/intake/sheet"
	"github.com/go-json-experiment/json"
)

// Limits of one import request.
const (
	maxImportFiles = 20                // the eleven templates, and some to spare
	maxImportBody  = 2 * sheet.MaxFile // bytes of all files together
)

// Handler serves imports:
//
//	POST   /v1/imports?division=520603[&department=hrss][&name=FILE][&effective=DATE][&changes=record][&confirm=true][&dryrun=false]
//	       body: the file, or multipart/form-data with parts "file" (several) and "template"
//	GET    /v1/imports/{id}                the dry run as of now, or the receipt
//	GET    /v1/imports/{id}/progress       how many rows of which file are done, while they are tried or recorded
//	POST   /v1/imports/{id}/confirm        records; with answer=workbook[&file=N] the workbook with remarks comes back
//	GET    /v1/imports/{id}/remarks?file=N the workbook with the dry run's remarks
//	DELETE /v1/imports/{id}                forgets it
func (s *Staging) Handler() http.Handler { return router(s.operations()) }

// xlsxType is the media type of a workbook.
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// fileTypes are the media types of a file that is handed in. What a file is, its bytes say; a form
// of another type, as curl sends unasked, is refused, for its bytes may not be the file's.
func fileTypes() []string {
	return []string{"application/octet-stream", "text/csv", xlsxType, "multipart/form-data"}
}

func isFile(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && slices.Contains(fileTypes(), media)
}

func (s *Staging) serveStage(w http.ResponseWriter, r *http.Request) {
	if p := wrongContent(w, r); p != nil {
		writeProblem(w, p)
		return
	}
	if !isFile(r) {
		w.Header().Set("Accept", strings.Join(fileTypes(), ", "))
		writeProblem(w, unsupportedBy(noFile().at("Content-Type", printable(r.Header.Get("Content-Type")))))
		return
	}
	confirmed, wrong := flag(r.URL.Query(), "confirm", false)
	tried, misspelt := flag(r.URL.Query(), "dryrun", true)
	if wrong = cmp.Or(wrong, misspelt); wrong != nil {
		writeProblem(w, badRequest(*wrong))
		return
	}
	r.Body = http.MaxBytesReader(w, io.NopCloser(patient(w, r.Body, s.door.readWait)), maxImportBody)
	plan, err := readPlan(r)
	if err != nil {
		writeImportError(w, err)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // recording may take longer
	plan.Untried = confirmed || !tried
	found, err := s.Stage(r.Context(), plan)
	if err == nil && confirmed {
		id := found.ID
		if found, err = s.Confirm(r.Context(), id); err != nil {
			err = errors.Join(err, s.Discard(id)) // nobody knows its id: it is sent again, not confirmed again
		}
	}
	if err != nil {
		writeImportError(w, err)
		return
	}
	w.Header().Set("Location", "/v1/imports/"+found.ID)
	writeImport(w, http.StatusCreated, found)
}

// refused carries a refusal of the request itself.
type refused struct{ domain.Refusal }

// Error names field and rule.
func (r refused) Error() string { return r.Field + ": " + r.Rule.EN }

// readPlan reads who imports what.
func readPlan(r *http.Request) (p ImportPlan, err error) {
	q := r.URL.Query()
	var wrong *domain.Refusal
	if name := q.Get("department"); name != "" {
		if p.Caller.Department, wrong = parseDepartment(name); wrong != nil {
			return p, refused{*wrong}
		}
	}
	if p.Caller.Division, wrong = parseDivision(q.Get("division")); wrong != nil {
		return p, refused{*wrong}
	}
	if p.Caller, err = p.Caller.atCounty(); err != nil {
		return p, err
	}
	if day := q.Get("effective"); day != "" {
		if p.Effective, err = sheet.Day(day); err != nil {
			return p, refused{dayForm().at("effective", printable(day))}
		}
	}
	changes, wrong := choice(q, "changes", "keep", "record")
	if wrong != nil {
		return p, refused{*wrong}
	}
	p.Correct = changes == "record"
	media, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && media == "multipart/form-data" {
		return p, p.readParts(multipart.NewReader(r.Body, parameters["boundary"]))
	}
	data, err := readFile(r.Body)
	if err != nil {
		return p, err
	}
	name := q.Get("name")
	if name == "" {
		name = "file"
	}
	p.Files = []StagedFile{{name, data}}
	return p, nil
}

// readParts reads the files and the template of a form, one after the other.
func (p *ImportPlan) readParts(form *multipart.Reader) error {
	unknown := "" // a part of another name
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return arrived(err, refused{wrongForm(zhen("multipart/form-data", "multipart/form-data"), zhen("请以 -F file=@文件 的方式提交表单", "send the form as by -F file=@FILE, whole")).at("", "")})
		}
		data, err := readFile(part)
		switch {
		case err != nil:
			return err
		case part.FormName() == "template":
			if _, err := ParseTemplate(data); err != nil {
				return err
			}
			p.Template = data
		case part.FormName() != "file":
			unknown = cmp.Or(printable(part.FormName()), "?")
		default:
			p.Files = append(p.Files, StagedFile{part.FileName(), data})
		}
		if len(p.Files) > maxImportFiles {
			return refused{wrongForm(zhen("一次最多20个文件", "at most 20 files at a time"), zhen("请分几次导入", "import them by several requests")).at("file", "")}
		}
	}
	switch {
	case len(p.Files) == 0:
		return refused{noPart().at("file", "")}
	case unknown != "":
		return refused{unknownPart().at(unknown, "")}
	}
	return nil
}

func readFile(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, sheet.MaxFile+1))
	switch {
	case err != nil:
		return nil, arrived(err, sheet.ErrDamaged)
	case len(data) > sheet.MaxFile:
		return nil, sheet.ErrTooLarge
	}
	return data, nil
}

// errSlow reports a client that went silent in the middle of its files.
var errSlow = errors.New("the files did not arrive in time")

// arrived tells a body that is too long or did not come from one of another fault.
func arrived(err, other error) error {
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return sheet.ErrTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow
	}
	return other
}

func (s *Staging) serveReport(w http.ResponseWriter, r *http.Request) {
	found, err := s.Report(r.Context(), r.PathValue("id"))
	if err != nil {
		writeImportError(w, err)
		return
	}
	writeImport(w, http.StatusOK, found)
}

func (s *Staging) serveConfirm(w http.ResponseWriter, r *http.Request) {
	answer, wrong := choice(r.URL.Query(), "answer", "report", "workbook")
	if wrong != nil {
		writeProblem(w, badRequest(*wrong))
		return
	}
	at, err := s.fileOf(r)
	var done *Import
	if err == nil {
		done, err = s.Confirm(r.Context(), r.PathValue("id"))
	}
	switch {
	case err != nil:
		writeImportError(w, err)
	case answer == "workbook":
		writeWorkbook(w, done, at)
	default:
		writeImport(w, http.StatusOK, done)
	}
}

func (s *Staging) serveRemarks(w http.ResponseWriter, r *http.Request) {
	at, err := s.fileOf(r)
	var found *Import
	if err == nil {
		found, err = s.Report(r.Context(), r.PathValue("id"))
	}
	if err != nil {
		writeImportError(w, err)
		return
	}
	writeWorkbook(w, found, at)
}

// fileOf reads which file of an import is meant, before anything is done for it.
func (s *Staging) fileOf(r *http.Request) (int, error) {
	plan, err := s.load(r.PathValue("id"))
	if err != nil {
		return 0, err
	}
	q := r.URL.Query()
	if !q.Has("file") {
		return 0, nil
	}
	at, err := strconv.Atoi(q.Get("file"))
	switch {
	case err != nil || at < 0:
		return 0, refused{wrongForm(zhen("从0开始的整数", "a whole number from 0"), zhen("文件按提交次序从0数起", "count the files from 0, in the order in which they were sent")).at("file", printable(q.Get("file")))}
	case at >= len(plan.Names):
		return 0, refused{noFileAt(len(plan.Names)).at("file", strconv.Itoa(at))}
	}
	return at, nil
}

func (s *Staging) serveDiscard(w http.ResponseWriter, r *http.Request) {
	if err := s.Discard(r.PathValue("id")); err != nil {
		writeImportError(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeImport(w http.ResponseWriter, status int, i *Import) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Anju-Identity", selfNamed)
	w.WriteHeader(status)
	_ = json.MarshalWrite(w, i) // the client went away: nothing is lost
}

// writeWorkbook sends one file back with its remarks.
func writeWorkbook(w http.ResponseWriter, i *Import, at int) {
	if i.Files[at].table == nil { // recorded before: its file is deleted
		writeImportError(w, ErrNoImport)
		return
	}
	f := i.Files[at]
	media := "text/csv"
	if f.table.Format == sheet.XLSX {
		media = xlsxType
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "remarks-" + f.File}))
	_ = f.WriteRemarks(w) // the client went away: nothing is lost
}

// writeImportError maps what can be wrong with an import as a whole to a problem.
func writeImportError(w http.ResponseWriter, err error) {
	var own refused
	kind := domain.Malformed
	p := &Problem{}
	switch {
	case errors.As(err, &own):
		p = badRequest(own.Refusal)
	case errors.Is(err, errSlow):
		p = tooSlow()
	case errors.Is(err, events.ErrDiskFull), errors.Is(err, syscall.ENOSPC):
		p = failure(events.ErrDiskFull)
	case errors.Is(err, ErrNoImport):
		p = badRequest(noImport().at("id", ""))
	case errors.Is(err, sheet.ErrTooLarge):
		kind = domain.TooLarge
		p = fileProblem(err, kind, http.StatusRequestEntityTooLarge, zhen("文件超出限制", "the file is over a limit"), zhen("请拆分文件", "split the file"))
	case errors.Is(err, ErrNoTemplate):
		p = fileProblem(err, kind, http.StatusUnprocessableEntity, zhen("没有模板与表头相符", "no template has this header"), zhen("请核对表头，或提供模板", "check the header, or give a template"))
	case errors.Is(err, ErrTemplate):
		p = fileProblem(err, kind, http.StatusUnprocessableEntity, zhen("模板不可用", "the template cannot be used"), zhen("请按 docs/templates.md 修改", "correct it; docs/templates.md describes the form"))
	case errors.Is(err, sheet.ErrDamaged), errors.Is(err, sheet.ErrEmpty):
		p = fileProblem(err, kind, http.StatusUnprocessableEntity, zhen("文件无法作为表格读取", "the file cannot be read as a table"), zhen("请重新保存后再导入", "save it again and import it again"))
	default:
		p = unavailable(0, http.StatusServiceUnavailable, "导入中断，可放心重试", "the import stopped; repeating it is harmless")
	}
	writeProblem(w, p)
}

func fileProblem(err error, kind domain.RefusalKind, status int, what, fix domain.Text) *Problem {
	p := problemOf(0, []domain.Refusal{{Field: "file", Kind: kind, Rule: what, Fix: fix}})
	p.Status, p.Detail = status, err.Error()
	return p
}
