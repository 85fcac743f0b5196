// SPDX-License-Identifier: GPL-3.0-or-later
// Wrong and odd PDUs, as raw octets: each gets the response that SMPP 3.4 foresees, never silence, and a subscriber
// who dials afterwards is served (promises 3 and 6).
'use strict';

const assert = require('node:assert');
const { scenario } = require('./rig.js');

const DELIVER_SM = 0x00000005;
const NUL = '\0';

let sequence = 0x1000;

function pdu(id, body = Buffer.alloc(0), { status = 0, seq = ++sequence, length } = {}) {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(length === undefined ? 16 + body.length : length, 0);
  head.writeUInt32BE(id, 4);
  head.writeUInt32BE(status, 8);
  head.writeUInt32BE(seq >>> 0, 12);
  return { bytes: Buffer.concat([head, body]), seq };
}

// The mandatory part of a deliver_sm, each field as given.
function deliverBody(fields = {}) {
  const f = {
    serviceType: 'USSD', sourceTon: 1, sourceNpi: 1, source: '254700000201', destTon: 0, destNpi: 1, dest: '123',
    schedule: '', validity: '', coding: 0, text: '*123#', smLength: undefined, tlvs: [], ...fields,
  };
  const text = Buffer.from(f.text, 'latin1');
  return Buffer.concat([
    Buffer.from(f.serviceType + NUL, 'latin1'),
    Buffer.from([f.sourceTon, f.sourceNpi]), Buffer.from(f.source + NUL, 'latin1'),
    Buffer.from([f.destTon, f.destNpi]), Buffer.from(f.dest + NUL, 'latin1'),
    Buffer.from([0, 0, 0]), // esm_class, protocol_id, priority_flag
    Buffer.from(f.schedule + NUL + f.validity + NUL, 'latin1'),
    Buffer.from([0, 0, f.coding, 0, f.smLength === undefined ? text.length : f.smLength]), text,
    ...f.tlvs,
  ]);
}

function tlv(tag, value, length = value.length) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.from(value)]);
}

const BEGIN = [tlv(0x0501, [1]), tlv(0x1383, [7, 0])];

async function served(rig, msisdn) {
  const phone = rig.phone(msisdn);
  assert.match((await phone.dial()).text, /^Hello friend/);
  await phone.abort();
}

const deliverResp = (rig, seq) => rig.smsc.pdu('deliver_sm_resp', (p) => p.sequence_number === seq);
const nack = (rig, seq) => rig.smsc.pdu('generic_nack', (p) => p.sequence_number === seq);

// What is wrong, the PDU, the command_status of its deliver_sm_resp.
const WRONG = [
  ['a TLV that runs over the end', deliverBody({ tlvs: [tlv(0x0501, [1]), tlv(0x1383, [7], 200)] }), 0xc0],
  ['sm_length that runs over the end', deliverBody({ smLength: 250 }), 0x01],
  ['a source address that does not end', deliverBody({ source: '2'.repeat(30) }), 0x0a],
  ['a destination address that does not end', deliverBody({ dest: '1'.repeat(30) }), 0x0b],
  ['a service_type that does not end', deliverBody({ serviceType: 'USSDUSSD' }), 0x15],
  ['no body at all', Buffer.alloc(0), 0x02],
  ['a body of one octet', Buffer.from([0]), 0x02],
];

for (const [what, body, status] of WRONG) {
  scenario(`deliver_sm with ${what}`, {}, [], async (rig) => {
    const bad = pdu(DELIVER_SM, body);
    rig.smsc.raw(bad.bytes);
    const resp = await deliverResp(rig, bad.seq);
    assert.strictEqual(resp.command_status, status);
    await served(rig, '254700000202');
  });
}

// What is odd but means something: the subscriber gets the menu.
const ODD = [
  ['schedule and validity set', { schedule: '000000000100000R', validity: '000000000500000R' }],
  ['TON 7 and NPI 2', { sourceTon: 7, sourceNpi: 2, source: '254700000201' }],
  ['no short_message but a message_payload', { text: '', tlvs: [...BEGIN, tlv(0x0424, Buffer.from('*123#'))] }],
  // It goes back as it came, in a length that tshark does not know for it.
  ['user_message_reference of four octets', { tlvs: [...BEGIN, tlv(0x0204, [0, 0, 0, 1])] }, { smsc: { apart: true } }],
  ['vendor TLVs', { tlvs: [tlv(0x1501, [1, 2, 3, 4]), ...BEGIN, tlv(0x3fff, Buffer.alloc(300))] }],
  ['an empty TLV', { tlvs: [...BEGIN, tlv(0x1400, [])] }],
  ['139 TLVs', { tlvs: [...BEGIN, ...Array.from({ length: 137 }, () => tlv(0x1401, [0]))] }],
  ['a message of 255 octets', { text: '*123#'.padEnd(255) }],
];

