package export

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/anju-ledger/anju/domain"
)

// Column describes one column of a table, for its dictionary.
type Column struct {
	Name     string
	Type     string // text, integer, boolean, date, moment, uuid or json
	Optional bool   // a zero is absent: null in Parquet, empty in CSV, left out of JSON
	Label    domain.Text
}

// table is one kind of table. Its columns are the fields of its row type: the parquet and json tags
// name them, zh and en say what they hold.
type table struct {
	name    string
	label   domain.Text
	columns []Column
	write   func(ctx context.Context, e *exporter) error
}

// tables returns every table, in the order in which they are written.
func tables() []table {
	return []table{
		tableOf("facts", domain.Text{ZH: "事实", EN: "the recorded events"}, func(f *Fact) domain.Day { return f.Day }, facts),
		tableOf(standingsTable, domain.Text{ZH: "更正与作废", EN: "the corrections and voids among them"}, func(s *Standing) domain.Day { return s.Day }, standings),
		tableOf("statuses", domain.Text{ZH: "户状态", EN: "the households as of the day"}, func(s *Status) domain.Day { return s.AsOf }, statuses),
		tableOf("transitions", domain.Text{ZH: "状态变化", EN: "the changes of their states and levels"}, func(t *Transition) domain.Day { return t.Day }, transitions),
		tableOf("spells", domain.Text{ZH: "就业经历", EN: "the jobs of persons"}, func(s *Spell) domain.Day { return s.From }, spells),
		{name: ocelTable, label: domain.Text{ZH: "对象中心事件日志", EN: "the events as OCEL 2.0, for process mining"}, write: writeOCEL},
	}
}

// Tables lists the tables that can be exported.
func Tables() (names []string) {
	for _, t := range tables() {
		names = append(names, t.name)
	}
	return names
}

// NeedsDay reports a table that is folded as of a day.
func NeedsDay(table string) bool {
	return table == "statuses" || table == "transitions" || table == "spells"
}

// TablesOf lists the tables that an order has when it names none: all, but without a day none that needs one.
func TablesOf(day domain.Day) []string {
	return slices.DeleteFunc(Tables(), func(t string) bool { return day == domain.NoDay && NeedsDay(t) })
}

// dependsOn names what a table's rows follow from.
func (o *Order) dependsOn(table string) []string {
	all := []string{"streams"}
	if o.AsOf != domain.NoDay {
		all = append(all, "as_of")
	}
	if NeedsDay(table) {
		all = append(all, "definition", "parameters")
	}
	return all
}

// tableOf makes a table from what yields its rows; day says which month a row belongs to.
func tableOf[R any](name string, label domain.Text, day func(*R) domain.Day, rows func(context.Context, *exporter) iter.Seq2[R, error]) table {
	return table{name: name, label: label, columns: columnsOf(reflect.TypeFor[R]()), write: func(ctx context.Context, e *exporter) error {
		w := newTableWriter[R](e, name, day)
		for row, err := range rows(ctx, e) {
			if err == nil {
				err = ctx.Err()
			}
			if err == nil {
				err = w.add(row)
			}
			if err != nil {
				return errors.Join(err, w.abandon())
			}
		}
		files, err := w.close()
		files.DependsOn = e.order.dependsOn(name)
		if err == nil {
			e.manifest.Tables = append(e.manifest.Tables, files)
		}
		return err
	}}
}

// columnsOf reads the columns off a row's struct tags.
func columnsOf(row reflect.Type) (all []Column) {
	for i := range row.NumField() {
		f := row.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		optional := slices.Contains(strings.Split(options, ","), "optional")
		all = append(all, Column{name, typeName(f.Type, options), optional, domain.Text{ZH: f.Tag.Get("zh"), EN: f.Tag.Get("en")}})
	}
	return all
}

func typeName(t reflect.Type, options string) string {
	for _, word := range []string{"uuid", "date", "json"} {
		if slices.Contains(strings.Split(options, ","), word) {
			return word
		}
	}
	switch {
	case strings.Contains(options, "timestamp"):
		return "moment"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Bool:
		return "boolean"
	}
	return "integer"
}

// batchRows is how many rows of one month go to their writer together.
const batchRows = 512

// tableWriter spreads the rows of a table over its files: by month for Parquet, in one file
// otherwise. Files are written side by side, each by one goroutine in the order of its rows, so
// that its bytes do not depend on the number of cores.
type tableWriter[R any] struct {
	e       *exporter
	name    string
	day     func(*R) domain.Day
	parts   map[domain.Month]*part[R]
	order   []*part[R]
	workers []*worker[R]
	codec   *zstd.Codec // of all files
	rows    int64
}

