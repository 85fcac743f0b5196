// SPDX-License-Identifier: GPL-3.0-or-later
// Every dialect that ships, against an SMSC that speaks it: begin, three inputs, end; the subscriber cancels; the network
// gives up; push. Written from what is documented of each SMSC, octet by octet, and not from dialects.conf: the two
// must meet. A dialect in dialects.conf without a description here fails.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { ROOT, scenario, smpp } = require('./rig.js');
const { pack, readSm, tlv, unpack, withTlvs } = require('./octets.js');

const OP = 0x0501;
const ITS = 0x1383;
const REFERENCE = 0x0204;
const SMPP_PLUS = 0x1501;

// --- how sessions look on the wire: TLV in a deliver_sm, and in the answer to it ------------------------------------

const be16 = (n) => Buffer.from([n >> 8, n & 255]);

// its_session_info: octet 1 is the session, octet 2 counts by two, its last bit ends. The answer has what came, with the bit.
const counting = {
  tag: ITS,
  inward: (call, over) => Buffer.from([call.number, ((call.turn * 2) & 254) | (over ? 1 : 0)]),
  answer: (came, last) => Buffer.from([came[0], last ? came[1] | 1 : came[1]]),
};
// The same, but the answer counts on.
const movingOn = { ...counting, step: 2, answer: (came, last) => Buffer.from([came[0], (came[1] + 2) | (last ? 1 : 0)]) };
// 15 bits that stay, and one that ends.
const fifteen = {
  tag: ITS,
  inward: (call, over) => be16(((0x4200 + call.number * 2) & 0xfffe) | (over ? 1 : 0)),
  answer: (came, last) => Buffer.from([came[0], last ? came[1] | 1 : came[1]]),
};
// A number that goes back as it came.
const echoed = (tag, value) => ({ tag, inward: value, answer: (came) => came });
const nothing = { tag: 0, inward: () => null, answer: () => null };

// --- the profiles ---------------------------------------------------------------------------------------------------

const standard = {
  session: counting,
  begin: 0x01, typed: 0x12, // ussd_service_op in
  ask: 0x02, end: 0x11, push: 0x02, notify: 0x03, // and out; null = no op TLV
  cancel: { op: 0x81 },
  timeout: { op: 0x12, over: true, text: 'timed out' }, // the end bit wins over the op, and the words are not an input
  dialled: '*123#', destination: '123',
  coding: 0,
  write: (text) => Buffer.from(text, 'latin1'),
  read: (octets) => octets.toString('latin1'),
};

const SMSCS = {
  standard,
  tata: { ...standard, session: fifteen, end: 0x02, cancel: { op: 0x11 }, push: null },
  sixdee: { ...standard, session: fifteen, destination: '8888', push: null },
  'sixdee-destination': { ...standard, session: fifteen, push: null },
  mica: {
    ...standard, session: echoed(REFERENCE, (call) => be16(0x0100 + call.number)), push: null,
    timeout: { op: 0x81, text: 'timed out' },
  },
  'mica-text': {
    ...standard, session: echoed(REFERENCE, (call) => be16(0x0100 + call.number)), push: null, destination: '8888',
    timeout: { op: 0x81, text: 'timed out' },
  },
  comverse: {
    ...standard, session: echoed(SMPP_PLUS, (call) => Buffer.from([0xca, 0xfe, 0, call.number])),
    timeout: { op: 0x81, text: 'timed out' }, typedLast: 0x92,
  },
  huawei: { ...standard, session: nothing, push: null, cancel: { op: 0x11 }, timeout: { status: 0x45 } },
  nowsms: {
    ...standard, session: echoed(ITS, (call) => be16(0x7700 + call.number)), cancel: { op: 0x11 }, timeout: { op: 0x81 },
  },
  tops: {
    ...standard, session: echoed(ITS, (call) => be16(0x7801 + call.number)), cancel: { op: 0x11 }, timeout: { op: 0x81 },
  },
  'moving-session': { ...standard, session: movingOn },
  'submit-first': { ...standard, submitFirst: true },
  'code-in-text': { ...standard, dialled: '123', destination: '8888' },
  'no-op': {
    ...standard, begin: null, typed: null, ask: null, end: null, push: null, cancel: { over: true }, timeout: { over: true },
  },
  packed: { ...standard, coding: 0x0f, write: pack, read: (octets) => unpack(octets) },
  plain: standard,
};

