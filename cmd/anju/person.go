package main

import (
	"fmt"
	"net/url"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type personCommand struct {
	target
	moment
	countyFlag
	ID string `arg:"" help:"A person's id or official number. 人的编号或人编号。"`
}

// Help shows an example.
func (personCommand) Help() string {
	return `Where the person belongs, his jobs with what was stated about them, training, services and entitlements. Names and numbers stay sealed.

所属的户、就业及核实情况、培训、服务和待遇。姓名和号码不解密。

  anju person 52060390000201 --division 520603 --as-of 2021-06-30`
}

// Run prints what is known of a person as of a day.
func (c personCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		id, err := find(s, base, domain.PersonKind, c.Division, c.ID)
		if err != nil {
			return err
		}
		q := get(base+"/v1/persons/"+url.PathEscape(id), c.pairs())
		return show(s, q, printPerson)
	})
}

// coded writes an enumeration's value in Chinese with its code, "-" where there is none.
func coded[T ~string](v T) string {
	if v == "" {
		return "-"
	}
	if label := domain.Label(v); label.ZH != "" {
		return named(label, string(v))
	}
	return string(v)
}

func printPerson(s *session, a projections.PersonAnswer) {
	fmt.Fprintf(s.out, "人 person %s | 截至 as of %s\n\n", a.Person, a.At)
	t := newTable(nil)
	birth := "-"
	if a.Profile.BirthMonth != 0 {
		birth = a.Profile.BirthMonth.String()
	}
	t.add("出生年月 birth month", birth)
	t.add("劳动能力 labour class", coded(a.Profile.LabourClass))
	t.add("学段 education stage", coded(a.Profile.EducationStage))
	t.add("户籍 registration", coded(a.Profile.Hukou), place(a.Profile.HukouDivision))
	if a.Died != 0 && a.Died.Present() {
		t.add("死亡 died", day(a.Died))
	}
	if a.Forgotten {
		t.add("个人信息 personal data", "已销毁 erased")
	}
	t.write(s.out)
	t = newTable([]string{"户 household", "自 from", "至 to", "与户主关系 relation"})
	for _, m := range a.Memberships {
		t.add(m.Household.String(), day(m.From), day(m.To), coded(m.Relation))
	}
	t.section(s)
	t = newTable([]string{"就业 placement", "自 from", "至 to", "情况 status", "渠道 channel", "月工资（元） wage", "核实 stated"}, 5)
	for _, p := range a.Placements {
		status := p.Status
		if p.Stale {
			status += " 过期 stale"
		}
		last := "-"
		if n := len(p.Statements); n > 0 {
			last = day(p.Statements[n-1].Day)
		}
		t.add(p.Placement.String(), day(p.From), day(p.To), status, coded(p.Channel), yuan(p.WageFenMonth), last)
	}
	t.section(s)
	t = newTable([]string{"说明日期 stated on", "在业 works"})
	for _, st := range a.Statements {
		t.add(day(st.Day), coded(st.Still))
	}
	t.section(s)
	printCourses(s, "经营 business", a.Businesses)
	printCourses(s, "服务 service", a.Services)
	t = newTable([]string{"培训 training"})
	for _, d := range a.Trainings {
		t.add(day(d.Day))
	}
	t.section(s)
	t = newTable([]string{"待遇 entitlement", "自 from", "至 to", "月金额（元） amount"}, 3)
	for _, e := range a.Entitlements {
		t.add(yesNo(e.InForce), day(e.From), day(e.To), yuan(e.AmountFenMonth))
	}
	t.section(s)
	fmt.Fprintln(s.out, "\n"+s.standing(a.Parameters, a.Basis))
}

func printCourses(s *session, head string, courses []projections.Course) {
	t := newTable([]string{head, "自 from", "至 to", "结束原因 why it ended"})
	for _, c := range courses {
		t.add(c.Kind, day(c.From), day(c.To), c.Reason)
	}
	t.section(s)
}

// yuan writes an amount of fen.
func yuan(amount *domain.Fen) string {
	if amount == nil {
		return "-"
	}
	return fmt.Sprintf("%s.%02d", grouped(int(*amount/100)), *amount%100)
}

// section prints a table below an empty line; one that has only a head is left out.
func (t *table) section(s *session) {
	if len(t.rows) > 1 {
		fmt.Fprintln(s.out)
		t.write(s.out)
	}
}
