// SPDX-License-Identifier: GPL-3.0-or-later
// Who sees people in the console, how fast, and what of it stays written; how long a session lasts, whose place it takes, where it is
// good; and what becomes of SMS to the phone's numbers without a console.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, test } = require('node:test');
const { TOKENS, shown, stop } = require('./console.js');
const { ROOT, freePort, scenario, until } = require('./rig.js');

after(stop);

// Somebody who has logged in, without a browser.
class Session {
  static async begin(c, who, more = {}) {
    const s = new Session();
    const response = await fetch(`${c.at}api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: c.base, ...more },
      body: JSON.stringify({ token: TOKENS[who] }),
    });
    s.c = c;
    s.cookie = response.headers.get('set-cookie').split(';')[0];
    s.setCookie = response.headers.get('set-cookie');
    s.me = await response.json();
    return s;
  }

  async get(where, more = {}) {
    const response = await fetch(`${this.c.at}api/${where}`, { headers: { Cookie: this.cookie, ...more } });
    return [response.status, await response.json()];
  }

  async post(where, body) {
    const response = await fetch(`${this.c.at}api/${where}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Origin: this.c.base,
        'X-Starhash-Csrf': this.me.csrf,
        Cookie: this.cookie,
      },
      body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
  }
}

async function register(rig, msisdn) {
  const phone = rig.phone(msisdn);
  await phone.dial();
  for (const text of ['1', '1', 'Amina Wanjiru', 'Nairobi', '1']) await phone.type(text);
}

const NUMBER = '254700000071';
const ROLES = `
roles = ( { role = "menus"; may = [ "import" ]; users = [ "jane" ]; }, { role = "desk"; may = [ "requests" ]; users = [ "ops" ]; } );
console = ( { name = "jane"; token_file = "jane.token"; role = "menus"; }, { name = "ops"; token_file = "ops.token"; role = "desk"; } );`;

shown(
  'a role without a right to people sees nobody, and does not dial',
  ROLES,
  async (c) => {
    const menus = await Session.begin(c, 'jane');
    assert.deepStrictEqual(menus.me.rights, ['look']);
    assert.strictEqual((await menus.post('subscriber', { number: NUMBER }))[0], 403);
    assert.strictEqual((await menus.get('phone'))[0], 403);
    const desk = await Session.begin(c, 'ops');
    assert.deepStrictEqual(desk.me.rights, ['look', 'phone', 'subscriber']);
    assert.strictEqual((await desk.post('subscriber', { number: NUMBER }))[0], 404);
    assert.strictEqual((await desk.post('subscriber', { number: NUMBER, reveal: true, reason: 'x' }))[0], 403);
  },
  { ownUsers: true },
);

shown('each look at a person is in the audit, and there is a pace', '', async (c, rig) => {
  await register(rig, NUMBER);
  const jane = await Session.begin(c, 'jane');
  assert.strictEqual((await jane.post('subscriber', { number: NUMBER, reason: 'ticket 5' }))[1].profile.name, '***');
  assert.strictEqual((await jane.post('subscriber', { number: '254700000072' }))[0], 404);
  let rows = await rig.tool('audit', '--json');
  assert.deepStrictEqual(
    rows.map((r) => [r.actor, r.action, r.reason]).reverse(),
    [
      ['care:jane (console)', 'look', 'ticket 5'],
      ['care:jane (console)', 'look: nobody has the number', ''],
    ],
  );
  assert.ok(rows[1].subject > 0, 'by the internal id');
  assert.ok(!JSON.stringify(rows).includes('2547000000'), 'never by the number');

  const told = [];
  const began = Date.now();
  while (told.at(-1) !== 429 && told.length < 200) {
    const again = told.length % 5 === 4 ? await Session.begin(c, 'jane') : jane; // a new session brings nothing
    told.push((await again.post('subscriber', { number: NUMBER }))[0]);
  }
  const most = 28 + Math.ceil((Date.now() - began) / 2000) + 1;
  assert.ok(told.length >= 28 && told.length <= most + 1, `${told.length} looks`);
  rows = await rig.tool('audit', '--json');
  assert.strictEqual(rows.length, 2 + told.length - 1, 'every one that was shown');
  assert.strictEqual((await rig.tool('status', '--json')).console.hurried, 1);
  assert.strictEqual((await rig.run('audit', 'verify')).code, 0);
  const all = await Session.begin(c, 'all');
  assert.strictEqual((await all.post('subscriber', { number: NUMBER }))[0], 200, 'others look on');
});

