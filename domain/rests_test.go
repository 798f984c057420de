package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A ledger in which what opened a matter was voided under what goes on with it tells so, until that is voided, too, or
// another record opens it.
func TestWhatRestsOnAVoidedRecordIsTold(t *testing.T) {
	wrongs := func(s *story) (kinds []DiscrepancyKind, facts []string) {
		for _, c := range NewReader(DefaultParameters()).Contradictions(sampleHousehold.Entity, s.register, nil, day("2021-06-30")) {
			kinds = append(kinds, c.Kind)
			for _, f := range c.Facts {
				facts = append(facts, f.Type)
			}
		}
		return kinds, facts
	}
	titled := func() *story { return registered(worker1).keys("2019-06-01", sampleDwelling) }
	application := &TitleApplied{Dwelling: sampleDwelling, ApplicationNo: "SL1"}
	certificate := &CertificateIssued{Dwelling: sampleDwelling, ApplicationNo: "SL1"}
	s := titled().on("2020-01-01", "title.application_accepted", application)
	applied := s.last()
	s.on("2020-02-01", "title.certificate_issued", certificate)
	issued := s.last()
	kinds, _ := wrongs(s)
	require.Empty(t, kinds)
	s.on("2021-06-01", "record.voided", &RecordVoided{TargetEvent: applied, Reason: "false"})
	kinds, facts := wrongs(s)
	require.Equal(t, []DiscrepancyKind{RestsOnVoided}, kinds)
	require.Equal(t, []string{"title.certificate_issued", "record.voided"}, facts)
	again := s.on("2020-01-15", "title.application_accepted", application).last()
	kinds, _ = wrongs(s)
	require.Empty(t, kinds, "another record opens it")
	s.on("2021-06-02", "record.voided", &RecordVoided{TargetEvent: again, Reason: "false"})
	kinds, _ = wrongs(s)
	require.Equal(t, []DiscrepancyKind{RestsOnVoided}, kinds, "told once")
	s.on("2021-06-03", "record.voided", &RecordVoided{TargetEvent: issued, Reason: "false"})
	kinds, _ = wrongs(s)
	require.Empty(t, kinds)

	for _, f := range []struct {
		opens, goesOn string
		opened, on    Fact
	}{
		{"entitlement.started", "entitlement.ended", &EntitlementStarted{Household: sampleHousehold, Kind: OpenSensitive(EntitlementKind("dibao"))}, &EntitlementEnded{Household: sampleHousehold, Kind: OpenSensitive(EntitlementKind("dibao")), Reason: "income_rose"}},
		{"business.started", "business.closed", &BusinessStarted{Person: pid(1), Kind: "shop"}, &BusinessClosed{Person: pid(1)}},
		{"service.enrolled", "service.left", &ServiceEnrolled{Person: pid(1), Kind: "elderly_care"}, &ServiceLeft{Person: pid(1), Kind: "elderly_care", Reason: "moved"}},
		{"risk.decided", "risk.cleared", &RiskDecided{Case: sampleCase, Class: Borderline}, &RiskCleared{Case: sampleCase, Kind: "cleared"}},
	} {
		s := titled().on("2020-01-01", f.opens, f.opened)
		opened := s.last()
		s.on("2020-02-01", f.goesOn, f.on).on("2021-06-01", "record.voided", &RecordVoided{TargetEvent: opened, Reason: "false"})
		kinds, _ := wrongs(s)
		require.Contains(t, kinds, RestsOnVoided, f.goesOn)
	}
}

// A correction to another household's person, which an earlier door took, is told where the record stands.
func TestACorrectionToAnotherHouseholdIsTold(t *testing.T) {
	other := (&story{}).on("2019-05-10", "household.registered", &HouseholdRegistered{Category: Poor, Members: []Member{{Person: pid(8), Relation: Head}}})
	s := registered(worker1).on("2020-01-01", "job.verified", &JobVerified{Person: pid(1), Still: Yes})
	proof := s.last()
	k := newKin(t, s, other)
	require.Empty(t, k.wrongs(0, "2021-06-30"))
	k = newKin(t, s.corrects(t, proof, "2021-06-01", "job.verified", &JobVerified{Person: pid(8), Still: Yes}), other)
	require.Equal(t, []DiscrepancyKind{CorrectedAway}, k.wrongs(0, "2021-06-30"))
	require.Empty(t, k.wrongs(1, "2021-06-30"))
	k = newKin(t, s.corrects(t, proof, "2021-06-02", "job.verified", &JobVerified{Person: pid(1), Still: No}), other)
	require.Empty(t, k.wrongs(0, "2021-06-30"), "corrected back")
}
