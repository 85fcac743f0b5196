// SPDX-License-Identifier: GPL-3.0-or-later
// The console's door, without a browser: tokens, sessions, rights, other origins, hostile questions.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { TOKENS, shown } = require('./console.js');
const { ROOT, freePort, scenario, until } = require('./rig.js');

const headers = (origin, csrf, cookie) => ({
  'Content-Type': 'application/json',
  ...(origin ? { Origin: origin } : {}),
  ...(csrf ? { 'X-Starhash-Csrf': csrf } : {}),
  ...(cookie ? { Cookie: cookie } : {}),
});

async function enter(c, token) {
  const response = await fetch(`${c.at}api/login`, {
    method: 'POST',
    headers: headers(c.base),
    body: JSON.stringify({ token }),
  });
  const cookie = response.headers.get('set-cookie');
  return {
    status: response.status,
    me: await response.json(),
    cookie: cookie && cookie.split(';')[0],
    all: cookie,
    headers: response.headers,
  };
}

shown('a wrong token: the same answer in the same time, bounded, and not in the log', '', async (c, rig) => {
  const wrong = ['x', TOKENS.jane.slice(0, -1), `${TOKENS.jane}x`, 'y'.repeat(5000), TOKENS.jane.toUpperCase(), ''];
  const told = [];
  for (const token of wrong) {
    const began = process.hrtime.bigint();
    const { status, me, cookie } = await enter(c, token);
    told.push([status, me.error, cookie]);
    const ms = Number(process.hrtime.bigint() - began) / 1e6;
    assert.ok(ms >= 290, `answered after ${ms} ms`);
  }
  assert.deepStrictEqual(
    told,
    wrong.map(() => [401, 'this token is not known', null]),
  );
  for (let i = wrong.length; i < 10; i++) assert.strictEqual((await enter(c, `guess-${i}`)).status, 401);
  assert.strictEqual((await enter(c, 'one more')).status, 429);
  assert.strictEqual((await enter(c, TOKENS.jane)).status, 200, 'who has a right one is not shut out');
  assert.strictEqual((await enter(c, 'and more')).status, 429, 'and it opens no way for guesses');
  assert.match(rig.said, /area=console event=login-refused from=127\.0\.0\.1/);
  for (const token of wrong) assert.ok(!token || token.length < 3 || !rig.said.includes(token));
});

shown('no session, no right, no second secret, another origin: nothing', '', async (c, rig) => {
  const call = async (method, where, how = {}, body = '{}') => {
    const response = await fetch(`${c.at}api/${where}`, {
      method,
      headers: how,
      ...(method === 'POST' ? { body } : {}),
    });
    return response.status;
  };
  for (const where of ['live', 'map', 'counts?service=join', 'dialogues', 'phone', 'grants', 'me'])
    assert.strictEqual(await call('GET', where), 401, where);
  for (const where of [
    'link',
    'dialogue/end',
    'phone/dial',
    'phone/tray',
    'phone/hang-up',
    'phone/language',
    'subscriber',
    'grants/decide',
  ]) {
    assert.strictEqual(await call('POST', where, headers(c.base)), 401, where);
  }
  const { me, cookie, all, headers: said } = await enter(c, TOKENS.wall);
  assert.match(all, /; Path=\/console\/; HttpOnly; SameSite=Strict$/);
  assert.match(said.get('content-security-policy'), /default-src 'none'; script-src 'self'; style-src 'self';/);
  assert.ok(!said.get('content-security-policy').includes('unsafe'));
  assert.deepStrictEqual(me.rights, ['look']);
  assert.strictEqual(await call('GET', 'live', { Cookie: cookie }), 200);
  for (const where of ['dialogues', 'phone', 'grants'])
    assert.strictEqual(await call('GET', where, { Cookie: cookie }), 403, where);
  assert.strictEqual(
    await call('POST', 'link', headers(c.base, me.csrf, cookie), '{"name":"smsc-a","act":"down"}'),
    403,
    'a viewer only looks',
  );

  const ops = await enter(c, TOKENS.ops);
  const down = '{"name":"smsc-a","act":"down"}';
  assert.strictEqual(await call('POST', 'link', headers(c.base, null, ops.cookie), down), 403, 'no second secret');
  assert.strictEqual(
    await call('POST', 'link', headers(c.base, me.csrf, ops.cookie), down),
    403,
    'that of another session',
  );
  assert.strictEqual(
    await call('POST', 'link', headers('https://elsewhere.example', ops.me.csrf, ops.cookie), down),
    403,
    'a page of another site',
  );
  assert.strictEqual(await call('POST', 'link', headers(null, ops.me.csrf, ops.cookie), down), 403, 'no origin');
  assert.strictEqual(
    await call('POST', 'link', { ...headers(c.base, ops.me.csrf, ops.cookie), 'Content-Type': 'text/plain' }, down),
    403,
    'a form',
  );
  assert.strictEqual(
    await call('POST', 'subscriber', headers(c.base, ops.me.csrf, ops.cookie), '{"number":"254700000001"}'),
    403,
  );
  assert.strictEqual((await rig.tool('links', '--json')).links[0].state, 'bound');
  for (const body of [
    '',
    '[]',
    '7',
    '{',
    '{"name":7}',
    '{"name":"nobody","act":"down"}',
    '{"name":"smsc-a","act":"sideways"}',
    '{"name":"smsc-a","act":"throttle","rate":0}',
    '{"name":"smsc-a","act":"throttle"}',
    '{"name":"smsc-a","act":"throttle","rate":"5"}',
    '{"name":"smsc-a","act":"throttle","rate":1.5}',
    '{"name":"smsc-a","act":"throttle","rate":null}',
    '{"name":"smsc-a","act":"throttle","rate":100001}',
    `{"name":"${'x'.repeat(9000)}","act":"throttle"}`,
    '{"a":1,"a":2}',
  ]) {
    assert.strictEqual(await call('POST', 'link', headers(c.base, ops.me.csrf, ops.cookie), body), 400, body);
  }
  assert.strictEqual(await call('POST', 'logout', headers(c.base, ops.me.csrf, ops.cookie)), 200);
  assert.strictEqual(await call('GET', 'dialogues', { Cookie: ops.cookie }), 401, 'after the end of the session');
});

