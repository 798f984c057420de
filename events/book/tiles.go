package book

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrPath reports a path that names no tile.
var ErrPath = fmt.Errorf("%w: no such tile", ErrNotThere)

// tilePath is a resource of a static log (C2SP tlog-tiles): "<L>/<N>[.p/<W>]" below tile/, where L
// may be "entries".
type tilePath struct {
	entries bool
	level   uint64
	number  uint64
	width   int
}

// parseTilePath reads what stands behind "tile/"; there is one way to write each path.
func parseTilePath(path string) (p tilePath, err error) {
	bad := fmt.Errorf("%w: %q", ErrPath, path)
	level, rest, _ := strings.Cut(path, "/")
	if p.entries = level == "entries"; !p.entries {
		if p.level, err = strconv.ParseUint(level, 10, 8); err != nil || p.level > 63 || strconv.FormatUint(p.level, 10) != level {
			return p, bad
		}
	}
	p.width = tileWidth
	name, partial, isPartial := strings.Cut(rest, ".p/")
	if isPartial {
		if p.width, err = strconv.Atoi(partial); err != nil || p.width < 1 || p.width >= tileWidth || strconv.Itoa(p.width) != partial {
			return p, bad
		}
	}
	for _, part := range strings.Split(name, "/") {
		n, err := strconv.ParseUint(strings.TrimPrefix(part, "x"), 10, 16)
		if err != nil || p.number > 1<<50 {
			return p, bad
		}
		p.number = p.number*1000 + n
	}
	if tileName(p.number) != name {
		return p, bad
	}
	return p, nil
}

// tileName writes a tile's number: 1234067 is x001/x234/067.
func tileName(n uint64) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	return name
}

// Tile returns the bytes of a tile or an entry bundle by its path below "tile/", compared with the
// tiles above; ErrDamaged when they differ, ErrPath when the
// path names none, ErrNotThere when the tree of the first upTo entries, those that are signed, does not
// reach it: what is behind them may not be durable yet, and a tile is for ever.
func (b *Book) Tile(path string, upTo uint64) ([]byte, error) {
	p, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	level := p.level
	if p.entries {
		level = 0
	}
	if width(min(upTo, b.Size()), level, p.number) < p.width {
		return nil, fmt.Errorf("%w: tile %s", ErrNotThere, path)
	}
	if p.entries {
		return b.bundle(p.number, p.width)
	}
	b.mu.RLock()
	hashes, err := b.tree.trusted(int(p.level), p.number)
	b.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, p.width*tlog.HashSize)
	for i := range hashes[:p.width] {
		raw = append(raw, hashes[i][:]...)
	}
	return raw, nil
}

// bundle returns the first entries of a bundle, checked, each behind its length.
func (b *Book) bundle(number uint64, count int) ([]byte, error) {
	first := number * tileWidth
	var out []byte
	for entry, err := range b.Scan(first, first+uint64(count)) {
		if err != nil {
			return nil, err
		}
		out = append(out, byte(len(entry)>>8), byte(len(entry)))
		out = append(out, entry...)
	}
	return out, nil
}

// Export writes the static tree of the first n entries, with the checkpoint that signs them, into
// an empty folder: the files of C2SP tlog-tiles, which verify without this program.
func (b *Book) Export(dir string, n uint64, checkpoint []byte) error {
	for level := uint64(0); n>>(tileHeight*level) > 0; level++ {
		for number := uint64(0); width(n, level, number) > 0; number++ {
			if err := b.exportTile(dir, strconv.FormatUint(level, 10), number, n); err != nil {
				return err
			}
		}
	}
	for number := uint64(0); width(n, 0, number) > 0; number++ {
		if err := b.exportTile(dir, "entries", number, n); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "checkpoint"), checkpoint, 0o644)
}

// exportTile writes a tile, or a bundle of entries, as far as the tree of the first n entries fills it.
func (b *Book) exportTile(dir, level string, number, n uint64) error {
	path := level + "/" + tileName(number)
	tileLevel, _ := strconv.ParseUint(level, 10, 8) // that of "entries" is 0
	if wide := width(n, tileLevel, number); wide < tileWidth {
		path += ".p/" + strconv.Itoa(wide)
	}
	raw, err := b.Tile(path, n)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "tile", filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, raw, 0o644)
}
