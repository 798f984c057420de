package witness

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzRefusal reads what any server may answer as a witness.
func FuzzRefusal(f *testing.F) {
	f.Add(http.StatusConflict, []byte("3\n"))
	f.Add(http.StatusConflict, []byte("03"))
	f.Add(http.StatusForbidden, []byte("no \xff"))
	f.Fuzz(func(t *testing.T, status int, answer []byte) {
		err := refusalOf(status, answer)
		require.Error(t, err)
		var r *Refusal
		if !errors.As(err, &r) {
			require.Equal(t, http.StatusConflict, status)
			return
		}
		require.Equal(t, status, r.Status)
		require.True(t, utf8.ValidString(r.Text))
		if status == http.StatusConflict {
			again := refusalOf(status, fmt.Appendf(nil, "%d\n", r.Size))
			require.Equal(t, err, again)
		}
	})
}
