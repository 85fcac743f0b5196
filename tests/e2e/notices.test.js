// SPDX-License-Identifier: GPL-3.0-or-later
// SMS and pushes that wait while there is no SMSC, and a daemon that is killed with kill -9 meanwhile: whatever certainly never
// left arrives once when the SMSC returns, nothing arrives twice, and what may have left is listed as unknown (promises 1,
// 3 and 7). Subscribers join over HTTP, so that they can while no SMSC is there. What arrived is counted by the SMSC.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const rigs = require('./rig.js');
const { BUILD, OP, Rig, freePort, smpp } = rigs;

const JOIN = ['1', '1', 'Amina Wanjiru', 'Nairobi', '1'];
const ROUNDS = Number(process.env.NOTICES_ROUNDS || 12);
const PEOPLE = 300;
const STORM = Number(process.env.NOTICES_STORM || 5000);
const SHIM = path.join(BUILD, 'tests/shim_kill.so');
// Sanitizers want to be loaded first, and keep freed memory: no shim then, and no word on memory.
const SANITIZED = fs.readFileSync(path.join(BUILD, 'starhashd')).includes('__asan_init');

const until = (what, holds, patience = 120000) => rigs.until(what, holds, 100, patience);

// An SMSC that counts what it has taken, and takes SMS as `mode` says: 'ok', 'throttle' (refuses for now), 'silent' (takes it
// and does not say so).
function counting(smsc) {
  smsc.mode = 'ok';
  smsc.arrived = new Map();
  const answer = smsc.answer.bind(smsc);
  smsc.answer = (session, pdu) => {
    if (pdu.command !== 'submit_sm' || pdu.ussd_service_op !== undefined) {
      answer(session, pdu);
    } else if (smsc.mode === 'throttle') {
      session.send(pdu.response({ command_status: smpp.ESME_RTHROTTLED }));
    } else {
      smsc.arrived.set(pdu.destination_addr, (smsc.arrived.get(pdu.destination_addr) || 0) + 1);
      if (smsc.mode === 'ok') answer(session, pdu);
    }
    smsc.inbox.items.length = 0;
  };
}

// The line is dead, and nobody answers at the port.
async function leave(smsc) {
  const closed = new Promise((resolve) => { smsc.server.close(resolve); });
  smsc.cut();
  await closed;
}

async function join(port, msisdn) {
  const typed = [];
  const post = async () => {
    const body = new URLSearchParams({ sessionId: `s${msisdn}`, phoneNumber: `+${msisdn}`, networkCode: '1',
      serviceCode: '*123#', text: typed.join('*') });
    return (await fetch(`http://127.0.0.1:${port}/ussd`, { method: 'POST', body, signal: AbortSignal.timeout(5000) })).text();
  };
  try {
    let said = await post();
    for (const answer of JOIN) {
      typed.push(answer);
      said = await post();
    }
    return said;
  } catch {
    return ''; // the daemon was killed
  }
}

async function start(options = {}) {
  const port = await freePort();
  const rig = await Rig.start({ ...options,
    more: `http = { listen = "127.0.0.1:${port}"; }; ussd = { per_subscriber = 0; answer_within = "10s"; };
      sms = { notice_expire = "1h"; };` });
  counting(rig.smsc);
  return { rig, port };
}

async function kill(rig) {
  rig.daemon.kill('SIGKILL');
  await rig.exited;
}

async function finish({ rig }, body) {
  try {
    await body();
  } catch (error) {
    rig.daemon.kill('SIGKILL');
    await rig.smsc.stop();
    error.message += `\nThe daemon said:\n${rig.said.slice(-6000)}`;
    throw error;
  }
  await rig.stop(['Amina', 'Nairobi']);
}

const listening = (port) => until('the HTTP listener', () => fetch(`http://127.0.0.1:${port}/health`).then(() => true, () => false));
const exported = async (rig) => {
  const { stdout } = await rig.run('export', '--history');
  return stdout.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
};

// Again, to be killed at its N-th sync.
function launchToDie(rig, point, n) {
  if (SANITIZED) {
    rig.launch();
    setTimeout(() => rig.daemon.kill('SIGKILL'), 100 * n);
    return;
  }
  process.env.LD_PRELOAD = SHIM;
  process.env.SHIM_KILL = `${point}:${n}`;
  rig.launch();
  delete process.env.LD_PRELOAD;
  delete process.env.SHIM_KILL;
}