test('each dialect that ships is described here', () => {
  const conf = fs.readFileSync(path.join(ROOT, 'conf/dialects.conf'), 'utf8').replace(/#.*/g, '');
  const shipped = [...conf.matchAll(/\bname\s*=\s*"([^"]+)"/g)].map((m) => m[1]);
  assert.ok(shipped.length >= 5);
  assert.deepStrictEqual([...new Set(['standard', ...shipped])].sort(), Object.keys(SMSCS).sort());
});

// --- one dialogue -----------------------------------------------------------------------------------------------------

let calls = 0;

class Call {
  constructor(rig, kind, msisdn) {
    Object.assign(this, { rig, kind, msisdn, number: ++calls % 127, turn: 0 });
  }

  deliver(op, text, { over = false } = {}) {
    const { kind, rig } = this;
    const body = kind.write(text);
    const pdu = new smpp.PDU('deliver_sm', {
      service_type: 'USSD', source_addr_ton: 1, source_addr_npi: 1, source_addr: this.msisdn,
      dest_addr_ton: 0, dest_addr_npi: 1, destination_addr: kind.destination, data_coding: kind.coding,
    });
    pdu.short_message = body;
    pdu.sequence_number = ++rig.smsc.session.sequence;
    this.came = kind.session.inward(this, over);
    this.turn += kind.session.step || 1;
    const tlvs = [];
    if (op !== null && op !== undefined) tlvs.push(tlv(OP, [op]));
    if (this.came) tlvs.push(tlv(kind.session.tag, this.came));
    rig.smsc.session.socket.write(withTlvs(pdu, tlvs));
    this.sequence = pdu.sequence_number;
  }

  acknowledged() {
    return this.rig.smsc.pdu('deliver_sm_resp', (p) => p.sequence_number === this.sequence);
  }

  // The next submit_sm for this phone, read as octets and as the package reads it.
  async submitted() {
    const pdu = await this.rig.smsc.pdu('submit_sm', (p) => p.destination_addr === this.msisdn);
    const sm = readSm(pdu.octets);
    assert.strictEqual(pdu.service_type, sm.service_type);
    return { sm, pdu };
  }

  // A turn: what is sent, and everything that the answer must be.
  async turnAround(op, text, wanted, last = false) {
    const { kind, rig } = this;
    if (kind.submitFirst) rig.smsc.silent.add('submit_sm');
    this.deliver(op, text);
    const { sm, pdu } = await this.submitted();
    if (kind.submitFirst) {
      // Not a word about the deliver_sm before the submit_sm has its response.
      await rig.smsc.ask('enquire_link');
      assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'deliver_sm_resp'), 0, 'submit_sm_resp comes first');
      rig.smsc.silent.delete('submit_sm');
      rig.smsc.answer(rig.smsc.session, pdu);
    } else {
      assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'deliver_sm_resp' &&
        i.pdu.sequence_number === this.sequence), 1, 'deliver_sm_resp comes before the submit_sm');
    }
    assert.strictEqual((await this.acknowledged()).command_status, 0);
    this.check(sm, last);
    assert.match(kind.read(sm.message), wanted);
  }

  check(sm, last) {
    const { kind } = this;
    const op = last ? kind.end : kind.ask;
    assert.strictEqual(sm.service_type, 'USSD');
    assert.deepStrictEqual(sm.source, { ton: 0, npi: 1, address: kind.destination });
    assert.deepStrictEqual(sm.destination, { ton: 1, npi: 1, address: this.msisdn });
    assert.deepStrictEqual([sm.esm_class & 3, sm.registered_delivery, sm.data_coding], [0, 0, kind.coding]);
    assert.deepStrictEqual(sm.tlv(OP), op === null ? undefined : Buffer.from([op]), 'ussd_service_op');
    const wanted = kind.session.answer(this.came, last);
    assert.deepStrictEqual(kind.session.tag ? sm.tlv(kind.session.tag) : undefined, wanted || undefined, 'session');
    const tags = sm.tlvs.map(([tag]) => tag);
    assert.deepStrictEqual([...tags].sort(), [OP, kind.session.tag].filter((t) => tags.includes(t)).sort(), 'and nothing else');
  }

  dial(wanted) {
    this.number = ++calls % 127;
    this.turn = 0;
    return this.turnAround(this.kind.begin, this.kind.dialled, wanted);
  }

  type(text, wanted, last) {
    return this.turnAround(this.kind.typed, text, wanted, last);
  }
}

