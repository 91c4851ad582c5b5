"use strict";
/* The quiet part: sea, land, borders, rivers, towns, and the National Grid. */
(function () {
  const LAYERS = ["land", "borders", "rivers"];
  const levels = {};
  let plan = []; // [{name, min, max}] from the window
  let towns = [];
  let grid = [];

  function unpack(buffer) {
    const head = new Uint32Array(buffer, 0, 8);
    let at = 32;
    const level = {};
    LAYERS.forEach((layer, n) => {
      const lines = head[2 + 2 * n];
      const points = head[3 + 2 * n];
      const starts = new Int32Array(buffer, at, lines + 1);
      at += 4 * (lines + 1);
      const boxes = new Float32Array(buffer, at, 4 * lines);
      at += 16 * lines;
      const xy = new Float32Array(buffer, at, 2 * points);
      at += 8 * points;
      level[layer] = { starts, boxes, xy };
    });
    return level;
  }

  async function need(name) {
    if (levels[name] !== undefined) return;
    levels[name] = null;
    try {
      levels[name] = unpack(await NAS.content("base/" + name));
      NAS.ground.again();
      NAS.tell("base", { name });
    } catch (fault) {
      delete levels[name];
      // A page that is left drops what it was waiting for: that is no fault.
      if (!NAS.isLeaving) NAS.tell("fault", { words: "base " + name + ": " + fault });
    }
  }

  /* The wanted level, or the next coarser one until it is there. */
  function levelAt(zoom) {
    let found = null;
    for (const step of plan) {
      if (step.min > zoom) break;
      need(step.name);
      if (levels[step.name]) found = levels[step.name];
    }
    return found;
  }

  function trace(context, lines, view, size, close) {
    const { starts, boxes, xy } = lines;
    const { scale, dx, dy } = view;
    context.beginPath();
    for (let n = 0; n + 1 < starts.length; n++) {
      const left = boxes[4 * n] * scale + dx, top = boxes[4 * n + 1] * scale + dy;
      const right = boxes[4 * n + 2] * scale + dx, low = boxes[4 * n + 3] * scale + dy;
      if (right < -8 || low < -8 || left > size.x + 8 || top > size.y + 8) continue;
      if (right - left < 0.7 && low - top < 0.7) continue;
      let lastX = 1e9, lastY = 1e9;
      const end = starts[n + 1];
      for (let i = starts[n]; i < end; i++) {
        const x = xy[2 * i] * scale + dx, y = xy[2 * i + 1] * scale + dy;
        if (i > starts[n] && i < end - 1 && Math.abs(x - lastX) < 0.8 && Math.abs(y - lastY) < 0.8)
          continue;
        if (i === starts[n]) context.moveTo(x, y);
        else context.lineTo(x, y);
        lastX = x;
        lastY = y;
      }
      if (close) context.closePath();
    }
  }

  function labels(context, view, size, zoom) {
    const look = NAS.look;
    const taken = [];
    context.textBaseline = "middle";
    let shown = 0;
    for (const [name, x, y, people] of towns) {
      const least = zoom >= 12 ? 0 : zoom >= 11 ? 2000 : zoom >= 10 ? 8000 : zoom >= 9 ? 25000
        : zoom >= 8 ? 60000 : zoom >= 7 ? 120000 : zoom >= 6 ? 220000 : 500000;
      if (people < least || shown > 120) break;
      const px = x * view.scale + view.dx, py = y * view.scale + view.dy;
      if (px < -20 || py < 0 || px > size.x || py > size.y) continue;
      const wide = 6.6 * name.length + 16;
      if (taken.some((t) => px < t[2] && px + wide > t[0] && py - 9 < t[3] && py + 9 > t[1])) continue;
      taken.push([px, py - 9, px + wide, py + 9]);
      shown++;
      context.font = (people > 250000 ? "600 " : "") + Math.round(11 * look.size) + "px Inter, sans-serif";
      context.fillStyle = look.town;
      context.beginPath();
      context.arc(px, py, 2, 0, 7);
      context.fill();
      NAS.write(context, name, px + 6, py, look.town, look.land);
    }
  }

  function draw(context, view, size) {
    const look = NAS.look;
    context.fillStyle = look.sea;
    context.fillRect(0, 0, size.x, size.y);
    if (NAS.hasTiles) return;
    const zoom = NAS.map.getZoom();
    const level = levelAt(zoom);
    if (level) {
      trace(context, level.land, view, size, true);
      context.fillStyle = look.land;
      context.fill("evenodd");
      context.strokeStyle = look.coast;
      context.lineWidth = 1;
      context.stroke();
      if (zoom >= 7) {
        trace(context, level.rivers, view, size, false);
        context.strokeStyle = look.river;
        context.lineWidth = zoom >= 10 ? 1.5 : 1;
        context.stroke();
      }
      trace(context, level.borders, view, size, false);
      context.strokeStyle = look.border;
      context.setLineDash([6, 4]);
      context.lineWidth = 1;
      context.stroke();
      context.setLineDash([]);
    }
    if (NAS.options.labels !== false) labels(context, view, size, zoom);
  }

  function drawGrid(context, view, size) {
    if (NAS.options.grid === false) return;
    const look = NAS.look;
    context.strokeStyle = look.grid;
    context.lineWidth = 1;
    context.font = Math.round(10 * look.size) + "px Inter, sans-serif";
    context.textBaseline = "alphabetic";
    for (const line of grid) {
      context.beginPath();
      line.xy.forEach(([x, y], i) => {
        const px = x * view.scale + view.dx, py = y * view.scale + view.dy;
        if (i) context.lineTo(px, py);
        else context.moveTo(px, py);
      });
      context.stroke();
    }
    for (const line of grid) {
      if (!line.words) continue;
      // The label stands where the line enters the view, at the top or at the left.
      const spot = enters(line, view, size);
      if (spot) NAS.write(context, line.words, spot[0], spot[1], look.gridText, look.land);
    }
  }

  function enters(line, view, size) {
    const points = line.xy.map(([x, y]) => [x * view.scale + view.dx, y * view.scale + view.dy]);
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]];
      const isTop = line.is_easting && (a[1] - 12) * (b[1] - 12) <= 0 && a[1] !== b[1];
      const isSide = !line.is_easting && (a[0] - 4) * (b[0] - 4) <= 0 && a[0] !== b[0];
      if (!isTop && !isSide) continue;
      const share = isTop ? (12 - a[1]) / (b[1] - a[1]) : (4 - a[0]) / (b[0] - a[0]);
      const x = a[0] + share * (b[0] - a[0]), y = a[1] + share * (b[1] - a[1]);
      if (isTop && x > 30 && x < size.x - 40) return [x + 3, 12];
      if (isSide && y > 24 && y < size.y - 30) return [4, y - 3];
    }
    return null;
  }

  NAS.ground = NAS.canvas("ground", 150, draw);
  NAS.grid = NAS.canvas("grid", 300, drawGrid);

  NAS.on("ground", (order) => {
    plan = order.levels;
    towns = order.towns.map(([name, lat, lon, people]) => [name, ...NAS.place(lat, lon), people]);
    NAS.ground.again();
  });
  NAS.on("grid", (order) => {
    grid = order.lines;
    NAS.grid.again();
  });
})();
