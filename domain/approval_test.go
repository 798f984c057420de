package domain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASourceIsNamedInAnySpelling(t *testing.T) {
	s := Source{"hrss", "520603"}
	for text, want := range map[string]bool{
		"hrss": true, "HRSS": true, "ｈｒｓｓ": true, "520603": true, "hrss/520603": true, "/departments/hrss/520603": true, "hrss.520603": true,
		"人力资源社会保障": true, "human resources and social security": true, "": false, "county": false, "county_520603": false, "hrss_li": false,
		"zhang01": false, "520602": false, "hrss/520602": false, "县级人民政府": false,
	} {
		require.Equal(t, want, s.IsNamedBy(text), text)
	}
	require.Equal(t, "a", ApprovedBy(&RecordVoided{ApprovedBy: "a"}))
	require.Equal(t, "b", ApprovedBy(&RecordCorrected{ApprovedBy: "b"}))
	require.Equal(t, "c", ApprovedBy(&HouseholdSplit{ApprovedBy: "c"}))
	require.Empty(t, ApprovedBy(&PersonDied{}))
}