// part is one file of a table.
type part[R any] struct {
	month  domain.Month // of a Parquet file; 0 otherwise
	out    *output
	writer rowWriter[R]
	batch  []R // not handed to the worker yet
	rows   int64
	worker *worker[R]
}

// rowWriter writes rows in one format.
type rowWriter[R any] interface {
	Write(rows []R) (int, error)
	Close() error
}

// worker writes the batches that it is handed, until one fails.
type worker[R any] struct {
	work chan job[R]
	done chan struct{}
	err  error // of the first batch that failed; read after done
}

type job[R any] struct {
	part *part[R]
	rows []R
}

func newTableWriter[R any](e *exporter, name string, day func(*R) domain.Day) *tableWriter[R] {
	w := &tableWriter[R]{e: e, name: name, day: day, parts: map[domain.Month]*part[R]{}, codec: newCodec()}
	for range runtime.GOMAXPROCS(0) {
		k := &worker[R]{work: make(chan job[R], 4), done: make(chan struct{})}
		w.workers = append(w.workers, k)
		go k.run()
	}
	return w
}

func (k *worker[R]) run() {
	defer close(k.done)
	for j := range k.work {
		if k.err == nil {
			_, k.err = j.part.writer.Write(j.rows)
		}
	}
}

// add takes one row.
func (w *tableWriter[R]) add(row R) error {
	p, err := w.part(&row)
	if err != nil {
		return err
	}
	p.batch = append(p.batch, row)
	if len(p.batch) == batchRows {
		p.flush()
		w.e.progress(w.name, w.rows)
	}
	w.rows++
	return nil
}

// flush hands the batch to the worker.
func (p *part[R]) flush() {
	if len(p.batch) == 0 {
		return
	}
	p.rows += int64(len(p.batch))
	p.worker.work <- job[R]{p, p.batch}
	p.batch = make([]R, 0, batchRows)
}

// part finds or begins the file of a row.
func (w *tableWriter[R]) part(row *R) (*part[R], error) {
	month := domain.Month(0)
	if w.e.order.Format == Parquet {
		year, m, _ := w.day(row).Date()
		month = domain.MakeMonth(year, m)
	}
	if p, begun := w.parts[month]; begun {
		return p, nil
	}
	return w.begin(month)
}

// begin begins a file. A table without rows has one too, so that who reads it finds its columns.
func (w *tableWriter[R]) begin(month domain.Month) (*part[R], error) {
	path, folder := w.name+"."+string(w.e.order.Format), month.String()
	if month == 0 {
		folder = "none"
	}
	if w.e.order.Format == Parquet {
		path = w.name + "/month=" + folder + "/" + path
	}
	out, err := w.e.folder.create(path)
	if err != nil {
		return nil, err
	}
	p := &part[R]{month: month, out: out, worker: w.workers[len(w.order)%len(w.workers)]}
	if p.writer, err = newRowWriter[R](w.e.order.Format, out, w.codec); err != nil {
		return nil, errors.Join(err, out.file.Close())
	}
	w.parts[month] = p
	w.order = append(w.order, p)
	return p, nil
}

// wait lets the workers finish.
func (w *tableWriter[R]) wait() (err error) {
	for _, k := range w.workers {
		close(k.work)
		<-k.done
		err = errors.Join(err, k.err)
	}
	return err
}

// close writes what is left and returns the files, in the order of their months.
func (w *tableWriter[R]) close() (t TableFiles, err error) {
	if len(w.order) == 0 {
		if _, err := w.begin(0); err != nil {
			return t, errors.Join(err, w.wait())
		}
	}
	for _, p := range w.order {
		p.flush()
	}
	err = w.wait()
	t = TableFiles{Table: w.name, Rows: w.rows, Files: []File{}}
	slices.SortFunc(w.order, func(a, b *part[R]) int { return int(a.month - b.month) })
	for _, p := range w.order {
		err = errors.Join(err, p.writer.Close())
		file, closed := p.out.close()
		err = errors.Join(err, closed)
		file.Rows = p.rows
		t.Files = append(t.Files, file)
	}
	w.e.progress(w.name, w.rows)
	return t, err
}

// abandon closes the files of an export that failed.
func (w *tableWriter[R]) abandon() error {
	_ = w.wait() // what a worker met is no news any more
	for _, p := range w.order {
		_ = p.out.file.Close()
	}
	return nil
}