test(`${PEOPLE} join while the SMSC is well, silent, throttling and away, with ${ROUNDS} kills`, { timeout: 600000 }, async () => {
  if (!SANITIZED) execFileSync('make', ['-s', '-C', BUILD, 'tests/shim_kill.so']);
  const { rig, port } = await start();
  const each = Math.ceil(PEOPLE / ROUNDS);
  let n = 0;

  await finish({ rig }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const mode = ['away', 'ok', 'silent', 'throttle'][round % 4];
      const people = Array.from({ length: each }, () => `2547${String(10000000 + n++)}`);

      rig.smsc.mode = mode;
      if (mode === 'away') await leave(rig.smsc);
      else await until('a bind', () => rig.smsc.sessions.size > 0);
      const told = people.map((msisdn) => join(port, msisdn));
      if (round % 2 === 0) {
        await new Promise((resolve) => { setTimeout(resolve, 150 + 97 * round); }); // the blow falls anywhere
        rig.daemon.kill('SIGKILL');
      } else {
        await Promise.all(told);
        rig.daemon.kill('SIGKILL');
      }
      await rig.exited;
      await Promise.all(told);
      if (mode === 'away') await rig.smsc.listen(rig.smsc.port);
      if (round % 3 === 2) {
        // once more, and it ends just after one of its first commits: of a claim, or of what became of one
        launchToDie(rig, round % 2 === 0 ? 'sync-after' : 'sync-before', 12 + round);
        rig.smsc.mode = 'ok';
        const late = Array.from({ length: 5 }, () => join(port, `2547${String(20000000 + n++)}`));
        await Promise.race([rig.exited, new Promise((resolve) => { setTimeout(resolve, 5000); })]);
        await kill(rig);
        await Promise.all(late);
      }
      rig.launch();
      await listening(port);
    }
    rig.smsc.mode = 'ok';
    await until('nothing waits', async () => (await rig.stats()).notices.pending === 0, 240000);

    const rows = { sent: 0, unknown: 0, 'unknown, not seen': 0, twice: 0, lost: 0 };
    for (const { msisdn, grants } of await exported(rig)) {
      const got = rig.smsc.arrived.get(msisdn) || 0;
      const { notices } = await rig.show(msisdn);
      const due = grants.filter((g) => g.state === 'granted').length;

      assert.strictEqual(notices.length, due, `${msisdn}: one SMS for each bonus`);
      if (due === 0) continue;
      assert.ok(['sent', 'unknown'].includes(notices[0].state), JSON.stringify(notices[0]));
      rows[notices[0].state]++;
      rows.twice += got > 1;
      rows.lost += notices[0].state === 'sent' && got !== 1;
      rows['unknown, not seen'] += notices[0].state === 'unknown' && got === 0;
    }
    console.log(`# notices: ${JSON.stringify({ ...rows, kills: ROUNDS })}`);
    assert.strictEqual(rows.twice, 0);
    assert.strictEqual(rows.lost, 0);
    assert.ok(rows.sent > 0);
    assert.ok(rows.unknown > 0, 'a kill between sending and its answer leaves one in doubt');
    for (const msisdn of rig.smsc.arrived.keys()) assert.ok((await rig.show(msisdn)).grants.length > 0);
  });
});

test('100 join while the SMSC is away, and the daemon is killed: each gets one SMS', { timeout: 120000 }, async () => {
  const { rig, port } = await start();

  await finish({ rig }, async () => {
    await leave(rig.smsc);
    const people = Array.from({ length: 100 }, (_, i) => `2547${String(30000000 + i)}`);
    for (const said of await Promise.all(people.map((msisdn) => join(port, msisdn)))) assert.match(said, /is yours/);
    await kill(rig);
    await rig.smsc.listen(rig.smsc.port);
    rig.launch();
    await until('each has one', () => rig.smsc.arrived.size === 100, 20000);
    await until('nothing waits', async () => (await rig.stats()).notices.pending === 0, 20000);
    const { notices } = await rig.stats();
    assert.deepStrictEqual(notices, { pending: 0, sent: 100, rejected: 0, unknown: 0 });
    for (const msisdn of people) assert.strictEqual(rig.smsc.arrived.get(msisdn), 1);
  });
});

const rssOf = (pid) => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

