package export

import (
	"context"
	"fmt"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// Moment is a domain.Moment in a row: milliseconds in Parquet, RFC 3339 in UTC elsewhere.
type Moment domain.Moment

// MarshalText writes "2021-06-30T02:11:09.123Z".
func (m Moment) MarshalText() ([]byte, error) {
	return domain.Moment(m).Time().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

// Fact is a row of the table facts: one recorded event, in the order of the log. Corrections and
// voids are rows of their own; the table standings says which rows they are about.
type Fact struct {
	Event      domain.EventID `parquet:"event,uuid" json:"event" zh:"事件标识" en:"id of the event"`
	Type       string         `parquet:"type,dict" json:"type" zh:"类型" en:"type of the fact"`
	Version    int32          `parquet:"version" json:"version" zh:"内容版本" en:"version of its payload"`
	Day        domain.Day     `parquet:"day,date" json:"day" zh:"世界日期" en:"the day in China on which it was true"`
	Moment     Moment         `parquet:"moment,timestamp(millisecond),optional" json:"moment,omitzero" zh:"世界时刻" en:"the moment, of types that state one"`
	Recorded   Moment         `parquet:"recorded,timestamp(millisecond)" json:"recorded" zh:"记录时刻" en:"when the ledger took it"`
	Subject    string         `parquet:"subject,dict" json:"subject" zh:"对象" en:"the home that it stands under"`
	Kind       string         `parquet:"kind,dict" json:"kind" zh:"对象种类" en:"household, community, facility, project, fund, batch or target"`
	County     string         `parquet:"county,dict" json:"county" zh:"登记县" en:"county6 of the home"`
	Division   string         `parquet:"division,dict" json:"division" zh:"当时区划" en:"where the subject was at that time"`
	Department string         `parquet:"department,dict" json:"department" zh:"记录部门" en:"who recorded it"`
	Stream     string         `parquet:"stream,dict" json:"stream" zh:"数据流" en:"the stream that it stands in"`
	Sequence   int64          `parquet:"sequence,delta" json:"sequence" zh:"序号" en:"its place there"`
	Batch      string         `parquet:"batch,optional" json:"batch,omitzero" zh:"导入批次与行" en:"import and row that it came from"`
	Set        string         `parquet:"set,optional" json:"set,omitzero" zh:"成组记录" en:"the set that it is a part of"`
	Cause      domain.EventID `parquet:"cause,uuid,optional" json:"cause,omitzero" zh:"起因事件" en:"the event that it follows from"`
	Data       jsontext.Value `parquet:"data,json" json:"data" zh:"内容" en:"the payload; sealed fields stay sealed"`
}

func facts(ctx context.Context, e *exporter) iter.Seq2[Fact, error] {
	return func(yield func(Fact, error) bool) {
		for event, err := range e.records(ctx) {
			if err != nil {
				yield(Fact{}, err)
				return
			}
			if !yield(factOf(event), nil) {
				return
			}
		}
	}
}

func factOf(e *events.Event) Fact {
	f := Fact{
		Event: e.ID, Type: e.Type, Version: int32(e.Version), Day: e.Time.Day(), Recorded: Moment(e.Recorded),
		Subject: e.Subject.String(), Kind: e.Subject.Kind().String(), County: e.Home.CountyDigits(), Division: string(e.Division),
		Department: string(e.Source.Department), Stream: e.Stream(), Sequence: int64(e.Sequence), Batch: e.Batch, Cause: e.Cause, Data: e.Data,
	}
	if e.Instant {
		f.Moment = Moment(e.Time)
	}
	if e.Set.ID.Present() {
		f.Set = fmt.Sprintf("%s/%d/%d", e.Set.ID, e.Set.Part, e.Set.Parts)
	}
	return f
}
