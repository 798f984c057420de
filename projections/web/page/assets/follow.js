"use strict";
// Following the ledger. When something was recorded, the page is asked for anew and those of its
// parts (data-live) whose content changed are replaced; a page that would say the same is not sent
// again. What stands still is said in a bar that moves nothing.
(() => {
  const least = 1000; // milliseconds from one refresh to the next
  const share = 4; // and a refresh may take one in so many of them
  const lostAfter = 3000; // milliseconds that a connection may be away unsaid
  const backFor = 4000; // milliseconds that its return is shown

  const stand = document.getElementById("stand");
  const link = document.getElementById("link");
  const bar = document.getElementById("stale");
  if (!stand || !window.EventSource) return;

  const served = new Map(); // each part as the server sent it, by id
  for (const part of document.querySelectorAll("[data-live]")) served.set(part.id, part.outerHTML);
  let shown = stand.dataset.position; // where the numbers on the page stand
  let etag = "";
  let failed = false; // the last refresh did not come
  let note = null; // what /live said last, null when it is lost
  let lost = 0; // since when
  let returned = false;

  const position = (at) => {
    shown = at;
    document.getElementById("position").textContent = at || say("空", "empty");
    tell();
  };

  // tell says what stands still, or that the connection is back.
  function tell() {
    link.textContent = note ? link.dataset.linked : lost ? link.dataset.lost : link.dataset.wait;
    link.className = "link" + (note ? " on" : lost ? " lost" : "");
    let text = "";
    if (lost && Date.now() - lost >= lostAfter) text = say("连接中断（{}起），正在重连；数字停在 {}", "The connection is lost since {}, trying again; the numbers stand at {}", new Date(lost).toLocaleTimeString("en-GB"), shown);
    else if (note?.stopped) text = say("视图已停止更新：页面上的数字停在 {}。请用新版程序打开账本。", "The views have stopped: the numbers stand at {}. Open the ledger with a newer program.", shown);
    else if (failed) text = say("没有刷新成功：数字停在 {}；稍后自动重试", "The refresh failed: the numbers stand at {}; it is tried again by itself", shown);
    else if (note?.behind) text = say("视图落后于账本：还有 {} 条未读，数字停在 {}", "The views are behind the ledger: {} events are not read yet, the numbers stand at {}", counted(note.lag), shown);
    else if (returned) text = say("连接已恢复", "The connection is back");
    bar.hidden = !text;
    bar.className = "stale" + (!lost && returned && !failed && !note?.stopped ? " good" : "");
    if (bar.textContent !== text) bar.textContent = text;
    document.body.classList.toggle("still", !!text && !bar.classList.contains("good"));
  }

  // paced does work when it is asked for, never twice at once, and not more often than it may.
  function paced(work) {
    let due = false;
    let busy = false;
    return async () => {
      due = true;
      if (busy) return;
      busy = true;
      while (due) {
        due = false;
        const begun = performance.now();
        await work();
        const took = performance.now() - begun;
        await new Promise((go) => setTimeout(go, Math.max(least - took, took * (share - 1))));
      }
      busy = false;
    };
  }

  const refresh = paced(async () => {
    if (document.hidden) return;
    if (!served.size) return position(note?.position ?? shown);
    try {
      const answer = await fetch(location.href, { cache: "no-store", headers: { Accept: "text/html", "Anju-Live": document.documentElement.lang, ...(etag && { "If-None-Match": etag }) } });
      if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        etag = answer.headers.get("ETag") || "";
        swap(page);
      }
      failed = false;
      position(answer.headers.get("Anju-Position"));
    } catch {
      failed = true;
      tell();
    }
  });

  function swap(page) {
    let any = false;
    for (const old of document.querySelectorAll("[data-live]")) {
      const next = page.getElementById(old.id);
      if (!next || served.get(old.id) === next.outerHTML) continue;
      served.set(old.id, next.outerHTML);
      replace(old, next);
      any = true;
    }
    if (any) document.body.dispatchEvent(new CustomEvent("refreshed"));
  }

  // replace keeps what a reader did to a part: where the keyboard is, what he opened, how far he
  // scrolled. Rows that were not there are shown as new.
  function replace(old, next) {
    const at = document.activeElement;
    const held = at && old.contains(at) ? [at.tagName, at.getAttribute("href"), [...old.querySelectorAll(at.tagName)].indexOf(at)] : null;
    const before = [...old.querySelectorAll("details")].map((d) => d.open);
    const moved = [...old.querySelectorAll(".wide")].map((w) => w.scrollLeft);
    const keys = new Set([...old.querySelectorAll("[data-key]")].map((r) => r.dataset.key));
    if (keys.size) for (const row of next.querySelectorAll("[data-key]")) if (!keys.has(row.dataset.key)) row.classList.add("fresh");
    old.replaceWith(next);
    next.querySelectorAll("details").forEach((d, i) => { if (i < before.length) d.open = before[i]; });
    next.querySelectorAll(".wide").forEach((w, i) => { w.scrollLeft = moved[i] || 0; });
    if (!held) return;
    const same = [...next.querySelectorAll(held[0])];
    ((held[1] && same.find((e) => e.getAttribute("href") === held[1])) || same[held[2]])?.focus({ preventScroll: true });
  }

  // heard takes a note; null says that the connection is lost.
  function heard(now) {
    if (!now) {
      if (!lost) lost = Date.now();
      note = null;
      setTimeout(tell, lostAfter + 50);
      return tell();
    }
    if (lost && Date.now() - lost >= lostAfter) {
      returned = true;
      setTimeout(() => { returned = false; tell(); }, backFor);
    }
    lost = 0;
    const moved = now.position && now.position !== shown;
    note = now;
    document.getElementById("lag").textContent = now.lag;
    tell();
    if (moved || failed || document.querySelector("[data-live=beat]")) {
      refresh();
      if (moved) document.body.dispatchEvent(new CustomEvent("moved", { detail: now }));
    }
  }

  // connect returns what opens and closes the connection.
  async function connect() {
    if (window.SharedWorker) {
      try {
        const worker = new SharedWorker(stand.dataset.worker);
        worker.port.onmessage = ({ data }) => heard(data);
        return (on) => worker.port.postMessage(on);
      } catch {
        /* not allowed here: a connection of this tab's own */
      }
    }
    await script(stand.dataset.worker);
    const live = new Live(heard);
    return (on) => (on ? live.open() : live.close());
  }

  window.paced = paced;
  addEventListener("DOMContentLoaded", async () => {
    const want = await connect();
    const look = () => want(!document.hidden);
    document.addEventListener("visibilitychange", look);
    addEventListener("pagehide", () => want(false));
    addEventListener("pageshow", (e) => e.persisted && look());
    look();
  });
})();
