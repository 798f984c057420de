package events

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/anju-ledger/anju/domain"
)

// BenchmarkDirectoryMemory learns households as a county has them (four persons with two numbers
// each, a dwelling with an address and a title, two job spells) and reports what the directory
// keeps of each. go test ./events -run xxx -bench DirectoryMemory -benchtime 1x
func BenchmarkDirectoryMemory(b *testing.B) {
	const households = 100_000
	for b.Loop() {
		before := heap()
		d := NewDirectory(plainTag)
		sequence := uint64(0)
		learn := func(home Home, kind *domain.Kind, day domain.Day, f domain.Fact) {
			sequence++
			d.Learn(home, domain.Stamp{Kind: kind, Time: day.Moment(), Place: domain.Place{Province: home.Province, Sequence: sequence}}, f)
			if sequence%1024 == 0 {
				d.Settle(home.Province, sequence)
			}
		}
		community := domain.CommunityID{Entity: domain.MintEntity(domain.CommunityKind, 1)}
		for n := range uint64(households) {
			learnHousehold(learn, community, n)
		}
		d.Settle(52, sequence)
		b.ReportMetric(float64(heap()-before)/households, "B/household")
		runtime.KeepAlive(d)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func learnHousehold(learn func(Home, *domain.Kind, domain.Day, domain.Fact), community domain.CommunityID, n uint64) {
	kind := func(name string) *domain.Kind { k, _ := domain.KindOf(name); return k }
	home := HomeIn("520603003", domain.MintEntity(domain.HouseholdKind, n*0x9E3779B97F4A7C15))
	h := &domain.HouseholdRegistered{Number: domain.OpenPersonal(fmt.Sprintf("520603%06d", n)), Community: community}
	for m := range uint64(4) {
		h.Members = append(h.Members, domain.Member{
			Person: domain.PersonID{Entity: domain.MintEntity(domain.PersonKind, (4*n+m)*0x9E3779B97F4A7C15)},
			Number: domain.OpenPersonal(fmt.Sprintf("520603%06d%02d", n, m)), IDNumber: domain.OpenPersonal(fmt.Sprintf("9901011981%06d%02d", n, m)),
		})
	}
	learn(home, kind("household.registered"), 100, h)
	dwelling := domain.DwellingID{Entity: domain.MintEntity(domain.DwellingKind, n*0x9E3779B97F4A7C15)}
	address := domain.Address{Block: "1", Unit: "2", Room: fmt.Sprint(n)}
	learn(home, kind("dwelling.handed_over"), 100, &domain.DwellingHandedOver{Dwelling: dwelling, Community: community, Address: address})
	learn(home, kind("title.application_accepted"), 200, &domain.TitleApplied{Dwelling: dwelling, ApplicationNo: fmt.Sprintf("YW%08d", n)})
	for k := range uint64(2) {
		learn(home, kind("job.placed"), domain.Day(300+k), &domain.JobPlaced{
			Person: h.Members[k].Person, Placement: domain.PlacementID{Entity: domain.MintEntity(domain.PlacementKind, (2*n+k)*0x9E3779B97F4A7C15)},
		})
	}
}
