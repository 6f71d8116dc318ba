// Pan, zoom, hover, search, theme, opened blocks and lines of the spec; the state stands behind #.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const root = document.documentElement, stage = document.querySelector('main');
  const tip = document.getElementById('tip'), find = document.getElementById('find');
  const pictures = new Map([...document.querySelectorAll('.picture')].map(p => [p.dataset.path, p]));
  const state = { open: '', find: '', theme: data.theme };
  const themes = Object.keys(data.themes).sort().reverse();
  let shown = null, view = { x: 0, y: 0, k: 1 }, turn = 0;

  const MARKED = '[data-op], [data-gate], [data-group], [data-stage], [data-of]';
  const marked = picture => [...picture.querySelectorAll(MARKED)];
  const pathsOf = ({ dataset: d }) =>
    (d.op || d.gate || d.of || d.group || d.stage || '').split(' ').map(decodeURIComponent);
  const BOXES = '[data-op], [data-gate], g[data-of]';
  const meant = element => element.closest(MARKED);
  // All that is drawn of a box: its cells and the words on them.
  const whole = element => element.closest('g[data-of]') || element;
  const hide = () => { tip.style.display = 'none'; };

  function place() {
    hide();
    shown.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  }
  function fit() {
    const svg = shown.firstElementChild, box = stage.getBoundingClientRect();
    const width = svg.viewBox.baseVal.width * 4 / 3, height = svg.viewBox.baseVal.height * 4 / 3;
    const k = Math.min((box.width - 24) / width, (box.height - 24) / height, 3);
    view = { x: (box.width - width * k) / 2, y: 12, k };
    place();
  }
  function zoom(factor, x, y) {
    const k = Math.min(Math.max(view.k * factor, 0.1), 20), by = k / view.k;
    view = { x: x - (x - view.x) * by, y: y - (y - view.y) * by, k };
    place();
  }
  const middle = () => [stage.clientWidth / 2, stage.clientHeight / 2];

  function colour() {
    root.dataset.theme = state.theme;
    const colours = data.themes[state.theme];
    for (const element of document.querySelectorAll('svg [data-fill], svg [data-stroke]')) {
      if (element.dataset.fill) element.setAttribute('fill', colours[element.dataset.fill]);
      if (element.dataset.stroke) element.setAttribute('stroke', colours[element.dataset.stroke]);
    }
  }
  function crumbs() {
    const nav = document.querySelector('nav');
    const parts = state.open ? state.open.split('.') : [];
    const steps = [['', data.name]];
    parts.forEach((_, i) => {
      const path = parts.slice(0, i + 1).join('.');
      if (pictures.has(path)) steps.push([path, path]);
    });
    nav.replaceChildren(...steps.flatMap(([path, text], i) => {
      const button = document.createElement('button');
      button.textContent = text;
      button.onclick = () => go({ open: path });
      return i ? [document.createTextNode(' › '), button] : [button];
    }));
  }
  function hits() {
    const word = state.find.trim().toLowerCase();
    const fits = path => `${path} ${data.facts[path] || ''}`.toLowerCase().includes(word);
    const all = shown ? [...shown.querySelectorAll(BOXES)] : [];
    const boxes = [...new Set(all.map(whole))];
    const hit = word ? new Set(all.filter(e => pathsOf(e).some(fits)).map(whole)) : new Set();
    const found = boxes.filter(box => hit.has(box));
    for (const box of boxes) {
      box.classList.toggle('faded', word !== '' && !hit.has(box));
      (box.matches('g') ? box.querySelector('rect, path') || box : box).classList.toggle('hit', hit.has(box));
    }
    document.getElementById('found').textContent = word ? `${found.length} found` : '';
    return found;
  }
  function show() {
    if (!pictures.has(state.open)) state.open = '';
    crumbs();
    for (const [path, picture] of pictures) picture.classList.toggle('shown', path === state.open);
    if (shown !== pictures.get(state.open)) {
      shown = pictures.get(state.open);
      fit();
    }
    colour(); hits();
  }
  function go(change) {
    hide();
    Object.assign(state, change);
    const kept = Object.entries(state).filter(([key, value]) => value && value !== data.theme);
    history.replaceState(null, '', '#' + new URLSearchParams(kept));
    show();
  }
  function next() {
    const found = hits();
    if (!found.length) return;
    const box = found[turn++ % found.length].getBoundingClientRect();
    const frame = stage.getBoundingClientRect(), [x, y] = middle();
    view.x += x - (box.left + box.width / 2 - frame.left);
    view.y += y - (box.top + box.height / 2 - frame.top);
    place();
  }

  for (const text of document.querySelectorAll('.picture svg > text')) {
    const name = (text.querySelector('title') || text).textContent;
    if (name in data.facts) text.dataset.of = encodeURIComponent(name);
  }
  for (const picture of pictures.values()) {
    for (const element of marked(picture)) {
      const path = decodeURIComponent(element.dataset.group || element.dataset.stage || '');
      if (path && pictures.has(path) && path !== picture.dataset.path) {
        element.dataset.open = path;
        element.setAttribute('tabindex', '0');
        element.setAttribute('role', 'button');
        element.setAttribute('aria-label', `open ${path}`);
      }
    }
  }
  let held = null, moved = false, wide = 0;
  const fingers = new Map();
  const apart = () => {
    const [a, b] = [...fingers.values()], frame = stage.getBoundingClientRect();
    return [Math.hypot(a[0] - b[0], a[1] - b[1]), (a[0] + b[0]) / 2 - frame.left, (a[1] + b[1]) / 2 - frame.top];
  };
  stage.addEventListener('pointerdown', e => {
    fingers.set(e.pointerId, [e.clientX, e.clientY]);
    held = [e.clientX, e.clientY, view.x, view.y];
    moved = fingers.size > 1;
    if (fingers.size === 2) [wide] = apart();
  });
  addEventListener('pointermove', e => {
    if (fingers.has(e.pointerId)) fingers.set(e.pointerId, [e.clientX, e.clientY]);
    if (fingers.size === 2) {
      const [now, x, y] = apart();
      if (wide) zoom(now / wide, x, y);
      wide = now;
    } else if (held) {
      const [x, y] = [e.clientX - held[0], e.clientY - held[1]];
      if (Math.hypot(x, y) > 3) { moved = true; stage.classList.add('moving'); }
      if (moved) { view.x = held[2] + x; view.y = held[3] + y; place(); }
    }
  });
  for (const kind of ['pointerup', 'pointercancel']) {
    addEventListener(kind, e => {
      fingers.delete(e.pointerId);
      held = null;
      stage.classList.remove('moving');
    });
  }
  const spec = document.getElementById('spec');
  function say(paths) {
    const lines = [...new Set(paths.map(p => data.lines[data.at[p]]).filter(Boolean))];
    spec.hidden = !lines.length;
    spec.firstElementChild.textContent = lines.join('\n');
  }
  stage.addEventListener('click', e => {
    if (moved) return;
    const under = document.elementsFromPoint(e.clientX, e.clientY).filter(one => stage.contains(one));
    const box = under.length && meant(under[0]);
    const open = under.find(element => element.dataset && element.dataset.open);
    const op = box && !(box.dataset.open) && pathsOf(box);
    if (op && op.some(p => p in data.at)) say(op);
    else if (open) go({ open: open.dataset.open });
    else say([]);
  });
  spec.querySelector('button').onclick = () => say([]);
  stage.addEventListener('wheel', e => {
    e.preventDefault();
    const frame = stage.getBoundingClientRect();
    zoom(Math.exp(-e.deltaY / 400), e.clientX - frame.left, e.clientY - frame.top);
  }, { passive: false });
  stage.addEventListener('mousemove', e => {
    const element = meant(e.target) || document.elementsFromPoint(e.clientX, e.clientY)
      .find(under => under.matches(MARKED));
    const lines = element ? pathsOf(element).map(p => [p, data.facts[p]].filter(Boolean).join('  ')) : [];
    if (element && element.dataset.open) lines.push('click to open');
    else if (element && pathsOf(element).some(p => p in data.at)) lines.push('click for its line');
    tip.textContent = lines.join('\n');
    tip.style.display = lines.length && !moved ? 'block' : 'none';
    tip.style.left = Math.max(Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8), 8) + 'px';
    tip.style.top = Math.min(e.clientY + 14, innerHeight - tip.offsetHeight - 8) + 'px';
  });
  stage.addEventListener('mouseleave', hide);
  find.addEventListener('input', () => { turn = 0; go({ find: find.value }); });
  find.addEventListener('keydown', e => {
    if (e.key === 'Enter') next();
    if (e.key === 'Escape') { find.value = ''; go({ find: '' }); find.blur(); }
    e.stopPropagation();
  });
  document.getElementById('theme').onclick = () =>
    go({ theme: themes[(themes.indexOf(state.theme) + 1) % themes.length] });
  document.getElementById('whole').onclick = () => fit();
  addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const steps = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
    if (steps[e.key]) { view.x += steps[e.key][0]; view.y += steps[e.key][1]; place(); }
    else if (e.key === '+' || e.key === '=') zoom(1.25, ...middle());
    else if (e.key === '-') zoom(0.8, ...middle());
    else if (e.key === '0') fit();
    else if (e.key === 't') document.getElementById('theme').click();
    else if (e.key === 'n') next();
    else if (e.key === '/') find.focus();
    else if (e.key === 'Escape' && !spec.hidden) say([]);
    else if (e.key === 'Escape') {
      const up = state.open.split('.').slice(0, -1);
      while (up.length && !pictures.has(up.join('.'))) up.pop();
      go({ open: up.join('.') });
    } else if ((e.key === 'Enter' || e.key === ' ') && e.target.dataset && e.target.dataset.open) {
      go({ open: e.target.dataset.open });
    } else return;
    e.preventDefault();
  });
  function load() {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const key of Object.keys(state)) if (asked.has(key)) state[key] = asked.get(key);
    if (!(state.theme in data.themes)) state.theme = data.theme;
    find.value = state.find;
    show();
  }
  addEventListener('hashchange', load);
  let across = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== across) fit();
    across = innerWidth;
  });
  load();
})();
