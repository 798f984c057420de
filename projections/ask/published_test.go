package ask

import (
	"os"
	"strings"
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// The published figures that contradict each other (DOMAIN §5), without the columns of their sources: 39,000
// sites and 35,000 seven months later; of Hubei's 318,400 households 253,700 and 64,200 are 317,900, and of its
// people 674,700 and 207,600 are 882,300 as published. Of one community's 3,245 employed 1,736 men and 1,281
// women are 3,017, while 969 + 417 + 1,859 are all. Baoshan's classes sum: 5,018 + 4,876 + 6,475 = 16,369.
func TestPublishedFiguresThatDoNotSum(t *testing.T) {
	v := newVillage(t)
	file, err := os.ReadFile("testdata/published_figures.csv")
	require.NoError(t, err)
	a, err := v.ask("parts-that-do-not-sum", "2021-06-30", "file="+string(file), "show=all")
	require.NoError(t, err)
	require.Equal(t, []string{
		"differs|5|resettlement sites, earlier figure|national|2020-03-04|39000|35000|4000|line 4: resettlement sites 2020-12-03",
		"sums|13|people planned|national plan|2016-09-22|9810000|9810000|0|note: 6640000 + 2960000 + 210000",
		"differs|31|employed|national|2022-12-31|4759800|4594000|165800|line 27: employed (later bulletin) 2022-06-30",
		"does_not_sum|49|households|Hubei|2020-11-26|318400|317900|500|note: 253700 hh + 64200 hh",
		"sums|49|people|Hubei|2020-11-26|882300|882300|0|note: 674700 p + 207600 p",
		"sums|65|people|Fengxiang community, Fenggang county, Guizhou|2020|6476|6476|0|note: 1229 + 4507 + 740",
		"does_not_sum|66|employed|same community|2020|3245|3017|228|note: 1736 employed + 1281 employed",
		"sums|66|employed|same community|2020|3245|3245|0|note: 969 + 417 + 1859",
		"sums|67|people under anti-relapse monitoring|Baoshan city, Yunnan|2021-12-31|16369|16369|0|note: 5018 households + 4876 households + 6475 households",
	}, v.written(a.Table))
	require.Equal(t, []string{"does_not_sum|2", "no_whole|0", "contradicts|0", "differs|2", "sums|5"}, v.written(*a.Summary))
	require.Len(t, v.rows("26", "2021-06-30", "file="+string(file)), 4)
}

// 120 + 85 are 205, not 210; 30.5 + 69.5 are 100; 3 + 4 are parts of what the file lacks. 210 stands once more on the
// day, as 211; on another day it is a series.
func TestPartsOfATable(t *testing.T) {
	v := newVillage(t)
	table := "指标,数值,单位,日期,范围,备注,上级指标\n" +
		"户数,210,户,2021-06-30,520603,,\n城镇安置,120,户,2021-06-30,520603,,户数\n农村安置,85,户,2021-06-30,520603,,户数\n" +
		"占比,100,,2021-06-30,520603,,\n甲,30.5,,2021-06-30,520603,,占比\n乙,69.5,,2021-06-30,520603,,占比\n" +
		"丙,3,,2021-06-30,520603,,别的\n丁,4,,2021-06-30,520603,,别的\n" +
		"户数,211,户,2021-06-30,520603,,\n户数,300,户,2021-12-31,520603,集中安置200户，800人；分散99户、1.2万人,\n"
	want := []string{
		"does_not_sum|2|户数|520603|2021-06-30|210|205|5|城镇安置 120 + 农村安置 85",
		"no_whole|8|别的|520603|2021-06-30|7|7|0|丙 3 + 丁 4",
		"contradicts|10|户数|520603|2021-06-30|211|210|1|line 2: 户数 2021-06-30",
		"does_not_sum|11|户数|520603|2021-12-31|300|299|1|note: 200 户 + 99 户",
	}
	require.Equal(t, want, v.rows("26", "2021-06-30", "file="+byteOrderMark+table))
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(table)
	require.NoError(t, err)
	require.Equal(t, want, v.rows("26", "2021-06-30", "file="+gb))

	require.Equal(t, "file", v.refusal("26").Field)
	require.Contains(t, v.refusal("26", "file=a,b\n1,2\n").Rule.EN, "metric and value")
	require.Contains(t, v.refusal("26", "file=metric,value\n"+strings.Repeat("a,1\n", publishedMost+2)).Rule.EN, "more than 20000")
}

// A file from outside is read or refused, never more.
func FuzzPublishedFigures(f *testing.F) {
	f.Add("metric,value,note\nhouseholds / people,318400 / 882300,\"253,700 hh 674,700 p\"\n")
	f.Add("指标,数值,备注\n户数,210,城镇120户+农村85户，1.2万人 2021年5月 16-60: 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, _, err := readFigures([]byte(text))
		if err != nil {
			return
		}
		notedParts(all, func(f *published, _ domain.Term, _ float64, _ string) { require.Positive(t, f.line) })
	})
}
