package main

import (
	"archive/tar"
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain"
	"github.com/anju-ledger/anju/projections"
	standing "github.com/anju-ledger/anju/projections/ask"
)

// testDowns follows the way down of every question, as known by the moment between the facts, before all of them and
// now, by both sets: it lists what the rows count.
func testDowns(t *testing.T, url, moment string) {
	met := map[int]bool{}
	for _, axes := range []string{"", "&known_at=" + moment, "&known_at=2020-01-01", "&known_at=" + moment + "&parameters=employed-placed"} {
		for _, q := range standing.Questions() {
			var a standing.Answer
			if resp := getBody(t, url+"/v1/questions/"+q.Name+"?as_of=2021-06-30&division=520603"+axes, &a); resp != http.StatusOK || a.Down == "" {
				continue // it has to be given something, or its rows name what they rest on
			}
			met[q.Number] = true
			for address, want := range countedBelow(t, &a) {
				require.Contains(t, address, "&known_at="+a.KnownAt.String(), q.Name)
				require.Equal(t, want, listedAt(t, url+address), "%s%s: %s", q.Name, axes, address)
			}
		}
	}
	require.Equal(t, map[int]bool{1: true, 6: true, 20: true, 24: true}, met)
}

// countedBelow are the addresses that an answer leads to, and how much each lists.
func countedBelow(t *testing.T, a *standing.Answer) map[string]int {
	t.Helper()
	sum := func(name string, rows []standing.Row) (n int) {
		for k, c := range a.Columns {
			for i := range rows {
				if c.Name == name {
					n += int(rows[i].Cells[k].Number)
				}
			}
		}
		return n
	}
	switch a.Number {
	case 1:
		all := map[string]int{}
		for i, r := range a.Rows {
			all[strings.Replace(a.Down, "…", r.Cells[0].Code, 1)] = sum("households", a.Rows[i:i+1])
		}
		return all
	case 6:
		return map[string]int{a.Down: sum("vacant", a.Rows)}
	case 20:
		return map[string]int{a.Down: sum("titled", a.Rows[len(a.Rows)-1:])}
	case 24:
		return map[string]int{a.Down: sum("facts", a.Rows)}
	}
	require.FailNow(t, "nobody said what the way down lists", a.Question)
	return nil
}

// listedAt counts what an address lists: households, or the facts of an export that are not the ledger's own acts.
func listedAt(t *testing.T, address string) (n int) {
	t.Helper()
	if !strings.Contains(address, "/v1/export") {
		var list projections.HouseholdList
		require.Equal(t, http.StatusOK, getBody(t, address+"&limit=1000", &list), address)
		require.Empty(t, list.Cursor, "the county has fewer")
		return len(list.Households)
	}
	resp, err := http.Get(address)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode, address)
	for files := tar.NewReader(resp.Body); ; {
		head, err := files.Next()
		if err == io.EOF {
			return n
		}
		require.NoError(t, err)
		if !strings.HasPrefix(head.Name, "facts") {
			continue
		}
		for lines := bufio.NewScanner(files); lines.Scan(); {
			var fact struct{ Type string }
			require.NoError(t, json.Unmarshal(lines.Bytes(), &fact, json.MatchCaseInsensitiveNames(true)))
			if kind, known := domain.KindOf(fact.Type); known && kind.Area != ownArea {
				n++
			}
		}
	}
}

// ownArea is the area of the ledger's own acts.
const ownArea = 9

func getBody(t *testing.T, address string, into any) (status int) {
	t.Helper()
	resp, err := http.Get(strings.ReplaceAll(address, "…", ""))
	require.NoError(t, err)
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		require.NoError(t, json.UnmarshalRead(resp.Body, into))
	}
	return resp.StatusCode
}
