package sample

import (
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// spell is one job of one person; to is past the history's end when it goes on.
type spell struct {
	person    *person
	placement domain.PlacementID
	from, to  domain.Day
	wage      domain.Opt[domain.Fen]
}

// householdLuck is the share of people whose chance of work is the household's rather than their
// own: with it the labour households without any work come out as published (11%, March 2020).
const householdLuck = 0.45

// Around the spring festival some go home, and most of them are back weeks later.
const (
	festivalLeavers = 0.10
	verifyEvery     = 84 // days between two verifications in one household, and up to
	verifySpread    = 36 // more
)

// festivals returns the first days of the lunar years.
func festivals() []domain.Day {
	return []domain.Day{domain.MakeDay(2020, 1, 25), domain.MakeDay(2021, 2, 12), domain.MakeDay(2022, 2, 1)}
}

// ratePoint is a day and the share of the labour force that works then.
type ratePoint struct {
	day  domain.Day
	rate float64
}

// rates returns the course of employment, linear between its points; the first is ours.
func (p *params) rates() []ratePoint {
	return []ratePoint{
		{firstMove, 0.60},
		{domain.MakeDay(2020, 4, 22), p.EmploymentRate.April2020},
		{domain.MakeDay(2021, 12, 31), p.EmploymentRate.December2021},
		{domain.MakeDay(2022, 12, 31), p.EmploymentRate.December2022},
	}
}

// firstJob returns the day on which the labour force's rate reaches a person's place in it;
// false for those who do not work within the history.
func (p *params) firstJob(luck float64) (domain.Day, bool) {
	points := p.rates()
	if luck <= points[0].rate {
		return points[0].day, true
	}
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if luck <= b.rate {
			return a.day + domain.Day(float64(b.day-a.day)*(luck-a.rate)/(b.rate-a.rate)), true
		}
	}
	return 0, false
}

// work gives the members of the labour force their jobs, and verifies one of those at work each
// quarter, in turn.
func (h *household) work() {
	var spells []spell
	shared := h.r.Float64()
	for i := range h.people {
		luck := h.r.Float64()
		if h.r.Float64() < householdLuck {
			luck = shared
		}
		if p := &h.people[i]; p.class != domain.NoLabour {
			spells = append(spells, h.spells(p, luck)...)
		}
	}
	for i := range spells {
		h.tell(&spells[i])
	}
	h.verify(spells)
}

// spells makes a person's jobs: one from the day that he finds work, broken at festivals.
func (h *household) spells(p *person, luck float64) (all []spell) {
	from, works := h.params.firstJob(luck)
	if !works {
		return nil
	}
	if from = max(from, h.moved+1+domain.Day(h.r.IntN(30))); from > lastDay {
		return nil
	}
	add := func(from, to domain.Day) {
		all = append(all, spell{
			person: p, placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, h.r.Uint64())},
			from: from, to: to, wage: domain.Some(domain.Fen(200_000 + h.r.IntN(350_000))),
		})
	}
	for _, day := range festivals() {
		left := day - 1 - domain.Day(h.r.IntN(18))
		if left > from+30 && h.r.Float64() < festivalLeavers {
			add(from, left)
			from = day + 14 + domain.Day(h.r.IntN(55))
		}
	}
	add(from, lastDay+1)
	return all
}

// tell records a job's beginning and end.
func (h *household) tell(s *spell) {
	p := s.person.id
	h.about(p.Entity, "job.placed", "hrss", s.from, &domain.JobPlaced{
		Person: p, Placement: s.placement, Employer: "某企业", Channel: h.channel(), PlaceDivision: h.workplace(), WageFenMonth: s.wage,
	})
	h.about(p.Entity, "job.ended", "hrss", s.to, &domain.JobEnded{Person: p, Placement: s.placement, Reason: "returned_home"})
}

// verify lets a clerk verify one job of the household each quarter, each in its turn.
func (h *household) verify(spells []spell) {
	if len(spells) == 0 {
		return
	}
	first := slices.MinFunc(spells, func(a, b spell) int { return int(a.from - b.from) }).from
	turn := 0
	for day := first + 20 + domain.Day(h.r.IntN(60)); day <= lastDay; day += verifyEvery + domain.Day(h.r.IntN(verifySpread)) {
		for range spells {
			s := &spells[turn%len(spells)]
			turn++
			if s.from < day && day < s.to {
				p := s.person.id
				h.about(p.Entity, "job.verified", "hrss", day, &domain.JobVerified{
					Person: p, Placement: s.placement, Still: domain.Yes, Method: "insurance_match", WageFenMonth: s.wage,
				})
				break
			}
		}
	}
}

func (h *household) channel() domain.JobChannel {
	return []domain.JobChannel{"factory", "factory", "factory", "labour_export", "labour_export", "self_found", "workshop", "public_welfare_post"}[h.r.IntN(8)]
}

func (h *household) workplace() domain.Division {
	switch x := h.r.Float64(); {
	case x < h.params.EmploymentPlace.OutsideProvince:
		return []domain.Division{"4403", "3301", "3502", "3205"}[h.r.IntN(4)]
	case x < h.params.EmploymentPlace.OutsideProvince+h.params.EmploymentPlace.OtherCounty:
		return h.county.Division[:4]
	}
	return h.county.Division
}
