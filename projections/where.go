package projections

// Where returns how far the views have read each stream, how many durable events they have not
// applied yet, and why they follow no more, if they do not.
func (v *Views) Where() (position, lag Position, failed error) {
	v.follow()
	v.mu.RLock()
	defer v.mu.RUnlock()
	position, lag = v.where()
	return position, lag, v.failed
}
