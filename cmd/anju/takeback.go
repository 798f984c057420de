package main

import "net/http"

type undoCommand struct {
	target
	Department string `required:"" placeholder:"CODE" help:"The recording department, such as township. 记录部门。"`
	Division   string `required:"" placeholder:"CODE" help:"Its division, such as 520603. 其区划。"`
	ReturnTo   string `name:"return-to" enum:",household,address" default:"" placeholder:"WHERE" help:"household: the old household, where it is now; address: a new household at the old address. 回到原户现在的住处，或在原地址另立新户。"`
	Time       string `placeholder:"DAY" help:"With --return-to: the day from which it is so. 自哪日起。"`
	Relation   string `placeholder:"CODE" help:"Of a member who returns to the old household: his relation to its head, such as child. 与户主关系。"`
	In         string `placeholder:"CODE" help:"The division where they are then; default: the caller's. 之后所在的区划。"`
	ApprovedBy string `name:"approved-by" placeholder:"CODE" help:"Who approved it: not who records it. 批准人代号。"`
	Event      string `arg:"" help:"The event's id: of a split, or of a member's or household's move. 分户或迁移记录的编号。"`
}

// Help shows an example.
func (undoCommand) Help() string {
	return `Takes back a split (household.split) or a move (household.member_left, .member_joined, .moved). While nothing rests on it the event is voided. Otherwise the events that do are listed, and --return-to says where those return to: nothing is edited, new facts are recorded as one set.

撤销分户或迁移。没有其他记录依赖时直接作废；否则列出依赖的记录，须以 --return-to 选择回到哪里：原记录不改动，另记新的事实。

  anju undo --department township --division 520603 0192f3c1-4b5a-7d3e-8f02-9ca1b2c3d4e5
  anju undo --department township --division 520603 --return-to household --time 2021-06-30 0192f3c1-4b5a-7d3e-8f02-9ca1b2c3d4e5`
}

// Run undoes and prints the receipts.
func (c undoCommand) Run(s *session) error {
	pairs := map[string]string{
		"department": c.Department, "division": c.Division, "event": c.Event, "return_to": c.ReturnTo, "time": c.Time, "relation": c.Relation, "in": c.In, "approved_by": c.ApprovedBy,
	}
	return c.with(s, func(base string) error {
		resp, err := open(s, question{http.MethodPost, base + "/v1/undo?" + query(pairs), "", http.NoBody})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return printAnswers(s, resp.Body)
	})
}
