package main

import (
	"syscall"
	"time"
)

// cost is what something took: its rate, and processor time each in microseconds. On a machine
// that others use too, processor time is the figure that stays.
type cost struct{ rate, cpu float64 }

// stopwatch measures a cost.
type stopwatch struct {
	began time.Time
	used  time.Duration
}

func begin() stopwatch { return stopwatch{time.Now(), processor()} }

// end returns the cost of count things since the beginning.
func (w stopwatch) end(count int) cost {
	n := float64(count)
	return cost{n / time.Since(w.began).Seconds(), float64((processor() - w.used).Microseconds()) / n}
}

// processor returns the processor time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// compare takes a run of a row, and of the row beside it that tells the processor time.
func (b *bench) compare(row string, ours, raw cost) {
	b.take(row, ours.rate, raw.rate)
	b.take(row+".cpu", ours.cpu, raw.cpu)
}

// cpuScale explains the rows of processor time.
const cpuScale = "processor time an event, all cores, clients and views included"
