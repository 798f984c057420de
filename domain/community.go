package domain

// CommunityType says whether a resettlement community lies in a town or in the country.
type CommunityType string

// CommunityForm is how a community governs itself.
type CommunityForm string

// The forms that DOMAIN §4 tells apart.
const (
	OwnCommittee CommunityForm = "own_committee"
	GroupOfHost  CommunityForm = "group_of_host"
)

var (
	_ = enumerate[CommunityType](
		Term{"town", Text{"城镇", "town"}},
		Term{"rural", Text{"农村", "rural"}})
	_ = enumerate[CommunityForm](
		Term{"own_committee", Text{"单独成立居（村）委会", "committee of its own"}},
		Term{"group_of_host", Text{"并入原有居（村）委会", "group of the host committee"}})
)

// CommunityEstablished says that a resettlement community (安置社区) is organised; it creates
// the community when its code is new.
type CommunityEstablished struct {
	Community CommunityID   `json:"community,omitzero" anju:"create" zh:"安置社区"`
	Code      string        `json:"code,omitzero" anju:"required,fold,ref" zh:"社区编码"`
	Name      string        `json:"name,omitzero" anju:"required,fold" zh:"社区名称"`
	Kind      CommunityType `json:"kind,omitzero" anju:"required" zh:"类型"`
	Form      CommunityForm `json:"form,omitzero" anju:"required" zh:"组织形式"`
}

// CommunityRecord is what is known of the file's community from a day on.
type CommunityRecord struct {
	Mark
	Code     string
	Name     string
	Kind     CommunityType
	Form     CommunityForm
	Division Division
}

var _ = define[CommunityEstablished](Kind{
	Name: "community.established", Rank: 420, Area: 3, Home: CommunityKind, Departments: []Department{"civil"},
	Label:  Text{"安置社区成立", "Community established"},
	Effect: Text{"社区：已有组织", "community: organised"},
	Sample: &CommunityEstablished{
		Community: sampleCommunity, Code: "520603001501", Name: "安和社区", Kind: "rural", Form: GroupOfHost,
	},
})

// Check has no rule beyond the fields'.
func (c *CommunityEstablished) Check(*Report) {}

func (c *CommunityEstablished) apply(f *File, s *Stamp) {
	f.Communities = append(f.Communities, CommunityRecord{s.mark(), c.Code, c.Name, c.Kind, c.Form, s.Division})
}
