package domain

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// told is one fact of a random history, with the homes that it concerns.
type told struct {
	stamp Stamp
	fact  Fact
	homes []Entity
}

// village is a random history of three households that meet, of a community and of a project.
type village struct {
	r    *rand.Rand
	told []told
}

var (
	villageCommunity = MintEntity(CommunityKind, 5)
	villageProject   = MintEntity(ProjectKind, 5)
)

func villageHome(n int) Entity { return MintEntity(HouseholdKind, uint64(n+1)) }

func (v *village) tell(subject Entity, d Day, kind string, f Fact) {
	k, ok := KindOf(kind)
	if !ok {
		panic(kind)
	}
	n := uint64(len(v.told) + 1)
	s := Stamp{Time: d.Moment(), Kind: k, Place: Place{52, n}, ID: EventID{3, byte(n >> 8), byte(n), 8: 0x80}, Source: Source{"rural", "520603"}, Division: "520603001", Subject: subject}
	if n%3 == 0 {
		s.Key = "test/" + kind + "/" + subject.String() + "/" + d.String() + "/" + string(rune('a'+n%26)) + string(rune('a'+n/26%26))
		s.ID = DeriveEventID(s.Source, s.Key)
	}
	homes := []Entity{subject}
	if wide, ok := f.(interface{ Touches() []Entity }); ok {
		homes = append(homes, wide.Touches()...)
	}
	v.told = append(v.told, told{s, f, homes})
}

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

func (v *village) when() Day { return MakeDay(2019, 5, 1) + Day(v.r.IntN(900)) }

// newVillage tells a history without sense: the rules must hold on it all the same.
func newVillage(seed uint64) *village {
	v := &village{r: rand.New(rand.NewPCG(seed, 9))}
	r := v.r
	v.tell(villageCommunity, MakeDay(2019, 1, 1)+Day(r.IntN(600)), "community.established", &CommunityEstablished{Community: CommunityID{villageCommunity}, Code: "c", Name: "n", Kind: "town", Form: OwnCommittee})
	if r.IntN(2) == 0 {
		v.tell(villageProject, v.when(), "industry.project_changed", &ProjectChanged{Project: ProjectID{villageProject}, Code: "p", Stage: ProjectEnded})
	}
	for n := range 3 {
		var members []Member
		for i := range 1 + r.IntN(3) {
			m := Member{Person: pid(n*3 + i + 1), Relation: "child", BirthMonth: MakeMonth(1955+r.IntN(60), 1+r.IntN(12)), LabourClass: pick(r, Skilled, Ordinary, Weak, NoLabour, "")}
			m.IDNumber.Tag = uint64(r.IntN(8))
			if r.IntN(5) == 0 {
				m.BirthMonth = 0
			}
			members = append(members, m)
		}
		members[0].Relation = Head
		v.tell(villageHome(n), MakeDay(2019, 5, 1)+Day(r.IntN(40)), "household.registered", &HouseholdRegistered{
			Category: Poor, SettlementMode: pick[SettlementMode](r, "concentrated", "dispersed"), Community: CommunityID{villageCommunity}, Members: members,
		})
	}
	for range 20 + r.IntN(90) {
		home := r.IntN(3)
		if r.IntN(2) == 0 {
			v.work(home)
		} else if r.IntN(3) > 0 {
			v.life(home)
		} else {
			v.people(home)
		}
	}
	v.acts()
	return v
}

func (v *village) work(home int) {
	r, d, e := v.r, v.when(), villageHome(home)
	p, w := pid(1+r.IntN(9)), wid(1+r.IntN(6))
	if r.IntN(2) == 0 {
		p = pid(home*3 + 1 + r.IntN(3))
	}
	switch r.IntN(8) {
	case 0, 1:
		v.tell(e, d, "job.placed", &JobPlaced{Person: p, Placement: w})
	case 2, 3:
		v.tell(e, d, "job.verified", &JobVerified{Person: p, Placement: pick(r, w, w, PlacementID{}), Still: pick(r, Yes, Yes, No, No, NotKnown)})
	case 4:
		v.tell(e, d, "job.ended", &JobEnded{Person: p, Placement: w})
	case 5:
		v.tell(e, d, "business.started", &BusinessStarted{Person: p, Kind: "shop"})
	case 6:
		v.tell(e, d, "business.closed", &BusinessClosed{Person: p})
	case 7:
		v.tell(e, d, "job.wanted", &JobWanted{Person: p, Wish: "work"})
	}
}

