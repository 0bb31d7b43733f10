// The graph of kernels: modules that open and close, layout by dagre, drawn as
// SVG. Shared by what follows: `report`, `format`, `svg`, `selectKernel`.
'use strict';
const report = JSON.parse(document.getElementById('data').textContent);

const format = {
  number: (x, digits = 3) => x === null || x === undefined ? '–'
    : x === 0 ? '0' : Number(x.toPrecision(digits)).toLocaleString('en-US', { maximumFractionDigits: 6 }),
  scaled(x, units, step) {
    if (x === null || x === undefined) return '–';
    let i = 0;
    while (x >= step && i + 1 < units.length) { x /= step; ++i; }
    return format.number(x) + ' ' + units[i];
  },
  time: us => us !== null && us !== undefined && us < 1 ? format.number(us * 1000) + ' ns'
    : format.scaled(us, ['µs', 'ms', 's'], 1000),
  bytes: x => format.scaled(x, ['B', 'KiB', 'MiB', 'GiB'], 1024),
  flops: x => format.scaled(x, ['', 'K', 'M', 'G', 'T'], 1000),
};

/** An SVG or HTML element with attributes and children. */
function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
function html(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
const shorten = (text, length) => text.length <= length ? text : '…' + text.slice(1 - length);

// --- Modules: the parts of node names between slashes, and runs of what has none.

function makeTree() {
  const root = { id: 'm', label: 'model', children: [], kernels: [], parent: null };
  const modules = new Map([['m', root]]);
  report.kernels.forEach((kernel, number) => {
    const path = (kernel.nodes[0] || kernel.name).split('/').filter(part => part);
    let at = root;
    for (const part of path.slice(0, -1)) {
      const id = at.id + '/' + part;
      if (!modules.has(id)) {
        const made = { id, label: part, children: [], kernels: [], parent: at };
        modules.set(id, made);
        at.children.push(made);
      }
      at = modules.get(id);
    }
    at.children.push({ id: 'k' + number, number, label: path.at(-1) || kernel.name, parent: at });
  });
  // A module of one child says nothing; one of very many can't be read.
  const limit = 40;
  function tidy(module) {
    module.children.forEach(child => child.children && tidy(child));
    module.children = module.children.map(child => {
      if (!child.children || child.children.length !== 1) return child;
      const only = child.children[0];
      only.label = child.label + '/' + only.label;
      only.parent = module;
      return only;
    });
    while (module.children.length > limit) {
      const size = Math.ceil(Math.sqrt(module.children.length));
      const runs = [];
      for (let i = 0; i < module.children.length; i += size) {
        const children = module.children.slice(i, i + size);
        const run = { id: module.id + '#' + modules.size + '.' + i, children, kernels: [], parent: module,
          label: children[0].label + ' … ' + children.at(-1).label };
        children.forEach(child => { child.parent = run; });
        runs.push(run);
      }
      module.children = runs;
    }
  }
  tidy(root);
  (function sum(module) {
    module.kernels = module.children.flatMap(child => child.children ? sum(child) : [child.number]);
    return module.kernels;
  })(root);
  return root;
}

const tree = makeTree();
const leaves = [];
(function collect(item) {
  if (item.children) item.children.forEach(collect);
  else leaves[item.number] = item;
})(tree);

const kernelTime = kernel => kernel.measured_us ?? kernel.predicted_us;
const sumOver = (numbers, of) => numbers.reduce((sum, n) => sum + (of(report.kernels[n]) || 0), 0);
const allTime = sumOver(tree.kernels, kernelTime);

/** At most this many boxes are open at a time: more can't be laid out or read. */
const mostBoxes = 800;
const open = new Set([tree]);
function visibleItems() {
  const items = [];
  (function visit(item) {
    if (item.children && open.has(item)) item.children.forEach(visit);
    else items.push(item);
  })(tree);
  return items;
}
/** Opens modules, the most expensive first, as long as few boxes are shown. */
function openUpTo(boxes) {
  open.clear();
  open.add(tree);
  let shown = tree.children.length;
  const waiting = tree.children.filter(child => child.children);
  const cost = module => sumOver(module.kernels, kernelTime) || module.kernels.length;
  while (waiting.length) {
    waiting.sort((a, b) => cost(a) - cost(b));
    const next = waiting.pop();
    if (shown + next.children.length - 1 > boxes) continue;
    open.add(next);
    shown += next.children.length - 1;
    waiting.push(...next.children.filter(child => child.children));
  }
  return shown;
}

// --- Drawing

const canvas = document.getElementById('canvas');
const view = { x: 0, y: 0, scale: 1, width: 1, height: 1 };
let boxes = new Map(), edges = [], selected = null, hits = null;
const world = svg('g');
canvas.append(svg('defs', {}, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4,
  markerWidth: 7, markerHeight: 7, orient: 'auto' }, svg('path', { d: 'M0 0 L8 4 L0 8 z' }))), world);

