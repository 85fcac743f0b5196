// SPDX-License-Identifier: GPL-3.0-or-later
// A rig for end-to-end tests: one real starhashd with its own folder, and the npm package smpp as its SMSC.
// Everything waits for a condition; nothing waits for a time, except to say that a condition never came.
'use strict';

const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const smpp = require('smpp');

const ROOT = path.resolve(__dirname, '../..');
const BUILD = path.resolve(process.env.STARHASH_BUILD || path.join(ROOT, 'build'));
const PATIENCE_MS = Number(process.env.STARHASH_E2E_PATIENCE_MS || 15000);

const OP = { begin: 1, ask: 2, end: 17, typed: 18, abort: 129 };

// What came, octet by octet: the package reads a PDU into fields and forgets the order and the length of its TLVs.
const readPdu = smpp.PDU.prototype.fromBuffer;
smpp.PDU.prototype.fromBuffer = function fromBuffer(octets) {
  Object.defineProperty(this, 'octets', { value: Buffer.from(octets) }); // not enumerable: the package walks over the rest
  return readPdu.call(this, octets);
};

// Where SMSCs listen: anywhere, or within STARHASH_E2E_PORTS ("21000-21999"), so that a capture can know them.
async function listenOn(server, port = 0) {
  const attempt = (at) => new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve(server.address().port);
    });
  });
  const [first, last] = (process.env.STARHASH_E2E_PORTS || '').split('-').map(Number);
  if (port || !last) return attempt(port);
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(first + Math.floor(Math.random() * (last - first + 1)));
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || tries >= 100) throw error;
    }
  }
}

// A port for a server of somebody else.
async function freePort() {
  const server = net.createServer();
  const port = await listenOn(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// Things that arrive, and people who wait for one of them.
class Inbox {
  constructor() {
    this.items = [];
    this.waiting = [];
  }

  push(item) {
    const at = this.waiting.findIndex((w) => w.wants(item));
    if (at < 0) {
      this.items.push(item);
      return;
    }
    const [waiter] = this.waiting.splice(at, 1);
    clearTimeout(waiter.timer);
    waiter.resolve(item);
  }

  // The first item that `wants` is true for: one that came already or the next one. It is taken out.
  take(wants, what) {
    const at = this.items.findIndex(wants);
    if (at >= 0) return Promise.resolve(this.items.splice(at, 1)[0]);
    const error = new Error(`${what} did not come within ${PATIENCE_MS} ms`); // made here for its stack
    return new Promise((resolve, reject) => {
      const waiter = { wants, resolve };
      waiter.timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        reject(error);
      }, PATIENCE_MS);
      this.waiting.push(waiter);
    });
  }

  count(wants) {
    return this.items.filter(wants).length;
  }
}

// The npm smpp server. What it does with a request is for the test to change: `bindStatus`, `submitStatus`, `messageId`,
// and `silent`, the commands that get no answer.
class Smsc {
  constructor(options = {}) {
    this.apart = options.apart; // its sessions are kept from a capture
    this.password = options.password || 'secret';
    this.bindStatus = options.bindStatus || (() => 0);
    this.tls = options.tls; // { key, cert, ... } of node:tls
    this.submitStatus = () => 0;
    this.messageId = () => `m${++this.messages}`;
    this.silent = new Set(options.silent);
    this.inbox = new Inbox(); // every PDU of every session, as { session, pdu }
    this.events = new Inbox(); // 'connected', 'bound', 'refused', 'closed'
    this.sessions = new Set();
    this.messages = 0;
    this.connections = 0;
  }

