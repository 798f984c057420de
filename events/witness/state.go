package witness

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/anju-ledger/anju/events/book"
)

// keyHead begins the text of a private key.
const keyHead = "PRIVATE+KEY+"

// openKey reads the witness's key, made when it is not there.
func openKey(path, name string) (book.Cosigner, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path, name)
	}
	if err != nil {
		return book.Cosigner{}, err
	}
	return parseKey(strings.TrimSpace(string(text)))
}

func makeKey(path, name string) (c book.Cosigner, err error) {
	if name == "" {
		name = "anju-witness/" + strings.ToLower(rand.Text()[:13])
	}
	seed := make([]byte, 32)
	if _, err := rand.Read(seed); err != nil {
		return c, err
	}
	if c, err = book.NewCosigner(name, seed); err != nil {
		return c, err
	}
	material := append([]byte{0x04}, seed...)
	text := fmt.Sprintf("%s%s+%08x+%s\n", keyHead, name, c.KeyHash(), base64.StdEncoding.EncodeToString(material))
	return c, writeSynced(path, []byte(text), func(string) error { return nil })
}

// parseKey reads "PRIVATE+KEY+<name>+<hash>+<base64 of 0x04 and the seed>".
func parseKey(text string) (book.Cosigner, error) {
	damaged := fmt.Errorf("%w: its key is none", ErrDamaged)
	rest, ours := strings.CutPrefix(text, keyHead)
	parts := strings.SplitN(rest, "+", 3) // the base64 may hold a plus too
	if !ours || len(parts) != 3 {
		return book.Cosigner{}, damaged
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 0x04 {
		return book.Cosigner{}, damaged
	}
	c, err := book.NewCosigner(parts[0], raw[1:])
	if err != nil || fmt.Sprintf("%08x", c.KeyHash()) != parts[1] {
		return book.Cosigner{}, damaged
	}
	return c, nil
}

// fileOf names the file of a log.
func fileOf(origin string) string {
	sum := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(sum[:16])
}

// load reads what the witness cosigned last of a log. Its own cosignature says that the file is what was
// written; one that is anything else is ErrDamaged, since forgetting it would let another history in.
func (w *Witness) load(l *log, origin string) error {
	kept, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = book.CosignatureOf(kept, w.signer.WitnessKey)
	if err == nil {
		var text []byte
		if text, _, err = book.CheckpointText(kept); err == nil {
			l.head, err = book.ParseCheckpoint(string(text), origin)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: %s, the last checkpoint of %s: %w", ErrDamaged, l.path, origin, err)
	}
	l.known = true
	return nil
}

// keep puts the last checkpoint of a log on disk, with the signatures that the witness checked: they
// are the evidence, should the log ever show another history.
func (w *Witness) keep(path string, signed *note.Note, c book.Cosignature) error {
	text, err := note.Sign(&note.Note{Text: signed.Text, Sigs: signed.Sigs})
	if err != nil {
		return err
	}
	return writeSynced(path, append(text, c.Line...), w.before)
}

// writeSynced replaces a file: afterwards it is the old one or the new one, whatever happens.
func writeSynced(path string, text []byte, before func(step string) error) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	steps := []struct {
		name string
		do   func() error
	}{
		{"write", func() error { _, err := f.Write(text); return err }},
		{"sync", f.Sync},
		{"rename", func() error { return os.Rename(path+".new", path) }},
		{"sync folder", func() error { return syncFolder(filepath.Dir(path)) }},
	}
	for _, step := range steps {
		if err = before(step.name); err == nil {
			err = step.do()
		}
		if err != nil {
			break
		}
	}
	return errors.Join(err, f.Close())
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
