package domain

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDigitsThatLookPersonal(t *testing.T) {
	cases := []struct {
		name, given     string
		text, reference bool // found in running text, in a reference number
	}{
		{"a mobile number", "电话13800138000", true, true},
		{"with spaces", "138 0013 8000", true, true},
		{"with dashes", "138-0013-8000", true, true},
		{"with full-width digits", "１３８００１３８０００", true, true},
		{"behind the country code", "+86 13800138000", true, true},
		{"grown together with the country code", "8613800138000", true, true},
		{"after another number", "3号 12 13800138000", true, true},
		{"with invisible characters between", "138\u200b0013\u200b8000", true, true},
		{"an ID number", "520603198604071234", true, true},
		{"an ID number that ends in X", "52060319860407123X", true, true},
		{"an ID number that ends in a small x", "52060319860407123x", true, true},
		{"an ID number in groups", "520603 19860407 1234", true, true},
		{"an old ID number", "520603860407123", true, true},
		{"18 digits without a birth date", "123456789012345678", true, false},
		{"15 digits without a birth date", "202106300000001", true, false},
		{"no mobile prefix", "12800138000", false, false},
		{"ten digits", "1380013800", false, false},
		{"twelve digits", "520603003501", false, false},
		{"a date", "2020-03-05", false, false},
		{"two dates", "2020-03-05 2021-06-30", false, false},
		{"a project code", "2019-520603-47-03-012345", false, false},
		{"a facility's code", "520603-F001", false, false},
		{"a voucher", "PZ000002", false, false},
		{"a name", "某服装车间（二期）", false, false},
		{"nothing", "", false, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.text, looksPersonal(c.given, false))
			require.Equal(t, c.reference, looksPersonal(c.given, true))
		})
	}
}

