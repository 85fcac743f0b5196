// SPDX-License-Identifier: GPL-3.0-or-later
// USSD that we begin: a menu (USSR) and a text (USSN), and everything that can come of it. Failure is a normal outcome: it is
// told, recorded, and nothing is tried again by itself.
'use strict';

const assert = require('node:assert');
const { OP, scenario, smpp } = require('./rig.js');

const MENU = ['--code', '*123*1#', '--wait', '20s', '--json'];
const TEXT = ['--notify', 'Maintenance tonight from 1 to 3', '--json'];
const NOTIFY = 3;
const SHOWN = 19;

// One push: the command that runs, and the submit_sm that it makes.
async function push(rig, phone, how) {
  const run = rig.run('push', phone.msisdn, ...how).then(({ code, stdout, stderr }) => ({
    code, stderr, said: stdout ? JSON.parse(stdout) : {},
  }));
  const early = run.then(({ code, said, stderr }) => assert.fail(`ended with ${code}: ${JSON.stringify(said)}${stderr}`));
  early.catch(() => {});
  const pdu = await Promise.race([rig.smsc.pdu('submit_sm', (p) => p.destination_addr === phone.msisdn), early]);
  return { run, pdu };
}

// One that comes to nothing before a word goes out.
async function refused(rig, msisdn, how, words) {
  const { code, stdout, stderr } = await rig.run('push', msisdn, ...how);
  assert.strictEqual(code, 1);
  assert.match(stdout + stderr, words);
}

const quiet = async (rig) => {
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nothing more went out');
};
const open = async (rig) => (await rig.tool('status', '--json')).dialogues.open;

scenario('a menu is pushed, answered, and gone on with to the end', {}, ['Jane', 'Embu'], async (rig) => {
  const phone = rig.phone('254700000901');
  const { run, pdu } = await push(rig, phone, MENU);
  assert.strictEqual(pdu.ussd_service_op, OP.ask);
  assert.strictEqual(pdu.service_type, 'USSD');
  assert.deepStrictEqual([pdu.dest_addr_ton, pdu.dest_addr_npi], [1, 1]);
  assert.match(pdu.source_addr, /^\*?123/);
  assert.match(pdu.short_message.message, /Agree\?/);
  assert.strictEqual(pdu.its_session_info ? pdu.its_session_info[1] & 1 : 0, 0, 'not over yet');
  const answer = async (text) => {
    const sent = phone.ussd(OP.typed, text);
    const [next] = await Promise.all([rig.smsc.pdu('submit_sm', (p) => p.destination_addr === phone.msisdn &&
      p.ussd_service_op !== undefined), phone.answered(sent)]);
    return next;
  };
  assert.match((await answer('1')).short_message.message, /^Your full name\?/);
  assert.strictEqual((await run).code, 0);
  assert.match((await answer('Jane Doe')).short_message.message, /^Your town\?/);
  assert.match((await answer('Embu')).short_message.message, /^At home you/);
  const end = await answer('1');
  assert.match(end.short_message.message, /100 MB is yours/);
  assert.strictEqual(end.ussd_service_op, OP.end);
  const subscriber = await rig.show(phone.msisdn);
  assert.strictEqual(subscriber.registered, true);
  assert.strictEqual(subscriber.grants.length, 1);
});

scenario('a text is pushed, and the phone has shown it', {}, [], async (rig) => {
  const phone = rig.phone('254700000902');
  const { run, pdu } = await push(rig, phone, TEXT);
  assert.strictEqual(pdu.ussd_service_op, NOTIFY);
  assert.strictEqual(pdu.short_message.message, 'Maintenance tonight from 1 to 3');
  await phone.answered(phone.ussd(SHOWN, ''));
  assert.strictEqual((await run).code, 0);
  await quiet(rig);
  assert.strictEqual(await open(rig), 0);
});

scenario('absent, busy, refused: told with the status, and not tried again', {}, [], async (rig) => {
  let n = 903;
  for (const status of [0x45, 0x0b, 0x66, 0x0423]) {
    rig.smsc.submitStatus = () => status;
    const { run } = await push(rig, rig.phone(`254700000${n++}`), MENU);
    const { code, said } = await run;
    assert.strictEqual(code, 1);
    assert.strictEqual(said.good, false);
    assert.strictEqual(said.status, status);
    await quiet(rig);
  }
  assert.strictEqual(await open(rig), 0);
});

scenario('a throttled push goes again, and is answered', {}, [], async (rig) => {
  let refusals = 0;
  rig.smsc.submitStatus = () => (refusals++ ? 0 : smpp.ESME_RTHROTTLED);
  const phone = rig.phone('254700000911');
  const { run } = await push(rig, phone, MENU);
  await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === phone.msisdn);
  await phone.answered(phone.ussd(OP.typed, '2'));
  assert.strictEqual((await run).code, 0);
});

