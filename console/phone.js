// SPDX-License-Identifier: GPL-3.0-or-later
// The phone: dial any code from a number of http.phones, in each language; SMS to it come into the tray.
import { attempt, el, every, fill, get, post, time } from './api.js';

const fresh = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

function noNumbers(main) {
  fill(
    main,
    el('h1', {}, 'Phone'),
    el(
      'div',
      { class: 'card' },
      el('p', {}, 'No number is set aside for the phone.'),
      el('p', {}, 'Name some in starhash.conf that belong to nobody, and restart the daemon:'),
      el('pre', {}, 'http = { listen = "127.0.0.1:8080"; phones = [ "254700000001" ]; };'),
    ),
  );
}

export async function show(main, { signal }) {
  const had = await attempt(() => get('phone'));
  if (!had || signal.aborted) return;
  if (!had.numbers.length) {
    noNumbers(main);
    return;
  }
  const languages = [...new Set(had.services.flatMap((s) => s.languages))];
  const names = new Intl.DisplayNames(['en'], { type: 'language' });
  let call = null; // { session, code, typed: [] }
  const number = el('select', { id: 'number' }, ...had.numbers.map((n) => el('option', { value: n }, `+${n}`)));
  const language = el(
    'select',
    { id: 'language' },
    el('option', { value: '' }, 'as the menus begin'),
    ...languages.map((l) => el('option', { value: l }, names.of(l))),
  );
  const screen = el(
    'div',
    {
      class: 'screen',
      id: 'screen',
      role: 'log',
      'aria-live': 'polite',
      'aria-label': 'Screen of the phone',
      tabindex: '0',
    },
    'Dial a code.',
  );
  const input = el('input', { id: 'input', autocomplete: 'off', value: had.services[0]?.code || '', maxlength: 182 });
  const label = el('label', { for: 'input' }, 'Code');
  const send = el('button', { class: 'first' }, 'Dial');
  const hang = el('button', { type: 'button', disabled: true }, 'Hang up');
  const tray = el('ul', { class: 'tray', id: 'tray' });
  const offer = el(
    'datalist',
    { id: 'codes' },
    ...had.services.filter((s) => s.code).map((s) => el('option', { value: s.code }, s.name)),
  );
  input.setAttribute('list', 'codes');

  const rest = (text) => {
    call = null;
    label.textContent = 'Code';
    send.textContent = 'Dial';
    hang.disabled = true;
    input.value = had.services[0]?.code || '';
    input.setAttribute('list', 'codes');
    if (text !== undefined) screen.textContent = text;
  };
  const display = (answer) => {
    screen.textContent = answer.screen;
    if (answer.last) {
      rest(`${answer.screen}\n\n(the dialogue has ended)`);
    } else {
      label.textContent = 'Answer';
      send.textContent = 'Send';
      hang.disabled = false;
      input.value = '';
      input.removeAttribute('list');
    }
    input.focus();
    input.select();
  };
  const submit = async (event) => {
    event.preventDefault();
    const typed = input.value;
    if (!call) call = { session: fresh(), code: typed, typed: [] };
    else call.typed.push(typed);
    send.disabled = true;
    const answer = await attempt(() =>
      post('phone/dial', { number: number.value, session: call.session, code: call.code, chain: call.typed.join('*') }),
    );
    send.disabled = false;
    if (answer) display(answer);
    else rest();
  };
  const hangUp = async () => {
    await attempt(() => post('phone/hang-up', { number: number.value }));
    rest('Dial a code.');
  };
  hang.addEventListener('click', hangUp);
  number.addEventListener('change', () => rest('Dial a code.'));
  language.addEventListener('change', async () => {
    send.disabled = true; // who dials meanwhile would be cut off by what comes back
    screen.textContent = 'One moment …';
    if (language.value) await attempt(() => post('phone/language', { number: number.value, language: language.value }));
    send.disabled = false;
    rest('Dial a code.');
  });

  fill(
    main,
    el('h1', {}, 'Phone'),
    el(
      'p',
      { class: 'soft' },
      'Menus, store and charging are the real ones, so gifts are given; in the store these dialogues are marked as simulated, and SMS stay here.',
    ),
    el(
      'div',
      { class: 'grid' },
      el(
        'form',
        { class: 'phone', onsubmit: submit, 'aria-label': 'Phone' },
        screen,
        label,
        el('div', { class: 'row' }, input, send, hang),
        el('label', { for: 'number' }, 'From'),
        number,
        el('label', { for: 'language' }, 'Language of this number'),
        language,
        offer,
      ),
      el('section', { class: 'card' }, el('h2', {}, 'SMS'), tray),
    ),
  );
  input.focus();
  every(1000, signal, async () => {
    const { sms } = await post('phone/tray', { number: number.value });
    if (signal.aborted || tray.dataset.shown === JSON.stringify(sms)) return;
    tray.dataset.shown = JSON.stringify(sms);
    fill(
      tray,
      ...(sms.length
        ? sms.map((s) => el('li', {}, el('span', { class: 'soft' }, `${time(s.at)} UTC`), el('br'), s.text))
        : [el('li', { class: 'soft' }, 'None so far.')]),
    );
  });
}
