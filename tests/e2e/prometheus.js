// SPDX-License-Identifier: GPL-3.0-or-later
// A real Prometheus that scrapes a daemon twice a second, with the rules of conf/prometheus/alerts.yml in short: what waits for
// minutes there waits for a second here, rates look at ten seconds or twenty, yesterday is half a minute ago, an order is old after
// three seconds and memory is much from a megabyte on. The conditions are the same, which `otherwise` checks.
'use strict';

const assert = require('node:assert');
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const rig = require('./rig.js');
const { ROOT, freePort } = rig;

const RULES = path.join(ROOT, 'conf/prometheus/alerts.yml');
const PATIENCE_MS = Number(process.env.STARHASH_E2E_PATIENCE_MS || 60000);

// What is made shorter, and nothing else: [what it is in the rules, what it becomes].
const SHORTER = [
  [/\bfor: [1-9]\d*[smhd]\b/g, 'for: 1s'],
  [/\[15m\]/g, '[20s]'],
  [/\[\d+[mhd]\]/g, '[10s]'],
  [/\boffset 1d\b/g, 'offset 30s'],
  [/(starhash_outbox_oldest_seconds >) 900$/gm, '$1 3'],
  [/(process_resident_memory_bytes\{job="starhash"\} >) 1e9$/gm, '$1 1e6'],
];

const shortened = (rules) => SHORTER.reduce((text, [from, to]) => text.replace(from, to), rules);

// The places in which two files of rules may differ, said otherwise than above: a time after `for:` or `offset`, a time in
// brackets, and what the two thresholds compare with. Everything else must be the same, letter by letter.
function otherwise(rules, short) {
  const blank = (text) => text
    .replace(/^( +for: )\d+[smhd]$/gm, '$1#')
    .replace(/\[\d+[smhd]\]/g, '[#]')
    .replace(/( offset )\d+[smhd]/g, '$1#')
    .replace(/^( +expr: starhash_outbox_oldest_seconds > )\d+$/m, '$1#')
    .replace(/^( +and process_resident_memory_bytes\{job="starhash"\} > )\de\d$/m, '$1#');
  const [a, b] = [rules, short].map((text) => blank(text).split('\n'));
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [i + 1, a[i], b[i]]).filter(([, x, y]) => x !== y);
}

// Which alerts were seen to fire in this process, and which of them to end: name -> seconds.
const seen = { fired: new Map(), ended: new Map() };

// promtool with these arguments and this input: what it said, and whether it was content.
function promtool(args, input = '') {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error) throw new Error(`promtool: ${error.message}; install Debian's package prometheus`);
  return { status, said: stdout + stderr };
}

const until = (what, holds) => rig.until(what, holds, 100, PATIENCE_MS);

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

  // This alert, once it fires. `meanwhile` is done before each look: what goes on for as long as the fault does.
  async fires(name, labels = {}, meanwhile = async () => {}) {
    const began = Date.now();
    const alert = await until(`alert ${name}`, async () => {
      await meanwhile();
      return (await this.firing()).find((a) => a.name === name &&
        Object.entries(labels).every(([key, value]) => a.labels[key] === value));
    });
    seen.fired.set(name, (Date.now() - began) / 1000);
    return alert;
  }

  async ends(name, meanwhile = async () => {}) {
    const began = Date.now();
    assert.ok(seen.fired.has(name), `${name} did not fire`);
    await until(`the end of alert ${name}`, async () => {
      await meanwhile();
      return !(await this.firing()).some((a) => a.name === name);
    });
    seen.ended.set(name, (Date.now() - began) / 1000);
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

module.exports = { Prometheus, RULES, otherwise, promtool, seen, shortened, until };
