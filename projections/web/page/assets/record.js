"use strict";
// A form that is made from a type's schema: it reads the fields into the event's payload, sends
// it to the door, and shows each refusal at its field, or the receipt.
(() => {
  const idForm = /^[a-z][0-9a-hjkmnp-tv-z]{12}$/;
  const pause = 300; // milliseconds without a key, after which a field is looked at
  let id = newId(); // of the fact: kept until it is recorded, so that sending it again is harmless

  // newId makes a UUID of version 7.
  function newId() {
    const b = crypto.getRandomValues(new Uint8Array(16));
    let t = Date.now();
    for (let i = 5; i >= 0; i--, t = Math.floor(t / 256)) b[i] = t % 256;
    b[6] = (b[6] & 15) | 112;
    b[8] = (b[8] & 63) | 128;
    return [...b].map((x) => x.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  const entity = (text) => (idForm.test(text) ? text : { number: text });

  // hundredths reads 3200.5 as 320050 without a detour over fractions.
  function hundredths(text) {
    const [whole, part = ""] = text.split(".");
    return Number(whole + (part + "00").slice(0, 2));
  }

  const readers = { text: (v) => v, code: (v) => v, integer: Number, hundredths, boolean: (v) => v === "true", entity };

  // read turns a container into an object and notes where each pointer stands in the form.
  function read(container, pointer, places) {
    const object = {};
    for (const child of container.querySelectorAll("[data-field], [data-object], [data-list]")) {
      if (child.parentElement.closest("[data-object], [data-list]") !== container) continue;
      const name = child.dataset.field ?? child.dataset.object ?? child.dataset.list;
      const at = pointer + "/" + name;
      places.set(at, child);
      const value = child.dataset.list !== undefined ? list(child, at, places) : child.dataset.object !== undefined ? read(child, at, places) : field(child);
      if (value !== undefined && !(typeof value === "object" && Object.keys(value).length === 0)) object[name] = value;
    }
    return object;
  }

  function field(e) {
    if (e.dataset.type === "codes") {
      const codes = [...e.querySelectorAll("input:checked")].map((c) => c.value);
      return codes.length ? codes : undefined;
    }
    const text = e.value.trim();
    return text === "" ? undefined : readers[e.dataset.type](text);
  }

  function list(e, pointer, places) {
    const items = [...e.querySelector("[data-items]").children].map((item, i) => {
      const at = pointer + "/" + i;
      const inner = item.querySelector("[data-object]");
      places.set(at, item);
      return inner ? read(inner, at, places) : field(item.querySelector("[data-field]"));
    });
    const full = items.filter((v) => v !== undefined);
    return full.length ? full : undefined;
  }

  // check says what is wrong with a field while it is typed.
  function check(e) {
    const v = e.validity;
    const n = Number(e.value);
    let wrong = "";
    if (v.valueMissing) wrong = say("必须填写", "needed");
    else if (v.badInput || v.patternMismatch) wrong = say("格式不对", "not of the form asked for");
    else if (e.value && e.dataset.min !== undefined && n < Number(e.dataset.min)) wrong = say("不得小于 {}", "at least {}", e.dataset.min);
    else if (e.value && e.dataset.max !== undefined && n > Number(e.dataset.max)) wrong = say("不得大于 {}", "at most {}", e.dataset.max);
    mark(e, wrong);
    return !wrong;
  }

  let marks = 0;
  // mark writes what is wrong below a field, or takes it away.
  function mark(e, wrong) {
    const input = e.matches("input, select, textarea") ? e : e.querySelector("input, select, textarea") || e;
    const home = e.closest("label") || e;
    home.querySelector(":scope > .wrong")?.remove();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
    if (!wrong) return;
    const p = make("span", { class: "wrong", id: "wrong" + ++marks }, wrong);
    home.append(p);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", p.id);
  }

  async function send(form) {
    const out = document.getElementById("receipt");
    out.replaceChildren();
    const inputs = [...form.querySelectorAll("input, select, textarea")].filter((e) => !(e.closest("[data-object]:not([data-object=''])") && empty(e.closest("[data-object]"))));
    const bad = inputs.filter((e) => !check(e));
    if (bad.length) return bad[0].focus();
    const places = new Map();
    for (const e of form.querySelectorAll("[data-pointer]")) places.set(e.dataset.pointer, e);
    const event = { id, type: form.dataset.kind, time: form.elements.time.value, division: form.elements.division.value, data: read(form.querySelector("[data-object='']"), "/data", places) };
    if (form.elements.time.type === "datetime-local") event.time = new Date(event.time + "+08:00").toISOString(); // China's time, wherever the computer stands
    const subject = form.elements.subject?.value.trim();
    if (subject) event.subject = entity(subject);
    const query = new URLSearchParams({ department: form.elements.department.value, division: event.division });
    const button = form.querySelector("button.strong");
    button.disabled = true;
    try {
      const answer = await fetch("/v1/events?" + query, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(event) });
      if (answer.ok) out.replaceChildren(receipt(await answer.json(), form));
      else place(await refused(answer), places, out);
    } catch {
      out.replaceChildren(explain(unreachable()));
    }
    button.disabled = false;
  }

  // empty reports a group that is not filled in at all: its fields are then not needed.
  const empty = (group) => group.dataset.object !== "" && [...group.querySelectorAll("input, select, textarea")].every((e) => (e.type === "checkbox" ? !e.checked : !e.value));

  // place shows each refusal at its field; what belongs to none stands below.
  function place(problem, places, out) {
    const rest = [];
    for (const l of problem.lines) {
      let at = l.field;
      while (at && !places.has(at)) at = at.slice(0, at.lastIndexOf("/"));
      if (at) mark(places.get(at), [l.rule, l.fix].filter(Boolean).join(say("；", "; ")));
      else rest.push(l);
    }
    out.replaceChildren(explain({ ...problem, lines: rest }));
    document.querySelector("[aria-invalid]")?.focus();
  }

  // moment is when the page is read, which its links keep.
  const moment = () => document.getElementById("receipt").dataset.moment;

  function receipt(r, form) {
    const made = Object.entries(r.ids || {}).map(([, e]) => e);
    id = newId();
    return make("div", { class: "notice good", role: "status" },
      make("b", {}, r.already ? say("这条记录先前已在账本中", "This fact was in the ledger before") : say("已登记，并已同步到磁盘", "Recorded, and on disk")),
      make("p", {}, say("账本位置", "Position"), " ", make("span", { class: "code" }, r.position), " · ", make("a", { href: "/events/" + r.id + moment() }, say("查看这条记录及其证明", "See the event and its proof"))),
      made.length ? make("p", {}, say("新登记的对象：", "New ids: "), ...made.flatMap((e) => [linked(e), " "])) : null,
      make("p", {}, make("button", { type: "button", on: { click: () => { form.reset(); document.getElementById("receipt").replaceChildren(); form.querySelector("input")?.focus(); } } }, say("再登记一条", "Record another"))));
  }

  function linked(e) {
    const pages = { h: "/households/", p: "/persons/", c: "/communities/" };
    return pages[e[0]] ? make("a", { class: "code", href: pages[e[0]] + e + moment() }, e) : make("span", { class: "code" }, e);
  }

  addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("record");
    form.addEventListener("submit", (e) => { e.preventDefault(); send(form); });
    form.addEventListener("change", (e) => check(e.target));
    let typed;
    form.addEventListener("input", (e) => {
      clearTimeout(typed);
      if (e.target.hasAttribute("aria-invalid")) check(e.target);
      else typed = setTimeout(check, pause, e.target);
    });
    form.addEventListener("click", (e) => {
      const act = e.target.dataset.do;
      if (act === "more") {
        const item = e.target.parentElement.querySelector(":scope > template").content.cloneNode(true).firstElementChild;
        e.target.parentElement.querySelector(":scope > [data-items]").append(item);
        item.querySelector("input, select")?.focus();
      } else if (act === "less") e.target.closest(".item").remove();
    });
    for (const needed of form.querySelectorAll("[data-required] > [data-items]:empty ~ [data-do=more]")) needed.click();
    form.querySelector("select, input")?.focus();
  });
})();
