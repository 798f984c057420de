"use strict";
// What every page does: it follows the ledger's position, and says when it has lost it.
const zh = document.documentElement.lang.startsWith("zh");
// say picks the text of the page's language; each {} in it stands for one of the values.
const say = (chinese, english, ...values) => (zh ? chinese : english).replace(/\{\}/g, () => values.shift());

function follow() {
  const link = document.getElementById("link");
  const stand = document.getElementById("stand");
  if (!link || !window.EventSource) return;
  let seen = stand.dataset.position;
  const live = new EventSource("/live");
  live.onmessage = (message) => {
    const note = JSON.parse(message.data);
    link.textContent = link.dataset.live;
    link.className = "link on";
    document.getElementById("lag").textContent = note.lag;
    if (!note.position || note.position === seen) return;
    seen = note.position;
    document.getElementById("position").textContent = note.position;
    document.body.dispatchEvent(new CustomEvent("moved", { detail: note }));
  };
  live.onerror = () => {
    link.textContent = link.dataset.lost;
    link.className = "link lost";
  };
  addEventListener("pagehide", () => live.close());
}

// A refresh keeps the keyboard where it was: on the link with the same address.
function keepFocus() {
  let held = null;
  document.body.addEventListener("htmx:beforeSwap", (e) => {
    const at = document.activeElement;
    held = at && e.detail.target.contains(at) ? at.getAttribute("href") : null;
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (held) document.querySelector('a[href="' + CSS.escape(held).replace(/\\(.)/g, "$1") + '"]')?.focus({ preventScroll: true });
    held = null;
  });
}

// Charts come after the page is painted: the library is loaded only where one is shown.
function script(src) {
  return new Promise((done, failed) => {
    const s = document.createElement("script");
    s.src = src;
    s.onload = done;
    s.onerror = failed;
    document.head.append(s);
  });
}

async function drawCharts() {
  for (const place of document.querySelectorAll(".chart[data-from]")) {
    try {
      const [answer] = await Promise.all([fetch(place.dataset.from), script(place.dataset.lib)]);
      if (!answer.ok) throw new Error(answer.status);
      await script(place.dataset.code);
      window.drawProgress(place, await answer.json());
    } catch {
      place.innerHTML = "";
      const p = document.createElement("p");
      p.className = "notice bad";
      p.textContent = say("图表没有载入；重新打开页面可再试。", "The chart did not load; open the page again to try once more.");
      place.append(p);
    }
  }
}

addEventListener("DOMContentLoaded", () => {
  follow();
  keepFocus();
  if (document.readyState === "complete") drawCharts();
  else addEventListener("load", drawCharts);
});
