// SPDX-License-Identifier: GPL-3.0-or-later
// Each alert of conf/prometheus/alerts.yml is fired by a fault that is made here, in the SMSC, the disk, the machine, the charging
// system, an app or by strangers, and is seen to end when the fault has. Prometheus is Debian's; prometheus.js says what of the rules
// is made shorter. /health says the same in words. The last test asks whether an alert was left out.
'use strict';

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');
const { test } = require('node:test');
const { OP, ROOT, freePort, smpp } = require('./rig.js');
const { RULES, otherwise, seen, shortened, until } = require('./prometheus.js');
const { air, besidesLag, disk, join, noShim, read, trouble, watched } = require('./watch.js');

const rules = fs.readFileSync(RULES, 'utf8');
const NOT_WITH_A_SANITIZER = ['StarhashStoreSlow', 'StarhashStoreQueue', 'StarhashAnswersSlow', 'StarhashMemory'];
const memoryGrows = process.env.ASAN_OPTIONS ? 'AddressSanitizer keeps what is freed, so memory grows with each scrape' : false;

// Somebody new, each time.
let number = 254701000000;
const somebody = (rig) => rig.phone(String(number++));

// Says that it is so as soon as it is: a fault of a moment ago, of which the daemon's last seconds tell.
const told = (watch, part, words) => until(`${part}: ${words}`, async () => {
  const { troubles } = await watch.health();
  return troubles.find((t) => t.part === part && words.test(t.what));
});

