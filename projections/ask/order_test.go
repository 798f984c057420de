package ask

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// All have the keys on 2019-03-01. a and b are stable from 2021-06-01 on, 823 days later (366 to 2020-03-01, 365, 92),
// with title, services and entitlement on 2020-01-01; b and c were trained on 2019-06-01 before. a's training on the
// day after it became stable does not precede it. d had a public-welfare post, and keys are told first of one day; then a school.
func TestOrderOfMeasures(t *testing.T) {
	v := newVillage(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		v.household(name, "2019-03-01", "none")
	}
	trained := func(key, person, day string) {
		v.record("hrss", "training.completed", key, day, `{"person":"$`+person+`$","course":"缝纫"}`)
	}
	v.stable("a")
	v.stable("b")
	trained("a.t", "a.1", "2021-06-02")
	trained("b.t", "b.1", "2019-06-01")
	trained("b.t2", "b.1", "2019-05-01")
	v.record("hrss", "record.voided", "void", "2021-12-01T12:00:00+08:00", `{"target_event":"$b.t2$","reason":"false"}`)
	trained("c.t", "c.1", "2019-06-01")
	v.record("hrss", "job.placed", "d.w", "2019-03-01", `{"person":"$d.1$","channel":"public_welfare_post"}`)
	v.record("edu", "service.enrolled", "d.s", "2020-09-01", `{"person":"$d.1$","kind":"junior","institution":"中学"}`)
	a, err := v.ask("before-stability", "2021-06-30", "division=520603")
	require.NoError(t, err)
	require.Equal(t, []string{
		"keys → title + services + entitlement|1|1|100|823|a",
		"keys → training → title + services + entitlement|1|1|100|823|b",
		"keys + public-welfare post → school|1|0|0|-|d",
		"keys → training|1|0|0|-|c",
	}, v.written(a.Table))
	require.Equal(t, []string{"a.keys a.title a.doctor a.dibao", "b.keys b.t b.title b.doctor b.dibao", "d.keys d.w d.s", "c.keys c.t"}, v.evidence(a))
	require.Equal(t, []string{
		"keys → training|2|1|50|823|b",
		"keys → title + services + entitlement|1|1|100|823|a",
		"keys + public-welfare post → school|1|0|0|-|d",
	}, v.rows("23", "2021-06-30", "steps=2"))
	require.Equal(t, "keys → title + services + entitlement|1|0|0|-|a", v.rows("23", "2021-05-31")[1])
}
