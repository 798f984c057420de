"use strict";
// Importing: a file is staged, tried row by row, shown, and recorded only when it is confirmed.
(() => {
  const area = document.getElementById("import");
  const shownRows = 300; // the rest stands in the workbook with remarks
  const pollEvery = 400; // milliseconds
  let staged = null; // the id of the import that waits
  let chosen = []; // its files, so that they can be tried again
  let keepChanges = true;

  const names = {
    communities: say("安置社区", "Communities"), register: say("搬迁户登记", "Register of households"), labour: say("就业台账", "Jobs"),
    titles: say("不动产登记", "Titles"), facilities: say("配套设施", "Facilities"), industry: say("产业利益联结", "Industry"),
    monitoring: say("防返贫监测", "Monitoring"), visits: say("走访记录", "Visits"), income: say("收入申报", "Incomes"),
    services: say("公共服务", "Public services"), disbursed: say("资金拨付", "Disbursed funds"),
  };

  const show = (...children) => area.replaceChildren(...children);

  const reading = say("正在读取文件…", "Reading the file…");

  // watch asks how far the import is until the work is done. The bar has no value before the rows are
  // counted: the work then tells in words what goes on.
  function watch(work, words) {
    const bar = make("progress", { max: 1, "aria-label": words });
    const note = make("p", { class: "wait" }, words);
    const count = make("p", { class: "small" }, "\u00a0");
    show(make("div", { class: "working" }, note, bar, count));
    let done = false;
    const ask = async () => {
      if (done) return;
      if (staged) {
        const answer = await fetch("/v1/imports/" + staged + "/progress").catch(() => null);
        if (answer?.ok) {
          const at = await answer.json();
          if (at.rows) {
            bar.value = at.done / at.rows;
            count.textContent = say("第 {} 个文件：{} / {} 行", "File {}: {} of {} rows", at.file + 1, counted(at.done), counted(at.rows));
          }
        }
      }
      setTimeout(ask, pollEvery);
    };
    setTimeout(ask, pollEvery);
    return work((text) => (count.textContent = text)).finally(() => (done = true));
  }

  async function answered(request) {
    let answer;
    try {
      answer = await request;
    } catch {
      throw unreachable();
    }
    if (!answer.ok) throw await refused(answer);
    return answer;
  }

  // stage sends the files, has them recognised, and tries their rows.
  async function stage(tell) {
    tell(say("正在上传文件…", "Sending the file…"));
    const form = new FormData();
    for (const f of chosen) form.append("file", f, f.name);
    const query = new URLSearchParams({ division: document.getElementById("division").value.trim(), dryrun: "false", changes: keepChanges ? "keep" : "record" });
    const effective = document.getElementById("effective").value;
    if (effective) query.set("effective", effective);
    const answer = await answered(fetch("/v1/imports?" + query, { method: "POST", body: form }));
    staged = (await answer.json()).id;
    tell(reading);
    return (await answered(fetch("/v1/imports/" + staged))).json();
  }

  async function tryFiles() {
    await discard();
    try {
      const report = await watch(stage, say("正在逐行试读，尚未记入任何内容…", "Trying the rows; nothing is recorded…"));
      show(...review(report));
      area.querySelector("h2")?.focus();
    } catch (problem) {
      staged = null;
      show(explain(problem.lines ? problem : { title: problem.message, lines: [] }));
    }
  }

  async function discard() {
    if (staged) await fetch("/v1/imports/" + staged, { method: "DELETE" }).catch(() => null);
    staged = null;
  }

  const total = (report, key) => report.files.reduce((n, f) => n + (key === "rejected" ? f.rejected.length : f[key]), 0);

  // review shows what would be recorded, what is there already, and what is wrong and why.
  function review(report) {
    const news = total(report, "accepted");
    const changed = total(report, "changed");
    const wrong = total(report, "rejected");
    const parts = [make("h2", { tabindex: "-1" }, say("试读结果：尚未记入", "Dry run: nothing is recorded yet"))];
    report.files.forEach((f, i) => parts.push(fileReport(f, i, false)));
    if (changed) parts.push(changesChoice(changed));
    const verdict = news || (changed && !keepChanges) ? say("确认后将记入 {} 行", "Confirming records {} rows", counted(news + (keepChanges ? 0 : changed))) : say("没有新的内容可记入", "There is nothing new to record");
    parts.push(make("div", { class: "confirm" },
      make("p", {}, make("b", {}, verdict), wrong ? say("；被退回的 {} 行不会记入，改好后可再次导入同一文件", "; the {} refused rows are left out: correct them and import the same file again", counted(wrong)) : ""),
      make("button", { type: "button", class: "strong", id: "confirm", disabled: !news && (keepChanges || !changed), on: { click: () => confirmed(report) } }, say("确认记入", "Confirm and record")),
      " ", make("button", { type: "button", on: { click: async () => { await discard(); show(); } } }, say("放弃", "Discard"))));
    return parts;
  }

  function changesChoice(changed) {
    const pickOne = (keep, text) => make("label", {}, make("input", { type: "radio", name: "changes", checked: keep === keepChanges, on: { change: () => { keepChanges = keep; tryFiles(); } } }), " ", text);
    return make("fieldset", {}, make("legend", {}, say("与账本不一致的 {} 行", "{} rows differ from the ledger", counted(changed))),
      pickOne(true, say("保留账本中的内容", "keep what the ledger has")), pickOne(false, say("按表格记为更正（原记录仍保留）", "record the file's as corrections (the originals stay)")));
  }

  // fileReport shows one file: its counts as a bar, then its rows.
  function fileReport(f, i, recorded) {
    const counts = [
      ["t5", recorded ? say("已记入", "recorded") : say("将记入", "new"), f.accepted], ["t4", say("已在账本中", "already there"), f.duplicates],
      ["t3", say("与账本不一致", "differs"), f.changed], ["tn", say("无内容", "nothing in it"), f.nothing], ["t1", say("退回", "refused"), f.rejected.length],
    ].filter(([, , n]) => n);
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ class: "bar", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" })) svg.setAttribute(name, value);
    let x = 0;
    for (const [tone, , n] of counts) {
      const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      const w = (1000 * n) / f.rows;
      for (const [name, value] of Object.entries({ class: tone, x, width: w, height: 10 })) rect.setAttribute(name, value);
      x += w;
      svg.append(rect);
    }
    return make("section", { class: "imported" },
      make("h3", {}, make("bdi", {}, f.file), " ", make("small", {}, (names[f.template] || f.template) + say("，共 {} 行", ", {} rows", counted(f.rows)))),
      f.needs ? make("div", { class: "notice bad", role: "alert" }, make("b", {}, pick(f.needs.rule)), make("p", {}, pick(f.needs.fix))) : null,
      svg, make("ul", { class: "legend" }, ...counts.map(([tone, name, n]) => make("li", {}, make("i", { class: tone }), make("span", {}, name), " ", make("b", {}, counted(n))))),
      f.rejected.length && !f.needs ? refusals(f, i, recorded) : null,
      f.changes?.length ? changes(f) : null);
  }

  // head is the head of a table; one column holds numbers and is set like them.
  function head(numbers, ...words) {
    return make("thead", {}, make("tr", {}, ...words.map((w, i) => make("th", { scope: "col", class: i === numbers && "num" }, w))));
  }

  // refusals groups the refused rows by what is wrong, then lists them row by row.
  function refusals(f, i, recorded) {
    const causes = new Map();
    for (const r of f.rejected) {
      const key = r.column + "\u0000" + r.kind + "\u0000" + r.rule.zh;
      if (!causes.has(key)) causes.set(key, { ...r, rows: [] });
      causes.get(key).rows.push(r.row);
    }
    const sorted = [...causes.values()].sort((a, b) => b.rows.length - a.rows.length);
    const few = (rows) => rows.slice(0, 8).join(say("、", ", ")) + (rows.length > 8 ? "…" : "");
    return make("div", {},
      make("h4", {}, say("退回的行：{} 种问题", "Refused rows: {} causes", sorted.length)),
      make("div", { class: "wide" }, make("table", { class: "figures causes" }, head(3, say("列", "Column"), say("问题", "What is wrong"), say("怎样改", "How to correct it"), say("行数", "Rows"), say("在第几行", "Which rows")),
        make("tbody", {}, ...sorted.map((c) => make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, c.column)), make("td", {}, pick(c.rule)), make("td", {}, pick(c.fix)), make("td", { class: "num" }, counted(c.rows.length)), make("td", { class: "small" }, few(c.rows))))))),
      make("details", { open: f.rejected.length <= 40 }, make("summary", {}, say("逐行查看", "Row by row")),
        make("div", { class: "wide" }, make("table", { class: "figures rows" }, head(0, say("行", "Row"), say("列", "Column"), say("表中的值", "Value"), say("问题", "What is wrong"), say("怎样改", "How to correct it")),
          make("tbody", {}, ...f.rejected.slice(0, shownRows).map((r) => make("tr", {}, make("td", { class: "num" }, r.row), make("td", {}, make("bdi", {}, r.column)), make("td", {}, r.value ? make("bdi", { class: "code cell" }, r.value) : make("span", { class: "nil" }, say("（不显示）", "(not shown)"))), make("td", {}, pick(r.rule)), make("td", {}, pick(r.fix))))))),
        f.rejected.length > shownRows ? make("p", { class: "small" }, say("其余 {} 行见带批注的表格", "The other {} rows are in the file with remarks", counted(f.rejected.length - shownRows))) : null),
      recorded ? null : make("p", {}, make("a", { class: "button", href: "/v1/imports/" + staged + "/remarks?file=" + i, download: "" }, say("下载带批注的表格", "Download the file with remarks")), " ", make("span", { class: "small" }, say("就是您的文件，每个退回的单元格旁写明原因", "your own file, the reason written beside every refused cell"))));
  }

  function changes(f) {
    return make("details", {}, make("summary", {}, say("与账本不一致的行：{}", "Rows that differ: {}", counted(f.changes.length))),
      make("div", { class: "wide" }, make("table", { class: "figures" }, head(0, say("行", "Row"), say("列", "Column"), say("账本中", "In the ledger"), say("表格中", "In the file")),
        make("tbody", {}, ...f.changes.slice(0, shownRows).flatMap((c) => c.fields.map((d) => make("tr", {}, make("td", { class: "num" }, c.row), make("td", {}, make("bdi", {}, d.column || d.field)), make("td", {}, d.sealed ? say("已封存", "sealed") : make("bdi", {}, d.was || "—")), make("td", {}, d.sealed ? say("不同", "other") : make("bdi", {}, d.now || "—")))))))));
  }

  // confirmed records the import. The files with remarks are fetched before: they hold names and
  // are deleted with the confirmation.
  async function confirmed(report) {
    const before = staged;
    try {
      const remarks = await Promise.all(report.files.map((f, i) => (f.rejected.length && !f.needs ? fetch("/v1/imports/" + before + "/remarks?file=" + i).then((a) => (a.ok ? a.blob() : null)).catch(() => null) : null)));
      const record = async (tell) => {
        tell(reading);
        return (await answered(fetch("/v1/imports/" + before + "/confirm", { method: "POST" }))).json();
      };
      const done = await watch(record, say("正在记入…", "Recording…"));
      staged = null;
      document.getElementById("drop").reset();
      show(...receipt(done, remarks));
      area.querySelector("h2")?.focus();
    } catch (problem) {
      show(explain(problem.lines ? problem : { title: problem.message, lines: [] }),
        make("p", {}, make("button", { type: "button", on: { click: () => confirmed(report) } }, say("再试一次（不会重复记入）", "Try again (nothing is recorded twice)"))));
    }
  }

  function receipt(done, remarks) {
    const parts = [make("div", { class: "notice good", role: "status" }, make("h2", { tabindex: "-1", class: "plain" }, say("已记入 {} 行", "{} rows are recorded", counted(total(done, "accepted")))),
      make("p", {}, say("已同步到磁盘。要看某人的新记录，请用户编号、人编号或住址查找。", "They are on disk. To see somebody's new record, look the household or person up by number or address.")),
      make("p", {}, make("a", { class: "button", href: "/find" + moment() }, say("查找一户", "Find a household")), " ", make("a", { class: "button", href: "/" + moment() }, say("看总览", "See the overview"))))];
    done.files.forEach((f, i) => {
      const section = fileReport(f, i, true);
      if (f.batch) section.append(make("p", { class: "small" }, say("批次 ", "Batch "), make("span", { class: "code" }, f.batch)));
      if (remarks[i]) section.append(make("p", {}, make("a", { class: "button", href: URL.createObjectURL(remarks[i]), download: "remarks-" + f.file }, say("下载带批注的表格", "Download the file with remarks"))));
      parts.push(section);
    });
    return parts;
  }

  const moment = () => area.dataset.moment;

  function take(files) {
    chosen = [...files];
    keepChanges = true;
    if (chosen.length && document.getElementById("drop").reportValidity()) tryFiles();
  }

  addEventListener("DOMContentLoaded", () => {
    const zone = document.getElementById("zone");
    const input = document.getElementById("files");
    input.addEventListener("change", () => take(input.files));
    document.getElementById("drop").addEventListener("submit", (e) => e.preventDefault());
    for (const kind of ["dragenter", "dragover"]) addEventListener(kind, (e) => { e.preventDefault(); zone.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) addEventListener(kind, (e) => { e.preventDefault(); zone.classList.remove("over"); });
    addEventListener("drop", (e) => { if (e.dataTransfer?.files.length) take(e.dataTransfer.files); });
    addEventListener("beforeunload", (e) => { if (staged && document.getElementById("confirm")?.disabled === false) e.preventDefault(); });
  });
})();
