package export_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections/export"
)

// ocel is the shape that the OCEL 2.0 schema asks for; members beyond it are refused.
type ocel struct {
	ObjectTypes []ocelType `json:"objectTypes"`
	EventTypes  []ocelType `json:"eventTypes"`
	Events      []struct {
		ID            string      `json:"id"`
		Type          string      `json:"type"`
		Time          string      `json:"time"`
		Attributes    []ocelValue `json:"attributes"`
		Relationships []struct {
			Object    string `json:"objectId"`
			Qualifier string `json:"qualifier"`
		} `json:"relationships"`
	} `json:"events"`
	Objects []struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	} `json:"objects"`
}

type ocelType struct {
	Name       string `json:"name"`
	Attributes []struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"attributes"`
}

type ocelValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func testOCEL(t *testing.T, ledger exported) {
	dir := filepath.Join(t.TempDir(), "out")
	o := export.Order{Tables: []string{"ocel"}, Format: export.Parquet, AsOf: domain.NoDay}
	m, err := export.Write(t.Context(), ledger.source(), o, dir, nil)
	require.NoError(t, err)
	var log ocel
	require.NoError(t, json.Unmarshal([]byte(files(t, dir)["ocel.json"]), &log, json.RejectUnknownMembers(true)))
	all := recorded(t, ledger.Ledger)
	require.Len(t, log.Events, len(all))
	require.Equal(t, int64(len(all)), m.Tables[0].Rows)

	attributes := map[string]map[string]bool{} // by type of event
	for _, k := range log.EventTypes {
		attributes[k.Name] = map[string]bool{}
		for _, a := range k.Attributes {
			attributes[k.Name][a.Name] = true
		}
	}
	objectTypes := map[string]bool{}
	for _, k := range log.ObjectTypes {
		objectTypes[k.Name] = true
	}
	objects := map[string]bool{}
	for _, obj := range log.Objects {
		require.True(t, objectTypes[obj.Type], obj.Type)
		require.False(t, objects[obj.ID], "an object stands in it once")
		objects[obj.ID] = true
	}
	for i, e := range log.Events {
		require.Equal(t, all[i].ID.String(), e.ID)
		at, err := time.Parse(time.RFC3339, e.Time)
		require.NoError(t, err)
		require.True(t, at.Equal(all[i].Time.Time()))
		require.NotNil(t, attributes[e.Type], e.Type)
		for _, a := range e.Attributes {
			require.True(t, attributes[e.Type][a.Name], "%s.%s", e.Type, a.Name)
		}
		require.NotEmpty(t, e.Relationships)
		for _, r := range e.Relationships {
			require.True(t, objects[r.Object], r.Object)
			require.NotEmpty(t, r.Qualifier)
		}
	}
}
