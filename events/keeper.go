package events

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// keeperFile says in a ledger's folder who keeps its streams: the server inside, or one of the operator's own. It
// holds one word and never an address, which may bear a password.
const keeperFile = "streams"

// The words of keeperFile.
const (
	keptInside  = "embedded"
	keptOutside = "nats"
)

// ErrKeeper refuses to open a folder with another keeper of the streams than it has: its book would be given to a
// stream that begins anew, and the ledger would be two.
var ErrKeeper = errors.New("the folder's streams are kept elsewhere")

// keeper is who keeps the streams as the configuration wants it.
func (c Config) keeper() string {
	if c.NATS != "" {
		return keptOutside
	}
	return keptInside
}

// checkKeeper refuses a folder whose streams are kept by another. One that bears no mark yet keeps them itself
// when it has a store, and otherwise as it is opened.
func (l *Ledger) checkKeeper() error {
	text, err := os.ReadFile(filepath.Join(l.config.Dir, keeperFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	is := strings.TrimSpace(string(text))
	if is == "" {
		if _, err := os.Stat(filepath.Join(l.config.Dir, "jetstream")); err != nil {
			return nil
		}
		is = keptInside
	}
	switch {
	case is == l.config.keeper():
		return nil
	case is == keptInside:
		return fmt.Errorf("该目录自己保存数据流，请去掉 --nats，或另选目录 / the folder keeps its streams itself: leave --nats out, or name another folder: %w", ErrKeeper)
	}
	return fmt.Errorf("该目录的数据流在外部 NATS 服务器上，请用 anju serve --nats URL 打开，命令用 --server 询问 / a NATS server of your own keeps the streams of this folder: open it by \"anju serve --nats URL\", and ask that by --server: %w", ErrKeeper)
}

// markKeeper keeps who keeps the streams, once they were reached.
func (l *Ledger) markKeeper() error {
	return os.WriteFile(filepath.Join(l.config.Dir, keeperFile), []byte(l.config.keeper()+"\n"), 0o600)
}
