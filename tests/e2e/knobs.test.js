// SPDX-License-Identifier: GPL-3.0-or-later
// A message that makes no sense by the link's dialect: the answer, the log and `starhash status` name the key of dialects.conf to
// look at, in hexadecimal and decimal, and nothing of the subscriber (promise 9).
'use strict';

const assert = require('node:assert');
const { scenario, smpp } = require('./rig.js');

async function says(rig, fields) {
  const pdu = new smpp.PDU('deliver_sm', {
    service_type: 'USSD', source_addr_ton: 1, source_addr_npi: 1, source_addr: '254700000601', destination_addr: '123',
    short_message: Buffer.from(''), ...fields,
  });
  pdu.sequence_number = ++rig.smsc.session.sequence;
  rig.smsc.session.socket.write(pdu.toBuffer());
  const { command_status: status } = await rig.smsc.pdu('deliver_sm_resp', (p) => p.sequence_number === pdu.sequence_number);
  return status;
}

const link = async (rig) => (await rig.tool('status', '--json')).links[0];

scenario('op without meaning: ops_in', {}, ['Jane Wanjiku'], async (rig) => {
  for (let i = 0; i < 3; i++) assert.strictEqual(await says(rig, { ussd_service_op: 99 }), 0);
  const { dialect, not_understood: troubles } = await link(rig);
  assert.strictEqual(dialect, 'standard');
  assert.deepStrictEqual(troubles, { ops_in: 3 });
  assert.match(rig.said, /event=message-not-understood link=smsc-a dialect=standard knob=ops_in why="op 0x63 \(99\) has no meaning/);
});

scenario('no code where it should be: code_from', { link: 'dialect = "code-in-text";' }, ['Jane Wanjiku'], async (rig) => {
  assert.strictEqual(await says(rig, { ussd_service_op: 1, short_message: Buffer.from('Jane Wanjiku') }), 0x66);
  assert.deepStrictEqual((await link(rig)).not_understood, { code_from: 1 });
});

scenario('no number of a subscriber: country', {}, ['ACME'], async (rig) => {
  assert.strictEqual(await says(rig, { ussd_service_op: 1, source_addr_ton: 5, source_addr: 'ACME' }), 0x0a);
  assert.deepStrictEqual((await link(rig)).not_understood, { country: 1 });
});

scenario('a flood of them: all counted, few logged', {}, [], async (rig) => {
  for (let i = 0; i < 60; i++) await says(rig, { ussd_service_op: 99 });
  assert.deepStrictEqual((await link(rig)).not_understood, { ops_in: 60 });
  assert.ok(rig.said.split('message-not-understood').length - 1 <= 20);
});
