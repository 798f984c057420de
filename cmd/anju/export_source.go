package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/export"
)

// fromFolder makes the export of a folder that no server holds.
func (c exportCommand) fromFolder(s *session, o export.Order) (m export.Manifest, err error) {
	if found, err := os.Stat(c.Dir); err != nil || !found.IsDir() {
		return m, fmt.Errorf("--dir %s：没有这个账本目录，请核对 / there is no such folder of a ledger: check it", c.Dir)
	}
	l, err := openLedger(s, events.Config{Dir: c.Dir})
	if errors.Is(err, events.ErrInUse) {
		return m, fmt.Errorf("--dir %s：账本目录正被另一进程使用：请去掉 --dir，用 --server 指向它的地址 / a process holds the folder: leave --dir out and name its address by --server: %w", c.Dir, err)
	}
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	source := export.Source{Log: l}
	if slices.ContainsFunc(o.Tables, export.NeedsDay) {
		sets, err := projections.ReadSets(filepath.Join(c.Dir, parameterSets), domain.DefaultParameters(), nil)
		if err != nil {
			return m, err
		}
		source.Views = projections.Resume(l, events.Opener{Ring: l.Ring()}, domain.DefaultParameters(), projections.Keep{Sets: sets})
		defer source.Views.Close()
	}
	bars := map[string]*meter{}
	m, err = export.Write(s.ctx, source, o, c.To, func(table string, rows int64) {
		if bars[table] == nil {
			bars[table] = s.meter("导出 exporting "+table, -1)
		}
		bars[table].set(rows)
	})
	for _, bar := range bars {
		bar.end()
	}
	var refused *projections.SetRefusal
	if errors.As(err, &refused) {
		return m, fmt.Errorf("--parameters %q：%s，%s / %s: %s", refused.Name, refused.Rule.ZH, refused.Fix.ZH, refused.Rule.EN, refused.Fix.EN)
	}
	return m, err
}

// fromServer fetches the export that a running server makes.
func (c exportCommand) fromServer(s *session, o export.Order) (m export.Manifest, err error) {
	if err := export.Free(c.To); err != nil { // before a server works for it
		return m, err
	}
	end := position{}
	for stream, sequence := range o.End {
		end[stream] = sequence
	}
	pairs := map[string]string{
		"tables": strings.Join(o.Tables, ","), "format": string(o.Format), "division": string(o.Division), "parameters": o.Parameters, "position": end.String(),
	}
	if o.AsOf != domain.NoDay {
		pairs["as_of"] = o.AsOf.String()
	}
	if o.KnownAt != 0 {
		pairs["known_at"] = o.KnownAt.String()
	}
	err = target{Server: c.Server}.with(s, func(base string) error {
		resp, err := open(s.plain(), get(base+"/v1/export", pairs))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		bar := s.meter("传输 receiving (bytes)", -1)
		defer bar.end()
		m, err = export.Receive(resp.Body, c.To, bar.set)
		var failed *export.Failure
		switch {
		case s.ctx.Err() != nil:
			return errInterrupted
		case errors.As(err, &failed): // the server said why
			return errors.Join(fmt.Errorf("服务器未能完成导出，未留下任何文件 / the server could not finish the export, nothing is left behind"), problemText("", failed.Problem))
		}
		return err
	})
	return m, err
}
