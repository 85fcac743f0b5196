// SPDX-License-Identifier: GPL-3.0-or-later
// The console's frame: who is logged in, which pages their role has, and which one is shown. A page is a module with show().
import { attempt, el, fill, get, notice, post, restedSeconds, session, touch } from './api.js';
import * as live from './live.js';
import * as phone from './phone.js';
import * as map from './map.js';
import * as people from './people.js';

const pages = [
  { hash: '#live', name: 'Live', right: 'look', show: live.show },
  { hash: '#phone', name: 'Phone', right: 'phone', show: phone.show },
  { hash: '#map', name: 'Menus', right: 'look', show: map.show },
  { hash: '#subscriber', name: 'Subscriber', right: 'subscriber', show: people.subscriber },
  { hash: '#grants', name: 'Decisions', right: 'grants', show: people.grants },
];
const main = document.getElementById('main');
let me = null;
let shown = null;
let watching = 0;

const mine = () => pages.filter((p) => me.rights.includes(p.right));

function showNav() {
  const nav = document.getElementById('nav');
  const at = location.hash.split('/')[0];
  nav.hidden = !me;
  document.getElementById('who').hidden = !me;
  if (!me) return;
  document.getElementById('who-name').textContent = `${me.name} (${me.role})`;
  fill(
    nav,
    el(
      'ul',
      {},
      ...mine().map((p) =>
        el('li', {}, el('a', { href: p.hash, 'aria-current': p.hash === at ? 'page' : null }, p.name)),
      ),
    ),
  );
}

function leave() {
  if (shown) shown.abort();
  shown = null;
}

// What is on the screen goes with the session, whether or not the page asks for something, and whether or not the daemon answers.
function watch() {
  clearInterval(watching);
  const rest = me.rest_s ?? Infinity;
  watching = setInterval(
    () => {
      if (restedSeconds() >= rest) lost();
      else get('me').catch(() => {});
    },
    Math.min(10, rest) * 1000,
  );
}

function lost() {
  showLogin('Your session has ended.');
}

function showLogin(words = '') {
  leave();
  clearInterval(watching);
  document.querySelector('dialog')?.close();
  me = null;
  session(null);
  showNav();
  document.title = 'Log in – Starhash';
  const token = el('input', {
    id: 'token',
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    maxlength: 128,
  });
  const said = el('p', { role: 'alert', class: 'bad' }, words);
  const form = el(
    'form',
    {
      class: 'card',
      onsubmit: async (event) => {
        event.preventDefault();
        said.textContent = '';
        try {
          me = await post('login', { token: token.value });
          token.value = '';
          begin();
        } catch (error) {
          said.textContent = error.message;
          token.select();
        }
      },
    },
    el('h1', {}, 'Log in'),
    el('label', { for: 'token' }, 'Token'),
    token,
    ' ',
    el('button', { class: 'first' }, 'Log in'),
    said,
    el('p', { class: 'soft' }, 'Your token is in the file that console[].token_file of starhash.conf names.'),
  );
  fill(main, form);
  token.focus();
}

function show() {
  if (!me) return;
  leave();
  notice('');
  const [hash, ...rest] = location.hash.split('/');
  const page = mine().find((p) => p.hash === hash) || mine()[0];
  if (page.hash !== hash) {
    location.hash = page.hash;
    return;
  }
  shown = new AbortController();
  document.title = `${page.name} – Starhash`;
  showNav();
  page.show(main, { me, signal: shown.signal, rest });
  main.focus({ preventScroll: true });
}

function begin() {
  session(me, lost);
  watch();
  if (mine().some((p) => p.hash === location.hash.split('/')[0])) show();
  else location.hash = mine()[0].hash;
}

document.getElementById('logout').addEventListener('click', async () => {
  await attempt(() => post('logout', {}));
  showLogin();
});
for (const type of ['pointerdown', 'keydown', 'wheel'])
  window.addEventListener(type, touch, { capture: true, passive: true });
window.addEventListener('hashchange', (event) => {
  // A place on the page that is shown already is the page's own matter.
  const page = (url) => new URL(url).hash.split('/')[0];
  if (shown && page(event.oldURL) === page(event.newURL)) return;
  show();
});

try {
  me = await get('me');
  begin();
} catch {
  showLogin();
}