// What the SMSC sent before has been dealt with when this comes back.
const settled = (rig) => rig.smsc.ask('enquire_link');
const dialogues = async (rig) => (await rig.tool('status', '--json')).dialogues;
const submits = (rig) => rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm');

const HOME = /^Hello friend\n1 Get 100 MB free/;

async function wholeDialogue(rig, kind) {
  const call = new Call(rig, kind, '254700000501');
  await call.dial(HOME);
  await call.type('1', /Agree\?/);
  await call.type('7', /Agree\?/);
  if (kind.typedLast) await call.turnAround(kind.typedLast, '2', /^OK\. Nothing was saved\.$/, true);
  else await call.type('2', /^OK\. Nothing was saved\.$/, true);
  assert.strictEqual((await dialogues(rig)).completed, 1);
}

// It is over, and nobody gets another word.
async function ended(rig, call, how) {
  call.deliver(how.op, how.text || '', { over: how.over });
  assert.strictEqual((await call.acknowledged()).command_status, 0);
  await settled(rig);
  assert.strictEqual(submits(rig), 0);
  assert.strictEqual((await dialogues(rig)).open, 0);
}

async function cancelled(rig, kind) {
  const call = new Call(rig, kind, '254700000502');
  await call.dial(HOME);
  await ended(rig, call, kind.cancel);
  await call.dial(HOME);
  await ended(rig, call, kind.cancel);
}

async function timedOut(rig, kind) {
  const call = new Call(rig, kind, '254700000503');
  await call.dial(HOME);
  if (kind.timeout.status) {
    // Told by the response to our next answer alone: the session is gone.
    rig.smsc.submitStatus = () => kind.timeout.status;
    await call.type('1', /Agree\?/);
    rig.smsc.submitStatus = () => 0;
    await settled(rig);
    assert.strictEqual(submits(rig), 0, 'not sent again');
    assert.strictEqual((await dialogues(rig)).open, 0);
  } else {
    await ended(rig, call, kind.timeout);
  }
  // Where the last screen was lost, the walk may be gone on with.
  await call.dial(kind.timeout.status ? /^Continue where you stopped\?/ : HOME);
  await ended(rig, call, kind.cancel);
}

// The submit_sm of a push, unless the command ends before.
function comes(call, run) {
  const early = run.then(({ code, stdout, stderr }) => assert.fail(`starhash push ended with ${code}: ${stdout}${stderr}`));
  return Promise.race([call.submitted(), early]);
}

async function pushed(rig, kind) {
  const call = new Call(rig, kind, '254700000504');
  const run = rig.run('push', call.msisdn, '--code', '*123*1#', '--wait', '20s', '--json');
  if (kind.push === null) {
    const { code, stdout } = await run;
    assert.strictEqual(code, 1, stdout);
    assert.strictEqual(submits(rig), 0, 'a push that this SMSC cannot have is not tried');
    return;
  }
  const { sm } = await comes(call, run);
  assert.deepStrictEqual(sm.tlv(OP), Buffer.from([kind.push]));
  assert.strictEqual(sm.service_type, 'USSD');
  assert.strictEqual(sm.destination.address, call.msisdn);
  assert.match(kind.read(sm.message), /Agree\?/);
  // The answer carries a session of the SMSC's own making; what follows is of that session.
  await call.type('1', /^Your full name\?/);
  const { code, stdout } = await run;
  assert.strictEqual(code, 0, stdout);
  assert.strictEqual(JSON.parse(stdout).good, true);
  await ended(rig, call, kind.cancel);
}

