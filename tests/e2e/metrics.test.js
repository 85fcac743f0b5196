// SPDX-License-Identifier: GPL-3.0-or-later
// What operators watch the daemon by: a real Prometheus scrapes it, promtool has no fault to find, and faults that are made here, in
// the SMSC, the disk, the machine and the charging system, fire the alerts that are written for them. /health says the same in words.
'use strict';

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { once } = require('node:events');
const { test } = require('node:test');
const { BUILD, ROOT, OP, Rig, freePort } = require('./rig.js');
const { Prometheus, RULES, promtool, until } = require('./prometheus.js');

const IN_ORDER = ['1', '1', 'Amina Wanjiru', 'Nairobi', '1'];

// A daemon with a listener, and a Prometheus that has scraped it once.
function watched(name, options, body) {
  test(name, { skip: options.skip }, async () => {
    const port = await freePort();
    const { before, ...rest } = options;
    const made = before ? await before() : {};
    const rig = await Rig.start({ ...rest, ...made.options,
      more: `http = { listen = "127.0.0.1:${port}"; }; ${rest.more || ''}` });
    const watch = {
      get: (what) => fetch(`http://127.0.0.1:${port}${what}`),
      page: async () => (await watch.get('/metrics')).text(),
      health: async () => {
        const res = await watch.get('/health');
        const health = { code: res.status, ...await res.json() };
        for (const t of health.troubles) assert.ok(t.part && t.what && t.remedy, JSON.stringify(t));
        assert.ok(!JSON.stringify(health).includes('2547'));
        return health;
      },
    };
    let prometheus;
    try {
      prometheus = await Prometheus.start(port);
      await body({ rig, prometheus, watch, ...made });
    } catch (error) {
      rig.daemon.kill('SIGCONT');
      rig.daemon.kill('SIGKILL');
      await rig.smsc.stop();
      error.message += `\nThe daemon said:\n${rig.said}`;
      throw error;
    } finally {
      if (prometheus) await prometheus.stop();
      if (made.stop) await made.stop();
    }
    await rig.stop(['Amina', 'Nairobi']);
  });
}

async function join(rig, msisdn) {
  const phone = rig.phone(msisdn);
  await phone.dial('*123#');
  let screen;
  for (const answer of IN_ORDER) screen = await phone.type(answer);
  return screen;
}

const trouble = (health, part) => health.troubles.find((t) => t.part === part);

// A machine that runs many tests may hold the daemon up for a moment: then it is right to say so.
const besidesLag = (health) => health.troubles.filter((t) => t.part !== 'loop');

// The value of a series on the page, by its whole name with labels.
function read(page, series) {
  const line = page.split('\n').find((l) => l.startsWith(`${series} `));
  assert.ok(line, `no ${series}`);
  return Number(line.slice(series.length + 1));
}

