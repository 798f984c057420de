package intake

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// What a record's business key says a correction does not change: by that the key would go on naming what nobody says any more.
func TestACorrectionSaysNothingElseThanTheKey(t *testing.T) {
	d := testDoor(t)
	ids := estate(t, d)
	township, civil := Caller{"township", "520603"}, Caller{"civil", "520603"}
	income := func(key, year, wage string) string {
		return fact("income.declared", key, "2021-01-31", byNumber(one), `{"year":`+year+`,"wage_fen":`+wage+`,"persons":3,"method":"declared"}`)
	}
	now := func(body string) string { return body[strings.Index(body, `"data":`)+len(`"data":`) : len(body)-1] }
	accepted(t, d, township, income("x/2019", "2019", "1"))
	told := accepted(t, d, township, income("x/2020", "2020", "2020")).ID
	r := refusedAt(t, d, township, "/data/data/year", domain.Conflict, correcting(told, now(income("", "2019", "2020"))))
	require.Equal(t, "2019", r.Value)
	require.Contains(t, r.Rule.ZH, "业务编号")
	require.Contains(t, r.Fix.EN, "void the event")
	accepted(t, d, township, correcting(told, now(income("", "2020", "7")))) // an amount that is like the year by chance is none of the key's
	accepted(t, d, township, act("record.voided", "void/1", told.String(), ""))
	accepted(t, d, township, income("y/2018", "2018", "2020"))

	loose := accepted(t, d, township, income("17", "2017", "1")).ID // a key that does not say the year
	accepted(t, d, township, correcting(loose, now(income("", "2016", "1"))))

	person := quoted(ids[one+"02"])
	paid := func(month string) string {
		return fact("benefit.paid", ids[one+"02"].String()+"/2021-05", "2021-06-01", "", `{"person":`+person+`,"kind":"dibao","amount_fen":100,"period":"`+month+`"}`)
	}
	payment := accepted(t, d, civil, paid("2021-05")).ID
	refusedAt(t, d, civil, "/data/data/period", domain.Conflict, correcting(payment, now(paid("2021-04"))))
	refusedAt(t, d, civil, "/data/data/person", domain.Conflict, correcting(payment, strings.Replace(now(paid("2021-05")), person, quoted(ids[one+"03"]), 1)))
	applied := func(number string) string {
		return fact("title.application_accepted", "SL00000001", "2021-02-01", "", `{"dwelling":`+quoted(ids["home/"+one])+`,"application_no":"`+number+`"}`)
	}
	application := accepted(t, d, Caller{"nr", "520603"}, applied("SL00000001")).ID
	refusedAt(t, d, Caller{"nr", "520603"}, "/data/data/application_no", domain.Conflict, correcting(application, now(applied("SL00000002"))))

	// What a fact creates keeps its identity: its code is corrected, were it the key.
	facility := func(code string) string {
		return fact("facility.changed", "F-0001", "2018-01-01", "", `{"code":"`+code+`","name":"小学","stage":"open","kind":"primary_school"}`)
	}
	school := accepted(t, d, Caller{"edu", "520603"}, facility("F-0001")).ID
	accepted(t, d, Caller{"edu", "520603"}, correcting(school, now(facility("F-0002"))))
}
