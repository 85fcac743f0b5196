// SPDX-License-Identifier: GPL-3.0-or-later
// The live page: is it well, and if not, what to do; dialogues, answers, links, outcomes, what waits. Looked at once a second.
import uPlot from './vendor/uPlot.esm.js';
import { attempt, el, every, fill, get, number, post, sure, time } from './api.js';

const KEEP = 300; // seconds in the charts
const ANSWER_MS = 4000; // a daemon that needs longer for its own state hangs
const kept = { at: [], begun: [], inputs: [], p50: [], p99: [] };
let before = null;

const rate = (now, old, key, seconds) => (old && seconds > 0 ? Math.max(0, (now[key] - old[key]) / seconds) : null);

// The bound, in ms, that `share` of the answers between the two reports kept to; null = there were none.
export function quantile(now, old, share) {
  const all = now.count - (old ? old.count : 0);
  if (all <= 0) return null;
  let seen = 0;
  for (let i = 0; i < now.answers.length; i++) {
    seen += now.answers[i] - (old ? old.answers[i] : 0);
    if (seen >= all * share)
      return (i < now.up_to_us.length ? now.up_to_us[i] : now.up_to_us[now.up_to_us.length - 1]) / 1000;
  }
  return null;
}

function note(s) {
  const seconds = before ? (s.at_ms - before.at_ms) / 1000 : 0;
  const again = before && before.since === s.since ? before : null;
  if (!again) for (const list of Object.values(kept)) list.length = 0;
  kept.at.push(s.at_ms / 1000);
  kept.begun.push(rate(s.dialogues, again && again.dialogues, 'begun', seconds));
  kept.inputs.push(rate(s.dialogues, again && again.dialogues, 'inputs', seconds));
  kept.p50.push(again ? quantile(s.answer_times, again.answer_times, 0.5) : null);
  kept.p99.push(again ? quantile(s.answer_times, again.answer_times, 0.99) : null);
  if (kept.at.length > KEEP) for (const list of Object.values(kept)) list.shift();
  const old = before;
  before = s;
  return { seconds, old: again, fresh: old === null };
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Of the axis below: [from so many seconds between two marks, a mark, what the first has beneath, a month's, a day's, an hour's, a
// minute's, a second's, 1 = beneath the mark]. All times of the console are UTC, a day is 2026-11-22, and the clock has 24 hours.
const DAY = '\n{YYYY}-{MM}-{DD}';
const MARKS = [
  [60, '{HH}:{mm}', DAY, DAY, DAY, null, null, null, 1],
  [1, ':{ss}', `${DAY} {HH}:{mm}`, `${DAY} {HH}:{mm}`, `${DAY} {HH}:{mm}`, '\n{HH}:{mm}', '\n{HH}:{mm}', null, 1],
];

function chart(node, title, unit, series) {
  const options = () => ({
    width: Math.max(200, node.clientWidth),
    height: 190,
    legend: { show: true },
    cursor: { points: { show: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
    scales: {
      x: { range: () => [Math.min(kept.at[0], kept.at.at(-1) - 10), kept.at.at(-1)] }, // one alone: not over a day
      y: { range: (u, min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      { stroke: colour('--soft'), grid: { stroke: colour('--line') }, values: MARKS },
      { stroke: colour('--soft'), grid: { stroke: colour('--line') }, size: 60 },
    ],
    series: [
      { label: 'Time (UTC)', value: '{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}' },
      ...series.map((s) => ({
        label: `${s.label} (${unit})`,
        stroke: colour(s.colour),
        width: 2,
        spanGaps: true,
        dash: s.dash,
        value: (u, v) => (v === null || v === undefined ? '–' : v.toFixed(1)),
      })),
    ],
  });
  const data = () => [kept.at, ...series.map((s) => kept[s.of])];
  node.setAttribute('role', 'img');
  let plot = null;
  return {
    draw() {
      if (!plot) plot = new uPlot(options(), data(), node);
      else plot.setData(data());
      const last = series.map((s) => `${s.label} ${(kept[s.of].at(-1) ?? 0).toFixed(1)} ${unit}`).join(', ');
      node.setAttribute('aria-label', `${title}: ${last}`);
    },
    size() {
      if (plot) plot.setSize({ width: Math.max(200, node.clientWidth), height: 190 });
    },
  };
}

function healthOf(s) {
  const words = {
    ok: 'Well: subscribers are served, nothing is wrong',
    degraded: 'Served, and something is wrong',
    down: 'Down: subscribers are not served',
  };
  const { status, troubles } = s.health;
  const marks = { ok: '✓', degraded: '!', down: '✕' };
  return el(
    'div',
    { class: `state ${status}`, role: 'status', id: 'health' },
    el(
      'strong',
      {},
      el('span', { 'aria-hidden': 'true' }, `${marks[status]} `),
      words[status],
      s.draining ? ' – being stopped' : '',
    ),
    troubles.length
      ? el(
          'ul',
          {},
          ...troubles.map((t) =>
            el('li', {}, el('span', {}, t.what), el('span', { class: 'soft' }, `What to do: ${t.remedy}`)),
          ),
        )
      : null,
  );
}

// What was said before is not so any more, or nobody knows: it must not stand there.
const silence = () =>
  el(
    'div',
    { class: 'state down', role: 'status', id: 'health' },
    el('strong', {}, el('span', { 'aria-hidden': 'true' }, '✕ '), 'The daemon does not answer: what stands below is old'),
    el(
      'ul',
      {},
      el(
        'li',
        {},
        el('span', {}, 'It has ended, it hangs, or the way to it is cut'),
        el(
          'span',
          { class: 'soft' },
          'What to do: on its machine, systemctl status starhashd, and journalctl -u starhashd -n 50',
        ),
      ),
    ),
  );

const pairs = (rows) => el('dl', { class: 'pairs' }, ...rows.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, v)]));

// No other bound link of its group does what this one does: then nobody there is served when it is taken down.
const ways = (l) => (l.bind === 'transceiver' ? ['in', 'out'] : [l.bind === 'receiver' ? 'in' : 'out']);
export const isLast = (l, links) =>
  l.state === 'bound' &&
  ways(l).some(
    (way) =>
      !links.some((o) => o.name !== l.name && o.group === l.group && o.state === 'bound' && ways(o).includes(way)),
  );

// Made once for the links that there are: a table that is made anew each second would lose a press that spans it, and the focus.
function linksTable(operates) {
  const node = el('div');
  const heads = ['Link', 'Group', 'State', 'In', 'Out', 'Window', 'Refused or unknown', ...(operates ? ['Do'] : [])];
  let now = { links: [] };
  let rows = new Map();
  const act = async (name) => {
    const l = now.links.find((o) => o.name === name);
    const words = `${name} is the last bound link of its kind in the group "${l.group}": its subscribers are not served until one is up again.`;
    if (!l.held && isLast(l, now.links) && !(await sure(words, `Take down ${name}`))) return;
    await attempt(() => post('link', { name, act: l.held ? 'up' : 'down' }));
  };
  const made = (l) => {
    const cells = heads.slice(1, 7).map(() => el('td', {}));
    const button = operates ? el('button', { type: 'button', onclick: () => act(l.name) }) : null;
    return {
      cells,
      button,
      node: el('tr', {}, el('th', { scope: 'row' }, l.name), ...cells, button && el('td', {}, button)),
    };
  };
  const begin = (links) => {
    rows = new Map(links.map((l) => [l.name, made(l)]));
    fill(
      node,
      el(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Links' },
        el(
          'table',
          {},
          el('caption', {}, 'Links'),
          el('thead', {}, el('tr', {}, ...heads.map((h) => el('th', { scope: 'col' }, h)))),
          el('tbody', {}, ...[...rows.values()].map((r) => r.node)),
        ),
      ),
    );
  };
  const draw = (l, change) => {
    const { cells, button } = rows.get(l.name);
    const old = change.old?.links.find((o) => o.name === l.name);
    const per = (key) => {
      const r = rate(l, old, key, change.seconds);
      return r === null ? '–' : `${r.toFixed(0)}/s`;
    };
    const [group, state, ...figures] = cells;
    group.textContent = l.group;
    state.className = l.held ? 'warn' : l.state === 'bound' ? 'good' : 'bad';
    fill(
      state,
      l.held ? 'held by an operator' : l.state,
      l.alarm ? `: ${l.alarm}` : l.lost && !l.held ? `: ${l.lost}` : '',
      l.rate === l.configured_rate ? null : el('span', { class: 'warn' }, ` throttled to ${number(l.rate)}/s`),
    );
    [
      per('deliver_in'),
      per('submit_out'),
      `${l.outstanding} of ${l.window}, ${l.queued} wait`,
      number(l.submit_rejected + l.submit_unknown),
    ].forEach((text, i) => {
      figures[i].textContent = text;
    });
    if (!button) return;
    button.textContent = l.held ? 'Up' : 'Down';
    button.setAttribute('aria-label', `${l.held ? 'Take up' : 'Take down'} ${l.name}`);
  };
  return {
    node,
    draw(s, change) {
      now = s;
      if (s.links.some((l) => !rows.has(l.name)) || s.links.length !== rows.size) begin(s.links);
      s.links.forEach((l) => draw(l, change));
    },
  };
}

// How many PDUs a second a link may send, for who may say so.
function throttle() {
  const link = el('select', { id: 'throttle-link' });
  const rate = el('input', { id: 'throttle-rate', type: 'number', min: 1, max: 100000, step: 1, required: true });
  const said = el('p', { role: 'status', class: 'soft', id: 'throttle-said' });
  const send = (value) =>
    attempt(async () => {
      const name = link.value;
      const { links } = await post('link', { name, act: 'throttle', rate: value });
      const now = links.find((l) => l.name === name);
      said.textContent = now.rate
        ? `${name} sends at most ${number(now.rate)} PDUs a second${value === 'off' ? ', as configured' : ' until it is said otherwise, or the daemon restarts'}.`
        : `${name} sends as fast as its window allows, as configured.`;
    });
  const form = el(
    'form',
    {
      class: 'row',
      'aria-label': 'Throttle a link',
      onsubmit: (event) => {
        event.preventDefault();
        send(Number(rate.value));
      },
    },
    el('div', {}, el('label', { for: 'throttle-link' }, 'Throttle the link'), link),
    el('div', {}, el('label', { for: 'throttle-rate' }, 'to PDUs a second'), rate),
    el('button', {}, 'Throttle'),
    el('button', { type: 'button', onclick: () => send('off') }, 'As configured'),
  );
  let known = '';
  return {
    node: el('div', {}, form, said),
    names(links) {
      const names = JSON.stringify(links.map((l) => l.name));
      if (names === known) return;
      known = names;
      fill(link, ...links.map((l) => el('option', { value: l.name }, l.name)));
    },
  };
}

// Open dialogues, for who may end one: asked for when somebody looks.
function dialoguesOf(signal) {
  const list = el('div');
  const box = el('details', { class: 'card wide' }, el('summary', {}, 'Open dialogues'), list);
  const end = (d) =>
    attempt(async () => {
      await post('dialogue/end', { id: d.id });
      await look();
    });
  const look = async () => {
    const { dialogues, more } = await get('dialogues');
    const row = (d) =>
      el(
        'tr',
        {},
        el('th', { scope: 'row' }, d.number),
        el('td', {}, d.channel),
        el('td', {}, `${d.service} ${d.screen}`),
        el('td', {}, d.language),
        el('td', {}, `${number(d.seconds)} s`),
        el('td', {}, d.state === 'theirs' ? 'waits for the subscriber' : d.state),
        el(
          'td',
          {},
          el('button', { type: 'button', 'aria-label': `End dialogue ${d.id}`, onclick: () => end(d) }, 'End'),
        ),
      );
    fill(
      list,
      dialogues.length
        ? el(
            'div',
            { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Open dialogues' },
            el(
              'table',
              {},
              el('caption', {}, more ? 'The first of them' : 'All of them'),
              el(
                'thead',
                {},
                el(
                  'tr',
                  {},
                  ...['Number', 'Channel', 'Where', 'Language', 'Since', 'Turn', 'Do'].map((h) =>
                    el('th', { scope: 'col' }, h),
                  ),
                ),
              ),
              el('tbody', {}, ...dialogues.map(row)),
            ),
          )
        : el('p', { class: 'soft' }, 'None is open.'),
      el('button', { type: 'button', onclick: () => attempt(look) }, 'Look again'),
    );
  };
  box.addEventListener(
    'toggle',
    () => {
      if (box.open) attempt(look);
    },
    { signal },
  );
  return box;
}

function outcomesOf(s) {
  const d = s.dialogues;
  return pairs([
    ['completed', number(d.completed)],
    ['cancelled by the subscriber or network', number(d.cancelled)],
    ['silence', number(d.idle)],
    ['dialled anew', number(d.replaced)],
    ['answer not delivered', number(d.lost)],
    ['our fault', number(d.failed)],
    ['turned away', number(d.shed)],
    ['apologies', number(d.apologies)],
    ['registered', number(d.registered)],
    ['gifts', number(d.granted)],
  ]);
}

function waitingOf(s) {
  const o = s.outbox;
  return pairs([
    ['writes that wait for the disk', number(s.store.queue)],
    ['a commit takes', `${(s.store.commit_us_mean / 1000).toFixed(1)} ms`],
    ['SMS that wait', number(s.notices.waiting)],
    ['the oldest of them', `${number(s.notices.oldest_s)} s`],
    ...(o
      ? [
          ['orders at the charging system', number(o.pending + o.sent)],
          ['in doubt', number(o.unknown)],
          ['the oldest', `${number(o.oldest_s)} s`],
          ['charging', s.charging.circuit],
        ]
      : [['charging', 'the ledger of the store']]),
    ['late for its timers', `${s.loop_lag_ms} ms`],
  ]);
}

export function show(main, { me, signal }) {
  const health = el('div');
  const now = el('div', { class: 'card' });
  const outcomes = el('div');
  const waiting = el('div');
  const box1 = el('div', { class: 'chart' });
  const box2 = el('div', { class: 'chart' });
  const operates = me.rights.includes('operate');
  const links = linksTable(operates);
  const slower = operates ? throttle() : null;
  const grid = el('div', { class: 'grid' });
  fill(main, el('h1', {}, 'Live'), health, grid);
  fill(
    grid,
    now,
    el('section', { class: 'card' }, el('h2', {}, 'Dialogues'), box1),
    el('section', { class: 'card' }, el('h2', {}, 'Answer times'), box2),
    el('div', { class: 'card wide' }, links.node, slower?.node),
    el('section', { class: 'card' }, el('h2', {}, 'How dialogues ended, since the start'), outcomes),
    el('section', { class: 'card' }, el('h2', {}, 'What waits'), waiting),
    operates ? dialoguesOf(signal) : null,
  );
  const charts = [
    chart(box1, 'Dialogues', '1/s', [
      { label: 'begun', of: 'begun', colour: '--accent' },
      { label: 'inputs', of: 'inputs', colour: '--good', dash: [6, 4] },
    ]),
    chart(box2, 'Answer times', 'ms', [
      { label: 'half within', of: 'p50', colour: '--accent' },
      { label: '99 % within', of: 'p99', colour: '--warn', dash: [6, 4] },
    ]),
  ];
  window.addEventListener('resize', () => charts.forEach((c) => c.size()), { signal });
  let said = '';
  every(1000, signal, async () => {
    const s = await get('live', { signal: AbortSignal.timeout(ANSWER_MS) }).catch((error) => {
      if (error.status === 0 && said !== 'silence') fill(health, silence());
      if (error.status === 0) said = 'silence';
      throw error;
    });
    if (signal.aborted) return;
    const change = note(s);
    const words = JSON.stringify(s.health) + s.draining;
    if (words !== said) fill(health, healthOf(s)); // said to a screen reader when it changes
    said = words;
    fill(
      now,
      el('h2', {}, 'Now'),
      el('p', { class: 'big', id: 'open' }, `${number(s.dialogues.open)} open`),
      pairs([
        [
          'begun',
          `${number(s.dialogues.begun)}${kept.begun.at(-1) === null ? '' : `, ${kept.begun.at(-1).toFixed(1)}/s`}`,
        ],
        [
          'inputs',
          `${number(s.dialogues.inputs)}${kept.inputs.at(-1) === null ? '' : `, ${kept.inputs.at(-1).toFixed(1)}/s`}`,
        ],
        ['running since', `${time(s.since)} UTC`],
        ['version', s.version],
      ]),
    );
    links.draw(s, change);
    slower?.names(s.links);
    fill(outcomes, outcomesOf(s));
    fill(waiting, waitingOf(s));
    charts.forEach((c) => c.draw());
  });
}
