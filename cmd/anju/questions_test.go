package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	standing "github.com/anju-ledger/anju/projections/ask"
)

// besides are facts that the sample county lacks, so that every question about it has something to tell:
// department | type | day | data. $h1 and the like are households of the county, $MOMENT is told apart: what
// stands below it is recorded after the moment that questions of knowledge name.
const besides = `agri | industry.project_changed | 2021-05-01 | {"project":{"number":"520603-P01"},"code":"520603-P01","stage":"idle"}
county | risk.cleared | 2021-03-01 | {"case":"$case","kind":"cleared"}
community | risk.flagged | 2021-05-10 | {"source":"neighbour"} | $h9
audit | inspection.found | 2021-03-01 | {"kind":"money_idle","severity":"serious","about":["$h1"],"owner":"finance","due":"2021-05-31"}
psb | person.died | 2021-02-15 | {"person":{"number":"52060390000201"}}
civil | benefit.paid | 2021-04-20 | {"person":{"number":"52060390000201"},"kind":"pension","amount_fen":12300,"period":"2021-04"}
ndrc | target.set | 2021-01-01 | {"indicator":"lived_in_rate","value":9000,"due":"2021-06-30"}
$MOMENT
township | income.declared | 2021-03-05 | {"year":2020,"wage_fen":300000,"persons":4} | $h2`

// questionsAsked are the options of each question in the document, beside division, day and limit.
var questionsAsked = map[int]string{
	2: "--known-at $MOMENT", 5: "--as-of 2021-12-31", 8: "--set people=400", 11: "--set reason=falls", 20: "--set from=2021-03",
	21: "--parameters employed-placed", 25: "--set from=$MOMENT;figure=in_crisis", 26: "--file projections/ask/testdata/published_figures.csv",
	27: "--household 520603900002", 28: "--household 520603900002", 29: "--household 520603900002",
}

// testQuestions asks every standing question about the county, and writes docs/questions.md of it: its questions,
// their options and columns, and what the command says.
func testQuestions(t *testing.T, url string) {
	t.Chdir("../..")
	moment := recordBesides(t, url)
	code, _, message := anju(t, "views", "build", "--server", url, "docs/employed-placed.json")
	require.Equal(t, exitDone, code, message)
	var doc strings.Builder
	doc.WriteString(questionsHead)
	for _, q := range standing.Questions() {
		fmt.Fprintf(&doc, "\n## %d %s · %s\n\n%s\n\n%s\n", q.Number, q.Title.ZH, q.Title.EN, q.Meaning.EN, q.Meaning.ZH)
		describeQuestion(&doc, &q)
		line := "ask " + q.Name
		if strings.Contains(fmt.Sprint(q.Options), "{division") {
			line += " --division 520603"
		}
		if line += " --as-of 2021-06-30"; strings.Contains(questionsAsked[q.Number], "--as-of") {
			line, _, _ = strings.Cut(line, " --as-of")
		}
		line = strings.TrimSpace(line + " " + questionsAsked[q.Number])
		args := strings.Fields(strings.ReplaceAll(line, "$MOMENT", moment))
		code, out, message := anju(t, append(args, "--lang", "en", "--limit", "3", "--server", url)...)
		want := exitDone
		if q.Number == 28 { // it says that it waits
			want, out = exitFailed, strings.ReplaceAll(message, " / ", " /\n")+"(exit code 1)\n"
		}
		require.Equal(t, want, code, "%s\n%s", line, message)
		fmt.Fprintf(&doc, "\n```\n$ anju %s --lang en --limit 3\n%s```\n", line, settled(q.Number, out))
	}
	doc.WriteString(figuresHead)
	for _, line := range []string{
		"diff 520603 --as-of 2021-06-30 --known-at $MOMENT.. --lang en", "diff 520603 --as-of 2021-11-23..2021-11-24 --limit 1 --lang en",
		"diff 520603 --as-of 2021-06-30 --known-at $MOMENT.. --total incomes_declared --lang en", "ask changed-figure --division 520603 --as-of 2021-06-30 --set from=$MOMENT;figure=incomes_declared --lang en",
	} {
		code, out, message := anju(t, append(strings.Fields(strings.ReplaceAll(line, "$MOMENT", moment)), "--server", url)...)
		require.Equal(t, exitDone, code, message)
		fmt.Fprintf(&doc, "\n```\n$ anju %s\n%s```\n", line, settled(0, out))
	}
	path := filepath.Join("docs", "questions.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(doc.String()), 0o600))
	}
	is, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(is), doc.String(), "if this is meant, run go test ./cmd/anju -run ReadAsTheyShould -update and read the difference")
	testAnswersAsFiles(t, url)
	testDowns(t, url, moment)
}

