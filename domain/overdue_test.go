package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// archive are the ends of imports.
type archive []*File

func (archive) File(Entity) (*File, bool) { return nil, false }

func (a archive) Imports(template string, division Division) (all []Batch) {
	for _, f := range a {
		for _, b := range f.Batches {
			if b.Template == template && b.Division == division {
				all = append(all, b)
			}
		}
	}
	return all
}

func TestRefusedRowsAreDueUntilAnImportRefusesNothing(t *testing.T) {
	imported := func(date, template string, rejected int32) *File {
		end := &BatchClosed{Batch: BatchID{MintEntity(BatchKind, 1)}, Template: template, TemplateVersion: 1, Rows: 9}
		if rejected > 0 {
			end.Rejected.Counts = []Count{{BadDate, rejected}}
		}
		k, _ := KindOf("import.batch_closed")
		s := Stamp{Time: day(date).Moment(), Kind: k, Key: template + "/import.batch_closed/i000000000001", Source: Source{"hrss", "520603"}, Division: "520603"}
		s.ID = DeriveEventID(s.Source, s.Key)
		r, _ := Register(nil).Insert(end, s)
		f := &File{Home: end.Batch.Entity}
		r.Fold(f)
		return f
	}
	first := imported("2021-06-04", "labour", 2) // a Friday
	again, other, clean := imported("2021-06-08", "labour", 1), imported("2021-06-09", "titles", 0), imported("2021-06-20", "labour", 0)
	cases := []struct {
		name, at string
		around   Files
		want     int
	}{
		{"in time through the fifth working day", "2021-06-11", nil, 0},
		{"overdue from the next day", "2021-06-12", nil, 1},
		{"an import that still refuses rows ends nothing", "2021-06-19", archive{first, again}, 1},
		{"nor does one of another template", "2021-06-19", archive{first, other}, 1},
		{"an import that refuses nothing does, from its day", "2021-06-20", archive{first, again, clean}, 0},
		{"and until then it was overdue", "2021-06-19", archive{first, again, clean}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Len(t, OverdueOf(first, c.around, day(c.at), DefaultParameters()), c.want)
		})
	}
	require.Empty(t, OverdueOf(clean, nil, day("2022-01-01"), DefaultParameters()), "nothing was refused")
}
