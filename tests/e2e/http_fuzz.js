// SPDX-License-Identifier: GPL-3.0-or-later
// Requests of every bad kind to the HTTP listener (malformed, cut, slow, huge, pipelined, hostile forms and JSON), while people dial:
// none of them may be answered late, and the daemon may not say a word of AddressSanitizer.
//   REQUESTS=100000 SEED=1 STARHASH_BUILD=build-san node http_fuzz.js
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { Rig, freePort } = require('./rig.js');

const REQUESTS = Number(process.env.REQUESTS || 100000);
const CLIENTS = Number(process.env.CLIENTS || 60);
let seed = Number(process.env.SEED || 1);

// mulberry32
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (n) => Math.floor(random() * n);
const one = (list) => list[below(list.length)];
const bytes = (n) => Array.from({ length: n }, () => String.fromCharCode(below(256))).join('');
const some = (n) =>
  Array.from({ length: n }, () => one([...'GETPOS /HTP1.0:&=%+\r\n\t{}[]"\\,;*#0123456789abc\0\x7f\xff'])).join('');

const PATHS = [
  '/ussd',
  '/health',
  '/metrics',
  '/cgi-bin/sendsms',
  '/console/',
  '/console/app.js',
  '/console/api/login',
  '/console/api/me',
  '/console/api/live',
  '/console/api/map',
  '/console/api/map?service=join',
  '/console/api/map?service=join&version=%00',
  '/console/api/counts?service=join',
  '/console/api/phone/dial',
  '/console/api/subscriber',
  '/console/api/grants/decide',
  '/console/api/link',
  '/console/../etc/passwd',
  '//',
  '/%00',
  '/cgi-bin/sendsms?username=crm&password=x&to=1&text=%00%',
  '/nothing',
];
const sessions = []; // many: each may ask ten times a second

function body(where) {
  switch (below(6)) {
    case 0:
      return `sessionId=${some(below(80))}&phoneNumber=%2B2547${below(1e8)}&serviceCode=*123%23&text=${some(below(60))}`;
    case 1:
      return `username=crm&password=password-of-the-crm&to=2547${below(1e8)}&coding=${one(['0', '1', '2', 'x'])}&text=${some(below(200))}`;
    case 2:
      return JSON.stringify({
        token: some(below(300)),
        number: one(['254700000001', some(9), 7, null]),
        session: 'a'.repeat(below(60)),
        code: one(['*123#', some(12)]),
        chain: some(below(100)),
        name: some(5),
        act: one(['up', 'sideways', 'throttle']),
        rate: one([1, 'x', -1, 1e300]),
        id: one([0, 1, -1, 1e18]),
        decision: one(['approve', 'granted', some(4)]),
        reason: some(10),
      });
    case 3:
      return '['.repeat(below(3000)) + some(20);
    case 4:
      return bytes(below(2000));
    default:
      return where.includes('ussd')
        ? `sessionId=s${below(50)}&phoneNumber=%2B2547001${String(below(1e5)).padStart(5, '0')}&serviceCode=*123%23&text=${one(['', '1', '1*1', '98*0*00', '*'.repeat(50)])}`
        : 'a=b';
  }
}

function wellFormed() {
  const where = one(PATHS);
  const method = one([
    'GET',
    'GET',
    'POST',
    'POST',
    'POST',
    'POST',
    'HEAD',
    random() < 0.2 ? some(5).replace(/[\s\0]/g, '') || 'X' : 'PUT',
  ]);
  const text = method === 'POST' ? body(where) : '';
  const head = [`${method} ${where} HTTP/1.1`, 'Host: 127.0.0.1'];
  if (text || random() < 0.2) head.push(`Content-Length: ${text.length + (random() < 0.02 ? one([-1, 1, 1e9]) : 0)}`);
  const session = random() < 0.5 && one(sessions);
  if (session)
    head.push(
      `Cookie: ${session.cookie}`,
      `X-Starhash-Csrf: ${session.csrf}`,
      'Content-Type: application/json',
      `Origin: ${one(['http://127.0.0.1', 'http://127.0.0.1', 'http://b', 'null'])}`,
    );
  if (random() < 0.1)
    head.push(
      one([
        'Transfer-Encoding: chunked',
        'Expect: 100-continue',
        'Connection: close',
        'Host: b',
        ' folded',
        `X: ${some(30)}`,
        `Cookie: starhash=${some(64)}`,
        `X: ${'y'.repeat(below(9000))}`,
      ]),
    );
  for (let i = below(4); i > 0; i--)
    head.push(
      `X-${i}: ${(random() < 0.03 ? bytes(below(20)) : some(below(20)).replace(/[\0\x7f\t]/g, '')).replace(/[\r\n]/g, '')}`,
    );
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}