function place() {
  world.setAttribute('transform', `translate(${view.x} ${view.y}) scale(${view.scale})`);
}
function fit() {
  const frame = canvas.getBoundingClientRect();
  view.scale = Math.min(1.2, frame.width / (view.width + 40), frame.height / (view.height + 40));
  // A long chain is read from its beginning, not from afar.
  view.scale = Math.max(view.scale, .55);
  view.x = (frame.width - view.width * view.scale) / 2;
  view.y = Math.max(12, (frame.height - view.height * view.scale) / 2);
  place();
}
function zoom(factor, x, y) {
  const frame = canvas.getBoundingClientRect();
  x ??= frame.width / 2; y ??= frame.height / 2;
  const scale = Math.min(4, Math.max(.02, view.scale * factor));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  place();
}
function center(box) {
  const frame = canvas.getBoundingClientRect();
  view.x = frame.width / 2 - box.x * view.scale;
  view.y = frame.height / 2 - box.y * view.scale;
  place();
}

/** Edges between what is shown, those of folded kernels together. */
function gatherEdges(shownAs) {
  const found = new Map();
  const add = (from, to, type) => {
    if (from === undefined || to === undefined || from === to) return;
    const key = from + ' ' + to;
    if (!found.has(key)) found.set(key, { from, to, types: [] });
    found.get(key).types.push(type);
  };
  report.kernels.forEach((kernel, number) => kernel.reads.forEach(read =>
    add(read.kernel === undefined ? 'i' + read.input : shownAs[read.kernel], shownAs[number], read.type)));
  report.outputs.forEach((output, number) => add(shownAs[output.kernel], 'o' + number, output.type));
  return [...found.values()];
}

function layout() {
  const items = visibleItems();
  const shownAs = [];
  for (const item of items)
    for (const number of item.children ? item.kernels : [item.number]) shownAs[number] = item.id;
  edges = gatherEdges(shownAs);
  boxes = new Map(items.map(item => [item.id, { id: item.id, item }]));
  const used = new Set(edges.flatMap(edge => [edge.from, edge.to]));
  for (const [list, letter] of [[report.inputs, 'i'], [report.outputs, 'o']])
    list.forEach((value, number) => used.has(letter + number) &&
      boxes.set(letter + number, { id: letter + number, value }));
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ nodesep: 26, ranksep: 44, marginx: 10, marginy: 10,
    ranker: items.length > 200 ? 'longest-path' : 'network-simplex' });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes.values())
    graph.setNode(box.id, { width: box.value ? 150 : 210, height: box.value ? 34 : 46 });
  for (const edge of edges) graph.setEdge(edge.from, edge.to, {});
  dagre.layout(graph);
  for (const box of boxes.values()) Object.assign(box, graph.node(box.id));
  for (const edge of edges) edge.points = graph.edge(edge.from, edge.to).points;
  view.width = graph.graph().width;
  view.height = graph.graph().height;
}

function boxTexts(box) {
  if (box.value) return [box.value.name, box.value.type];
  const item = box.item;
  if (item.children) return [item.label, item.kernels.length + ' kernels · ' +
    format.time(sumOver(item.kernels, kernelTime) || null)];
  const kernel = report.kernels[item.number];
  return [item.label, (kernel.results[0] || '') + ' · ' + format.time(kernelTime(kernel))];
}

function drawBox(box) {
  const numbers = box.item ? box.item.kernels || [box.item.number] : [];
  const share = allTime ? sumOver(numbers, kernelTime) / allTime : 0;
  const [first, second] = boxTexts(box);
  const group = svg('g', { class: 'node' + (box.value ? ' io' : box.item.children ? ' module' : ''),
    transform: `translate(${box.x - box.width / 2} ${box.y - box.height / 2})` },
  svg('rect', { class: 'box', width: box.width, height: box.height, rx: 6 }),
  svg('rect', { class: 'heat', width: box.width, height: box.height, rx: 6,
    style: `fill: rgba(var(--heat), ${box.value ? 0 : Math.min(.6, Math.sqrt(share) * .8)})` }),
  svg('title', {}, [first, second, ...numbers.length === 1 ? report.kernels[numbers[0]].nodes : []].join('\n')),
  svg('text', { x: 10, y: box.value ? 14 : 19 }, shorten(first, box.value ? 20 : 28)),
  svg('text', { x: 10, y: box.value ? 28 : 36, class: 'second' }, shorten(second, 33)));
  group.addEventListener('click', () => select(box.id));
  if (box.item?.children) group.addEventListener('dblclick', () => toggle(box.item));
  box.group = group;
  return group;
}

