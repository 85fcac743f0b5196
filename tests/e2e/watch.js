// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of metrics, alerts and faults share: a daemon with a listener and a Prometheus that scrapes it, a disk that is as
// slow as a file says, and a charging system behind a door that can be shut.
'use strict';

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { test } = require('node:test');
const { BUILD, Rig, freePort } = require('./rig.js');
const { Prometheus } = require('./prometheus.js');

const IN_ORDER = ['1', '1', 'Amina Wanjiru', 'Nairobi', '1'];

// A daemon with a listener, and a Prometheus that has scraped it once.
function watched(name, options, body) {
  test(name, { skip: options.skip }, async () => {
    const port = await freePort();
    const { before, ...rest } = options;
    const made = before ? await before() : {};
    const rig = await Rig.start({ ...rest, ...made.options,
      more: `http = { listen = "127.0.0.1:${port}"; ${rest.http || ''} }; ${rest.more || ''}` });
    const watch = {
      port,
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
      await rig.smsc.stop().catch(() => {}); // the fault may be that it is stopped
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
  for (const answer of IN_ORDER) {
    screen = await phone.type(answer);
    if (screen.last) break; // the last answer, or an apology before
  }
  return screen;
}

const trouble = (health, part) => health.troubles.find((t) => t.part === part);

// A machine that runs many tests may hold up the daemon or its disk for a moment: then it is right to say so.
const besidesLag = (health) => health.troubles.filter((t) => t.part !== 'loop' && !/^the disk .* is slow/.test(t.what));

// The value of a series on the page, by its whole name with labels.
function read(page, series) {
  const line = page.split('\n').find((l) => l.startsWith(`${series} `));
  assert.ok(line, `no ${series}`);
  return Number(line.slice(series.length + 1));
}

// A disk whose syncs take so long as is said, from now on. A sanitizer wants to be loaded first: not with its builds.
const noShim = process.env.ASAN_OPTIONS ? 'the shim cannot be loaded in front of AddressSanitizer' : false;

function disk() {
  if (!fs.existsSync(`${BUILD}/tests/shim_disk.so`)) execFileSync('make', ['-C', BUILD, 'tests/shim_disk.so'], { stdio: 'ignore' });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'starhash-disk-'));
  const file = path.join(folder, 'sync_ms');
  const takes = (ms) => {
    fs.writeFileSync(`${file}.new`, `${ms}\n`);
    fs.renameSync(`${file}.new`, file);
  };
  takes(0);
  return {
    takes,
    stop: () => fs.rmSync(folder, { recursive: true, force: true }),
    options: { env: { LD_PRELOAD: `${BUILD}/tests/shim_disk.so`, SHIM_DISK_SYNC_FILE: file } },
  };
}

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
  const control = (what) => fetch(`http://127.0.0.1:${inner}/control`, { method: 'POST', body: JSON.stringify(what) });
  await open();
  return {
    url: `http://127.0.0.1:${port}/Air`,
    open,
    shut,
    account: (msisdn) => control({ account: msisdn, main: 5000 }),
    misbehave: (mode, method, count = 1) => control({ mode, count, method }),
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

module.exports = { IN_ORDER, air, besidesLag, disk, join, noShim, read, trouble, watched };
