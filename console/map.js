// SPDX-License-Identifier: GPL-3.0-or-later
// The menus: every screen in the order in which it is reached, who stands there now, who came and where they left.
import { attempt, el, every, fill, get, number } from './api.js';

// Screens by the fewest steps from the start; those that nothing leads to (shortcuts) come last.
export function columns(service) {
  const by = new Map(service.screens.map((s) => [s.name, s]));
  const depth = new Map([[service.start, 0]]);
  const queue = [service.start];
  while (queue.length) {
    const name = queue.shift();
    for (const way of by.get(name)?.ways || []) {
      if (!depth.has(way.to)) {
        depth.set(way.to, depth.get(name) + 1);
        queue.push(way.to);
      }
    }
  }
  const last = Math.max(...depth.values()) + 1;
  const out = [];
  for (const s of service.screens) (out[depth.get(s.name) ?? last] ||= []).push(s);
  return out.filter(Boolean);
}

function dropsOf(c) {
  const left = c.cancelled + c.network + c.app + c.ours;
  if (!c.entered) return el('p', { class: 'soft' }, 'nobody came');
  const share = Math.min(1, left / c.entered);
  return el(
    'div',
    {},
    el(
      'p',
      {},
      `${number(c.entered)} came, ${number(left)} left here (${(share * 100).toFixed(0)} %)`,
      c.misunderstood ? `, ${number(c.misunderstood)} answers not understood` : '',
    ),
    el('meter', {
      min: '0',
      max: '1',
      value: share.toFixed(3),
      low: '0.2',
      high: '0.5',
      optimum: '0',
      'aria-label': `share that left: ${(share * 100).toFixed(0)} %`,
    }),
  );
}

function card(service, s, counts) {
  const id = (name) => `map/${service.name}/${name}`;
  const ways = s.ways.map((w) => el('li', {}, w.label ? `${w.label}: ` : '', el('a', { href: `#${id(w.to)}` }, w.to)));
  return el(
    'li',
    { class: `screen-card${s.on ? ' busy' : ''}`, id: id(s.name) },
    el(
      'h3',
      {},
      el('span', {}, s.name),
      el('span', { class: s.on ? 'good' : 'soft', 'data-on': s.name }, `${number(s.on)} now`),
    ),
    el('p', { class: 'soft' }, s.kind),
    s.say ? el('p', {}, s.say) : null,
    counts ? dropsOf(counts) : null,
    ways.length ? el('ul', {}, ...ways) : null,
  );
}

export async function show(main, { signal, rest }) {
  const pick = el('select', { id: 'service' });
  const days = el(
    'select',
    { id: 'days' },
    ...[
      ['1', 'today'],
      ['7', '7 days'],
      ['30', '30 days'],
      ['0', 'all'],
    ].map(([v, t]) => el('option', { value: v, selected: v === '7' }, t)),
  );
  const head = el('p');
  const body = el('div', { class: 'columns', tabindex: '0', role: 'region', 'aria-label': 'Screens' });
  let counts = {};
  let drawn = '';
  fill(
    main,
    el('h1', {}, 'Menus'),
    el(
      'div',
      { class: 'row card' },
      el('div', {}, el('label', { for: 'service' }, 'Menu'), pick),
      el('div', {}, el('label', { for: 'days' }, 'Came and left'), days),
    ),
    head,
    body,
  );

  const readCounts = async () => {
    if (pick.value) counts = (await get(`counts?service=${encodeURIComponent(pick.value)}&days=${days.value}`)).screens;
    drawn = '';
  };
  const shapes = new Map(); // of each menu, with its version: asked for when it has changed
  const look = async () => {
    if (!pick.options.length) {
      const { services } = await get('map');
      if (signal.aborted) return;
      pick.append(
        ...services.map((s) => el('option', { value: s.name, selected: s.name === rest[0] }, `${s.name} ${s.code}`)),
      );
      await readCounts();
    }
    const name = pick.value;
    const known = shapes.get(name);
    const said = name
      ? await get(`map?service=${encodeURIComponent(name)}${known ? `&version=${known.version}` : ''}`)
      : null;
    if (signal.aborted || pick.value !== name) return;
    if (said?.shape) shapes.set(name, { version: said.version, ...said.shape });
    const shape = shapes.get(name);
    const service = said && { ...shape, inside: said.inside, screens: shape.screens.map((s, i) => ({ ...s, on: said.on[i] })) };
    if (!service) {
      head.textContent = 'No menu is configured.';
      return;
    }
    head.textContent = `In ${service.name} ${service.code} now: ${number(service.inside)}.`;
    const picture = JSON.stringify(service);
    if (picture === drawn || (body.contains(document.activeElement) && drawn && sameWays(service, drawn))) {
      // Only the numbers: whoever walks through the links by keyboard keeps their place.
      for (const s of service.screens) {
        const on = [...body.querySelectorAll('[data-on]')].find((n) => n.dataset.on === s.name);
        if (on) on.textContent = `${number(s.on)} now`;
      }
      return;
    }
    drawn = picture;
    fill(
      body,
      ...columns(service).map((list) =>
        el(
          'ol',
          {},
          ...list.map((s) =>
            card(
              service,
              s,
              counts[s.name] ||
                (Object.keys(counts).length ? { entered: 0, cancelled: 0, network: 0, app: 0, ours: 0 } : null),
            ),
          ),
        ),
      ),
    );
  };
  const sameWays = (service, old) =>
    JSON.stringify(JSON.parse(old).screens.map((s) => [s.name, s.ways])) ===
    JSON.stringify(service.screens.map((s) => [s.name, s.ways]));
  const change = () =>
    attempt(async () => {
      await readCounts();
      await look();
    });
  pick.addEventListener('change', change);
  days.addEventListener('change', change);
  every(2000, signal, look);
  every(10000, signal, readCounts);
}
