package projections

import (
	"context"
	"fmt"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// Recordings says on which day each event of the streams was recorded: days in order, each with the last
// sequence recorded by its end.
type Recordings map[uint8][]recording

type recording struct {
	day domain.Day
	end uint64
}

// firstRecording is before any ledger of this program.
var firstRecording = domain.MakeDay(2000, 1, 1)

// Recordings reads the days off the streams, as far as they are known. Days without an event cost nothing: a
// span of days at whose two ends the stream stood at one place is not divided further.
func (k *Known) Recordings(ctx context.Context) (Recordings, error) {
	all := Recordings{}
	last := k.Stands(k.today).KnownAt.Day()
	for _, province := range k.views.source.Provinces() {
		end := k.views.source.RecordedBy(province, last.LastMoment())
		if err := k.divide(ctx, all, province, recording{firstRecording, 0}, recording{last, end}); err != nil {
			return nil, fmt.Errorf("when events were recorded: %w", err)
		}
	}
	return all, nil
}

// divide adds the days after one and up to another on which something was recorded, in order.
func (k *Known) divide(ctx context.Context, all Recordings, province uint8, after, upTo recording) error {
	switch {
	case after.end == upTo.end:
		return ctx.Err()
	case upTo.day == after.day+1:
		all[province] = append(all[province], upTo)
		return ctx.Err()
	}
	day := after.day + (upTo.day-after.day)/2
	end := k.views.source.RecordedBy(province, day.LastMoment())
	if err := k.divide(ctx, all, province, after, recording{day, end}); err != nil {
		return err
	}
	return k.divide(ctx, all, province, recording{day, end}, upTo)
}

// Day is the day on which the event at a place was recorded; false when it is not among those known.
func (r Recordings) Day(p domain.Place) (domain.Day, bool) {
	days := r[p.Province]
	at, _ := slices.BinarySearchFunc(days, p.Sequence, func(d recording, s uint64) int {
		if d.end < s {
			return -1
		}
		return 1
	})
	if at == len(days) {
		return domain.NoDay, false
	}
	return days[at].day, true
}

// Headings hands on every fact that is known of the homes whose facts name a division, without payloads, each once.
func (k *Known) Headings(ctx context.Context, division domain.Division, take func(domain.Heading)) error {
	for i, n := range k.views.named(division) {
		if i%pastBatch == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		k.views.mu.RLock()
		for h := range k.seen(n, nil).Headings() {
			if (!h.Subject.Present() || h.Subject == k.views.homes.id(n)) && h.Division.Within(division) {
				take(h)
			}
		}
		k.views.mu.RUnlock()
	}
	return nil
}
