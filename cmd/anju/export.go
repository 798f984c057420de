package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections/export"
)

// exportCommand writes tables of a ledger as plain files.
type exportCommand struct {
	target
	To       string   `required:"" type:"path" placeholder:"FOLDER" help:"An empty or new folder. 空的或新的目录。"`
	Format   string   `default:"parquet" placeholder:"FORMAT" help:"parquet, csv or ndjson. 格式。"`
	Division string   `placeholder:"CODE" help:"Only this division and what lies in it. 区划。"`
	AsOf     string   `name:"as-of" placeholder:"DATE" help:"Only what was true by this date, such as 2021-06-30. 截至世界日期。"`
	KnownAt  string   `name:"known-at" placeholder:"TIME" help:"Only what was recorded by then: a date (its end in China) or an RFC 3339 time. 截至记录时刻。"`
	Set      string   `name:"parameters" placeholder:"NAME" help:"Statuses judged by this parameter set; default the one in force. 参数集。"`
	Again    string   `type:"path" placeholder:"FILE" help:"Make the export of this manifest again, bit for bit. 按清单重做。"`
	Tables   []string `arg:"" optional:"" placeholder:"TABLE" help:"facts, standings, statuses, transitions, spells, ocel; default: all, those of a day when --as-of is given. 表。"`
}

// Help shows an example.
func (exportCommand) Help() string {
	return `Writes facts (the events), standings (which of them were corrected or voided), statuses, transitions and spells (households and jobs as of a day) and ocel (an OCEL 2.0 log for process mining), with a data dictionary and a manifest that names positions and roots. Sealed fields stay sealed. The folder has its name only when it is whole. A running server makes the export and sends it; with --dir it is made here.
导出事实、更正与作废、某日的户状态、状态变化、就业经历、OCEL 2.0 事件日志，附数据字典和清单（位置与根哈希）；加密字段不解密；全部写完后目录才有最终名称。可由运行中的服务生成并传来，或用 --dir 直接打开目录。

  anju export --to county-2021 --as-of 2021-06-30
  anju export --to again --again county-2021/manifest.json
  anju export --dir county --to facts-csv --format csv facts
  duckdb -c "select type, count(*) from 'county-2021/facts/*/*.parquet' group by type"`
}

// Run exports.
func (c exportCommand) Run(s *session) error {
	o, err := c.order()
	if err != nil {
		return err
	}
	if export.Abandoned(c.To) {
		fmt.Fprintf(s.err, "%s.partial 是一次中断的导出留下的，已删除 / was left by an export that was cut off, and is deleted\n", c.To)
	}
	write := c.fromFolder
	if c.Dir == "" {
		write = c.fromServer
	}
	m, err := write(s, o)
	if err != nil {
		return c.refusal(err)
	}
	if err := c.same(&m); err != nil {
		return err
	}
	for _, note := range m.Notes {
		fmt.Fprintf(s.err, "注意 note: %s\n", s.say(note))
	}
	if s.json {
		return json.MarshalWrite(s.out, m)
	}
	printManifest(s, &m)
	return nil
}

// printManifest says what was exported, and of when.
func printManifest(s *session, m *export.Manifest) {
	for _, t := range m.Tables {
		fmt.Fprintf(s.out, "%s  %s 行 rows  %d 个文件 files\n", t.Table, grouped(int(t.Rows)), len(t.Files))
	}
	asOf, judged := "不限日期 of all days", "无表依参数集 no table depends on a parameter set"
	if m.AsOf != domain.NoDay {
		asOf = "截至 as of " + m.AsOf.String()
	}
	if m.Parameters != "" {
		judged = "参数集 parameters " + m.Parameters
	}
	fmt.Fprintf(s.out, "%s | 已知至 known at %s | 定义 definition %s | %s\n", asOf, m.KnownAt, m.Definition, judged)
	for _, st := range m.Streams {
		fmt.Fprintf(s.out, "读到 up to %s:%d  根 root %s\n", st.Stream, st.Position, st.Root)
	}
}

// order reads the flags.
func (c exportCommand) order() (o export.Order, err error) {
	if c.Again != "" {
		return c.again()
	}
	o = export.Order{Tables: c.Tables, Format: export.Format(c.Format), AsOf: domain.NoDay, Parameters: c.Set}
	if c.Division != "" {
		if o.Division, err = domain.ParseDivision(c.Division); err != nil {
			return o, fmt.Errorf("--division %q：应为2、4、6、9或12位区划代码，如 520603 / a division has 2, 4, 6, 9 or 12 digits, such as 520603", domain.Shown(c.Division))
		}
	}
	if c.AsOf != "" {
		if o.AsOf, err = domain.ParseDay(c.AsOf); err != nil {
			return o, fmt.Errorf("--as-of %q：应为日期，如 2021-06-30 / it is a date, such as 2021-06-30", domain.Shown(c.AsOf))
		}
	}
	if c.KnownAt != "" {
		if o.KnownAt, err = knownAt(c.KnownAt); err != nil {
			return o, err
		}
	}
	if len(o.Tables) == 0 {
		o.Tables = export.TablesOf(o.AsOf)
	}
	return o, c.refusal(o.Check())
}

