// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the console share: a daemon with a console, and Debian's chromium with somebody in front of it.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { ROOT, freePort, scenario } = require('./rig.js');

const TOKENS = {
  ops: 'token-of-operations',
  jane: 'token-of-jane-who-cares',
  wall: 'token-of-the-wall-screen',
  all: 'token-of-who-may-all',
};
const BROWSER = process.env.CHROMIUM || '/usr/bin/chromium';
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.STARHASH_SCREENSHOTS && path.resolve(ROOT, process.env.STARHASH_SCREENSHOTS);
let browser;

// One browser for all tests of a file; the first that needs it starts it.
async function start() {
  browser ||= await chromium.launch({
    executablePath: BROWSER,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  return browser;
}

async function stop() {
  await browser?.close();
}

// Pages of a terminal, side by side, as a picture for docs/.
async function picture(name, pages) {
  const context = await (await start()).newContext({ viewport: { width: 1200, height: 400 }, deviceScaleFactor: 1 });
  const page = await context.newPage();
  await page.setContent(`<body style="margin:0;background:#10201c"><main style="display:inline-flex;gap:24px;padding:20px;color:#d7f5e4;
    font:14px/1.35 'DejaVu Sans Mono',monospace"></main>`);
  await page.evaluate((texts) => {
    for (const text of texts) {
      const pre = document.createElement('pre');
      pre.style = 'margin:0;font:inherit;width:40ch;white-space:pre-wrap';
      pre.textContent = text;
      document.querySelector('main').append(pre);
    }
  }, pages);
  fs.mkdirSync(PICTURES, { recursive: true });
  await page.locator('main').screenshot({ path: path.join(PICTURES, `${name}.png`) });
  await context.close();
}

class Console {
  constructor(rig, port) {
    this.rig = rig;
    this.base = `http://127.0.0.1:${port}`;
    this.at = `${this.base}/console/`;
    this.faults = [];
  }

  // A browser of somebody's own; what it complains about (CSP, scripts) is a fault of ours.
  async open(options = {}) {
    this.context = await (
      await start()
    ).newContext({
      viewport: { width: 1280, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(15000);
    this.page.on('console', (m) => {
      if (m.type() === 'error' && !/status of (4\d\d|503)/.test(m.text())) this.faults.push(m.text());
    });
    this.page.on('pageerror', (e) => this.faults.push(String(e)));
    await this.page.goto(this.at);
    return this.page;
  }

  async login(who) {
    await this.page.getByLabel('Token').fill(TOKENS[who]);
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.page.getByRole('button', { name: 'Log out' }).waitFor();
  }

  async go(name) {
    await this.page.getByRole('link', { name, exact: true }).click();
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  async picture(name) {
    if (!PICTURES) return;
    fs.mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
  }

  // No serious finding of axe-core on the page as it is.
  async accessible(what) {
    const bad = await this.findings();
    assert.deepStrictEqual(
      bad.map((v) => [v.id, v.nodes.map((n) => n.html)]),
      [],
      `${what}: axe-core`,
    );
  }

  async findings() {
    const found = await this.page.evaluate(
      `(() => { const module = undefined; ${AXE}; return window.axe.run(document, { resultTypes: ['violations'] }); })()`,
    );
    return found.violations.filter((v) => ['serious', 'critical'].includes(v.impact));
  }

  async close() {
    await this.context.close();
    assert.deepStrictEqual(this.faults, [], 'the browser complains');
  }
}

const prepare = (folder) => {
  fs.writeFileSync(path.join(folder, 'air.key'), 'pass\n', { mode: 0o600 });
  for (const [name, token] of Object.entries(TOKENS))
    fs.writeFileSync(path.join(folder, `${name}.token`), `${token}\n`, { mode: 0o600 });
};

const USERS = `console = ( { name = "ops"; token_file = "ops.token"; role = "operator"; }, { name = "jane"; token_file = "jane.token"; role = "care"; },
  { name = "wall"; token_file = "wall.token"; }, { name = "all"; token_file = "all.token"; role = "privacy"; } );`;

function shown(name, extra, body, more = {}) {
  const options = { prepare, ...more };
  let port;
  scenario(
    name,
    options,
    [...Object.values(TOKENS), 'Amina', 'Juma', 'Nakuru shop'],
    async (rig) => {
      const c = new Console(rig, port);
      await body(c, rig);
      if (c.context) await c.close();
    },
    async () => {
      port = await freePort();
      if (more.first) await more.first(options);
      options.more = `http = { listen = "127.0.0.1:${port}"; phones = [ "254700000001", "254700000002" ]; ${more.http || ''} };
${more.ownUsers ? '' : USERS}
${extra}`;
    },
  );
}

module.exports = { PICTURES, TOKENS, picture, shown, stop };
