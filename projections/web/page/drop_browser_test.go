package page

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anju-ledger/anju/domain/sample/county"
)

// TestAFileIsDropped on the page as from a folder's window: the page says what goes on from the first
// moment, with a bar that claims nothing until the rows are counted.
func TestAFileIsDropped(t *testing.T) {
	f := inBrowser(t, chinese, 1280, "/import")
	f.sees("把文件拖到这里")
	over := value[bool](f, fmt.Sprintf(`(() => {
		window.said = [];
		const area = document.getElementById("import"), zone = document.getElementById("zone");
		new MutationObserver(() => {
			const bar = area.querySelector("progress");
			if (bar) said.push((bar.hasAttribute("value") ? "part: " : "open: ") + area.innerText);
		}).observe(area, {childList: true, subtree: true, characterData: true});
		const dataTransfer = new DataTransfer();
		dataTransfer.items.add(new File([Uint8Array.from(atob(%q), c => c.charCodeAt(0))], %q, {type: "text/csv"}));
		const drag = kind => zone.dispatchEvent(new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true}));
		drag("dragenter");
		const taken = !drag("dragover") && zone.classList.contains("over");
		return !drag("drop") && taken && !zone.classList.contains("over");
	})()`, base64.StdEncoding.EncodeToString(county.File(held)), held))
	require.True(t, over, "the place shows that it takes the file, and the browser does not open it")
	f.until(`document.getElementById("confirm")`)
	f.sees(held)
	require.Equal(t, 26, value[int](f, `document.querySelectorAll("table.rows tbody tr").length`))
	said := value[[]string](f, `window.said`)
	require.NotEmpty(t, said)
	require.Regexp(t, `(?s)^open: .*正在上传文件…`, said[0])
	require.True(t, value[bool](f, `said.some(s => s.startsWith("open: ") && s.includes("正在读取文件…"))`), said)
	f.sound()
}