func TestFieldRulesRefuse(t *testing.T) {
	long := strings.Repeat("长", maxText+1)
	owners := strings.TrimSuffix(strings.Repeat(`"p000000000001",`, maxList+1), ",")
	rows := strings.TrimSuffix(strings.Repeat(`{"row":2,"kind":"missing"},`, maxNamedRows+1), ",")
	cases := []struct {
		name, kind, data, field string
		want                    RefusalKind
	}{
		{"a text has a limit in characters", "job.placed", `{"person":"p000000000001","employer":"` + long + `"}`, "/data/employer", TooLarge},
		{"a text has no control characters", "job.placed", `{"person":"p000000000001","employer":"a\u0007b"}`, "/data/employer", Malformed},
		{"a text does not turn its direction", "job.placed", `{"person":"p000000000001","employer":"a\u202eb"}`, "/data/employer", Malformed},
		{"a sealed text has no control characters", "visit.made", `{"purpose":"routine","note":"a\u0000b"}`, "/data/note", Malformed},
		{"a sealed text has a limit", "visit.made", `{"purpose":"routine","note":"` + strings.Repeat("a", maxSealed) + `"}`, "/data/note", TooLarge},
		{"a sealed text is a text", "visit.made", `{"purpose":"routine","note":17}`, "/data/note", Malformed},
		{"a sealed list holds codes of its list", "visit.made", `{"purpose":"routine","found":["ill","gold"]}`, "/data/found/1", UnknownCode},
		{"a required sealed field is not empty", "person.identity_linked", `{"person":"p000000000001","id_number":"","scheme":"resident_id","match":"exact"}`, "/data/id_number", Missing},
		{"a list has a limit", "title.application_accepted", `{"dwelling":"d000000000001","owners":[` + owners + `]}`, "/data/owners", TooLarge},
		{"a required list is not empty", "household.registered", `{"category":"poor","members":[]}`, "/data/members", Missing},
		{"a required number is not nought", "income.declared", `{"year":0,"wage_fen":1,"persons":3}`, "/data/year", Missing},
		{"a year is a year", "income.declared", `{"year":20,"wage_fen":1,"persons":3}`, "/data/year", BadNumber},
		{"a month lies in a man's life", "household.member_joined", `{"member":{"relation":"child","birth_month":"1899-12"},"reason":"birth"}`, "/data/member/birth_month", BadDate},
		{"a date lies in our time", "job.placed", `{"person":"p000000000001","contract_to":"2222-01-01"}`, "/data/contract_to", BadDate},
		{"a list has no empty entry", "title.application_accepted", `{"dwelling":"d000000000001","missing":["survey",""]}`, "/data/missing/1", Missing},
		{"a batch names 200 rows", "import.batch_closed", `{"batch":"i000000000001","template":"labour","template_version":1,"rows":201,"rejected":{"first":[` + rows + `]}}`, "/data/rejected/first", TooLarge},
		{"a capacity has a unit", "facility.changed", `{"facility":"f000000000001","stage":"open","kind":"clinic","capacity":3}`, "/data/capacity_unit", Missing},
		{"a new facility has a code", "facility.changed", `{"name":"卫生室","stage":"open","kind":"clinic"}`, "/data/code", Missing},
		{"a new facility has a name", "facility.changed", `{"code":"F1","stage":"open","kind":"clinic"}`, "/data/name", Missing},
		{"a community is served once", "facility.changed", `{"facility":"f000000000001","stage":"open","kind":"clinic","communities_served":["c000000000001","c000000000001"]}`, "/data/communities_served/1", Malformed},
		{"money has one purpose", "fund.allocated", `{"for":{"facility":"f000000000001","project":"j000000000001"},"source":"bond","amount_fen":1,"year":2020}`, "/data/for", Malformed},
		{"money is spent, not returned", "fund.disbursed", `{"fund":"b000000000001","amount_fen":-5,"voucher_no":"P1"}`, "/data/amount_fen", Negative},
		{"a measure code is lower case", "fund.allocated", `{"for":{"facility":"f000000000001"},"source":"bond","amount_fen":1,"year":2020,"measure":"A1"}`, "/data/measure", UnknownCode},
		{"a planned measure is a code", "help.planned", `{"case":"k000000000001","measures":[{"code":"公益性岗位"}]}`, "/data/measures/0/code", UnknownCode},
		{"a finding is about something", "inspection.found", `{"kind":"other","severity":"minor","owner":"hrss"}`, "/data/about", Missing},
		{"a finding's owner is a department", "inspection.found", `{"kind":"other","severity":"minor","owner":"police","refs":["0192f3c1-0000-7000-8000-000000000001"]}`, "/data/owner", UnknownCode},
		{"a benefit has one payee", "benefit.paid", `{"person":"p000000000001","household":"h000000000001","kind":"dibao","amount_fen":1}`, "/data/person", Missing},
		{"a move names the new place", "household.moved", `{"kind":"resettled_again"}`, "/data/to_community", Missing},
		{"an update states something", "person.profile_updated", `{"person":"p000000000001"}`, "/data/labour_class", Missing},
		{"a person goes to one child", "household.split", `{"children":[{"members":["p000000000001"]},{"members":["p000000000001"]}]}`, "/data/children/1/members/0", Conflict},
		{"a correction is an object", "record.corrected", `{"target_event":"0192f3c1-0000-7000-8000-000000000001","data":[1],"reason":"typo"}`, "/data/data", Malformed},
		{"a refused phone number is not told", "training.completed", `{"person":"p000000000001","course":"缝纫 13800138000"}`, "/data/course", PersonalText},
		{"a phone number is no code", "job.verified", `{"person":"p000000000001","still":"13800138000"}`, "/data/still", UnknownCode},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k, ok := KindOf(c.kind)
			require.True(t, ok)
			f, err := k.Decode(k.Version, []byte(c.data))
			require.NoError(t, err)
			refusals := k.Check(f)
			require.Len(t, refusals, 1, "%v", refusals)
			got := refusals[0]
			require.Equal(t, c.field, got.Field)
			require.Equal(t, c.want, got.Kind)
			for _, s := range []string{got.Rule.ZH, got.Rule.EN, got.Fix.ZH, got.Fix.EN} {
				require.NotEmpty(t, s)
				require.NotContains(t, s, "13800138000")
			}
			require.NotContains(t, got.Value, "13800138000")
			require.NotContains(t, got.Value, "gold")
			require.LessOrEqual(t, len(got.Value), 80)
		})
	}
}

func TestEveryBrokenFieldIsReported(t *testing.T) {
	k, _ := KindOf("job.placed")
	refusals := k.Check(&JobPlaced{Channel: "x", PlaceDivision: "5206a", WageFenMonth: Some[Fen](-1)})
	fields := make([]string, len(refusals))
	for i, r := range refusals {
		fields[i] = r.Field
	}
	require.Equal(t, []string{"/data/person", "/data/channel", "/data/place_division", "/data/wage_fen_month"}, fields)
}

func TestADivisionIsStoredInItsShortestForm(t *testing.T) {
	k, _ := KindOf("job.placed")
	f, err := k.Decode(k.Version, []byte(`{"person":"p000000000001","place_division":"520600"}`))
	require.NoError(t, err)
	require.Empty(t, k.Check(f))
	require.Equal(t, Division("5206"), f.(*JobPlaced).PlaceDivision)
}

func TestTextsOfRealLifeAreAccepted(t *testing.T) {
	for _, name := range []string{"某某（深圳）电子有限公司", "艾力·买买提裁缝店", "བོད་ལྗོངས།", "Café Nº 5, 3-1-101", "𠮷野家"} {
		var r Report
		checkText(&r, "/employer", &Field{}, name)
		require.True(t, r.OK(), "%s: %v", name, r.Refusals)
	}
}

func FuzzLooksPersonal(f *testing.F) {
	for _, s := range []string{"13800138000", "520603 19860407 123X", "２０２１-06-30", "x1x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if looksPersonal(s, true) {
			require.True(t, looksPersonal(s, false), "running text is looked at more closely")
		}
	})
}