test('promtool: the rules, and each alert by made-up series', () => {
  const folder = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'starhash-rules-'));
  try {
    for (const file of [RULES, path.join(ROOT, 'conf/prometheus/prometheus.yml'),
      path.join(ROOT, 'tests/prometheus/alerts.test.yml'), path.join(ROOT, 'tests/prometheus/silent.test.yml')]) {
      fs.copyFileSync(file, path.join(folder, path.basename(file)));
    }
    const check = promtool(['check', 'config', path.join(folder, 'prometheus.yml')]);
    assert.strictEqual(check.status, 0, check.said);
    // What the dashboard asks for, as if it were rules: promtool reads no dashboards.
    const { panels } = JSON.parse(fs.readFileSync(path.join(ROOT, 'conf/grafana/starhash.json'), 'utf8'));
    const asked = panels.flatMap((p) => p.targets || []).map((t) => t.expr.replaceAll('$instance', '.*'));
    assert.ok(asked.length > 30, `${asked.length} expressions`);
    fs.writeFileSync(path.join(folder, 'dashboard.yml'), JSON.stringify({ groups: [{ name: 'dashboard',
      rules: asked.map((expr, i) => ({ record: `dashboard:${i}`, expr })) }] }));
    const dashboard = promtool(['check', 'rules', path.join(folder, 'dashboard.yml')]);
    assert.strictEqual(dashboard.status, 0, dashboard.said);
    const run = promtool(['test', 'rules', path.join(folder, 'alerts.test.yml'), path.join(folder, 'silent.test.yml')]);
    assert.strictEqual(run.status, 0, run.said);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

watched('Prometheus scrapes what happens, and nothing fires while all is well', {}, async ({ rig, prometheus, watch }) => {
  const last = await join(rig, '254700000401');
  assert.match(last.text, /is yours/);
  await rig.phone('254700000401').sms();
  await rig.phone('254700000402').dial('*123#');

  const page = await watch.page();
  const lint = promtool(['check', 'metrics'], page);
  assert.deepStrictEqual([lint.status, lint.said], [0, '']);
  assert.ok(!page.includes('2547') && !page.includes('Amina') && !page.includes('Nairobi') && !page.includes('secret'));
  assert.strictEqual((await watch.get('/metrics')).headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');

  await prometheus.looked();
  assert.strictEqual(await prometheus.value('starhash_dialogues_begun_total'), 2);
  assert.strictEqual(await prometheus.value('starhash_dialogues_ended_total{outcome="completed"}'), 1);
  assert.strictEqual(await prometheus.value('starhash_dialogues_open'), 1);
  assert.strictEqual(await prometheus.value('starhash_registrations_total'), 1);
  assert.strictEqual(await prometheus.value('starhash_gives_total{result="granted"}'), 1);
  assert.strictEqual(await prometheus.value('sum(starhash_answer_seconds_count{group="home"})'), 7);
  assert.strictEqual(await prometheus.value('starhash_link_submit_statuses_total{status="ESME_ROK"}'), 8); // with the SMS
  assert.strictEqual(await prometheus.value('starhash_link_response_seconds_count'), 8);
  assert.ok(await prometheus.value('starhash_store_commit_seconds_count') > 0);
  assert.ok(await prometheus.value('starhash_loop_lag_seconds_count') > 0);
  assert.strictEqual(await prometheus.value('starhash_bound_used{bound="dialogues"}'), 1);
  assert.strictEqual(await prometheus.value('starhash_healthy'), 1);

  const health = await watch.health();
  assert.deepStrictEqual([health.code, besidesLag(health)], [200, []]);
  assert.strictEqual(health.status, health.troubles.length ? 'degraded' : 'ok');
  assert.deepStrictEqual(besidesLag((await rig.tool('status', '--json')).health), []);
  await prometheus.looked();
  const late = await prometheus.value('starhash_loop_lag_seconds_count - ignoring (le) starhash_loop_lag_seconds_bucket{le="0.25"}');
  const firing = (await prometheus.firing()).map((a) => a.name);
  assert.deepStrictEqual(firing.filter((name) => !(late > 0 && name === 'StarhashLoopLag')), []);
});

watched('a page is bounded in bytes and time, and is not made anew for whoever asks often', {}, async ({ watch }) => {
  const pages = await Promise.all(Array.from({ length: 50 }, () => watch.page()));
  assert.ok(new Set(pages).size <= 3, 'made more than once in a quarter of a second');
  const page = await until('a page that tells of itself', async () => {
    const text = await watch.page();
    return read(text, 'starhash_page_bytes') > 0 && text;
  });
  const bytes = read(page, 'starhash_page_bytes');
  const seconds = read(page, 'starhash_page_build_max_seconds');
  console.log(`a page: ${bytes} bytes, at most ${Math.round(seconds * 1e6)} us`);
  assert.ok(bytes > 10000 && bytes < 100000, `${bytes} bytes`);
  assert.ok(seconds < 0.1, `${seconds} s`);
  const post = await fetch(`${new URL((await watch.get('/metrics')).url)}`, { method: 'POST', body: 'x' });
  assert.strictEqual(post.status, 405);
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
  assert.strictEqual((await watch.health()).code, 200);
});

watched('the daemon is held up: loop lag', {}, async ({ rig, prometheus, watch }) => {
  rig.daemon.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1500)); // the fault itself: so long it does nothing
  rig.daemon.kill('SIGCONT');
  await prometheus.fires('StarhashLoopLag');
  const health = await watch.health();
  assert.deepStrictEqual([health.code, health.status], [200, 'degraded']);
  const [, ms] = /came (\d+) ms late/.exec(trouble(health, 'loop').what);
  assert.ok(Number(ms) >= 1300, `${ms} ms`);
  await prometheus.ends('StarhashLoopLag');
});