// again reads the order off a manifest.
func (c exportCommand) again() (o export.Order, err error) {
	if strings.Join(c.Tables, "")+c.Division+c.AsOf+c.KnownAt+c.Set != "" || c.Format != string(export.Parquet) {
		return o, errors.New("--again 已含全部条件：请去掉其他条件 / the manifest holds every condition: leave the others out")
	}
	m, err := c.given()
	return m.Order(), err
}

// given reads the manifest that is to be made again.
func (c exportCommand) given() (m export.Manifest, err error) {
	text, err := os.ReadFile(c.Again)
	if err != nil {
		return m, fmt.Errorf("--again %s：无法读取，应为一次导出的 manifest.json / cannot be read; it is the manifest.json of an export: %w", c.Again, err)
	}
	m, err = export.ParseManifest(text)
	if err != nil || m.Export != export.Version {
		return m, fmt.Errorf("--again %s：不是 %s 的清单，应为一次导出的 manifest.json / it is no manifest of %s; name the manifest.json of an export", c.Again, export.Version, export.Version)
	}
	return m, nil
}

// same compares what was made again with its manifest; what differs is not kept.
func (c exportCommand) same(made *export.Manifest) error {
	if c.Again == "" {
		return nil
	}
	given, err := c.given()
	if err != nil {
		return err
	}
	what := given.Differs(made)
	if what == "" {
		return nil
	}
	err = fmt.Errorf("--again %s：%s 与清单不同，未留下任何文件：请核对清单、账本和程序版本 / %s differs, and nothing is left behind; check the manifest, the ledger and the version of the program: %w",
		c.Again, what, what, export.ErrDiffers)
	return errors.Join(err, os.RemoveAll(c.To))
}

// knownAt reads a moment of recording as questions do.
func knownAt(text string) (domain.Moment, error) {
	m, err := domain.ParseKnownAt(text)
	if err != nil {
		return 0, fmt.Errorf("--known-at %q：应为日期或带时区（+08:00 或 Z）的时刻，如 2021-06-30 或 2021-06-30T18:00:00+08:00 / it is a date, or a time in +08:00 or Z, such as 2021-06-30 or 2021-06-30T18:00:00+08:00", domain.Shown(text))
	}
	return m, nil
}

// refusal says what to do about an export that cannot be, or failed. Nothing stands under its name.
func (c exportCommand) refusal(err error) error {
	names := strings.Join(export.Tables(), " ")
	switch {
	case errors.Is(err, export.ErrInUse):
		return fmt.Errorf("--to %s：另一个导出正在写入，请另选目录或等它结束 / another export is being written there: choose another folder, or wait for its end", c.To)
	case errors.Is(err, export.ErrFolder):
		return fmt.Errorf("--to %s：应为空的或新的目录，请另选或先删除 / it is an empty or a new folder: choose another folder, or delete what is there", c.To)
	case errors.Is(err, export.ErrDay):
		return errors.New("--as-of：statuses、transitions、spells 以某日为准，请加 --as-of 2021-06-30 之类的日期，或只要其他表 / statuses, transitions and spells are of a day: add --as-of with a date such as 2021-06-30, or leave them out")
	case errors.Is(err, export.ErrTable):
		return fmt.Errorf("TABLE %q：没有这个表，可用：%s / there is no such table; there are: %s", domain.Shown(strings.Join(c.Tables, " ")), names, names)
	case errors.Is(err, export.ErrFormat):
		return fmt.Errorf("--format %q：应为 parquet、csv 或 ndjson / it is parquet, csv or ndjson", domain.Shown(c.Format))
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("--to %s：磁盘已满，未留下任何文件：请腾出空间或另选磁盘 / the disk is full, nothing is left behind: make room or choose another disk: %w", filepath.Dir(c.To), err)
	case errors.Is(err, export.ErrBroken):
		return fmt.Errorf("传来的导出不完整，未留下任何文件：请重试 / the export did not come whole, nothing is left behind: try again: %w", err)
	case errors.Is(err, events.ErrNotFound):
		return fmt.Errorf("--again %s：账本还没有到清单中的位置，请核对清单是否属于这个账本 / the ledger does not reach the manifest's positions: check that it is of this ledger: %w", c.Again, err)
	}
	return err
}
