package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// shortestForm is the shortest form that is searched for, in bytes: a name of three characters in
// GB18030 or UTF-16. Shorter ones would be found in any noise.
const shortestForm = 6

// maxUnpacked bounds what one packed part may hold.
const maxUnpacked = 64 << 20

// seeker finds secrets in bytes, in every form in which they could lie in the clear.
type seeker struct {
	begins [1 << 16]bool // the first two bytes of some form
	forms  map[[shortestForm]byte][]form
}

// form is one way in which a secret may be written.
type form struct {
	bytes []byte
	what  string
}

func newSeeker(secrets []string) *seeker {
	s := &seeker{forms: map[[shortestForm]byte][]form{}}
	for _, secret := range secrets {
		for name, b := range formsOf(secret) {
			if len(b) >= shortestForm {
				s.begins[uint16(b[0])<<8|uint16(b[1])] = true
				head := [shortestForm]byte(b)
				s.forms[head] = append(s.forms[head], form{b, name + " of " + secret})
			}
		}
	}
	return s
}

// formsOf writes a secret in UTF-8, GB18030, UTF-16, escaped as in JSON, and as any of them but
// the last would be written in base64, at each of three places in a group.
func formsOf(secret string) map[string][]byte {
	forms := map[string][]byte{"UTF-8": []byte(secret)}
	if gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(secret)); err == nil {
		forms["GB18030"] = gb
	}
	var little, big, lower, upper []byte
	for _, u := range utf16.Encode([]rune(secret)) {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
		lower, upper = fmt.Appendf(lower, `\u%04x`, u), fmt.Appendf(upper, `\u%04X`, u)
	}
	forms["UTF-16LE"], forms["UTF-16BE"] = little, big
	for _, name := range []string{"UTF-8", "GB18030", "UTF-16LE"} {
		for shift := range 3 {
			text := base64.RawURLEncoding.EncodeToString(append(make([]byte, shift), forms[name]...))
			cut := (shift*8 + 5) / 6 // the first characters hold bits of what stands before
			inner := text[cut : (shift+len(forms[name]))*8/6]
			forms[fmt.Sprintf("base64url+%d of %s", shift, name)] = []byte(inner)
			forms[fmt.Sprintf("base64+%d of %s", shift, name)] = []byte(strings.NewReplacer("-", "+", "_", "/").Replace(inner))
		}
	}
	forms["JSON escapes"], forms["JSON escapes, capitals"] = lower, upper
	return forms
}

// in returns what it finds in the bytes and in whatever is packed in them.
func (s *seeker) in(where string, b []byte) (found []string) {
	for i := 0; i+shortestForm <= len(b); i++ {
		if !s.begins[uint16(b[i])<<8|uint16(b[i+1])] {
			continue
		}
		for _, f := range s.forms[[shortestForm]byte(b[i:])] {
			if bytes.HasPrefix(b[i:], f.bytes) {
				found = append(found, fmt.Sprintf("%s, byte %d: %s", where, i, f.what))
			}
		}
	}
	for name, part := range unpacked(b) {
		found = append(found, s.in(where+" > "+name, part)...)
	}
	return found
}

// unpacked returns what is packed in the bytes: the parts of a ZIP, and every stream of gzip,
// zstd, S2 or snappy that begins anywhere.
func unpacked(b []byte) map[string][]byte {
	parts := map[string][]byte{}
	keep := func(name string, r io.Reader) {
		if part, _ := io.ReadAll(io.LimitReader(r, maxUnpacked)); len(part) > 0 { // a broken end does not hide its beginning
			parts[name] = part
		}
	}
	if z, err := zip.NewReader(bytes.NewReader(b), int64(len(b))); err == nil {
		for _, f := range z.File {
			if r, err := f.Open(); err == nil {
				keep("zip "+f.Name, r)
			}
		}
	}
	if part, err := s2.Decode(nil, b); err == nil && len(part) > 0 {
		parts["s2 block"] = part
	}
	if part, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(b)), maxUnpacked)); err == nil && len(part) > 0 {
		parts["flate"] = part
	}
	for magic, open := range map[string]func(r io.Reader) (io.Reader, error){
		"\x1f\x8b\x08":     func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"\x28\xb5\x2f\xfd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) },
		"\xff\x06\x00\x00": func(r io.Reader) (io.Reader, error) { return s2.NewReader(r), nil },
	} {
		for at := 0; ; at++ {
			next := bytes.Index(b[at:], []byte(magic))
			if next < 0 {
				break
			}
			at += next
			if r, err := open(bytes.NewReader(b[at:])); err == nil {
				keep(fmt.Sprintf("%x at %d", magic, at), r)
			}
		}
	}
	return parts
}

// TestTheSearchFindsWhatIsHidden shows that the search of TestNobodysNameLiesInTheClear can fail.
func TestTheSearchFindsWhatIsHidden(t *testing.T) {
	s := newSeeker([]string{"欧阳某甲", "990101198112010025"})
	require.Empty(t, s.in("noise", bytes.Repeat([]byte("某甲 99010119811201002 欧阳 "), 100)))
	packs := map[string]func(b []byte) []byte{
		"plain": func(b []byte) []byte { return b },
		"gzip": func(b []byte) []byte {
			var out bytes.Buffer
			w := gzip.NewWriter(&out)
			_, _ = w.Write(b)
			_ = w.Close()
			return out.Bytes()
		},
		"zstd": func(b []byte) []byte {
			w, err := zstd.NewWriter(nil)
			require.NoError(t, err)
			return append([]byte("head"), w.EncodeAll(b, nil)...)
		},
		"s2": func(b []byte) []byte {
			var out bytes.Buffer
			w := s2.NewWriter(&out)
			_, _ = w.Write(b)
			_ = w.Close()
			return append([]byte("head"), out.Bytes()...)
		},
		"zip": func(b []byte) []byte {
			var out bytes.Buffer
			z := zip.NewWriter(&out)
			w, err := z.Create("part")
			require.NoError(t, err)
			_, _ = w.Write(b)
			_ = z.Close()
			return out.Bytes()
		},
	}
	for name, b := range formsOf("欧阳某甲") {
		for pack, packed := range packs {
			data := append(append(bytes.Repeat([]byte("aaaa"), 50), b...), "zzzzzzzz"...)
			require.NotEmpty(t, s.in("x", packed(data)), "%s in %s", name, pack)
		}
	}
	hidden := base64.StdEncoding.EncodeToString([]byte(`{"x":"990101198112010025"}`))
	require.NotEmpty(t, s.in("x", []byte(hidden)))
}