test('the rules are made shorter and nothing else', () => {
  const short = shortened(rules);
  assert.deepStrictEqual(otherwise(rules, short), []);
  const times = [...short.matchAll(/(?:for: |\[|offset )(\d+[smhd])/g)].map((m) => m[1]);
  assert.deepStrictEqual([...new Set(times)].sort(), ['0m', '10s', '1s', '20s', '30s']);
  assert.match(short, /oldest_seconds > 3\n/);
  assert.match(short, /> 1e6\n/);
  // What else somebody might change is found.
  for (const [from, to] of [['> 0.02', '> 0.2'], ['== 1', '== 0'], ['severity: page', 'severity: ticket'], ['> 2\n', '> 3\n'],
    ['(0.02 *', '(0.03 *'], ['> 30\n', '> 3\n'], ['outcome=~"rejected|', 'outcome=~"'], ['500e6', '1e6'], [/ {6}- alert: StarhashMemory[^]*/, '']]) {
    const other = short.replace(from, to);
    assert.notStrictEqual(other, short, `${from}`);
    assert.notDeepStrictEqual(otherwise(rules, other), [], `${from}`);
  }
});

watched('the daemon is killed, and killed again', {}, async ({ rig, prometheus }) => {
  const kill = async () => {
    rig.daemon.kill('SIGKILL');
    await rig.exited;
  };
  const start = async () => {
    rig.launch();
    await rig.isBound();
  };
  await kill();
  await prometheus.fires('StarhashDown');
  await start();
  await prometheus.ends('StarhashDown');
  await prometheus.fires('StarhashRestarting', {}, async () => {
    await kill();
    await start();
    await prometheus.looked();
  });
  await prometheus.ends('StarhashRestarting');
});

watched('the SMSC is stopped: its group is down, until it is back', {}, async ({ rig, prometheus, watch }) => {
  const { port } = rig.smsc;
  await rig.smsc.stop();
  const alert = await prometheus.fires('StarhashGroupDown', { group: 'home' });
  assert.strictEqual(alert.labels.severity, 'page');
  assert.match(alert.annotations.runbook, /^docs\/alerts\.md#starhashgroupdown$/);
  await prometheus.fires('StarhashLinkDown', { link: 'smsc-a' });
  const health = await watch.health();
  assert.deepStrictEqual([health.code, health.status], [503, 'down']);
  assert.match(trouble(health, 'links').what, /group "home" cannot send and receive: smsc-a, state [a-z]+/);
  assert.match(trouble(health, 'links').remedy, /SMSC/);
  await rig.smsc.listen(port);
  await rig.smsc.bound();
  await prometheus.ends('StarhashGroupDown');
  await prometheus.ends('StarhashLinkDown');
  assert.strictEqual((await watch.health()).code, 200);
});

watched('the SMSC drops the line, again and again; then it refuses our password; then an operator takes the link down', {},
  async ({ rig, prometheus, watch }) => {
    await prometheus.fires('StarhashLinkFlapping', { link: 'smsc-a' }, async () => {
      rig.smsc.cut();
      await rig.smsc.bound();
    });
    rig.smsc.bindStatus = () => smpp.ESME_RINVPASWD;
    rig.smsc.cut();
    await prometheus.fires('StarhashLinkNeedsHelp', { link: 'smsc-a' });
    assert.match(trouble(await watch.health(), 'links').remedy, /password/);
    rig.smsc.bindStatus = () => 0;
    await rig.smsc.bound();
    await prometheus.ends('StarhashLinkNeedsHelp');
    await rig.run('links', 'down', 'smsc-a');
    await prometheus.fires('StarhashLinkHeld', { link: 'smsc-a' });
    assert.match(trouble(await watch.health(), 'links').remedy, /starhash links up smsc-a/);
    await rig.run('links', 'up', 'smsc-a');
    await prometheus.ends('StarhashLinkHeld');
    await prometheus.ends('StarhashLinkFlapping');
  });

watched('the SMSC refuses our answers; then it takes two seconds for each', {}, async ({ rig, prometheus }) => {
  const dial = async () => { await somebody(rig).dial(); };
  rig.smsc.submitStatus = () => smpp.ESME_RSUBMITFAIL;
  await prometheus.fires('StarhashAnswersLost', {}, dial);
  await prometheus.fires('StarhashSubmitsRefused', { link: 'smsc-a' }, dial);
  rig.smsc.submitStatus = () => 0;
  await prometheus.ends('StarhashAnswersLost', dial);
  await prometheus.ends('StarhashSubmitsRefused', dial);

  const { answer } = rig.smsc;
  rig.smsc.answer = function late(session, pdu) {
    setTimeout(() => answer.call(this, session, pdu), pdu.command === 'submit_sm' ? 2000 : 0); // the fault itself
  };
  await prometheus.fires('StarhashSmscSlow', { link: 'smsc-a' }, dial);
  rig.smsc.answer = answer;
  await prometheus.ends('StarhashSmscSlow', dial);
});

watched('the SMSC sends what is no SMPP; then nobody dials who did half a minute ago', {}, async ({ rig, prometheus }) => {
  const unknown = Buffer.from('00000010000007770000000000000001', 'hex');
  await prometheus.fires('StarhashNotUnderstood', { link: 'smsc-a' }, async () => {
    for (let i = 0; i < 5; i++) rig.smsc.raw(unknown);
  });
  await prometheus.ends('StarhashNotUnderstood');
  for (let i = 0; i < 20; i++) {
    await somebody(rig).dial();
    await prometheus.looked();
  }
  await prometheus.fires('StarhashSilent', { group: 'home' });
  await prometheus.ends('StarhashSilent', async () => { await somebody(rig).dial(); });
});

watched('the daemon is held up: loop lag', {}, async ({ rig, prometheus, watch }) => {
  rig.daemon.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2500)); // the fault itself: so long it does nothing
  rig.daemon.kill('SIGCONT');
  const late = await told(watch, 'loop', /came \d+ ms late/);
  const [, ms] = /came (\d+) ms late/.exec(late.what);
  assert.ok(Number(ms) >= 1300, `${ms} ms`); // at rest its timer is due within a second of any moment
  assert.strictEqual(late.grave, false);
  await prometheus.fires('StarhashLoopLag');
  await prometheus.ends('StarhashLoopLag');
});

watched('more dialogues than there is room for: shed', { more: 'ussd = { dialogues = 1; };' }, async ({ rig, prometheus, watch }) => {
  const first = rig.phone('254700000403');
  assert.strictEqual((await first.dial('*123#')).last, false);
  await prometheus.fires('StarhashShedding', { cause: 'dialogues' }, async () => {
    assert.strictEqual((await somebody(rig).dial()).last, true);
  });
  const page = await watch.page();
  assert.ok(read(page, 'starhash_dialogues_shed_total{cause="dialogues"}') > 1);
  assert.strictEqual(read(page, 'starhash_bound_limit{bound="dialogues",at_limit="refuses"}'), 1);
  assert.match(trouble(await watch.health(), 'overload').what, /dialogues/);
  await prometheus.fires('StarhashBoundNear', { bound: 'dialogues' });
  await first.abort();
  await prometheus.ends('StarhashBoundNear');
  await prometheus.ends('StarhashShedding');
});

watched('more connections than may be open: refused', { http: 'connections = 6;' }, async ({ prometheus, watch }) => {
  const open = [];
  try {
    await prometheus.fires('StarhashBoundRefuses', { bound: 'http_connections' }, async () => {
      const socket = net.connect(watch.port, '127.0.0.1');
      open.push(socket.on('error', () => {}).resume());
      await once(socket, 'connect');
    });
  } finally {
    for (const socket of open) socket.destroy();
  }
  await prometheus.ends('StarhashBoundRefuses');
});

