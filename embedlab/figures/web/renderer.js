// Puts points into pixels: by WebGL2, or, where there is none, by hand.

const VERTEX = `#version 300 es
in vec3 place;
in vec4 colour;
uniform mat4 matrix;
uniform vec3 middle;
uniform float size;
uniform float enlarged;
uniform vec4 grey;
out vec4 shade;
void main() {
  gl_Position = matrix * vec4(place - middle, 1.0);
  gl_PointSize = enlarged > 0.0 ? clamp(size * enlarged / gl_Position.w, 1.0, 6.0 * size) : size;
  shade = grey.a > 0.0 ? grey : vec4(colour.rgb, -grey.a);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 shade;
uniform float soft;
out vec4 colour;
void main() {
  float alpha = shade.a;
  if (soft > 0.0) {
    float away = length(gl_PointCoord * 2.0 - 1.0);
    alpha *= 1.0 - smoothstep(1.0 - soft, 1.0, away);
    if (alpha < 0.02) discard;
  }
  colour = vec4(shade.rgb * alpha, alpha);
}`;
const SQUARE = 2.5; // up to so many pixels a point is drawn without rounding

// `layers` are what is drawn, one over the other: {first, count, alpha, grey}, parts of the order of rows; `grey` is
// [red, green, blue] from 0 to 1 for a layer without its own colours.
class GlRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: false, alpha: true, premultipliedAlpha: true, preserveDrawingBuffer: true });
    if (!this.gl) throw new Error("WebGL2 is not there");
    this.program = programOf(this.gl);
    this.buffers = {};
    this.count = 0;
  }

  get lost() {
    return this.gl.isContextLost();
  }

  setPlaces({ x, y, z, count }) {
    const places = new Float32Array(3 * count);
    for (let row = 0; row < count; row++) {
      places[3 * row] = x[row];
      places[3 * row + 1] = y[row];
      if (z) places[3 * row + 2] = z[row];
    }
    this.fill("place", places, 3, this.gl.FLOAT, false);
  }

  // `colours` is Uint32 (count), red in the lowest byte.
  setColours(colours) {
    this.fill("colour", colours, 4, this.gl.UNSIGNED_BYTE, true);
  }

  fill(name, values, size, type, normalised) {
    const { gl, program } = this;
    const buffer = (this.buffers[name] ??= gl.createBuffer());
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, normalised, 0, 0);
  }

  // `order` is Uint32: the rows as they are drawn, the last one on top.
  setOrder(order) {
    const { gl } = this;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, (this.buffers.order ??= gl.createBuffer()));
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.STATIC_DRAW);
  }

  // `size` is in pixels of the screen, of which a CSS pixel has `ratio`.
  draw(camera, layers, size, ratio) {
    const { gl, canvas, program } = this;
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    if (camera.deep) gl.enable(gl.DEPTH_TEST);
    else gl.disable(gl.DEPTH_TEST);
    const uniform = (name) => gl.getUniformLocation(program, name);
    gl.uniformMatrix4fv(uniform("matrix"), false, camera.matrix);
    gl.uniform3fv(uniform("middle"), camera.middle);
    gl.uniform1f(uniform("enlarged"), camera.enlarged);
    for (const layer of layers) {
      const pixels = Math.max(1, size * ratio * (layer.scale || 1));
      gl.uniform1f(uniform("size"), pixels);
      gl.uniform1f(uniform("soft"), pixels <= SQUARE && !camera.deep ? 0 : Math.min(1, 2 / pixels));
      gl.uniform4fv(uniform("grey"), layer.grey ? [...layer.grey, layer.alpha] : [0, 0, 0, -layer.alpha]);
      if (layer.count) gl.drawElements(gl.POINTS, layer.count, gl.UNSIGNED_INT, 4 * layer.first);
    }
  }

  // A browser has some sixteen WebGL contexts; give ours back now, not when they are collected.
  release() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

function programOf(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) || "no program");
  return program;
}

const STEPS = 4; // places of a point within a pixel, across and down, that are told apart

