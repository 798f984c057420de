package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/go-json-experiment/json"
)

// ErrNoImport reports an import that is not staged: it never was, or a day has passed.
var ErrNoImport = errors.New("no such import is staged")

// stagedFor is how long a file waits for its confirmation before it is deleted: it holds names.
const stagedFor = 24 * time.Hour

// StagedFile is one file of an import, as it was handed in.
type StagedFile struct {
	Name string
	Data []byte
}

// ImportPlan is what an import is to be: who imports which files, and how.
type ImportPlan struct {
	Caller    Caller // Department may be absent: then each template's own records
	Files     []StagedFile
	Template  []byte     // a user's template; absent = the built-in ones
	Effective domain.Day // see ImportOptions; 0 or NoDay = not given
	Correct   bool
	Untried   bool // keep the files and recognise their templates; the dry run is asked for later
}

// Import is an import with what became of its files, or would.
type Import struct {
	ID    string        `json:"id"`
	State ImportState   `json:"state"`
	Files []*FileReport `json:"files"`
}

// ImportState is how far an import is.
type ImportState string

// The states. An import that stopped in the middle stays Confirming; confirming it again
// finishes it.
const (
	Staged     ImportState = "staged"
	Confirming ImportState = "confirming"
	Recorded   ImportState = "recorded"
)

// staged is what lies on disk beside the files, in plan.json; the files are 0, 1, … and template.
type staged struct {
	ID        string          `json:"id"`
	State     ImportState     `json:"state"`
	Source    string          `json:"source"` // department, may be ""
	Division  domain.Division `json:"division"`
	Names     []string        `json:"names"`
	Batches   []domain.Entity `json:"batches"` // one a file, so that a repeated confirmation continues its batch
	Effective domain.Date     `json:"effective,omitzero"`
	Correct   bool            `json:"correct,omitzero"`
	Created   time.Time       `json:"created"`
	Receipt   *Import         `json:"receipt,omitzero"`
}

// Staging keeps files between dry run and confirmation: in a folder of their own, readable by
// the ledger alone (0600), deleted on confirmation or after a day, and never part of a backup.
// Its methods may be called concurrently; confirmations run one at a time.
type Staging struct {
	door *Door
	dir  string
	mu   sync.Mutex // held while an import is recorded

	progressing
}

// NewStaging opens the staging folder, and deletes what is over a day old.
func NewStaging(door *Door, dir string) (*Staging, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("staging folder: %w", err)
	}
	s := &Staging{door: door, dir: dir}
	return s, s.Sweep()
}

// Sweep deletes imports that have waited for more than a day.
func (s *Staging) Sweep() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("staging folder: %w", err)
	}
	for _, e := range entries {
		plan, err := s.load(e.Name())
		if err != nil || s.door.now().Sub(plan.Created) > stagedFor {
			if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
				return fmt.Errorf("staging folder: %w", err)
			}
		}
	}
	return nil
}

// Stage keeps the files and answers with the dry run, or with their templates alone when they
// are to stay untried: nothing is recorded.
func (s *Staging) Stage(ctx context.Context, p ImportPlan) (*Import, error) {
	caller, err := p.Caller.atCounty()
	if err != nil {
		return nil, err
	}
	if err := s.Sweep(); err != nil {
		return nil, err
	}
	plan := &staged{
		State: Staged, Source: string(caller.Department), Division: caller.Division, Correct: p.Correct, Created: s.door.now(),
	}
	if p.Effective != 0 {
		plan.Effective = domain.DateOf(p.Effective)
	}
	for _, f := range p.Files {
		plan.Names = append(plan.Names, filepath.Base(f.Name))
		plan.Batches = append(plan.Batches, s.door.Mint(domain.BatchKind))
	}
	plan.ID = plan.Batches[0].String()
	if err := s.keep(plan, p); err != nil {
		return nil, errors.Join(err, os.RemoveAll(filepath.Join(s.dir, plan.ID)))
	}
	var found *Import
	if p.Untried {
		found, err = recogniseFiles(plan, p)
	} else {
		found, err = s.run(ctx, plan, false, false)
	}
	if err != nil {
		return nil, errors.Join(err, s.Discard(plan.ID))
	}
	return found, nil
}

// keep writes files and plan.
func (s *Staging) keep(plan *staged, p ImportPlan) error {
	dir := filepath.Join(s.dir, plan.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("staging: %w", err)
	}
	for i, f := range p.Files {
		if err := writePieces(filepath.Join(dir, strconv.Itoa(i)), f.Data); err != nil {
			return fmt.Errorf("staging: %w", err)
		}
	}
	if len(p.Template) > 0 {
		if err := os.WriteFile(filepath.Join(dir, "template"), p.Template, 0o600); err != nil {
			return fmt.Errorf("staging: %w", err)
		}
	}
	return s.save(plan)
}

