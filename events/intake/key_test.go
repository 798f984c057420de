package intake

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A minted id is random: it may look like a mobile number, and is none.
func TestAMintedIDInAKeyIsNoPhoneNumber(t *testing.T) {
	for key, personal := range map[string]bool{
		"visit/h13912345678z/2021-06-30": false, "visit/z13912345678h": true, "visit/hz13912345678": false, "visit/13912345678": true,
		"visit/h13912345678z1": true, "visit/x13912345678z": true, "13912345678/h13912345678z": true,
	} {
		require.Equal(t, personal, keyLooksPersonal(key), key)
	}
}