// The same without a graphics card: each point's disc is laid over an image, pixel by pixel.
class PixelRenderer {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    if (!this.pen) throw new Error("The browser can't draw");
    this.lost = false;
    this.discs = new Map();
  }

  setPlaces(points) {
    this.points = points;
  }

  setColours(colours) {
    this.colours = colours;
  }

  setOrder(order) {
    this.order = order;
  }

  draw(camera, layers, size, ratio) {
    const { canvas, pen } = this;
    const [width, height] = [Math.round(camera.width * ratio), Math.round(camera.height * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (!this.image || this.image.width !== width || this.image.height !== height) {
      this.image = pen.createImageData(width, height);
      // Red, green and blue times alpha, and alpha, from 0 to 255: what is laid over what has to be exact.
      this.laid = new Float32Array(4 * width * height);
    }
    this.laid.fill(0);
    for (const layer of layers) this.lay(camera, layer, Math.max(1, size * ratio * (layer.scale || 1)), ratio);
    const { data } = this.image;
    const { laid } = this;
    for (let at = 0; at < laid.length; at += 4) {
      const alpha = laid[at + 3];
      if (!alpha) {
        data[at + 3] = 0;
        continue;
      }
      data[at] = laid[at] / alpha;
      data[at + 1] = laid[at + 1] / alpha;
      data[at + 2] = laid[at + 2] / alpha;
      data[at + 3] = alpha * 255;
    }
    pen.putImageData(this.image, 0, 0);
  }

  lay(camera, { first, count, alpha, grey }, size, ratio) {
    const { order, points, colours, laid } = this;
    const { width, height } = this.image;
    const { x, y, z } = points;
    const m = camera.matrix;
    const [cx, cy, cz] = camera.middle;
    const [halfWidth, halfHeight] = [width / 2, height / 2];
    const fixed = camera.enlarged ? null : this.discsOf(size);
    let [red, green, blue] = grey ? grey.map((part) => part * 255) : [0, 0, 0];
    for (let at = first; at < first + count; at++) {
      const row = order[at];
      const [a, b, c] = [x[row] - cx, y[row] - cy, z ? z[row] - cz : 0];
      const depth = m[3] * a + m[7] * b + m[11] * c + m[15];
      if (!(depth > 0)) continue;
      const right = ((m[0] * a + m[4] * b + m[8] * c + m[12]) / depth + 1) * halfWidth;
      const down = (1 - (m[1] * a + m[5] * b + m[9] * c + m[13]) / depth) * halfHeight;
      const { reach, side, masks } = fixed || this.discsOf(Math.min(6 * size, Math.max(1, (size * camera.enlarged) / depth)));
      const [left, top] = [Math.floor(right - reach), Math.floor(down - reach)];
      if (left < 0 || top < 0 || left + side > width || top + side > height || right !== right) continue;
      const mask = masks[Math.floor((right - reach - left) * STEPS) * STEPS + Math.floor((down - reach - top) * STEPS)];
      if (!grey) {
        const colour = colours[row];
        red = colour & 255;
        green = (colour >> 8) & 255;
        blue = (colour >> 16) & 255;
      }
      for (let line = 0, k = 0; line < side; line++) {
        for (let to = 4 * ((top + line) * width + left), end = to + 4 * side; to < end; to += 4, k++) {
          const over = mask[k] * alpha;
          if (!over) continue;
          const under = 1 - over;
          laid[to] = red * over + laid[to] * under;
          laid[to + 1] = green * over + laid[to + 1] * under;
          laid[to + 2] = blue * over + laid[to + 2] * under;
          laid[to + 3] = over + laid[to + 3] * under;
        }
      }
    }
  }

  // How much of each pixel a disc of `size` pixels covers, for each place of it within a pixel.
  discsOf(size) {
    const wide = Math.round(size * 4) / 4;
    if (!this.discs.has(wide)) this.discs.set(wide, discsOf(wide));
    return this.discs.get(wide);
  }

  release() {
    this.canvas.width = this.canvas.height = 0;
  }
}

function discsOf(size) {
  const reach = size / 2;
  const side = Math.ceil(size) + 1;
  const masks = [];
  for (let across = 0; across < STEPS; across++) {
    for (let down = 0; down < STEPS; down++) {
      const middle = [(across + 0.5) / STEPS + reach, (down + 0.5) / STEPS + reach];
      const covers = (_, at) => {
        const away = Math.hypot((at % side) + 0.5 - middle[0], Math.floor(at / side) + 0.5 - middle[1]);
        return Math.min(1, Math.max(0, reach + 0.5 - away));
      };
      masks.push(Float32Array.from({ length: side * side }, covers));
    }
  }
  return { reach, side, masks };
}

let known = null;

// Whether WebGL2 works, and whether the processor does the graphics card's work.
function webgl() {
  if (known) return known;
  const context = document.createElement("canvas").getContext("webgl2");
  const named = context && context.getExtension("WEBGL_debug_renderer_info");
  const renderer = named ? context.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  known = { works: Boolean(context), software: /swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer) };
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return known;
}
