"use strict";
// The progress of a division over months, drawn, and as a table in which every number leads to its list. Texts of the tooltip are drawn, not written into the
// page, since the page's policy allows no inline style. What is returned draws other numbers into
// the same chart.
window.drawProgress = (place, months) => {
  const text = (chinese, english) => (document.documentElement.lang.startsWith("zh") ? chinese : english);
  const names = {
    employed: text("有人就业且已核实的户", "households with verified work"),
    titled: text("已办不动产证的户", "households with a title"),
    lived_in: text("常住的户", "households living in"),
  };
  place.textContent = "";
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const line = (of) => (name, key, color, dash) => ({
    name, type: "line", showSymbol: false, lineStyle: { width: 2, color, type: dash }, itemStyle: { color },
    data: of.months.map((m) => [m.day, m.households ? +((100 * m[key]) / m.households).toFixed(1) : null]),
  });
  const lines = (of) => [
    line(of)(names.employed, "employed", "#2b648f"),
    line(of)(names.titled, "titled", "#8f2a1e", "dashed"),
    line(of)(names.lived_in, "lived_in", "#7d7a6e", "dotted"),
  ];
  // room lays the legend in one line, or in three where they would not fit beside each other.
  const room = () => {
    const narrow = place.clientWidth < 560;
    return {
      grid: { left: 44, right: 16, top: narrow ? 84 : 38, bottom: 28 },
      legend: { top: 4, left: 0, itemWidth: 22, icon: "rect", itemHeight: 3, orient: narrow ? "vertical" : "horizontal" },
    };
  };
  chart.setOption({
    animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    ...room(),
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (v) => (v === null ? "—" : v + "%") },
    xAxis: { type: "time", axisLine: { lineStyle: { color: "#2c3330" } }, axisLabel: { hideOverlap: true, formatter: "{yyyy}-{MM}" } },
    yAxis: { type: "value", max: 100, min: 0, axisLabel: { formatter: "{value}%" }, splitLine: { lineStyle: { color: "#e6e2d7" } } },
    series: lines(months),
  });
  const numbers = document.createElement("details");
  numbers.append(Object.assign(document.createElement("summary"), { textContent: text("逐月数字", "The numbers") }));
  const wide = document.createElement("div");
  wide.className = "wide";
  numbers.append(wide);
  place.after(numbers);
  const cell = (row, kind, words, href) => {
    const c = document.createElement(kind);
    const shown = href ? Object.assign(document.createElement("a"), { href }) : c;
    shown.textContent = words;
    if (shown !== c) c.append(shown);
    row.append(c);
    return c;
  };
  // fill makes the table anew, the latest month first.
  const fill = (of) => {
    const table = document.createElement("table");
    table.className = "figures";
    const head = table.createTHead().insertRow();
    for (const name of [text("截至", "As of"), text("搬迁户", "households"), ...Object.values(names)]) cell(head, "th", name).scope = "col";
    for (const c of [...head.cells].slice(1)) c.className = "num";
    const body = table.createTBody();
    for (const m of of.months.toReversed()) {
      const row = body.insertRow();
      cell(row, "th", m.day, m.lists.day).scope = "row";
      for (const key of ["households", ...Object.keys(names)]) cell(row, "td", m[key].toLocaleString("en-US"), m.lists[key]).className = "num";
    }
    wide.replaceChildren(table);
  };
  fill(months);
  new ResizeObserver(() => { chart.resize(); chart.setOption(room()); }).observe(place);
  return (now) => { chart.setOption({ series: lines(now) }); fill(now); };
};
