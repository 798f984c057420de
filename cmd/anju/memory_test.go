package main

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheRoomForGarbageIsFixed(t *testing.T) {
	for live, percent := range map[uint64]int{
		0: mostPercent, 10 << 20: mostPercent, 96 << 20: 200, 192 << 20: 100, 1 << 30: 18, 64 << 30: leastPercent,
	} {
		require.Equal(t, percent, collectPercent(live), live)
	}
	runtime.GC()
	require.Positive(t, liveHeap())
}
