// Package county is the sample county's department files, as they come: eleven files in the
// forms, and with the faults, that real ones have, and truth.json, what a correct import of them
// gives at 2021-06-30. Names are placeholders and ID numbers use an unassigned area code;
// README.md beside the files describes every column. The demo imports them; tests compare.
package county

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed *.csv *.xlsx truth.json README.md
var files embed.FS

// Division is the county's code.
const Division = "520603"

// Names returns the names of the department files, in the order in which they are imported.
func Names() []string {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		panic("county: " + err.Error()) // embedded: cannot happen
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".csv") || strings.HasSuffix(e.Name(), ".xlsx") {
			names = append(names, e.Name())
		}
	}
	return names
}

// File returns one of the files, or truth.json; the caller may change the copy. It panics on a
// name that is none of them.
func File(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("county: " + err.Error())
	}
	return b
}