func (v *village) life(home int) {
	r, d, e := v.r, v.when(), villageHome(home)
	p, dwelling := pid(home*3+1+r.IntN(3)), DwellingID{MintEntity(DwellingKind, uint64(r.IntN(3)))}
	until := DateOf(v.when())
	if r.IntN(2) == 0 {
		until = 0
	}
	switch r.IntN(17) {
	case 0:
		v.tell(e, d, "dwelling.handed_over", &DwellingHandedOver{Dwelling: dwelling, Community: CommunityID{villageCommunity}})
	case 1, 2:
		v.tell(e, d, "dwelling.occupancy_checked", &OccupancyChecked{Dwelling: pick(r, dwelling, DwellingID{}), State: pick(r, LivedIn, LivedIn, Vacant, LetOut, Seasonal)})
	case 3:
		v.tell(e, d, "title.application_accepted", &TitleApplied{Dwelling: dwelling})
	case 4:
		v.tell(e, d, "title.certificate_issued", &CertificateIssued{Dwelling: dwelling})
	case 5:
		y := 2018 + r.IntN(4)
		v.tell(e, d, "income.declared", &IncomeDeclared{Year: int32(y), Persons: 1, WageFen: Some(Fen(300_000 + r.IntN(1_000_000))), TransferFen: Some(Fen(r.IntN(200_000)))})
	case 6:
		v.tell(e, d, "visit.made", &VisitMade{Purpose: "routine", Found: OpenSensitive([]VisitFinding{pick[VisitFinding](r, "ill", ChildNotInSchool)}), Person: pick(r, p, PersonID{}), NextDue: until})
	case 7, 8:
		v.tell(e, d, "service.enrolled", &ServiceEnrolled{Person: p, Kind: pick[ServiceKind](r, PrimarySchool, JuniorSchool, "senior", FamilyDoctor, FamilyDoctor, "kindergarten")})
	case 9:
		v.tell(e, d, "service.left", &ServiceLeft{Person: p, Kind: pick(r, PrimarySchool, FamilyDoctor), Reason: pick(r, Graduated, DroppedOut)})
	case 10:
		k := CaseID{MintEntity(CaseKind, uint64(home*2+r.IntN(2)))}
		v.tell(e, d, "risk.flagged", &RiskFlagged{Case: k, Source: "grid"})
		v.tell(e, d+Day(r.IntN(40)), "risk.decided", &RiskDecided{Case: k, Class: pick(r, Unstable, Borderline, SuddenHardship, NoCase)})
		v.tell(e, d+Day(r.IntN(60)), "help.planned", &HelpPlanned{Case: k})
		v.tell(e, d+Day(r.IntN(200)), "risk.cleared", &RiskCleared{Case: k, Kind: "cleared"})
	case 11:
		v.tell(e, d, "entitlement.started", &EntitlementStarted{Person: pick(r, p, PersonID{}), Kind: OpenSensitive(pick[EntitlementKind](r, "dibao", "pension", "tekun")), Until: until})
	case 12:
		v.tell(e, d, "entitlement.ended", &EntitlementEnded{Person: pick(r, p, PersonID{}), Kind: OpenSensitive(pick[EntitlementKind](r, "dibao", "pension"))})
	case 13:
		v.tell(e, d, "benefit.paid", &BenefitPaid{Person: p, Kind: OpenSensitive[EntitlementKind]("dibao"), AmountFen: Some[Fen](1), Period: pick(r, 0, MakeMonth(2020, 1+r.IntN(20)))})
	case 14:
		g := GrievanceID{MintEntity(GrievanceKind, uint64(r.IntN(3)))}
		v.tell(e, d, "grievance.filed", &GrievanceFiled{Grievance: g, Kind: "title", Due: until})
		v.tell(e, v.when(), "grievance.resolved", &GrievanceResolved{Grievance: g, Outcome: "settled"})
	case 15:
		v.tell(e, d, "homestead.checked", &HomesteadChecked{Homestead: HomesteadID{MintEntity(HomesteadKind, uint64(r.IntN(2)))}, State: pick[HomesteadCondition](r, "empty", HomesteadInUse, "used_for_production")})
	case 16:
		v.tell(e, d, "industry.household_linked", &HouseholdLinked{Household: HouseholdID{e}, Project: ProjectID{villageProject}, Kind: "wage", Until: until})
	}
}