shown('whoever logs in again and again takes their own places alone', '', async (c, rig) => {
  const jane = await Session.begin(c, 'jane');
  const walls = [];
  for (let i = 0; i < 70; i++) walls.push(await Session.begin(c, 'wall'));
  assert.strictEqual((await jane.get('me'))[0], 200);
  const open = [];
  for (const s of walls) open.push((await s.get('me'))[0]);
  assert.deepStrictEqual(open, [...Array(62).fill(401), ...Array(8).fill(200)]);
  const { sessions, evicted } = (await rig.tool('status', '--json')).console;
  assert.deepStrictEqual([sessions, evicted], [9, 62]);
});

shown(
  'a session rests when nobody uses its page, whatever the page asks by itself; a wall does not rest',
  '',
  async (c) => {
    const began = Date.now();
    const [polls, used, wall] = [
      await Session.begin(c, 'jane'),
      await Session.begin(c, 'jane'),
      await Session.begin(c, 'wall'),
    ];
    assert.deepStrictEqual([polls.me.rest_s, wall.me.rest_s], [2, null]);
    await until('the end of the session that only polls', async () => {
      assert.strictEqual((await used.get('me', { 'X-Starhash-Touched': '1' }))[0], 200);
      return (await polls.get('live'))[0] === 401;
    }, 150); // a session may ask ten times a second
    assert.ok(Date.now() - began >= 2000);
    assert.strictEqual((await used.get('live'))[0], 200);
    assert.strictEqual((await wall.get('live'))[0], 200);
    await until('the end of the other, too', async () => (await used.get('live'))[0] === 401, 150);
  },
  { http: 'rest = "2s";' },
);

shown(
  'private values leave the screen with the session, with the daemon and without',
  '',
  async (c, rig) => {
    await register(rig, NUMBER);
    const page = await c.open();
    const reveal = async () => {
      await c.login('jane');
      await c.go('Subscriber');
      await page.getByLabel('Number').fill(NUMBER);
      await page.getByLabel('Why you need').fill('She asked');
      await page.getByRole('button', { name: 'Show with private values' }).click();
      await page.locator('#person', { hasText: 'Amina Wanjiru' }).waitFor();
    };
    const gone = async () => {
      await page.getByText('Your session has ended.').waitFor();
      assert.ok(!(await page.locator('body').textContent()).includes('Amina'));
    };
    await reveal();
    await gone(); // nobody touched the page
    await reveal();
    await page.route('**/console/api/**', (route) => route.abort());
    await gone();
    c.faults = c.faults.filter((f) => !/ERR_FAILED/.test(f)); // ours: the requests that we broke
  },
  { http: 'rest = "3s";' },
);

shown('a cookie is for TLS where a proxy of this machine says so, and for one address; HEAD as GET', '', async (c) => {
  const plain = await Session.begin(c, 'jane');
  assert.match(plain.setCookie, /SameSite=Strict$/);
  const tls = await Session.begin(c, 'jane', { 'X-Forwarded-Proto': 'https' });
  assert.match(tls.setCookie, /SameSite=Strict; Secure$/);
  const ask = (method, localAddress) =>
    new Promise((resolve, reject) => {
      http
        .request(`${c.at}api/me`, { method, localAddress, headers: { Cookie: plain.cookie } }, (response) => {
          let text = '';
          response.on('data', (data) => {
            text += data;
          });
          response.on('end', () => resolve([response.statusCode, Number(response.headers['content-length']), text]));
        })
        .on('error', reject)
        .end();
    });
  const [status, length, text] = await ask('GET', '127.0.0.1');
  assert.deepStrictEqual([status, length], [200, text.length]);
  assert.deepStrictEqual(await ask('HEAD', '127.0.0.1'), [200, length, '']);
  assert.strictEqual((await ask('GET', '127.0.0.2'))[0], 401, 'the cookie went elsewhere');
});

