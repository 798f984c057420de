package domain

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheSampleOfJobPlacedHasTheLengthOfRealEvents puts the sample into the envelope of WIRE §1:
// the benchmarks are run with it, and a real job.placed is about 640 bytes.
func TestTheSampleOfJobPlacedHasTheLengthOfRealEvents(t *testing.T) {
	k, _ := KindOf("job.placed")
	data, err := Encode(k.Sample)
	require.NoError(t, err)
	source := Source{"hrss", "520603"}
	key := "labour/job.placed/" + samplePerson.String() + "/2020-03-05"
	event := fmt.Sprintf(`{"specversion":"1.0","id":"%s","source":"%s","type":"job.placed","dataschema":"%s","subject":"household/%s","time":"2020-03-05T00:00:00+08:00",`+
		`"home":"52.520603","sequence":"00000000000000012345","recordedtime":"2021-06-30T02:11:09.123Z","division":"520603003501","key":"%s","batch":"%s/417",`+
		`"datacontenttype":"application/json","data":%s}`,
		DeriveEventID(source, key), source, k.Schema(), sampleHousehold, key, MintEntity(BatchKind, 7), data)
	require.InDelta(t, 640, len(event), 40)
}
