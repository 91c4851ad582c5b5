"use strict";
/* What all layers share: the world's coordinates, a canvas over the view, words to and from the window.

   Positions are world units: pixels of the 256 px world at zoom 0 in Web Mercator, counted from an
   origin in the middle of Great Britain, so that 32-bit floats are good to centimetres. */
(function () {
  const HALF = 128;
  const NAS = (window.NAS = { layers: [], look: {}, options: {}, map: null });

  NAS.worldX = (lon) => ((lon + 180) / 360) * 256;
  NAS.worldY = (lat) => {
    const sine = Math.sin((Math.max(-85.05, Math.min(85.05, lat)) * Math.PI) / 180);
    return HALF - (Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256;
  };
  NAS.originX = NAS.worldX(-3.5);
  NAS.originY = NAS.worldY(54.5);
  NAS.place = (lat, lon) => [NAS.worldX(lon) - NAS.originX, NAS.worldY(lat) - NAS.originY];

  NAS.position = (x, y) => {
    const down = Math.PI * (1 - (2 * (y + NAS.originY)) / 256);
    return [(Math.atan(Math.sinh(down)) * 180) / Math.PI, ((x + NAS.originX) / 256) * 360 - 180];
  };

  /* Scale and shift from world units to pixels of the view; valid until the view moves. */
  NAS.view = () => {
    const map = NAS.map;
    const scale = Math.pow(2, map.getZoom());
    const corner = map.getPixelBounds().min;
    return { scale, dx: NAS.originX * scale - corner.x, dy: NAS.originY * scale - corner.y };
  };

  /* A canvas that always covers the view and is drawn anew when the view or its content changes:
     once a frame at most, however often it is asked for. */
  NAS.Canvas = L.Layer.extend({
    initialize(name, zIndex, draw, follows) {
      this._name = name;
      this._zIndex = zIndex;
      this._draw = draw;
      this._follows = follows !== false;
      this._frame = 0;
    },
    onAdd(map) {
      const pane = map.createPane("nas-" + this._name);
      pane.style.zIndex = this._zIndex;
      pane.style.pointerEvents = "none";
      this.canvas = L.DomUtil.create("canvas", "nas-canvas", pane);
      this.context = this.canvas.getContext("2d");
      this._measure();
      map.on("resize", this._measure, this);
      map.on("moveend zoomend viewreset", this.again, this);
      if (this._follows) map.on("move", this.again, this);
      return this;
    },
    _measure() {
      const size = this._map.getSize();
      const ratio = window.devicePixelRatio || 1;
      this.canvas.width = Math.max(1, Math.round(size.x * ratio));
      this.canvas.height = Math.max(1, Math.round(size.y * ratio));
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
      this.again();
    },
    again() {
      if (!this._frame) this._frame = requestAnimationFrame(() => this.now());
    },
    now() {
      if (this._frame) cancelAnimationFrame(this._frame);
      this._frame = 0;
      L.DomUtil.setPosition(this.canvas, this._map.containerPointToLayerPoint([0, 0]));
      const ratio = window.devicePixelRatio || 1;
      this.context.setTransform(1, 0, 0, 1, 0, 0);
      this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
      this._draw(this.context, NAS.view(), this._map.getSize(), ratio);
    },
  });

  NAS.canvas = (name, zIndex, draw, follows) => {
    const layer = new NAS.Canvas(name, zIndex, draw, follows);
    NAS.layers.push(layer);
    return layer;
  };
  NAS.redraw = () => NAS.layers.forEach((layer) => layer._map && layer.again());

  /* Text with a rim in the ground's colour, so that it can be read over anything. */
  NAS.write = (context, words, x, y, colour, rim) => {
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = rim;
    context.strokeText(words, x, y);
    context.fillStyle = colour;
    context.fillText(words, x, y);
  };

  /* A page that is not seen yet has no width, of which the heat layer cannot make an image. */
  if (L.HeatLayer) {
    const redraw = L.HeatLayer.prototype._redraw;
    L.HeatLayer.prototype._redraw = function () {
      const size = this._map ? this._map.getSize() : { x: 0, y: 0 };
      if (size.x > 0 && size.y > 0) redraw.call(this);
      else this._frame = null;
    };
  }

  /* ---------------------------------------------------------------- to and from the window */

  const orders = {};
  const early = []; // what is told before the window listens
  let tell = (words) => early.length < 20 && early.push(words);
  NAS.on = (name, act) => (orders[name] = act);
  NAS.tell = (what, more) => tell(JSON.stringify(Object.assign({ what }, more)));
  NAS.take = (order) => {
    try {
      const act = orders[order.do];
      if (act) act(order);
    } catch (fault) {
      NAS.tell("fault", { words: String(order.do) + ": " + String(fault) });
    }
  };
  NAS.connect = (send) => {
    tell = send;
    early.splice(0).forEach(send);
  };
  document.addEventListener("securitypolicyviolation", (event) =>
    NAS.tell("refused", { uri: String(event.blockedURI).slice(0, 300), by: String(event.effectiveDirective).slice(0, 60) })
  );
  window.addEventListener("pagehide", () => (NAS.isLeaving = true));
  window.addEventListener("error", (event) =>
    NAS.tell("fault", { words: String(event.message).slice(0, 300) })
  );

  /* Binary content by name: over the page's own scheme, or from inside a stand-alone file. */
  NAS.content = async (name) => {
    const inside = document.getElementById("data-" + name.replace(/[^a-z0-9]/g, "-"));
    if (inside) {
      const packed = Uint8Array.from(atob(inside.textContent.trim()), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      return new Response(stream).arrayBuffer();
    }
    const answer = await fetch("/" + name);
    if (!answer.ok) throw new Error(name + " " + answer.status);
    return answer.arrayBuffer();
  };
})();
