// SPDX-License-Identifier: GPL-3.0-or-later
// A mobile switching centre: osmo-msc and osmo-hlr from Debian, as they are, with one subscriber who is attached through the
// SGs interface, whose other side (the MME, and the phone behind it) is here. It takes submit_sm for him and makes
// deliver_sm of what he sends. Everything is on one address of the loopback; no radio, no kernel with SCTP is needed
// (nosctp.c). 3GPP TS 29.118 (SGs), 24.011 (CP, RP), 23.040 (TPDU).
'use strict';

const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { pack, unpack } = require('./octets.js');
const { Inbox, PATIENCE_MS, freePort } = require('./rig.js');

const MME = 'mmec01.mmegi8000.mme.epc.mnc001.mcc001.3gppnetwork.org';
const SGS = {
  pagingRequest: 0x01, serviceRequest: 0x06, downlink: 0x07, uplink: 0x08, update: 0x09, updateAccept: 0x0a,
  tmsiComplete: 0x0c, release: 0x1b,
};
const IE = { imsi: 0x01, lai: 0x04, mme: 0x09, updateType: 0x0a, nas: 0x16, service: 0x20 };
const CP = { data: 0x01, ack: 0x04 };

const octets = (...values) => Buffer.from(values);
const tlv = (tag, value) => Buffer.concat([octets(tag, value.length), value]);

// Digits two an octet, the first one low.
function swapped(digits) {
  const out = [];
  for (let i = 0; i < digits.length; i += 2) {
    out.push(((i + 1 < digits.length ? Number(digits[i + 1]) : 15) << 4) | Number(digits[i]));
  }
  return Buffer.from(out);
}

function need(program, name) {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
  } catch {
    throw new Error(`${program} is not here: apt-get install ${name} (./dev deps does)`);
  }
}

