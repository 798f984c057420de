package events

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	stdjson "encoding/json"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anju-ledger/anju/domain"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// goldenEvents are one plain event and one with every attribute.
func goldenEvents(t testing.TB) map[string]*Event {
	t.Helper()
	home := domain.MintEntity(domain.HouseholdKind, 0x123456789abcdef)
	data := []byte(`{"person":"p000000000001","placement":"w000000000001","employer":"某服装车间","channel":"factory",` +
		`"place_division":"520603","contract_to":"2022-03-04","wage_fen_month":320000}`)
	source := domain.Source{Department: "hrss", Division: "520603"}
	key := "labour/job.placed/p3v7k2m9qx4w1/2020-03-05"
	placed := &Event{
		ID: domain.DeriveEventID(source, key), Source: source, Type: "job.placed", Version: 2, Subject: home,
		Time: domain.MakeDay(2020, 3, 5).Moment(), Home: HomeIn("520603003501", home), Sequence: 12345,
		Recorded: 1625019069123, Division: "520603003501", Key: key, Batch: "i00000000000a/417", Data: data,
	}
	id, err := domain.ParseEventID("0192f3c1-0000-7000-8000-000000000001")
	require.NoError(t, err)
	voided := &Event{
		ID: id, Source: source, Type: "record.voided", Version: 1, Subject: home, Time: 1625019000001, Instant: true,
		Home: HomeIn("52", home), Sequence: 12346, Recorded: 1625019069124, Division: "520603",
		Set: Set{id, 2, 3}, Cause: placed.ID, Data: []byte(`{"target_event":"` + placed.ID.String() + `","reason":"test"}`),
	}
	odd := *placed
	odd.Key = "x/\"\\\u0001\n/é"
	return map[string]*Event{"placed": placed, "voided": voided, "escapes": &odd}
}

func TestEventBytesAreGolden(t *testing.T) {
	for name, e := range goldenEvents(t) {
		path := filepath.Join("testdata", "event."+name+".json")
		b := e.Append(nil)
		if *update {
			require.NoError(t, os.WriteFile(path, b, 0o644))
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(golden), string(b), name)
		back, err := Parse(golden)
		require.NoError(t, err, name)
		require.Equal(t, e, back, name)
	}
}

// TestEventIsTheJSONThatTheFormatSays reads the golden bytes with another JSON implementation.
func TestEventIsTheJSONThatTheFormatSays(t *testing.T) {
	var m map[string]any
	require.NoError(t, stdjson.Unmarshal(goldenEvents(t)["placed"].Append(nil), &m))
	require.Equal(t, "1.0", m["specversion"])
	require.Equal(t, "/departments/hrss/520603", m["source"])
	require.Equal(t, "anju:job.placed/2", m["dataschema"])
	require.Equal(t, "2020-03-05T00:00:00+08:00", m["time"])
	require.Equal(t, "52.520603", m["home"])
	require.Equal(t, "00000000000000012345", m["sequence"])
	require.Equal(t, "2021-06-30T02:11:09.123Z", m["recordedtime"])
	id, _ := m["id"].(string)
	sum := sha256.Sum256([]byte("/departments/hrss/520603\x00labour/job.placed/p3v7k2m9qx4w1/2020-03-05"))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	require.Equal(t, hex.EncodeToString(sum[:16]), strings.ReplaceAll(id, "-", ""))
	subject, _ := m["subject"].(string)
	require.Equal(t, "anju.52.520603."+strings.ReplaceAll(subject, "/", "."), goldenEvents(t)["placed"].NATSSubject())
	require.Less(t, len(goldenEvents(t)["placed"].Append(nil)), 760)
}

// Times are written as the library writes them, and read back.
func TestTimesAreReadAndWrittenAsTheLibraryDoes(t *testing.T) {
	golden := goldenEvents(t)
	rapid.Check(t, func(t *rapid.T) {
		e := *golden["voided"]
		e.Recorded = domain.Moment(rapid.Int64Range(-62_167_219_200_000, 253_402_300_799_999).Draw(t, "recorded")) // years 0 to 9999
		e.Time = domain.Moment(rapid.Int64Range(-62_167_219_200_000, 253_402_300_799_999).Draw(t, "time"))
		b := e.Append(nil)
		require.Contains(t, string(b), `"recordedtime":"`+e.Recorded.Time().Format(instantForm)+`"`)
		require.Contains(t, string(b), `"time":"`+e.Time.Time().Format(instantForm)+`"`)
		back, err := Parse(b)
		require.NoError(t, err)
		require.Equal(t, &e, back)
		dated := *golden["placed"]
		dated.Time = (domain.MakeDay(1600, 1, 1) + domain.Day(rapid.Int32Range(0, 1400*365).Draw(t, "day"))).Moment()
		b = dated.Append(nil)
		require.Contains(t, string(b), `"time":"`+dated.Time.Time().In(domain.China).Format(`2006-01-02T15:04:05-07:00"`))
		back, err = Parse(b)
		require.NoError(t, err)
		require.Equal(t, &dated, back)
	})
}

