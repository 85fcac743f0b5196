// SPDX-License-Identifier: GPL-3.0-or-later
// A real Prometheus that scrapes a daemon twice a second, with the rules of conf/prometheus/alerts.yml in short: what waits for
// minutes there waits for a second here, rates look at ten seconds, and an order is old after three. The conditions are the same.
'use strict';

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { ROOT, freePort } = require('./rig.js');

const RULES = path.join(ROOT, 'conf/prometheus/alerts.yml');
const PATIENCE_MS = Number(process.env.STARHASH_E2E_PATIENCE_MS || 30000);

function shortened(rules) {
  const short = rules
    .replace(/for: \d+[smh]/g, 'for: 1s')
    .replace(/\[\d+[mh]\]/g, '[10s]')
    .replace('starhash_outbox_oldest_seconds > 900', 'starhash_outbox_oldest_seconds > 3');
  assert.notStrictEqual(short, rules);
  assert.match(short, /oldest_seconds > 3\n/);
  return short;
}

// promtool with these arguments and this input: what it said, and whether it was content.
function promtool(args, input = '') {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error) throw new Error(`promtool: ${error.message}; install Debian's package prometheus`);
  return { status, said: stdout + stderr };
}

async function until(what, holds) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await holds();
    if (value) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

class Prometheus {
  // `port` is the daemon's.
  static async start(port) {
    const p = new Prometheus();
    p.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'starhash-prometheus-'));
    p.port = await freePort();
    fs.writeFileSync(path.join(p.folder, 'alerts.yml'), shortened(fs.readFileSync(RULES, 'utf8')));
    fs.writeFileSync(path.join(p.folder, 'prometheus.yml'), `
global: { scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms }
rule_files: [ alerts.yml ]
scrape_configs: [ { job_name: starhash, static_configs: [ { targets: [ "127.0.0.1:${port}" ] } ] } ]
`);
    p.said = '';
    p.process = spawn('prometheus', [`--config.file=${p.folder}/prometheus.yml`, `--storage.tsdb.path=${p.folder}/data`,
      `--web.listen-address=127.0.0.1:${p.port}`, '--storage.tsdb.retention.time=1h'], { stdio: ['ignore', 'ignore', 'pipe'] });
    p.process.stderr.on('data', (chunk) => { p.said = (p.said + chunk).slice(-20000); });
    p.exited = new Promise((resolve) => {
      p.process.on('exit', (code) => resolve(`it ended with ${code}`));
      p.process.on('error', (error) => resolve(`${error.message}; install Debian's package prometheus`));
    });
    p.exited.then((how) => { p.ended = how; });
    try {
      await until('a first scrape', () => p.value('up{job="starhash"}').then((v) => v === 1, () => {
        if (p.ended) throw new Error(`prometheus: ${p.ended}\n${p.said}`);
      }));
    } catch (error) {
      await p.stop();
      throw error;
    }
    return p;
  }

  async ask(what) {
    const res = await fetch(`http://127.0.0.1:${this.port}/api/v1/${what}`);
    const body = await res.json();
    assert.strictEqual(body.status, 'success', JSON.stringify(body));
    return body.data;
  }

  async query(expr) {
    return (await this.ask(`query?query=${encodeURIComponent(expr)}`)).result;
  }

  // The one value of an expression; undefined when there is none.
  async value(expr) {
    const result = await this.query(expr);
    assert.ok(result.length <= 1, `${expr}: ${result.length} values`);
    return result.length === 1 ? Number(result[0].value[1]) : undefined;
  }

  async firing() {
    const { alerts } = await this.ask('alerts');
    return alerts.filter((a) => a.state === 'firing').map((a) => ({ name: a.labels.alertname, ...a }));
  }

  // This alert, once it fires.
  fires(name, labels = {}) {
    return until(`alert ${name}`, async () => (await this.firing()).find((a) => a.name === name &&
      Object.entries(labels).every(([key, value]) => a.labels[key] === value)));
  }

  ends(name) {
    return until(`the end of alert ${name}`, async () => !(await this.firing()).some((a) => a.name === name));
  }

  // Every rule has been looked at since now, with what has been scraped since now.
  async looked() {
    const since = Date.now();
    const scraped = async () => (await this.ask('targets')).activeTargets.every((t) => Date.parse(t.lastScrape) > since);
    await until('a scrape', scraped);
    const then = Date.now();
    await until('a look at the rules', async () => (await this.ask('rules')).groups
      .every((g) => Date.parse(g.lastEvaluation) > then));
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Prometheus, RULES, promtool, until };