class Osmo {
  // One that runs, with `imsi` known to it as `msisdn` and attached.
  static async start({ imsi = '001010000000001', msisdn, password = 'secret' }) {
    need('osmo-msc', 'osmo-msc');
    need('osmo-hlr', 'osmo-hlr');
    const osmo = new Osmo();
    Object.assign(osmo, { imsi, msisdn, log: '', children: [], waiting: [], received: new Inbox(), acks: new Inbox() });
    osmo.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'starhash-osmo-'));
    osmo.port = await freePort();
    try {
      await osmo.boot(password);
    } catch (error) {
      await osmo.quit();
      throw error;
    }
    return osmo;
  }

  async boot(password) {
    // GSUP has one port for ever: an address of our own instead.
    this.host = `127.0.${1 + (process.pid % 250)}.${1 + (Math.floor(process.pid / 250) % 250)}`;
    const shim = path.join(this.folder, 'nosctp.so');
    execFileSync('cc', ['-shared', '-fPIC', '-o', shim, path.join(__dirname, 'nosctp.c'), '-ldl']);
    const common = `log stderr\n logging filter all 1\n logging color 0\n logging level set-all info\n` +
      `line vty\n no login\n bind ${this.host}\nctrl\n bind ${this.host}\n`;
    this.run('osmo-hlr', ['-l', path.join(this.folder, 'hlr.db')], `${common}hlr\n gsup\n  bind ip ${this.host}\n`);
    await this.says('hlr starting');
    await this.command(4258, `subscriber imsi ${this.imsi} create`);
    await this.command(4258, `subscriber imsi ${this.imsi} update msisdn ${this.msisdn}`);
    this.run('osmo-msc', [], `${common.replace('line vty', ' logging level smpp debug\nline vty')}network
 network country code 001
 mobile network code 01
 encryption a5 0
 authentication optional
msc
 assign-tmsi
 mncc internal
smsc
 database ${this.folder}/sms.db
sgs
 local-ip ${this.host}
 local-port 29118
 vlr-name vlr.msc001001.mmegi.mme.epc.mnc001.mcc001.3gppnetwork.org
smpp
 local-tcp-ip 127.0.0.1 ${this.port}
 system-id msc
 policy closed
 esme starhash
  password ${password}
  default-route
hlr
 remote-ip ${this.host}
 remote-port 4222
`, { LD_PRELOAD: shim });
    await this.says('Adding GSUP route for MSC');
    await this.attach();
  }

  run(program, args, config, env = {}) {
    const file = path.join(this.folder, `${program}.cfg`);
    fs.writeFileSync(file, config);
    const child = spawn(program, ['-c', file, ...args], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      this.log = (this.log + chunk).slice(-100000);
      this.waiting = this.waiting.filter((w) => !(this.log.includes(w.words) && (w.resolve(), true)));
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.ended = new Promise((resolve) => child.on('exit', resolve));
    this.children.push(child);
  }

  // Until the log has these words.
  says(words) {
    if (this.log.includes(words)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`osmo-msc did not say "${words}":\n${this.log.slice(-8000)}`)), PATIENCE_MS);
      this.waiting.push({ words, resolve: () => (clearTimeout(timer), resolve()) });
    });
  }

  // One command at a terminal of theirs; connects again until somebody listens.
  command(port, line) {
    return new Promise((resolve, reject) => {
      const until = Date.now() + PATIENCE_MS;
      const open = () => {
        let said = '';
        const lines = ['enable', line];
        const socket = net.connect(port, this.host);
        socket.on('error', (error) => (Date.now() < until ? setImmediate(open) : reject(error)));
        socket.on('data', (chunk) => {
          said += chunk;
          if (!/\n[^\n]*[>#] $/.test(said)) return;
          if (!lines.length) return socket.end(() => resolve(said));
          said = '';
          socket.write(`${lines.shift()}\r\n`);
        });
      };
      open();
    });
  }

  // --- the MME, and the phone ---------------------------------------------------------------------------------

  attach() {
    const identity = Buffer.concat([octets((Number(this.imsi[0]) << 4) | 9), swapped(this.imsi.slice(1))]);
    this.imsiIe = tlv(IE.imsi, identity);
    this.sgs = net.connect(29118, this.host);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the subscriber was not attached:\n${this.log.slice(-8000)}`)), PATIENCE_MS);
      this.attached = () => (clearTimeout(timer), resolve());
      this.sgs.on('error', reject);
      this.sgs.on('data', (data) => this.hear(data));
      const name = Buffer.concat(MME.split('.').map((label) => Buffer.concat([octets(label.length), Buffer.from(label)])));
      this.tell(SGS.update, tlv(IE.mme, name), tlv(IE.updateType, octets(1)),
        tlv(IE.lai, octets(0x00, 0xf1, 0x10, 0x00, 0x17)));
    });
  }

  tell(type, ...ies) {
    const message = Buffer.concat([octets(type), this.imsiIe, ...ies]);
    this.sgs.write(Buffer.concat([octets(message.length >> 8, message.length & 255), message]));
  }

  // Two octets of length, then a message: its type, and everything else in it is a TLV.
  hear(data) {
    this.heard = Buffer.concat([this.heard || Buffer.alloc(0), data]);
    while (this.heard.length > 2 && this.heard.length >= 2 + this.heard.readUInt16BE(0)) {
      const message = this.heard.subarray(2, 2 + this.heard.readUInt16BE(0));
      this.heard = this.heard.subarray(2 + message.length);
      const ies = {};
      for (let at = 1; at + 1 < message.length; at += 2 + message[at + 1]) {
        ies[message[at]] = message.subarray(at + 2, at + 2 + message[at + 1]);
      }
      this.message(message[0], ies);
    }
  }

  message(type, ies) {
    if (type === SGS.updateAccept) {
      this.tell(SGS.tmsiComplete);
      this.attached();
    } else if (type === SGS.pagingRequest) {
      this.tell(SGS.serviceRequest, tlv(IE.service, octets(2)));
    } else if (type === SGS.downlink) {
      this.control(ies[IE.nas]);
    }
  }

  nas(transaction, type, rest = Buffer.alloc(0)) {
    this.tell(SGS.uplink, tlv(IE.nas, Buffer.concat([octets(transaction, type), rest])));
  }

  // A CP message: acknowledge data; what is in it is an RP message.
  control(message) {
    if (message[1] !== CP.data) return;
    const transaction = message[0] ^ 0x80;
    const rp = message.subarray(3, 3 + message[2]);
    this.nas(transaction, CP.ack);
    if (rp[0] === 0x01) {
      this.received.push(this.short(rp));
      this.nas(transaction, CP.data, octets(2, 0x02, rp[1])); // RP-ACK
    } else {
      this.acks.push({ accepted: rp[0] === 0x03, reference: rp[1] });
    }
  }

  // RP-DATA with an SMS-DELIVER: who, and what.
  short(rp) {
    let at = 2;
    at += 1 + rp[at]; // RP-OA
    at += 1 + rp[at]; // RP-DA
    const tp = rp.subarray(at + 1, at + 1 + rp[at]);
    const digits = tp[1];
    const address = tp.subarray(3, 3 + Math.ceil(digits / 2));
    const rest = tp.subarray(3 + Math.ceil(digits / 2) + 2 + 7); // after PID, DCS and time stamp
    const dcs = tp[3 + address.length + 1];
    const from = [...address].map((o) => `${o & 15}${o >> 4}`).join('').slice(0, digits);
    return { from, dcs, text: unpack(rest.subarray(1), rest[0]) };
  }

  // The subscriber texts; resolves with what the network said to it.
  async text(words, to) {
    const reference = (this.reference = ((this.reference || 0) + 1) % 256);
    const tpdu = Buffer.concat([octets(0x01, reference, to.length, 0x81), swapped(to), octets(0, 0, words.length), pack(words)]);
    const data = Buffer.concat([octets(0x00, reference, 0, 7, 0x91), swapped('254700000000'), octets(tpdu.length), tpdu]);
    this.nas(0x09, CP.data, Buffer.concat([octets(data.length), data]));
    return this.acks.take((a) => a.reference === reference, 'an answer of the network to an SMS');
  }

  async quit() {
    if (this.sgs) this.sgs.destroy();
    for (const child of this.children.reverse()) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await child.ended;
      clearTimeout(timer);
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

module.exports = { Osmo };
