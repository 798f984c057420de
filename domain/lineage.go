package domain

import (
	"slices"
	"strconv"
)

// Child is one household that a split founds.
type Child struct {
	Household HouseholdID `json:"household,omitzero" anju:"mint" zh:"新户"`
	Members   []PersonID  `json:"members,omitzero" anju:"required" zh:"成员"`
	Dwelling  DwellingID  `json:"dwelling,omitzero" zh:"住房"`
}

// HouseholdSplit divides a household (分户): the children take the members named; the parent
// keeps the others, or ends when none is left.
type HouseholdSplit struct {
	Children   []Child `json:"children,omitzero" anju:"required" zh:"分出户"`
	LegalBasis string  `json:"legal_basis,omitzero" zh:"依据"`
	ApprovedBy string  `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

// Lineage is the file's part in a split or merge.
type Lineage struct {
	Mark
	Parent  HouseholdID   // the split household, or the one merged into
	Others  []HouseholdID // the children, or the sources
	Split   *HouseholdSplit
	Joining bool // a merge
}

var _ = define[HouseholdSplit](Kind{
	Name: "household.split", Rank: 50, Home: HouseholdKind, Departments: []Department{"township", "county"},
	Label:  Text{"分户", "Household split"},
	Effect: Text{"原户保留余下成员或终止；分出户承继历史", "the parent continues or closes; each child inherits history by lineage; cases and titles follow their persons or dwelling"},
	Sample: &HouseholdSplit{Children: []Child{{
		Household: HouseholdID{MintEntity(HouseholdKind, 2)}, Members: []PersonID{samplePerson},
	}}, LegalBasis: "township_decision"},
})

// Check refuses a person or a dwelling in two children.
func (h *HouseholdSplit) Check(r *Report) {
	seen, given := map[PersonID]bool{}, map[DwellingID]bool{}
	for i, c := range h.Children {
		if c.Dwelling.Present() && given[c.Dwelling] {
			r.Add("/children/"+strconv.Itoa(i)+"/dwelling", c.Dwelling.String(), Conflict,
				Text{"同一住房不能分给两户", "a dwelling cannot go to two children"}, Text{"请核对住房；同住一房的，只写在一户", "check the dwellings; where two live in one, name it once"})
		}
		given[c.Dwelling] = true
		for n, p := range c.Members {
			if seen[p] {
				r.Add("/children/"+strconv.Itoa(i)+"/members/"+strconv.Itoa(n), p.String(), Conflict,
					Text{"同一人不能分到两户", "a person cannot go to two children"}, Text{"请只写在他随往的一户", "name him with the child that he goes with alone"})
			}
			seen[p] = true
		}
	}
}

// Touches names the children: the split is the first fact of their files.
func (h *HouseholdSplit) Touches() []Entity {
	homes := make([]Entity, len(h.Children))
	for i, c := range h.Children {
		homes[i] = c.Household.Entity
	}
	return homes
}

func (h *HouseholdSplit) apply(f *File, s *Stamp) {
	l := Lineage{Mark: s.mark(), Parent: HouseholdID{s.Subject}, Split: h}
	for _, c := range h.Children {
		l.Others = append(l.Others, c.Household)
		if f.Home != s.Subject && f.Home != c.Household.Entity {
			continue // another child's part is not this file's
		}
		m := Membership{Mark: s.mark(), Leaves: true, Reason: "split", Other: c.Household}
		if f.Home == c.Household.Entity {
			m.Leaves, m.Other = false, l.Parent
		}
		for _, p := range c.Members {
			m.Person = p
			f.Memberships = append(f.Memberships, m)
		}
	}
	f.Lineages = append(f.Lineages, l)
}

// HouseholdMerged joins households into one (并户); its subject is the household that remains.
type HouseholdMerged struct {
	Into       HouseholdID   `json:"into,omitzero" anju:"required" zh:"并入户"`
	From       []HouseholdID `json:"from,omitzero" anju:"required" zh:"被并户"`
	Reason     MergeReason   `json:"reason,omitzero" anju:"required" zh:"原因"`
	ApprovedBy string        `json:"approved_by,omitzero" anju:"ref" zh:"批准人代号"`
}

var householdMerged = define[HouseholdMerged](Kind{
	Name: "household.merged", Version: 2, Rank: 60, Home: HouseholdKind, Departments: []Department{"township", "county"},
	Label:  Text{"并户", "Households merged"},
	Effect: Text{"被并户终止；未结个案转入", "sources closed as merged; open cases carried over"},
	Sample: &HouseholdMerged{Into: sampleHousehold, From: []HouseholdID{{MintEntity(HouseholdKind, 2)}}, Reason: "marriage"},
})

// Version 1 named nobody who approved.
var _ = was(householdMerged, 1, func(old HouseholdMerged) Fact { return &old })

// Check refuses a household merged into itself or named twice.
func (h *HouseholdMerged) Check(r *Report) {
	seen := map[HouseholdID]bool{h.Into: true}
	for i, from := range h.From {
		if seen[from] {
			r.Add("/from/"+strconv.Itoa(i), from.String(), Conflict,
				Text{"一户不能并入自身或重复列出", "a household cannot be merged into itself or be named twice"},
				Text{"请在 from 中各写一次被并入的户，不含 into", "name each household that is taken in once in from, without the one of into"})
		}
		seen[from] = true
	}
}

// Touches names the sources, whose files the merge ends, and the household that remains: an earlier door took a
// merge under the name of a third one.
func (h *HouseholdMerged) Touches() []Entity {
	homes := []Entity{h.Into.Entity}
	for _, from := range h.From {
		homes = append(homes, from.Entity)
	}
	return homes
}

func (h *HouseholdMerged) apply(f *File, s *Stamp) {
	ends := slices.Contains(h.From, HouseholdID{f.Home})
	if !ends && f.Home != h.Into.Entity {
		return // it stands under a household that it does not concern
	}
	f.Lineages = append(f.Lineages, Lineage{Mark: s.mark(), Parent: h.Into, Others: h.From, Joining: true})
	if ends {
		f.Closings = append(f.Closings, Closing{s.mark(), "merged"})
	}
}