shown(
  'what is held and what is in doubt both have places among the decisions, and are decided by their own words',
  'velocity = ( { name = "few"; gifts = 1; within = "1h"; then = "review"; } );',
  async (c, rig) => {
    for (let i = 0; i < 105; i++) await register(rig, String(254701000000 + i));
    const jane = await Session.begin(c, 'jane');
    const [, { grants, more }] = await jane.get('grants');
    assert.deepStrictEqual([grants.length, more], [100, { held: 4, unknown: 0 }]);
    const id = grants[0].id;
    const decide = async (decision) => jane.post('grants/decide', { id, decision, reason: 'looked at it' });
    for (const word of ['granted', 'rejected']) {
      const [status, { error }] = await decide(word);
      assert.deepStrictEqual([status, /held by a limit.*approve or refuse/.test(error)], [409, true], error);
    }
    assert.strictEqual((await decide('approve'))[0], 200);
    assert.match((await decide('approve'))[1].error, /decided already/);

    const sql = `UPDATE charge SET state = 'unknown' WHERE id = (SELECT max(id) FROM charge); UPDATE grants SET state = 'unknown' WHERE id = (SELECT max(id) FROM charge);`;
    execFileSync('sqlite3', ['-cmd', '.timeout 20000', path.join(rig.folder, 'starhash.db'), sql]);
    const [, now] = await jane.get('grants');
    assert.deepStrictEqual([now.grants.length, now.more], [101, { held: 2, unknown: 0 }]);
    assert.strictEqual(now.grants.at(-1).state, 'unknown');
    const [status, { error }] = await jane.post('grants/decide', {
      id: now.grants.at(-1).id,
      decision: 'approve',
      reason: 'looked at it',
    });
    assert.deepStrictEqual([status, /not held.*granted or rejected/.test(error)], [409, true], error);
    const page = await c.open();
    await c.login('jane');
    await c.go('Decisions');
    await page.locator('#more', { hasText: '2 more that are held, 0 more in doubt' }).waitFor();
  },
);

shown('a press on a button of the links may take its time; the last of a group asks first', '', async (c, rig) => {
  const page = await c.open();
  await c.login('ops');
  const down = page.getByRole('button', { name: 'Take down smsc-a' });
  await down.click({ delay: 2500 }); // the table is looked at each second
  await page.getByRole('dialog').waitFor();
  await c.accessible('the question');
  assert.strictEqual(await page.evaluate(() => document.activeElement.textContent), 'Leave it');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForResponse(/live/);
  assert.strictEqual((await rig.tool('links', '--json')).links[0].state, 'bound');
  await page.keyboard.press('Enter'); // the focus is where it was
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('cell', { name: 'held by an operator' }).waitFor();
  await page.keyboard.press('Enter'); // the same button; up asks nothing
  await page.getByRole('cell', { name: /^bound$/ }).waitFor();
});

test('a link is the last of its group by what it does', async () => {
  const { isLast } = await import(path.join(ROOT, 'console/live.js'));
  const link = (name, bind, group = 'home', state = 'bound') => ({ name, bind, group, state });
  const [both, more, out, into] = [
    link('both', 'transceiver'),
    link('more', 'transceiver'),
    link('out', 'transmitter'),
    link('into', 'receiver'),
  ];
  for (const [one, beside, last] of [
    [both, [], true],
    [both, [more], false],
    [both, [link('far', 'transceiver', 'away')], true],
    [both, [link('off', 'transceiver', 'home', 'connecting')], true],
    [both, [out], true], // nothing comes in any more
    [both, [out, into], false],
    [out, [into], true],
    [into, [both], false],
    [link('off', 'transceiver', 'home', 'connecting'), [], false],
  ]) {
    const names = beside.map((l) => l.name).join(' ');
    assert.strictEqual(isLast(one, [one, ...beside]), last, `${one.name} beside ${names || 'none'}`);
  }
});

const alone = {};
scenario(
  'without a console, SMS to the numbers of its phone leave by no link',
  alone,
  ['a-word-of-the-crm'],
  async (rig) => {
    const at = `http://127.0.0.1:${alone.port}/cgi-bin/sendsms?username=crm&password=a-word-of-the-crm&text=hello&to=`;
    assert.strictEqual((await fetch(`${at}254700000001`)).status, 202);
    await until('the SMS to nobody is thrown away', () => /area=sms-out event=thrown-away/.test(rig.said));
    assert.strictEqual((await fetch(`${at}254700000009`)).status, 202);
    assert.strictEqual((await rig.smsc.pdu('submit_sm')).destination_addr, '254700000009', 'the first that leaves');
  },
  async () => {
    alone.port = await freePort();
    alone.prepare = (folder) => fs.writeFileSync(path.join(folder, 'crm.key'), 'a-word-of-the-crm\n', { mode: 0o600 });
    alone.more = `http = { listen = "127.0.0.1:${alone.port}"; phones = [ "254700000001" ]; };
sendsms = ( { username = "crm"; password_file = "crm.key"; from = "123"; } );`;
  },
);
