package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// viewsCommand lists, builds, compares, switches and drops what is judged by parameter sets.
type viewsCommand struct {
	List    viewsListCommand    `cmd:"" default:"withargs" help:"列出 · List the parameter sets, and how each stands."`
	Build   viewsBuildCommand   `cmd:"" help:"构建 · Build views by another parameter set beside those in force."`
	Compare viewsCompareCommand `cmd:"" help:"比较 · Which households another set judges otherwise, and why."`
	Against viewsAgainstCommand `cmd:"" help:"对照 · Which households another server, of another version, judges otherwise."`
	Switch  viewsSwitchCommand  `cmd:"" help:"切换 · Put a set that is built in force."`
	Drop    viewsDropCommand    `cmd:"" help:"撤下 · Let go of the views of a set; it stays known."`
}

// setsAnswer is the answer of GET /v1/views.
type setsAnswer struct {
	InForce string                 `json:"in_force"`
	Sets    []projections.SetState `json:"sets"`
}

type viewsListCommand struct{ target }

// Help shows examples.
func (viewsListCommand) Help() string {
	return `A parameter set holds every cut-off of the status rules, and what counts as employed (docs/views.md, "Parameter sets"). The one in force answers whatever names no other; --parameters NAME asks by any that is known.

参数集含状态规则的全部界限及就业口径；未指明时按正在使用的一个回答，--parameters 可指名其他。

  anju views
  anju views build docs/employed-placed.json
  anju views compare employed-placed 520603 --as-of 2021-06-30
  anju views switch employed-placed
  anju views drop anju-2021-1`
}

// Run prints the sets.
func (c viewsListCommand) Run(s *session) error {
	return c.with(s, func(base string) error { return show(s, get(base+"/v1/views", nil), printSets) })
}

func printSets(s *session, a setsAnswer) {
	t := newTable([]string{"参数集 set", "版本 version", "生效 valid from", "状况 state", "户等 homes", "内存 MB", "与使用中的不同 differs in"}, 1, 4, 5)
	for i := range a.Sets {
		st := &a.Sets[i]
		homes := grouped(st.Homes)
		if st.State == projections.SetBuilding {
			homes = grouped(st.Made) + "/" + homes
		}
		t.add(st.Name, fmt.Sprint(st.Version), st.ValidFrom.String(), stateWord(st.State), homes, fmt.Sprintf("%.1f", float64(st.Bytes)/1e6), strings.Join(st.Differs, " "))
	}
	t.write(s.out)
	fmt.Fprintln(s.out, "\n定义 definition "+domain.Definition)
}

// stateWord is how a set stands.
func stateWord(state string) string {
	switch state {
	case projections.SetInForce:
		return "使用中 " + state
	case projections.SetReady:
		return "已建成 " + state
	case projections.SetBuilding:
		return "构建中 " + state
	}
	return "已知 " + state
}

type viewsBuildCommand struct {
	target
	Set  string `arg:"" placeholder:"FILE|NAME" help:"The file of a new set, or the name of one that is known. 参数集文件或名称。"`
	Wait bool   `default:"true" negatable:"" help:"Wait until it is built. 等待建成。"`
}

// Help shows the form of a file.
func (viewsBuildCommand) Help() string {
	return `The file names the set and what it says otherwise than the program's own; each value with its mark (S sourced, O one's own, M from memory) and its reason. "anju --json views" and GET /v1/parameters show what there is. A set is never changed: another takes another name.

文件写明名称、版本、生效日期、来源，以及与内置参数不同之处，每项注明出处与理由。参数集不可更改，改动须另起名称。

  anju views build docs/employed-placed.json`
}

// Run builds views, and waits until they are ready.
func (c viewsBuildCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		q := question{method: http.MethodPost, address: base + "/v1/views/" + url.PathEscape(c.Set) + "/build"}
		if !domain.ValidSetName(c.Set) {
			file, err := os.ReadFile(c.Set)
			if err != nil {
				return fmt.Errorf("须给出参数集文件，或已知参数集的名称 / give the file of a set, or the name of a known one: %w", err)
			}
			q = question{http.MethodPost, base + "/v1/views", "application/json", bytes.NewReader(file)}
		}
		if !c.Wait && c.Dir == "" {
			return show(s, q, printSet)
		}
		var state projections.SetState
		if err := fetch(s, q, &state); err != nil {
			return err
		}
		if err := built(s, base, state.Name); err != nil {
			return err
		}
		return show(s, get(base+"/v1/views/"+url.PathEscape(state.Name), nil), printSet)
	})
}

