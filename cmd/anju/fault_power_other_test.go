//go:build !linux

package main

import "testing"

// powerCut needs a file system that can be shut down.
func (s *seed) powerCut(t *testing.T, r *faultRow) {
	r.injected = "only Linux can shut a file system down"
	t.Skip("SKIP:", r.injected)
}
