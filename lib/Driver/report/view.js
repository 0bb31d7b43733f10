// Everything but the graph: numbers, tables and plots.
'use strict';
(() => {
  const kernels = report.kernels, totals = report.totals, target = report.target;
  const byId = id => document.getElementById(id);
  const hasMeasured = kernels.some(kernel => kernel.measured_us !== undefined);
  const bounds = ['compute', 'memory', 'launch', 'unknown'];

  // --- Head and summary
  const theme = byId('theme');
  const setTheme = name => { document.documentElement.dataset.theme = name; };
  setTheme(matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  theme.addEventListener('click', () =>
    setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
  document.title = 'nnc: ' + report.model;
  byId('title').textContent = report.model;
  byId('subtitle').textContent = `for ${target.name}` + (target.machine === target.name ? '' : `, described as ${target.machine}`) +
    (target.validated ? '' : ' (predictions have not been compared with measurements on it)');
  const tile = (name, value, note) => html('div', {}, html('dt', {}, name),
    html('dd', {}, value, html('small', {}, note || '')));
  const measured = kernels.reduce((sum, kernel) => sum + (kernel.measured_us || 0), 0);
  byId('tiles').append(
    tile('predicted time', format.time(totals.predicted_us), totals.lo_us === null ? 'depends on dynamic dimensions'
      : `${format.time(totals.lo_us)} – ${format.time(totals.hi_us)}`),
    ...hasMeasured ? [tile('measured time', format.time(measured), 'sum of the kernels’ medians')] : [],
    tile('kernels', String(kernels.length), new Set(kernels.flatMap(kernel => kernel.nodes)).size + ' ONNX nodes'),
    tile('operations', format.flops(totals.flops), 'floating point'),
    tile('traffic', format.bytes(totals.bytes), 'bytes read and written'),
    tile('memory of a run', format.bytes(totals.peak_bytes), 'arena and scratch'),
    tile('arena', format.bytes(totals.arena_bytes), 'no order needs less than ' + format.bytes(totals.arena_lower_bound_bytes)),
    tile('weights', format.bytes(totals.weight_bytes), ''));

  // --- Tables
  /** Columns: [title, text of a row, value to sort by or undefined, is a number]. */
  function table(element, rows, columns, describe) {
    let sorting = -1, up = false;
    const body = html('tbody');
    const show = wanted => {
      const chosen = rows.filter(wanted);
      if (sorting >= 0) {
        const value = columns[sorting][2];
        chosen.sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          const order = typeof x === 'string' ? x.localeCompare(y) : (x ?? -1) - (y ?? -1);
          return up ? order : -order;
        });
      }
      body.replaceChildren(...chosen.map(row => html('tr', {}, ...columns.map(column =>
        html('td', column[3] ? { class: 'number' } : {}, column[1](row))))));
      describe(chosen.length);
    };
    let last = () => true;
    const head = html('tr', {}, ...columns.map((column, i) => {
      const button = html('button', { type: 'button' }, column[0]);
      const cell = html('th', column[3] ? { class: 'number', scope: 'col' } : { scope: 'col' }, button);
      button.addEventListener('click', () => {
        up = sorting === i ? !up : !column[3];
        sorting = i;
        head.querySelectorAll('th').forEach(other => other.removeAttribute('aria-sort'));
        cell.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        show(last);
      });
      return cell;
    }));
    element.append(html('thead', {}, head), body);
    return wanted => { last = wanted; show(wanted); };
  }

  const numbered = kernels.map((kernel, number) => ({ ...kernel, number }));
  const nodesOf = kernel => kernel.nodes.join(' + ') || kernel.name;
  const share = kernel => totals.predicted_us ? kernel.predicted_us / totals.predicted_us * 100 : null;
  const link = kernel => {
    const anchor = html('a', { href: '#graph' }, nodesOf(kernel));
    anchor.addEventListener('click', event => { event.preventDefault(); selectKernel(kernel.number); });
    return anchor;
  };
  const showKernels = table(byId('kernel-table'), numbered, [
    ['#', row => String(row.number + 1), row => row.number, true],
    ['ONNX nodes', link, nodesOf],
    ['predicted', row => format.time(row.predicted_us), row => row.predicted_us, true],
    ['share', row => share(row) === null ? '–' : share(row).toFixed(1) + ' %', share, true],
    ...hasMeasured ? [['measured', row => format.time(row.measured_us), row => row.measured_us, true],
      ['measured / predicted', row => row.predicted_us && row.measured_us ? (row.measured_us / row.predicted_us).toFixed(2) : '–',
        row => row.predicted_us ? row.measured_us / row.predicted_us : null, true]] : [],
    ['bound by', row => row.bound, row => row.bound],
    ['FLOPs', row => format.flops(row.flops), row => row.flops, true],
    ['bytes', row => format.bytes(row.bytes), row => row.bytes, true],
    ['result', row => row.results.join(', '), row => row.results.join(', ')],
  ], count => { byId('shown').textContent = `${count} of ${kernels.length}`; });
  const filter = byId('filter');
  const filterKernels = () => {
    const words = filter.value.toLowerCase();
    showKernels(row => [row.name, ...row.nodes, ...row.ops, row.bound].some(text => text.toLowerCase().includes(words)));
  };
  filter.addEventListener('input', filterKernels);
  filterKernels();

  const outcome = byId('outcome'), remarkFilter = byId('remark-filter');
  for (const name of [...new Set(report.remarks.map(remark => remark.outcome))].sort())
    outcome.append(html('option', { value: name }, name));
  const showRemarks = table(byId('remark-table'), report.remarks, [
    ['pass', row => row.pass, row => row.pass],
    ['outcome', row => row.outcome, row => row.outcome],
    ['ONNX nodes', row => row.nodes.join(' + '), row => row.nodes.join(' ')],
    ['what and why', row => row.text || Object.entries(row.metrics).map(([key, value]) => `${key} ${value}`).join(', '),
      row => row.text],
  ], count => { byId('remarks-shown').textContent = `${count} of ${report.remarks.length}`; });
  const filterRemarks = () => {
    const words = remarkFilter.value.toLowerCase();
    showRemarks(row => (!outcome.value || row.outcome === outcome.value) &&
      [row.pass, row.text, ...row.nodes].some(text => text.toLowerCase().includes(words)));
  };
  outcome.addEventListener('change', filterRemarks);
  remarkFilter.addEventListener('input', filterRemarks);
  filterRemarks();

  byId('target-list').append(...[['name', target.name], ['described as', target.machine], ['triple', target.triple],
    ['f32 peak of a core', target.gflops ? format.number(target.gflops) + ' GFLOP/s' : null],
    ['clock', target.ghz ? format.number(target.ghz) + ' GHz' : null], ['cores', target.cores],
    ['caches', target.l1_kib ? `${target.l1_kib} KiB, ${target.l2_kib} KiB, ${target.l3_kib} KiB` : null],
    ['bandwidth of memory', target.dram_gbps ? format.number(target.dram_gbps) + ' GB/s' : null],
    ['code needs', (target.features || []).join(' ')],
  ].filter(pair => pair[1]).flatMap(([name, value]) => [html('dt', {}, name), html('dd', {}, String(value))]));

  // --- Plots
  const nothing = (id, why) => byId(id).append(html('p', { class: 'none' }, why));
  function frame(id, width, height, label) {
    const plot = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
    byId(id).append(plot);
    return plot;
  }
  const text = (plot, x, y, content, attributes = {}) => plot.append(svg('text', { x, y, ...attributes }, content));
  function legend(plot, x, y) {
    bounds.filter(bound => kernels.some(kernel => kernel.bound === bound)).forEach((bound, i) => {
      plot.append(svg('rect', { x: x + i * 90, y: y - 9, width: 10, height: 10, class: bound }));
      text(plot, x + i * 90 + 15, y, bound, { class: 'legend' });
    });
  }
  const jump = (mark, number) => { mark.addEventListener('click', () => selectKernel(number)); return mark; };
  const ticks = (low, high) => {
    const found = [];
    for (let e = Math.ceil(Math.log10(low)); e <= Math.log10(high); ++e) found.push(10 ** e);
    return found;
  };

  function roofline() {
    const marks = numbered.filter(kernel => kernel.flops > 0 && kernel.bytes > 0 && kernelTime(kernel) > 0).flatMap(kernel => {
      const x = kernel.flops / kernel.bytes;
      const points = [{ kernel, x, y: kernel.flops / kernel.predicted_us / 1000, ring: false }];
      if (kernel.measured_us) points.push({ kernel, x, y: kernel.flops / kernel.measured_us / 1000, ring: true });
      return points.filter(point => point.y > 0 && isFinite(point.y));
    });
    if (!marks.length) return nothing('roofline-plot', 'No kernel has known operations, bytes and time; fix dynamic dimensions with --dim.');
    const width = 1000, height = 460, left = 70, bottom = 410, right = 980, top = 20;
    const xs = marks.map(mark => mark.x), ys = marks.map(mark => mark.y);
    const [x0, x1] = [Math.min(...xs, .1) / 2, Math.max(...xs, 10) * 2];
    const [y0, y1] = [Math.min(...ys) / 2, Math.max(...ys, target.gflops || 0) * 1.6];
    const scale = (value, low, high, from, to) => from + (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) * (to - from);
    const px = x => scale(x, x0, x1, left, right), py = y => scale(y, y0, y1, bottom, top);
    const plot = frame('roofline-plot', width, height, 'roofline');
    for (const x of ticks(x0, x1)) {
      plot.append(svg('line', { class: 'axis', x1: px(x), x2: px(x), y1: top, y2: bottom }));
      text(plot, px(x), bottom + 16, format.number(x), { 'text-anchor': 'middle' });
    }
    for (const y of ticks(y0, y1)) {
      plot.append(svg('line', { class: 'axis', x1: left, x2: right, y1: py(y), y2: py(y) }));
      text(plot, left - 8, py(y) + 4, format.number(y), { 'text-anchor': 'end' });
    }
    text(plot, (left + right) / 2, bottom + 38, 'operations a byte', { 'text-anchor': 'middle' });
    text(plot, 14, top - 6, 'GFLOP/s');
    const steps = Array.from({ length: 80 }, (_, i) => x0 * (x1 / x0) ** (i / 79));
    for (const [name, gbps] of [['second-level cache', target.l2_gbps], ['memory', target.dram_gbps]]) {
      if (!gbps || !target.gflops) continue;
      const points = steps.map(x => [x, Math.min(target.gflops, x * gbps)]).filter(([, y]) => y >= y0);
      plot.append(svg('polyline', { class: 'roof', points: points.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ') }));
      const at = points[Math.min(6, points.length - 1)];
      text(plot, px(at[0]) + 8, py(at[1]) + 14, `${name} ${format.number(gbps)} GB/s`);
    }
    if (target.gflops) text(plot, right, py(target.gflops) - 6, `peak ${format.number(target.gflops)} GFLOP/s`, { 'text-anchor': 'end' });
    for (const mark of marks)
      plot.append(jump(svg('circle', { cx: px(mark.x), cy: py(mark.y), r: 5,
        ...mark.ring ? { fill: 'none', style: `stroke: var(--${mark.kernel.bound}); stroke-width: 2` } : { class: 'mark ' + mark.kernel.bound } },
      svg('title', {}, `${nodesOf(mark.kernel)}\n${format.number(mark.y)} GFLOP/s, ${format.number(mark.x)} operations a byte`)), mark.kernel.number));
    legend(plot, left + 10, bottom - 10);
  }

  function memory() {
    const slots = report.slots.filter(slot => slot.bytes !== null);
    const alive = report.memory;
    if (!slots.length && !alive.length)
      return nothing('memory-plot', 'The run places its memory itself, since sizes depend on dynamic dimensions; fix them with --dim.');
    const width = 1000, height = 380, left = 80, bottom = 340, right = 985, top = 16;
    const steps = Math.max(kernels.length, alive.length, 1);
    const most = Math.max(...slots.map(slot => slot.offset + slot.bytes), ...alive, 1);
    const px = i => left + i / steps * (right - left), py = bytes => bottom - bytes / most * (bottom - top);
    const plot = frame('memory-plot', width, height, 'memory over the schedule');
    for (let i = 0; i <= 4; ++i) {
      plot.append(svg('line', { class: 'axis', x1: left, x2: right, y1: py(most * i / 4), y2: py(most * i / 4) }));
      text(plot, left - 8, py(most * i / 4) + 4, format.bytes(most * i / 4), { 'text-anchor': 'end' });
    }
    for (const slot of slots) {
      const kernel = kernels[slot.kernel];
      plot.append(jump(svg('rect', { class: 'mark ' + kernel.bound, 'fill-opacity': .55, x: px(slot.first),
        y: py(slot.offset + slot.bytes), width: Math.max(1, px(slot.last + 1) - px(slot.first)),
        height: Math.max(1, py(slot.offset) - py(slot.offset + slot.bytes)) },
      svg('title', {}, `${nodesOf(kernel)}\n${kernel.results[0]}: ${format.bytes(slot.bytes)} at ${slot.offset}, kernels ${slot.first + 1} to ${slot.last + 1}`)), slot.kernel));
    }
    if (alive.length)
      plot.append(svg('polyline', { class: 'alive', points: alive.flatMap((bytes, i) =>
        [`${px(i).toFixed(1)},${py(bytes).toFixed(1)}`, `${px(i + 1).toFixed(1)},${py(bytes).toFixed(1)}`]).join(' ') }));
    text(plot, left, bottom + 18, 'kernel 1');
    text(plot, right, bottom + 18, `kernel ${steps}`, { 'text-anchor': 'end' });
    legend(plot, left + 120, bottom + 18);
  }

  function timeline() {
    const lanes = [['predicted', kernel => kernel.predicted_us], ...hasMeasured ? [['measured', kernel => kernel.measured_us]] : []];
    const longest = Math.max(...lanes.map(([, of]) => kernels.reduce((sum, kernel) => sum + (of(kernel) || 0), 0)));
    if (!longest) return nothing('timeline-plot', 'Times depend on dynamic dimensions; fix them with --dim.');
    const width = 1000, left = 80, right = 985, height = 40 + lanes.length * 52;
    const plot = frame('timeline-plot', width, height, 'time line of a run');
    lanes.forEach(([name, of], lane) => {
      let at = 0;
      const y = 10 + lane * 52;
      text(plot, left - 8, y + 24, name, { 'text-anchor': 'end' });
      numbered.forEach(kernel => {
        const time = of(kernel) || 0;
        const x = left + at / longest * (right - left), wide = time / longest * (right - left);
        at += time;
        if (wide < .02) return;
        plot.append(jump(svg('rect', { class: 'mark ' + kernel.bound, x, y, width: wide, height: 38, 'stroke-width': Math.min(1, wide / 4) },
          svg('title', {}, `${nodesOf(kernel)}\n${format.time(time)} from ${format.time(at - time)}`)), kernel.number));
        if (wide > 90) text(plot, x + 5, y + 23, shorten(nodesOf(kernel), Math.floor(wide / 8)), { style: 'fill: var(--panel); pointer-events: none' });
      });
    });
    text(plot, left, height - 10, '0');
    text(plot, right, height - 10, format.time(longest), { 'text-anchor': 'end' });
    legend(plot, left + 120, height - 10);
  }
  roofline();
  memory();
  timeline();
})();
