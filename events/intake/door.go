package intake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/events"
	"github.com/anju-ledger/anju/events/seal"
)

// Config is what a door works with; every field is needed.
type Config struct {
	Log       events.Log
	Directory *events.Directory
	Opener    *events.Opener
	Ring      *seal.Ring
	Random    io.Reader        // of ids: crypto/rand's
	Now       func() time.Time // the wall clock
}

// Door records what departments hand in. Its methods may be called concurrently.
type Door struct {
	log       events.Log
	directory *events.Directory
	opener    *events.Opener
	ring      *seal.Ring
	now       func() time.Time
	readWait  time.Duration // for a client's next bytes

	mu     sync.Mutex
	random io.Reader // under mu
}

// NewDoor returns the door of a log.
func NewDoor(c Config) *Door {
	return &Door{log: c.Log, directory: c.Directory, opener: c.Opener, ring: c.Ring, now: c.Now, random: c.Random, readWait: readWait}
}

// Mint returns an id of the kind that no entity has: for import batches, whose facts name it
// before the batch is closed.
func (d *Door) Mint(kind domain.EntityKind) domain.Entity {
	for {
		var b [8]byte
		d.mu.Lock()
		_, err := io.ReadFull(d.random, b[:])
		d.mu.Unlock()
		if err != nil {
			panic("intake: no randomness: " + err.Error())
		}
		e := domain.MintEntity(kind, binary.BigEndian.Uint64(b[:]))
		if _, taken := d.directory.Home(e); !taken {
			return e
		}
	}
}

// Lookup returns the entity that answers to an official number or code in a division's county.
// Errors are events.ErrUnknownName and events.ErrAmbiguousName.
func (d *Door) Lookup(kind domain.EntityKind, division domain.Division, number string) (domain.Entity, error) {
	return d.directory.Resolve(kind, division.County(), number)
}

// Record records submissions in order and returns an answer for each, when it is durable. With
// atomic they are one set: all or none, of one province.
func (d *Door) Record(ctx context.Context, caller Caller, subs []*Submission, atomic bool) []Answer {
	answers, _ := d.record(ctx, caller, subs, atomic)
	return answers
}

// record is Record with the problem of a set that was refused as a whole.
func (d *Door) record(ctx context.Context, caller Caller, subs []*Submission, atomic bool) ([]Answer, *Problem) {
	answers, drafts := d.drafts(caller, subs, nil)
	var whole *Problem
	if atomic {
		whole = d.recordSet(ctx, caller, answers, drafts)
	} else {
		d.recordEach(ctx, answers, drafts)
	}
	for i := range answers {
		if answers[i].Problem != nil {
			answers[i].Problem.Index = i
		}
	}
	return answers, whole
}

// Try answers as Record would, and records nothing. A receipt with Already is a duplicate of
// the fact in force; a conflict tells what differs; any other receipt is of a new fact. Later
// submissions see what earlier ones would create.
func (d *Door) Try(ctx context.Context, caller Caller, subs []*Submission) []Answer {
	return d.try(ctx, caller, subs, &trial{})
}

// try is Try with what earlier tries of the same file would have created.
func (d *Door) try(ctx context.Context, caller Caller, subs []*Submission, t *trial) []Answer {
	answers, drafts := d.drafts(caller, subs, t)
	d.recordEach(ctx, answers, drafts)
	return answers
}

// drafts makes a draft of every submission that is not refused already.
func (d *Door) drafts(caller Caller, subs []*Submission, t *trial) ([]Answer, []*draft) {
	answers := make([]Answer, len(subs))
	drafts := make([]*draft, len(subs))
	room := make([]draft, len(subs))
	mint, entombed := d.Mint, d.entombed // one closure each for all
	for i, s := range subs {
		d.admit(caller, s)
		if len(s.Refusals) > 0 {
			answers[i].Problem = problemOf(i, s.Refusals)
			continue
		}
		room[i] = draft{
			door: d, caller: caller, s: s, trial: t, province: provinceOf(s.Division),
			resolver: resolver{caller: caller, mint: mint, entombed: entombed},
		}
		drafts[i] = &room[i]
	}
	return answers, drafts
}

// admit checks what needs neither the ledger's state nor the fence.
func (d *Door) admit(caller Caller, s *Submission) {
	if s.Division == "" {
		s.Division = caller.Division
	}
	if s.Kind == nil || s.Fact == nil {
		if len(s.Refusals) == 0 {
			s.refuse(missing(zhen("类型见 /v1/kinds", "/v1/kinds lists the types")).at("/type", ""))
		}
		return
	}
	if !s.ID.Present() && len(s.Key) == 0 && len(s.Refusals) == 0 {
		s.refuse(noName().at("/id", ""))
	}
	told := slices.ContainsFunc(s.Refusals, func(r domain.Refusal) bool { return r.Field == "/time" })
	if !told && !s.Time.Time().Before(d.now().Add(24*time.Hour)) {
		s.refuse(future().at("/time", s.Time.Day().String()))
	}
	s.Refusals = append(s.Refusals, approver(caller, domain.ApprovedBy(s.Fact), "/data/approved_by")...)
	if targetID(s.Fact).Present() && s.Kind.Home == 0 {
		return // decided by the target
	}
	if !domain.MayRecord(caller.Department, s.Kind, "") {
		s.refuse(notYours(s.Kind).at("department", string(caller.Department)))
	}
}

func provinceOf(division domain.Division) uint8 { return events.HomeIn(division, 0).Province }

func (d *Door) entombed(tag uint64) bool {
	return d.ring.Entombed(binary.BigEndian.AppendUint64(nil, tag))
}

// maxRounds bounds how often drafts are offered again because they belong elsewhere or had to
// look for dependants.
const maxRounds = 3

