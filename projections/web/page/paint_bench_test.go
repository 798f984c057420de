package page

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// serverVariable is the address of a server to measure, such as one of a large ledger; the sample
// county's when it is not set.
const serverVariable = "ANJU_PAGE"

// BenchmarkFirstPaint is what a browser with an empty cache needs until it shows something, and
// until the page can be worked with: from the start of the navigation, by its own clock.
func BenchmarkFirstPaint(b *testing.B) {
	parent, _ := chromium()
	if parent == nil {
		b.Skip("no Chromium here; scripts/check.sh installs it")
	}
	require.NoError(b, chromedp.Do(parent))
	server := cmp.Or(os.Getenv(serverVariable), shared.server.URL)
	for _, path := range []string{"/divisions/00", "/lists?division=00", "/find"} {
		b.Run(path, func(b *testing.B) {
			ctx, end := chromedp.NewContext(parent)
			defer end()
			require.NoError(b, chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)))
			_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
			require.NoError(b, err)
			_, err = chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
			require.NoError(b, err)
			var first, answer, ready []float64
			for b.Loop() {
				require.NoError(b, chromedp.Do(ctx, chromedp.Navigate(server+path)))
				times, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`new Promise(done => {
					const look = () => {
						const n = performance.getEntriesByType("navigation")[0], paint = performance.getEntriesByName("first-contentful-paint")[0]
						paint && n.domContentLoadedEventEnd ? done([paint.startTime, n.responseStart, n.domContentLoadedEventEnd]) : setTimeout(look, 5)
					}
					look()
				})`, chromedp.EvalAwaitPromise))
				require.NoError(b, err)
				first, answer, ready = append(first, times[0]), append(answer, times[1]), append(ready, times[2])
			}
			for name, all := range map[string][]float64{"ms-first-paint": first, "ms-answer": answer, "ms-ready": ready} {
				slices.Sort(all)
				b.ReportMetric(all[len(all)/2], name)
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
