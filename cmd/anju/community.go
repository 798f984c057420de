package main

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

type communityCommand struct {
	target
	moment
	countyFlag
	ID string `arg:"" help:"A community's id, code or name. 社区的编号、代码或名称。"`
}

// Help shows an example.
func (communityCommand) Help() string {
	return `A resettlement community: its record, how many households live there and how they are, its facilities and projects.

安置社区：登记情况、居住户数和状态、配套设施、产业项目。

  anju community 城南社区 --division 520603 --as-of 2021-06-30`
}

// Run prints what is known of a community as of a day.
func (c communityCommand) Run(s *session) error {
	return c.with(s, func(base string) error {
		id, err := find(s, base, domain.CommunityKind, c.Division, c.ID)
		if err != nil {
			return err
		}
		q := get(base+"/v1/communities/"+url.PathEscape(id), c.pairs())
		return show(s, q, printCommunity)
	})
}

func printCommunity(s *session, a projections.CommunityAnswer) {
	fmt.Fprintf(s.out, "社区 community %s | 截至 as of %s\n\n", a.Community, a.At)
	t := newTable(nil)
	t.add("名称 name", a.Name)
	t.add("代码 code", a.Code)
	t.add("区划 division", place(a.Division))
	t.add("组织 organised", yesNo(a.Organised), day(a.Since))
	t.add("类型 kind", coded(a.Kind))
	t.add("形式 form", coded(a.Form))
	t.write(s.out)
	t = newTable([]string{"状态 state", "户 households", ""}, 1, 2)
	for state := domain.Closed; state <= domain.Stabilising; state++ {
		if n := a.Residents.States[state.String()]; n > 0 {
			t.add(named(state.Label(), state.String()), grouped(n), percent(n, a.Residents.Households))
		}
	}
	t.add("合计 total", grouped(a.Residents.Households), "")
	t.section(s)
	t = newTable([]string{"设施 facility", "类别 kind", "阶段 stage", "自 since", "规模 capacity", "名称 name"})
	slices.SortFunc(a.Facilities, func(x, y projections.Facility) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Since, y.Since))
	})
	for _, f := range a.Facilities {
		size := "-"
		if f.Capacity != nil {
			size = fmt.Sprintf("%d %s", *f.Capacity, coded(f.CapacityUnit))
		}
		t.add(f.Facility.String(), coded(f.Kind), coded(f.Stage), day(f.Since), size, f.Name)
	}
	t.section(s)
	t = newTable([]string{"项目 project", "阶段 stage", "自 since", "代码 code"})
	for _, p := range a.Projects {
		t.add(p.Project.String(), coded(p.Stage), day(p.Since), p.Code)
	}
	t.section(s)
	fmt.Fprintln(s.out, "\n"+s.standing(a.Parameters, a.Basis))
}
