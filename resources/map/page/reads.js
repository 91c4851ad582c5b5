"use strict";
/* Reads of an answer: half a million dots put into the pixels of one canvas, or counted circles. */
(function () {
  const CELL = 58;
  let count = 0, xs = null, ys = null, times = null, hues = null;
  let since = 0, until = 0xffffffff;
  let palette = new Uint32Array(256);
  let image = null, pixels = null;
  let way = "dots";
  let heat = null;

  const packed = (hex) => {
    const number = parseInt(hex.slice(1), 16);
    return (0xff000000 | ((number & 255) << 16) | (number & 0xff00) | (number >> 16)) >>> 0;
  };

  function drawDots(context, view, size, ratio) {
    const wide = context.canvas.width, high = context.canvas.height;
    if (!image || image.width !== wide || image.height !== high) {
      image = context.createImageData(wide, high);
      pixels = new Uint32Array(image.data.buffer);
    } else pixels.fill(0);
    const scale = view.scale * ratio, dx = view.dx * ratio, dy = view.dy * ratio;
    const half = Math.max(1, Math.round((count > 100000 ? 1 : count > 5000 ? 1.5 : 2.5) * ratio));
    const right = wide - half - 1, low = high - half - 1;
    // From the last to the first: rows come newest first, and the newest is to lie on top.
    for (let i = count - 1; i >= 0; i--) {
      const x = (xs[i] * scale + dx) | 0, y = (ys[i] * scale + dy) | 0;
      if (x < half || y < half || x > right || y > low) continue;
      const at = times[i];
      if (at < since || at > until) continue;
      const colour = palette[hues[i]];
      let row = (y - half) * wide + x;
      for (let v = -half; v <= half; v++, row += wide)
        for (let u = -half; u <= half; u++) pixels[row + u] = colour;
    }
    context.putImageData(image, 0, 0);
  }

  function drawCircles(context, view, size) {
    const across = Math.ceil(size.x / CELL) + 2, down = Math.ceil(size.y / CELL) + 2;
    const counts = new Uint32Array(across * down);
    const sumX = new Float64Array(across * down), sumY = new Float64Array(across * down);
    // Cells are counted from the world's corner: circles do not dance while the map is moved.
    const shiftX = ((view.dx % CELL) + CELL) % CELL, shiftY = ((view.dy % CELL) + CELL) % CELL;
    for (let i = 0; i < count; i++) {
      const x = xs[i] * view.scale + view.dx, y = ys[i] * view.scale + view.dy;
      if (!(x >= 0 && y >= 0 && x < size.x && y < size.y)) continue;
      const at = times[i];
      if (at < since || at > until) continue;
      const cell = ((y - shiftY + CELL) / CELL | 0) * across + ((x - shiftX + CELL) / CELL | 0);
      counts[cell]++;
      sumX[cell] += x;
      sumY[cell] += y;
    }
    const look = NAS.look;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let cell = 0; cell < counts.length; cell++) {
      const many = counts[cell];
      if (!many) continue;
      const x = sumX[cell] / many, y = sumY[cell] / many;
      const radius = many === 1 ? 4 : Math.min(27, 9 + 3.4 * Math.log10(many));
      context.beginPath();
      context.arc(x, y, radius, 0, 7);
      context.fillStyle = look.circle;
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = look.outline;
      context.stroke();
      if (many > 1) {
        context.font = "600 " + Math.round(11 * look.size) + "px Inter, sans-serif";
        context.fillStyle = look.circleText;
        context.fillText(many < 10000 ? String(many) : Math.round(many / 1000) + " k", x, y);
      }
    }
    context.textAlign = "start";
  }

  const layer = (NAS.reads = NAS.canvas("reads", 350, (context, view, size, ratio) => {
    if (!count || way === "heat") return;
    if (way === "dots") drawDots(context, view, size, ratio);
    else drawCircles(context, view, size);
  }));

  NAS.setReads = (buffer) => {
    const began = performance.now();
    const head = new Uint32Array(buffer, 0, 4);
    count = head[1];
    xs = new Float32Array(buffer, 16, count);
    ys = new Float32Array(buffer, 16 + 4 * count, count);
    times = new Uint32Array(buffer, 16 + 8 * count, count);
    hues = new Uint8Array(buffer, 16 + 12 * count, count);
    layer.now();
    return performance.now() - began;
  };
  NAS.readsUnder = (point, reach) => {
    const view = NAS.view(), found = [];
    for (let i = 0; i < count && found.length < 500; i++) {
      const x = xs[i] * view.scale + view.dx - point.x;
      if (x > reach || x < -reach) continue;
      const y = ys[i] * view.scale + view.dy - point.y;
      if (x * x + y * y <= reach * reach && times[i] >= since && times[i] <= until) found.push([i, times[i]]);
    }
    return found;
  };
  NAS.setHeatLayer = (made) => {
    heat = made;
    cool();
  };
  NAS.readCount = () => count;

  /* An answer that comes late is not of what is wanted now: the newest order alone counts. */
  let wanted = "";
  function drop() {
    count = 0;
    xs = ys = times = hues = null;
    if (heat) cool();
  }
  NAS.on("reads", async (order) => {
    const began = performance.now();
    wanted = order.name;
    drop();
    if (order.name) {
      const buffer = await NAS.content(order.name);
      if (wanted !== order.name) return;
      const came = performance.now();
      const drew = NAS.setReads(buffer);
      NAS.tell("reads", { count, came_ms: came - began, drew_ms: drew, name: order.name });
    }
    layer.again();
    warmLater();
  });
  NAS.on("hues", async (order) => {
    const of = wanted;
    const buffer = await NAS.content(order.name);
    if (wanted !== of || !count || buffer.byteLength !== count) return;
    hues = new Uint8Array(buffer);
    layer.again();
  });
  NAS.on("palette", (order) => {
    palette = new Uint32Array(256).fill(packed(order.colours[order.colours.length - 1] || "#888888"));
    order.colours.forEach((colour, n) => (palette[n] = packed(colour)));
    layer.again();
  });
  NAS.on("span", (order) => {
    since = order.since;
    until = order.until;
    layer.again();
    warmLater();
  });
  NAS.on("way", (order) => {
    way = order.way;
    layer.again();
    if (heat && way !== "heat") cool();
    warmLater();
  });

  /* Heat: reads are counted in cells as wide as those of the heat layer itself, so that the two
     do not beat, and anew with every zoom: the colours say where most is, near and far alike. */
  const OVERLAPS = 7; // stamps that lie over each other where everything is full
  let warmed = null, warming = 0;
  function warm() {
    warming = 0;
    if (!heat || way !== "heat" || !count) return;
    const map = NAS.map, size = map.getSize(), zoom = map.getZoom(), view = NAS.view();
    if (!(size.x > 0 && size.y > 0)) return;
    const pitch = (heat.options.radius + heat.options.blur) / 2;
    const left = Math.floor((-size.x - view.dx) / pitch), top = Math.floor((-size.y - view.dy) / pitch);
    const across = Math.ceil((3 * size.x) / pitch) + 1, down = Math.ceil((3 * size.y) / pitch) + 1;
    const many = new Uint32Array(across * down), scale = view.scale / pitch;
    for (let i = 0; i < count; i++) {
      const x = Math.floor(xs[i] * scale) - left, y = Math.floor(ys[i] * scale) - top;
      if (x >= 0 && y >= 0 && x < across && y < down && times[i] >= since && times[i] <= until) many[y * across + x]++;
    }
    const spots = [];
    let most = 1e-6;
    for (let cell = 0; cell < many.length; cell++) {
      if (!many[cell]) continue;
      // Most places have few reads and a few have very many: the root shows both.
      const weight = Math.sqrt(many[cell]);
      const x = (left + (cell % across) + 0.5) / scale, y = (top + Math.floor(cell / across) + 0.5) / scale;
      const spot = NAS.position(x, y);
      spots.push([spot[0], spot[1], weight]);
      if (weight > most) most = weight;
    }
    warmed = { zoom, box: map.getBounds().pad(0.9) };
    if (!map.hasLayer(heat)) heat.addTo(map);
    heat.setOptions({ max: most * OVERLAPS, maxZoom: zoom });
    heat.setLatLngs(spots);
    NAS.tell("heat", { cells: spots.length });
  }
  // Off the map while nothing is to be seen of it: it paints its canvas anew with every move.
  function cool() {
    heat.setLatLngs([]);
    heat.remove();
    warmed = null;
  }
  const warmLater = () => {
    if (way === "heat" && !warming) warming = requestAnimationFrame(warm);
  };
  NAS.keepWarm = () => {
    const map = NAS.map;
    if (!warmed || warmed.zoom !== map.getZoom() || !warmed.box.contains(map.getBounds())) warmLater();
  };
  NAS.paintHeat = () => heat && heat.setOptions({ gradient: NAS.look.heat });
})();