// builtEvery is how often the server is asked how far it is.
const builtEvery = 100 * time.Millisecond

// built waits until a set is not in the making any more.
func built(s *session, base, name string) error {
	bar := s.meter("构建 building "+name, -1)
	defer bar.end()
	for {
		var state projections.SetState
		if err := fetch(s, get(base+"/v1/views/"+url.PathEscape(name), nil), &state); err != nil || state.State != projections.SetBuilding {
			return err
		}
		bar.of(int64(state.Homes))
		bar.set(int64(state.Made))
		select {
		case <-s.ctx.Done():
			return errInterrupted
		case <-time.After(builtEvery):
		}
	}
}

func printSet(s *session, st projections.SetState) {
	printSets(s, setsAnswer{"", []projections.SetState{st}})
}

type viewsCompareCommand struct {
	target
	AsOf     string `name:"as-of" placeholder:"DATE" help:"As it was in the world on this date; default today. 截至日期。"`
	KnownAt  string `name:"known-at" placeholder:"TIME" help:"As it was known then. 按当时已记录的。"`
	AtLeast  string `name:"at-least" placeholder:"POS" help:"Wait for this position, such as ANJU-52:12345. 等待读到该位置。"`
	With     string `placeholder:"NAME" help:"The set that it is compared with; default the one in force. 比较对象。"`
	Cursor   string `placeholder:"ID" help:"The cursor of the page before. 上一页给出的 cursor。"`
	Limit    string `placeholder:"N" help:"Households on a page, 1 to 1000; default 100. 每页户数。"`
	Set      string `arg:"" placeholder:"NAME" help:"The set. 参数集。"`
	Division string `arg:"" optional:"" help:"A division code, such as 520603; default all. 区划代码。"`
}

// Help shows examples.
func (viewsCompareCommand) Help() string {
	return `How many households a set judges otherwise than the one in force, by state and dimension, and each of them with both reasons. A set that is not built is counted on demand, which takes a while for a large division.

两个参数集判断不同的户：按状态和方面计数，并逐户列出两边的理由。

  anju views compare employed-placed 520603 --as-of 2021-06-30 --limit 3
  anju views compare employed-placed --with anju-2021-1`
}

// Run prints a page of differences.
func (c viewsCompareCommand) Run(s *session) error {
	pairs := map[string]string{
		"as_of": c.AsOf, "known_at": c.KnownAt, "at_least": c.AtLeast, "with": c.With, "division": c.Division, "cursor": c.Cursor, "limit": c.Limit,
	}
	return c.with(s, func(base string) error {
		return show(s, get(base+"/v1/views/"+url.PathEscape(c.Set)+"/compare", pairs), printDiff)
	})
}

type viewsSwitchCommand struct {
	target
	Set string `arg:"" placeholder:"NAME" help:"A set that is built. 已建成的参数集。"`
}

// Help shows an example.
func (viewsSwitchCommand) Help() string {
	return `Every question that names no set is answered by it from then on, and a restart keeps the choice. The set before stays built until it is dropped.

此后未指明参数集的问题都按它回答，重启后不变；原来的一个在撤下前仍可用。

  anju views switch employed-placed`
}

// Run switches. A folder that was just opened builds its sets again first.
func (c viewsSwitchCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		if c.Dir != "" {
			if err := built(s, base, c.Set); err != nil {
				return err
			}
		}
		return show(s, question{method: http.MethodPost, address: base + "/v1/views/" + url.PathEscape(c.Set) + "/switch"}, printSet)
	})
}

type viewsDropCommand struct {
	target
	Set string `arg:"" placeholder:"NAME" help:"A set that is built, and not in force. 已建成而未使用的参数集。"`
}

// Help shows an example.
func (viewsDropCommand) Help() string {
	return `Its memory is free then. The set stays known, since figures name it: it can be asked by name, and built again.

释放其内存；参数集仍然可查，也可重新构建。

  anju views drop anju-2021-1`
}

// Run drops.
func (c viewsDropCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		return show(s, question{method: http.MethodDelete, address: base + "/v1/views/" + url.PathEscape(c.Set)}, printSet)
	})
}
