package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// What a ledger keeps in memory is large and mostly without pointers, and what it makes on the way
// is short-lived. A collection in percent of what lives would come all the time in a small ledger
// and leave a third of its memory to garbage in a large one; so the room for garbage is fixed.
const (
	garbageRoom  = 192 << 20 // bytes between two collections
	leastPercent = 8         // a nation's ledger still gets this much room
	mostPercent  = 400
	tunedEvery   = 5 * time.Second

	// JetStream keeps the subjects of a block that is written for two minutes after the last use.
	blocksIdle = int(3 * time.Minute / tunedEvery) // in rounds
)

// tuneCollector keeps the room for garbage what it should be until ctx ends, and gives memory back
// to the system when nothing was recorded for a while.
func (n *node) tuneCollector(ctx context.Context) {
	tick := time.NewTicker(tunedEvery)
	defer tick.Stop()
	before, quiet := n.durable(), blocksIdle
	for {
		debug.SetGCPercent(collectPercent(liveHeap()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := n.durable()
		if quiet++; now != before {
			quiet = 0
		}
		if before = now; quiet == 1 || quiet == blocksIdle {
			debug.FreeOSMemory()
		}
	}
}

// durable is how many events the streams hold together.
func (n *node) durable() (sum uint64) {
	for _, st := range n.ledger.Streams() {
		sum += st.Durable
	}
	return sum
}

// collectPercent is the percentage of a live heap that is garbageRoom, within its bounds.
func collectPercent(live uint64) int {
	return int(min(max(garbageRoom*100/max(live, 1), leastPercent), mostPercent))
}

// liveHeap is how many bytes the last collection found in use.
func liveHeap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
