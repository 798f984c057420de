package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// assetHash is how many digits of its content's hash stand in an asset's name.
const assetHash = 12

// asset is one file of the page: a script, a style, a licence.
type asset struct {
	media  string
	raw    []byte
	zipped []byte
}

// assets are found by a name that holds their content's hash, so that a browser may keep them
// for ever and never has an old one.
type assets struct {
	byName map[string]asset
	names  map[string]string // "app.js" to "app-3f9c….js"
}

// packed are the embedded files, compressed at first use.
var packed = sync.OnceValue(packAssets)

func packAssets() assets {
	a := assets{map[string]asset{}, map[string]string{}}
	err := fs.WalkDir(assetFiles, "assets", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := assetFiles.ReadFile(file)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		ext := path.Ext(file)
		name := strings.TrimSuffix(path.Base(file), ext) + "-" + hex.EncodeToString(sum[:])[:assetHash] + ext
		a.names[path.Base(file)] = name
		a.byName[name] = asset{mime.TypeByExtension(ext), raw, zip(raw)}
		return nil
	})
	if err != nil {
		panic("page: the embedded assets: " + err.Error())
	}
	return a
}

// zip compresses as well as gzip can.
func zip(raw []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(raw)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("page: compressing in memory: " + err.Error())
	}
	return b.Bytes()
}

// at returns the address of an asset; it panics on one that is not there, which is a slip in a
// template that every test meets.
func (a *assets) at(name string) string {
	full, known := a.names[name]
	if !known {
		panic("page: no asset " + name)
	}
	return "/assets/" + full
}

func (a *assets) serve(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	file, known := a.byName[r.PathValue("name")]
	if !known {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", file.media)
	h.Set("Vary", "Accept-Encoding")
	body := file.raw
	if acceptsGzip(r) && len(file.zipped) < len(body) {
		h.Set("Content-Encoding", "gzip")
		body = file.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the client has gone: nobody to tell
}

func acceptsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
