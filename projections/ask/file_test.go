package ask

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
)

// Every question of DOMAIN §7 stands in the list once, in order, with its texts in both languages; a name is
// a word of an address and no number.
func TestEveryQuestionIsDescribed(t *testing.T) {
	all := Questions()
	for i, q := range all {
		if i > 0 {
			require.Greater(t, q.Number, all[i-1].Number)
		}
		require.Regexp(t, `^[a-z]+(-[a-z]+)*$`, q.Name)
		for _, text := range []domain.Text{q.Title, q.Meaning} {
			require.NotEmpty(t, text.ZH, q.Name)
			require.NotEmpty(t, text.EN, q.Name)
		}
		for _, c := range append(q.Columns, q.Summary...) {
			require.Regexp(t, `^[a-z0-9_]+$`, c.Name)
			require.NotEmpty(t, c.Title.ZH)
			require.NotEmpty(t, c.Title.EN)
		}
		for _, o := range q.Options {
			require.NotEmpty(t, o.Title.ZH)
			require.NotEmpty(t, o.Title.EN)
			require.NotEmpty(t, o.rule().ZH, o.Kind)
			require.NotEmpty(t, o.wayOut().EN, o.Kind)
			if o.Default != "" {
				require.NoError(t, o.check(o.Default), q.Name)
			}
		}
		found, known := Find(q.Name)
		require.True(t, known)
		require.Equal(t, q.Number, found.Number)
	}
	_, known := Find("31")
	require.False(t, known)
}

// A file holds every row, codes and numbers as they are, what is not known empty, no formula, and what the
// answer rests on.
func TestAnswersAsFiles(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("a", "2020-06-30", "ordinary")
	v.record("ndrc", "facility.changed", "f", "2020-01-01", `{"code":"520603-F1","name":"=1+1","stage":"open","kind":"kindergarten","capacity":30,"capacity_unit":"places","communities_served":["$site$"]}`)
	v.ids["f.facility"] = v.ids["f/data/facility"]
	v.fund("m", "f", "bond", "a1", "2020-01-01", "150")
	a, err := v.ask("facility-demand", "2021-06-30")
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, a.WriteCSV(&file))
	require.True(t, strings.HasPrefix(file.String(), byteOrderMark))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), byteOrderMark))).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"facility", "name", "kind", "stage", "capacity", "unit", "demand", "gap", "enrolled", "households", "persons", "same_kind", "events", "as_of", "known_at", "definition", "parameters", "position"}, rows[0])
	require.Equal(t, []string{"'=1+1", "kindergarten", "open", "30", "places", "0", "-30", "0", "1", "1", "0", v.ids["f"], "2021-06-30"}, rows[1][1:14])
	require.Equal(t, []string{domain.Definition, "anju-2021-1", "ANJU-52:5"}, rows[1][15:])

	a, err = v.ask("idle-funds", "2021-06-30", "months=6")
	require.NoError(t, err)
	file.Reset()
	require.NoError(t, a.WriteXLSX(&file))
	book, err := excelize.OpenReader(&file)
	require.NoError(t, err)
	sheet, err := book.GetRows("Sheet1")
	require.NoError(t, err)
	require.Equal(t, "措施 measure", sheet[0][0])
	require.Equal(t, []string{"1", "1.5", "0", "0", "1", "1.5"}, sheet[1][2:8])
	about, err := book.GetRows("说明 about")
	require.NoError(t, err)
	require.Equal(t, []string{"问题 question", "13 idle-funds"}, about[0])
	require.Contains(t, about, []string{"选项 option", "months = 6"})
	require.Contains(t, about, []string{"as_of", "2021-06-30"})
	require.NoError(t, book.Close())
}

// A cell comes back from JSON as it went: null, a number, a text, a code with its names.
func TestACellComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z中文]{1,5}`)
		c := rapid.SampledFrom([]Cell{
			{},
			{Number: float64(rapid.Int32().Draw(t, "n")) / 10, IsNumber: true},
			{Code: word.Draw(t, "code")},
			{Code: word.Draw(t, "of a name"), Names: domain.Text{ZH: word.Draw(t, "zh"), EN: word.Draw(t, "en")}},
			{Names: domain.Text{ZH: word.Draw(t, "zh"), EN: word.Draw(t, "en")}},
		}).Draw(t, "cell")
		b, err := json.Marshal(c)
		require.NoError(t, err)
		back := Cell{Code: "before"}
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, c, back, "%s", b)
	})
	b, err := json.Marshal([]Cell{{}, count(0), code(domain.Yes)})
	require.NoError(t, err)
	require.JSONEq(t, `[null,0,{"code":"yes","zh":"是","en":"yes"}]`, string(b))
}
