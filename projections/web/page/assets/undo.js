"use strict";
// Undoing an import: what would be voided is asked of the door and shown, or who rests on it; only then, and only for
// the very same fields, it can be done.
(() => {
  const moment = () => document.getElementById("undo").dataset.moment;
  const event = (id) => make("a", { class: "code", href: "/events/" + id + moment(), title: id }, id.slice(0, 8));

  const kind = (code) => document.querySelector(`#kinds option[value="${CSS.escape(code)}"]`)?.textContent || code;

  function asked(form, dry) {
    const query = new URLSearchParams();
    for (const name of ["division", "department", "reason", "approved_by"]) {
      const text = form.elements[name].value.trim();
      if (text) query.set(name, text);
    }
    if (dry) query.set("dryrun", "true");
    return "/v1/batches/" + encodeURIComponent(form.elements.batch.value.trim()) + "/void?" + query;
  }

  async function send(form, dry) {
    const out = document.getElementById("undone");
    const wrong = [...form.elements].find((e) => e.willValidate && !e.checkValidity());
    if (wrong) return wrong.reportValidity();
    out.replaceChildren(make("p", { class: "wait", role: "status" }, dry ? say("正在查找依赖这次导入的记录…", "Looking for records that rest on this import…") : say("正在作废…", "Voiding…")));
    for (const b of form.querySelectorAll("button")) b.disabled = true;
    try {
      const answer = await fetch(asked(form, dry), { method: "POST" });
      if (answer.ok) out.replaceChildren(await (dry ? preview : receipt)(await answer.json(), form));
      else out.replaceChildren(...(await refusal(answer)));
    } catch {
      out.replaceChildren(explain(unreachable()));
    }
    for (const b of form.querySelectorAll("button")) b.disabled = false;
    out.querySelector("button, a")?.focus();
  }

  // types counts by type.
  function types(u) {
    const rows = u.types.map((t) => make("tr", {}, make("th", { scope: "row" }, kind(t.type)), make("td", { class: "num" }, counted(t.events))));
    return make("table", { class: "figures" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say("记录类型", "Type of record")), make("th", { scope: "col", class: "num" }, say("条数", "Records")))), make("tbody", {}, ...rows));
  }

  function preview(u, form) {
    const before = u.already ? make("p", { class: "small" }, say("其中 {} 条此前已作废。", "{} of them were voided before.", counted(u.already))) : null;
    if (!u.voided) return make("div", { class: "notice", role: "status" }, make("b", {}, say("没有要作废的记录", "There is nothing to void")), before);
    return make("section", { "aria-labelledby": "h-would" },
      make("h2", { id: "h-would" }, say("将作废 {} 条，没有其他记录依赖它们", "{} records would be voided; nothing rests on them", counted(u.voided))),
      before, make("div", { class: "wide" }, types(u)),
      make("details", {}, make("summary", {}, say("最先作废的 {} 条", "The first {} in the order of voiding", counted(u.first.length))), make("ul", { class: "plain" }, ...u.first.map((e) => make("li", {}, event(e.event), " ", kind(e.type))))),
      make("p", {}, make("button", { type: "button", class: "strong", id: "void", on: { click: () => send(form, false) } }, say("作废这 {} 条", "Void these {} records", counted(u.voided))), " ", make("span", { class: "small" }, say("作废后仍可恢复：撤销作废所成的批次", "It can be taken back: by undoing the batch of the voids"))));
  }

  function receipt(u) {
    return make("div", { class: "notice good", role: "status" },
      make("b", {}, say("已作废 {} 条，并已同步到磁盘", "{} records voided, and on disk", counted(u.voided))),
      u.position ? make("p", {}, say("账本位置", "Position"), " ", make("span", { class: "code" }, u.position)) : null,
      u.undo ? make("p", {}, make("a", { href: "/undo" + moment() + (moment() ? "&" : "?") + "batch=" + u.undo }, say("恢复这次导入（撤销批次 {}）", "Bring the import back (undo batch {})", u.undo))) : null);
  }

  // refusal shows why nothing is voided, and of what others rest on the records that do.
  async function refusal(answer) {
    const copy = answer.clone();
    const shown = [explain(await refused(answer))];
    const problem = await copy.json().catch(() => ({}));
    if (problem.depends?.length) {
      const rows = problem.depends.map((d) => make("tr", {}, make("th", { scope: "row" }, event(d.event)), make("td", {}, ...d.dependants.flatMap((id) => [event(id), " "]))));
      shown.push(make("div", { class: "wide" }, make("table", { class: "figures", id: "depends" }, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say("本次导入的记录", "Record of the import")), make("th", { scope: "col" }, say("依赖它的记录，须先作废", "Records that rest on it, to be voided first")))), make("tbody", {}, ...rows))));
    }
    return shown;
  }

  addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("undo");
    form.addEventListener("submit", (e) => { e.preventDefault(); send(form, true); });
    form.addEventListener("input", () => document.getElementById("undone").replaceChildren()); // what was looked at was of other fields
    form.elements[form.elements.batch.value ? "reason" : "batch"].focus();
  });
})();
