package intake

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// benchRegister is a register of n rows, four persons a household.
func benchRegister(n int) (rows [][]any) {
	rows = append(rows, []any{"户编号", "人编号", "姓名", "证件号码", "与户主关系", "户类型", "入住日期"})
	relations := []string{"户主", "配偶", "子女", "父母"}
	for i := range n {
		day := any("")
		if i%4 == 0 {
			day = "2019-05-01"
		}
		rows = append(rows, []any{
			fmt.Sprintf("52060399%06d", i/4), fmt.Sprintf("52060399%06d%02d", i/4, i%4+1), fmt.Sprintf("某%d", i),
			fmt.Sprintf("990101%04d0101%04d", 1950+i%60, i%10000), relations[i%4], "脱贫户", day,
		})
	}
	return rows
}

// benchLabour is a labour file of n rows about the persons of benchRegister.
func benchLabour(n int) (rows [][]any) {
	rows = append(rows, []any{"人编号", "就业状态", "入职日期", "月工资(元)", "就业单位", "核实日期"})
	for i := range n {
		rows = append(rows, []any{fmt.Sprintf("52060399%06d%02d", i/4, i%4+1), "在岗", "2020-03-05", 3200 + i%100, "甲厂", "2021-01-05"})
	}
	return rows
}

func workbook(b testing.TB, rows [][]any) []byte {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	require.NoError(b, err)
	for i, row := range rows {
		require.NoError(b, w.SetRow(fmt.Sprintf("A%d", i+1), row))
	}
	require.NoError(b, w.Flush())
	var out bytes.Buffer
	require.NoError(b, f.Write(&out))
	return out.Bytes()
}

// BenchmarkImport imports a register, then a labour file, as workbooks, with the dry run before
// the confirmation. go test -bench Import -benchtime 1x ./events/intake
func BenchmarkImport(b *testing.B) {
	const rows = 100_000
	ledger, d := served(b, b.TempDir())
	defer func() { require.NoError(b, ledger.Close()) }()
	register, labour := workbook(b, benchRegister(rows)), workbook(b, benchLabour(rows))
	for name, file := range map[string][]byte{"register": register} {
		importBench(b, d, name, file, rows)
	}
	importBench(b, d, "labour", labour, rows)
}

func importBench(b *testing.B, d *Door, name string, file []byte, rows int) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			r, err := d.Import(b.Context(), Caller{Division: "520603"}, name+".xlsx", file, ImportOptions{Record: true})
			require.NoError(b, err)
			require.Equal(b, rows, r.Rows)
			require.Empty(b, r.Rejected)
			b.ReportMetric(float64(r.Accepted), "accepted")
		}
		b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
