// SPDX-License-Identifier: GPL-3.0-or-later
// One subscriber, and gifts that want a decision. Private values are asked for with a reason, which is kept.
import { attempt, el, every, fill, get, number, post, time } from './api.js';

const table = (caption, heads, rows) =>
  rows.length
    ? el(
        'div',
        { class: 'card wide' },
        el(
          'div',
          { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
          el(
            'table',
            {},
            el('caption', {}, caption),
            el('thead', {}, el('tr', {}, ...heads.map((h) => el('th', { scope: 'col' }, h)))),
            el('tbody', {}, ...rows.map((r) => el('tr', {}, ...r.map((c) => el('td', {}, c))))),
          ),
        ),
      )
    : el('div', { class: 'card' }, el('h2', {}, caption), el('p', { class: 'soft' }, 'none'));

const value = (v) =>
  v === null || v === undefined || v === '' ? '–' : typeof v === 'object' ? JSON.stringify(v) : String(v);

function person(s) {
  const list = (rows) =>
    el('dl', { class: 'pairs' }, ...rows.flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, value(v))]));
  return el(
    'div',
    { class: 'grid', id: 'person' },
    el(
      'section',
      { class: 'card' },
      el('h2', {}, `+${s.msisdn}`),
      list([
        ['state', s.state],
        ['registered', s.registered ? 'yes' : 'no'],
        ['language', s.language],
        ['first seen', time(s.first_seen)],
        ['last seen', time(s.last_seen)],
        ['messages', s.stopped ? 'stopped by the subscriber' : 'allowed'],
      ]),
    ),
    el(
      'section',
      { class: 'card' },
      el('h2', {}, 'Profile'),
      list(Object.entries(s.profile || {})),
      s.revealed ? null : el('p', { class: 'soft' }, '*** is private: say why, to see it.'),
    ),
    table(
      'Consents',
      ['When', 'For', 'State', 'By', 'The words'],
      (s.consents || []).map((c) => [time(c.at), c.purpose, c.state, value(c.channel), value(c.text)]),
    ),
    table(
      'Gifts',
      ['When', 'Bundle', 'State', 'Key'],
      (s.grants || []).map((g) => [time(g.at), g.bundle, g.state, g.key]),
    ),
    table(
      'Not given',
      ['When', 'Bundle', 'Why', 'Times'],
      (s.refusals || []).map((r) => [
        time(r.last),
        r.bundle,
        r.rule ? `${r.words} (${r.rule})` : r.words,
        number(r.count),
      ]),
    ),
    table(
      'Dialogues and SMS',
      ['When', 'Channel', 'Menu', 'Screen', 'Outcome', 'Detail'],
      (s.interactions || []).map((i) => [
        time(i.began),
        value(i.channel),
        value(i.service),
        value(i.last_screen),
        value(i.outcome),
        value(i.detail),
      ]),
    ),
    table(
      'SMS that we sent',
      ['When', 'State', 'Why', 'Delivery'],
      (s.notices || []).map((n) => [time(n.created), value(n.state), value(n.why), value(n.delivery)]),
    ),
  );
}

export function subscriber(main, { me }) {
  const input = el('input', { id: 'msisdn', inputmode: 'tel', autocomplete: 'off', required: true, maxlength: 24 });
  const reveals = me.rights.includes('reveal');
  const reason = el('input', { id: 'reason', maxlength: 200, autocomplete: 'off' });
  const found = el('div', { 'aria-live': 'polite' });
  const look = async (reveal) => {
    const s = await attempt(() => post('subscriber', { number: input.value, reveal, reason: reason.value }));
    fill(found, s ? person(s) : null);
  };
  fill(
    main,
    el('h1', {}, 'Subscriber'),
    el(
      'form',
      {
        class: 'card',
        onsubmit: (event) => {
          event.preventDefault();
          look(false);
        },
      },
      el(
        'div',
        { class: 'row' },
        el('div', {}, el('label', { for: 'msisdn' }, 'Number'), input),
        el('button', { class: 'first' }, 'Show'),
      ),
      reveals
        ? el(
            'div',
            { class: 'row' },
            el('div', {}, el('label', { for: 'reason' }, 'Why you need to see private values'), reason),
            el('button', { type: 'button', onclick: () => look(true) }, 'Show with private values'),
          )
        : null,
    ),
    found,
  );
  input.focus();
}

function decision(g, again) {
  const reason = el('input', { id: `reason-${g.id}`, maxlength: 200, autocomplete: 'off' });
  const decide = async (word) => {
    const done = await attempt(() => post('grants/decide', { id: g.id, decision: word, reason: reason.value }));
    if (done) again(`Gift ${g.id} is ${done.state}${done.told ? '; the subscriber is told' : ''}.`);
  };
  const [yes, no] =
    g.state === 'held'
      ? [
          ['approve', 'Approve'],
          ['refuse', 'Refuse'],
        ]
      : [
          ['granted', 'It was given'],
          ['rejected', 'It was not given'],
        ];
  return el(
    'li',
    { class: 'card' },
    el('h2', {}, `Gift ${g.id}: ${g.bundle}`),
    el(
      'p',
      {},
      g.state === 'held'
        ? 'Held by a limit; nothing was given yet.'
        : 'In doubt: the charging system did not say whether it was given. Look there first, by its reference.',
    ),
    el(
      'dl',
      { class: 'pairs' },
      ...[
        ['for', `+${g.number}`],
        ['promised', time(g.at)],
        ['key', g.key],
        ['reference', g.reference],
        ['attempts', number(g.attempts)],
        ['why', g.why],
      ].flatMap(([k, v]) => [el('dt', {}, k), el('dd', {}, value(v))]),
    ),
    el('label', { for: `reason-${g.id}` }, 'Why (kept in the audit)'),
    reason,
    ' ',
    el(
      'button',
      { type: 'button', class: 'first', onclick: () => decide(yes[0]), 'aria-label': `${yes[1]}: gift ${g.id}` },
      yes[1],
    ),
    ' ',
    el('button', { type: 'button', onclick: () => decide(no[0]), 'aria-label': `${no[1]}: gift ${g.id}` }, no[1]),
  );
}

export function grants(main, { signal }) {
  const list = el('ul', { class: 'tray', id: 'grants' });
  const said = el('p', { role: 'status' });
  const rest = el('p', { class: 'soft', id: 'more' });
  let drawn = '';
  const look = async () => {
    const { grants: all, more } = await get('grants');
    const ids = JSON.stringify(all.map((g) => [g.id, g.state]));
    if (signal.aborted) return;
    rest.textContent =
      more.held || more.unknown
        ? `The oldest of each kind, and ${number(more.held)} more that are held, ${number(more.unknown)} more in doubt.`
        : '';
    if (ids === drawn) return; // what somebody is writing stays
    drawn = ids;
    const again = async (words) => {
      said.textContent = words;
      drawn = '';
      await attempt(look);
    };
    fill(
      list,
      ...(all.length
        ? all.map((g) => decision(g, again))
        : [el('li', { class: 'card soft' }, 'Nothing waits for a decision.')]),
    );
  };
  fill(main, el('h1', {}, 'Decisions'), said, list, rest);
  every(5000, signal, look);
}
