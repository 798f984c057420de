"use strict";
// The ticker: events as they are recorded, by type, department and id; names never stand in them.
(() => {
  const rows = 40;
  const pause = 2000; // milliseconds before a broken stream is asked for again

  addEventListener("DOMContentLoaded", () => {
    const table = document.getElementById("ticker");
    const kinds = JSON.parse(table.dataset.kinds);
    const offices = JSON.parse(table.dataset.offices);
    const body = table.tBodies[0];
    const rate = document.getElementById("rate");
    const end = new AbortController();
    const recent = []; // when the last events came
    const queue = []; // shown at the next frame, so that a flood does not hold the page
    const at = new Map((table.dataset.follow || "").split(",").filter(Boolean).map((p) => p.split(":")));

    const pages = { h: "/households/", p: "/persons/", c: "/communities/" };
    function row(e) {
      const id = e.subject.split("/")[1];
      const place = "ANJU-" + e.home.slice(0, 2) + ":" + Number(e.sequence);
      const time = new Date(Date.parse(e.recordedtime) + 8 * 3600 * 1000).toISOString().slice(0, 19).replace("T", " ");
      const about = pages[id[0]] ? make("a", { class: "code", href: pages[id[0]] + id }, id) : make("span", { class: "code" }, id);
      return make("tr", { class: "fresh" }, make("td", { class: "date" }, time), make("th", { scope: "row" }, make("a", { href: "/events/" + e.id }, kinds[e.type] || e.type)),
        make("td", {}, offices[e.source.split("/")[2]] || ""), make("td", {}, about), make("td", { class: "code" }, place));
    }

    function flush() {
      for (const e of queue.splice(0).slice(-rows)) body.prepend(row(e));
      while (body.rows.length > rows) body.lastElementChild.remove();
    }

    function taken(line) {
      if (!line) return;
      const e = JSON.parse(line);
      at.set("ANJU-" + e.home.slice(0, 2), Number(e.sequence));
      recent.push(Date.now());
      if (queue.push(e) === 1) requestAnimationFrame(flush);
      if (queue.length > rows) queue.shift();
    }

    setInterval(() => {
      const since = Date.now() - 10000;
      while (recent.length && recent[0] < since) recent.shift();
      rate.textContent = say("近10秒每秒 {} 条", "{} a second over ten seconds", (recent.length / 10).toFixed(1));
    }, 1000);

    async function follow() {
      while (!end.signal.aborted) {
        try {
          const after = [...at].map(([stream, n]) => stream + ":" + n).join(",");
          const answer = await fetch("/v1/events?follow=true" + (after ? "&after=" + after : ""), { signal: end.signal });
          const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
          let rest = "";
          for (;;) {
            const { value, done } = await reader.read();
            if (done) break;
            const lines = (rest + value).split("\n");
            rest = lines.pop();
            lines.forEach(taken);
          }
        } catch {
          /* asked for again below */
        }
        await new Promise((go) => setTimeout(go, pause));
      }
    }
    addEventListener("pagehide", () => end.abort());
    follow();
  });
})();
