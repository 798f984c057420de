package events

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatRecordsNothingMakesNoStream: refused drafts, and dry runs, which answer by an error, leave a province
// as it was.
func TestWhatRecordsNothingMakesNoStream(t *testing.T) {
	for name, config := range map[string]Config{"memory": {}, "folder": {Dir: t.TempDir(), Port: -1}} {
		t.Run(name, func(t *testing.T) {
			l, err := Open(t.Context(), config)
			require.NoError(t, err)
			defer func() { require.NoError(t, l.Close()) }()
			no := errors.New("no")
			for _, set := range []bool{false, true} {
				outcomes, err := l.Append(t.Context(), 52, set, []Draft{&testDraft{key: "a", refuse: no}, &testDraft{key: "b", refuse: no}})
				require.NoError(t, err)
				require.ErrorIs(t, outcomes[0].Err, no)
				require.ErrorIs(t, outcomes[1].Err, no)
				require.Empty(t, l.Streams())
				require.Empty(t, l.Provinces())
			}
			outcomes, err := l.Append(t.Context(), 52, true, []Draft{&testDraft{key: "a"}, &testDraft{key: "b", refuse: no}}) // its first part is sound
			require.NoError(t, err)
			require.ErrorIs(t, outcomes[0].Err, no)
			require.Empty(t, l.Streams())
			require.Empty(t, l.Provinces())
			outcomes, err = l.Append(t.Context(), 52, false, []Draft{&testDraft{key: "a", refuse: no}, &testDraft{key: "b"}})
			require.NoError(t, err)
			require.ErrorIs(t, outcomes[0].Err, no)
			require.EqualValues(t, 1, outcomes[1].Receipt.Sequence)
			require.Len(t, l.Streams(), 1)
		})
	}
}
