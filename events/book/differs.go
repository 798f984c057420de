package book

// Span are entries from an index up to another, which it does not include.
type Span struct{ From, To uint64 }

// Differs returns the entries for which two books, as far as both reach, hold other hashes: of one
// leaf that entry, of a hash above it all that it is the root of. It says what a damaged book has
// lost when a right one was made beside it. The spans come in their order, a level after the other.
func (b *Book) Differs(other *Book) (spans []Span, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	other.mu.RLock()
	defer other.mu.RUnlock()
	for k := range min(len(b.tree.levels), len(other.tree.levels)) {
		ours, theirs := b.tree.levels[k], other.tree.levels[k]
		width := uint64(1) << (tileHeight * k)
		err := ours.differs(theirs, func(at uint64) {
			if last := len(spans) - 1; last >= 0 && spans[last].To == at*width {
				spans[last].To += width
				return
			}
			spans = append(spans, Span{at * width, (at + 1) * width})
		})
		if err != nil {
			return nil, err
		}
	}
	return spans, nil
}

// differs visits the places at which two levels hold other hashes.
func (l *level) differs(other *level, visit func(at uint64)) error {
	end := min(l.size, other.size)
	for at := uint64(0); at < end; at += tileWidth {
		n := int(min(tileWidth, end-at))
		ours, err := l.read(at, n)
		if err != nil {
			return err
		}
		theirs, err := other.read(at, n)
		if err != nil {
			return err
		}
		for i := range ours {
			if ours[i] != theirs[i] {
				visit(at + uint64(i))
			}
		}
	}
	return nil
}
