"use strict";
/* A map file that the force brought: pictures, or shapes that are drawn here. */
(function () {
  let layer = null;

  function paints(look) {
    // Any scheme of layers will do: what is water, built on, or a road is told by words in its name.
    const p = window.protomapsL;
    const line = (colour, width) => new p.LineSymbolizer({ color: colour, width });
    return [
      ["water|sea|lake|surfacewater", new p.PolygonSymbolizer({ fill: look.sea })],
      ["wood|green|park|landcover|landuse|national", new p.PolygonSymbolizer({ fill: look.green })],
      ["building|urban|sites", new p.PolygonSymbolizer({ fill: look.built })],
      ["waterline|waterway|river", line(look.river, 1)],
      ["road|transport|street|motorway", line(look.road, 1.4)],
      ["rail", line(look.border, 1)],
      ["boundar|border|admin", line(look.border, 1)],
    ];
  }

  function vector(order) {
    const p = window.protomapsL;
    const rules = [];
    for (const name of order.layers)
      for (const [words, symbolizer] of paints(NAS.look))
        if (new RegExp(words, "i").test(name)) {
          rules.push({ dataLayer: name, symbolizer });
          break;
        }
    return p.leafletLayer({
      url: "/tiles/{z}/{x}/{y}", maxDataZoom: order.max_zoom, maxZoom: 19, paintRules: rules,
      labelRules: [], backgroundColor: NAS.look.land,
    });
  }

  NAS.setTiles = (order) => {
    if (layer) layer.remove();
    layer = null;
    NAS.hasTiles = Boolean(order.kind);
    if (order.kind === "raster")
      layer = L.tileLayer("/tiles/{z}/{x}/{y}", {
        minNativeZoom: order.min_zoom, maxNativeZoom: order.max_zoom, maxZoom: 19, noWrap: true,
      });
    else if (order.kind === "vector") layer = vector(order);
    if (layer) layer.addTo(NAS.map);
    if (layer && NAS.look.name !== "light" && order.kind === "raster") layer.getContainer().classList.add("nas-night");
    NAS.ground.again();
  };
})();
