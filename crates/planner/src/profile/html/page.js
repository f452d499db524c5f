(() => {
  "use strict";
  const root = document.currentScript.closest(".profile");
  const data = JSON.parse(root.querySelector(".data").textContent);
  const find = (name) => root.querySelector("." + name);
  const [view, space, canvas, tip] = ["view", "space", "canvas", "tip"].map(find);
  const LABELS = 210, AXIS = 20, COLUMN = 3, LEAST_US = 10;
  let range = [0, data.wall];
  // The width is that of the plot, and the height that of all rows.
  let rows = [], width = 1, height = 0, colours = {}, dragged = null;

  // A lane is a list of lengths and codes; here it has the beginnings of its spans, and the end of the last.
  for (const node of data.nodes) {
    node.open = data.open > 0;
    for (const worker of node.workers) {
      worker.open = data.open > 1;
      worker.lanes = worker.lanes.map((flat) => {
        const count = flat.length / 2;
        const lane = { begins: new Float64Array(count + 1), codes: new Int32Array(count) };
        for (let place = 0; place < count; place++) {
          lane.begins[place + 1] = lane.begins[place] + flat[2 * place];
          lane.codes[place] = flat[2 * place + 1];
        }
        return lane;
      });
    }
  }

  function layOut() {
    rows = [];
    let y = AXIS;
    const add = (row) => { rows.push({ y, ...row }); y += row.h + 2; };
    for (const node of data.nodes) {
      const all = node.workers.flatMap((worker) => worker.lanes);
      add({ label: node.name, hint: node.name, lanes: node.open ? [] : all, toggles: node, depth: 0, h: node.open ? 18 : 40 });
      if (!node.open) continue;
      for (const worker of node.workers) {
        const { name, hint, lanes } = worker;
        if (lanes.length === 1) {
          add({ label: name, hint, lanes, depth: 1, h: 13 });
        } else if (!worker.open) {
          add({ label: `${name} (${lanes.length} slots)`, hint, lanes, toggles: worker, depth: 1, h: 32 });
        } else {
          lanes.forEach((lane, slot) => add({
            label: slot ? `slot ${slot}` : `${name} slot 0`, hint, lanes: [lane],
            toggles: slot ? null : worker, depth: slot ? 2 : 1, h: 13,
          }));
        }
      }
    }
    height = y;
    space.style.height = height + "px";
    resize();
  }

  function readColours() {
    const style = getComputedStyle(root);
    for (const name of ["page", "text", "muted", "grid", ...data.classes]) {
      colours[name] = style.getPropertyValue("--" + name).trim();
    }
    draw();
  }

  function resize() {
    const scale = window.devicePixelRatio || 1;
    const shown = Math.min(height, Math.max(160, window.innerHeight * 0.75));
    width = Math.max(1, view.clientWidth - LABELS - 8);
    canvas.style.width = view.clientWidth + "px";
    canvas.style.height = shown + "px";
    canvas.width = Math.round(view.clientWidth * scale);
    canvas.height = Math.round(shown * scale);
    // The canvas takes no room of its own, so that the rows below it can be scrolled to.
    canvas.style.marginBottom = -shown + "px";
    draw();
  }

  const xOf = (time) => LABELS + ((time - range[0]) / (range[1] - range[0])) * width;
  const timeAt = (x) => range[0] + ((x - LABELS) / width) * (range[1] - range[0]);
  const look = (code) => code % 32;

  function spanAt(lane, time) {
    let low = 0, high = lane.codes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lane.begins[middle + 1] <= time) low = middle + 1; else high = middle;
    }
    return low;
  }

  function draw() {
    const scale = window.devicePixelRatio || 1;
    const context = canvas.getContext("2d");
    const [full, shown] = [canvas.width / scale, canvas.height / scale];
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = colours.page;
    context.fillRect(0, 0, full, shown);
    context.font = "11px 'DejaVu Sans Mono',Menlo,Consolas,monospace";
    context.textBaseline = "middle";
    const top = view.scrollTop;
    context.fillStyle = colours.grid;
    for (const time of ticks()) context.fillRect(xOf(time), AXIS - 4, 1, shown);
    for (const row of rows) {
      const y = row.y - top;
      if (y + row.h < AXIS || y > shown) continue;
      context.fillStyle = row.depth ? colours.muted : colours.text;
      const mark = row.toggles ? (row.toggles.open ? "▾ " : "▸ ") : "  ";
      fitted(context, " ".repeat(row.depth) + mark + row.label, 4, y + row.h / 2, LABELS - 10);
      if (row.lanes.length === 1) drawLane(context, row.lanes[0], y, row.h);
      else if (row.lanes.length) drawBand(context, row.lanes, y, row.h);
    }
    drawAxis(context, full);
    if (dragged && !dragged.pans) {
      context.globalAlpha = 0.25;
      context.fillStyle = colours.text;
      context.fillRect(Math.min(dragged.from, dragged.to), AXIS, Math.abs(dragged.to - dragged.from), shown);
      context.globalAlpha = 1;
    }
  }

  function fitted(context, text, x, y, most) {
    const letters = Math.floor(most / 6.7);
    context.fillText(text.length > letters ? text.slice(0, letters - 1) + "…" : text, x, y);
  }

  function drawLane(context, lane, y, h) {
    for (let place = spanAt(lane, range[0]); place < lane.codes.length; place++) {
      if (lane.begins[place] >= range[1]) break;
      const from = Math.max(LABELS, xOf(lane.begins[place]));
      const to = Math.min(LABELS + width, xOf(lane.begins[place + 1]));
      const gap = lane.codes[place] >= 32 && to - from >= 4 ? 1 : 0;
      context.fillStyle = colours[data.classes[look(lane.codes[place])]];
      context.fillRect(from, y, Math.max(to - from - gap, 0), h);
    }
  }

  function partsOf(lanes, from, to, columns) {
    const looks = data.classes.length;
    const parts = new Float64Array(columns * looks);
    const step = (to - from) / columns;
    for (const lane of lanes) {
      for (let place = spanAt(lane, from); place < lane.codes.length; place++) {
        const [begin, end] = [Math.max(lane.begins[place], from), Math.min(lane.begins[place + 1], to)];
        if (lane.begins[place] >= to) break;
        const last = Math.min(columns - 1, Math.floor((end - from) / step));
        for (let column = Math.floor((begin - from) / step); column <= last; column++) {
          const time = Math.min(end, from + (column + 1) * step) - Math.max(begin, from + column * step);
          parts[column * looks + look(lane.codes[place])] += Math.max(0, time) / step / lanes.length;
        }
      }
    }
    return parts;
  }

  function drawBand(context, lanes, y, h) {
    const columns = Math.max(1, Math.floor(width / COLUMN));
    const looks = data.classes.length;
    const parts = partsOf(lanes, range[0], range[1], columns);
    const edge = (column) => LABELS + Math.round((column * width) / columns);
    for (let column = 0; column < columns; column++) {
      let bottom = y + h;
      for (let place = 0; place < looks; place++) {
        const part = parts[column * looks + place] * h;
        if (part <= 0) continue;
        context.fillStyle = colours[data.classes[place]];
        context.fillRect(edge(column), bottom - part, edge(column + 1) - edge(column), part);
        bottom -= part;
      }
    }
  }

  function ticks() {
    const least = Math.max((range[1] - range[0]) / 10, 1);
    const power = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
    const times = [];
    for (let time = Math.ceil(range[0] / step) * step; time <= range[1]; time += step) times.push(time);
    return times;
  }

  // The axis stays while rows are scrolled below it.
  function drawAxis(context, full) {
    context.fillStyle = colours.page;
    context.fillRect(0, 0, full, AXIS);
    for (const time of ticks()) {
      const text = duration(time);
      context.fillStyle = colours.grid;
      context.fillRect(xOf(time), AXIS - 4, 1, 4);
      context.fillStyle = colours.muted;
      context.fillText(text, Math.min(xOf(time) + 2, full - 7 * text.length), AXIS / 2);
    }
  }

  function duration(us) {
    const digits = (value) => String(Number(value.toPrecision(4)));
    if (us === 0) return "0";
    if (us >= 1e6) return digits(us / 1e6) + " s";
    return us >= 1e3 ? digits(us / 1e3) + " ms" : digits(us) + " µs";
  }

  function said(row, time) {
    if (time < range[0] || time > range[1] || !row.lanes.length) return row.hint;
    if (row.lanes.length > 1) {
      const step = ((range[1] - range[0]) / width) * COLUMN;
      const parts = partsOf(row.lanes, time - step / 2, time + step / 2, 1);
      const named = [...parts].map((part, place) => [part, data.words[place]]);
      const most = named.filter(([part]) => part > 0.005).sort((one, other) => other[0] - one[0]);
      const lines = most.map(([part, word]) => `${Math.round(part * 100)} % ${word}`);
      return [`${row.label}, after ${duration(time)}`, ...lines].join("\n");
    }
    const lane = row.lanes[0];
    const place = spanAt(lane, time);
    if (place >= lane.codes.length) return row.hint;
    const [from, to, code] = [lane.begins[place], lane.begins[place + 1], lane.codes[place]];
    const when = `${duration(to - from)}, from ${duration(from)} to ${duration(to)}`;
    if (code < 32) return `${data.words[look(code)]}\n${when}\n${row.hint}`;
    const [stage, rows, bytes, cpu, held] = data.tasks[Math.floor(code / 32) - 1];
    const known = [
      rows === null ? "" : `${rows.toLocaleString("en")} rows`,
      bytes === null ? "" : `${bytes.toLocaleString("en")} bytes`,
      cpu === null ? "" : `CPU ${duration(cpu)}`,
      held === null ? "" : `GIL held ${held} %`,
    ].filter(Boolean).join(", ");
    const word = look(code) < data.stageColours ? "" : `${data.words[look(code)]}: `;
    return `${word}${data.stages[stage]}\n${when}${known ? "\n" + known : ""}\n${row.hint}`;
  }

  function zoom(from, to) {
    const span = Math.min(Math.max(to - from, LEAST_US), data.wall);
    const begin = Math.min(Math.max(from, 0), data.wall - span);
    range = [begin, begin + span];
    draw();
  }
  function scaleBy(factor, around) {
    zoom(around - (around - range[0]) * factor, around + (range[1] - around) * factor);
  }
  const middle = () => (range[0] + range[1]) / 2;
  const rowAt = (y) => rows.find((row) => y >= row.y && y < row.y + row.h + 2);
  function placeOf(event) {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top + view.scrollTop };
  }

  canvas.addEventListener("pointerdown", (event) => {
    const { x, y } = placeOf(event);
    if (x < LABELS) {
      const row = rowAt(y);
      if (row && row.toggles) { row.toggles.open = !row.toggles.open; layOut(); }
      return;
    }
    canvas.setPointerCapture(event.pointerId);
    dragged = { from: x, to: x, pans: event.shiftKey, range };
  });
  canvas.addEventListener("pointermove", (event) => {
    const { x, y } = placeOf(event);
    if (dragged) {
      dragged.to = Math.min(Math.max(x, LABELS), LABELS + width);
      if (dragged.pans) {
        const moved = ((dragged.from - x) / width) * (range[1] - range[0]);
        zoom(dragged.range[0] + moved, dragged.range[1] + moved);
      } else draw();
      return;
    }
    const row = rowAt(y);
    canvas.style.cursor = x < LABELS && row && row.toggles ? "pointer" : "crosshair";
    tip.hidden = !row || y - view.scrollTop < AXIS;
    if (tip.hidden) return;
    tip.textContent = x < LABELS ? row.hint : said(row, timeAt(x));
    const left = event.clientX + 14 + tip.offsetWidth > window.innerWidth;
    tip.style.left = (left ? Math.max(0, event.clientX - tip.offsetWidth - 10) : event.clientX + 14) + "px";
    tip.style.top = Math.max(0, Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight)) + "px";
  });
  canvas.addEventListener("pointerup", () => {
    const done = dragged;
    dragged = null;
    if (done && !done.pans && Math.abs(done.to - done.from) > 4) {
      zoom(timeAt(Math.min(done.from, done.to)), timeAt(Math.max(done.from, done.to)));
    } else draw();
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", () => zoom(0, data.wall));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    scaleBy(event.deltaY > 0 ? 1.25 : 0.8, timeAt(placeOf(event).x));
  }, { passive: false });
  view.addEventListener("scroll", draw);
  view.addEventListener("keydown", (event) => {
    const step = (range[1] - range[0]) / 5;
    const act = {
      "+": () => scaleBy(0.5, middle()), "-": () => scaleBy(2, middle()), 0: () => zoom(0, data.wall),
      ArrowLeft: () => zoom(range[0] - step, range[1] - step), ArrowRight: () => zoom(range[0] + step, range[1] + step),
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  find("closer").addEventListener("click", () => scaleBy(0.5, middle()));
  find("wider").addEventListener("click", () => scaleBy(2, middle()));
  find("all").addEventListener("click", () => zoom(0, data.wall));
  window.addEventListener("resize", resize);
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", readColours);
  find("lanes").hidden = !data.wall || !data.nodes.length;
  layOut();
  readColours();
})();
