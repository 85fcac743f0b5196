// SPDX-License-Identifier: GPL-3.0-or-later
// Charging systems for end-to-end tests: ucip_server.py and cgrates_server.js, each behind what a test needs of it. They share no
// code with the daemon.
'use strict';

const assert = require('node:assert');
const net = require('node:net');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { once } = require('node:events');

// The AIR behind a door that can be shut: then connections are refused.
class Air {
  async start() {
    this.server = spawn('python3', [path.join(__dirname, 'ucip_server.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [data] = await once(this.server.stdout, 'data');
    this.inner = Number(String(data));
    await this.open(0);
  }

  async open(port = this.port) {
    this.links = new Set();
    this.door = net.createServer((socket) => {
      const inside = net.connect(this.inner, '127.0.0.1');
      for (const [one, other] of [[socket, inside], [inside, socket]]) {
        this.links.add(one);
        one.on('error', () => {});
        one.on('close', () => { this.links.delete(one); other.destroy(); });
        one.pipe(other);
      }
    });
    this.door.listen(port, '127.0.0.1');
    await once(this.door, 'listening');
    this.port = this.door.address().port;
  }

  async shut() {
    const closed = once(this.door, 'close');
    this.door.close();
    for (const link of this.links) link.destroy();
    await closed;
  }

  async control(what) {
    const res = await fetch(`http://127.0.0.1:${this.inner}/control`, { method: 'POST', body: JSON.stringify(what) });
    assert.strictEqual(res.status, 200);
  }

  async report() {
    return (await fetch(`http://127.0.0.1:${this.inner}/report`)).json();
  }

  // How often this subscriber has the bundle, and that no order was applied twice.
  async applied(msisdn) {
    const r = await this.report();
    for (const [id, call] of Object.entries(r.calls)) assert.ok(call.applied <= 1, `${id}: applied ${call.applied} times`);
    return (r.accounts[msisdn].da[4]?.value ?? 0) / 100;
  }

  async stop() {
    await this.shut();
    this.server.stdin.end();
  }
}

class Cgrates {
  async start() {
    this.server = spawn(process.execPath, [path.join(__dirname, 'cgrates_server.js')], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [data] = await once(this.server.stdout, 'data');
    this.base = `http://127.0.0.1:${Number(String(data))}`;
  }

  async control(what) {
    const res = await fetch(`${this.base}/control`, { method: 'POST', body: JSON.stringify(what) });
    assert.strictEqual(res.status, 200);
  }

  async report() {
    return (await fetch(`${this.base}/report`)).json();
  }

  stop() {
    this.server.stdin.end();
  }
}

// kill -9, and another run on the same store.
async function restart(rig) {
  rig.daemon.kill('SIGKILL');
  await rig.exited;
  await rig.smsc.closed();
  rig.launch();
  await rig.smsc.bound();
}

module.exports = { Air, Cgrates, restart };
