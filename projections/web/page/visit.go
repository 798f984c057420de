package page

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
	"github.com/anju-ledger/anju/projections/ask"
)

// visit is one request of a page.
type visit struct {
	*http.Request
	w      http.ResponseWriter
	lang   language
	moment moment
	status int // of the answer; 0 = 200
	begun  time.Time
}

// receive reads what every page is asked with: the language and the moment. It returns nil when
// the request was sent on to the same address in the language chosen.
func (p *Page) receive(w http.ResponseWriter, r *http.Request) (*visit, error) {
	v := &visit{Request: r, w: w, lang: languageOf(r), begun: time.Now()}
	query := r.URL.Query()
	if l := language(query.Get("lang")); l == chinese || l == english {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: string(l), Path: "/", MaxAge: languageKept, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
		query.Del("lang")
		http.Redirect(w, r, (&url.URL{Path: r.URL.Path, RawQuery: query.Encode()}).String(), http.StatusSeeOther)
		return nil, nil
	}
	var err error
	v.moment, err = p.momentOf(r.Context(), query)
	return v, err
}

// crumb is one step of the way from the nation down to what is shown.
type crumb struct{ Name, Href string }

// frame is what stands around every page: its template reads these fields and methods.
type frame struct {
	Lang   language
	Title  string
	Active string // the entry of the navigation that the page belongs to
	Crumbs []crumb
	Moment moment
	Today  domain.Day
	Latest domain.Day // of the facts that the boards rest on; NoDay when there are none
	Home   domain.Division
	Stand  stand
	Sets   []option // the parameter sets that there are to choose from; none where there is one alone
	Notes  []string // what is to be known of the moment
	Began  string   // when the first event was recorded
	Now    string
	Here   string // this page's address, the language aside
	path   string
}

// stand says how much of the log an answer rests on.
type stand struct {
	Position   string
	Lag        uint64
	Parameters string
	Stopped    bool
}

// frame makes the frame of a page. What it says of positions is as of when it is asked; answers
// carry their own.
func (p *Page) frame(v *visit, title, active string) frame {
	home, latest := p.extent()
	f := frame{
		Lang: v.lang, Title: title, Active: active, Moment: v.moment, Today: p.today(), Latest: latest, Home: home,
		Stand: p.stand(v.moment), Sets: p.sets(v.moment), Here: v.here(), path: v.URL.Path,
		Began: p.began(v.Context()), Now: p.now().In(domain.China).Format(localForm),
	}
	return f
}

// here is the address without the parameters that no page asks with: what somebody put there, perhaps
// an official number, is not repeated in the links of the page.
func (v *visit) here() string {
	query := v.URL.Query()
	if asOf := query.Get("as_of"); asOf != "" && !query.Has("at") {
		query.Set("at", asOf)
	}
	for name := range query {
		if !v.asks(name) {
			query.Del(name)
		}
	}
	return (&url.URL{Path: v.URL.Path, RawQuery: query.Encode()}).String()
}

// asks reports a parameter that pages ask with.
func (v *visit) asks(name string) bool {
	if _, known := domain.ParseDimension(name); known {
		return true
	}
	question, known := ask.Find(v.PathValue("name"))
	if known && slices.ContainsFunc(question.Options, func(o ask.Option) bool { return o.Name == name }) {
		return true
	}
	return slices.Contains([]string{
		"at", "known_at", "parameters", "division", "site", "list", "state", "overdue", "sort", "page", "kind", "stage", "measure", "idle", "target", "batch", "from", "since", "q", "by", "desc", "stale",
	}, name)
}

// HomeCounty is the county that holds all that is recorded, "" where several do.
func (f frame) HomeCounty() string {
	if len(f.Home) < len("520603") {
		return ""
	}
	return f.Home.County()
}

// position is where the page's numbers stand.
func (f frame) position() string { return f.Stand.Position }

// standOf is where an answer stands.
func standOf(position, lag projections.Position, parameters string) stand {
	s := stand{Position: position.String(), Parameters: parameters}
	for _, n := range lag {
		s.Lag += n
	}
	return s
}

// To makes the address of another page about the same moment. Parts are joined as they are; a
// part that begins a query continues it.
func (f frame) To(parts ...any) string {
	var b strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			b.WriteString(part)
		case interface{ String() string }:
			b.WriteString(part.String())
		case domain.Division:
			b.WriteString(string(part))
		}
	}
	return f.Moment.in(b.String())
}

// Switch is this page's address in a language.
func (f frame) Switch(l string) string { return with(f.Here, "lang", l) }

// Hidden are the parameters that the form of the moment hands on.
func (f frame) Hidden() []field {
	u, err := url.Parse(f.Here)
	if err != nil {
		return nil
	}
	var kept []field
	for name, values := range u.Query() {
		if name != "at" && name != "known_at" && name != "parameters" && name != "page" && len(values) > 0 {
			kept = append(kept, field{name, values[0]})
		}
	}
	slices.SortFunc(kept, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	return kept
}

// Path is this page's address without its query.
func (f frame) Path() string { return f.path }

// AtLatest is this page's address as of the latest fact.
func (f frame) AtLatest() string { return with(f.Here, "at", f.Latest.String()) }

// AtToday is this page's address as of now, as far as is known now.
func (f frame) AtToday() string { return with(with(f.Here, "at", ""), "known_at", "") }

// OtherSet reports that it is judged by a set that is not in force.
func (f frame) OtherSet() bool {
	return f.Moment.set != "" && !slices.ContainsFunc(f.Sets, func(o option) bool { return o.Code == "" && o.Name == f.Moment.set })
}

// InForce is this page's address under the parameter set in force.
func (f frame) InForce() string { return with(f.Here, "parameters", "") }

// sets are the parameter sets to choose from, the one in force first.
func (p *Page) sets(m moment) []option {
	all := p.views.SetStates()
	if len(all) < 2 {
		return nil
	}
	options := make([]option, len(all))
	for i, s := range all {
		options[i] = option{Code: s.Name, Name: s.Name, Chosen: s.Name == m.set}
	}
	options[0].Code = "" // in force
	return options
}

// Behind reports that the moment is so far beyond the latest fact that most of what is known has
// gone stale: the page then offers the day of that fact.
func (f frame) Behind() bool {
	const quarter = 90
	return f.Latest.Present() && f.Moment.day > f.Latest+quarter
}

// field is a name with its value.
type field struct{ Name, Value string }

// with sets a parameter of an address, or takes it out when it is "".
func with(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	if value == "" {
		query.Del(name)
	} else {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// crumbs lead from the nation down to a division.
func (f *frame) crumbs(d domain.Division) {
	for ; d != ""; d = d.Parent() {
		f.Crumbs = append(f.Crumbs, crumb{f.Lang.place(d), f.To("/divisions/", d)})
	}
	slices.Reverse(f.Crumbs)
}

// note keeps what an answer says of its moment.
func (f *frame) note(notes []domain.Text) {
	for _, n := range notes {
		f.Notes = append(f.Notes, f.Lang.pick(n))
	}
}
