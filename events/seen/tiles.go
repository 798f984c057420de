package seen

import (
	"context"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/anju-ledger/anju/events/book"
)

// tileHeight is that of C2SP tlog-tiles.
const tileHeight = 8

// tiles reads the tiles of a stream's book over HTTP; tlog checks them against the root. It lives as long as
// one check.
type tiles struct {
	get func(path string) ([]byte, error)
}

// Height implements tlog.TileReader.
func (t tiles) Height() int { return tileHeight }

// ReadTiles implements tlog.TileReader.
func (t tiles) ReadTiles(wanted []tlog.Tile) (all [][]byte, err error) {
	for _, tile := range wanted {
		raw, err := t.get(strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		all = append(all, raw)
	}
	return all, nil
}

// SaveTiles implements tlog.TileReader: nothing is kept.
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// keeps says whether the tree of a head begins with all that an older head holds; false too when it
// is smaller. An error says that the ledger did not give its tiles.
func (m *Memory) keeps(ctx context.Context, address, stream string, older, head book.Head) (bool, error) {
	switch {
	case older.Size > head.Size:
		return false, nil
	case older.Size == head.Size:
		return older.Root == head.Root, nil
	case older.Size == 0:
		return true, nil
	}
	reader := tlog.TileHashReader(tlog.Tree{N: int64(head.Size), Hash: head.Root}, tiles{
		func(path string) ([]byte, error) { return m.get(ctx, address+"/book/"+stream+"/tile/"+path) },
	})
	root, err := tlog.TreeHash(int64(older.Size), reader)
	return root == older.Root, err
}