// recordBesides records the facts besides, and returns the moment between.
func recordBesides(t *testing.T, url string) (moment string) {
	t.Helper()
	ids := map[string]string{}
	for name, number := range map[string]string{"$h1": "520603000001", "$h2": "520603000002", "$h9": "520603000009"} {
		code, out, message := anju(t, "lookup", "--server", url, "--division", "520603", number)
		require.Equal(t, exitDone, code, message)
		ids[name] = strings.TrimSpace(out)
	}
	code, out, message := anju(t, "replay", "--server", url, "--subject", ids["$h9"], "--type", "risk.decided")
	require.Equal(t, exitDone, code, message)
	ids["$case"] = regexp.MustCompile(`k\w{12}`).FindString(out)
	file := filepath.Join(t.TempDir(), "event.json")
	n := 0
	for line := range strings.Lines(besides) {
		if strings.HasPrefix(line, "$MOMENT") {
			last := time.Now() // after everything above, and before everything below: to the millisecond
			require.Eventually(t, func() bool { return time.Since(last) > 3*time.Millisecond }, time.Second, time.Millisecond)
			moment = last.Add(2 * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
			continue
		}
		n++
		cells := strings.Split(strings.TrimSpace(line), " | ")
		body := fmt.Sprintf(`{"type":%q,"key":"besides/%d","time":%q,`, cells[1], n, cells[2])
		if len(cells) > 4 {
			body += `"subject":"household/` + cells[4] + `",`
		}
		body += `"data":` + cells[3] + `}`
		for name, id := range ids {
			body = strings.ReplaceAll(body, name, id)
		}
		require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
		code, out, message := anju(t, "record", "--server", url, "--department", cells[0], "--division", "520603", file)
		require.Equal(t, exitDone, code, out+message)
	}
	_, err := time.Parse(time.RFC3339, moment)
	require.NoError(t, err)
	code, _, message = anju(t, "board", "52", "--server", url, "--at-least", fmt.Sprint("ANJU-52:", recordedEvents(t, url)))
	require.Equal(t, exitDone, code, message)
	return moment
}

// describeQuestion writes a question's options and columns.
func describeQuestion(doc *strings.Builder, q *standing.Question) {
	if len(q.Options) > 0 {
		doc.WriteString("\n| option | takes | |\n|---|---|---|\n")
	}
	for _, o := range q.Options {
		takes := string(o.Kind)
		if o.Max > 0 {
			takes += fmt.Sprintf(" %d–%d", o.Min, o.Max)
		}
		var codes []string
		for _, c := range o.Choices {
			codes = append(codes, c.Code)
		}
		switch {
		case len(codes) > 12:
			takes = "`" + strings.Join(codes[:7], "` `") + "` … (`anju ask --json` lists all)"
		case len(codes) > 0:
			takes = "`" + strings.Join(codes, "` `") + "`"
		}
		what := o.Title.EN + " · " + o.Title.ZH
		if o.Required {
			what += " (required)"
		}
		if o.Default != "" {
			what += "; by default `" + o.Default + "`"
		}
		fmt.Fprintf(doc, "| `%s` | %s | %s |\n", o.Name, takes, what)
	}
	describeColumns(doc, "Columns", q.Columns)
	describeColumns(doc, "Summary", q.Summary)
}

func describeColumns(doc *strings.Builder, what string, columns []standing.Column) {
	for i, c := range columns {
		if i == 0 {
			doc.WriteString("\n" + what + ": ")
		} else {
			doc.WriteString(", ")
		}
		fmt.Fprintf(doc, "`%s` %s", c.Name, c.Kind)
	}
	if len(columns) > 0 {
		doc.WriteString("\n")
	}
}

// settled puts words in the place of what differs from run to run.
func settled(number int, out string) string {
	out = regexp.MustCompile(`[0-9a-f](_{35})`).ReplaceAllString(fixed(out), "_$1")
	if number == 24 { // the county's files are of 2021, and how late they are grows by the day
		out = regexp.MustCompile(`\d,\d{3}`).ReplaceAllString(out, "_,___")
	}
	return regexp.MustCompile(`(?m) +$`).ReplaceAllString(out, "")
}

const questionsHead = `# The standing questions

Each of the thirty questions of the departments, analysts, households and communities is one command and one
request. A test asks them all of the sample county and compares this page with what it gets (` + "`go test ./cmd/anju\n-run ReadAsTheyShould -update` writes it anew" + `): ids, moments and positions are blanked, since each run
makes its own. Some facts that the county lacks are recorded besides, the last of them after the moment that questions 2 and 25 name.

    anju ask                                                          # names all questions
    anju ask 3 --division 520603 --as-of 2021-06-30                   # by number or name; a table
    anju ask no-verified-work --division 520603 --csv > rows.csv      # every row; --xlsx FILE for a workbook, --json for the body
    anju ask 8 --set people=400 --division 520603                     # options of one question alone: --set NAME=VALUE;NAME=VALUE
    curl 'http://127.0.0.1:8420/v1/questions/no-verified-work?division=520603&as_of=2021-06-30&limit=5'
    curl 'http://127.0.0.1:8420/v1/questions/3?division=520603&format=xlsx' > rows.xlsx        # or format=csv
    curl --data-binary @figures.csv 'http://127.0.0.1:8420/v1/questions/26'                    # a question that reads a file
    nats request anju.status.question '{"id":"8","division":"520603","options":{"people":"400"}}'

Every question takes ` + "`as_of`, `known_at`, `at_least` and `parameters`" + ` as all others do, and every answer names its day, its
moment of knowledge, its position, definition and parameter set. Rows are arrays of cells under the columns: ids, days and
codes are text (a code comes with its names), counts, days, percentages and money (fen) are numbers, and what is not known is null,
which is not nought. A row names the events that it rests on; where it counts many, ` + "`down`" + ` is the request that lists them, on the same axes and by the same set.
Files of CSV hold codes and fen, workbooks names and yuan. Pages have 100 rows unless ` + "`limit`" + ` says otherwise, up to 1,000; a file has every row, up to 200,000. Wrong options are refused with
the option, its value, the rule and the way out. A page of a growing ledger may shift: give ` + "`known_at`" + ` for pages of one answer.
`

const figuresHead = `
## What changed in a published figure

"We published 28 on day D: why is it 29 now?" D stays the day in the world; what is compared is what was known on D with what is
known now, ` + "`--as-of D --known-at D..`" + ` (or the very moment of publication instead of the second D). Each household that differs comes with the
facts, corrections and voids that were recorded since. Question 25 goes on from there, event by event for one figure. Over HTTP it is
` + "`GET /v1/divisions/520603/diff?as_of=D&known_at=D..`" + `, over NATS ` + "`anju.status.diff`" + `; here a township declared an income after $MOMENT.

Between two days, ` + "`--as-of A..B`" + `, much changes though nothing is recorded: a level goes stale, something falls due, a watch is over. Such a
change says so itself (` + "`passed`" + ` in JSON): since which day, by which parameter of the set, and the fact that it counts from.

A total that differs, ` + "`--total KEY`" + ` (HTTP and NATS ` + "`total`" + `), is told home by home: each household, community, facility, project or fund whose share of it
differs, with the events by which its share grew or shrank (` + "`amount`" + `), also where they were recorded under another home; ` + "`GET /v1/events/{id}`" + ` shows one, by its id or its position. The events of a share
sum up to its difference, the shares to the total's. No total changes by time alone. Question 25 takes a total as its figure too.
`

// testAnswersAsFiles: CSV has every row and what it rests on; a workbook is written once; --json is the body.
func testAnswersAsFiles(t *testing.T, url string) {
	code, out, message := anju(t, "ask", "3", "--division", "520603", "--as-of", "2021-06-30", "--csv", "--server", url)
	require.Equal(t, exitDone, code, message)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out, "\uFEFF"))).ReadAll()
	require.NoError(t, err)
	code, out, message = anju(t, "ask", "no-verified-work", "--division", "520603", "--as-of", "2021-06-30", "--json", "--server", url)
	require.Equal(t, exitDone, code, message)
	require.Equal(t, body(t, url+"/v1/questions/3?as_of=2021-06-30&division=520603"), out)
	var a standing.Answer
	require.NoError(t, json.Unmarshal([]byte(out), &a))
	require.Equal(t, a.Count, len(rows)-1)
	require.Len(t, a.Rows, 100)
	require.Equal(t, []string{"household", "as_of", "parameters"}, []string{rows[0][0], rows[0][len(rows[0])-5], rows[0][len(rows[0])-2]})
	require.Equal(t, a.Rows[99].Cells[0].Code, rows[100][0])
	require.Equal(t, "2021-06-30", rows[1][len(rows[0])-5])

	book := filepath.Join(t.TempDir(), "book.xlsx")
	code, _, message = anju(t, "ask", "13", "--xlsx", book, "--server", url)
	require.Equal(t, exitDone, code, message)
	code, _, message = anju(t, "ask", "13", "--xlsx", book, "--server", url)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "already")

	code, out, _ = anju(t, "ask")
	require.Equal(t, exitDone, code)
	for _, q := range standing.Questions() {
		require.Contains(t, out, q.Name)
		require.Contains(t, out, q.Title.ZH)
	}
	days := []string{"--as-of", "2021-03-31..2021-06-30", "--json", "--server", url}
	code, argued, message := anju(t, append([]string{"diff", "520603"}, days...)...)
	require.Equal(t, exitDone, code, message)
	code, flagged, message := anju(t, append([]string{"diff", "--division", "520603"}, days...)...)
	require.Equal(t, exitDone, code, message)
	require.Equal(t, argued, flagged)
	for _, wrong := range [][]string{{"diff"}, {"diff", "520603", "--division", "5206"}} {
		code, _, message = anju(t, append(wrong, days...)...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, message, "区划")
	}
	_, again, _ := anju(t, "ask", "LIST")
	require.Equal(t, out, again, "as its users write it")
	code, _, message = anju(t, "ask", "31", "--server", url)
	require.Equal(t, exitFailed, code)
	require.Contains(t, message, "没有问题")
	for line, says := range map[string]string{
		"3 --division 12":         "", // a division of nothing is no mistake
		"3 --division 1x":         "区划代码为2、4、6、9或12位数字",
		"8 --set people=none":     "a whole number",
		"8 --set reason=due":      "one of: division people",
		"25":                      "has to be given",
		"27 --household 52060399": "--division",
	} {
		code, _, message := anju(t, append(append([]string{"ask"}, strings.Fields(line)...), "--server", url)...)
		require.Equal(t, says != "", code == exitFailed, "%s: %s", line, message)
		require.Contains(t, message, says, line)
	}
}