// piece is how much of a staged file is written before it is synced: the door's own sync flushes
// whatever waits in the file system, and is not to wait for a whole file.
const piece = 1 << 20

// writePieces writes a new file that only the ledger may read.
func writePieces(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	for err == nil && len(data) > 0 {
		n := min(piece, len(data))
		if _, err = f.Write(data[:n]); err == nil {
			err = f.Sync()
		}
		data = data[n:]
	}
	return errors.Join(err, f.Close())
}

// save replaces plan.json as a whole.
func (s *Staging) save(plan *staged) error {
	b, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("staging: %w", err)
	}
	name := filepath.Join(s.dir, plan.ID, "plan.json")
	if err := os.WriteFile(name+".new", b, 0o600); err != nil {
		return fmt.Errorf("staging: %w", err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		return fmt.Errorf("staging: %w", err)
	}
	return nil
}

// load reads a plan; ErrNoImport when there is none. An id is parsed before it names a folder.
func (s *Staging) load(id string) (*staged, error) {
	e, err := domain.ParseEntity(id)
	if err != nil || e.Kind() != domain.BatchKind {
		return nil, ErrNoImport
	}
	b, err := os.ReadFile(filepath.Join(s.dir, e.String(), "plan.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoImport
	}
	plan := &staged{}
	if err == nil {
		err = json.Unmarshal(b, plan)
	}
	if err != nil {
		return nil, fmt.Errorf("staging: %w", err)
	}
	return plan, nil
}

// Report answers with the dry run as of now, or the receipt once recorded.
func (s *Staging) Report(ctx context.Context, id string) (*Import, error) {
	plan, err := s.load(id)
	if err != nil {
		return nil, err
	}
	if plan.Receipt != nil {
		return plan.Receipt, nil
	}
	return s.run(ctx, plan, false, false)
}

// Confirm records a staged import and deletes its files; confirming it again answers the same
// receipt. One that was stopped in the middle is finished: facts that are there stay as they
// are. The reports can still write their remarks.
func (s *Staging) Confirm(ctx context.Context, id string) (*Import, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	plan, err := s.load(id)
	if err != nil {
		return nil, err
	}
	if plan.Receipt != nil {
		return plan.Receipt, nil
	}
	resumed := plan.State == Confirming
	plan.State = Confirming
	if err := s.save(plan); err != nil {
		return nil, err
	}
	done, err := s.run(ctx, plan, true, resumed)
	if err != nil {
		return nil, err
	}
	plan.State, plan.Receipt = Recorded, done
	if err := s.save(plan); err != nil {
		return nil, err
	}
	return done, s.deleteFiles(plan)
}

func (s *Staging) deleteFiles(plan *staged) error {
	for i := range plan.Names {
		if err := os.Remove(filepath.Join(s.dir, plan.ID, strconv.Itoa(i))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("staging: %w", err)
		}
	}
	return nil
}

// Discard deletes a staged import.
func (s *Staging) Discard(id string) error {
	plan, err := s.load(id)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(s.dir, plan.ID)); err != nil {
		return fmt.Errorf("staging: %w", err)
	}
	return nil
}

// run imports the plan's files: those that others need come first, whatever their order.
func (s *Staging) run(ctx context.Context, plan *staged, record, resumed bool) (*Import, error) {
	o := ImportOptions{Effective: plan.Effective.Day(), Correct: plan.Correct, Record: record, Resumed: resumed}
	template, err := os.ReadFile(filepath.Join(s.dir, plan.ID, "template"))
	switch {
	case err == nil:
		if o.Template, err = ParseTemplate(template); err != nil {
			return nil, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("staging: %w", err)
	}
	done := &Import{ID: plan.ID, State: Staged, Files: make([]*FileReport, len(plan.Names))}
	if record {
		done.State = Recorded
	}
	files := make([][]byte, len(plan.Names))
	order := make([]int, len(plan.Names))
	for i := range plan.Names {
		if files[i], err = os.ReadFile(filepath.Join(s.dir, plan.ID, strconv.Itoa(i))); err != nil {
			return nil, fmt.Errorf("staging: %w", err)
		}
		order[i] = i
	}
	if len(order) > 1 {
		slices.SortStableFunc(order, func(a, b int) int { return rankOf(files[a], o.Template) - rankOf(files[b], o.Template) })
	}
	defer s.ends(plan.ID)
	for _, i := range order {
		o.Batch = plan.Batches[i]
		o.Progress = func(done, rows int) { s.note(plan.ID, Progress{i, done, rows}) }
		caller := Caller{domain.Department(plan.Source), plan.Division}
		if done.Files[i], err = s.door.Import(ctx, caller, plan.Names[i], files[i], o); err != nil {
			return nil, fmt.Errorf("%s: %w", plan.Names[i], err)
		}
	}
	return done, nil
}
