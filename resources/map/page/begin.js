"use strict";
/* Puts the layers on the map that folium made, and ties it to the window. */
(function () {
  const VIEW_MS = 120, POINTER_MS = 100;

  function view(map) {
    const middle = map.getCenter(), box = map.getBounds();
    return {
      lat: middle.lat, lon: middle.lng, zoom: map.getZoom(), number: NAS.went || 0,
      south: box.getSouth(), west: box.getWest(), north: box.getNorth(), east: box.getEast(),
    };
  }

  function listen(map) {
    let viewTimer = 0, pointerAt = 0, isByHand = false;
    const later = () => {
      clearTimeout(viewTimer);
      viewTimer = setTimeout(() => NAS.tell("view", view(map)), VIEW_MS);
    };
    NAS.tellView = later;
    map.on("moveend zoomend resize", later);
    map.on("dragstart", () => NAS.tell("moved_by_hand", {}));
    map.getContainer().addEventListener("wheel", () => {
      if (!isByHand) NAS.tell("moved_by_hand", {});
      isByHand = true;
      setTimeout(() => (isByHand = false), 500);
    }, { passive: true });
    map.on("mousemove", (event) => {
      const now = performance.now();
      if (now - pointerAt < POINTER_MS) return;
      pointerAt = now;
      NAS.tell("pointer", { lat: event.latlng.lat, lon: event.latlng.lng });
    });
    map.on("mouseout", () => NAS.tell("pointer", {}));
    map.on("click", (event) => {
      if (NAS.isDrawing()) return;
      const under = NAS.under(event.containerPoint, 16);
      NAS.tell("click", Object.assign({ lat: event.latlng.lat, lon: event.latlng.lng, zoom: map.getZoom() }, under));
    });
    later();
  }

  NAS.on("look", (order) => {
    NAS.look = order.look;
    const style = document.documentElement.style;
    for (const name of ["sea", "text", "text2", "panel", "line"])
      style.setProperty("--" + name, order.look[name]);
    style.setProperty("--size", order.look.size);
    NAS.forgetPictures();
    NAS.paintHeat();
    NAS.redraw();
  });
  NAS.on("options", (order) => {
    Object.assign(NAS.options, order.options);
    document.body.classList.toggle("nas-dim", Boolean(NAS.options.dim));
    NAS.redraw();
  });
  NAS.on("go", (order) => {
    NAS.went = order.number || 0;
    if (order.box) NAS.map.fitBounds(order.box, { animate: false, maxZoom: order.zoom || 14, padding: [40, 40] });
    else NAS.map.setView([order.lat, order.lon], order.zoom || NAS.map.getZoom(), { animate: false });
    if (NAS.tellView) NAS.tellView(); // also when it was there already
  });
  NAS.on("zoom", (order) => NAS.map.setZoom(NAS.map.getZoom() + order.by, { animate: false }));
  NAS.on("pan", (order) => NAS.map.panBy([order.x, order.y], { animate: false }));
  NAS.on("tiles", (order) => NAS.setTiles && NAS.setTiles(order));

  NAS.begin = (map, heat) => {
    NAS.map = map;
    map.attributionControl && map.attributionControl.setPrefix(false);
    NAS.layers.forEach((layer) => layer.addTo(map));
    NAS.setHeatLayer(heat);
    map.on("moveend zoomend resize", NAS.keepWarm);
    NAS.beginDrawing(map);
    if (window.qt && window.qt.webChannelTransport) {
      new QWebChannel(window.qt.webChannelTransport, (channel) => {
        const window_ = channel.objects.window;
        NAS.connect((words) => window_.told(words));
        window_.said.connect((words) => JSON.parse(words).forEach(NAS.take));
        listen(map);
        NAS.tell("ready", {});
      });
    } else NAS.beginAlone(map);
  };
})();
