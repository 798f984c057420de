package page

import (
	"cmp"
	"slices"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
)

// worksPage lists the facilities or the funds of a division.
type worksPage struct {
	frame
	Division domain.Division
	Filters  []filter
	Idle     bool
	IdleHref string
	AllHref  string
	Sheet    sheet
}

// idleMonths is after how long without movement money counts as idle, as for the standing question
// idle-funds by default.
const idleMonths = 12

func (p *Page) serveFunds(v *visit) error {
	page, a, err := p.newWorks(v, v.lang.say("资金", "Funds"))
	if err != nil {
		return err
	}
	source, err := page.choose(v, "source", v.lang.say("来源", "Source"), domain.TermsOf[domain.FundSource]())
	if err != nil {
		return err
	}
	measures := []domain.Term{}
	for _, m := range domain.DefaultMeasures().List {
		measures = append(measures, domain.Term{Code: string(m.Code), Text: m.Name})
	}
	measures = append(measures, domain.Term{Code: noMeasure, Text: domain.Text{ZH: "未注明措施", EN: "no measure stated"}})
	measure, err := page.choose(v, "measure", v.lang.say("措施（工作清单）", "Measure (working list)"), measures)
	if err != nil {
		return err
	}
	page.Idle = v.URL.Query().Get("idle") == "1"
	page.IdleHref, page.AllHref = with(page.Here, "idle", "1"), with(page.Here, "idle", "")
	var rows []sheetRow
	for i := range a.Funds {
		f := &a.Funds[i]
		if source != "" && string(f.Source) != source || measure != "" && cmp.Or(string(f.Measure), noMeasure) != measure || page.Idle && !f.Idle(v.moment.day, idleMonths) {
			continue
		}
		rows = append(rows, page.fundRow(f, v.moment.known.NameOf(f.For)))
	}
	l := v.lang
	page.Sheet.Columns = columns(l.say("用于", "For"), l.say("来源", "Source"), l.say("措施（工作清单）", "Measure (working list)"), l.say("首次下达", "First allocated"),
		l.say("最近拨付", "Last disbursed"), "#"+l.say("下达（元）", "Allocated (yuan)"), "#"+l.say("拨付（元）", "Disbursed (yuan)"), "#"+l.say("拨付率", "Share"))
	return p.showWorks(v, page, "funds", rows)
}

// noMeasure stands in an address for money of which no measure is stated.
const noMeasure = "none"

func (w *worksPage) fundRow(f *projections.FundRow, name string) sheetRow {
	l := w.Lang
	share := sheetCell{}
	if f.Allocated > 0 {
		share = cellOfNumber(float64(f.Disbursed)*100/float64(f.Allocated), percent(int(f.Disbursed/100), int(f.Allocated/100)))
	}
	return sheetRow{Events: f.Events, Cells: []sheetCell{
		cellOf(cmp.Or(name, f.For.String())), cellOf(l.pick(domain.Label(f.Source))), cellOf(l.measure(f.Measure)), cellOfDay(f.Since), cellOfDay(f.Last),
		cellOfFen(f.Allocated), cellOfFen(f.Disbursed), share,
	}}
}

// columnsOfStages are the codes of the overview's columns of facilities, in their order.
var columnsOfStages = []domain.Term{
	{Code: "planned", Text: domain.Text{ZH: "规划", EN: "planned"}},
	{Code: "building", Text: domain.Text{ZH: "在建", EN: "building"}},
	{Code: "open", Text: domain.Text{ZH: "投用", EN: "open"}},
	{Code: "closed", Text: domain.Text{ZH: "停用", EN: "closed"}},
}

// lateStage is, among the stages that a list of facilities may be bounded to, those past their planned opening.
const lateStage = "overdue"

func (p *Page) serveFacilities(v *visit) error {
	page, a, err := p.newWorks(v, v.lang.say("配套设施", "Facilities"))
	if err != nil {
		return err
	}
	kind, err := page.choose(v, "kind", v.lang.say("类别", "Type"), domain.TermsOf[domain.FacilityType]())
	if err != nil {
		return err
	}
	stage, err := page.choose(v, "stage", v.lang.say("状态", "Stage"), append(slices.Clone(columnsOfStages), domain.Term{Code: lateStage, Text: domain.Text{ZH: "逾期未投用", EN: "past its planned opening"}}))
	if err != nil {
		return err
	}
	var rows []sheetRow
	for i := range a.Facilities {
		f := &a.Facilities[i]
		if kind != "" && string(f.Kind) != kind || stage == lateStage && !f.Overdue ||
			stage != "" && stage != lateStage && columnsOfStages[stageColumn(f.Stage)].Code != stage {
			continue
		}
		rows = append(rows, sheetRow{Events: f.Events, Cells: []sheetCell{
			cellOf(f.Name), cellOf(f.Code), cellOf(v.lang.pick(domain.Label(f.Kind))), cellOf(v.lang.pick(domain.Label(f.Stage))), cellOfDay(f.Since), cellOfDay(f.PlannedOpen),
		}})
	}
	l := v.lang
	page.Sheet.Columns = columns(l.say("设施", "Facility"), l.say("编号", "Code"), l.say("类别", "Type"), l.say("状态", "Stage"), l.say("起自", "Since"), l.say("计划投用", "Planned"))
	return p.showWorks(v, page, "facilities", rows)
}

func (p *Page) newWorks(v *visit, title string) (page *worksPage, a projections.WorksAnswer, err error) {
	page = &worksPage{frame: p.frame(v, title, "lists")}
	page.Division = page.Home
	if given := v.URL.Query().Get("division"); given != "" {
		if page.Division, err = domain.ParseDivision(given); err != nil {
			return nil, a, badInput("division", given, noDivision)
		}
	}
	page.crumbs(page.Division)
	a, err = p.worksOf(v.Context(), page.Division, v.moment)
	page.Stand = standOf(a.Position, a.Lag, page.Stand.Parameters)
	return page, a, err
}

// choose offers the codes of a filter, and returns the one that the address chose.
func (w *worksPage) choose(v *visit, name, label string, terms []domain.Term) (string, error) {
	code := v.URL.Query().Get(name)
	if code != "" && !slices.ContainsFunc(terms, func(t domain.Term) bool { return t.Code == code }) {
		return "", badInput(name, code, wrongCode, terms...)
	}
	f := filter{name, label, []option{{"", v.lang.say("全部", "all"), code == "", ""}}}
	for _, t := range terms {
		f.Options = append(f.Options, option{t.Code, v.lang.pick(t.Text), t.Code == code, ""})
	}
	w.Filters = append(w.Filters, f)
	return code, nil
}

// showWorks answers with the page, the part of it that a search replaces, or a file.
func (p *Page) showWorks(v *visit, page *worksPage, name string, rows []sheetRow) error {
	if err := page.Sheet.arrange(&page.frame, v.URL.Query(), rows); err != nil {
		return err
	}
	if answered, err := v.download(name, page.Sheet.table()); answered {
		return err
	}
	if v.part() == "sheet" {
		return p.render(v, "sheetrows", &page.Sheet)
	}
	return p.render(v, name, page)
}