watched('a disk that is slow, then one that does not come back', {
  skip: noShim,
  more: 'overload = { store = 0; lag = "0s"; };',
  before: async () => disk(),
}, async ({ rig, prometheus, watch, takes }) => {
  const crowd = new Set();
  const register = async () => {
    const one = join(rig, String(number++)).catch(() => {}).finally(() => crowd.delete(one));
    crowd.add(one);
    if (crowd.size > 10) await Promise.race(crowd);
  };
  takes(1200);
  const alert = await prometheus.fires('StarhashStoreSlow', {}, register);
  assert.strictEqual(alert.labels.severity, 'page');
  const slow = await told(watch, 'store', /^the disk of the database is slow: of the last \d+ commits \d+ took longer than 250 ms/);
  assert.deepStrictEqual([slow.grave, /iostat/.test(slow.remedy)], [false, true]);
  await prometheus.fires('StarhashAnswersSlow', {}, register);
  takes(0);
  await Promise.all(crowd);
  await prometheus.ends('StarhashStoreSlow', register);
  await prometheus.ends('StarhashAnswersSlow', register);
  await Promise.all(crowd);

  takes(3600000);
  const limit = read(await watch.page(), 'starhash_bound_limit{bound="store_queue",at_limit="refuses"}');
  await prometheus.fires('StarhashStoreQueue', {}, async () => {
    if (read(await watch.page(), 'starhash_bound_used{bound="store_queue",at_limit="refuses"}') > 0.3 * limit) return;
    const some = Array.from({ length: 200 }, () => somebody(rig));
    await Promise.all(some.map((phone) => phone.dial()));
    await Promise.all(some.map((phone) => phone.abort()));
  });
  assert.match((await told(watch, 'store', /^the disk has not answered a write for \d+ s/)).remedy, /disk/);
  takes(0);
  await prometheus.ends('StarhashStoreQueue');
});