// Bytes of one request, bad in some way or none.
function request() {
  const text = wellFormed();
  switch (below(12)) {
    case 0:
      return some(below(400));
    case 1:
      return bytes(below(400));
    case 2:
      return text.slice(0, below(text.length));
    case 3: {
      const at = below(text.length);
      return text.slice(0, at) + bytes(1 + below(4)) + text.slice(at + below(4));
    }
    case 4:
      return text.replace(/\r\n/g, () => one(['\r\n', '\n', '\r', '\n\n']));
    case 5:
      return `GET /${'a'.repeat(below(9000))} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    default:
      return text;
  }
}

let sent = 0; // requests that came to an answer, and connections on which none did

// One connection: some requests at once, then whatever comes back, then gone; now and then slowly, or with a reset.
function client(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    // Behind one that is refused nothing is read any more: those that are HTTP come first.
    const pieces = [...Array.from({ length: below(16) }, wellFormed), request()];
    let got = '';
    const how = below(20);
    const timer = setTimeout(() => socket.destroy(), how === 0 ? 2000 : 200 + below(300));
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1').replace(/[^]*?(HTTP\/1\.1 \d)|[^]+/g, (all, status) => (status ? '.' : ''));
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      sent += Math.max(1, got.length);
      resolve();
    });
    const all = pieces.join('');
    if (how === 0) {
      const drip = setInterval(() => {
        // slowly, until it is told 408
        if (socket.destroyed) clearInterval(drip);
        else socket.write(all[got.length + below(all.length - got.length)] || 'x', 'latin1');
      }, 50);
    } else if (how === 1) {
      socket.write(all, 'latin1', () => socket.resetAndDestroy());
    } else if (how === 2) {
      socket.pause(); // asks, and does not read
      socket.write(all, 'latin1');
    } else {
      socket.end(all, 'latin1');
    }
  });
}

async function enter(port) {
  const response = await fetch(`http://127.0.0.1:${port}/console/api/login`, {
    method: 'POST',
    headers: { Origin: `http://127.0.0.1:${port}`, 'Content-Type': 'application/json' },
    body: '{"token":"token-of-who-may-all"}',
  });
  return { cookie: response.headers.get('set-cookie').split(';')[0], csrf: (await response.json()).csrf };
}

async function main() {
  const port = await freePort();
  const rig = await Rig.start({
    prepare: (folder) => {
      fs.writeFileSync(path.join(folder, 'all.token'), 'token-of-who-may-all\n', { mode: 0o600 });
      fs.writeFileSync(path.join(folder, 'crm.key'), 'password-of-the-crm\n', { mode: 0o600 });
    },
    more: `http = { listen = "127.0.0.1:${port}"; within = "1s"; phones = [ "254700000001" ]; };
console = ( { name = "all"; token_file = "all.token"; role = "privacy"; } );
sendsms = ( { username = "crm"; password_file = "crm.key"; from = "123"; rate = 10000; } );
log = { level = "error"; };`,
  });
  for (let i = 0; i < 60; i++) sessions.push(await enter(port));
  let over = false;
  const times = [];
  const people = (async () => {
    for (let n = 0; !over; n = (n + 1) % 10000) {
      const phone = rig.phone(`2547990${String(n).padStart(5, '0')}`);
      const began = performance.now();
      const screen = await phone.dial();
      times.push(performance.now() - began);
      assert.match(screen.text, /^Hello/);
      await phone.abort();
    }
  })();
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (sent < REQUESTS) {
        await client(port);
        if (random() < 0.02) await enter(port).then((s) => { sessions[below(60)] = s; }, () => {});
      }
    }),
  );
  over = true;
  await people;
  const { http } = await rig.tool('status', '--json');
  assert.strictEqual(rig.daemon.exitCode, null, rig.said);
  assert.ok(!/Sanitizer|runtime error/.test(rig.said), rig.said);
  times.sort((a, b) => a - b);
  const slowest = times.at(-1);
  console.log(
    JSON.stringify({
      seed: Number(process.env.SEED || 1),
      requests: sent,
      connections: http.accepted,
      answers: http.answers,
      left: http.left,
      limits: http.limits,
      dialogues: times.length,
      median_ms: Math.round(times[times.length >> 1]),
      slowest_ms: Math.round(slowest),
    }),
  );
  assert.ok(slowest < 2500, `a dialogue was answered after ${slowest} ms`);
  await rig.stop(['password-of-the-crm', 'token-of-who-may-all']);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
