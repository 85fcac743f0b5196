// SPDX-License-Identifier: GPL-3.0-or-later
// The console in a browser: log in, dial and register in both languages, see it live, look somebody up with a reason, decide a gift;
// by keyboard, on a narrow screen, by day and by night. The pictures of docs/ are made here:
//   STARHASH_SCREENSHOTS=docs/images node --test tests/e2e/console.test.js
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { after, test } = require('node:test');
const { PICTURES, TOKENS, shown, stop } = require('./console.js');
const { ROOT, freePort, until } = require('./rig.js');

after(stop);

const screenIs = (page, wanted) =>
  until(`the screen ${wanted}`, async () => {
    const text = await page.locator('#screen').textContent();
    return wanted.test(text) && text;
  });

async function type(page, text, wanted) {
  await page.locator('#input').fill(text);
  await page.locator('#input').press('Enter');
  return screenIs(page, wanted);
}

const ENGLISH = [
  ['*123#', /^Hello friend\n1 Get 100 MB free/],
  ['1', /^Acme keeps your answers/],
  ['1', /^Your full name\?/],
  ['Amina Wanjiru', /^Your town\?/],
  ['Nairobi', /^At home you/],
  ['1', /^Thanks Amina Wanjiru! 100 MB is yours\./],
];
const SWAHILI = [
  ['*123#', /^Habari rafiki/],
  ['1', /Unakubali\?/],
  ['1', /^Jina lako kamili\?/],
  ['Juma Otieno', /^Mji wako\?/],
  ['Kisumu', /^Nyumbani wewe/],
  ['1', /^Asante Juma Otieno!/],
];