test(`${STORM} wait for an SMSC that is away: memory stays flat, and they drain in order at the link's rate`, { timeout: 900000 }, async () => {
  const RATE = Math.max(500, STORM / 100);
  const { rig, port } = await start({ link: `rate = ${RATE};` });
  const order = [];

  await finish({ rig }, async () => {
    await leave(rig.smsc);
    assert.match(await join(port, '254700000001'), /is yours/);
    await until('it waits', async () => (await rig.stats()).notices.pending === 1);
    const before = rssOf(rig.daemon.pid);
    // as a campaign would leave them, beside the daemon
    execFileSync('sqlite3', ['-cmd', '.timeout 20000', path.join(rig.folder, 'starhash.db'), `BEGIN IMMEDIATE;
      WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${STORM})
      INSERT INTO subscriber (msisdn, first_seen, last_seen) SELECT 254710000000 + i, 1, 1 FROM n;
      INSERT INTO outbox (subscriber, created, next, msisdn, smsc, route, text) SELECT id, ${Date.now()}, ${Date.now()},
      msisdn, o.smsc, '1 1 123 1 1 ' || msisdn || ' ', 'Number ' || (msisdn - 254710000000)
      FROM subscriber, (SELECT smsc FROM outbox LIMIT 1) AS o WHERE msisdn > 254710000000 ORDER BY msisdn;
      COMMIT;`]);
    await until('the daemon sees them', async () => (await rig.tool('status', '--json')).notices.in_store === STORM + 1);
    await new Promise((resolve) => { setTimeout(resolve, 3000); });
    const waiting = rssOf(rig.daemon.pid);
    const answer = rig.smsc.answer;
    rig.smsc.answer = (session, pdu) => {
      if (pdu.command === 'submit_sm' && pdu.ussd_service_op === undefined) order.push(Number(pdu.destination_addr) - 254710000000);
      answer(session, pdu);
    };
    await rig.smsc.listen(rig.smsc.port);
    await until('a bind', () => rig.smsc.sessions.size > 0, 20000);
    await until('the first', () => order.length > 0);
    const began = Date.now();
    const slow = [];
    for (let i = 0; order.length < STORM; i++) { // who looks at a phone goes before
      const at = Date.now();
      assert.match(await join(port, `2547200${String(i).padStart(5, '0')}`), /is yours/);
      slow.push(Date.now() - at);
      await new Promise((resolve) => { setTimeout(resolve, 150); }); // dialogues that have ended are kept for a minute
      assert.ok(Date.now() - began < 600000);
    }
    const took = (Date.now() - began) / 1000;
    const drained = rssOf(rig.daemon.pid);
    await until('nothing waits', async () => (await rig.stats()).notices.pending === 0);
    const of = order.filter((n) => n >= 1 && n <= STORM);
    slow.sort((a, b) => a - b);
    console.log(`# ${STORM} waited: RSS ${before} kB before, ${waiting} kB with them, ${drained} kB while they drained; ` +
      `${Math.round(STORM / took)}/s of ${RATE}/s; ${slow.length} joined meanwhile, median ${slow[slow.length >> 1]} ms, ` +
      `p99 ${slow[Math.floor(slow.length * 0.99)]} ms for 6 screens`);
    assert.strictEqual(of.length, STORM);
    assert.strictEqual(new Set(of).size, STORM, 'none twice');
    let turned = 0;
    for (let i = 1; i < of.length; i++) turned += of[i] < of[i - 1];
    assert.strictEqual(turned, 0, 'in their order');
    assert.ok(SANITIZED || waiting - before < 4096, 'memory is flat while they wait');
    assert.ok(SANITIZED || drained - before < (32 + 12) * 1024, 'and grows by the page cache of the writer (DB_CACHE_KIB) while they drain');
    assert.ok(STORM / took < RATE * 1.1, 'the rate is kept');
    assert.ok(STORM / took > RATE * (SANITIZED ? 0.2 : 0.5), 'and used');
  });
});

test('a stop in order leaves what waits to the next run, and STOP in between takes it back', { timeout: 120000 }, async () => {
  const { rig, port } = await start();

  await finish({ rig }, async () => {
    await leave(rig.smsc);
    const [jane, john] = ['254700000801', '254700000802'];
    for (const who of [jane, john]) assert.match(await join(port, who), /is yours/);
    await until('both wait', async () => (await rig.stats()).notices.pending === 2);
    assert.deepStrictEqual(await rig.terminate(), { code: 0, signal: null });
    rig.launch();
    await listening(port);
    assert.strictEqual((await rig.show(jane)).notices[0].state, 'pending');
    await rig.smsc.listen(rig.smsc.port);
    rig.smsc.mode = 'throttle';
    await rig.smsc.bound();
    rig.phone(jane).text('STOP');
    await until('STOP is kept', async () => (await rig.show(jane)).stopped);
    rig.smsc.mode = 'ok';
    await until('nothing waits', async () => (await rig.stats()).notices.pending === 0);
    const { notices } = await rig.show(jane);
    assert.deepStrictEqual(notices.map((x) => [x.state, x.why]), [['rejected', 'stopped']]);
    assert.strictEqual((await rig.show(john)).notices[0].state, 'sent');
    assert.strictEqual(rig.smsc.arrived.get(john), 1);
    assert.ok((rig.smsc.arrived.get(jane) || 0) <= 1, 'the confirmation of STOP and nothing else');
  });
});

