"use strict";
// The progress of a division over months. Texts of the tooltip are drawn, not written into the
// page, since the page's policy allows no inline style. What is returned draws other numbers into
// the same chart.
window.drawProgress = (place, months) => {
  const text = (chinese, english) => (document.documentElement.lang.startsWith("zh") ? chinese : english);
  place.textContent = "";
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const line = (of) => (name, key, color, dash) => ({
    name, type: "line", showSymbol: false, lineStyle: { width: 2, color, type: dash }, itemStyle: { color },
    data: of.months.map((m) => [m.day, m.households ? +((100 * m[key]) / m.households).toFixed(1) : null]),
  });
  const lines = (of) => [
    line(of)(text("有人就业且已核实的户", "households with verified work"), "employed", "#2b648f"),
    line(of)(text("已办不动产证的户", "households with a title"), "titled", "#8f2a1e", "dashed"),
    line(of)(text("常住的户", "households living in"), "lived_in", "#7d7a6e", "dotted"),
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
  new ResizeObserver(() => { chart.resize(); chart.setOption(room()); }).observe(place);
  return (now) => chart.setOption({ series: lines(now) });
};
