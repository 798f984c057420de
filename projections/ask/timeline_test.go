package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMyTimeline(t *testing.T) {
	v := newVillage(t)
	v.site()
	v.household("520603000001", "2018-09-01", "ordinary", "2010-03 none")
	v.household("b", "2018-09-01", "ordinary")
	v.record("hrss", "job.placed", "w", "2020-03-05", `{"person":"$520603000001.1$","channel":"workshop","wage_fen_month":320050,"contract_to":"2022-03-04","employer":"某服装车间"}`)
	v.about("civil", "entitlement.started", "net", "520603000001", "2020-05-01", `{"household":"$520603000001/subject$","kind":"dibao","amount_fen_month":35000}`)
	v.record("hrss", "training.completed", "t", "2020-06-01", `{"person":"$520603000001.1$","course":"缝纫"}`)
	v.placed("b.w", "b.1", "2020-03-05")
	v.facility("school", "primary_school", "open", "2020-09-01", "300", "places")
	v.record("hrss", "record.voided", "void", "2021-12-01T00:00:00Z", `{"target_event":"$t$","reason":"false"}`)
	a, err := v.ask("my-timeline", "2021-06-30", "household=520603000001", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"2018-09-01|Household registered: registered poor|rural|-|520603000001",
		"2018-09-01|Dwelling handed over|housing|-|520603000001.keys",
		"2020-03-05|head born 1980: Job placed: workshop, contract until 2022-03-04, wage a month 3200.50 yuan|hrss|-|w",
		"2020-05-01|Entitlement started: amount a month 350 yuan|civil|-|net", // of what kind is sealed
		"2020-06-01|head born 1980: Training completed|hrss|voided|t",
		"2020-09-01|Facility changed: school, open, primary school, capacity 300, school places|ndrc|-|school",
	}, v.written(a.Table))
	require.Equal(t, "户主（1980年生）：就业安置，帮扶车间，合同截止2022-03-04，月工资3200.50元", a.Rows[2].Cells[1].Names.ZH)
	require.NotContains(t, a.Options["household"], "520603000001", "an official number is not repeated")
	require.Len(t, v.rows("27", "2020-03-04", "household="+v.ids["520603000001/subject"]), 2)
	require.Contains(t, v.refusal("27").Rule.EN, "has to be given")
	r := v.refusal("27", "household=520603000009", "division=520603")
	require.Equal(t, []string{"household", "", "unknown"}, []string{r.Field, r.Value, string(r.Kind)})
	require.Contains(t, r.Fix.EN, "its number with its county")
}
