"use strict";
/* Areas that are drawn: box, polygon, circle, corridor; changed by their handles. */
(function () {
  const TOOLS = { box: "Rectangle", polygon: "Polygon", circle: "Circle", corridor: "Line" };
  let shown = null; // the layer with handles
  let area = null; // what it stands for, as the window said it
  let tool = "";

  const paint = () => ({ color: NAS.look.focus, weight: 2, fillOpacity: 0.12 });
  const pairs = (list) => list.map((p) => [p.lat, p.lng]);

  function read(layer, kind) {
    if (kind === "circle") {
      const middle = layer.getLatLng();
      return { kind, points: [[middle.lat, middle.lng]], radius_m: layer.getRadius() };
    }
    const corners = layer.getLatLngs();
    return { kind, points: pairs(kind === "corridor" ? corners : corners[0]) };
  }

  function drawWidth(context, view) {
    if (!area || area.kind !== "corridor") return;
    const middle = area.points[Math.floor(area.points.length / 2)][0];
    const metre = (view.scale * 256) / (40075016.686 * Math.cos((middle * Math.PI) / 180));
    context.beginPath();
    area.points.forEach(([lat, lon], i) => {
      const [x, y] = NAS.place(lat, lon);
      const px = x * view.scale + view.dx, py = y * view.scale + view.dy;
      if (i) context.lineTo(px, py);
      else context.moveTo(px, py);
    });
    context.lineCap = context.lineJoin = "round";
    context.globalAlpha = 0.22;
    context.lineWidth = Math.max(2, 2 * area.radius_m * metre);
    context.strokeStyle = NAS.look.focus;
    context.stroke();
    context.globalAlpha = 1;
  }
  NAS.widths = NAS.canvas("widths", 380, drawWidth);

  function forget() {
    if (shown) {
      shown.off();
      if (shown.pm) shown.pm.disable();
      shown.remove();
    }
    shown = null;
  }

  NAS.on("area", (order) => {
    forget();
    area = order.area;
    NAS.widths.again();
    if (!area) return;
    if (area.kind === "circle") {
      shown = L.circle(area.points[0], Object.assign({ radius: area.radius_m }, paint()));
    } else if (area.kind === "corridor") {
      shown = L.polyline(area.points, paint());
    } else {
      shown = L.polygon(area.points, paint());
    }
    shown.addTo(NAS.map);
    if (order.edits && shown.pm) {
      shown.pm.enable({ allowSelfIntersection: true, snappable: false });
      const kind = area.kind;
      shown.on("pm:edit", () => NAS.tell("edited", { area: read(shown, kind) }));
    }
  });

  NAS.on("draw", (order) => {
    const map = NAS.map;
    if (!map.pm) return;
    map.pm.disableDraw();
    tool = order.tool;
    map.getContainer().classList.toggle("nas-drawing", Boolean(tool));
    if (TOOLS[tool]) {
      forget();
      area = null;
      NAS.widths.again();
      map.pm.enableDraw(TOOLS[tool], {
        snappable: false, tooltips: true, continueDrawing: false, cursorMarker: true,
        allowSelfIntersection: true, pathOptions: paint(),
        templineStyle: { color: NAS.look.focus }, hintlineStyle: { color: NAS.look.focus, dashArray: [5, 5] },
      });
    }
  });

  NAS.beginDrawing = (map) => {
    if (!map.pm) return;
    map.pm.setLang("en_gb");
    map.on("pm:create", (event) => {
      const kind = tool;
      const drawn = read(event.layer, kind);
      event.layer.remove();
      tool = "";
      map.getContainer().classList.remove("nas-drawing");
      NAS.tell("drawn", { area: drawn });
    });
  };
  NAS.isDrawing = () => Boolean(TOOLS[tool]);
})();
