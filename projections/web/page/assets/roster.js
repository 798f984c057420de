"use strict";
// A clerk's own roster: a file with names that is read in this browser, kept for this tab and never
// sent. Names then stand beside the ids on every page that is opened here. A roster that has official
// numbers instead of ids is matched when the clerk says so: each number, and nothing else of its row,
// is put to the lookup in a request's body; the numbers are not kept.
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

  // The heads of columns, as departments write them.
  const heads = {
    name: /^(姓名|户主姓名|名字|name)$/i,
    head: /^(户主|户主姓名)$/,
    household: /^(户编号|户号|家庭编号|household number)$/i,
    person: /^(人编号|个人编号|person number)$/i,
    identity: /^(证件号码?|身份证号码?|公民身份号码|id number)$/i,
    relation: /^(与户主关系|关系|relation)$/i,
  };
  const headRows = 5; // among so many the heads stand

  // read finds ids with their names, and official numbers with theirs: the name's column by its head,
  // otherwise the cell beside the id.
  function read(text) {
    const rows = text.replace(/^\ufeff/, "").split(/\r?\n/).filter(Boolean).map(cells);
    const has = (row) => row.some((c) => Object.values(heads).some((h) => h.test(c)));
    const first = rows.slice(0, headRows).findIndex(has);
    const column = (kind) => (first < 0 ? -1 : rows[first].findIndex((c) => heads[kind].test(c)));
    const at = { name: column("name") >= 0 ? column("name") : column("head"), household: column("household"), person: column("person") >= 0 ? column("person") : column("identity"), relation: column("relation") };
    const roster = {};
    const numbers = new Map(); // kind and number to name
    for (const row of rows.slice(first + 1)) {
      const id = row.findIndex((c) => idForm.test(c));
      const name = (id < 0 || at.name >= 0 ? row[at.name] : row[id + 1]) || "";
      if (!name || idForm.test(name)) continue;
      if (id >= 0) {
        roster[row[id]] = name;
        continue;
      }
      if (row[at.person]) numbers.set("person " + row[at.person], name);
      const household = "household " + row[at.household];
      if (row[at.household] && (!numbers.has(household) || row[at.relation] === "户主")) numbers.set(household, name);
    }
    return { roster, numbers };
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
    const n = Object.keys(roster).length;
    if (n) {
      note(say("花名册中有 {} 个标识，只在本标签页内，不会上传 ", "{} ids of your roster, in this tab only, never sent ", counted(n)),
        make("button", { type: "button", on: { click: () => { sessionStorage.removeItem(kept); location.reload(); } } }, say("清除", "Clear")));
    }
  }

  const note = (...said) => document.getElementById("roster-note")?.replaceChildren(...said);

  // keep puts names beside ids in this tab.
  function keep(roster) {
    try {
      sessionStorage.setItem(kept, JSON.stringify({ ...load(), ...roster }));
    } catch {
      return note(say("花名册太大，请只取所需的行", "The roster is too large: take only the rows that you need"));
    }
    show();
  }

  async function take(input) {
    const { roster, numbers } = read(await decode(input.files[0]));
    input.value = "";
    if (Object.keys(roster).length) return keep(roster);
    if (numbers.size) return ask(numbers);
    note(say("文件中没有标识，也没有认得的编号列（户编号、人编号、证件号码）和姓名列", "The file holds no ids, and no column of numbers that is known (household number, person number, id number) beside one of names"));
  }

  // ask wants the clerk's word before a number leaves the browser.
  function ask(numbers) {
    const county = make("input", { value: document.getElementById("stand").dataset.county, inputmode: "numeric", pattern: "[0-9]{6}", size: 7, required: true, "aria-label": say("县（区划代码）", "County (division code)") });
    const go = make("button", { type: "button", "data-do": "match", on: { click: () => county.reportValidity() && match(numbers, county.value) } }, say("同意，逐个查询", "Agreed, look them up"));
    note(say("花名册只有编号，没有标识。要对上姓名，须把这 {} 个编号逐个交给本服务器查询（在请求正文中，不留在网址和日志里，不保存）；姓名和其他内容不会发送。县 ", "The roster has numbers, not ids. To match it, its {} numbers have to be put to this server one by one (in the bodies of requests, not in addresses or logs, and not kept); names and all else stay here. County ", counted(numbers.size)),
      county, " ", go, " ", make("button", { type: "button", on: { click: () => note(say("没有发送任何内容", "Nothing was sent")) } }, say("不，取消", "No, cancel")));
    go.focus();
  }

  const together = 3; // lookups at once: browsers allow six connections

  // match looks each number up and keeps the name beside the id that answers to it.
  async function match(numbers, division) {
    const roster = {};
    const all = [...numbers];
    const bar = make("progress", { max: all.length, value: 0, "aria-label": say("正在查询编号", "Looking the numbers up") });
    let ended = false;
    note(bar, " ", make("button", { type: "button", on: { click: () => (ended = true) } }, say("停止", "Stop")));
    const work = async () => {
      for (let next = all.pop(); next && !ended; next = all.pop()) {
        const [kind, number] = next[0].split(" ");
        const answer = await fetch("/v1/lookup", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ kind, number, division }) }).catch(() => null);
        if (!answer) ended = true; // the server is away: what was found is kept
        if (answer?.ok) roster[(await answer.json()).id] = next[1];
        bar.value++;
      }
    };
    await Promise.all(Array.from({ length: together }, work));
    const found = Object.keys(roster).length;
    if (found) keep(roster);
    const rest = numbers.size - found;
    if (rest) document.getElementById("roster-note")?.append(" ", say("{} 个编号没有对上：不在这个县的账本里，或没有查完", "{} numbers were not matched: they are not in the ledger of this county, or were not looked up", counted(rest)));
  }

  addEventListener("DOMContentLoaded", () => {
    show();
    for (const kind of ["htmx:afterSwap", "refreshed"]) document.body.addEventListener(kind, () => show());
    document.body.addEventListener("change", (e) => { if (e.target.dataset?.do === "roster" && e.target.files.length) take(e.target); });
    addEventListener("beforeprint", () => document.querySelectorAll("#file details").forEach((d) => (d.open = true))); // former members too
    document.body.addEventListener("click", (e) => { if (e.target.dataset?.do === "print") print(); });
  });
})();
