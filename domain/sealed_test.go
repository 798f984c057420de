package domain

import (
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
)

type boxed struct {
	Name  PersonalBox[string]           `json:"name,omitzero"`
	Found SensitiveBox[[]VisitFinding]  `json:"found,omitzero"`
	Kind  SensitiveBox[EntitlementKind] `json:"kind,omitzero"`
}

func TestBoxesAreReadOpenAndClosed(t *testing.T) {
	cases := []struct{ name, json string }{
		{"open", `{"name":"某甲","found":["ill","other"],"kind":"dibao"}`},
		{"closed", `{"name":{"sealed":"AQID"},"found":{"sealed":"BAUG"},"kind":{"sealed":"Bwg"}}`},
		{"some closed", `{"name":{"sealed":"AQID"},"kind":"pension"}`},
		{"absent", `{}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var b boxed
			require.NoError(t, json.Unmarshal([]byte(c.json), &b))
			again, err := json.Marshal(b)
			require.NoError(t, err)
			require.Equal(t, c.json, string(again))
		})
	}
}

func TestBoxesGiveTheirValueOnlyWhileOpen(t *testing.T) {
	open := boxed{Name: OpenPersonal("某甲"), Found: OpenSensitive([]VisitFinding{"ill"})}
	name, ok := open.Name.Value()
	require.True(t, ok)
	require.Equal(t, "某甲", name)
	found, ok := open.Found.Value()
	require.True(t, ok)
	require.Equal(t, []VisitFinding{"ill"}, found)
	_, ok = PersonalBox[string]{Box{Sealed: "AQID"}}.Value()
	require.False(t, ok)
	_, ok = PersonalBox[string]{Box{Erased: true}}.Value()
	require.False(t, ok)
	require.False(t, Box{Erased: true}.IsZero(), "an erased field was once there")
	_, ok = PersonalBox[string]{Box{Plain: []byte("17")}}.Value()
	require.False(t, ok, "a number is no text")
}

func TestBoxesOfAnotherFormAreRefused(t *testing.T) {
	for _, s := range []string{`{"name":{"sealed":""}}`, `{"name":{"sealed":"AQID","more":1}}`, `{"name":{"plain":"x"}}`, `{"name":{}}`} {
		require.Error(t, json.Unmarshal([]byte(s), &boxed{}), s)
	}
}

func TestNoughtIsAStatement(t *testing.T) {
	var v struct {
		Wage Opt[Fen] `json:"wage,omitzero"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"wage":0}`), &v))
	require.True(t, v.Wage.OK)
	b, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{"wage":0}`, string(b))
	v.Wage = Opt[Fen]{}
	require.Equal(t, Fen(7), v.Wage.Or(7))
	b, err = json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, `{}`, string(b))
}
