// SPDX-License-Identifier: GPL-3.0-or-later
// The SMPP session: bind, enquire, loss, restart of the SMSC, secrets, and the end in order.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { OP, Rig, scenario, smpp } = require('./rig.js');

scenario('binds as a transceiver with what the configuration says', { unbound: true }, [], async (rig) => {
  const { pdu } = await rig.smsc.bound();
  assert.strictEqual(pdu.command, 'bind_transceiver');
  assert.strictEqual(pdu.system_id, 'starhash');
  assert.strictEqual(pdu.password, 'secret');
  assert.strictEqual(pdu.interface_version, 0x34);
});

scenario('asks whether the SMSC is there when nothing happens', { link: 'enquire_after = "100ms";' }, [], async (rig) => {
  await rig.smsc.pdu('enquire_link');
  await rig.smsc.pdu('enquire_link');
});

scenario('answers enquire_link', {}, [], async (rig) => {
  const ask = new smpp.PDU('enquire_link', {});
  rig.smsc.session.send(ask);
  const answer = await rig.smsc.pdu('enquire_link_resp', (p) => p.sequence_number === ask.sequence_number);
  assert.strictEqual(answer.command_status, 0);
});

scenario('an SMSC that no longer answers enquire_link is left and bound again',
  { link: 'enquire_after = "100ms"; response_within = "200ms";' }, [], async (rig) => {
    const { session } = rig.smsc;
    rig.smsc.silent.add('enquire_link');
    await rig.smsc.closed(session);
    rig.smsc.silent.clear();
    await rig.smsc.bound();
    assert.match((await rig.phone('254700000101').dial()).text, /^Hello friend/);
    await rig.phone('254700000101').abort();
  });

scenario('SIGTERM: unbind, then exit 0', {}, [], async (rig) => {
  rig.daemon.kill('SIGTERM');
  const unbind = await rig.smsc.pdu('unbind');
  assert.strictEqual(unbind.command_status, 0);
  assert.deepStrictEqual(await rig.exited, { code: 0, signal: null });
});

scenario('SIGTERM waits for the dialogue in progress and takes no new one', { drain: '10s' }, ['Jane', 'Embu'], async (rig) => {
  const phone = rig.phone('254700000102');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type('Jane Doe');
  await phone.type('Embu');
  rig.daemon.kill('SIGTERM');
  // The late comer is turned away with words; the one inside gets to the end.
  const late = rig.phone('254700000103');
  assert.strictEqual((await late.dial()).last, true);
  assert.match((await phone.type('1')).text, /100 MB is yours/);
  await rig.smsc.pdu('unbind');
  assert.deepStrictEqual(await rig.exited, { code: 0, signal: null });
  assert.strictEqual((await rig.show('254700000102')).grants.length, 1);
});

scenario('the SMSC restarts: bound again, dialogues go on to be had', {}, [], async (rig) => {
  const phone = rig.phone('254700000104');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type('Ann Wambui');
  const { port } = rig.smsc;
  await rig.smsc.stop();
  await rig.smsc.listen(port);
  await rig.smsc.bound();
  const offer = await phone.dial();
  assert.match(offer.text, /^Continue where you stopped\?/);
  assert.match((await phone.type('1')).text, /^Your town\?/);
  await phone.abort();
});

scenario('the SMSC unbinds: answered, and bound again', {}, [], async (rig) => {
  const { session } = rig.smsc;
  const unbind = new smpp.PDU('unbind', {});
  session.send(unbind);
  await rig.smsc.pdu('unbind_resp', (p) => p.sequence_number === unbind.sequence_number);
  await rig.smsc.closed(session);
  await rig.smsc.bound();
});

scenario('kill -9 and start again: what the screen said is true, the rest can be gone on with', {}, [], async (rig) => {
  const done = rig.phone('254700000105');
  await done.dial('*123*1#');
  for (const answer of ['1', 'Ruth Akinyi', 'Voi', '1']) await done.type(answer);
  rig.daemon.kill('SIGKILL');
  await rig.exited;
  rig.launch();
  await rig.smsc.bound();
  assert.strictEqual((await rig.show('254700000105')).registered, true);
  assert.match((await done.dial('*123*1#')).text, /joined already/);
  assert.strictEqual((await rig.stats()).ledger_postings, 1);
});

scenario('the password stands in a file', {
  unbound: true,
  password: 'password_file = "smsc-a.secret";',
  smsc: { password: 'hushhush' },
  prepare: (folder) => fs.writeFileSync(path.join(folder, 'smsc-a.secret'), 'hushhush\n', { mode: 0o600 }),
}, ['hushhush'], async (rig) => {
  const { pdu } = await rig.smsc.bound();
  assert.strictEqual(pdu.password, 'hushhush');
});

scenario('a refused bind is tried again and kills nobody', {
  unbound: true,
  smsc: { bindStatus: () => smpp.ESME_RINVPASWD },
}, [], async (rig) => {
  const { pdu } = await rig.smsc.events.take((e) => e.kind === 'refused', 'a bind');
  assert.strictEqual(pdu.system_id, 'starhash');
  assert.deepStrictEqual(await rig.terminate(), { code: 0, signal: null });
});

scenario('a wrong configuration: the daemon says file, line and remedy, and does not start', {}, [], async (rig) => {
  const bad = path.join(rig.folder, 'bad.conf');
  fs.writeFileSync(bad, fs.readFileSync(rig.conf, 'utf8').replace('services =', 'servises ='));
  const other = new Rig({});
  other.conf = bad;
  other.launch();
  assert.deepStrictEqual(await other.exited, { code: 1, signal: null });
  assert.match(other.said, /bad\.conf:\d+: error: .*servises.*services/);
  fs.rmSync(other.folder, { recursive: true });
});

scenario('a cancelled dialogue gets no answer', {}, [], async (rig) => {
  const phone = rig.phone('254700000106');
  await phone.dial();
  await phone.answered(phone.ussd(OP.abort, '1'));
  await rig.phone('254700000107').dial('*123*1#');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});

// The screen is on the phone before the SMSC has answered our submit_sm; what is typed then is an answer to it, whether the screen
// came of the record, of a step or of a commit, and in a loop that has nothing else to do.
scenario('an input that overtakes the response to its screen is an answer', {}, ['Jane', 'Embu'], async (rig) => {
  const phone = rig.phone('254700000071');
  const held = [];
  const turn = async (op, text) => {
    const sent = phone.ussd(op, text);
    const [{ session, pdu }] = await Promise.all([
      rig.smsc.on('submit_sm', (p) => p.destination_addr === phone.msisdn), phone.answered(sent)]);
    held.push(() => session.send(pdu.response({ message_id: 'late' })));
    return pdu.short_message.message;
  };
  rig.smsc.silent.add('submit_sm');
  assert.match(await turn(OP.begin, '*123*1#'), /Agree\?/);
  assert.match(await turn(OP.typed, '1'), /^Your full name\?/);
  assert.match(await turn(OP.typed, 'Jane Doe'), /^Your town\?/);
  for (const answer of held) answer();
  rig.smsc.silent.delete('submit_sm');
  assert.match((await phone.type('Embu')).text, /^At home you/);
  assert.strictEqual((await rig.tool('status', '--json')).dialogues.wrong_turn, 0);
  await phone.abort();
});
