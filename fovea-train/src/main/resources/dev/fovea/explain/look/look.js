'use strict';
(() => {
  const panel = document.getElementById('arithmetic');
  if (!panel) {
    return;
  }
  const floats = name => new Float32Array(Uint8Array.from(atob(panel.dataset[name]), c => c.charCodeAt(0)).buffer);
  const shape = name => JSON.parse(panel.dataset[name]);
  const x = floats('x'), y = floats('y'), z = floats('z'), w = floats('w'), b = floats('b');
  const [channels, inH, inW] = shape('xShape');
  const [filters, outH, outW] = shape('yShape');
  const [kernelH, kernelW, strideH, strideW, top, left, dilationH, dilationW, groups] = shape('window');
  const perGroup = channels / groups;
  const { layer, source, activation } = panel.dataset;
  const BLOCK = 16; // channels are summed in blocks of 16: in a block by row and column of the window, then by channel

  const element = (tag, parent, text) => {
    const made = document.createElement(tag);
    if (text !== undefined) {
      made.textContent = text;
    }
    parent.append(made);
    return made;
  };
  const shown = value => String(Number(value.toPrecision(7)));

  // ---- The controls: a map, and a place in it

  const controls = element('p', panel);
  controls.className = 'controls';
  const chosen = [['map', filters], ['row', outH], ['column', outW]].map(([name, count]) => {
    const label = element('label', controls, name + ' ');
    const input = element('input', label);
    Object.assign(input, { type: 'number', min: 0, max: count - 1, value: Math.floor((count - 1) / 2) });
    input.addEventListener('input', show);
    return input;
  });
  const scene = element('div', panel);
  scene.className = 'scene';
  const output = drawing(layer + (activation ? ', then ' + activation : ''), outW, outH);
  const input = drawing('what it reads: ' + source, inW, inH);
  const table = element('div', panel);
  table.className = 'scroll tall';
  const result = element('p', panel);
  result.className = 'note';
  result.setAttribute('aria-live', 'polite');

  function drawing(caption, width, height) {
    const figure = element('figure', scene);
    const canvas = element('canvas', figure);
    const zoom = Math.max(1, Math.floor(280 / Math.max(width, height)));
    Object.assign(canvas, { width: width * zoom, height: height * zoom, role: 'img', ariaLabel: caption });
    return { canvas, zoom, width, height, caption: element('figcaption', figure, caption) };
  }

  // From dark to light for numbers from 0 on; blue, grey, orange for those of both signs.
  const MAGNITUDE = [[11, 11, 43], [74, 20, 120], [165, 44, 96], [230, 101, 42], [249, 179, 28], [251, 247, 197]];
  const SIGNED = [[10, 60, 134], [91, 148, 206], [244, 244, 242], [233, 154, 78], [156, 59, 2]];

  function paint({ canvas, zoom, width, height }, values, offset) {
    let largest = 1e-30, signed = false;
    for (let i = 0; i !== width * height; i++) {
      const value = values[offset + i];
      largest = Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
      signed = signed || Math.sign(value) === -1;
    }
    const g = canvas.getContext('2d');
    const stops = signed ? SIGNED : MAGNITUDE;
    for (let i = 0; i !== width * height; i++) {
      const share = Math.max(-1, Math.min(1, values[offset + i] / largest || 0)); // no number: as zero
      const place = (signed ? (share + 1) / 2 : share) * (stops.length - 1);
      const at = Math.min(Math.floor(place), stops.length - 2);
      g.fillStyle = `rgb(${stops[at].map((c, k) => Math.round(c + (stops[at + 1][k] - c) * (place - at)))})`;
      g.fillRect(i % width * zoom, Math.floor(i / width) * zoom, zoom, zoom);
    }
    return g;
  }

  // Around small places, so that they can be seen, and inside of large ones.
  function frame(g, zoom, column, row, columns, rows) {
    const around = 6 > zoom ? 2 : 0;
    for (const [colour, inset] of [['#ffffff', -around], ['#000000', 1 - around]]) {
      g.strokeStyle = colour;
      g.strokeRect(column * zoom + inset + 0.5, row * zoom + inset + 0.5, columns * zoom - 2 * inset - 1, rows * zoom - 2 * inset - 1);
    }
  }

  output.canvas.addEventListener('click', event => {
    const box = output.canvas.getBoundingClientRect();
    chosen[1].value = Math.floor((event.clientY - box.top) / box.height * outH);
    chosen[2].value = Math.floor((event.clientX - box.left) / box.width * outW);
    show();
  });

  // ---- The products of a place, in the order in which the engine adds them

  function taps(k, row, column) {
    const group = Math.floor(k / (filters / groups));
    const found = [];
    for (let first = 0; perGroup > first; first += BLOCK) {
      for (let i = 0; i !== kernelH; i++) {
        for (let j = 0; j !== kernelW; j++) {
          const r = row * strideH - top + i * dilationH, c = column * strideW - left + j * dilationW;
          const inside = r >= 0 &&  c >= 0 && inH > r && inW > c;
          for (let channel = first; inside && Math.min(perGroup, first + BLOCK) > channel; channel++) {
            const of = group * perGroup + channel;
            found.push({ of, r, c, channel, i, j, value: x[(of * inH + r) * inW + c],
              weight: w[((k * perGroup + channel) * kernelH + i) * kernelW + j] });
          }
        }
      }
    }
    return found;
  }

  function show() {
    const [k, row, column] = chosen.map(field => Math.min(field.max, Math.max(0, Math.floor(Number(field.value)) || 0)));
    const all = taps(k, row, column);
    const strongest = all.reduce((best, tap) => Math.abs(tap.value * tap.weight) > Math.abs(best.value * best.weight) ? tap : best,
      all[0] || { of: 0, value: 0, weight: 0 });
    frame(paint(output, z, k * outH * outW), output.zoom, column, row, 1, 1);
    frame(paint(input, x, strongest.of * inH * inW), input.zoom, column * strideW - left, row * strideH - top,
      (kernelW - 1) * dilationW + 1, (kernelH - 1) * dilationH + 1);
    input.caption.textContent = `what it reads: ${source}, map ${strongest.of}, which adds most`;
    input.canvas.ariaLabel = input.caption.textContent;
    table.replaceChildren();
    const rows = element('table', table);
    rows.className = 'figures';
    const head = element('tr', element('thead', rows));
    ['map, row, column', 'number', 'weight', 'product'].forEach(text => {
      element('th', head, text).scope = 'col';
    });
    const body = element('tbody', rows);
    for (const tap of all) {
      const line = element('tr', body);
      element('th', line, `${tap.of}, ${tap.r}, ${tap.c}`).scope = 'row';
      [tap.value, tap.weight, tap.value * tap.weight].forEach(value => element('td', line, shown(value)));
    }
    const at = (k * outH + row) * outW + column;
    result.textContent = `${all.length} products and the bias ${shown(b[k])} add up to ${shown(y[at])}`
      + (activation ? `; after ${activation} it is ${shown(z[at])}.` : '.');
  }
  show();
})();