scenario('the subscriber cancels, or does not answer', {}, [], async (rig) => {
  const phone = rig.phone('254700000912');
  let { run } = await push(rig, phone, MENU);
  await phone.abort();
  let ended = await run;
  assert.deepStrictEqual([ended.code, ended.said.good], [1, false]);
  await quiet(rig);
  ({ run } = await push(rig, rig.phone('254700000913'), ['--code', '*123*1#', '--wait', '1s', '--json']));
  ended = await run;
  assert.deepStrictEqual([ended.code, ended.said.good], [1, false]);
  assert.strictEqual(await open(rig), 0);
});

scenario('who is in a dialogue, has said STOP, or cannot be reached by any menu, is left alone', {}, [], async (rig) => {
  const busy = rig.phone('254700000914');
  await busy.dial();
  await refused(rig, busy.msisdn, MENU, /busy|dialogue/i);
  await busy.abort();
  const stopped = rig.phone('254700000915');
  await stopped.answered(stopped.text('STOP'));
  await stopped.sms();
  await refused(rig, stopped.msisdn, MENU, /stop/i);
  await refused(rig, '254700000916', ['--code', '*999#', '--json'], /no menu/);
  await refused(rig, '254700000916', ['--notify', 'x'.repeat(200), '--json'], /screen/);
  await quiet(rig);
});

scenario('a begin of the subscriber wins over a push that waits', {}, [], async (rig) => {
  const phone = rig.phone('254700000917');
  const { run } = await push(rig, phone, MENU);
  assert.match((await phone.dial()).text, /^Hello friend/);
  assert.strictEqual((await run).code, 1);
  await phone.abort();
});

scenario('no link is bound: told, not kept for later', {}, [], async (rig) => {
  const { port } = rig.smsc;
  await rig.smsc.stop();
  await refused(rig, '254700000918', MENU, /link|bound/i);
  await rig.smsc.listen(port);
  await rig.smsc.bound();
  await quiet(rig);
});

scenario('the phone answers before the submit_sm has its response', {}, [], async (rig) => {
  rig.smsc.silent.add('submit_sm');
  const phone = rig.phone('254700000919');
  const { run, pdu } = await push(rig, phone, MENU);
  await phone.answered(phone.ussd(OP.typed, '1'));
  rig.smsc.silent.clear();
  rig.smsc.answer(rig.smsc.session, pdu);
  const next = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === phone.msisdn);
  assert.match(next.short_message.message, /^Your full name\?/);
  assert.strictEqual((await run).code, 0);
  await phone.abort();
});

const waiting = async (rig, n) => {
  for (;;) if ((await rig.tool('status', '--json')).links[0].queued === n) return;
};

// Promise 7: a link with a full window must not carry anything past STOP, and what was written already is not taken back.
scenario('STOP takes back what still waits on the link, and only that', { link: 'window = 1;' }, [], async (rig) => {
  rig.smsc.silent.add('submit_sm');
  const first = rig.phone('254700000920');
  const { run: written, pdu } = await push(rig, first, TEXT);
  const phone = rig.phone('254700000921');
  const run = rig.run('push', phone.msisdn, ...MENU);
  await waiting(rig, 1);
  for (const who of [phone, first]) await who.answered(who.text('STOP'));
  const { code, stdout } = await run;
  assert.deepStrictEqual([code, JSON.parse(stdout).fate], [1, 'stopped']);
  const status = (await rig.tool('status', '--json')).links[0];
  assert.deepStrictEqual([status.queued, status.submit_cancelled], [2, 1], 'the confirmations of STOP wait, no more');
  rig.smsc.silent.clear();
  rig.smsc.answer(rig.smsc.session, pdu);
  for (const who of [phone, first]) assert.match(await who.sms(), /./);
  await first.answered(first.ussd(SHOWN, ''));
  assert.strictEqual((await written).code, 0);
  await quiet(rig);
});

scenario('a text that no phone acknowledges is not told as delivered', {}, [], async (rig) => {
  const { run } = await push(rig, rig.phone('254700000922'), [...TEXT, '--wait', '1s']);
  const { code, said } = await run;
  assert.deepStrictEqual([code, said.fate], [1, 'not confirmed']);
  await quiet(rig);
});

// More commands than the control socket serves at a time: each waits its turn, and none takes its push for one that failed.
scenario('many at once are all told what became of them', {}, [], async (rig) => {
  const numbers = Array.from({ length: 80 }, (_, i) => `2547000010${String(i).padStart(2, '0')}`);
  const runs = numbers.map((number) => rig.run('push', number, ...MENU));
  await Promise.all(numbers.map(async (number) => {
    const phone = rig.phone(number);
    await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === number);
    await phone.answered(phone.ussd(OP.typed, '2'));
  }));
  for (const { code, stdout, stderr } of await Promise.all(runs)) assert.strictEqual(code, 0, stdout + stderr);
  const { push: counted } = await rig.tool('status', '--json');
  assert.deepStrictEqual([counted.begun, counted.answered], [80, 80]);
});
