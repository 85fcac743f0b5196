// SPDX-License-Identifier: GPL-3.0-or-later
// Asking the daemon, and making elements. Text from the daemon is always set as text: no markup is ever read from it.

let csrf = '';
let onLost = () => {};
let touched = true; // by somebody's hand, since we asked last
let touchedAt = Date.now();

export function touch() {
  touched = true;
  touchedAt = Date.now();
}

export const restedSeconds = () => (Date.now() - touchedAt) / 1000;

export class Fault extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function session(me, lost) {
  csrf = me ? me.csrf : '';
  if (lost) onLost = lost;
}

async function read(response) {
  let said = {};
  try {
    said = await response.json();
  } catch {
    said = {};
  }
  if (!response.ok) {
    if (response.status === 401 && csrf) onLost();
    throw new Fault(response.status, said.error || `the daemon said ${response.status}`);
  }
  return said;
}

// A session ends when nobody has used the page for a while: what the page asks by itself is not use.
async function ask(path, options) {
  let response;
  const headers = { ...options.headers, ...(touched ? { 'X-Starhash-Touched': '1' } : {}) };
  touched = false;
  try {
    response = await fetch(`api/${path}`, { credentials: 'same-origin', cache: 'no-store', ...options, headers });
  } catch {
    throw new Fault(0, 'The daemon does not answer. Is it running? Try starhash status on its machine.');
  }
  return read(response);
}

export const get = (path, options = {}) => ask(path, options);

export const post = (path, body) =>
  ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Starhash-Csrf': csrf },
    body: JSON.stringify(body),
  });

// el('p', { class: 'soft', onclick: f }, 'text', child...)
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren(...children.filter((c) => c !== null && c !== undefined));
}

export const number = (n) => Number(n || 0).toLocaleString('en');
export const time = (text) => (text ? text.replace('T', ' ').slice(0, 19) : '–');

export function notice(text) {
  const node = document.getElementById('notice');
  node.textContent = text || '';
  node.hidden = !text;
}

// Do it, and say what went wrong.
export async function attempt(what) {
  try {
    notice('');
    return await what();
  } catch (error) {
    notice(error.message);
    return null;
  }
}

// A question before what is hard to take back. Escape, and the button that has the focus, say no.
export function sure(words, yes) {
  const answer = (value) => () => dialog.close(value);
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'sure' },
    el('p', { id: 'sure' }, words),
    el(
      'div',
      { class: 'row' },
      el('button', { type: 'button', autofocus: true, onclick: answer('') }, 'Leave it'),
      el('button', { type: 'button', class: 'first', onclick: answer('yes') }, yes),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((tell) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      tell(dialog.returnValue === 'yes');
    });
  });
}

// Every `ms` while the page is shown and the tab is looked at; the page's `signal` ends it.
export function every(ms, signal, look) {
  let timer = 0;
  const again = async () => {
    clearTimeout(timer);
    if (signal.aborted) return;
    if (!document.hidden) await attempt(look);
    if (!signal.aborted) timer = setTimeout(again, ms);
  };
  const shown = () => {
    if (!document.hidden) again();
  };
  document.addEventListener('visibilitychange', shown, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  return again();
}
