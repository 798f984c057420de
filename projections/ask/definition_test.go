package ask

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
)

// Of three labour households a is verified, b placed and never verified, c without work. In force one of three is
// employed, 33.3%; where a placement counts as employment two are, 66.7%. d has no labour.
func TestEmploymentRate(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c"} {
		v.household(name, "2018-09-01", "ordinary")
	}
	v.household("d", "2018-09-01", "none")
	v.placed("a.w", "a.1", "2021-05-01")
	v.said("a.v", "a.1", "a.w", "2021-06-01", "yes")
	v.placed("b.w", "b.1", "2021-06-01")
	a, err := v.ask("employment-rate", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{"anju-2021-1|3|1|33.3"}, v.written(*a.Summary))
	require.Empty(t, a.Rows)

	file, err := os.ReadFile("../../docs/employed-placed.json")
	require.NoError(t, err)
	set, wrong := domain.ParseParameters(file)
	require.Empty(t, wrong)
	require.NoError(t, v.views.Build(set))
	a, err = v.ask("21", "2021-06-30", "parameters=employed-placed")
	require.NoError(t, err)
	require.Equal(t, []string{"employed-placed|3|2|66.7", "anju-2021-1|3|1|33.3"}, v.written(*a.Summary))
	require.Equal(t, []string{"b|yes|no|placed|placed"}, v.written(a.Table))
	require.Equal(t, "employed-placed", a.Parameters)
	require.Equal(t, []string{"b|no|yes|placed|placed"}, v.rows("21", "2021-06-30", "with=employed-placed"))
	r := v.refusal("21", "with=nothing")
	require.Equal(t, []string{"with", "nothing"}, []string{r.Field, r.Value})
}