func (v *village) people(home int) {
	r, d, e := v.r, v.when(), villageHome(home)
	p, other := pid(home*3+1+r.IntN(3)), (home+1+r.IntN(2))%3
	switch r.IntN(12) {
	case 0, 1:
		v.tell(e, d, "household.member_left", &MemberLeft{Person: p, Reason: "marriage", MovedToHousehold: HouseholdID{villageHome(other)}})
		v.tell(villageHome(other), d+Day(r.IntN(20)), "household.member_joined", &MemberJoined{Member: Member{Person: p, Relation: "spouse"}, Reason: "marriage", FromHousehold: HouseholdID{e}})
	case 2:
		v.tell(e, d, "household.member_left", &MemberLeft{Person: p, Reason: "moved"})
	case 3, 4:
		m := Member{Person: p, Relation: "child", LabourClass: pick(r, Ordinary, ""), BirthMonth: pick(r, 0, MakeMonth(1990+r.IntN(25), 2))}
		v.tell(e, d, "household.member_joined", &MemberJoined{Member: m, Reason: "return"})
	case 5:
		v.tell(e, d, "person.died", &PersonDied{Person: p})
	case 6:
		v.tell(e, d, "household.moved", &HouseholdMoved{Kind: pick(r, ReturnedToOrigin, LeftCounty, ResettledAgain), Dwelling: pick(r, DwellingID{}, DwellingID{MintEntity(DwellingKind, 2)})})
	case 7:
		v.tell(e, d, "person.profile_updated", &ProfileUpdated{Person: p, LabourClass: pick(r, Skilled, Weak, NoLabour)})
	case 8:
		v.tell(e, d, "hukou.changed", &HukouChanged{Person: p, Kind: pick(r, "moved", KeptAtOrigin)})
	case 9:
		if r.IntN(3) == 0 {
			v.tell(e, d, "household.merged", &HouseholdMerged{Into: HouseholdID{e}, From: []HouseholdID{{villageHome(other)}}, Reason: "care"})
		}
	case 10:
		if r.IntN(2) == 0 {
			v.tell(e, d, "household.split", &HouseholdSplit{Children: []Child{{Household: HouseholdID{villageHome(3 + home)}, Members: []PersonID{p}, Dwelling: pick(r, DwellingID{}, DwellingID{MintEntity(DwellingKind, 1)})}}})
		}
	case 11:
		if r.IntN(4) == 0 {
			v.tell(e, d, "household.closed", &HouseholdClosed{Reason: "extinct"})
		}
	}
}

// acts voids and corrects some of what was told, and voids some of the acts.
func (v *village) acts() {
	r := v.r
	for range r.IntN(6) {
		t := v.told[r.IntN(len(v.told))]
		subject := t.homes[0]
		day := v.when()
		if r.IntN(3) == 0 {
			v.tell(subject, day, "record.disputed", &RecordDisputed{TargetEvent: t.stamp.ID, Claim: "not_so"})
			v.told[len(v.told)-1].homes = t.homes
			continue
		}
		if r.IntN(2) == 0 || t.stamp.Kind.Home == 0 {
			v.tell(subject, day, "record.voided", &RecordVoided{TargetEvent: t.stamp.ID, Reason: "false"})
			v.told[len(v.told)-1].homes = t.homes
			continue
		}
		c := &RecordCorrected{TargetEvent: t.stamp.ID, Reason: "typo"}
		if err := c.Carry(t.stamp.Kind, t.fact); err != nil {
			panic(err)
		}
		v.tell(subject, day, "record.corrected", c)
		v.told[len(v.told)-1].homes = t.homes
	}
}

// registers are those of all homes, of the facts up to a day, in a random order of arrival. An
// act counts from its target's day on, so that all acts are in.
func (v *village) registers(until Day) map[Entity]Register {
	all := map[Entity]Register{}
	for _, i := range v.r.Perm(len(v.told)) {
		t := v.told[i]
		if t.stamp.Day() > until && t.stamp.Kind.Home != 0 {
			continue
		}
		for _, home := range t.homes {
			all[home], _ = all[home].Insert(t.fact, t.stamp)
		}
	}
	return all
}

// TestNeighboursChangeNothingOfThePromises is the property of one household's history over
// households that meet: any order of arrival, steps as the status of every day,
// and nothing later counts.
func TestNeighboursChangeNothingOfThePromises(t *testing.T) {
	p := DefaultParameters()
	for seed := range uint64(60) {
		v := newVillage(seed)
		whole := foldAll(v.registers(farDay))
		again := foldAll(v.registers(farDay))
		at := MakeDay(2019, 4, 20) + Day(v.r.IntN(950))
		part := foldAll(v.registers(at))
		for home, f := range whole {
			if home.Kind() != HouseholdKind {
				continue
			}
			if part[home] != nil {
				require.Equal(t, Status(part[home], part, at, p), Status(f, whole, at, p), "seed %d %s at %s", seed, home, at)
			}
			steps := Steps(nil, f, whole, p)
			require.Equal(t, steps, Steps(nil, again[home], again, p), "seed %d %s", seed, home)
			for d := MakeDay(2019, 4, 1); d < MakeDay(2022, 6, 1); d += 1 + Day(v.r.IntN(9)) {
				require.Equal(t, Status(f, whole, d, p).State, WordAt(steps, d).State(), "seed %d %s on %s", seed, home, d)
			}
		}
	}
}
