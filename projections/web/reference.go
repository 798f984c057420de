package web

import (
	"time"

	"github.com/anju-ledger/anju/domain"
)

// wordAnswer is one word, such as "ok".
type wordAnswer struct {
	Status string `json:"status"`
}

// readyAnswer says that the doors may write, when everything was last compared, and whether witnesses know
// of it.
type readyAnswer struct {
	Status      string        `json:"status"`
	Scrubs      []readyStream `json:"scrubs"`
	Unwitnessed string        `json:"unwitnessed,omitzero"` // the alarm of GET /v1/ledger
}

// readyStream says when the last scrub of a stream ended, which compared all of it with its book.
type readyStream struct {
	Stream string    `json:"stream"`
	Ended  time.Time `json:"ended,omitzero"` // absent before the first
}

func (a *API) serveHealth(q *question) { answer(q.w, wordAnswer{"ok"}) }

// serveReady says whether every door may write and the views follow.
func (a *API) serveReady(q *question) {
	for _, s := range a.ledger.Streams() {
		if s.Stands {
			standing(s).write(q.w)
			return
		}
	}
	if _, _, err := a.views.Where(); err != nil {
		stopped(err).write(q.w)
		return
	}
	// What is not witnessed is an alarm and no reason to send nobody here: what is recorded is on the disk.
	scrubs := []readyStream{}
	for _, b := range a.ledger.Books() {
		scrubs = append(scrubs, readyStream{b.Stream, b.Scrub.Ended.UTC()})
	}
	answer(q.w, readyAnswer{"ready", scrubs, told(a.ledger.Witnesses().Alarm)})
}

// streamState is one stream of the ledger.
type streamState struct {
	Stream  string `json:"stream"`
	Durable uint64 `json:"durable"` // everything up to here is on disk
	Viewed  uint64 `json:"viewed"`  // everything up to here is in the answers
	Lag     uint64 `json:"lag"`     // durable, and not in the answers yet
	Foreign uint64 `json:"foreign"` // messages that are no events of ours, since the start
	Alarm   string `json:"alarm,omitzero"`

	Alarms []alarmEntry  `json:"alarms"`        // what the operator has to look at, the worst first
	Book   *bookStanding `json:"book,omitzero"` // absent of a ledger in memory
}

// ledgerAnswer says how the ledger stands, and what durable means.
type ledgerAnswer struct {
	Streams    []streamState `json:"streams"`
	Durability domain.Text   `json:"durability"`
	Stopped    string        `json:"stopped,omitzero"` // why the views follow no more
	Witnessing *witnessing   `json:"witnessing,omitzero"`
}

func (a *API) serveLedger(q *question) {
	position, lag, err := a.views.Where()
	l := ledgerAnswer{Streams: []streamState{}, Durability: domain.Text{
		ZH: "durable 之前的记录在确认前已同步到磁盘（syncfs，或服务器逐条同步）；断电不会丢失",
		EN: "everything up to durable was synced to disk before it was acknowledged (one syncfs a group, or a server that syncs each message); a power cut takes none of it back",
	}}
	if err != nil {
		l.Stopped = shown(err.Error())
	}
	books := map[string]*bookStanding{}
	for _, b := range a.ledger.Books() {
		books[b.Stream] = bookStandingOf(b)
	}
	for _, s := range a.ledger.Streams() {
		l.Streams = append(l.Streams, streamState{
			s.Stream, s.Durable, position[s.Stream], lag[s.Stream], s.Foreign, s.Alarm, alarmEntries(s.Alarms), books[s.Stream],
		})
	}
	l.Witnessing = witnessingOf(a.ledger.Witnesses())
	answer(q.w, l)
}

// kindEntry is one type of GET /v1/kinds.
type kindEntry struct {
	Type        string              `json:"type"`
	Version     int                 `json:"version"`
	Rank        int                 `json:"rank"`
	Area        int                 `json:"area"`
	Departments []domain.Department `json:"departments"`
	Name        domain.Text         `json:"name"`
	Effect      domain.Text         `json:"effect"`
}

func (a *API) serveKinds(q *question) {
	entries := []kindEntry{}
	for _, k := range domain.Kinds() {
		entries = append(entries, kindEntry{k.Name, k.Version, k.Rank, k.Area, k.Departments, k.Label, k.Effect})
	}
	answer(q.w, entries)
}

// types are the names of the facts' types.
func types() (terms []domain.Term) {
	for _, k := range domain.Kinds() {
		terms = append(terms, domain.Term{Code: k.Name, Text: k.Label})
	}
	return terms
}

func (a *API) serveSchema(q *question) {
	k, known := domain.KindOf(q.PathValue("type"))
	if !known {
		refuse(unknownEntity, "type", q.PathValue("type"), domain.Text{ZH: "应为已有的记录类型", EN: "a type of the catalogue"},
			domain.Text{ZH: "GET /v1/kinds 列出全部类型", EN: "GET /v1/kinds lists them"}).write(q.w)
		return
	}
	send(q.w, "application/schema+json", k.JSONSchema())
}

func (a *API) serveMeasures(q *question) { answer(q.w, domain.DefaultMeasures()) }

// parametersAnswer are the cut-offs with what their sources mean.
type parametersAnswer struct {
	Notice  domain.Text   `json:"notice"`
	Sources []domain.Term `json:"sources"`
	*domain.Parameters
}

func (a *API) serveParameters(q *question) {
	set, err := a.views.Set(q.value("parameters"))
	if err != nil {
		setProblem("parameters", err).write(q.w)
		return
	}
	answer(q.w, parametersAnswer{
		Notice: domain.Text{ZH: "本项目自拟的工作参数，并非官方规定；每个状态都注明所用的参数集", EN: "working parameters of this project, not official ones; every status names the set that produced it"},
		Sources: []domain.Term{
			{Code: "S", Text: domain.Text{ZH: "有出处", EN: "sourced"}},
			{Code: "O", Text: domain.Text{ZH: "本项目提议", EN: "our own proposal"}},
			{Code: "M", Text: domain.Text{ZH: "凭记忆，待核", EN: "from memory, to be checked"}},
		},
		Parameters: set,
	})
}
