// SPDX-License-Identifier: GPL-3.0-or-later
// The HTTP listener and those who ask too much, too long, too slowly or nonsense: each is told so, counted by name, and disturbs
// nobody's dialogue.
'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const { test } = require('node:test');
const { freePort, scenario, until } = require('./rig.js');

// A client that says exactly what it is told to.
class Raw {
  constructor(port, from = '127.0.0.1') {
    this.text = '';
    this.socket = net.connect({ port, host: '127.0.0.1', localAddress: from });
    this.socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
    });
    this.socket.on('error', () => {});
    this.closed = once(this.socket, 'close');
  }

  say(text) {
    this.socket.write(text, 'latin1');
    return this;
  }

  async status() {
    await until('a status', () => /^HTTP\/1\.1 \d+ /.test(this.text));
    return Number(this.text.split(' ')[1]);
  }

  end() {
    this.socket.destroy();
  }
}

const listening = (more) => {
  const options = {};
  return {
    before: async () => {
      options.port = await freePort();
      options.more = `http = { listen = "127.0.0.1:${options.port}"; ${more} };`;
    },
    options,
  };
};

function served(name, more, body) {
  const { before, options } = listening(more);
  scenario(name, options, [], (rig) => body(rig, options.port), before);
}

// Bytes that the kernel keeps for clients of this port after we are done with them, of each.
const untaken = (port) =>
  fs
    .readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`))
    .map(([, , , state, queues]) => [state, parseInt(queues, 16)])
    .filter(([state, bytes]) => state !== '0A' && bytes > 1);

const limits = async (rig) => (await rig.tool('status', '--json')).http.limits;
const HEALTH = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n';

served('what is not HTTP, too long, or of a wrong kind is told so and counted by name', '', async (rig, port) => {
  for (const [name, status, text] of [
    ['malformed', 400, 'hello\r\n\r\n'],
    ['malformed', 400, '\x16\x03\x01\x02\x00\x01\r\n\r\n'],
    ['malformed', 400, 'GET /health HTTP/1.1\r\n\r\n'],
    ['version', 505, 'GET / HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n'],
    ['head_bytes', 431, `${HEALTH}A: ${'x'.repeat(8300)}`],
    ['head_bytes', 431, 'x'.repeat(9000)],
    ['head_lines', 431, `${HEALTH}${'A: b\r\n'.repeat(64)}\r\n`],
    ['path', 414, `GET /${'a'.repeat(1100)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`],
    ['body_bytes', 413, 'POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 16385\r\n\r\n'],
    ['body_bytes', 413, 'POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n'],
    ['transfer_coding', 411, 'POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['method', 405, 'DELETE /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['method', 405, 'TRACE /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'],
    ['host', 421, 'GET /metrics HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n'],
    [
      'host',
      421,
      'POST /ussd HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\nContent-Length: 50\r\n\r\n',
    ],
    ['origin', 403, 'POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://b\r\nContent-Length: 0\r\n\r\n'],
  ]) {
    const before = (await limits(rig))[name];
    const client = new Raw(port).say(text);
    assert.strictEqual(await client.status(), status, `${name}: ${client.text}`);
    assert.strictEqual((await limits(rig))[name], before + 1, name);
    assert.match(client.text, /\r\n\r\n\S+ .+\n$/, 'the body says what to do');
    client.end();
  }
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.match(page, /^starhash_http_limits_total\{limit="malformed"\} 3$/m);
  assert.match(page, /^starhash_http_limits_total\{limit="slow_head"\} 0$/m);
  assert.match((await rig.phone('254700000801').dial()).text, /^Hello/);
});

served(
  'a page that made its own name lead here (DNS rebinding) dials nobody, and names of http.hosts are ours',
  'hosts = [ "gateway.example" ];',
  async (rig, port) => {
    const form = 'sessionId=s&phoneNumber=254700000841&serviceCode=*123%23&text=';
    const ask = async (host, origin) => {
      const head = `POST /ussd HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Length: ${form.length}\r\n\r\n`;
      const client = new Raw(port).say(head + form);
      await client.status();
      return client.text;
    };
    const told = await ask(`evil.example:${port}`, `http://evil.example:${port}`);
    assert.match(told, /^HTTP\/1\.1 421 Misdirected Request\r\n/);
    assert.match(told, /add the name to http\.hosts in starhash\.conf/);
    assert.strictEqual(JSON.parse((await rig.run('stats', '--json')).stdout).subscribers, 0, 'nobody was dialled for');
    assert.match(await ask('gateway.example', 'http://evil.example'), /^HTTP\/1\.1 403 /);
    assert.match(await ask('Gateway.Example:8080', 'https://gateway.example:8080'), /CON Hello/);
    assert.match(await ask(`localhost:${port}`, `http://localhost:${port}`), /^HTTP\/1\.1 200 /);
    const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(page, /^starhash_http_limits_total\{limit="host"\} 1$/m);
  },
);

