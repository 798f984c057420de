package domain

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestCatalogueHoldsEveryFactOfReleaseOneAndSomeOfTwo compares the code with the catalogue that was
// agreed: names, ranks, areas, kinds of time, departments and fields.
func TestCatalogueHoldsEveryFactOfReleaseOneAndSomeOfTwo(t *testing.T) {
	file, err := os.Open("testdata/event_catalogue.csv")
	require.NoError(t, err)
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	require.NoError(t, err)
	count := 0
	for _, row := range rows[1:] {
		name, release, rank, time, area, departments := row[0], row[1], row[2], row[3], row[4], row[5]
		k, known := KindOf(name)
		if release == "3" || release == "2" && !known {
			require.False(t, known, "%s belongs to a later release", name)
			continue
		}
		count++
		require.True(t, known, "%s is missing", name)
		require.Equal(t, rank, strconv.Itoa(k.Rank), name)
		require.Equal(t, area, strconv.Itoa(k.Area), name)
		require.Equal(t, time == "instant", k.Time == InstantTime, name)
		require.Equal(t, departments, departmentList(k.Departments), name)
	}
	require.GreaterOrEqual(t, count, 51)
	require.Len(t, Kinds(), count)
}

// departmentList writes the departments as the agreed catalogue does.
func departmentList(ds []Department) string {
	special := map[Department]string{
		AnyDepartment: "*any department*", OfTarget: "*department of the target event*",
		OfGrievance: "*owner of the grievance: any department*", Importer: "*the importing department*",
	}
	names := make([]string, len(ds))
	for i, d := range ds {
		names[i] = string(d)
		if s, ok := special[d]; ok {
			names[i] = s
		}
	}
	return strings.Join(names, " ")
}

func TestCatalogueIsGolden(t *testing.T) {
	var b strings.Builder
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "%s rank=%d area=%d time=%s home=%s record=%s | %s %s |", k.Schema(), k.Rank, k.Area, map[TimeKind]string{DateTime: "date", InstantTime: "instant"}[k.Time], k.Home, departmentList(k.Departments), k.Label.ZH, k.Label.EN)
		writeFields(&b, k.Fields())
		b.WriteByte('\n')
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/catalogue.golden", []byte(b.String()), 0o644))
	}
	golden, err := os.ReadFile("testdata/catalogue.golden")
	require.NoError(t, err)
	require.Equal(t, string(golden), b.String(), "the catalogue is append only: review the change, then -update")
}

func writeFields(b *strings.Builder, fields []Field) {
	for _, f := range fields {
		fmt.Fprintf(b, " %s:%s", f.Name, f.Type)
		if f.Type == EntityField {
			fmt.Fprintf(b, "(%s)", f.Entity)
		}
		if len(f.Terms) > 0 {
			codes := make([]string, len(f.Terms))
			for i, term := range f.Terms {
				codes[i] = term.Code
			}
			fmt.Fprintf(b, "(%s)", strings.Join(codes, "|"))
		}
		for _, flag := range []struct {
			on   bool
			name string
		}{{f.List, "[]"}, {f.Required, "!"}, {f.Minted, "+"}, {f.Created, "~"}, {f.Class == Personal, " personal"}, {f.Class == Sensitive, " sensitive"}, {f.Tagged, " tag"}, {f.Fold, " fold"}, {f.Reference, " ref"}} {
			if flag.on {
				b.WriteString(flag.name)
			}
		}
		if f.Min != nil {
			fmt.Fprintf(b, " >=%d", *f.Min)
		}
		if f.Max != nil {
			fmt.Fprintf(b, " <=%d", *f.Max)
		}
		if len(f.Children) > 0 {
			b.WriteString("{")
			writeFields(b, f.Children)
			b.WriteString(" }")
		}
	}
}

func TestEveryKindAndFieldIsNamedInBothLanguages(t *testing.T) {
	code := regexp.MustCompile(`^[a-z0-9_]+$`)
	var walk func(kind string, fields []Field)
	walk = func(kind string, fields []Field) {
		for _, f := range fields {
			require.NotEmpty(t, f.Label.ZH, "%s.%s", kind, f.Name)
			require.Regexp(t, code, f.Name)
			for _, term := range f.Terms {
				require.Regexp(t, code, term.Code, "%s.%s", kind, f.Name)
				require.NotEmpty(t, term.ZH)
				require.NotEmpty(t, term.EN)
			}
			walk(kind, f.Children)
		}
	}
	for _, k := range Kinds() {
		require.NotEmpty(t, k.Label.ZH, k.Name)
		require.NotEmpty(t, k.Label.EN, k.Name)
		require.NotEmpty(t, k.Effect.ZH, k.Name)
		require.NotEmpty(t, k.Effect.EN, k.Name)
		walk(k.Name, k.Fields())
	}
}

func TestSamplesKeepTheirRulesAndRoundTrip(t *testing.T) {
	for _, k := range Kinds() {
		require.NotNil(t, k.Sample, k.Name)
		require.Empty(t, k.Check(k.Sample), k.Name)
		data, err := Encode(k.Sample)
		require.NoError(t, err)
		back, err := k.Decode(k.Version, data)
		require.NoError(t, err, k.Name)
		again, err := Encode(back)
		require.NoError(t, err)
		require.Equal(t, string(data), string(again), k.Name)
	}
}

