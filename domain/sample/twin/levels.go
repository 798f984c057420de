package twin

// Level is one dimension's level on a day.
type Level struct {
	Name  string
	Stale bool
}

// housing: no_home before the keys (unknown where the household is dispersed and no dwelling is
// known), then what the latest check since the keys found.
func (l *life) housing(at int) Level {
	keys := l.upTo(at, "dwelling.handed_over")
	if len(keys) == 0 {
		if l.mode == "dispersed" {
			return Level{Name: "unknown"}
		}
		return Level{Name: "no_home"}
	}
	checked := Level{"keys_only", at > keys[0].Day+180}
	for _, f := range l.upTo(at, "dwelling.occupancy_checked") {
		if f.Day >= keys[0].Day {
			checked = Level{f.Says["入住情况"], at > f.Day+180}
		}
	}
	return checked
}

func (l *life) keys(at int) int {
	for _, f := range l.upTo(at, "dwelling.handed_over") {
		return f.Day
	}
	return never
}

func (l *life) title(at int) Level {
	keys := l.keys(at)
	if keys == never {
		return Level{Name: "n/a"}
	}
	level := Level{Name: "none"}
	for _, f := range l.upTo(at, "title.application_accepted", "title.certificate_issued") {
		switch {
		case f.Day < keys:
		case f.Type == "title.certificate_issued":
			level.Name = "issued"
		case level.Name == "none":
			level.Name = "in_process"
		}
	}
	return level
}

// titleInTime: 12 months after its clock starts, at the later of keys and 2020-11-05.
func (l *life) titleInTime(at int) bool {
	return at <= addMonths(max(l.keys(at), Day(2020, 11, 5)), 12)
}

// employment: the best of the members who work; otherwise what those required to work state.
func (l *life) employment(at int) Level {
	proven, placed, fresh, latest := 0, 0, false, 0
	required, out, outLast := 0, 0, 0
	for _, p := range l.present(at) {
		w := l.worker(p, at)
		switch {
		case w.works() && w.proven:
			proven++
			fresh = fresh || at <= w.since+90
		case w.works():
			placed++
			latest = max(latest, w.since)
		}
		if p.required(at) {
			required++
			if w.out {
				out++
				outLast = max(outLast, w.outLast)
			}
		}
	}
	switch {
	case proven >= 2:
		return Level{"verified_2plus", !fresh}
	case proven == 1:
		return Level{"verified", !fresh}
	case placed > 0:
		return Level{"placed", at > latest+90}
	case required == 0:
		return Level{Name: "n/a"}
	case out == required:
		return Level{"none", at > outLast+90}
	}
	return Level{Name: "unknown"}
}

// inVerifiedWork: verified and not stale.
func (l *life) inVerifiedWork(at int) bool {
	e := l.employment(at)
	return (e.Name == "verified" || e.Name == "verified_2plus") && !e.Stale
}

func (l *life) industry(at int) Level {
	if len(l.upTo(at, "industry.household_linked")) > 0 {
		return Level{Name: "linked"}
	}
	return Level{Name: "none"}
}

// services: a school for each child of compulsory age, a family doctor for the household.
func (l *life) services(at int) Level {
	needs, met := 1, 0
	gap, doctor := false, false
	for _, p := range l.present(at) {
		enrolled, dropped := map[string]bool{}, false
		for _, f := range l.upTo(at, "service.enrolled", "service.left") {
			if f.Person != p.number {
				continue
			}
			kind := f.Says["服务类别"]
			school := kind == "primary" || kind == "junior"
			switch {
			case f.Type == "service.enrolled":
				enrolled[kind] = true
				dropped = dropped && !school
			default:
				enrolled[kind] = false
				dropped = dropped || school && f.Says["结束原因"] == "dropped_out"
			}
		}
		doctor = doctor || enrolled["family_doctor"]
		if !p.schooling(at) {
			continue
		}
		needs++
		if enrolled["primary"] || enrolled["junior"] {
			met++
		}
		gap = gap || dropped
	}
	if doctor {
		met++
	}
	switch {
	case gap:
		return Level{Name: "gap"}
	case met == needs:
		return Level{Name: "covered"}
	case met > 0:
		return Level{Name: "partial"}
	}
	return Level{Name: "unknown"}
}

func (l *life) organised(at int) Level {
	if l.founded <= at {
		return Level{Name: "organised"}
	}
	return Level{Name: "unknown"}
}

// declared is one year's declaration.
type declared struct {
	year, persons, total, transfer int64 // fen
}

func (l *life) declared(at int) map[int]declared {
	all := map[int]declared{}
	for _, f := range l.upTo(at, "income.declared") {
		n := func(name string) int64 { return int64(number(f.Says[name])) }
		d := declared{n("年度"), n("家庭人口"), 0, n("转移净收入(元)")}
		d.total = n("工资性收入(元)") + n("生产经营净收入(元)") + n("财产净收入(元)") + d.transfer
		all[int(d.year)] = d
	}
	return all
}

func (d declared) line() int64 { return int64(lineOf(int(d.year))) * 100 * d.persons }

// moreThan compares what two years gave a head.
func (d declared) moreThan(before declared) bool {
	return d.total*before.persons > before.total*d.persons
}

func (l *life) income(at int) Level {
	all := l.declared(at)
	latest := 0
	for year := range all {
		latest = max(latest, year)
	}
	if latest == 0 {
		return Level{Name: "unknown"}
	}
	year, month, _ := civil(at)
	due := year - 1
	if month == 1 {
		due--
	}
	level := Level{Name: "above", Stale: latest < due}
	d := all[latest]
	before, there := all[latest-1]
	switch {
	case d.total < d.line():
		level.Name = "below_line"
	case d.total*2 < d.line()*3:
		level.Name = "near_line"
	case there && d.moreThan(before):
		level.Name = "growing"
	}
	return level
}

// riskCase is a case on a day.
type riskCase struct {
	flagged, decided, planned, cleared int // never = not yet
	class                              string
}

func (l *life) cases(at int) (all []riskCase) {
	by := map[string]int{}
	for _, f := range l.upTo(at, "risk.flagged", "risk.decided", "help.planned", "risk.cleared") {
		i, there := by[f.Says["case"]]
		if !there {
			i = len(all)
			by[f.Says["case"]] = i
			all = append(all, riskCase{never, never, never, never, ""})
		}
		switch c := &all[i]; f.Type {
		case "risk.flagged":
			c.flagged = f.Day
		case "risk.decided":
			c.decided, c.class = f.Day, f.Says["监测类别"]
		case "help.planned":
			c.planned = f.Day
		default:
			c.cleared = f.Day
		}
	}
	return all
}

func (l *life) risk(at int) Level {
	level := "none"
	for _, c := range l.cases(at) {
		switch {
		case c.decided <= at && c.cleared == never:
			return Level{Name: "monitored"}
		case c.cleared == never:
			level = "flagged"
		case at < addMonths(c.cleared, 6) && level == "none":
			level = "cleared_watching"
		}
	}
	return Level{Name: level}
}