  async listen(port = 0) {
    const welcome = (session) => this.welcome(session);
    this.server = this.tls ? smpp.createServer(this.tls, welcome) : smpp.createServer(welcome);
    this.server.on('tlsClientError', (error) => this.events.push({ kind: 'insecure', error }));
    // What is encrypted is not for the capture, nor what is not SMPP 3.4 as it is written.
    this.port = await ((this.tls || this.apart) && !port ? new Promise((resolve) => {
      this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port));
    }) : listenOn(this.server, port));
  }

  welcome(session) {
    this.connections++;
    this.sessions.add(session);
    this.events.push({ kind: 'connected', session });
    session.on('error', () => {}); // a peer that was killed; 'close' follows
    session.on('close', () => {
      this.sessions.delete(session);
      this.events.push({ kind: 'closed', session });
    });
    session.on('pdu', (pdu) => {
      this.inbox.push({ session, pdu });
      if (!this.silent.has(pdu.command)) this.answer(session, pdu);
    });
  }

  answer(session, pdu) {
    switch (pdu.command) {
      case 'bind_transceiver':
      case 'bind_receiver':
      case 'bind_transmitter':
        this.bind(session, pdu);
        break;
      case 'enquire_link':
        session.send(pdu.response());
        break;
      case 'unbind':
        session.send(pdu.response(), null, () => session.close());
        break;
      case 'submit_sm': {
        const status = this.submitStatus(pdu);
        session.send(pdu.response(status ? { command_status: status } : { message_id: this.messageId(pdu) }));
        break;
      }
      default:
    }
  }

  bind(session, pdu) {
    const status = this.bindStatus(pdu) || (pdu.password === this.password ? 0 : smpp.ESME_RINVPASWD);
    session.send(pdu.response(status ? { command_status: status } : { system_id: 'smsc' }));
    if (status) {
      this.events.push({ kind: 'refused', session, pdu });
      return;
    }
    if (pdu.command !== 'bind_transmitter') this.session = session; // the one to deliver by
    if (pdu.command !== 'bind_receiver') this.transmitter = session;
    this.events.push({ kind: 'bound', session, pdu });
  }

  bound() {
    return this.events.take((e) => e.kind === 'bound', 'a bind');
  }

  closed(session) {
    return this.events.take((e) => e.kind === 'closed' && (!session || e.session === session), 'the end of a session');
  }

  refused() {
    return this.events.take((e) => e.kind === 'refused', 'a bind to refuse');
  }

  async pdu(command, wants = () => true) {
    return (await this.on(command, wants)).pdu;
  }

  // The same, with the session that it came by.
  on(command, wants = () => true) {
    return this.inbox.take((i) => i.pdu.command === command && wants(i.pdu), command);
  }

  // A request of ours, and its response.
  async ask(command, fields = {}, session = this.session) {
    const pdu = new smpp.PDU(command, fields);
    session.send(pdu);
    return (await this.inbox.take((i) => i.session === session && i.pdu.command === `${command}_resp` &&
      i.pdu.sequence_number === pdu.sequence_number, `${command}_resp`)).pdu;
  }

  // Raw octets on the socket of the bound session.
  raw(bytes) {
    this.session.socket.write(bytes);
  }

  // Drop the line without a word.
  cut() {
    for (const session of this.sessions) session.socket.destroy();
  }

  async stop() {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

// One subscriber.
class Phone {
  constructor(smsc, msisdn) {
    this.smsc = smsc;
    this.msisdn = msisdn;
    this.number = Phone.sessions = (Phone.sessions + 1) % 256;
    this.unit = 0;
  }

  deliver(options) {
    const pdu = new smpp.PDU('deliver_sm', {
      source_addr_ton: 1,
      source_addr_npi: 1,
      source_addr: this.msisdn,
      dest_addr_ton: 0,
      dest_addr_npi: 1,
      destination_addr: '123',
      ...options,
    });
    this.smsc.session.send(pdu);
    this.last = pdu;
    return pdu;
  }

  ussd(op, text) {
    const session = Buffer.from([this.number, this.unit]);
    this.unit = (this.unit + 2) % 256;
    return this.deliver({ service_type: 'USSD', short_message: text, ussd_service_op: op, its_session_info: session });
  }

  // What is on the screen next. Checks what every answer must carry.
  async screen() {
    const pdu = await this.smsc.pdu('submit_sm',
      (p) => p.destination_addr === this.msisdn && p.ussd_service_op !== undefined);
    assert.strictEqual(pdu.source_addr, '123');
    assert.ok([OP.ask, OP.end].includes(pdu.ussd_service_op), `ussd_service_op ${pdu.ussd_service_op}`);
    const last = pdu.ussd_service_op === OP.end;
    assert.strictEqual(pdu.its_session_info[0], this.number, 'session number is echoed');
    assert.strictEqual(pdu.its_session_info[1] & 1, last ? 1 : 0, 'end-of-session bit');
    return { text: pdu.short_message.message, last, pdu };
  }

  async answered(sent) {
    const resp = await this.smsc.pdu('deliver_sm_resp', (p) => p.sequence_number === sent.sequence_number);
    assert.strictEqual(resp.command_status, 0);
  }

  async turn(op, text) {
    const sent = this.ussd(op, text);
    const [screen] = await Promise.all([this.screen(), this.answered(sent)]);
    return screen;
  }

  dial(code = '*123#') {
    this.number = Phone.sessions = (Phone.sessions + 1) % 256;
    this.unit = 0;
    return this.turn(OP.begin, code);
  }

  type(text) {
    return this.turn(OP.typed, text);
  }

  abort() {
    return this.answered(this.ussd(OP.abort, ''));
  }

  text(words) {
    return this.deliver({ short_message: words });
  }

  // The next SMS: a submit_sm without USSD.
  async sms() {
    const pdu = await this.smsc.pdu('submit_sm',
      (p) => p.destination_addr === this.msisdn && p.ussd_service_op === undefined);
    const body = pdu.short_message.message.length ? pdu.short_message : pdu.message_payload;
    return body.message;
  }
}
Phone.sessions = 0;

class Rig {
  constructor(options) {
    this.options = options;
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'starhash-e2e-'));
    this.conf = path.join(this.folder, 'starhash.conf');
    this.smsc = new Smsc(options.smsc);
    this.smscs = [this.smsc, ...(options.also || []).map((other) => new Smsc(other))];
    this.said = '';
  }

  static async start(options = {}) {
    const rig = new Rig(options);
    fs.cpSync(path.join(ROOT, 'conf'), rig.folder, { recursive: true });
    if (options.prepare) options.prepare(rig.folder);
    for (const smsc of rig.smscs) await smsc.listen();
    rig.configure();
    rig.launch();
    if (!options.unbound) await rig.isBound();
    return rig;
  }

  // The first bind; or what the daemon said in place of it.
  async isBound() {
    const gone = this.exited.then(({ code }) => {
      throw new Error(`the daemon ended with ${code}:\n${this.said}`);
    });
    try {
      await Promise.race([this.smsc.bound(), gone]);
    } catch (error) {
      this.daemon.kill('SIGKILL');
      for (const smsc of this.smscs) await smsc.stop();
      throw error;
    }
    gone.catch(() => {}); // it may end when it likes, from here on
  }

  configure() {
    const links = this.options.links ? this.options.links(this) : this.link(this.smsc.port, this.options.link);
    fs.writeFileSync(this.conf, `
links = (
${links}
);
country  = { code = "254"; trunk = "0"; };
services = [ ${this.options.services || '"menus/join.conf"'} ];
profile  = "profile.conf";
store    = { sqlite = "starhash.db"; };
charging = { ${this.options.charging || 'kind = "ledger";'} };
bundles  = ( ${this.options.bundles || '{ name = "100MB"; gives = "100 MB"; valid = "7d"; code = "DATA100"; }'} );
control  = "control.sock";
drain    = "${this.options.drain || '200ms'}";
${this.options.more || ''}
`);
  }

  // One link of the configuration; what `more` says comes last.
  link(port, more = '', name = 'smsc-a') {
    const secret = this.options.password || 'password = "secret";';
    return `{ name = "${name}"; host = "127.0.0.1"; port = ${port}; system_id = "starhash"; ${secret}
    reconnect_min = "100ms"; reconnect_max = "500ms"; ${more} }`;
  }

  launch() {
    const env = { ...process.env, ...this.options.env };
    delete env.JOURNAL_STREAM;
    this.daemon = spawn(path.join(BUILD, 'starhashd'), ['-c', this.conf], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      this.said = (this.said + chunk).slice(-200000);
    };
    this.daemon.stdout.on('data', keep);
    this.daemon.stderr.on('data', keep);
    this.exited = new Promise((resolve) => {
      this.daemon.on('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  phone(msisdn) {
    return new Phone(this.smsc, msisdn);
  }

  // `starhash -c FILE ARG...`: what it printed, and how it ended.
  async run(...args) {
    try {
      return { code: 0, ...await promisify(execFile)(path.join(BUILD, 'starhash'), ['-c', this.conf, ...args]) };
    } catch (error) {
      if (typeof error.code !== 'number') throw error;
      return { code: error.code, stdout: error.stdout, stderr: error.stderr };
    }
  }

  // The same as JSON; it must end well.
  async tool(...args) {
    const { code, stdout, stderr } = await this.run(...args);
    assert.strictEqual(code, 0, `starhash ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  }

  show(msisdn) {
    return this.tool('show', msisdn, '--json');
  }

  // With what is private; in the audit each time.
  reveal(msisdn) {
    return this.tool('show', msisdn, '--json', '--reveal', '--role', 'care', '--reason', 'asked at the counter');
  }

  stats() {
    return this.tool('stats', '--json');
  }

  async terminate() {
    this.daemon.kill('SIGTERM');
    const timer = setTimeout(() => this.daemon.kill('SIGKILL'), PATIENCE_MS);
    const how = await this.exited;
    clearTimeout(timer);
    return how;
  }

  // End in order, and say no word too much on the way: the log holds no number, name or secret (promise 9).
  async stop(secrets = []) {
    const how = await this.terminate();
    for (const smsc of this.smscs) await smsc.stop();
    fs.rmSync(this.folder, { recursive: true, force: true });
    assert.deepStrictEqual(how, { code: 0, signal: null }, `the daemon ended badly; it said:\n${this.said}`);
    for (const secret of ['secret', '2547', ...secrets]) {
      assert.ok(!this.said.includes(secret), `the log shows "${secret}":\n${this.said}`);
    }
  }
}

// What `look` gives, as soon as it is something. What it says is asked again and again, never after a time.
async function until(what, look, every = 20, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come within ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

// A test with a rig of its own; `secrets` are words that the daemon's log must not hold. `before` runs before the rig starts.
function scenario(name, options, secrets, body, before = async () => {}) {
  test(name, async () => {
    await before();
    const rig = await Rig.start(options);
    try {
      await body(rig);
    } catch (error) {
      rig.daemon.kill('SIGKILL');
      for (const smsc of rig.smscs) await smsc.stop();
      error.message += `\nThe daemon said:\n${rig.said}`;
      throw error;
    }
    await rig.stop(secrets);
  });
}

module.exports = { BUILD, OP, PATIENCE_MS, ROOT, Inbox, Phone, Rig, Smsc, freePort, listenOn, scenario, smpp, until };
