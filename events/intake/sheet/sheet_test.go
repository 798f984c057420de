package sheet

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/anju-ledger/anju/domain/sample/county"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

func TestSampleFilesAreReadRowByRow(t *testing.T) {
	for name, want := range map[string]struct {
		format Format
		last   int
	}{
		"0_communities.csv": {UTF8BOM, 7}, "1_register.xlsx": {XLSX, 4262}, "2_labour_gb18030.csv": {GB18030, 2953}, "9_services.xlsx": {XLSX, 1118},
	} {
		table, err := Read(county.File(name))
		require.NoError(t, err, name)
		require.Equal(t, want.format, table.Format, name)
		if name != "2_labour_gb18030.csv" {
			require.Equal(t, want.last, table.Rows[len(table.Rows)-1].Number, name)
		}
	}
}

func TestRowsOfACSVHaveTheNumbersOfASpreadsheet(t *testing.T) {
	table, err := Read([]byte("a;b\n\n\"two\nlines\";1\nlast;2\n"))
	require.NoError(t, err)
	require.Equal(t, []Row{{1, []string{"a", "b"}}, {3, []string{"two\nlines", "1"}}, {4, []string{"last", "2"}}}, table.Rows)
}

func TestAVerticallyMergedCellAppliesToEveryRowItSpans(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"户", "人"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{"h1", "p1"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "B3", &[]any{"p2"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A4", &[]any{"h2", "p3"}))
	require.NoError(t, f.MergeCell("Sheet1", "A2", "A3"))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	table, err := Read(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, []Row{{1, []string{"户", "人"}}, {2, []string{"h1", "p1"}}, {3, []string{"h1", "p2"}}, {4, []string{"h2", "p3"}}}, table.Rows)

	var back bytes.Buffer
	require.NoError(t, table.WriteRemarks(&back, 1, "remarks", map[int]string{3: "wrong"}))
	again, err := Read(back.Bytes())
	require.NoError(t, err)
	require.Equal(t, "wrong", again.Rows[2].Cell(2))
	require.Equal(t, "remarks", again.Rows[0].Cell(2))
}

func TestAZIPBombIsRefusedBeforeItIsUnpacked(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, UncompressedSize64: 1 << 40, CompressedSize64: 2})
	require.NoError(t, err)
	_, err = w.Write([]byte{3, 0})
	require.NoError(t, err)
	require.NoError(t, z.Close())
	_, err = Read(b.Bytes())
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestTooManyRowsAreRefused(t *testing.T) {
	_, err := Read(bytes.Repeat([]byte("a,b\n"), MaxRows+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Read(bytes.Repeat([]byte("a,"), maxColumns+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Read(append([]byte("a"), bytes.Repeat([]byte(","), maxColumns+1)...))
	require.NoError(t, err, "columns beyond the last filled cell do not count")
}
