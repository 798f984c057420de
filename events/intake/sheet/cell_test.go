package sheet

import (
	"testing"

	"github.com/anju-ledger/anju/domain"
	"github.com/stretchr/testify/require"
)

func TestEveryFormOfADateMeansTheSameDay(t *testing.T) {
	want := domain.MakeDay(2020, 3, 5)
	for _, s := range []string{
		"2020-03-05", "2020/3/5", "20200305", "2020年3月5日", "43895", " 2020-03-05 ", "２０２０－０３－０５", "2020.3.5", "2020-03-05 08:30:00", "43895.5", "2020-03-05T00:00:00Z",
	} {
		got, err := Day(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"2021-02-30", "去年年底", "2020-13-01", "2020", "5", "2020-03", "99999999", "2020-03-05-06", "-5"} {
		_, err := Day(s)
		require.ErrorIs(t, err, ErrDate, s)
	}
}

func TestEveryFormOfAMonthMeansTheSame(t *testing.T) {
	for _, s := range []string{"198604", "1986-04", "1986年4月", "1986/4", "１９８６０４", "1986-04-17"} {
		got, err := Month(s)
		require.NoError(t, err, s)
		require.Equal(t, domain.MakeMonth(1986, 4), got, s)
	}
	_, err := Month("198613")
	require.ErrorIs(t, err, ErrDate)
}

func TestAmountsAreExact(t *testing.T) {
	for s, want := range map[string]int64{"3587.50": 358750, "３５８７": 358700, "0": 0, "-2500": -250000, "4,206": 420600, "1.1E3": 110000, "0.07": 7, "3587.4999999999995": 358750, "¥12元": 1200} {
		got, err := Decimal(s, 2)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	wan, err := Decimal("1468.5", 6)
	require.NoError(t, err)
	require.Equal(t, int64(1_468_500_000), wan)
	for _, s := range []string{"三千", "1.234", "12a", "", "1,23", "--1", "1e99", "99999999999999999999"} {
		_, err := Decimal(s, 2)
		require.ErrorIs(t, err, ErrNumber, s)
	}
}

func TestNumbersAreWholeOrLossy(t *testing.T) {
	for s, want := range map[string]string{"520603000002": "520603000002", " 5206 ": "5206", "5.2060300000101E+13": "52060300000101", "520603000002.0": "520603000002", "520603-F001": "520603-F001", "５２": "52"} {
		got, err := Number(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"5.20603E+13", "6.22E+17", "6E+5"} {
		_, err := Number(s)
		require.ErrorIs(t, err, ErrLossy, s)
	}
}

func FuzzCells(f *testing.F) {
	for _, s := range []string{"2020-03-05", "43895", "5.2E+13", "1,234.5", "无", "１", "2020年3月5日", "-", ".", "e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Day(s); err == nil {
			again, err := Day(d.String())
			require.NoError(t, err)
			require.Equal(t, d, again)
		}
		if m, err := Month(s); err == nil {
			again, err := Month(m.String())
			require.NoError(t, err)
			require.Equal(t, m, again)
		}
		_, _ = Decimal(s, 2)
		_, _ = Number(s)
		_ = Text(s)
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xef\xbb\xbfa;b\r\n\"x\ny\";2\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		table, err := Read(data)
		if err != nil {
			return
		}
		last := 0
		for _, r := range table.Rows {
			require.Greater(t, r.Number, last)
			last = r.Number
		}
	})
}
