package projections

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
)

// ErrNoPicture reports the cursor of a comparison that is none, or that names what this ledger does not hold.
var ErrNoPicture = errors.New("no cursor of this comparison")

// Cursor is where a page of a comparison goes on: behind a home, in the picture of the page before. A side that has all
// that is known is another picture from moment to moment; the cursor names the positions at which it was taken, so
// that the page that follows has the same, though it is kept no more or the program was started anew.
//
//	h7k2m9qx4w1tz                                              both sides are of a moment: nothing to name
//	h7k2m9qx4w1tz@2021-06-30T10:00:00.000Z,ANJU-52:12345       one side has all that is known, or both alike
//	h7k2m9qx4w1tz@…,ANJU-52:12345@…,ANJU-52:12346              both have, and something came in between
type Cursor struct {
	After    domain.Entity
	pictures []picture
}

// picture is all that was known when it was taken.
type picture struct {
	recorded domain.Moment // when the newest of it was
	ends     domain.Horizon
}

// String writes the cursor.
func (c Cursor) String() string {
	text := c.After.String()
	for i := range c.pictures {
		text += "@" + c.pictures[i].recorded.String()
		for province, at := range c.pictures[i].ends {
			if at > 0 {
				text += "," + events.StreamName(uint8(province)) + ":" + strconv.FormatUint(at, 10)
			}
		}
	}
	return text
}

// ParseCursor reads what String writes; the error is ErrNoPicture.
func ParseCursor(text string) (c Cursor, err error) {
	id, rest, more := strings.Cut(text, "@")
	if c.After, err = domain.ParseEntity(id); err != nil {
		return Cursor{}, ErrNoPicture
	}
	for more {
		id, rest, more = strings.Cut(rest, "@")
		p, known := parsePicture(id)
		if !known || len(c.pictures) == 2 {
			return Cursor{}, ErrNoPicture
		}
		c.pictures = append(c.pictures, p)
	}
	return c, nil
}

func parsePicture(text string) (p picture, known bool) {
	moment, positions, _ := strings.Cut(text, ",")
	var err error
	if p.recorded, err = domain.ParseInstant(moment); err != nil || p.recorded == 0 {
		return p, false
	}
	for part := range strings.SplitSeq(positions, ",") {
		stream, digits, _ := strings.Cut(part, ":")
		province, ours := events.ParseStreamName(stream)
		at, err := strconv.ParseUint(digits, 10, 64)
		if !ours || err != nil || at == 0 || p.ends[province] != 0 {
			return p, false
		}
		p.ends[province] = at
	}
	return p, true
}

// Pin returns the two sides of the page before: as they are asked for, and what is all that is known as it was then. The
// error is ErrNoPicture. Reached has to be called on both.
func (c Cursor) Pin(from, to Side) (Side, Side, error) {
	if len(c.pictures) == 0 {
		return from, to, nil
	}
	durable := domain.Horizon{}
	for _, s := range from.Known.views.source.Streams() {
		province, _ := events.ParseStreamName(s.Stream)
		durable[province] = s.Durable
	}
	pictures := c.pictures
	for _, side := range []*Side{&from, &to} {
		if side.Known.horizon != nil && !side.Known.taken {
			continue
		}
		if len(pictures) == 0 {
			pictures = c.pictures // both alike
		}
		if !pictures[0].within(&durable) {
			return from, to, ErrNoPicture
		}
		side.Known, pictures = pictures[0].of(side.Known), pictures[1:]
	}
	if len(pictures) > 0 {
		return from, to, ErrNoPicture
	}
	return from, to, nil
}

// within reports that a ledger reaches as far.
func (p *picture) within(durable *domain.Horizon) bool {
	for province, at := range p.ends {
		if at > durable[province] {
			return false
		}
	}
	return true
}

// of is what was known when the picture was taken, judged and asked as another.
func (p *picture) of(asked *Known) *Known {
	k := *asked
	k.taken, k.by, k.horizon, k.neighbours = true, p.recorded, &p.ends, &sync.Map{}
	return &k
}

// taken is the picture of a side that was read.
func (b *Basis) taken() (p picture) {
	p.recorded = b.KnownAt
	for stream, at := range b.Position {
		province, _ := events.ParseStreamName(stream)
		p.ends[province] = at
	}
	return p
}
