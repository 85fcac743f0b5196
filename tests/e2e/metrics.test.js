// SPDX-License-Identifier: GPL-3.0-or-later
// What operators watch the daemon by: a real Prometheus scrapes it, and promtool has no fault to find with page, rules and dashboard.
// alerts.test.js makes the faults.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { ROOT } = require('./rig.js');
const { RULES, promtool, until } = require('./prometheus.js');
const { air, besidesLag, join, read, trouble, watched } = require('./watch.js');

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
  // A busy machine may hold up the loop, the disk or a scrape for a moment; what is wrong with the rules stays.
  // AddressSanitizer keeps what is freed, so memory grows with each scrape.
  const ours = (alert) => !(process.env.ASAN_OPTIONS && alert.name === 'StarhashMemory');
  await until('that no alert fires', async () => !(await prometheus.firing()).some(ours));
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

watched('a charging system that hangs: /health says so all the time, its tries too', { before: air }, async ({ rig, watch, account, misbehave }) => {
  await account('254700000407');
  await misbehave('hang', undefined, 1000);
  assert.doesNotMatch((await join(rig, '254700000407')).text, /is yours/);
  const silent = async () => trouble(await watch.health(), 'charging');
  await until('that it does not answer', silent);
  const opened = async () => read(await watch.page(), 'starhash_charging_circuit_opened_total');
  const first = await opened();
  let looks = 0;
  while (await opened() < first + 2) { // a try lasts a second, and a pause less
    assert.ok(await silent(), `after ${looks} looks`);
    looks++;
  }
  assert.ok(looks > 10, `${looks} looks`);
});
