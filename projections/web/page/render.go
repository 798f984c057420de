package page

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

//go:embed templates
var templateFiles embed.FS

// parsed are the templates, read at first use.
var parsed = sync.OnceValue(func() map[language]*template.Template {
	a := packed()
	return parseLooks(&a)
})

// parseLooks reads the templates once for each language, with say bound to it: both texts of
// everything that a page says stand beside each other in the template.
func parseLooks(a *assets) map[language]*template.Template {
	looks := map[language]*template.Template{}
	for _, l := range []language{chinese, english} {
		looks[l] = template.Must(template.New("page").Funcs(helpers(l, a)).ParseFS(templateFiles, "templates/*.html"))
	}
	return looks
}

// helpers are the functions of templates.
func helpers(l language, a *assets) template.FuncMap {
	return template.FuncMap{
		"say":     l.say,
		"pick":    l.pick,
		"place":   l.place,
		"asset":   a.at,
		"n":       group,
		"percent": percent,
		"day":     shortDay,
		"yuan":    yuan,
		"wan":     wan,
		"cut":     cut,
	}
}

// group writes a whole number of any type with commas.
func group(n any) string {
	switch n := n.(type) {
	case int:
		return grouped(n)
	case int32:
		return grouped(n)
	case uint64:
		return grouped(n)
	}
	return fmt.Sprint(n)
}

// zippers are kept: a new one takes most of a megabyte.
var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic("page: " + err.Error())
	}
	return z
}}

// render makes a page whole before it sends anything, so that a page never ends in the middle.
func (p *Page) render(v *visit, name string, data any) error {
	var page bytes.Buffer
	if err := p.looks[v.lang].ExecuteTemplate(&page, name, data); err != nil {
		return err
	}
	if at, framed := data.(interface{ position() string }); framed && v.unchanged(page.Bytes(), at.position()) {
		return nil
	}
	v.send("text/html; charset=utf-8", page.Bytes())
	return nil
}

// send answers with a body, compressed for who takes it.
func (v *visit) send(media string, body []byte) {
	h := v.w.Header()
	code := cmp.Or(v.status, http.StatusOK)
	h.Set("Content-Type", media)
	h.Add("Vary", "Accept-Encoding, Cookie")
	h.Set("Server-Timing", "page;dur="+strconv.FormatFloat(time.Since(v.begun).Seconds()*1000, 'f', 1, 64))
	if !acceptsGzip(v.Request) {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		v.w.WriteHeader(code)
		_, _ = v.w.Write(body) // the client has gone: nobody to tell
		return
	}
	h.Set("Content-Encoding", "gzip")
	v.w.WriteHeader(code)
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(v.w)
	_, _ = z.Write(body)
	_ = z.Close()
}

// part is the fragment of a page that htmx asks for by the id of what it replaces, "" for the
// whole page.
func (v *visit) part() string {
	if v.Header.Get("HX-Request") != "true" {
		return ""
	}
	return v.Header.Get("HX-Target")
}
