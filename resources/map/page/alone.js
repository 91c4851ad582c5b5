"use strict";
/* A file that stands alone: what is in it, drawn without a window to ask. */
(function () {
  const REACH = 9, MOST = 40;
  let grids = [], details = null;

  const at = (ms) => new Date(ms).toISOString().replace("T", " ").slice(0, 19) + " GMT";
  const element = (kind, words, name) => {
    const made = document.createElement(kind);
    if (words) made.textContent = words; // text and nothing else: others wrote it
    if (name) made.className = name;
    return made;
  };

  NAS.on("symbols", (order) => (NAS.symbols = order.pictures));
  NAS.on("grids", (order) => {
    grids = order.grids;
    showGrid();
  });
  function showGrid() {
    const zoom = NAS.map.getZoom();
    const fit = grids.filter((grid) => grid.zoom <= zoom).pop() || grids[0];
    if (fit) NAS.take({ do: "grid", lines: fit.lines });
  }
  NAS.on("details", async (order) => {
    const buffer = await NAS.content(order.name);
    const count = buffer.byteLength / 5;
    details = Object.assign({}, order, {
      camera: new Int32Array(buffer, 0, count), way: new Int8Array(buffer, 4 * count, count),
    });
  });
  NAS.on("legend", (order) => {
    const place = document.getElementById("nas-legend");
    for (const entry of order.entries) {
      const row = element("span", "", "nas-entry");
      const swatch = element("i", "");
      swatch.style.background = entry.colour;
      row.append(swatch, element("span", entry.words));
      place.append(row);
    }
  });

  function show(lines) {
    const place = document.getElementById("nas-found");
    place.replaceChildren();
    place.hidden = !lines.length;
    for (const words of lines.slice(0, MOST)) place.append(element("div", words));
    if (lines.length > MOST) place.append(element("div", "and " + (lines.length - MOST) + " more"));
  }

  NAS.beginAlone = (map) => {
    map.on("zoomend", showGrid);
    map.on("click", (event) => {
      const lines = NAS.wordsUnder(event.containerPoint, 16);
      for (const [row, seconds] of NAS.readsUnder(event.containerPoint, REACH)) {
        const words = [at((details ? details.first_ms : 0) + 1000 * seconds)];
        if (details) {
          words.push(details.cameras[details.camera[row]] || "gone since");
          const way = details.ways[details.way[row]];
          if (way && way.length <= 2) words.push(way);
        }
        lines.push(words.join(" · "));
      }
      show(lines);
    });
    document.addEventListener("keydown", (event) => {
      const by = { ArrowUp: [0, -120], ArrowDown: [0, 120], ArrowLeft: [-120, 0], ArrowRight: [120, 0] }[event.key];
      if (by) map.panBy(by, { animate: false });
      else if (event.key === "+" || event.key === "=") map.zoomIn(1, { animate: false });
      else if (event.key === "-") map.zoomOut(1, { animate: false });
      else if (event.key === "Escape") show([]);
    });
    const held = document.getElementById("data-orders");
    if (held) JSON.parse(held.textContent).forEach(NAS.take);
  };
})();
