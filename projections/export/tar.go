package export

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrBroken reports an export that did not come whole, or not as its manifest says: nothing of it
// is kept; fetch it again.
var ErrBroken = errors.New("the export is not what its manifest says")

// Send writes the export of a folder as a tar: the files of its tables in the order of the
// manifest, the dictionary, and the manifest last, which says what has to be there.
func Send(w io.Writer, dir string, m *Manifest) error {
	out := tar.NewWriter(w)
	for _, t := range m.Tables {
		for _, f := range t.Files {
			if err := sendFile(out, dir, f.Path); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{dictionaryName, manifestName} {
		if err := sendFile(out, dir, name); err != nil {
			return err
		}
	}
	return out.Close()
}

// sendFile writes one file. Its header has no time and no owner, so that the same export is the same tar.
func sendFile(out *tar.Writer, dir, name string) error {
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: 0o644}); err != nil {
		return err
	}
	_, err = io.Copy(out, file)
	return err
}

// Receive writes the tar of an export into a folder that is not there yet, or empty, and returns its
// manifest. What is not whole, or not what the manifest says (files, bytes, hashes, rows), is
// ErrBroken. As with Write nothing stands under the name before everything is on disk.
func Receive(r io.Reader, dir string, progress func(bytes int64)) (m Manifest, err error) {
	f, err := newFolder(dir)
	if err != nil {
		return m, err
	}
	defer func() { err = f.finish(err) }()
	got := map[string]File{}
	total := int64(0)
	for in := tar.NewReader(r); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		file, err := f.receive(h, in)
		if err != nil {
			return m, err
		}
		got[h.Name] = file
		total += file.Bytes
		progress(total)
	}
	text, err := os.ReadFile(filepath.Join(f.partial, manifestName))
	if err != nil {
		return m, fmt.Errorf("%w: no manifest", ErrBroken)
	}
	if m, err = ParseManifest(text); err != nil || m.Export != Version {
		return m, fmt.Errorf("%w: no manifest of %s", ErrBroken, Version)
	}
	return m, m.compare(got)
}

// receive writes one file of a tar.
func (f *folder) receive(h *tar.Header, in io.Reader) (File, error) {
	if h.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(h.Name)) {
		return File{}, fmt.Errorf("%w: a member that is no file of an export", ErrBroken)
	}
	out, err := f.create(h.Name)
	if err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	_, err = io.Copy(out, in)
	file, closed := out.close()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return file, errors.Join(err, closed)
}

// compare compares the files that came with those of the manifest.
func (m *Manifest) compare(got map[string]File) error {
	files := 2 // the dictionary and the manifest itself
	for _, t := range m.Tables {
		rows := int64(0)
		for _, f := range t.Files {
			came := got[f.Path]
			if came.SHA256 != f.SHA256 || came.Bytes != f.Bytes {
				return fmt.Errorf("%w: %s", ErrBroken, f.Path)
			}
			rows += f.Rows
			files++
		}
		if rows != t.Rows {
			return fmt.Errorf("%w: %d rows of %s, not %d", ErrBroken, rows, t.Table, t.Rows)
		}
	}
	if _, described := got[dictionaryName]; !described || len(got) != files {
		return fmt.Errorf("%w: %d files, not %d", ErrBroken, len(got), files)
	}
	return nil
}
