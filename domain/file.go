package domain

// File is everything recorded under one home, folded (一户一档).
type File struct{}
