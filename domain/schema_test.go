package domain

import (
	"regexp"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"
)

func TestSchemasAcceptTheSamplesAndRefuseOtherFields(t *testing.T) {
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			text := k.JSONSchema()
			require.Equal(t, string(text), string(k.JSONSchema()), "the same bytes at every call")
			var s jsonschema.Schema
			require.NoError(t, json.Unmarshal(text, &s))
			s.ID = "" // anju:… is a name, not a place to load from
			resolved, err := s.Resolve(nil)
			require.NoError(t, err)

			var sample map[string]any
			data, err := Encode(k.Sample)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(data, &sample))
			require.NoError(t, resolved.Validate(sample))

			sample["surprise"] = "1"
			require.Error(t, resolved.Validate(sample))
		})
	}
}

func TestSchemasTellClassesTermsAndTheDoor(t *testing.T) {
	k, _ := KindOf("household.member_joined")
	var s struct {
		ID         string `json:"$id"`
		Properties struct {
			Member struct {
				Properties map[string]struct {
					Class string `json:"x-class"`
					Door  string `json:"x-door"`
					ZH    string `json:"x-title-zh"`
					Terms []Term `json:"x-terms"`
				} `json:"properties"`
			} `json:"member"`
		} `json:"properties"`
	}
	require.NoError(t, json.Unmarshal(k.JSONSchema(), &s))
	require.Equal(t, "anju:household.member_joined/2", s.ID)
	member := s.Properties.Member.Properties
	require.Equal(t, "personal", member["id_number"].Class)
	require.Equal(t, "sensitive", member["health"].Class)
	require.Equal(t, "open", member["relation"].Class)
	require.Equal(t, "creates", member["person"].Door)
	require.Equal(t, "与户主关系", member["relation"].ZH)
	require.Equal(t, Term{"head", Text{"户主", "head"}}, member["relation"].Terms[0])
}

func TestSchemaPatternsAgreeWithTheParsers(t *testing.T) {
	id := regexp.MustCompile("^[" + kindLetters + "]" + idPattern)
	for _, s := range []string{"p3v7k2m9qx4w1", "h000000000000", "piiiiiiiiiiii", "pooooooooooo", "p3v7k2m9qx4wu", "x3v7k2m9qx4w1", "P3v7k2m9qx4w1"} {
		_, err := ParseEntity(s)
		require.Equal(t, err == nil, id.MatchString(s), s)
	}
	event := regexp.MustCompile(eventPattern)
	for _, s := range []string{"0192f3c1-0000-7000-8000-000000000001", "0192F3C1-0000-7000-8000-000000000001", "0192f3c1-0000-7000-c000-000000000001"} {
		_, err := ParseEventID(s)
		require.Equal(t, err == nil, event.MatchString(s), s)
	}
	require.True(t, jsontext.Value(mustEncode(schema{})).IsValid())
}