// recordEach offers the drafts to their streams, in order within each.
func (d *Door) recordEach(ctx context.Context, answers []Answer, drafts []*draft) {
	var waiting []int
	for i, x := range drafts {
		if x != nil {
			waiting = append(waiting, i)
		}
	}
	for range maxRounds {
		var again []int
		for len(waiting) > 0 {
			province := drafts[waiting[0]].province
			var here, other []int
			for _, i := range waiting {
				if drafts[i].province == province {
					here = append(here, i)
				} else {
					other = append(other, i)
				}
			}
			waiting = other
			again = append(again, d.offer(ctx, answers, drafts, here)...)
		}
		if waiting = again; len(waiting) == 0 {
			return
		}
	}
	for _, i := range waiting {
		answers[i].Problem = unavailable(i, 503, "账本繁忙，请重试", "the ledger is busy; try again")
	}
}

// offer appends drafts of one province, and returns those that are to be offered again.
func (d *Door) offer(ctx context.Context, answers []Answer, drafts []*draft, at []int) (again []int) {
	part := make([]events.Draft, len(at))
	for k, i := range at {
		part[k] = drafts[i]
	}
	outcomes, err := d.log.Append(ctx, drafts[at[0]].province, false, part)
	for k, i := range at {
		if err != nil {
			answers[i].Problem = failure(err) // the log may be at the draft still: it is not touched
			continue
		}
		if d.conclude(ctx, drafts[i], outcomes[k]) {
			again = append(again, i)
			continue
		}
		answers[i] = drafts[i].answer
	}
	return again
}

// conclude turns an outcome into the draft's answer; true when it is to be offered again.
func (d *Door) conclude(ctx context.Context, x *draft, o events.Outcome) (again bool) {
	switch err := o.Err; {
	case err == nil:
		x.answer.Receipt.place(o.Receipt.Sequence, o.Receipt.Recorded)
		x.answer.Receipt.Durable = o.Receipt.Durable
	case errors.Is(err, errAnswered):
		if x.answer.Problem == nil && x.answer.Receipt == nil {
			x.answer.Problem = unavailable(0, 503, "未能记录，请重试", "not recorded; try again")
		}
	case errors.Is(err, errElsewhere):
		x.province = x.elsewhere
		return true
	case errors.Is(err, errScan):
		if err := d.runScan(ctx, x); err != nil {
			x.answer = Answer{Problem: failure(err)}
			return false
		}
		return true
	default:
		x.answer = Answer{Problem: failure(err)}
	}
	return false
}

// runScan reads what was recorded after the event that is to be voided.
func (d *Door) runScan(ctx context.Context, x *draft) error {
	s := x.scan
	for rec, err := range d.log.Read(ctx, s.target.Home.Province, s.target.Sequence) {
		if err != nil {
			return err
		}
		if rec.Event == nil || d.directory.Voided(rec.Event.ID).Present() {
			continue
		}
		f, err := d.factIn(rec.Event)
		if err != nil {
			return err
		}
		s.add(rec.Event, f)
	}
	if m := s.matters; m != nil {
		if err := m.before(ctx, d, s.target); err != nil {
			return err
		}
		for _, id := range m.left() {
			if !slices.Contains(s.found, id) {
				s.found = append(s.found, id)
			}
		}
	}
	s.done = true
	return nil
}

// failure maps what the log cannot do to a problem: 507 for a full disk, 503 for a stopped
// door; nothing was recorded.
func failure(err error) *Problem {
	var differs *events.DifferenceError
	switch {
	case errors.As(err, &differs):
		return unavailable(0, 503, fmt.Sprintf("数据流 %s 第 %d 至 %d 条与账册不符，暂停记录；请运维者运行 anju verify ledger 与 anju repair，恢复后可放心重试", differs.Stream, differs.From, differs.To),
			fmt.Sprintf("stream %s differs from its book at %d to %d, nothing is recorded; the operator runs anju verify ledger and anju repair; repeat it later, which is harmless", differs.Stream, differs.From, differs.To))
	case errors.Is(err, events.ErrDiskFull):
		return unavailable(0, 507, "磁盘空间不足，未记录；请腾出空间后重试", "the disk is nearly full, nothing was recorded; make room and send it again")
	case errors.Is(err, events.ErrTooLarge):
		return problemOf(0, []domain.Refusal{tooLarge().at("", "")})
	case errors.Is(err, events.ErrMixedSet):
		return problemOf(0, []domain.Refusal{mixedSet().at("", "")})
	case errors.Is(err, events.ErrTaken):
		return problemOf(0, []domain.Refusal{conflicting().at("/id", "")})
	case errors.Is(err, events.ErrBusy):
		return unavailable(0, 503, "同一编号正在另一省记录，请重试", "the same id is on its way into another province; try again")
	case errors.Is(err, events.ErrRolledBack):
		return unavailable(0, 503, "见证人持有另一种历史：账本目录被恢复到旧状态；未记录，请运维者查看 /readyz，并见 docs/operate.md", "a witness has seen another history: the ledger's folder was put back to an older state; nothing was recorded, the operator reads /readyz and docs/operate.md")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return unavailable(0, 503, "等待超时，结果未知；可放心重试", "timed out, outcome unknown; repeating it is harmless")
	}
	return unavailable(0, 503, "账本暂停记录；请查看 /readyz，恢复后可放心重试", "the door is stopped; see /readyz, and repeat it later, which is harmless")
}

// place fills in where and when the fact was recorded.
func (r *Receipt) place(sequence uint64, recorded domain.Moment) {
	r.Sequence = sequence
	r.RecordedTime = recorded.Time().Format("2006-01-02T15:04:05.000Z")
	r.Position = r.Stream + ":" + strconv.FormatUint(sequence, 10)
}
