"use strict";
// An operator's own map: a GeoJSON file that is read in this browser and drawn in place of the
// tiles. Areas are found by code or name; none of it is sent or kept.
(() => {
  const width = 800;
  const longest = 60; // characters of a name
  const ns = "http://www.w3.org/2000/svg";
  const svg = (tag, attributes) => {
    const e = document.createElementNS(ns, tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    return e;
  };
  const rings = (g) => (g?.type === "Polygon" ? g.coordinates : g?.type === "MultiPolygon" ? g.coordinates.flat() : []);
  const mercator = ([x, y]) => [x, (-180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, y)) * Math.PI) / 360))];

  function draw(geo) {
    const tiles = document.getElementById("tiles");
    const areas = JSON.parse(tiles.dataset.areas);
    const shapes = (geo.features || []).map((f) => ({ of: f.properties || {}, rings: rings(f.geometry).map((r) => r.map(mercator)) })).filter((s) => s.rings.length);
    if (!shapes.length) throw new Error("empty");
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const s of shapes) for (const r of s.rings) for (const [x, y] of r) [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    const scale = width / (right - left);
    const map = svg("svg", { id: "tiles", "data-live": "", "data-own": "", "data-areas": tiles.dataset.areas, viewBox: "0 0 " + width + " " + (bottom - top) * scale, role: "group", "aria-label": tiles.getAttribute("aria-label") });
    for (const s of shapes) {
      const code = String(s.of.adcode ?? s.of.code ?? s.of.id ?? "").replace(/(00)+$/, "");
      const name = [...String(s.of.name ?? s.of.NAME ?? "")].slice(0, longest).join("");
      const area = areas.find((a) => a.code === code || (name && (a.full === name || a.name === name)));
      const d = s.rings.map((r) => "M" + r.map(([x, y]) => ((x - left) * scale).toFixed(1) + " " + ((y - top) * scale).toFixed(1)).join("L") + "Z").join("");
      const path = svg("path", { d, class: area ? area.tone : "tn", "fill-rule": "evenodd" });
      const title = svg("title", {});
      title.textContent = (area ? area.full : name) + (area?.worst ? " " + area.worst : "");
      path.append(title);
      if (!area) map.append(path);
      else {
        const link = svg("a", { href: area.href });
        link.append(path);
        map.append(link);
      }
    }
    tiles.replaceWith(map);
  }

  let own = null; // the map that is shown in place of the tiles

  addEventListener("DOMContentLoaded", () => {
    document.body.addEventListener("refreshed", () => { // the numbers on it are new
      const tiles = document.getElementById("tiles");
      if (own && tiles.dataset.own === undefined) draw(own);
    });
    document.querySelector("[data-do=geojson]")?.addEventListener("change", async (e) => {
      const note = document.getElementById("map-note");
      try {
        const geo = JSON.parse(await e.target.files[0].text());
        draw(geo);
        own = geo;
        note.textContent = say("正在显示您的地图；它只在本页，不会上传", "Your own map is shown; it stays on this page and is not sent");
      } catch {
        note.textContent = say("不是可用的 GeoJSON（需要 Polygon 或 MultiPolygon）", "No GeoJSON that can be used: Polygon or MultiPolygon is wanted");
      }
    });
  });
})();
