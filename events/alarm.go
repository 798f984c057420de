package events

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// AlarmKind says what an operator has to look at; docs/operate.md says what to do about each.
type AlarmKind string

// The kinds of alarms. While one of the first four is raised the door records nothing.
const (
	AlarmRolledBack  AlarmKind = "rolled_back"  // a witness has seen more, or another history
	AlarmDiffers     AlarmKind = "differs"      // at the named places the stream is not what was recorded
	AlarmSettings    AlarmKind = "settings"     // somebody changed the stream's settings, or deleted it
	AlarmStopped     AlarmKind = "stopped"      // a failed sync, the clock, a record of an unknown type
	AlarmUnreachable AlarmKind = "unreachable"  // the stream could not be asked at the last minute's check
	AlarmBookDamaged AlarmKind = "book_damaged" // the book is damaged there, and could not be made again yet
	AlarmUnsigned    AlarmKind = "unsigned"     // the last checkpoint could not be written; it is tried each second
	AlarmBookMended  AlarmKind = "book_mended"  // the book was damaged there, and was made again from the stream
	AlarmForeign     AlarmKind = "foreign"      // there are messages in the stream that are no events of ours
)

// Alarm is one thing that the operator of a ledger has to look at.
type Alarm struct {
	Kind   AlarmKind
	From   uint64 // the places that it is about, both included; 0 = the whole stream
	To     uint64
	Detail string
	Stands bool // the door of the stream does not record, or cannot be asked
}

// StreamState is what a log says of one stream.
type StreamState struct {
	Stream  string
	Durable uint64  // everything up to here is on disk, and can be read
	Foreign uint64  // messages that are no events of ours, since the start
	Alarms  []Alarm // what the operator has to look at, the worst first
	Alarm   string  // the first of them in words, "" when there is none
	Mended  string  // what the start found wrong and put right, "" when there was nothing
	Stands  bool    // the door stands still, or its server does not answer; Alarm says why
}

// Streams returns the state of every stream, in the order of the provinces.
func (l *Ledger) Streams() []StreamState {
	states := []StreamState{}
	for _, p := range l.Provinces() {
		l.mu.Lock()
		w, unreachable := l.writers[p], l.alarms[p]
		l.mu.Unlock()
		w.mu.Lock()
		state := StreamState{Stream: StreamName(p), Durable: w.durable - w.dangling, Foreign: w.foreign, Alarms: w.alarms(unreachable)}
		w.mu.Unlock()
		if w.book != nil {
			state.Mended = strings.Join(w.book.mended, "; ")
		}
		if len(state.Alarms) > 0 {
			state.Alarm, state.Stands = state.Alarms[0].Detail, state.Alarms[0].Stands
		}
		states = append(states, state)
	}
	return states
}

// alarms lists what is wrong; mu is held.
func (w *writer) alarms(unreachable string) (all []Alarm) {
	if w.failed != nil {
		all = append(all, alarmOf(w.failed))
	}
	if unreachable != "" {
		all = append(all, Alarm{Kind: AlarmUnreachable, Detail: "数据流无法检查 / " + unreachable, Stands: true})
	}
	if w.unsigned != "" {
		all = append(all, Alarm{Kind: AlarmUnsigned, Detail: "检查点未能写入 / " + w.unsigned})
	}
	for _, list := range [][]Finding{w.scrub.Last, w.scrub.Found} {
		for _, f := range list {
			what := f.what()
			a := Alarm{From: f.From, To: f.To, Detail: what.ZH + " / " + what.EN}
			switch {
			case f.Mended:
				a.Kind = AlarmBookMended
			case f.stops():
				a.Kind, a.Stands = AlarmDiffers, w.failed != nil
			default:
				a.Kind = AlarmBookDamaged
			}
			same := func(b Alarm) bool { return a.Kind == b.Kind && a.From == b.From && a.To == b.To }
			if len(all) < maxAlarms && !slices.ContainsFunc(all, same) {
				all = append(all, a)
			}
		}
	}
	if w.foreign > 0 {
		all = append(all, Alarm{
			Kind:   AlarmForeign,
			Detail: fmt.Sprintf("数据流中有 %d 条消息不是账本的记录，请查明是谁接触了 JetStream API / messages in the stream that are no events of ours: %d; find out who reached the JetStream API", w.foreign, w.foreign),
		})
	}
	return all
}

// maxAlarms bounds what is told of one stream; a verification lists all.
const maxAlarms = 20

// alarmOf is the alarm of a door that stands still.
func alarmOf(failed error) Alarm {
	a := Alarm{Kind: AlarmStopped, Detail: whyStopped(failed), Stands: true}
	var d *DifferenceError
	switch {
	case errors.As(failed, &d):
		a.Kind, a.From, a.To = AlarmDiffers, d.From, d.To
	case errors.Is(failed, ErrRolledBack):
		a.Kind = AlarmRolledBack
	case errors.Is(failed, ErrDiffers):
		a.Kind = AlarmDiffers
	case errors.Is(failed, errAltered):
		a.Kind = AlarmSettings
	}
	return a
}

// whyStopped says in both languages why a door stands still. The Chinese repeats no places: they stand in the
// alarm and in the English.
func whyStopped(failed error) string {
	zh := "该数据流已停止写入"
	var d *DifferenceError
	var r *RollbackError
	switch {
	case errors.As(failed, &r):
		what := "目录被恢复到旧状态"
		if r.Holds <= r.Book {
			what = "历史与此不同"
		}
		zh = fmt.Sprintf("见证人 %s 持有 %d 条，本账册 %d 条：%s；请换回较新的目录，或运行 anju restore", r.Witness, r.Holds, r.Book, what)
	case errors.As(failed, &d) && d.From == d.To:
		zh = fmt.Sprintf("第 %d 条与所记录的不符", d.From)
	case errors.As(failed, &d):
		zh = fmt.Sprintf("第 %d 至 %d 条与所记录的不符", d.From, d.To)
	case errors.Is(failed, ErrDiffers):
		zh = "数据流与账册不一致"
	case errors.Is(failed, errAltered):
		zh = "数据流被账本以外的人改动或删除"
	case errors.Is(failed, errSync):
		zh = "落盘失败，重新打开账本前不再写入"
	}
	return zh + " / " + failed.Error()
}

// BookState says how the book of one stream stands.
type BookState struct {
	Stream   string
	Written  uint64    // entries in it
	Signed   uint64    // how many the last checkpoint covers
	SignedAt time.Time // when it was signed; zero before the first
	Scrub    Scrub
}

// Books returns how the books stand, in the order of the provinces; a ledger in memory has none.
func (l *Ledger) Books() []BookState {
	books := []BookState{}
	for _, p := range l.Provinces() {
		l.mu.Lock()
		w := l.writers[p]
		l.mu.Unlock()
		if w.book == nil {
			continue
		}
		state := BookState{Stream: w.book.stream, Written: w.book.book.Size()}
		state.Signed, state.SignedAt = l.shelf.signedUpTo(w.book.stream)
		w.mu.Lock()
		state.Scrub = w.scrub
		w.mu.Unlock()
		books = append(books, state)
	}
	return books
}
