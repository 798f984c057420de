// Package domain says what follow-up support for relocated households (易地扶贫搬迁后续扶持)
// is: the facts that departments record, the rules each must keep, how facts fold into an
// entity's file, and the status that follows from a file on any day.
//
// It follows the project's own catalogue (testdata/catalogue.golden) and cut-offs (parameters.go,
// each with its source). It knows nothing of messages, streams, clocks, keys or screens: callers
// hand in facts with their stamps and the day they ask about.
//
// The central promise is that a status is a function of the set of facts, never of the order in
// which they arrived; TestFoldIsOrderIndependent proves it on random histories.
package domain