function drawEdge(edge) {
  const points = edge.points.map(point => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`);
  const middle = edge.points[edge.points.length >> 1];
  const label = edge.types[0] + (edge.types.length > 1 ? ' ×' + edge.types.length : '');
  edge.group = svg('g', { class: 'edge' }, svg('path', { d: 'M' + points.join(' L'), 'marker-end': 'url(#arrow)' }),
    svg('text', { x: middle.x + 4, y: middle.y + 4 }, label));
  return edge.group;
}

function draw(keepView) {
  layout();
  world.replaceChildren(...edges.map(drawEdge), ...[...boxes.values()].map(drawBox));
  canvas.classList.toggle('few', boxes.size <= 150);
  if (selected && !boxes.has(selected)) selected = null;
  mark();
  if (!keepView) fit(); else place();
}

function mark() {
  for (const box of boxes.values()) {
    const numbers = box.item ? box.item.kernels || [box.item.number] : [];
    const isHit = hits && numbers.some(number => hits.has(number));
    box.group.classList.toggle('selected', box.id === selected);
    box.group.classList.toggle('hit', Boolean(isHit));
    box.group.classList.toggle('miss', Boolean(hits && !isHit));
  }
  for (const edge of edges)
    edge.group.classList.toggle('near', edge.from === selected || edge.to === selected);
}

function select(id, follow) {
  selected = id;
  mark();
  const box = boxes.get(id);
  if (follow) center(box);
  showDetails(box);
}

function toggle(module) {
  const closing = open.has(module);
  if (closing) open.delete(module);
  else open.add(module);
  selected = closing ? module.id : null;
  draw(true);
  const target = boxes.get(closing ? module.id : visibleFirst(module));
  if (target) select(target.id, true);
}
function visibleFirst(module) {
  let item = module;
  while (item.children && open.has(item)) item = item.children[0];
  return item.id;
}

/** Shows a kernel wherever it is folded away. */
function selectKernel(number) {
  for (let item = leaves[number].parent; item; item = item.parent) open.add(item);
  draw(true);
  select('k' + number, true);
  document.getElementById('graph').scrollIntoView();
}

// --- Details

function list(title, entries) {
  return entries.length ? [html('strong', {}, title), html('ul', {}, ...entries.map(entry => html('li', {}, entry)))] : [];
}
function kernelLink(number) {
  const link = html('a', { href: '#graph' }, leaves[number].label);
  link.addEventListener('click', event => { event.preventDefault(); selectKernel(number); });
  return link;
}
function facts(pairs) {
  return html('dl', { class: 'plain' }, ...pairs.filter(pair => pair[1] !== undefined).flatMap(([name, value]) =>
    [html('dt', {}, name), html('dd', {}, value)]));
}
function showDetails(box) {
  const parts = [];
  if (box.value) {
    parts.push(html('h3', {}, box.value.name), facts([['type', box.value.type]]));
  } else if (box.item.children) {
    const module = box.item;
    const button = html('button', { type: 'button' }, 'open');
    button.addEventListener('click', () => toggle(module));
    parts.push(html('h3', {}, module.label), facts([['kernels', String(module.kernels.length)],
      ['predicted', format.time(sumOver(module.kernels, k => k.predicted_us) || null)],
      ['FLOPs', format.flops(sumOver(module.kernels, k => k.flops))]]), button);
  } else {
    const number = box.item.number, kernel = report.kernels[number];
    const readers = report.kernels.flatMap((other, n) => other.reads.some(read => read.kernel === number) ? [n] : []);
    parts.push(html('h3', {}, kernel.name), facts([
      ['predicted', format.time(kernel.predicted_us) + (kernel.lo_us !== null
        ? ` (${format.time(kernel.lo_us)} – ${format.time(kernel.hi_us)})` : '')],
      ['measured', kernel.measured_us === undefined ? undefined : format.time(kernel.measured_us)],
      ['bound by', kernel.bound], ['FLOPs', format.flops(kernel.flops)], ['bytes', format.bytes(kernel.bytes)],
      ['weights', format.bytes(kernel.weight_bytes)], ['results', kernel.results.join(', ')],
      ['operations', kernel.ops.join(', ')]]),
    ...list('ONNX nodes', kernel.nodes),
    ...list('reads', kernel.reads.map(read => html('span', {}, read.kernel === undefined
      ? report.inputs[read.input].name : kernelLink(read.kernel), ' ' + read.type))),
    ...list('read by', readers.map(kernelLink)),
    ...list('passes', [...new Set(report.remarks.filter(remark => remark.nodes.length &&
      remark.nodes.every(node => kernel.nodes.includes(node)))
      .map(remark => `${remark.pass}: ${remark.outcome}, ${remark.text}`))]));
    let parent = box.item.parent;
    if (parent !== tree) {
      const button = html('button', { type: 'button' }, 'close ' + parent.label);
      button.addEventListener('click', () => toggle(parent));
      parts.push(button);
    }
  }
  document.getElementById('details').replaceChildren(...parts);
}

// --- Mouse, touch, keys

const pointers = new Map();
canvas.addEventListener('pointerdown', event => { pointers.set(event.pointerId, event); });
window.addEventListener('pointerup', event => pointers.delete(event.pointerId));
window.addEventListener('pointercancel', event => pointers.delete(event.pointerId));
canvas.addEventListener('pointermove', event => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  if (pointers.size === 1) {
    view.x += event.clientX - before.clientX;
    view.y += event.clientY - before.clientY;
    place();
  } else {
    const other = [...pointers.values()].find(pointer => pointer.pointerId !== event.pointerId);
    const distance = pointer => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY);
    const frame = canvas.getBoundingClientRect();
    if (distance(before) > 0)
      zoom(distance(event) / distance(before), other.clientX - frame.left, other.clientY - frame.top);
  }
  pointers.set(event.pointerId, event);
});
canvas.addEventListener('wheel', event => {
  event.preventDefault();
  const frame = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY / 400), event.clientX - frame.left, event.clientY - frame.top);
}, { passive: false });
function step(key) {
  if (!selected) return select([...boxes.keys()][0], true);
  const near = key === 'ArrowDown' ? edges.filter(edge => edge.from === selected).map(edge => edge.to)
    : key === 'ArrowUp' ? edges.filter(edge => edge.to === selected).map(edge => edge.from)
      : sideways(key === 'ArrowRight' ? 1 : -1);
  if (near.length) select(near[0], true);
}
function sideways(direction) {
  const here = boxes.get(selected);
  return [...boxes.values()].filter(box => Math.abs(box.y - here.y) < 8 && (box.x - here.x) * direction > 0)
    .sort((a, b) => (a.x - b.x) * direction).map(box => box.id);
}
canvas.addEventListener('keydown', event => {
  const item = boxes.get(selected)?.item;
  if (event.key.startsWith('Arrow')) step(event.key);
  else if (event.key === 'Enter' && item) { if (item.children) toggle(item); else if (item.parent !== tree) toggle(item.parent); }
  else if (event.key === '+' || event.key === '=') zoom(1.25);
  else if (event.key === '-') zoom(.8);
  else if (event.key === '0') fit();
  else return;
  event.preventDefault();
});
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  document.getElementById('search').focus();
});
const button = (id, action) => document.getElementById(id).addEventListener('click', action);
button('zoom-in', () => zoom(1.25));
button('zoom-out', () => zoom(.8));
button('fit', fit);
button('open-all', () => {
  openUpTo(mostBoxes);
  draw();
  document.getElementById('hits').textContent = visibleItems().some(item => item.children)
    ? `at most ${mostBoxes} boxes are open at a time` : '';
});
button('close-all', () => { open.clear(); open.add(tree); draw(); });

let hitOrder = [], hitAt = -1;
const searchField = document.getElementById('search');
searchField.addEventListener('input', () => {
  const words = searchField.value.toLowerCase();
  hitOrder = words ? report.kernels.flatMap((kernel, number) =>
    [kernel.name, ...kernel.nodes, ...kernel.ops].some(name => name.toLowerCase().includes(words)) ? [number] : []) : [];
  hits = words ? new Set(hitOrder) : null;
  hitAt = -1;
  document.getElementById('hits').textContent = words ? hitOrder.length + ' kernels, Enter goes to the next' : '';
  mark();
});
searchField.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || !hitOrder.length) return;
  hitAt = (hitAt + 1) % hitOrder.length;
  selectKernel(hitOrder[hitAt]);
  searchField.focus();
});

openUpTo(40);
draw();
// On paper there is no zoom: all of what is open, on one page.
window.addEventListener('beforeprint', () => {
  canvas.setAttribute('viewBox', `0 0 ${view.width} ${view.height}`);
  world.removeAttribute('transform');
});
window.addEventListener('afterprint', () => {
  canvas.removeAttribute('viewBox');
  place();
});