served(
  'a client that asks and never reads holds little, and is reset: nothing stays in the kernel',
  'within = "1s";',
  async (rig, port) => {
    const answers = async () => (await rig.tool('status', '--json')).http.answers;
    const size = (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).length;
    const before = await answers();
    const reader = new Raw(port);
    reader.socket.pause();
    for (let i = 0; i < 400; i++) reader.say(HEALTH.replace('/health', '/metrics') + '\r\n');
    await until('a slow reader', async () => (await limits(rig)).slow_reader === 1);
    const held = (await answers()) - before;
    assert.deepStrictEqual(untaken(port), []);
    // What it has in its own buffers counts, too; unbounded, the kernel grows ours to four megabytes.
    assert.ok(held * size < 1.5e6, `${held} answers of ${size} bytes`);
    // The same for who says that nothing comes any more.
    const half = new Raw(port);
    half.socket.pause();
    for (let i = 0; i < 100; i++) half.say(HEALTH.replace('/health', '/metrics') + '\r\n');
    half.socket.end();
    await until('that nobody is connected', async () => (await rig.tool('status', '--json')).http.connections === 0);
    assert.deepStrictEqual(untaken(port), []);
    reader.end();
    half.end();
  },
);

served('slow heads, slow bodies and slow readers are given up', 'within = "1s";', async (rig, port) => {
  const head = new Raw(port).say('GET /health HTT');
  const body = new Raw(port).say('POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc');
  // A byte now and then does not make it last longer.
  const drip = setInterval(() => head.say('x'), 100);
  try {
    assert.deepStrictEqual([await head.status(), await body.status()], [408, 408]);
  } finally {
    clearInterval(drip);
  }
  await Promise.all([head.closed, body.closed]);
  const idle = new Raw(port);
  await idle.closed;
  assert.strictEqual(idle.text, '', 'who asks nothing is told nothing');
  const reader = new Raw(port);
  reader.socket.pause();
  for (let i = 0; i < 400; i++) reader.say('GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await until('a slow reader', async () => (await limits(rig)).slow_reader === 1);
  const l = await limits(rig);
  assert.deepStrictEqual([l.slow_head, l.slow_body], [1, 1]);
  reader.end();
});

served(
  'connections are bounded, in all and of one address, and come free again',
  'connections = 4; per_address = 3;',
  async (rig, port) => {
    const held = [1, 2, 3].map(() => new Raw(port));
    const count = async () => (await rig.tool('status', '--json')).http.connections;
    await until('three', async () => (await count()) === 3);
    assert.strictEqual(await new Raw(port).status(), 429);
    const other = new Raw(port, '127.0.0.2');
    await until('four', async () => (await count()) === 4);
    const fifth = new Raw(port, '127.0.0.3');
    assert.strictEqual(await fifth.status(), 503);
    assert.match(fifth.text, /Retry-After: 1/);
    const l = await limits(rig);
    assert.deepStrictEqual([l.per_address, l.connections], [1, 1]);
    const { health } = await rig.tool('status', '--json');
    assert.match(health.troubles.map((t) => t.what).join(), /http_connections: 4 of 4 in use/);
    held.forEach((h) => h.end());
    other.end();
    await until('none', async () => (await count()) === 0);
    assert.strictEqual((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
  },
);

served('requests of one connection are answered in their order, however they are cut', '', async (rig, port) => {
  const one = `${HEALTH}\r\n`;
  const two = 'GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  const three = 'POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\na=b';
  const four = 'HEAD /health HTTP/1.0\r\n\r\n';
  const all = one + two + three + one.repeat(40) + four;
  for (const step of [1, 7, all.length]) {
    const client = new Raw(port);
    for (let at = 0; at < all.length; at += step) client.say(all.slice(at, at + step));
    await client.closed;
    const statuses = [...client.text.matchAll(/HTTP\/1\.1 (\d+) /g)].map((m) => Number(m[1]));
    assert.deepStrictEqual(statuses, [200, 404, 400, ...Array(40).fill(200), 200]);
    assert.ok(client.text.endsWith('\r\n\r\n'), 'HEAD has no body');
  }
});

served('Expect, blank lines before a request, and a client that only says it has ended', '', async (rig, port) => {
  const form = 'sessionId=s&phoneNumber=254700000811&serviceCode=*123%23&text=';
  const client = new Raw(port).say(
    `\r\n\r\nPOST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: ${form.length}\r\n\r\n`,
  );
  await until('go on', () => client.text.startsWith('HTTP/1.1 100 Continue\r\n\r\n'));
  client.say(form);
  await until('the menu', () => /CON Hello/.test(client.text));
  const half = new Raw(port).say(`${HEALTH}Connection: close\r\n\r\n`);
  half.socket.end();
  await half.closed;
  assert.match(half.text, /"status"/);
});

served('whoever leaves while an answer is made disturbs nobody', '', async (rig, port) => {
  for (let i = 0; i < 50; i++) {
    const form = `sessionId=g${i}&phoneNumber=2547000008${20 + i}&serviceCode=*123%23&text=`;
    const client = new Raw(port).say(`POST /ussd HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${form.length}\r\n\r\n${form}`);
    client.socket.once('connect', () => client.socket.resetAndDestroy());
  }
  await until('all are gone', async () => (await rig.tool('status', '--json')).http.connections === 0);
  assert.match((await rig.phone('254700000802').dial()).text, /^Hello/);
});

const six = {};
const hasSix = Object.values(os.networkInterfaces())
  .flat()
  .some((a) => a.address === '::1');

async function onSix(rig) {
  assert.strictEqual((await fetch(`http://[::1]:${six.port}/health`)).status, 200);
  assert.strictEqual((await rig.tool('status', '--json')).http.accepted, 1);
}

if (hasSix) {
  scenario('IPv6 is listened on as it is written', six, [], onSix, async () => {
    six.port = await freePort();
    six.more = `http = { listen = "[::1]:${six.port}"; };`;
  });
} else {
  test('IPv6 is listened on as it is written', { skip: 'this machine has no IPv6' }, () => {});
}
