package sample

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/anju-ledger/anju/domain"
)

// A county has so many relocated households.
const (
	smallestCounty = 5_000
	largestCounty  = 20_000
)

// Nation spreads households over counties: those given, evenly, or else real counties drawn from
// the provinces in proportion to their relocated people. More households go on where fewer ended:
// the counties of a smaller nation are filled first, and only its last one grows.
func Nation(seed uint64, households int, divisions ...domain.Division) []*County {
	if len(divisions) > 0 {
		return evenly(seed, households, divisions)
	}
	p := readParams()
	r := rand.New(rand.NewPCG(seed, 5))
	taken := map[domain.Division]bool{}
	var counties []*County
	for households > 0 {
		size := smallestCounty + r.IntN(largestCounty-smallestCounty+1)
		division := p.drawCounty(r, taken)
		if division == "" {
			break // every county of the land is full, with ten times the households that were moved
		}
		taken[division] = true
		counties = append(counties, NewCounty(division, seed, min(size, households)))
		households -= size
	}
	return counties
}

// evenly gives each division its share, the first ones what is left over.
func evenly(seed uint64, households int, divisions []domain.Division) []*County {
	var counties []*County
	for i, division := range divisions {
		n := households / len(divisions)
		if i < households%len(divisions) {
			n++
		}
		if n > 0 {
			counties = append(counties, NewCounty(division, seed, n))
		}
	}
	return counties
}

// drawCounty draws a county that is not taken: its province by the number of its relocated
// households. "" when there is none left.
func (p *params) drawCounty(r *rand.Rand, taken map[domain.Division]bool) domain.Division {
	provinces := slices.Sorted(maps.Keys(p.ProvincePeople))
	for len(provinces) > 0 {
		i := p.drawProvince(r, provinces)
		var free []domain.Division
		for _, city := range provinces[i].Children() {
			for _, county := range city.Children() {
				if len(county) == 6 && !taken[county] {
					free = append(free, county)
				}
			}
		}
		if len(free) > 0 {
			return free[r.IntN(len(free))]
		}
		provinces = slices.Delete(provinces, i, i+1)
	}
	return ""
}

// drawProvince returns the index of a province, in proportion to its households.
func (p *params) drawProvince(r *rand.Rand, provinces []domain.Division) int {
	households := func(d domain.Division) float64 { return p.ProvincePeople[d] / p.size(d) }
	sum := 0.0
	for _, d := range provinces {
		sum += households(d)
	}
	x := r.Float64() * sum
	for i, d := range provinces {
		if x -= households(d); x < 0 {
			return i
		}
	}
	return len(provinces) - 1
}
