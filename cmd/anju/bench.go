package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/events/raw"
)

type benchCommand struct {
	Dir        string   `type:"existingdir" placeholder:"DIR" help:"A folder on a real disk; what is measured lies in a folder of its own there, which is deleted. Default: the system's temporary folder. 测试目录。"`
	Households int      `default:"300000" placeholder:"N" help:"Scale of the population; every other size follows. 户数规模。"`
	Growth     int      `default:"100000" placeholder:"N" help:"How many events the part growth records; 5000000 is its full scale. 增长测试的记录数。"`
	Runs       int      `default:"5" help:"Runs of each short measurement; the median counts. 次数。"`
	World      string   `type:"path" placeholder:"DIR" help:"Keep the simulated population in this folder, and use it again when it is there: not with memory. 模拟户保留目录。"`
	Profile    string   `type:"path" placeholder:"FILE" help:"Write a CPU profile of this process, for go tool pprof."`
	Markdown   string   `type:"path" placeholder:"FILE" help:"Write the table of docs/performance.md too."`
	What       []string `arg:"" default:"all" enum:"append,import,replay,verify,export,growth,project,status,board,asof,ask,memory,all" help:"append, import, replay, verify, export, project, status, board, asof, ask, memory, growth, or all but growth."`
}

// Help shows an example.
func (benchCommand) Help() string {
	return `Measures what docs/performance.md promises, each figure beside the raw one on the same bytes in the same run. At full scale "all" takes about a quarter of an hour; --households 3000 gives a rough picture in a minute.
测量各项性能指标，并在同一次运行、同样数据上给出对照值。

  anju bench append
  anju bench asof --households 450000 --world /data/province   # recorded once, asked as often as one likes
  anju bench all --households 30000 --json`
}

// mostBenched bounds the population: so many fit into one province's counties.
const mostBenched = 1_000_000

// benchRow is one figure: the median of its runs, the raw figure beside it and value / raw.
type benchRow struct {
	Row   string    `json:"row"`
	Value float64   `json:"value"`
	Unit  string    `json:"unit"`
	Raw   float64   `json:"raw,omitzero"`
	Ratio float64   `json:"ratio,omitzero"`
	Scale string    `json:"scale"`
	Runs  []float64 `json:"runs,omitzero"`
	part  string    // that measured it
}

// bench is one measurement on its way.
type bench struct {
	s     *session
	c     benchCommand
	dir   string   // its own, deleted at the end
	child []string // the command line that runs anju, for measurements of a process of its own
	rows  []benchRow
	runs  map[string]*gauge
	part  string // that is being measured
	world *world // the simulated population, once it is recorded

	placed, county *benchLedger // once they are recorded
}

// gauge collects the runs of one row.
type gauge struct{ values, raws []float64 }

// Run measures and prints the table.
func (c benchCommand) Run(s *session) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	return c.measure(s, []string{exe})
}

func (c benchCommand) measure(s *session, child []string) (err error) {
	if c.Households < 1 || c.Households > mostBenched || c.Runs < 1 {
		return fmt.Errorf("--households: 1 to %d; --runs: at least 1 / 户数1至%d，次数至少为1", mostBenched, mostBenched)
	}
	if c.Growth < 1 || c.Growth > mostGrowth {
		return fmt.Errorf("--growth: 1 to %d / 须在1至%d之间", mostGrowth, mostGrowth)
	}
	if c.Dir == "" {
		c.Dir = os.TempDir()
	}
	if memory, err := raw.InMemory(c.Dir); err != nil || memory {
		return errors.Join(err, fmt.Errorf("%s lies in memory, where a sync costs nothing: name a folder on a disk by --dir / 目录在内存文件系统中，请用 --dir 指定磁盘目录", c.Dir))
	}
	b := &bench{s: s, c: c, child: child, runs: map[string]*gauge{}}
	if b.dir, err = os.MkdirTemp(c.Dir, "anju-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.measureAll(); err != nil {
		return err
	}
	return b.print()
}

