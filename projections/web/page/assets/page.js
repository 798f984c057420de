"use strict";
// What every page uses: its two languages, elements, refusals in words, charts, sliders.
const zh = document.documentElement.lang.startsWith("zh");
// say picks the text of the page's language; each {} in it stands for one of the values.
const say = (chinese, english, ...values) => (zh ? chinese : english).replace(/\{\}/g, () => values.shift());

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
  for (const place of document.querySelectorAll(".chart[data-from]:not([data-drawn])")) {
    place.dataset.drawn = "";
    try {
      const [answer] = await Promise.all([fetch(place.dataset.from), script(place.dataset.lib)]);
      if (!answer.ok) throw new Error(answer.status);
      await script(place.dataset.code);
      let drawn = await answer.text();
      const draw = window.drawProgress(place, JSON.parse(drawn));
      const again = paced(async () => { // what did not come now comes with the next record
        const answer = await fetch(place.dataset.from).catch(() => null);
        const now = answer?.ok ? await answer.text() : drawn;
        if (now !== drawn) draw(JSON.parse((drawn = now)));
      });
      document.body.addEventListener("moved", again);
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
  if (document.readyState === "complete") drawCharts();
  else addEventListener("load", drawCharts);
  document.body.addEventListener("refreshed", drawCharts); // the first record brings the first chart
});

// make builds an element: text is text, never markup.
function make(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "on") for (const [kind, act] of Object.entries(value)) e.addEventListener(kind, act);
    else if (value !== null && value !== undefined && value !== false) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return e;
}

// pick reads a text that the server gives in both languages.
const pick = (t) => (typeof t === "string" ? t : t ? (zh ? t.zh : t.en) : "");

const counted = (n) => Number(n).toLocaleString("en-US");

// refused reads a problem document (RFC 9457) into lines: what is wrong, and the way out.
async function refused(answer) {
  let problem = {};
  try {
    problem = await answer.json();
  } catch {
    /* a proxy's page, or nothing */
  }
  const one = (r) => ({ field: r.field || "", value: r.value || "", rule: pick(r.rule), fix: pick(r.fix), differs: r.differs });
  const lines = problem.refusals?.length ? problem.refusals.map(one) : [{ ...one(problem), rule: pick(problem.rule) || pick(problem.names) || say("服务器没有回答（{}）", "The server did not answer ({})", answer.status) }];
  return { title: pick(problem.names), lines, detail: problem.detail || "", existing: problem.existing };
}

// explain shows what was refused.
function explain(problem) {
  return make("div", { class: "notice bad", role: "alert" }, make("b", {}, problem.title || say("没有完成", "Not done")), ...problem.lines.map((l) => make("p", {}, [l.rule, l.fix].filter(Boolean).join(say("；", "; ")))), problem.detail && make("p", { class: "small" }, problem.detail));
}

const unreachable = () => ({ title: say("连不上服务器", "The server cannot be reached"), lines: [{ rule: "", fix: say("请检查网络后重试；已确认的记录不会丢失或重复", "Check the network and try again; what was confirmed is neither lost nor doubled") }], detail: "" });

// What scrolls sideways by itself must be reachable by the keyboard.
function reachable() {
  for (const e of document.querySelectorAll(".wide, .raw")) {
    if (e.scrollWidth > e.clientWidth) e.tabIndex = 0;
    else e.removeAttribute("tabindex");
  }
}

addEventListener("DOMContentLoaded", () => {
  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; reachable(); });
  };
  new MutationObserver(soon).observe(document.getElementById("main"), { childList: true, subtree: true });
  addEventListener("resize", soon);
  soon();
});

// Sliders stand beside the inputs of the moment: the day in the world, and when it was recorded.
// Moving one writes the input; letting go shows the page as of then.
addEventListener("DOMContentLoaded", () => {
  const zone = 8 * 3600 * 1000; // China's time, in which inputs are written
  const read = (text) => Date.parse(text.length > 10 ? text + "Z" : text + "T00:00:00Z") - zone;
  for (const slide of document.querySelectorAll("input.slide")) {
    const input = document.getElementById(slide.dataset.for);
    const day = input.type === "date";
    const step = day ? 24 * 3600 * 1000 : 1000;
    const from = read(slide.dataset.from || slide.dataset.to);
    slide.min = 0;
    slide.max = Math.max(1, Math.ceil((read(slide.dataset.to) - from) / step));
    const place = () => (slide.value = input.value ? Math.round((read(input.value) - from) / step) : slide.max);
    place();
    input.addEventListener("input", place);
    slide.addEventListener("input", () => {
      input.value = new Date(from + Number(slide.value) * step + zone).toISOString().slice(0, day ? 10 : 19);
    });
    slide.addEventListener("change", () => input.form.requestSubmit());
    for (const e of [slide, input]) e.addEventListener("change", () => !day && input.value === "" && input.form.requestSubmit());
  }
  document.querySelector("form.moment")?.addEventListener("formdata", (e) => {
    for (const name of ["known_at", "parameters"]) if (!e.formData.get(name)) e.formData.delete(name);
  });
});