test('what somebody else writes into the outbox is sent within five seconds', { timeout: 60000 }, async () => {
  const { rig, port } = await start();

  await finish({ rig }, async () => {
    const jane = '254700000811';
    assert.match(await join(port, jane), /is yours/);
    await until('her SMS', () => rig.smsc.arrived.get(jane) === 1);
    execFileSync('sqlite3', ['-cmd', '.timeout 5000', path.join(rig.folder, 'starhash.db'),
      `INSERT INTO outbox (subscriber, created, next, text) SELECT id, ${Date.now()}, ${Date.now()}, 'From beside'
       FROM subscriber WHERE msisdn = ${jane}`]);
    const began = Date.now();
    await until('the SMS', () => rig.smsc.arrived.get(jane) === 2, 10000);
    assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
    await until('its row', async () => (await rig.show(jane)).notices.every((x) => x.state === 'sent'));
  });
});

// A push whose first screen the link cannot send yet, for its SMSC throttles; then the daemon is killed.
test('a push that never left is sent by the next run, one that may have left is not', { timeout: 120000 }, async () => {
  const { rig } = await start();
  const push = (msisdn) => rig.run('push', msisdn, '--notify', 'Maintenance tonight', '--wait', '5s', '--json');
  const rows = async (msisdn) => (await rig.show(msisdn)).notices;

  await finish({ rig }, async () => {
    const [lost, fresh, old] = ['254700000821', '254700000822', '254700000823'];
    const seen = (msisdn) => rig.smsc.arrivedPushes.filter((x) => x === msisdn).length;
    rig.smsc.arrivedPushes = [];
    const answer = rig.smsc.answer;
    rig.smsc.answer = (session, pdu) => {
      if (pdu.command === 'submit_sm' && pdu.ussd_service_op !== undefined) {
        rig.smsc.arrivedPushes.push(pdu.destination_addr);
        if (pdu.destination_addr === lost) return; // taken, and never said so
      }
      answer(session, pdu);
    };
    push(lost);
    await until('the push', () => seen(lost) === 1);
    await kill(rig);
    // rows as a run leaves them that is killed between the commit of a push and its marking
    const sql = (msisdn, age) => `INSERT INTO subscriber (msisdn, first_seen, last_seen) VALUES (${msisdn}, 1, 1);
      INSERT INTO outbox (subscriber, created, next, kind, msisdn, smsc, route, text) SELECT id, ${Date.now() - age},
      ${Date.now() + 120000}, 'push', ${msisdn}, 'smsc-a', '5000 words *123# ', 'Maintenance tonight' FROM subscriber
      WHERE msisdn = ${msisdn};`;
    const smsc = execFileSync('sqlite3', [path.join(rig.folder, 'starhash.db'), 'SELECT smsc FROM outbox LIMIT 1']).toString().trim();
    execFileSync('sqlite3', [path.join(rig.folder, 'starhash.db'),
      (sql(fresh, 5000) + sql(old, 130000)).replaceAll("'smsc-a'", `'${smsc}'`)]);
    rig.launch();
    await until('the push of the run before', () => seen(fresh) === 1, 20000);
    await until('all are settled', async () => (await rig.stats()).notices.pending === 0, 30000);
    assert.deepStrictEqual((await rows(lost)).map((x) => [x.kind, x.state]), [['push', 'unknown']]);
    assert.deepStrictEqual((await rows(fresh)).map((x) => [x.kind, x.state]), [['push', 'sent']]);
    assert.deepStrictEqual((await rows(old)).map((x) => [x.kind, x.state, x.why]), [['push', 'rejected', 'expired']]);
    assert.deepStrictEqual([seen(lost), seen(fresh), seen(old)], [1, 1, 0]);
    assert.ok(OP.begin);
  });
});
