package domain

import (
	"slices"
	"strconv"
	"strings"
)

// LineageStep is a split or merge that a household took part in, in plain words.
type LineageStep struct {
	Day        Day      `json:"day"`
	Kind       string   `json:"kind" enum:"split_into,split_from,merged_into,merged_from"`
	Households []Entity `json:"households"` // the others: its children or its parent, those that it took in or the one that took it in
	Text       Text     `json:"text"`
	Event      EventID  `json:"event"`
}

// lineage tells the splits and merges of the household up to a day.
func (h *household) lineage(at Day) (steps []LineageStep) {
	for i := range h.f.Lineages {
		l := &h.f.Lineages[i]
		if l.Day > at {
			break
		}
		kind, others := l.seenFrom(h.f.Home)
		s := LineageStep{Day: l.Day, Kind: kind, Households: others, Event: l.ID()}
		if l.Split != nil {
			s.Text = l.Split.told(kind, l.Parent.Entity)
		} else {
			s.Text = toldMerge(kind, others)
		}
		steps = append(steps, s)
	}
	return steps
}

// seenFrom is what a split or merge is to one of its households, and who the others are.
func (l *Lineage) seenFrom(home Entity) (kind string, others []Entity) {
	all := make([]Entity, len(l.Others))
	for i, o := range l.Others {
		all[i] = o.Entity
	}
	switch {
	case l.Joining && l.Parent.Entity == home:
		return "merged_from", all
	case l.Joining:
		return "merged_into", []Entity{l.Parent.Entity}
	case l.Parent.Entity == home:
		return "split_into", all
	}
	return "split_from", []Entity{l.Parent.Entity}
}

func (h *HouseholdSplit) told(kind string, parent Entity) Text {
	if kind == "split_from" {
		return Text{"由 " + parent.String() + " 分出", "split off from " + parent.String()}
	}
	zh, en := make([]string, len(h.Children)), make([]string, len(h.Children))
	for i, c := range h.Children {
		n := strconv.Itoa(len(c.Members))
		zh[i], en[i] = c.Household.String()+"（"+n+"人）", c.Household.String()+" ("+n+")"
	}
	return Text{"分出 " + strings.Join(zh, "、"), "split into " + strings.Join(en, ", ")}
}

func toldMerge(kind string, others []Entity) Text {
	if kind == "merged_into" {
		return Text{"并入 " + others[0].String(), "merged into " + others[0].String()}
	}
	return Text{joined(others, "、") + " 并入", joined(others, ", ") + " merged into it"}
}

func joined(all []Entity, by string) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = e.String()
	}
	return strings.Join(texts, by)
}

// Told says of a fact about who belongs to a household, as one of its households sees it, what
// happened, in plain words, and names the other households; nothing of any other fact.
func Told(f Fact, stands, home Entity) (words Text, others []Entity) {
	switch f := f.(type) {
	case *HouseholdSplit:
		l := Lineage{Parent: HouseholdID{stands}, Split: f}
		for _, c := range f.Children {
			l.Others = append(l.Others, c.Household)
		}
		kind, others := l.seenFrom(home)
		return f.told(kind, stands), others
	case *HouseholdMerged:
		if !slices.Contains(f.Touches(), home) {
			return Text{}, nil // an old one, under the name of a household that it does not concern
		}
		l := Lineage{Parent: f.Into, Others: f.From, Joining: true}
		kind, others := l.seenFrom(home)
		return toldMerge(kind, others), others
	case *MemberJoined:
		return toldMove("由 ", "from ", f.FromHousehold, Label(f.Reason))
	case *MemberLeft:
		return toldMove("迁往 ", "to ", f.MovedToHousehold, Label(f.Reason))
	case *HeadChanged:
		who := Text{f.NewHead.String(), f.NewHead.String()}
		if f.OldHead.Present() {
			who = Text{"由 " + f.OldHead.String() + " 改为 " + who.ZH, "from " + f.OldHead.String() + " to " + who.EN}
		}
		why := Label(f.Reason)
		return Text{who.ZH + "，" + why.ZH, who.EN + ", " + why.EN}, nil
	case *HouseholdMoved:
		words := Label(f.Kind)
		for _, e := range slices.DeleteFunc([]Entity{f.ToCommunity.Entity, f.Dwelling.Entity}, func(e Entity) bool { return !e.Present() }) {
			words = Text{words.ZH + "，迁入 " + e.String(), words.EN + ", to " + e.String()}
		}
		return words, nil
	}
	return Text{}, nil
}

func toldMove(zh, en string, other HouseholdID, why Text) (Text, []Entity) {
	if !other.Present() {
		return why, nil
	}
	return Text{zh + other.String() + "，" + why.ZH, en + other.String() + ", " + why.EN}, []Entity{other.Entity}
}