watched('more dialogues than there is room for: shed', { more: 'ussd = { dialogues = 1; };' }, async ({ rig, prometheus, watch }) => {
  const first = await rig.phone('254700000403').dial('*123#');
  assert.strictEqual(first.last, false);
  let others = 0;
  await until('alert StarhashShedding', async () => {
    const screen = await rig.phone(`2547000005${String(others++ % 100).padStart(2, '0')}`).dial('*123#');
    assert.strictEqual(screen.last, true);
    return (await prometheus.firing()).find((a) => a.name === 'StarhashShedding' && a.labels.cause === 'dialogues');
  });
  const page = await watch.page();
  assert.ok(read(page, 'starhash_dialogues_shed_total{cause="dialogues"}') > 1);
  assert.strictEqual(read(page, 'starhash_bound_limit{bound="dialogues",at_limit="refuses"}'), 1);
  assert.match(trouble(await watch.health(), 'overload').what, /dialogues/);
});

// A sanitizer wants to be loaded first, and its build has the other alerts.
const sanitized = process.env.ASAN_OPTIONS ? 'the shim cannot be loaded in front of AddressSanitizer' : false;

watched('a slow disk: store slow', {
  skip: sanitized,
  before: async () => {
    if (!fs.existsSync(`${BUILD}/tests/shim_disk.so`)) execFileSync('make', ['-C', BUILD, 'tests/shim_disk.so'], { stdio: 'ignore' });
    return { options: { env: { LD_PRELOAD: `${BUILD}/tests/shim_disk.so`, SHIM_DISK_SYNC_MS: '300' } } };
  },
}, async ({ rig, prometheus }) => {
  let n = 410;
  const alert = await until('alert StarhashStoreSlow', async () => {
    await rig.phone(`254700000${n++}`).dial('*123#');
    return (await prometheus.firing()).find((a) => a.name === 'StarhashStoreSlow');
  });
  assert.strictEqual(alert.labels.severity, 'page');
  assert.ok(await prometheus.value('starhash_store_commit_seconds_sum / starhash_store_commit_seconds_count') > 0.25);
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

watched('it is being stopped: 503 until it is gone, and no alert for the links that it lets go', { drain: '20s' },
  async ({ rig, prometheus, watch }) => {
    await rig.phone('254700000406').dial('*123#'); // who is in a dialogue is waited for
    rig.daemon.kill('SIGTERM');
    const health = await until('draining', async () => {
      const now = await watch.health();
      return now.code === 503 && now;
    });
    assert.match(trouble(health, 'daemon').what, /being stopped/);
    await prometheus.looked();
    assert.strictEqual(await prometheus.value('starhash_draining'), 1);
    assert.strictEqual(await prometheus.value('starhash_healthy'), 0);
    assert.strictEqual(await prometheus.value('sum(starhash_link_wanted)'), 0);
    assert.ok(!(await prometheus.firing()).some((a) => /Group|Link/.test(a.name) && a.name !== 'StarhashLoopLag'));
  });

// An AIR behind a door: shut, its connections are refused.
async function air() {
  const server = spawn('python3', [path.join(__dirname, 'ucip_server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [data] = await once(server.stdout, 'data');
  const inner = Number(String(data));
  const sockets = new Set();
  let port = 0;
  let door;
  const open = async () => {
    door = net.createServer((socket) => {
      const inside = net.connect(inner, '127.0.0.1');
      for (const [one, other] of [[socket, inside], [inside, socket]]) {
        sockets.add(one);
        one.on('error', () => {});
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    door.listen(port, '127.0.0.1');
    await once(door, 'listening');
    ({ port } = door.address());
  };
  const shut = async () => {
    const closed = new Promise((resolve) => door.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await open();
  return {
    open,
    shut,
    account: (msisdn) => fetch(`http://127.0.0.1:${inner}/control`, { method: 'POST',
      body: JSON.stringify({ account: msisdn, main: 5000 }) }),
    stop: async () => {
      await shut();
      server.stdin.end();
      await once(server, 'exit');
    },
    options: {
      prepare: (folder) => fs.writeFileSync(path.join(folder, 'air.key'), 'pass\n', { mode: 0o600 }),
      charging: `kind = "ucip"; url = "http://127.0.0.1:${port}/Air"; user = "user"; password_file = "air.key";
        currency = "KES"; within = "1s"; settle = "1s"; pause = "300ms"; failures = 1;`,
      bundles: '{ name = "100MB"; gives = "100 MB"; valid = "7d"; code = "da:4:100"; }',
    },
  };
}

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
