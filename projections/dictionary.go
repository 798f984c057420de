package projections

// dictionary numbers the values that lines name, in the order in which they were first met, for
// ever: a county of twenty thousand households knows some ten thousand different words.
type dictionary[T comparable] struct {
	values  []T
	numbers map[T]uint32
}

func newDictionary[T comparable]() dictionary[T] { return dictionary[T]{numbers: map[T]uint32{}} }

// number returns the value's number, a new one when it was never met.
func (d *dictionary[T]) number(v T) uint32 {
	n, known := d.numbers[v]
	if !known {
		n = uint32(len(d.values))
		d.numbers[v] = n
		d.values = append(d.values, v)
	}
	return n
}
