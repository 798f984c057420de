"use strict";
// A clerk's own roster: a file with ids and names that is read in this browser, kept for this tab
// and never sent. Names then stand beside the ids on every page that is opened here.
(() => {
  const kept = "anju-roster";
  const longest = 60; // characters of a name that are shown
  const idForm = /^[hpc][0-9a-hjkmnp-tv-z]{12}$/;

  const load = () => JSON.parse(sessionStorage.getItem(kept) || "{}");

  // decode reads UTF-8, or GB18030 as spreadsheet programs write it.
  async function decode(file) {
    const bytes = await file.arrayBuffer();
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return new TextDecoder("gb18030").decode(bytes);
    }
  }

  // cells splits a line of CSV.
  function cells(line) {
    const out = [];
    for (const m of line.matchAll(/(?:^|[,;\t])(?:"((?:[^"]|"")*)"|([^,;\t]*))/g)) out.push((m[1] ?? m[2] ?? "").replaceAll('""', '"').trim());
    return out;
  }

  // read finds ids and names: the name's column by its head, otherwise the cell beside the id.
  function read(text) {
    const rows = text.replace(/^\ufeff/, "").split(/\r?\n/).filter(Boolean).map(cells);
    const named = rows[0]?.findIndex((h) => /^(姓名|户主姓名|户主|名字|name)$/i.test(h)) ?? -1;
    const roster = {};
    for (const row of rows) {
      const at = row.findIndex((c) => idForm.test(c));
      const name = at < 0 ? "" : row[named >= 0 ? named : at + 1] || "";
      if (name && !idForm.test(name)) roster[row[at]] = name;
    }
    return roster;
  }

  function show(root = document) {
    const roster = load();
    for (const who of root.querySelectorAll(".who[data-id]")) {
      who.querySelector(".name")?.remove();
      const name = roster[who.dataset.id];
      if (!name) continue;
      const short = [...name].length > longest ? [...name].slice(0, longest).join("") + "…" : name;
      who.prepend(make("span", { class: "name" }, make("bdi", {}, short)));
    }
    const note = document.getElementById("roster-note");
    const n = Object.keys(roster).length;
    if (note && n) {
      note.replaceChildren(say("花名册中有 {} 个标识，只在本标签页内，不会上传 ", "{} ids of your roster, in this tab only, never sent ", counted(n)),
        make("button", { type: "button", on: { click: () => { sessionStorage.removeItem(kept); location.reload(); } } }, say("清除", "Clear")));
    }
  }

  async function take(input) {
    const roster = read(await decode(input.files[0]));
    const note = document.getElementById("roster-note");
    if (!Object.keys(roster).length) {
      note.textContent = say("文件中没有标识。可先下载清单，在旁边加一列姓名", "The file holds no ids. Download a list and add a column of names to it");
      return;
    }
    try {
      sessionStorage.setItem(kept, JSON.stringify(roster));
    } catch {
      note.textContent = say("花名册太大，请只取所需的行", "The roster is too large: take only the rows that you need");
      return;
    }
    show();
  }

  addEventListener("DOMContentLoaded", () => {
    show();
    for (const kind of ["htmx:afterSwap", "refreshed"]) document.body.addEventListener(kind, () => show());
    document.body.addEventListener("change", (e) => { if (e.target.dataset?.do === "roster" && e.target.files.length) take(e.target); });
    addEventListener("beforeprint", () => document.querySelectorAll("#file details").forEach((d) => (d.open = true))); // former members too
    document.body.addEventListener("click", (e) => { if (e.target.dataset?.do === "print") print(); });
  });
})();
