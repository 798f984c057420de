package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events/intake"
)

type voidCommand struct {
	target
	Batch      string `required:"" placeholder:"ID" help:"The import's batch, as its receipt names it. 导入批次。"`
	Division   string `required:"" placeholder:"CODE" help:"The division of who undoes it, such as 520603. 区划。"`
	Department string `placeholder:"CODE" help:"Its department; by default that in whose name each event was imported. 部门。"`
	Reason     string `required:"" placeholder:"CODE" help:"Why: duplicate, false, wrong_subject or test. 原因。"`
	ApprovedBy string `name:"approved-by" placeholder:"CODE" help:"Who approved it: not who records it. 批准人代号。"`
	DryRun     bool   `name:"dry-run" help:"Say what would be voided, and record nothing. 只预览。"`
}

// Help shows an example.
func (voidCommand) Help() string {
	return `Undoes an import: voids all of its events, the latest first. It is refused whole when events outside the import rest on it; they are listed, to be voided first. Repeating it is harmless: it goes on where it stopped. The voids are a batch of their own; to void that batch brings the import back. A single event is voided by a record.voided ("anju record").

撤销一次导入：自后向前作废其全部记录。若有批次以外的记录依赖，则整体拒绝并列出。可放心重复执行。作废自成一个批次，作废该批次即恢复导入。

  anju void --batch i7k2m9qx4w1tz --division 520603 --reason test --dry-run`
}

// Run undoes an import.
func (c voidCommand) Run(s *session) error {
	pairs := map[string]string{"division": c.Division, "department": c.Department, "reason": c.Reason, "approved_by": c.ApprovedBy}
	if c.DryRun {
		pairs["dryrun"] = "true"
	}
	return c.with(s, func(base string) error {
		q := question{method: http.MethodPost, address: base + "/v1/batches/" + url.PathEscape(c.Batch) + "/void?" + query(pairs)}
		return show(s, q, func(s *session, u intake.Undone) { printUndone(s, &u, c.DryRun) })
	})
}

func printUndone(s *session, u *intake.Undone, dry bool) {
	what := domain.Text{ZH: "已作废", EN: "voided"}
	if dry {
		what = domain.Text{ZH: "将作废", EN: "to be voided"}
	}
	fmt.Fprintf(s.out, "批次 batch %s | 记录 events %s | %s %s %s | 此前已作废 voided before %s\n", u.Batch, grouped(u.Events), what.ZH, what.EN, grouped(u.Voided), grouped(u.Already))
	t := newTable(nil, 2)
	for _, n := range u.Types {
		name := n.Type
		if kind, known := domain.KindOf(n.Type); known {
			name = kind.Label.ZH
		}
		t.add("  "+name, n.Type, grouped(n.Events))
	}
	t.write(s.out)
	if u.Recorded {
		fmt.Fprintf(s.out, "位置 position %s | 恢复导入 to bring it back: anju void --batch %s\n", u.Position, u.Undo)
	}
}
