package projections

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
)

// Names in the folder of parameter sets.
const (
	setSuffix  = ".json"
	chosenName = "chosen" // which set is in force, and which others are built
)

// maxSets bounds the sets that a ledger knows: each is a few kilobytes, and known for ever.
const maxSets = 64

// Sets are the parameter sets that a ledger's views know. They are configuration, and kept in a
// folder beside the ledger:
//
//	NAME.json   a set, whole; never changed, since figures name it
//	chosen      {"in_force": NAME, "built": [NAME, …]}
//
// Each file is written beside its place, synced and renamed, so that a crash leaves the old or the new.
// Sets belong to one Views.
type Sets struct {
	dir    string // "" keeps them in memory alone
	known  map[string]*domain.Parameters
	chosen chosen
	step   func(string) // told what is done next, in tests; nil otherwise
}

// chosen is what is decided about sets.
type chosen struct {
	InForce string   `json:"in_force"`
	Built   []string `json:"built"` // beside it, in the order in which they were asked for
}

// oneSet are sets that nobody keeps.
func oneSet(p *domain.Parameters) *Sets {
	return &Sets{known: map[string]*domain.Parameters{p.Name: p}, chosen: chosen{InForce: p.Name}}
}

// ReadSets reads the sets of a folder, which is made with the first; the program's own set is known
// besides, and in force until another is chosen. A folder that cannot be read as it was written is an error
// that names the file: to answer by another set than the one chosen would be wrong without a word. steps is
// told what is done next when something is written; nil otherwise.
func ReadSets(dir string, own *domain.Parameters, steps func(string)) (*Sets, error) {
	s := oneSet(own)
	s.dir, s.step = dir, steps
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name, isSet := strings.CutSuffix(file.Name(), setSuffix)
		if !isSet || name == own.Name {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			return nil, err
		}
		p, refused := domain.ParseParameters(text)
		if len(refused) > 0 || p.Name != name {
			return nil, s.damaged(file.Name())
		}
		s.known[name] = p
	}
	text, err := os.ReadFile(filepath.Join(dir, chosenName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(text, &s.chosen, json.RejectUnknownMembers(true)) != nil {
		return nil, s.damaged(chosenName)
	}
	for _, name := range append([]string{s.chosen.InForce}, s.chosen.Built...) {
		if s.known[name] == nil {
			return nil, fmt.Errorf("%w, or put %s back", s.damaged(chosenName), filepath.Join(dir, name+setSuffix))
		}
	}
	return s, nil
}

// damaged is the error of a file of the folder.
func (s *Sets) damaged(name string) error {
	return fmt.Errorf("参数集文件损坏：请从备份恢复，或移走后重新 build 与 switch / %s is damaged: put it back from a backup, or take it away, and build and switch again",
		filepath.Join(s.dir, name))
}

// keep writes a new set down.
func (s *Sets) keep(p *domain.Parameters) error {
	if err := s.write(p.Name+setSuffix, p.File()); err != nil {
		return err
	}
	s.known[p.Name] = p
	return nil
}

// choose writes a decision down. The rename is the commit point: a crash before it leaves the decision
// before, one after it leaves this one, whatever is made of it in memory.
func (s *Sets) choose(c chosen) error {
	text, err := json.Marshal(c, json.Deterministic(true))
	if err != nil {
		return err
	}
	if err := s.write(chosenName, append(text, '\n')); err != nil {
		return err
	}
	s.chosen = c
	return nil
}

// without is the sets that are built, but for one.
func (c *chosen) without(name string) []string {
	return slices.DeleteFunc(slices.Clone(c.Built), func(b string) bool { return b == name })
}

// write replaces a file of the folder.
func (s *Sets) write(name string, text []byte) error {
	if s.dir == "" {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	path, kind := filepath.Join(s.dir, name), "set"
	if name == chosenName {
		kind = chosenName
	}
	s.tell(kind + ".begin")
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	s.tell(kind + ".sync")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	s.tell(kind + ".rename")
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	s.tell(kind + ".end")
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *Sets) tell(step string) {
	if s.step != nil {
		s.step(step)
	}
}