shown('log in, dial, register in both languages, see it live and on the map', '', async (c, rig) => {
  const page = await c.open();
  await c.accessible('login');
  await c.login('all');
  await page.locator('#health').waitFor();
  assert.match(await page.locator('#health').textContent(), /Well: subscribers are served/);
  await page.getByRole('table', { name: 'Links' }).getByRole('cell', { name: 'bound' }).waitFor();
  await c.accessible('live');

  await c.go('Phone');
  for (const [text, wanted] of ENGLISH.slice(0, 4)) await type(page, text, wanted);
  // Live counts move: somebody stands on the question for the town.
  await c.go('Menus');
  await page.locator('[data-on="town"]', { hasText: '1 now' }).waitFor();
  assert.match(await page.locator('main').textContent(), /In join \*123# now: 1\./);
  await c.accessible('map');
  await c.picture('console-menus');
  await c.go('Live');
  await page.locator('#open', { hasText: '1 open' }).waitFor();
  await page.getByText('Open dialogues').click();
  await page.getByRole('rowheader', { name: '…0001' }).waitFor();
  await c.accessible('open dialogues');
  await page.getByRole('button', { name: /^End dialogue/ }).click();
  await page.getByText('None is open.').waitFor();

  await c.go('Phone');
  for (const [text, wanted] of [['*123#', /Continue where you stopped\?/], ['1', /^Your town\?/], ...ENGLISH.slice(4)])
    await type(page, text, wanted);
  await page.locator('#tray', { hasText: 'Thanks Amina Wanjiru! 100 MB for 7 days.' }).waitFor();
  await c.accessible('phone');
  await c.picture('console-phone');

  await page.getByLabel('From').selectOption('254700000002');
  await page.getByLabel('Language of this number').selectOption('sw');
  await screenIs(page, /Dial a code/);
  for (const [text, wanted] of SWAHILI) await type(page, text, wanted);
  await page.locator('#tray', { hasText: 'Asante Juma Otieno' }).waitFor();

  const one = await rig.show('254700000001');
  assert.deepStrictEqual([one.registered, one.interactions.every((i) => i.channel === 'simulated')], [true, true]);
  assert.strictEqual((await rig.show('254700000002')).language, 'sw');
  assert.strictEqual(
    rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'),
    0,
    'no SMS of the phone leaves',
  );
  await c.go('Live');
  if (!PICTURES) return;
  for (const end = Date.now() + 25000; Date.now() < end;) {
    // something to see
    const crowd = Array.from({ length: 1 + Math.floor(Math.random() * 5) }, () =>
      rig.phone(String(254701000000 + Math.floor(Math.random() * 1e6))),
    );
    await Promise.all(
      crowd.map(async (phone) => {
        await phone.dial();
        await phone.type('3');
        await phone.abort();
      }),
    );
  }
  await c.picture('console-live');
});

// What a chart says of time is drawn on a canvas: it is heard as it is drawn, by somebody far from UTC.
shown('the charts tell the time as all of the console does: a day of ISO 8601, 24 hours, UTC', '', async (c) => {
  const page = await c.open({ timezoneId: 'America/St_Johns', locale: 'en-US' });
  const drawn = new Set();
  await page.exposeFunction('heard', (text) => { drawn.add(text); });
  await page.evaluate(() => {
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function heard(text, ...where) {
      window.heard(text);
      return fillText.call(this, text, ...where);
    };
  });
  const from = Date.now();
  await c.login('wall');
  const day = await until('the day beneath the axis', () => [...drawn].find((text) => /\d{4}/.test(text)));
  assert.match(day, /^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  const early = Date.parse(`${day.replace(' ', 'T')}Z`);
  assert.ok(early > from - 120000 && early <= Date.now(), `${day} is no time of now in UTC`);
  await until('a mark of the axis', () => [...drawn].find((text) => /^:\d\d$/.test(text)));
  const kinds = /^(\d{4}-\d\d-\d\d \d\d:\d\d|\d\d:\d\d|:\d\d|[\d,.]+)$/; // the last are no times
  assert.deepStrictEqual([...drawn].filter((text) => text && !kinds.test(text)), []);
  await page.locator('.u-over').first().hover();
  const legend = page.locator('.u-legend').first();
  const shownAt = await until('a time in the legend', async () => /Time \(UTC\):?\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(await legend.innerText()));
  const at = Date.parse(`${shownAt[1].replace(' ', 'T')}Z`);
  assert.ok(at > from - 5000 && at < Date.now() + 5000, `${shownAt[1]} is no time of now in UTC`);
});

shown('look somebody up, without and with private values, which wants a reason', '', async (c, rig) => {
  const phone = rig.phone('254700000071');
  await phone.dial();
  for (const text of ['1', '1', 'Amina Wanjiru', 'Nairobi', '1']) await phone.type(text);
  const page = await c.open();
  await c.login('jane');
  await c.go('Subscriber');
  await page.getByLabel('Number').fill('0700000071');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.locator('#person', { hasText: 'Nairobi' }).waitFor();
  assert.ok(!(await page.locator('main').textContent()).includes('Amina'), 'a private value needs a reason');
  assert.match(await page.locator('#person').textContent(), /\*\*\*/);
  await page.getByRole('button', { name: 'Show with private values' }).click();
  await page.locator('#notice', { hasText: 'say why' }).waitFor();
  await page.getByLabel('Why you need').fill('She asked in the Nakuru shop');
  await page.getByRole('button', { name: 'Show with private values' }).click();
  await page.locator('#person', { hasText: 'Amina Wanjiru' }).waitFor();
  await c.accessible('subscriber');
  await c.picture('console-subscriber');
  assert.match(rig.said, /area=console event=act user=jane role=care what="show a subscriber, private values too"/);
  await page.getByLabel('Number').fill('0700000099');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.locator('#notice', { hasText: 'nobody with this number' }).waitFor();
});

shown(
  'a gift that is held is decided, with a reason',
  'velocity = ( { name = "few"; gifts = 1; within = "1h"; then = "review"; } );',
  async (c, rig) => {
    for (const [i, msisdn] of ['254700000081', '254700000082', '254700000083'].entries()) {
      const phone = rig.phone(msisdn);
      await phone.dial();
      for (const text of ['1', '1', `Amina ${'abc'[i]}`, 'Nairobi', '1']) await phone.type(text);
    }
    const page = await c.open();
    await c.login('jane');
    await c.go('Decisions');
    const first = page.locator('#grants > li').first();
    await first.getByText(/too many in a short time.*velocity\.few/).waitFor(); // why it is held
    await first.getByRole('button', { name: /Approve/ }).click();
    await page.locator('#notice', { hasText: 'why' }).waitFor();
    await c.accessible('decisions');
    await c.picture('console-decisions');
    await first.getByLabel(/^Why/).fill('Seen with ID');
    await first.getByRole('button', { name: /Approve/ }).click();
    await page.getByRole('status').filter({ hasText: 'is granted' }).waitFor();
    const rows = JSON.parse((await rig.run('audit', '--json')).stdout);
    assert.deepStrictEqual(
      rows.filter((row) => row.action === 'grant approved').map((row) => [row.actor, row.reason]),
      [['care:jane (console)', 'Seen with ID']],
    );
    await page.locator('#grants > li').first().getByLabel(/^Why/).fill('Not eligible');
    await page
      .locator('#grants > li')
      .first()
      .getByRole('button', { name: /Refuse/ })
      .click();
    await page.locator('#grants', { hasText: 'Nothing waits for a decision.' }).waitFor();
    const { grants } = await rig.stats();
    assert.deepStrictEqual([grants.granted, grants.rejected, grants.pending], [2, 1, 0]);
  },
);

shown(
  'SMSC stopped: within ten seconds the page says what is wrong and what to do, and that it is over',
  '',
  async (c, rig) => {
    const page = await c.open();
    await c.login('wall');
    await page.locator('#health.ok').waitFor();
    const { port } = rig.smsc;
    const began = Date.now();
    await rig.smsc.stop();
    await page.locator('#health.down').waitFor();
    assert.ok(Date.now() - began < 10000, 'within ten seconds');
    assert.match(
      await page.locator('#health').textContent(),
      /group "home" cannot send and receive.*What to do: .*SMSC/s,
    );
    assert.match((await rig.run('status')).stdout, /DOWN[^]*group "home"[^]*SMSC/);
    await c.picture('console-down');
    await c.accessible('down');
    await rig.smsc.listen(port);
    await page.locator('#health.ok').waitFor();
  },
);

shown(
  'charging stopped: within ten seconds of the first gift the page and status say so, and what to do',
  'ussd = { answer_within = "2s"; };',
  async (c, rig) => {
    const page = await c.open();
    await c.login('wall');
    await page.locator('#health.ok').waitFor();
    const phone = rig.phone('254700000091');
    await phone.dial();
    for (const text of ['1', '1', 'Amina Wanjiru', 'Nairobi']) await phone.type(text);
    assert.doesNotMatch((await phone.type('1')).text, /is yours/);
    const began = Date.now();
    await page.locator('#health.degraded').waitFor();
    assert.ok(Date.now() - began < 10000, 'within ten seconds');
    assert.match(
      await page.locator('#health').textContent(),
      /charging system does not answer.*What to do: see whether it and the way to it are up/s,
    );
    assert.match(
      (await rig.run('status')).stdout,
      /DEGRADED[^]*charging system does not answer[^]*orders follow by themselves/,
    );
  },
  {
    first: async (options) => {
      options.charging = `kind = "ucip"; url = "http://127.0.0.1:${await freePort()}/Air"; user = "user"; password_file = "air.key"; currency = "KES"; within = "1s"; settle = "1s"; failures = 1;`;
      options.bundles = '{ name = "100MB"; gives = "100 MB"; valid = "7d"; code = "da:4:100"; }';
    },
  },
);

shown(
  'disk full: within ten seconds the page and status say so, and what to do; and that it is over',
  '',
  async (c, rig) => {
    const page = await c.open();
    await c.login('wall');
    await page.locator('#health.ok').waitFor();
    const limit = (bytes) => execFileSync('prlimit', ['--pid', String(rig.daemon.pid), `--fsize=${bytes}`]); // to the daemon, a full disk
    limit('4096:unlimited');
    const began = Date.now();
    const phone = rig.phone('254700000092');
    await phone.dial();
    await phone.abort(); // its end wants to be stored
    await page.locator('#health.down').waitFor();
    assert.ok(Date.now() - began < 10000, 'within ten seconds');
    assert.match(await page.locator('#health').textContent(), /the store is failing: .*(full|disk).*What to do: /s);
    assert.match((await rig.run('status')).stdout, /DOWN[^]*the store is failing/);
    limit('unlimited:unlimited');
    await page.locator('#health.ok').waitFor();
  },
);

shown('without an SMSC the phone works all the same; its SMS wait for a link, as everybody\'s do', '', async (c, rig) => {
  const { port } = rig.smsc;
  await rig.smsc.stop();
  const page = await c.open();
  await c.login('jane');
  await page.locator('#health.down').waitFor();
  await c.go('Phone');
  for (const [text, wanted] of ENGLISH) await type(page, text, wanted);
  await until('the SMS waits', async () => (await rig.tool('status', '--json')).notices.waiting === 1);
  assert.ok(!(await page.locator('#tray').textContent()).includes('100 MB for 7 days'));
  await rig.smsc.listen(port);
  await page.locator('#tray', { hasText: 'Thanks Amina Wanjiru! 100 MB for 7 days.' }).waitFor();
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'no SMS of the phone leaves');
});

test('screens stand in the order in which they are reached', async () => {
  const { columns } = await import(path.join(ROOT, 'console/map.js'));
  const screen = (name, ...to) => ({ name, ways: to.map((t) => ({ to: t, label: '' })) });
  const service = {
    start: 'a',
    screens: [
      screen('a', 'b', 'c'),
      screen('b', 'a', 'd'),
      screen('c', 'd', 'gone'),
      screen('d', 'a'),
      screen('shortcut', 'd'),
    ],
  };
  assert.deepStrictEqual(
    columns(service).map((list) => list.map((s) => s.name)),
    [['a'], ['b', 'c'], ['d'], ['shortcut']],
  );
});

shown('an operator takes a link down and up, and throttles it, by keyboard alone', '', async (c, rig) => {
  const page = await c.open();
  await page.locator('#token:focus').waitFor();
  await page.keyboard.type(TOKENS.ops);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Take down smsc-a' }).waitFor();
  const reach = async (name) => {
    for (let i = 0; i < 60; i++) {
      const label = await page.evaluate(
        () =>
          document.activeElement.getAttribute('aria-label') ||
          (document.activeElement.tagName === 'INPUT' ? document.activeElement.id : document.activeElement.textContent),
      );
      if (name.test(label)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${name} is not reached with Tab`);
  };
  await reach(/^Take down smsc-a$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: /last bound link/ }).waitFor();
  await page.keyboard.press('Escape'); // not yet
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await rig.smsc.pdu('unbind');
  await page.getByRole('cell', { name: 'held by an operator' }).waitFor();
  await page.locator('#health.down').waitFor();
  await reach(/^Take up smsc-a$/);
  await page.keyboard.press('Enter');
  await rig.smsc.bound();
  await page.locator('#health.ok').waitFor();
  const rate = async () => JSON.parse((await rig.run('status', '--json')).stdout).links[0].rate;
  await reach(/^throttle-rate$/);
  await page.keyboard.type('0');
  await page.keyboard.press('Enter'); // the browser itself says that this cannot be
  assert.ok(await page.locator('#throttle-rate').evaluate((n) => !n.validity.valid && n.value === '0'));
  await page.keyboard.press('Backspace');
  await page.keyboard.type('20');
  await page.keyboard.press('Enter');
  await page.locator('#throttle-said', { hasText: 'smsc-a sends at most 20 PDUs a second until' }).waitFor();
  await page.getByRole('cell', { name: 'bound throttled to 20/s' }).waitFor();
  assert.strictEqual(await rate(), 20);
  await page.waitForResponse(/live/); // the table is made anew; what is being written stays
  assert.strictEqual(await page.evaluate(() => document.activeElement.value), '20');
  await c.accessible('a throttled link');
  await reach(/^As configured$/);
  await page.keyboard.press('Enter');
  await page.locator('#throttle-said', { hasText: 'as configured' }).waitFor();
  await page.getByRole('cell', { name: /^bound$/ }).waitFor();
  assert.strictEqual(await rate(), 0);
  const rows = await until('four rows of the audit', async () => {
    const all = await rig.tool('audit', '--json');
    return all.length >= 4 && all;
  });
  assert.deepStrictEqual(
    rows.map((r) => [r.actor, r.action]),
    ['throttle off', 'throttle 20', 'up', 'down'].map((what) => ['operator:ops (console)', `link ${what} smsc-a`]),
  );

  await reach(/^Phone$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Phone' }).waitFor();
  await screenIs(page, /Dial a code/);
  await page.keyboard.press('Enter'); // the code of the first menu stands there, with the focus
  await screenIs(page, /^Hello friend/);
});

shown('a narrow screen at night', '', async (c) => {
  const page = await c.open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
  await c.accessible('login at night');
  await page.evaluate(() => document.querySelector('main').append(document.createElement('button')));
  assert.deepStrictEqual(
    (await c.findings()).map((v) => v.id),
    ['button-name'],
    'axe-core looks',
  );
  await page.reload();
  await c.login('all');
  await page.locator('#health').waitFor();
  for (const name of ['Live', 'Phone', 'Menus', 'Subscriber', 'Decisions']) {
    await c.go(name);
    await c.accessible(`${name} at night`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} pixels too wide`);
    if (name === 'Phone') {
      await type(page, '*123#', /^Hello friend/);
      await c.picture('console-narrow');
    }
  }
});
