package domain

import "testing"

func TestHousing(t *testing.T) {
	base := func() *story { return registered(worker1) }
	held := func() *story { return base().keys("2021-01-01", sampleDwelling) }
	requireLevels(t, Housing, []clause{
		{"no keys yet is no home", "", "no_home", base()},
		{"moved away without a new dwelling is no home", "", "no_home", held().moves("2021-06-01", LeftCounty, DwellingID{})},
		{"resettled again without keys is no home", "", "no_home", held().moves("2021-06-01", ResettledAgain, DwellingID{})},
		{"resettled again into a dwelling is keys only", "", "keys_only", held().moves("2021-06-01", ResettledAgain, secondDwelling)},
		{"a dispersed household without a dwelling fact is unknown", "", "unknown", registeredAs("dispersed", worker1)},
		{"a check without keys tells of a dispersed household", "", "lived_in", registeredAs("dispersed", worker1).checked("2021-06-01", DwellingID{}, LivedIn)},
		{"handed over, never checked is keys only", "", "keys_only", held()},
		{"found vacant", "", "vacant", held().checked("2021-06-01", sampleDwelling, Vacant)},
		{"found let out", "", "let_out", held().checked("2021-06-01", sampleDwelling, LetOut)},
		{"found seasonal", "", "seasonal", held().checked("2021-06-01", sampleDwelling, Seasonal)},
		{"found lived in", "", "lived_in", held().checked("2021-06-01", sampleDwelling, LivedIn)},
		{"the latest check counts", "", "vacant", held().checked("2021-05-01", sampleDwelling, LivedIn).checked("2021-06-01", sampleDwelling, Vacant)},
		{"a check is fresh through day 180", "2021-07-30", "lived_in", held().checked("2021-01-31", sampleDwelling, LivedIn)},
		{"and stale from the next", "2021-07-31", "lived_in, stale", held().checked("2021-01-31", sampleDwelling, LivedIn)},
		{"never checked: fresh through 180 days after the keys", "2021-06-30", "keys_only", held()},
		{"and stale from the next", "2021-07-01", "keys_only, stale", held()},
		{"no home does not age", "2025-01-01", "no_home", base()},
		{"a check before the keys does not count", "", "keys_only", base().checked("2020-12-31", sampleDwelling, LivedIn).keys("2021-01-01", sampleDwelling)},
		{"a check of another dwelling does not count", "", "keys_only", held().checked("2021-06-01", secondDwelling, LivedIn)},
		{"keys to a second dwelling replace the first", "", "keys_only", held().checked("2021-02-01", sampleDwelling, LivedIn).keys("2021-03-01", secondDwelling).checked("2021-06-01", sampleDwelling, Vacant)},
		{"keys before the registration count all the same", "", "keys_only", base().keys("2019-05-01", sampleDwelling).checked("2019-05-02", secondDwelling, Vacant).keys("2021-06-01", sampleDwelling)},
	})
}

func TestTitle(t *testing.T) {
	base := func() *story { return registered(worker1) }
	held := func() *story { return base().keys("2019-06-01", sampleDwelling) }
	apply := func(s *story, date string) *story {
		return s.on(date, "title.application_accepted", &TitleApplied{Dwelling: sampleDwelling})
	}
	issue := func(s *story, date string) *story {
		return s.on(date, "title.certificate_issued", &CertificateIssued{Dwelling: sampleDwelling})
	}
	requireLevels(t, Title, []clause{
		{"before the keys it is not applicable", "2019-05-31", "n/a", held()},
		{"from the keys on none", "2019-06-01", "none", held()},
		{"an application accepted is in process", "", "in_process", apply(held(), "2021-01-01")},
		{"a certificate is issued", "", "issued", issue(apply(held(), "2021-01-01"), "2021-02-01")},
		{"a later application does not take it back", "", "issued", apply(issue(held(), "2021-01-01"), "2021-02-01")},
		{"a step before the keys does not count", "", "none", held().on("2019-05-20", "title.application_accepted", &TitleApplied{Dwelling: sampleDwelling})},
		{"that of another dwelling does not count", "", "none", held().on("2021-01-01", "title.certificate_issued", &CertificateIssued{Dwelling: secondDwelling})},
		{"moved away it is not applicable", "", "n/a", issue(held(), "2021-01-01").moves("2021-06-01", LeftCounty, DwellingID{})},
		{"a title does not age", "2030-01-01", "issued", issue(held(), "2021-01-01")},
	})
}

func TestIndustry(t *testing.T) {
	link := func(until string) *story {
		l := &HouseholdLinked{Household: sampleHousehold, Project: sampleProject, Kind: "wage"}
		if until != "" {
			l.Until = DateOf(day(until))
		}
		return registered(worker1).on("2021-01-01", "industry.household_linked", l)
	}
	requireLevels(t, Industry, []clause{
		{"no link is none", "", "none", registered(worker1)},
		{"before its day a link is none", "2020-12-31", "none", link("")},
		{"a link without an end is linked", "", "linked", link("")},
		{"through its until", "2021-06-30", "linked", link("2021-06-30")},
		{"and not from the next day", "2021-07-01", "none", link("2021-06-30")},
	})
}
