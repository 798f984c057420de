package export

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// ErrBroken reports an export that did not come whole, or not as its manifest says: nothing of it
// is kept; fetch it again.
var ErrBroken = errors.New("the export is not what its manifest says")

// ErrTemp reports that nothing can be written among the temporary files (TMPDIR); see to it, and export again.
var ErrTemp = errors.New("no folder for temporary files")

// problemName is the member that says why an export could not be made to its end.
const problemName = "problem.json"

// problemLimit is how much of it is read: the longest problem has a few hundred bytes.
const problemLimit = 64 << 10

// Tar is an export on its way to its receiver as a tar: the files of each table as soon as it is made, the
// dictionary, and the manifest last, which says what has to be there. When nothing was sent for a beat, a
// record goes out that readers of tars skip (a global PAX header with a comment), so that no proxy takes the
// connection for dead, and a receiver that has gone is found.
type Tar struct {
	stop func(error)   // ends the making
	over chan struct{} // closed by End
	done chan struct{} // closed when the beats have ended

	mu   sync.Mutex
	out  *tar.Writer // under mu, which is held for a whole member
	sent bool        // under mu: something was sent since the last beat
}

// Begin begins a tar. The context ends with ctx, and when a beat can no longer be sent: make the export under
// it. The caller calls End.
func Begin(ctx context.Context, w io.Writer, beat time.Duration) (*Tar, context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	t := &Tar{stop: stop, over: make(chan struct{}), done: make(chan struct{}), out: tar.NewWriter(w)}
	go t.beats(beat)
	return t, ctx
}

// End ends the beats; nothing is written to the receiver afterwards but by Fail.
func (t *Tar) End() {
	close(t.over)
	<-t.done
	t.stop(nil)
}

func (t *Tar) beats(every time.Duration) {
	defer close(t.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-t.over:
			return
		case <-tick.C:
			if err := t.beat(); err != nil {
				t.stop(err)
				return
			}
		}
	}
}

// beat sends a record that says nothing, if nothing else was sent since the last.
func (t *Tar) beat() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	quiet := !t.sent
	t.sent = false
	if !quiet {
		return nil
	}
	return t.out.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "the export is being made"}})
}

// Send makes an export and sends it. Each table lies among the temporary files, whole, until it is sent: only
// then does it have a size, which a tar names first. Whatever the receiver does, nothing is left of it. After
// an error the tar is not whole; Fail says why.
func (t *Tar) Send(ctx context.Context, source Source, o Order) error {
	if err := o.Check(); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "anju-export-")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTemp, err)
	}
	defer os.RemoveAll(temp)
	e := &exporter{source: source, order: o, folder: &folder{partial: temp}, progress: func(string, int64) {}}
	e.made = func(name string) error { return t.file(temp, name) }
	if _, err := e.write(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = true
	return t.out.Close()
}

// file sends one file, and deletes it.
func (t *Tar) file(dir, name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent = true
	if err := sendFile(t.out, dir, name); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, filepath.FromSlash(name)))
}

// Fail tells the receiver, after End, why the export is not whole: by a member, so that who unpacks what came
// finds it. The caller then breaks the connection off. Where the last member was itself cut off nothing is said.
func (t *Tar) Fail(problem []byte) {
	if err := t.out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: problemName, Size: int64(len(problem)), Mode: 0o644}); err == nil {
		_, _ = t.out.Write(problem) // the receiver has gone: nobody to tell
	}
}

// Failure reports an export that its sender could not make to its end: Problem says why, as an answer would.
type Failure struct{ Problem []byte }

// Error implements error.
func (f *Failure) Error() string { return ErrBroken.Error() }

// Unwrap makes it an ErrBroken.
func (f *Failure) Unwrap() error { return ErrBroken }

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
	for in := tar.NewReader(incoming{r}); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader { // a beat
			continue
		}
		if h.Name == problemName {
			problem, _ := io.ReadAll(io.LimitReader(in, problemLimit)) // cut off, it is no problem that can be read
			return m, &Failure{problem}
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

// incoming is what comes over the wire: a connection that ends, however it does, is ErrBroken, unlike a disk
// that takes no more.
type incoming struct{ io.Reader }

// Read implements io.Reader.
func (i incoming) Read(p []byte) (int, error) {
	n, err := i.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return n, err
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
