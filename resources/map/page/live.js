"use strict";
/* What happens now: hits as on the cards, the journey of the chosen vehicle, cameras, what is chosen. */
(function () {
  const hits = new Map();
  const sprites = new Map();
  let cameras = [], journey = [], chosenHit = "", rings = [], picked = new Set();

  function sprite(name) {
    let picture = sprites.get(name);
    if (picture === undefined) {
      picture = new Image();
      picture.onload = () => NAS.live.again();
      picture.src = NAS.picture(name);
      sprites.set(name, picture);
    }
    return picture.complete && picture.naturalWidth ? picture : null;
  }
  NAS.picture = (name) =>
    (NAS.symbols && NAS.symbols[name]) || "/symbols/" + encodeURIComponent(name) + "?" + NAS.look.name;
  NAS.forgetPictures = () => sprites.clear();

  const spot = (thing, view) => [thing.x * view.scale + view.dx, thing.y * view.scale + view.dy];
  const isIn = (x, y, size) => x > -40 && y > -40 && x < size.x + 40 && y < size.y + 40;

  function drawCameras(context, view, size) {
    if (NAS.options.cameras === false) return;
    const look = NAS.look, zoom = NAS.map.getZoom(), r = zoom >= 12 ? 4.5 : zoom >= 9 ? 3.5 : 2.5;
    context.font = Math.round(10.5 * look.size) + "px Inter, sans-serif";
    context.textBaseline = "middle";
    const named = [];
    for (const camera of cameras) {
      const [x, y] = spot(camera, view);
      if (!isIn(x, y, size)) continue;
      const isPicked = picked.has(camera.id);
      // Shape and fill tell the state: dot live, hollow silent, half degraded, cross never heard.
      context.beginPath();
      context.lineWidth = 1.6;
      context.strokeStyle = context.fillStyle = look.camera;
      if (camera.state === "never") {
        context.moveTo(x - r, y - r);
        context.lineTo(x + r, y + r);
        context.moveTo(x + r, y - r);
        context.lineTo(x - r, y + r);
        context.stroke();
      } else {
        context.arc(x, y, r, 0, 7);
        if (camera.state === "live") context.fill();
        else {
          context.fillStyle = look.land;
          context.fill();
          context.stroke();
          if (camera.state === "degraded") {
            context.beginPath();
            context.arc(x, y, r, Math.PI / 2, 1.5 * Math.PI);
            context.fillStyle = look.camera;
            context.fill();
          }
        }
      }
      if (isPicked) {
        context.beginPath();
        context.lineWidth = 2.5;
        context.strokeStyle = look.focus;
        context.strokeRect(x - r - 4, y - r - 4, 2 * r + 8, 2 * r + 8);
      }
      if (zoom >= 12 && NAS.options.labels !== false) named.push([camera, x + r + 5, y]);
    }
    // Names give way to hits and to each other.
    const taken = [...hits.values()].map((hit) => {
      const [x, y] = spot(hit, view);
      return [x - 20, y - 20, x + 20, y + 20];
    });
    for (const [camera, x, y] of named.slice(0, 2000)) {
      const box = [x - 8, y - 7, x + 6.2 * look.size * camera.words.length, y + 7];
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
      taken.push(box);
      NAS.write(context, camera.words, x, y, look.text2, look.land);
    }
  }

  function drawJourney(context, view, size) {
    if (journey.length < 1) return;
    const look = NAS.look;
    const points = journey.map((stop) => spot(stop, view));
    context.strokeStyle = look.outline;
    context.fillStyle = look.outline;
    context.lineWidth = 2;
    context.setLineDash([5, 4]);
    context.beginPath();
    points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    context.setLineDash([]);
    for (let i = 1; i < points.length; i++) {
      const [ax, ay] = points[i - 1], [bx, by] = points[i];
      const long = Math.hypot(bx - ax, by - ay);
      if (long < 26) continue;
      const ux = (bx - ax) / long, uy = (by - ay) / long;
      const mx = ax + (bx - ax) * 0.55, my = ay + (by - ay) * 0.55;
      context.beginPath();
      context.moveTo(mx + 8 * ux, my + 8 * uy);
      context.lineTo(mx - 5 * ux - 5 * uy, my - 5 * uy + 5 * ux);
      context.lineTo(mx - 5 * ux + 5 * uy, my - 5 * uy - 5 * ux);
      context.fill();
    }
    context.font = "600 " + Math.round(12 * look.size) + "px Inter, sans-serif";
    context.textBaseline = "middle";
    const taken = [];
    journey.forEach((stop, i) => {
      const [x, y] = points[i];
      if (!isIn(x, y, size)) return;
      context.beginPath();
      context.arc(x, y, 4, 0, 7);
      context.fillStyle = look.outline;
      context.fill();
      const isLast = i === journey.length - 1;
      if (!isLast && taken.some((t) => Math.abs(t[0] - x) < 60 && Math.abs(t[1] - y) < 14)) return;
      taken.push([x, y]);
      NAS.write(context, stop.words, x + (isLast ? 18 : 10), y, look.text, look.land);
    });
  }

  function drawHits(context, view, size) {
    const look = NAS.look, side = Math.round(26 * look.size);
    const order = [...hits.values()].sort((a, b) =>
      (a.id === chosenHit) - (b.id === chosenHit) || b.rank - a.rank || a.at - b.at);
    context.textBaseline = "middle";
    for (const hit of order) {
      const [x, y] = spot(hit, view);
      if (!isIn(x, y, size)) continue;
      const isChosen = hit.id === chosenHit;
      const big = isChosen ? Math.round(1.3 * side) : side;
      context.globalAlpha = hit.is_over ? 0.45 : 1;
      if (hit.is_waiting && !hit.is_over) {
        context.beginPath();
        context.arc(x, y, big * 0.72, 0, 7);
        context.lineWidth = 2;
        context.strokeStyle = look.outline;
        context.stroke();
      }
      const picture = sprite(hit.symbol);
      if (picture) context.drawImage(picture, x - big / 2, y - big / 2, big, big);
      context.globalAlpha = 1;
      if (isChosen) {
        context.lineWidth = 3;
        context.strokeStyle = look.focus;
        context.strokeRect(x - big / 2 - 6, y - big / 2 - 6, big + 12, big + 12);
      }
    }
    writeMarks(context, view, size, order, side);
  }

  /* Marks from the most urgent down; one that would lie on another is left out. */
  function writeMarks(context, view, size, order, side) {
    const look = NAS.look, taken = [], wide = 8.2 * look.size, high = 15 * look.size;
    context.textAlign = "center";
    for (let i = order.length - 1; i >= 0; i--) {
      const hit = order[i], isChosen = hit.id === chosenHit;
      if (!isChosen && !NAS.options.marks) continue;
      const [x, y] = spot(hit, view);
      if (!isIn(x, y, size)) continue;
      const low = y + (isChosen ? 0.65 * side + 16 : 0.5 * side + 10);
      const half = (Math.max(hit.mark.length, isChosen ? 0.8 * hit.words.length : 0) * wide) / 2;
      const box = [x - half, low - high / 2, x + half, low + (isChosen ? 1.5 : 0.5) * high];
      if (taken.some((t) => box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1])) continue;
      taken.push(box);
      context.font = Math.round(13 * look.size) + "px 'B612 Mono', monospace";
      NAS.write(context, hit.mark, x, low, look.text, look.land);
      if (isChosen) {
        context.font = Math.round(11 * look.size) + "px Inter, sans-serif";
        NAS.write(context, hit.words, x, low + high, look.text, look.land);
      }
    }
    context.textAlign = "start";
  }

  function drawRings(context, view, size) {
    for (const ring of rings) {
      const [x, y] = spot(ring, view);
      if (!isIn(x, y, size)) continue;
      for (const [width, colour] of [[6, NAS.look.land], [3, NAS.look.focus]]) {
        context.beginPath();
        context.arc(x, y, 11, 0, 7);
        context.lineWidth = width;
        context.strokeStyle = colour;
        context.stroke();
      }
    }
  }

  NAS.live = NAS.canvas("live", 620, (context, view, size) => {
    if (!NAS.look.name) return;
    drawCameras(context, view, size);
    drawJourney(context, view, size);
    drawHits(context, view, size);
    drawRings(context, view, size);
  });

  const placed = (thing) => {
    [thing.x, thing.y] = NAS.place(thing.lat, thing.lon);
    return thing;
  };
  NAS.on("hits", (order) => {
    if (order.whole) hits.clear();
    order.gone.forEach((id) => hits.delete(id));
    order.put.forEach((hit) => hits.set(hit.id, placed(hit)));
    NAS.live.again();
  });
  NAS.on("cameras", (order) => {
    cameras = order.cameras.map(placed);
    NAS.live.again();
  });
  NAS.on("journey", (order) => {
    journey = order.stops.map(placed);
    NAS.live.again();
  });
  NAS.on("chosen", (order) => {
    chosenHit = order.hit || "";
    rings = (order.rings || []).map(placed);
    picked = new Set(order.cameras || []);
    NAS.live.again();
  });

  /* What lies under a spot of the view, nearest first. */
  NAS.under = (point, reach) => {
    const view = NAS.view();
    const near = (things) =>
      things
        .map((thing) => {
          const [x, y] = spot(thing, view);
          return [Math.hypot(x - point.x, y - point.y), thing.id];
        })
        .filter(([far]) => far <= reach)
        .sort((a, b) => a[0] - b[0])
        .slice(0, 50)
        .map(([, id]) => id);
    return {
      hits: near([...hits.values()]),
      cameras: NAS.options.cameras === false ? [] : near(cameras),
    };
  };
  NAS.wordsUnder = (point, reach) => {
    const under = NAS.under(point, reach);
    const words = (id) => {
      const thing = hits.get(id);
      return [thing.mark, thing.words].filter(Boolean).join(" · ");
    };
    const named = (id) => (cameras.find((camera) => camera.id === id) || {}).words || id;
    return [...under.hits.map(words), ...under.cameras.map(named)];
  };
  NAS.counts = () => ({ hits: hits.size, cameras: cameras.length, stops: journey.length, rings: rings.length });
  NAS.spotOf = (id) => {
    const thing = hits.get(id) || cameras.find((camera) => camera.id === id);
    return thing ? spot(thing, NAS.view()) : null;
  };
})();