for (const [what, fields, options = {}] of ODD) {
  scenario(`deliver_sm with ${what}`, options, [], async (rig) => {
    const odd = pdu(DELIVER_SM, deliverBody({ tlvs: BEGIN, ...fields }));
    rig.smsc.raw(odd.bytes);
    const resp = await deliverResp(rig, odd.seq);
    assert.strictEqual(resp.command_status, 0);
    const screen = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000201');
    assert.match(screen.short_message.message, /^Hello friend/);
    rig.smsc.raw(pdu(DELIVER_SM, deliverBody({ text: '', tlvs: [tlv(0x0501, [129]), BEGIN[1]] })).bytes);
    await served(rig, '254700000202');
  });
}

scenario('an unknown command_id gets generic_nack ESME_RINVCMDID', {}, [], async (rig) => {
  for (const id of [0x00000999, 0x7fffffff, 0x00010200]) {
    const bad = pdu(id, Buffer.from('whatever'));
    rig.smsc.raw(bad.bytes);
    assert.strictEqual((await nack(rig, bad.seq)).command_status, 0x03);
  }
  await served(rig, '254700000203');
});

for (const length of [0, 15, 65537, 0x7fffffff]) {
  scenario(`command_length ${length}: generic_nack ESME_RINVCMDLEN, and a new session`, {}, [], async (rig) => {
    const { session } = rig.smsc;
    const bad = pdu(DELIVER_SM, deliverBody(), { length });
    rig.smsc.raw(bad.bytes);
    const answer = await rig.smsc.pdu('generic_nack');
    assert.strictEqual(answer.command_status, 0x02);
    await rig.smsc.closed(session);
    await rig.smsc.bound();
    await served(rig, '254700000204');
  });
}

scenario('responses to nothing, and a generic_nack with sequence 0, are taken in silence', {}, [], async (rig) => {
  rig.smsc.raw(Buffer.concat([
    pdu(0x80000004, Buffer.from('id\0'), { seq: 0x77777777 }).bytes, // submit_sm_resp
    pdu(0x80000004, Buffer.from('id\0'), { seq: 0x77777776, status: 0x58 }).bytes,
    pdu(0x80000004, undefined, { seq: 0x77777775, status: 0x401 }).bytes, // a vendor's status
    pdu(0x80000015, undefined, { seq: 0x77777774 }).bytes, // enquire_link_resp
    pdu(0x80000006, undefined, { seq: 0x77777773 }).bytes, // unbind_resp
    pdu(0x80000000, undefined, { seq: 0, status: 0x03 }).bytes,
  ]));
  await served(rig, '254700000205');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'generic_nack'), 0);
});

scenario('enquire_link and unbind with octets behind them are understood', {}, [], async (rig) => {
  const { session } = rig.smsc;
  const ask = pdu(0x00000015, Buffer.from([0]));
  rig.smsc.raw(ask.bytes);
  const answer = await rig.smsc.pdu('enquire_link_resp', (p) => p.sequence_number === ask.seq);
  assert.strictEqual(answer.command_status, 0);
  const bye = pdu(0x00000006, Buffer.from([0]));
  rig.smsc.raw(bye.bytes);
  await rig.smsc.pdu('unbind_resp', (p) => p.sequence_number === bye.seq);
  await rig.smsc.closed(session);
  await rig.smsc.bound();
});

scenario('a PDU that comes octet by octet', {}, [], async (rig) => {
  const one = pdu(DELIVER_SM, deliverBody({ tlvs: BEGIN }));
  rig.smsc.session.socket.setNoDelay(true);
  for (const octet of one.bytes) {
    await new Promise((resolve) => rig.smsc.session.socket.write(Buffer.from([octet]), resolve));
  }
  assert.strictEqual((await deliverResp(rig, one.seq)).command_status, 0);
  await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000201');
});

scenario('a hundred PDUs in one write are each answered once', {}, [], async (rig) => {
  const all = Array.from({ length: 100 }, (_, i) => pdu(DELIVER_SM, deliverBody({
    source: `2547000003${String(i).padStart(2, '0')}`, tlvs: BEGIN,
  })));
  rig.smsc.raw(Buffer.concat(all.map((p) => p.bytes)));
  for (const one of all) assert.strictEqual((await deliverResp(rig, one.seq)).command_status, 0);
  for (let i = 0; i < 100; i++) {
    await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === `2547000003${String(i).padStart(2, '0')}`);
  }
  await served(rig, '254700000206');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'deliver_sm_resp'), 0);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});
