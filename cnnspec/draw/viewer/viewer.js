// Pan, zoom, hover, search, theme and opened blocks; the state stands in the address behind #.
'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const root = document.documentElement, stage = document.querySelector('main');
  const tip = document.getElementById('tip'), find = document.getElementById('find');
  const pictures = new Map([...document.querySelectorAll('.picture')].map(p => [p.dataset.path, p]));
  const state = { open: '', find: '', theme: data.theme };
  const themes = Object.keys(data.themes).sort().reverse();
  let shown = null, view = { x: 0, y: 0, k: 1 }, turn = 0;

  const MARKED = '[data-op], [data-gate], [data-group], [data-stage]';
  const marked = picture => [...picture.querySelectorAll(MARKED)];
  const pathsOf = element => (element.dataset.op || element.dataset.gate || element.dataset.group || element.dataset.stage || '').split(' ').map(decodeURIComponent);

  function place() {
    shown.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  }
  function fit() {
    const svg = shown.firstElementChild, box = stage.getBoundingClientRect();
    const width = svg.viewBox.baseVal.width * 4 / 3, height = svg.viewBox.baseVal.height * 4 / 3;
    const k = Math.min((box.width - 24) / width, Math.max((box.height - 24) / height, 1), 3);
    view = { x: Math.max((box.width - width * k) / 2, 12), y: 12, k };
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
    const all = shown ? marked(shown).filter(e => e.dataset.op || e.dataset.gate) : [];
    const found = word ? all.filter(e => pathsOf(e).some(fits)) : [];
    for (const element of all) {
      element.classList.toggle('faded', word !== '' && !found.includes(element));
      element.classList.toggle('hit', found.includes(element));
    }
    document.getElementById('found').textContent = word ? `${found.length} found` : '';
    return found;
  }
  function show() {
    if (!pictures.has(state.open)) state.open = '';
    for (const [path, picture] of pictures) picture.classList.toggle('shown', path === state.open);
    if (shown !== pictures.get(state.open)) {
      shown = pictures.get(state.open);
      fit();
    }
    colour(); crumbs(); hits();
  }
  function go(change) {
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
  let held = null, moved = false;
  stage.addEventListener('pointerdown', e => {
    held = [e.clientX, e.clientY, view.x, view.y]; moved = false;
  });
  addEventListener('pointermove', e => {
    if (held) {
      const [x, y] = [e.clientX - held[0], e.clientY - held[1]];
      if (Math.hypot(x, y) > 3) { moved = true; stage.classList.add('moving'); }
      if (moved) { view.x = held[2] + x; view.y = held[3] + y; place(); }
    }
  });
  addEventListener('pointerup', () => { held = null; stage.classList.remove('moving'); });
  stage.addEventListener('click', e => {
    const under = document.elementsFromPoint(e.clientX, e.clientY);
    const open = !moved && under.find(element => element.dataset && element.dataset.open);
    if (open) go({ open: open.dataset.open });
  });
  stage.addEventListener('wheel', e => {
    e.preventDefault();
    const frame = stage.getBoundingClientRect();
    zoom(Math.exp(-e.deltaY / 400), e.clientX - frame.left, e.clientY - frame.top);
  }, { passive: false });
  stage.addEventListener('mousemove', e => {
    const element = e.target.closest(MARKED) || document.elementsFromPoint(e.clientX, e.clientY)
      .find(under => under.matches(MARKED));
    const lines = element ? pathsOf(element).map(p => [p, data.facts[p]].filter(Boolean).join('  ')) : [];
    if (element && element.dataset.open) lines.push('click to open');
    tip.textContent = lines.join('\n');
    tip.style.display = lines.length && !moved ? 'block' : 'none';
    tip.style.left = Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 8) + 'px';
    tip.style.top = Math.min(e.clientY + 14, innerHeight - tip.offsetHeight - 8) + 'px';
  });
  stage.addEventListener('mouseleave', () => { tip.style.display = 'none'; });
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
  load();
})();
