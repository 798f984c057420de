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
		"undo/i7k2m9qx4w1tz/record.voided/215bfa49-e802-86c6-b7f9-139123456789": false, "void/215bfa49-e802-86c6-b7f9-13912345678": true,
		"undo/215bfa49-e802-86c6-b7f9-a13912345678": false,
	} {
		require.Equal(t, personal, keyLooksPersonal(key), key)
	}
}