async function notified(rig, kind) {
  if (kind.push === null) return;
  const call = new Call(rig, kind, '254700000505');
  const run = rig.run('push', call.msisdn, '--notify', 'Maintenance tonight', '--json');
  const { sm } = await comes(call, run);
  assert.deepStrictEqual(sm.tlv(OP), Buffer.from([kind.notify]));
  assert.strictEqual(kind.read(sm.message), 'Maintenance tonight');
  call.deliver(0x13, ''); // the phone has shown it
  assert.strictEqual((await call.acknowledged()).command_status, 0);
  const { code, stdout } = await run;
  assert.strictEqual(code, 0, stdout);
}

for (const [name, kind] of Object.entries(SMSCS)) {

  scenario(`dialect ${name}: a whole dialogue, cancel, timeout, push`, { link: `dialect = "${name}"; enquire_after = "0s";` }, [],
    async (rig) => {
      await wholeDialogue(rig, kind);
      await cancelled(rig, kind);
      await timedOut(rig, kind);
      await pushed(rig, kind);
      await notified(rig, kind);
      const [link] = (await rig.tool('status', '--json')).links;
      assert.strictEqual(link.malformed, 0);
    });
}

// TLVs of SMPP 3.4 in other lengths than it says: some SMSCs' sessions are of four octets, or of one. (The package cannot read a
// user_message_reference of one.)
for (const [tag, length] of [[ITS, 1], [ITS, 4], [REFERENCE, 4]]) {
  const kind = {
    ...standard, session: echoed(tag, (call) => Buffer.alloc(length, call.number)), timeout: { op: 0x81, text: 'timed out' },
  };

  scenario(`a session of ${length} octets in TLV 0x0${tag.toString(16)}`, {
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'dialects.conf'),
      `dialects = ( { name = "odd"; echo = [ ]; session = { tag = ${tag}; length = ${length}; mask = ${2 ** (8 * length - 1) - 1}; ` +
      'end_bit = 0; demanded = true; }; } );\n'),
    link: 'dialect = "odd";',
    smsc: { apart: true }, // tshark reads two octets there, whatever the TLV says
  }, [], async (rig) => {
    await wholeDialogue(rig, kind);
    await cancelled(rig, kind);
    await timedOut(rig, kind);
    const [link] = (await rig.tool('status', '--json')).links;
    assert.strictEqual(link.malformed, 0);
    assert.deepStrictEqual([link.doubtful || {}, link.not_understood || {}], [{}, {}]);
  });
}

scenario('submit-first: delivered once more while its answer is out', { link: 'dialect = "submit-first";' }, [], async (rig) => {
  const call = new Call(rig, SMSCS['submit-first'], '254700000507');
  rig.smsc.silent.add('submit_sm');
  call.deliver(0x01, '*123#');
  const { pdu } = await call.submitted();
  call.turn = 0;
  rig.smsc.session.sequence--; // the same PDU
  call.deliver(0x01, '*123#');
  await call.acknowledged(); // of the first, which nobody waits for any more
  await settled(rig);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'deliver_sm_resp'), 0);
  rig.smsc.answer(rig.smsc.session, pdu);
  await call.acknowledged();
  const { after, late, waiting } = (await rig.tool('status', '--json')).responses_kept;
  assert.deepStrictEqual({ after, late, waiting }, { after: 1, late: 0, waiting: 0 });
  assert.strictEqual(submits(rig), 0, 'and no second answer');
});

scenario('nothing at all comes any more: the dialogue ends after ussd.idle', { more: 'ussd = { idle = "1s"; };' }, [], async (rig) => {
  const call = new Call(rig, standard, '254700000506');
  await call.dial(HOME);
  while ((await dialogues(rig)).idle === 0); // each look takes a process's time
  assert.strictEqual((await dialogues(rig)).open, 0);
});