// measureAll measures the parts that are asked for.
func (b *bench) measureAll() (err error) {
	defer func() { err = errors.Join(err, b.leaveWorld(), b.leaveLedgers()) }()
	if b.c.Profile != "" {
		out, err := os.Create(b.c.Profile)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := pprof.StartCPUProfile(out); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for _, part := range b.parts() {
		all := slices.Contains(b.c.What, "all") && part.name != "growth"
		if !all && !slices.Contains(b.c.What, part.name) {
			continue
		}
		b.part = part.name
		b.tell("measuring %s", part.name)
		if err := part.measure(); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return nil
}

// benchPart is a group of rows that one run of the bench measures.
type benchPart struct {
	name    string
	measure func() error
}

// parts are in an order in which the population is loaded once: memory measures its loading.
func (b *bench) parts() []benchPart {
	return []benchPart{
		{"append", b.append},
		{"import", b.importRows},
		{"replay", b.replay},
		{"verify", b.verify},
		{"export", b.export},
		{"growth", b.growth},
		{"memory", b.memory},
		{"project", b.project},
		{"status", b.status},
		{"board", b.board},
		{"asof", b.asof},
		{"ask", b.ask},
	}
}

// tell says on a terminal what is being done.
func (b *bench) tell(format string, a ...any) {
	if b.s.terminal.err {
		fmt.Fprintf(b.s.err, format+"\n", a...)
	}
}

// take notes one run of a row; raw is 0 where there is nothing to compare with.
func (b *bench) take(row string, value, raw float64) {
	g := b.runs[row]
	if g == nil {
		g = &gauge{}
		b.runs[row] = g
	}
	g.values, g.raws = append(g.values, value), append(g.raws, raw)
}

// row makes the medians of what was taken into a row of the table.
func (b *bench) row(name, unit, scale string, a ...any) {
	g := b.runs[name]
	r := benchRow{Row: name, Unit: unit, Scale: fmt.Sprintf(scale, a...), Value: median(g.values), Raw: median(g.raws), Runs: g.values, part: b.part}
	if r.Raw > 0 {
		r.Ratio = r.Value / r.Raw
	}
	b.rows = append(b.rows, r)
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile returns the value below which the share q of the values lies.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// folder makes a folder of the bench's own.
func (b *bench) folder(name string) string { return filepath.Join(b.dir, name) }

// print writes the rows as a table or as JSON, and the document's table where it is wanted.
func (b *bench) print() error {
	if b.c.Markdown != "" {
		var table bytes.Buffer
		b.markdown(&table)
		if err := os.WriteFile(b.c.Markdown, table.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if b.s.json {
		return json.MarshalWrite(b.s.out, b.rows, jsontext.WithIndent("  "))
	}
	page := newTable([]string{"row", "value", "unit", "raw", "ratio", "scale"}, 1, 3, 4)
	for _, r := range b.rows {
		page.add(r.Row, figure(r.Value), r.Unit, figure(r.Raw), figure(r.Ratio), r.Scale)
	}
	page.write(b.s.out)
	return nil
}

// figure writes a number with three digits that say something; nothing for none.
func figure(v float64) string {
	switch {
	case v == 0:
		return ""
	case v >= 1000:
		return grouped(int(v + 0.5))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// markdown writes the table of docs/performance.md: each row beside its target.
func (b *bench) markdown(w io.Writer) {
	fmt.Fprintln(w, "| row | target | median | raw | ratio | scale | command |")
	fmt.Fprintln(w, "|---|---|---:|---:|---:|---|---|")
	for _, r := range b.rows {
		fmt.Fprintf(w, "| %s | %s | %s %s | %s | %s | %s | `anju bench %s` |\n",
			r.Row, targetOf(r.Row), figure(r.Value), r.Unit, figure(r.Raw), figure(r.Ratio), r.Scale, r.part)
	}
}

// targetOf is what the project set itself, "" where a row only explains another.
func targetOf(row string) string {
	switch row {
	case "append.bulk":
		return "≥ 25,000/s, ratio ≥ 0.5"
	case "append.64senders", "append.64senders.busy":
		return "≥ 10,000/s"
	case "append.64senders.p99", "append.64senders.busy.p99":
		return "≤ 25 ms"
	case "append.one":
		return "ratio ≤ 1.5"
	case "append.register":
		return "≥ 3,000/s"
	case "append.visible":
		return "≤ 20 ms"
	case "import.csv", "import.xlsx":
		return "≤ 30 s"
	case "memory.household", "memory.household.quiet", "memory.household.restarted":
		return "≤ 3,072 B"
	case "memory.restart", "project.restart":
		return "≤ 8 s"
	case "project.rebuild":
		return "ratio ≥ 0.4"
	case "replay.raw":
		return "≥ 1,000,000/s, ratio ≥ 4"
	case "replay.facts":
		return "≥ 200,000/s a core"
	case "replay.views":
		return "≥ 250,000/s"
	case "verify.book", "verify.folder":
		return "≥ 700,000/s a core"
	case "export.facts":
		return "≥ 200,000/s"
	case "proof.one":
		return "≤ 200 µs"
	case "book.size":
		return "≤ 160 B"
	case "growth.append", "growth.read":
		return "ratio ≥ 0.85"
	case "growth.append.cpu", "growth.read.cpu":
		return "ratio ≤ 1.15"
	case "book.cost":
		return "≤ 15%"
	case "status.inprocess":
		return "≥ 100,000/s"
	case "status.http":
		return "ratio ≥ 0.5"
	case "asof.household":
		return "≤ 5 ms"
	case "asof.board.cold":
		return "≤ 2 s"
	case "asof.province.cold":
		return "≤ 40 s"
	case "asof.late":
		return "ratio ≥ 0.8"
	case "asof.diff", "asof.diff.days", "asof.diff.total":
		return "≤ 4 s"
	case "asof.board.cached":
		return "≤ 20 ms"
	case "board.county":
		return "≤ 1 ms"
	case "board.recent":
		return "≤ 20 ms"
	case "board.any":
		return "≤ 250 ms"
	}
	return ""
}
