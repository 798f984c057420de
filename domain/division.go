package domain

// Division is a GB/T 2260 administrative division code in its shortest form of 2, 4, 6, 9 or
// 12 digits (WIRE §1). The zero Division is absent.
type Division string