func TestEmptyPayloadsAreRefusedByField(t *testing.T) {
	for _, k := range Kinds() {
		needs := false
		for _, f := range k.Fields() {
			needs = needs || f.Required
		}
		if refusals := k.Check(k.New()); needs {
			require.NotEmpty(t, refusals, k.Name)
			for _, r := range refusals {
				require.Regexp(t, `^/data/`, r.Field)
				require.NotEmpty(t, r.Rule.ZH)
				require.NotEmpty(t, r.Fix.EN)
			}
		}
	}
}

func TestJobPlacedVersionOneStillReads(t *testing.T) {
	data, err := os.ReadFile("testdata/job.placed.v1.json")
	require.NoError(t, err)
	k, _ := KindOf("job.placed")
	f, err := k.Decode(1, data)
	require.NoError(t, err)
	job := f.(*JobPlaced)
	require.Equal(t, Some[Fen](320000), job.WageFenMonth)
	require.Equal(t, "某服装车间", job.Employer)
	_, err = k.Decode(3, data)
	require.ErrorIs(t, err, ErrVersion)
}

func TestRulesRefuse(t *testing.T) {
	cases := []struct {
		name, kind, data, field string
		want                    RefusalKind
	}{
		{"a household needs a head", "household.registered", `{"category":"poor","members":[{"relation":"child"}]}`, "/data/members", Malformed},
		{"a code must be in its list", "job.verified", `{"person":"p000000000001","still":"maybe"}`, "/data/still", UnknownCode},
		{"an id must be of the field's kind", "person.died", `{"person":"h000000000001"}`, "/data/person", Malformed},
		{"a wage is not negative", "job.placed", `{"person":"p000000000001","wage_fen_month":-1}`, "/data/wage_fen_month", Negative},
		{"a wage has an upper bound", "job.placed", `{"person":"p000000000001","wage_fen_month":10000001}`, "/data/wage_fen_month", BadNumber},
		{"an open text holds no phone number", "job.placed", `{"person":"p000000000001","employer":"某厂 138 0013 8000"}`, "/data/employer", PersonalText},
		{"an open text holds no ID number", "training.completed", `{"person":"p000000000001","course":"99010119811201002X"}`, "/data/course", PersonalText},
		{"an entitlement has one bearer", "entitlement.started", `{"kind":"dibao"}`, "/data/person", Missing},
		{"a sealed code is checked without being told", "entitlement.started", `{"person":"p000000000001","kind":"gold"}`, "/data/kind", UnknownCode},
		{"an income states something", "income.declared", `{"year":2020,"persons":3}`, "/data/wage_fen", Missing},
		{"nobody is merged into himself", "household.merged", `{"into":"h000000000001","from":["h000000000001"],"reason":"care"}`, "/data/from/0", Conflict},
		{"a division has digits", "job.placed", `{"person":"p000000000001","place_division":"52060"}`, "/data/place_division", Malformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			k, ok := KindOf(c.kind)
			require.True(t, ok)
			f, err := k.Decode(k.Version, []byte(c.data))
			require.NoError(t, err)
			refusals := k.Check(f)
			require.Len(t, refusals, 1)
			require.Equal(t, c.field, refusals[0].Field)
			require.Equal(t, c.want, refusals[0].Kind)
			require.NotContains(t, refusals[0].Value, "gold")
		})
	}
}

func TestRegisterKeepsWhatTheFoldNeeds(t *testing.T) {
	var r Register
	for i, k := range Kinds() {
		s := Stamp{
			Time: MakeDay(2020, 1, 1+i).Moment(), Kind: k, Place: Place{52, uint64(i + 1)},
			Division: "520603001501", Source: Source{"hrss", "520603"},
		}
		if i%2 == 0 {
			s.Key = "labour/" + k.Name + "/p000000000001/" + s.Day().String() + "/x"
			s.ID = DeriveEventID(s.Source, s.Key)
		} else {
			s.ID = EventID{1, byte(i), 8: 0x80}
		}
		var added bool
		r, added = r.Insert(k.Sample, s)
		require.True(t, added)
		_, added = r.Insert(k.Sample, s)
		require.False(t, added, "the same event twice")
	}
	require.Equal(t, len(Kinds()), r.Len())
	i := 0
	for s, f := range r.Facts() {
		k := Kinds()[i]
		i++
		require.Equal(t, k.Name, s.Kind.Name)
		require.Equal(t, Division("520603001501"), s.Division)
		require.Equal(t, Source{"hrss", "520603"}, s.Source)
		if s.Key != "" {
			require.Equal(t, DeriveEventID(s.Source, s.Key), s.ID)
		}
		require.Equal(t, reflect.TypeOf(k.Sample), reflect.TypeOf(f))
	}
	var file File
	r.Fold(&file)
	require.Equal(t, Some[Fen](320000), file.Spells[0].Wage)
	require.Equal(t, samplePlacement, file.Endings[0].Placement)
	require.Equal(t, EntitlementKind("dibao"), file.Entitlements[0].Kind)
}