shown("hostile questions are answered, and only the phone's own numbers dial", '', async (c, rig) => {
  const { me, cookie } = await enter(c, TOKENS.all);
  const ask = async (where, body) => {
    const response = await fetch(`${c.at}api/${where}`, {
      method: 'POST',
      headers: headers(c.base, me.csrf, cookie),
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  };
  const session = 'a'.repeat(32);
  for (const [where, body, status] of [
    ['phone/dial', { number: '254700000003', session, code: '*123#', chain: '' }, 400],
    ['phone/dial', { number: '254700000001', session: 'x', code: '*123#', chain: '' }, 400],
    ['phone/dial', { number: '254700000001', session, code: 'hello', chain: '' }, 400],
    ['phone/dial', { number: '254700000001', session, code: '*123#', chain: '1'.repeat(5000) }, 400],
    ['phone/dial', { number: ['254700000001'], session, code: '*123#', chain: '' }, 400],
    ['phone/dial', {}, 400],
    ['phone/tray', { number: 'x' }, 400],
    ['phone/language', { number: '254700000001', language: 'xx' }, 400],
    ['subscriber', { number: '1' }, 400],
    ['subscriber', { number: "1' OR '1'='1" }, 400],
    ['subscriber', { number: '254700000001', reveal: true, reason: '   ' }, 400],
    ['subscriber', { number: '254700000001', reveal: true, reason: '\t\n' }, 400],
    ['subscriber', { number: '254700000001', reveal: true, reason: 'no' }, 400],
    ['subscriber', { number: '254700000001', reveal: true, reason: 'x'.repeat(201) }, 400],
    ['grants/decide', { id: 99999, decision: 'approve', reason: '\n\n\n' }, 400],
    ['subscriber', { number: '254700000001' }, 404],
    ['grants/decide', { id: 0, decision: 'approve', reason: 'why' }, 400],
    ['grants/decide', { id: 1, decision: 'maybe', reason: 'why' }, 400],
    ['grants/decide', { id: 99999, decision: 'approve', reason: 'why' }, 404],
    ['grants/decide', { id: 99999, decision: 'granted', reason: 'why' }, 404],
    ['grants/decide', { id: 1, decision: 'approve', reason: 'x'.repeat(400) }, 400],
    ['dialogue/end', { id: -1 }, 400],
    ['dialogue/end', { id: 'x' }, 400],
    ['nothing', {}, 404],
  ]) {
    const [got, said] = await ask(where, body);
    assert.deepStrictEqual(
      [got, typeof said.error],
      [status, 'string'],
      `${where} ${JSON.stringify(body).slice(0, 80)}: ${JSON.stringify(said)}`,
    );
  }
  for (const where of ['', '../app.js', 'style.css/', '%2e%2e/etc/passwd', 'vendor/', 'api/', 'api', 'index.html%00']) {
    const response = await fetch(`${c.at}${where}`, { redirect: 'manual' });
    assert.ok([200, 401, 404].includes(response.status), where);
  }
  for (const query of ['service=nope', 'service=join&days=-1', 'service=join&days=9999', '%', 'service=%00']) {
    const response = await fetch(`${c.at}api/counts?${query}`, { headers: { Cookie: cookie } });
    assert.ok([400, 404].includes(response.status), query);
  }
  assert.deepStrictEqual(
    rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'),
    0,
  );
});

// What a session asks for by GET, and what it is told.
const asking = (c, cookie) => async (where) => {
  const response = await fetch(`${c.at}api/${where}`, { headers: { Cookie: cookie } });
  return [response.status, await response.json()];
};

shown('a map is told once, then only who stands where; a session that hurries is told so', '', async (c, rig) => {
  await rig.phone('254700000861').dial();
  const { cookie } = await enter(c, TOKENS.wall);
  const ask = asking(c, cookie);
  const [, { services }] = await ask('map');
  assert.deepStrictEqual(services, [{ name: 'join', code: '*123#' }]);
  const [status, first] = await ask('map?service=join');
  assert.strictEqual(status, 200);
  const names = first.shape.screens.map((s) => s.name);
  assert.ok(names.includes(first.shape.start) && first.on.length === names.length);
  assert.deepStrictEqual([first.inside, first.on[names.indexOf(first.shape.start)]], [1, 1]);
  assert.ok(first.shape.screens.some((s) => s.ways.length > 1 && s.say));
  const [, again] = await ask(`map?service=join&version=${first.version}`);
  assert.deepStrictEqual(again, { service: 'join', version: first.version, inside: 1, on: first.on });
  assert.ok((await ask('map?service=join&version=1'))[1].shape, 'another version is none of ours');
  assert.strictEqual((await ask('map?service=nope'))[0], 404);
  // After a reload the one of before is known no more, and whoever stands on it is not counted on the new one.
  const file = path.join(rig.folder, 'menus/join.conf');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('Get 100 MB free', 'Get your 100 MB'));
  assert.match((await rig.run('reload')).stdout, /1 menu files are live now/);
  const [, after] = await ask(`map?service=join&version=${first.version}`);
  assert.notStrictEqual(after.version, first.version);
  assert.match(JSON.stringify(after.shape), /Get your 100 MB/);
  assert.strictEqual(after.inside, 0);
  const told = new Set();
  for (let i = 0; i < 200 && !told.has(429); i++) told.add((await ask('me'))[0]);
  assert.deepStrictEqual([...told], [200, 429]);
  assert.strictEqual((await enter(c, TOKENS.wall)).status, 200, 'other sessions are not concerned');
  const { console: counts } = await rig.tool('status', '--json');
  assert.ok(counts.hurried >= 1);
});

shown(
  'who may not work with people sees none and dials for none; each look stands in the audit, and has a pace',
  `roles = ( { role = "menus"; users = [ "bob" ]; may = [ "import" ]; }, { role = "care"; users = [ "jane" ]; may = [ "reveal", "grants" ]; },
  { role = "privacy"; users = [ "all", "${os.userInfo().username}" ]; may = [ "reveal", "export", "import", "erase", "verify", "grants", "requests", "audit", "key" ]; } );
console = ( { name = "bob"; token_file = "wall.token"; role = "menus"; }, { name = "jane"; token_file = "jane.token"; role = "care"; } );`,
  async (c, rig) => {
    const { me } = await enter(c, TOKENS.wall);
    assert.deepStrictEqual([me.name, me.rights], ['bob', ['look']]);
    const jane = await enter(c, TOKENS.jane);
    assert.deepStrictEqual(jane.me.rights, ['look', 'phone', 'subscriber', 'reveal', 'grants']);
    const phone = rig.phone('254700000871');
    await phone.dial();
    for (const text of ['1', '1', 'Amina Wanjiru', 'Nairobi', '1']) await phone.type(text);
    const look = async (more = {}) => {
      const response = await fetch(`${c.at}api/subscriber`, {
        method: 'POST',
        headers: headers(c.base, jane.me.csrf, jane.cookie),
        body: JSON.stringify({ number: '254700000871', ...more }),
      });
      return response.status;
    };
    await until('somebody to look at', async () => (await look()) === 200);
    assert.strictEqual(await look({ reason: 'she called' }), 200);
    const looks = JSON.parse((await rig.run('audit', '--role', 'privacy', '--json')).stdout).filter((row) => row.action === 'look');
    assert.deepStrictEqual(
      looks.slice(0, 2).map((row) => [row.actor, row.reason]).sort(),
      [
        ['care:jane (console)', ''],
        ['care:jane (console)', 'she called'],
      ],
    );
    const told = [];
    for (let i = 0; i < 40; i++) told.push(await look());
    assert.ok(told.includes(429), told.join());
  },
  { ownUsers: true },
);

const bare = {};
scenario(
  'without console and sendsms in the configuration there is neither',
  bare,
  [],
  async () => {
    const base = bare.more.match(/127\.0\.0\.1:\d+/)[0];
    for (const where of ['console/', 'console/app.js', 'console/api/live', 'cgi-bin/sendsms']) {
      assert.strictEqual((await fetch(`http://${base}/${where}`)).status, 404, where);
    }
  },
  async () => {
    bare.more = `http = { listen = "127.0.0.1:${await freePort()}"; };`;
  },
);

scenario('what is kept of others is what npm has', {}, [], async () => {
  execFileSync(path.join(ROOT, 'console/vendor.sh'));
});
