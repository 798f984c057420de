package intake

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/anju-ledger/anju/events/intake/sheet"
)

// Progress says how far a file of an import is, while its rows are tried or recorded; Rows is 0
// until they are read.
type Progress struct {
	File int `json:"file"` // its place in the import, from 0
	Done int `json:"done"`
	Rows int `json:"rows"`
}

// progressing is how far the imports are that run at the moment.
type progressing struct {
	pmu     sync.Mutex
	running map[string]Progress // under pmu, by import
}

func (p *progressing) note(id string, at Progress) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	if p.running == nil {
		p.running = map[string]Progress{}
	}
	p.running[id] = at
}

func (p *progressing) ends(id string) {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	delete(p.running, id)
}

// Progress returns how far an import is; the zero Progress when it is not running.
func (p *progressing) Progress(id string) Progress {
	p.pmu.Lock()
	defer p.pmu.Unlock()
	return p.running[id]
}

func (s *Staging) serveProgress(w http.ResponseWriter, r *http.Request) {
	plan, err := s.load(r.PathValue("id"))
	if err != nil {
		writeImportError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", s.Progress(plan.ID))
}

// recogniseFiles finds the template of each file, without trying its rows.
func recogniseFiles(plan *staged, p ImportPlan) (*Import, error) {
	templates := Templates()
	if len(p.Template) > 0 {
		own, err := ParseTemplate(p.Template)
		if err != nil {
			return nil, err
		}
		templates = []*Template{own}
	}
	found := &Import{ID: plan.ID, State: Staged}
	for i, f := range p.Files {
		table, err := sheet.Read(f.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", plan.Names[i], err)
		}
		l := recognise(table, templates)
		if l == nil {
			return nil, fmt.Errorf("%s: %w", plan.Names[i], ErrNoTemplate)
		}
		report := &FileReport{
			File: plan.Names[i], Template: l.template.Name, Department: p.Caller.Department, Rejected: []Rejection{}, Identity: selfNamed,
		}
		if report.Department == "" {
			report.Department = l.template.Department
		}
		found.Files = append(found.Files, report)
	}
	return found, nil
}