func TestForeignBytesAreRefused(t *testing.T) {
	good := string(goldenEvents(t)["placed"].Append(nil))
	cases := map[string]string{
		"empty":                 "",
		"other JSON":            `{}`,
		"a space":               strings.Replace(good, ",", ", ", 1),
		"trailing bytes":        good + "\n",
		"upper-case id":         strings.Replace(good, `"id":"`, `"id":"A`, 1),
		"another home":          strings.Replace(good, "52.520603", "52.52060", 1),
		"a short sequence":      strings.Replace(good, "00000000000000012345", "12345", 1),
		"data cut":              good[:len(good)-2] + "}",
		"data with two keys":    strings.Replace(good, `"data":{`, `"data":{"person":"p000000000001",`, 1),
		"an unknown attribute":  strings.Replace(good, `,"datacontenttype"`, `,"zz":"1","datacontenttype"`, 1),
		"an impossible date":    strings.Replace(good, `"time":"2020-03-05`, `"time":"2020-02-30`, 1),
		"an early year":         strings.Replace(good, `"time":"2020-03-05`, `"time":"1599-12-31`, 1),
		"a late year":           strings.Replace(good, `"time":"2020-03-05`, `"time":"3000-01-01`, 1),
		"no digits in a date":   strings.Replace(good, `"time":"2020-03-05`, `"time":"2020-0a-05`, 1),
		"hour 24":               strings.Replace(good, `T02:11:09.123Z`, `T24:11:09.123Z`, 1),
		"second 60":             strings.Replace(good, `T02:11:09.123Z`, `T02:11:60.123Z`, 1),
		"another zone":          strings.Replace(good, `T02:11:09.123Z`, `T02:11:09.123z`, 1),
		"a comma in a time":     strings.Replace(good, `T02:11:09.123Z`, `T02:11:09,123Z`, 1),
		"no data":               good[:strings.Index(good, `"data":`)+7],
		"an escape for nothing": strings.Replace(good, `"key":"labour`, `"key":"\u006cabour`, 1),
		"too long":              good[:len(good)-1] + strings.Repeat(" ", MaxEvent) + "}",
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(body))
			require.ErrorIs(t, err, ErrForeign)
		})
	}
}

// entryAgain is a second implementation of the entry, for the golden test.
func entryAgain(stream string, sequence uint64, subject, body string) []byte {
	out := string([]byte{0, byte(len(stream))}) + stream
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], sequence)
	out += string(n[:]) + string([]byte{byte(len(subject) >> 8), byte(len(subject))}) + subject
	binary.BigEndian.PutUint32(n[:4], uint32(len(body)))
	return []byte(out + string(n[:4]) + body)
}

func TestEntriesAndLeavesAreGolden(t *testing.T) {
	e := goldenEvents(t)["placed"]
	body := e.Append(nil)
	entry := Entry(e.Stream(), e.Sequence, e.NATSSubject(), body)
	require.Equal(t, entryAgain(e.Stream(), e.Sequence, e.NATSSubject(), string(body)), entry)
	leaf := Leaf(entry)
	path := filepath.Join("testdata", "leaf.placed.hex")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(hex.EncodeToString(leaf[:])), 0o644))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(golden), hex.EncodeToString(leaf[:]))
	require.Equal(t, sha256.Sum256(append([]byte{0}, entry...)), leaf)

	long := make([]byte, 70_000)
	entry = Entry("ANJU-52", 1, "anju.52.x", long)
	sum := sha256.Sum256(long)
	require.Equal(t, sum[:], entry[len(entry)-32:])
	require.Equal(t, uint32(70_000)|1<<31, binary.BigEndian.Uint32(entry[len(entry)-36:]))
}

func FuzzParse(f *testing.F) {
	for _, e := range goldenEvents(f) {
		f.Add(e.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Parse(b)
		if err != nil {
			require.ErrorIs(t, err, ErrForeign)
			return
		}
		require.Equal(t, string(b), string(e.Append(nil)))
	})
}

func BenchmarkCodec(b *testing.B) {
	e := goldenEvents(b)["placed"]
	body := e.Append(nil)
	b.Run("append", func(b *testing.B) {
		buf := make([]byte, 0, 2048)
		for b.Loop() {
			buf = e.Append(buf[:0])
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := Parse(body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// FuzzEntry: an entry is read in one way, and written so again.
func FuzzEntry(f *testing.F) {
	f.Add(Entry("ANJU-52", 7, "anju.52.520603.household.x", []byte(`{"a":1}`)))
	f.Add(Entry("ANJU-52", 7, "anju.52.x", make([]byte, maxEntry)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, stream, whole, err := parseEntry(raw)
		if err != nil || !whole || len(raw) > maxEntry {
			return
		}
		require.Equal(t, raw, appendEntry(nil, stream, &m))
	})
}

// Opening a payload spares the check that it is JSON, and must not let in what the check refuses.
func TestARecordIsForeignWhetherItIsOpenedOrNot(t *testing.T) {
	open := (&Opener{}).Open
	good := goldenEvents(t)["placed"]
	for name, c := range map[string]struct {
		data     string
		is, open bool
	}{
		"an event":                       {string(good.Data), true, true},
		"a key stands twice":             {`{"employer":"a","employer":"b"}`, false, false},
		"a key stands twice further in":  {`{"unknown":{"a":1,"a":2}}`, false, false},
		"no JSON":                        {`{"employer":}`, false, false},
		"bytes behind it":                {`{"employer":"a"} `, true, true},
		"two objects":                    {`{} {}`, false, false},
		"not UTF-8":                      {"{\"unknown\":\"\xff\"}", false, false},
		"JSON that is no payload":        {`{"employer":3}`, true, false},
		"JSON whose fields nobody knows": {`{"unknown":3}`, true, true},
	} {
		e := *good
		e.Data = []byte(c.data)
		m := message{e.Sequence, e.NATSSubject(), e.Append(nil)}
		require.Equal(t, c.is, recordOf(52, m).Event != nil, name)
		rec := openedRecord(52, m, open)
		require.Equal(t, c.is, rec.Event != nil, name)
		if rec.Event != nil {
			require.Equal(t, c.open, rec.Event.Fact != nil, name)
		}
	}
}