watched('another program holds the database: store failing, and it says who', {}, async ({ rig, prometheus, watch }) => {
  const holder = spawn('python3', ['-c', `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
`, path.join(rig.folder, 'starhash.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(holder.stdout, 'data');
    const phone = rig.phone('254700000404');
    await phone.dial('*123#');
    await phone.answered(phone.ussd(OP.abort, '')); // its end is stored
    await prometheus.fires('StarhashStoreFailing');
    const health = await watch.health();
    assert.strictEqual(health.code, 503);
    assert.match(trouble(health, 'store').what, /database is locked/);
    assert.match(trouble(health, 'store').remedy, /end the program that holds a lock/);
  } finally {
    holder.stdin.end();
    await once(holder, 'exit');
  }
  await prometheus.ends('StarhashStoreFailing');
  assert.deepStrictEqual(besidesLag(await watch.health()), []);
});

watched('no file may grow: to the daemon a full disk; who registers gets apologies', {}, async ({ rig, prometheus, watch }) => {
  const limit = (bytes) => execFileSync('prlimit', ['--pid', String(rig.daemon.pid), `--fsize=${bytes}`]);
  limit('4096:unlimited');
  await prometheus.fires('StarhashApologies', { cause: 'store_failing' }, () => join(rig, String(number++)));
  await told(watch, 'store', /the store is failing: .*(full|disk)/);
  limit('unlimited:unlimited');
  await until('a store that works', async () => (await watch.health()).code === 200);
  assert.match((await join(rig, String(number++))).text, /is yours/);
  await prometheus.ends('StarhashApologies');
});

watched('the charging system is down: the promise grows old, and is kept when it is back', {
  more: 'ussd = { answer_within = "2s"; };', before: air,
}, async ({ rig, prometheus, watch, open, shut, account }) => {
  await account('254700000405');
  await shut();
  const last = await join(rig, '254700000405');
  assert.doesNotMatch(last.text, /is yours/);
  await prometheus.fires('StarhashOutboxOld');
  await prometheus.fires('StarhashChargingDown');
  const health = await watch.health();
  assert.deepStrictEqual([health.code, health.status], [200, 'degraded']);
  assert.match(trouble(health, 'charging').remedy, /orders follow by themselves/);
  assert.strictEqual(await prometheus.value('starhash_outbox_orders{state="pending"}'), 1);
  await open();
  await prometheus.ends('StarhashOutboxOld');
  await prometheus.ends('StarhashChargingDown');
  assert.strictEqual(await prometheus.value('starhash_outbox_orders_total{event="granted"}'), 1);
});

watched('the charging system does what it was told, loses its answer and is gone: nobody knows, until it is asked', {
  more: 'ussd = { answer_within = "2s"; };', before: air,
}, async ({ rig, prometheus, watch, open, shut, account, misbehave }) => {
  await account('254700000406');
  await misbehave('drop', 'UpdateBalanceAndDate');
  const last = await join(rig, '254700000406');
  assert.doesNotMatch(last.text, /is yours/);
  await shut();
  await prometheus.fires('StarhashOutboxUnknown');
  assert.match((await told(watch, 'charging', /it is not known whether they were done/)).remedy, /grants --state unknown/);
  await open();
  await prometheus.ends('StarhashOutboxUnknown');
  await until('a gift', async () => (await rig.stats()).grants.granted === 1);
});

// Behind a menu, on a port where it listens or does not.
const shop = (port) => `
code = "*161#";
languages = [ "en" ];
start = "home";
screens = {
home   = { say = "Acme"; menu = ( ( "Shop", "shop" ), ( "About", "about" ) ); };
shop   = { app = { url = "http://127.0.0.1:${port}/ussd"; speaks = "africastalking"; within = "2s"; else = "closed"; }; };
closed = { end = "The shop is closed."; };
about  = { end = "We sell seed."; };
};
`;

watched('an app behind a menu is down', {
  before: async () => {
    const port = await freePort();
    return { options: {
      services: '"menus/join.conf", "menus/shop.conf"',
      prepare: (folder) => fs.writeFileSync(path.join(folder, 'menus/shop.conf'), shop(port)),
    } };
  },
}, async ({ rig, prometheus }) => {
  await prometheus.fires('StarhashAppFailing', {}, async () => {
    const phone = somebody(rig);
    await phone.dial('*161#');
    assert.strictEqual((await phone.type('1')).text, 'The shop is closed.');
  });
  await prometheus.ends('StarhashAppFailing');
});

watched('somebody guesses tokens of the console', {
  prepare: (folder) => fs.writeFileSync(path.join(folder, 'ops.token'), 'the-token-of-operations\n', { mode: 0o600 }),
  more: 'console = ( { name = "ops"; token_file = "ops.token"; role = "operator"; } );',
}, async ({ prometheus, watch }) => {
  const origin = `http://127.0.0.1:${watch.port}`;
  const guess = () => fetch(`${origin}/console/api/login`, { method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: origin }, body: JSON.stringify({ token: `guess-${number++}` }) });
  await prometheus.fires('StarhashGuessing', {}, async () => {
    for (let i = 0; i < 10; i++) assert.ok([401, 429].includes((await guess()).status));
  });
  await prometheus.ends('StarhashGuessing');
});

watched('more and more memory', { skip: memoryGrows }, async ({ rig, prometheus }) => {
  await prometheus.fires('StarhashMemory', {}, async () => {
    await Promise.all(Array.from({ length: 20 }, () => somebody(rig).dial())); // each stays open
  });
  await prometheus.ends('StarhashMemory');
});

test('the manual has a chapter for each alert, with what to do, where its runbook points', () => {
  const chapters = fs.readFileSync(path.join(ROOT, 'docs/alerts.md'), 'utf8').split(/^## /m).slice(1);
  const told = [...rules.matchAll(/^ +- alert: (\w+)$([^]*?)(?=^ +- alert: |(?![^]))/gm)];
  assert.strictEqual(told.length, rules.match(/ alert: /g).length);
  for (const [, name, about] of told) {
    assert.ok(about.includes(`runbook: "docs/alerts.md#${name.toLowerCase()}"`), `${name}: runbook`);
    assert.match(chapters.find((c) => c.startsWith(`${name}\n`)) || '', /^Do[:,]/m, `${name}: no chapter, or nothing to do`);
  }
});

test('every alert was fired by a fault, and was seen to end', () => {
  const all = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map((m) => m[1]);
  const wanted = all.filter((name) => !(noShim && NOT_WITH_A_SANITIZER.includes(name)));
  for (const name of wanted) console.log(`${name}: fired after ${seen.fired.get(name)} s, ended after ${seen.ended.get(name)} s`);
  for (const name of all.filter((n) => !wanted.includes(n))) console.log(`${name}: NOT RUN: ${name === 'StarhashMemory' ? memoryGrows : noShim}`);
  assert.strictEqual(all.length, rules.match(/ alert: /g).length);
  assert.deepStrictEqual(wanted.filter((name) => !seen.fired.has(name)), [], 'no fault fires these');
  assert.deepStrictEqual(wanted.filter((name) => !seen.ended.has(name)), [], 'these do not end');
});
