package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/export"
)

// exportCommand writes tables of a ledger as plain files.
type exportCommand struct {
	Dir      string   `required:"" type:"existingdir" placeholder:"DIR" help:"The ledger's folder; stop its server first. 账本目录，请先停止服务。"`
	To       string   `required:"" type:"path" placeholder:"FOLDER" help:"An empty or new folder. 空的或新的目录。"`
	Format   string   `default:"parquet" enum:"parquet,csv,ndjson" help:"parquet, csv or ndjson. 格式。"`
	Division string   `placeholder:"CODE" help:"Only this division and what lies in it. 区划。"`
	AsOf     string   `name:"as-of" placeholder:"DATE" help:"Only what was true by this date, such as 2021-06-30. 截至世界日期。"`
	KnownAt  string   `name:"known-at" placeholder:"TIME" help:"Only what was recorded by then: a date (its end in China) or an RFC 3339 time. 截至记录时刻。"`
	Set      string   `name:"parameters" placeholder:"NAME" help:"Statuses judged by this parameter set; default the one in force. 参数集。"`
	Again    string   `type:"existingfile" placeholder:"FILE" help:"Make the export of this manifest again, bit for bit. 按清单重做。"`
	Tables   []string `arg:"" optional:"" placeholder:"TABLE" help:"facts, standings, statuses, transitions, spells, ocel; default: all, those of a day when --as-of is given. 表。"`
}

// Help shows an example.
func (exportCommand) Help() string {
	return `Writes facts (the events), standings (which of them were corrected or voided), statuses, transitions and spells (households and jobs as of a day) and ocel (an OCEL 2.0 log for process mining), with a data dictionary and a manifest that names positions and roots. Sealed fields stay sealed. The folder has its name only when it is whole.
导出事实、更正与作废、某日的户状态、状态变化、就业经历、OCEL 2.0 事件日志，附数据字典和清单（位置与根哈希）；加密字段不解密；全部写完后目录才有最终名称。

  anju export --dir county --to county-2021 --as-of 2021-06-30
  anju export --dir county --to again --again county-2021/manifest.json
  duckdb -c "select type, count(*) from 'county-2021/facts/*/*.parquet' group by type"`
}

// Run exports.
func (c exportCommand) Run(s *session) (err error) {
	o, err := c.order()
	if err != nil {
		return err
	}
	l, err := openLedger(s, events.Config{Dir: c.Dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	source := export.Source{Log: l}
	if slices.ContainsFunc(o.Tables, export.NeedsDay) {
		sets, err := projections.ReadSets(filepath.Join(c.Dir, parameterSets), domain.DefaultParameters(), nil)
		if err != nil {
			return err
		}
		source.Views = projections.Resume(l, events.Opener{Ring: l.Ring()}, domain.DefaultParameters(), projections.Keep{Sets: sets})
		defer source.Views.Close()
	}
	bars := map[string]*meter{}
	m, err := export.Write(s.ctx, source, o, c.To, func(table string, rows int64) {
		if bars[table] == nil {
			bars[table] = s.meter("导出 exporting "+table, -1)
		}
		bars[table].set(rows)
	})
	for _, bar := range bars {
		bar.end()
	}
	if err != nil {
		return exportError(err)
	}
	if s.json {
		return json.MarshalWrite(s.out, m)
	}
	for _, t := range m.Tables {
		fmt.Fprintf(s.out, "%s  %s 行 rows  %d 个文件 files\n", t.Table, grouped(int(t.Rows)), len(t.Files))
	}
	for _, st := range m.Streams {
		fmt.Fprintf(s.out, "截至 up to %s:%d  根 root %s\n", st.Stream, st.Position, st.Root)
	}
	return nil
}

// order reads the flags.
func (c exportCommand) order() (o export.Order, err error) {
	if c.Again != "" {
		if strings.Join(c.Tables, "")+c.Division+c.AsOf+c.KnownAt+c.Set != "" {
			return o, errors.New("--again 已含全部条件：请去掉其他条件 / the manifest holds every condition: leave the others out")
		}
		text, err := os.ReadFile(c.Again)
		if err != nil {
			return o, err
		}
		m, err := export.ParseManifest(text)
		if err != nil || m.Export != export.Version {
			return o, errors.Join(fmt.Errorf("--again：不是 %s 的清单 / it is no manifest of %s", export.Version, export.Version), err)
		}
		return m.Order(), nil
	}
	o = export.Order{Tables: c.Tables, Format: export.Format(c.Format), AsOf: domain.NoDay, Parameters: c.Set}
	if len(o.Tables) == 0 {
		o.Tables = slices.DeleteFunc(export.Tables(), func(t string) bool { return c.AsOf == "" && export.NeedsDay(t) })
	}
	if c.Division != "" {
		if o.Division, err = domain.ParseDivision(c.Division); err != nil {
			return o, fmt.Errorf("--division %q：应为2、4、6、9或12位区划代码 / a division has 2, 4, 6, 9 or 12 digits", c.Division)
		}
	}
	if c.AsOf != "" {
		if o.AsOf, err = domain.ParseDay(c.AsOf); err != nil {
			return o, fmt.Errorf("--as-of %q：应为日期，如 2021-06-30 / it is a date, such as 2021-06-30", c.AsOf)
		}
	}
	if c.KnownAt != "" {
		o.KnownAt, err = knownAt(c.KnownAt)
	}
	return o, err
}

// knownAt reads a moment of recording as questions do.
func knownAt(text string) (domain.Moment, error) {
	m, err := domain.ParseKnownAt(text)
	if err != nil {
		return 0, fmt.Errorf("--known-at %q：应为日期或带时区（+08:00 或 Z）的时刻，如 2021-06-30 或 2021-06-30T18:00:00+08:00 / it is a date, or a time in +08:00 or Z, such as 2021-06-30 or 2021-06-30T18:00:00+08:00", text)
	}
	return m, nil
}

// exportError says what to do about an export that failed. Nothing stands under its name.
func exportError(err error) error {
	var refused *projections.SetRefusal
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("--parameters %q：%s，%s / %s: %s", refused.Name, refused.Rule.ZH, refused.Fix.ZH, refused.Rule.EN, refused.Fix.EN)
	case errors.Is(err, export.ErrFolder):
		return fmt.Errorf("目标目录不是空的，或有未完成的导出：请另选或先删除 / choose another folder, or delete it: %w", err)
	case errors.Is(err, export.ErrDay):
		return fmt.Errorf("该表以某日为准：请加 --as-of / the table is of a day: add --as-of: %w", err)
	case errors.Is(err, export.ErrTable):
		names := strings.Join(export.Tables(), " ")
		return fmt.Errorf("没有这个表，可用：%s / there is no such table; there are: %s: %w", names, names, err)
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("磁盘已满，未留下任何文件：请腾出空间或另选磁盘 / the disk is full, nothing is left behind: make room or choose another disk: %w", err)
	case errors.Is(err, events.ErrNotFound):
		return fmt.Errorf("账本还没有到清单中的位置 / the ledger does not reach the manifest's positions: %w", err)
	}
	return err
}
