// SPDX-License-Identifier: GPL-3.0-or-later
// Registration over SMPP with a charging system behind it: an AIR that shares no code with the daemon, and that loses replies,
// goes away and comes back, while the daemon is killed. Promise 1: who was told "is yours" has it. Promise 2: nobody has
// it twice. What AIR has applied is asked from AIR itself.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Air, Cgrates, restart } = require('./air.js');
const { Rig, until } = require('./rig.js');

const BUNDLE = '{ name = "100MB"; gives = "100 MB"; valid = "7d"; code = "da:4:100"; }';
const NOTIFY = 3; // ussd_service_op of a text that wants no answer
const SHOWN = 19; // and of the phone's word that it was seen

// A scenario with an AIR; the log holds no number, name or password (promise 9).
function charged(name, body, more = '', ussd = '') {
  test(name, async () => {
    const air = new Air();
    await air.start();
    const rig = await Rig.start({
      services: '"menus/join.conf", "menus/selfcare.conf"',
      prepare: (folder) => fs.writeFileSync(path.join(folder, 'air.key'), 'pass\n', { mode: 0o600 }),
      charging: `kind = "ucip"; url = "http://127.0.0.1:${air.port}/Air"; user = "user"; password_file = "air.key";
        currency = "KES"; within = "1s"; settle = "1s"; pause = "300ms"; failures = 3; ${more}`,
      bundles: BUNDLE,
      more: `ussd = { answer_within = "2s"; ${ussd} };`,
    });
    try {
      await body(rig, air);
    } catch (error) {
      rig.daemon.kill('SIGKILL');
      await rig.smsc.stop();
      await air.stop();
      error.message += `\nThe daemon said:\n${rig.said}`;
      throw error;
    }
    await rig.stop(['Amina', 'Nairobi', 'pass']);
    await air.stop();
  });
}

// Everything up to the answer that is paid for.
async function almost(rig, air, msisdn) {
  const phone = rig.phone(msisdn);
  await air.control({ account: msisdn, main: 5000 });
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  return phone;
}

const grantOf = async (rig, msisdn) => (await rig.show(msisdn)).grants[0].state;
const settled = (rig, msisdn) => until('a settled grant', async () => (await grantOf(rig, msisdn)) === 'granted');

charged('"is yours" is said when AIR has applied it, and the second time there is no second', async (rig, air) => {
  const phone = await almost(rig, air, '254700000101');
  const end = await phone.type('1');
  assert.deepStrictEqual([end.text, end.last], ['Thanks Amina Wanjiru! 100 MB is yours.', true]);
  assert.strictEqual(await air.applied('254700000101'), 1);
  assert.strictEqual(await grantOf(rig, '254700000101'), 'granted');
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  assert.match((await phone.dial('*123*1#')).text, /^You have joined already/);
  const stats = await rig.stats();
  assert.deepStrictEqual(stats.grants, { pending: 0, granted: 1, rejected: 0, unknown: 0 });
  assert.strictEqual(stats.ledger_postings, 0);
  assert.strictEqual(await air.applied('254700000101'), 1);
});

charged('AIR says no: nobody is told that it is theirs, and the code is kept', async (rig, air) => {
  const phone = rig.phone('254700000102'); // has no account there
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) await phone.type(answer);
  const end = await phone.type('1');
  assert.strictEqual(end.last, true);
  assert.ok(!end.text.includes('yours'), end.text);
  assert.strictEqual(await grantOf(rig, '254700000102'), 'rejected');
  const [grant] = await rig.tool('grants', '--state', 'rejected', '--json');
  assert.deepStrictEqual([grant.code, grant.state, grant.outbox], [102, 'rejected', 'rejected']);
});

for (const mode of ['drop', 'garbage', 'half', 'late'])
  charged(`the reply is lost (${mode}): "later", then the SMS when the account has told; applied once`, async (rig, air) => {
    const msisdn = '254700000103';
    const phone = await almost(rig, air, msisdn);
    await air.control({ mode, method: 'UpdateBalanceAndDate', seconds: 0.3 });
    const end = await phone.type('1');
    assert.strictEqual(end.last, true);
    assert.ok(!end.text.includes('is yours'), end.text);
    assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
    assert.strictEqual(await air.applied(msisdn), 1);
    assert.strictEqual(await grantOf(rig, msisdn), 'granted');
    const grant = (await rig.tool('grants', '--json'))[0];
    assert.strictEqual(grant.outbox, 'reconciled');
  });

charged('the reply is lost, and late results are pushed: shown once the account has told, and no second SMS', async (rig, air) => {
  const phone = await almost(rig, air, '254700000120');
  await air.control({ mode: 'drop', method: 'UpdateBalanceAndDate' });
  const end = await phone.type('1');
  assert.strictEqual(end.last, true);
  assert.ok(!end.text.includes('is yours'), end.text);
  const pushed = await rig.smsc.pdu('submit_sm', (p) => p.ussd_service_op === NOTIFY);
  assert.strictEqual(pushed.short_message.message, 'Thanks Amina Wanjiru! 100 MB is yours.');
  assert.strictEqual(await grantOf(rig, '254700000120'), 'granted'); // promise 1
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./); // the menu's own, as ever
  await phone.answered(phone.ussd(SHOWN, ''));
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nothing more went out');
  assert.strictEqual(await air.applied('254700000120'), 1);
}, '', 'late = "push";');

charged('not applied and no reply: it is asked about, sent again, and applied once', async (rig, air) => {
  const msisdn = '254700000104';
  const phone = await almost(rig, air, msisdn);
  await air.control({ mode: 'refuse', method: 'UpdateBalanceAndDate' });
  assert.ok(!(await phone.type('1')).text.includes('is yours'));
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  assert.strictEqual(await air.applied(msisdn), 1);
});

charged('AIR is away: the screen in else at once, the SMS when it is back', async (rig, air) => {
  const numbers = ['254700000105', '254700000106', '254700000107', '254700000108', '254700000109'];
  const phones = [];
  for (const n of numbers) phones.push(await almost(rig, air, n));
  await air.shut();
  for (const phone of phones) {
    const end = await phone.type('1');
    assert.strictEqual(end.last, true);
    assert.ok(!end.text.includes('is yours'), end.text);
  }
  let status = await rig.tool('status', '--json');
  assert.strictEqual(status.outbox.pending, numbers.length);
  await until('an open circuit', async () => (await rig.tool('status', '--json')).charging.opened > 0);
  await air.open();
  for (const phone of phones) assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  for (const n of numbers) {
    assert.strictEqual(await air.applied(n), 1);
    assert.strictEqual(await grantOf(rig, n), 'granted');
  }
  status = await rig.tool('status', '--json');
  assert.deepStrictEqual([status.outbox.pending, status.outbox.sent, status.outbox.unknown], [0, 0, 0]);
});

for (const [mode, applied] of [['late', 'after AIR has applied it'], ['hang', 'before AIR has applied it']])
  charged(`kill -9 between sending and recording, ${applied}: asked about after the restart, applied once`, async (rig, air) => {
    const msisdn = '254700000110';
    const phone = await almost(rig, air, msisdn);
    await air.control({ mode, method: 'UpdateBalanceAndDate', seconds: 0 });
    phone.ussd(18, '1');
    await until('the call', async () => (await air.report()).methods.UpdateBalanceAndDate === 1);
    if (mode === 'late') await until('its effect', async () => (await air.applied(msisdn)) === 1);
    await restart(rig);
    assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
    await settled(rig, msisdn);
    assert.strictEqual(await air.applied(msisdn), 1);
    const grant = await rig.tool('grants', String((await rig.tool('grants', '--json'))[0].id), '--json');
    assert.deepStrictEqual(grant.attempts.map((a) => a.op).slice(0, 2), ['restart', 'query']);
  });

charged('kill -9 before anything was sent: the order is in the store, and is carried out after the restart', async (rig, air) => {
  const msisdn = '254700000111';
  const phone = await almost(rig, air, msisdn);
  await air.shut();
  phone.ussd(18, '1');
  await until('the order', async () => (await rig.stats()).grants.pending === 1);
  await restart(rig);
  await air.open();
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  assert.strictEqual(await air.applied(msisdn), 1);
});

charged('what no account can tell is left to a person, whose decision the subscriber hears of', async (rig, air) => {
  const msisdn = '254700000112';
  const phone = await almost(rig, air, msisdn);
  await air.control({ mode: 'late', method: 'UpdateBalanceAndDate', seconds: 0 });
  phone.ussd(18, '1');
  await until('its effect', async () => (await air.applied(msisdn)) === 1);
  await air.shut(); // nobody can be asked any more
  await until('unknown', async () => (await grantOf(rig, msisdn)) === 'unknown');
  const [{ id, reference }] = await rig.tool('grants', '--state', 'unknown', '--json');
  assert.deepStrictEqual(Object.keys((await air.report()).calls), [reference]); // by which AIR's records know it
  const resolved = await rig.tool('grants', 'resolve', String(id), 'granted', '--reason', 'seen in the records of AIR', '--json');
  assert.strictEqual(resolved.state, 'granted');
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  await air.open();
  const grant = await rig.tool('grants', String(id), '--json');
  assert.strictEqual(grant.attempts.at(-1).op, 'person');
  await assert.rejects(rig.tool('grants', 'resolve', String(id), 'rejected', '--reason', 'changed my mind'), /settled/);
  const report = await rig.tool('grants', '--report', '--json');
  assert.strictEqual(report.agree, true);
  assert.strictEqual(await air.applied(msisdn), 1);
});

charged('balance and bundles on the screen are those of AIR', async (rig, air) => {
  const msisdn = '254700000113';
  const phone = await almost(rig, air, msisdn);
  await phone.type('1');
  await phone.sms();
  assert.strictEqual((await phone.dial('*144*1#')).text, 'Your balance: KES 50');
  assert.match((await phone.dial('*144*2#')).text, /^Your bundles: 100 MB/);
  await air.shut();
  assert.match((await phone.dial('*144*1#')).text, /^We cannot see this at the moment/);
  await air.open();
});

// CGRateS instead of AIR: the same promises, and a system that shares no more code with us than the other one does.
test('CGRateS: the reply is lost, the daemon is killed: asked about, applied once', async () => {
  const cgrates = new Cgrates();
  await cgrates.start();
  const rig = await Rig.start({
    charging: `kind = "cgrates"; url = "${cgrates.base}/jsonrpc"; currency = "KES"; within = "1s"; settle = "1s"; pause = "300ms";`,
    bundles: '{ name = "100MB"; gives = "100 MB"; valid = "365d"; code = "*data:100"; }',
    more: 'ussd = { answer_within = "1500ms"; };',
  });
  try {
    const lucky = await almost(rig, cgrates, '254700000201');
    assert.match((await lucky.type('1')).text, /is yours/);
    await lucky.sms();
    const lost = await almost(rig, cgrates, '254700000202');
    await cgrates.control({ mode: 'drop', method: 'APIerSv1.SetBalance' });
    assert.ok(!(await lost.type('1')).text.includes('is yours'));
    assert.match(await lost.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
    const killed = await almost(rig, cgrates, '254700000203');
    await cgrates.control({ mode: 'late', method: 'APIerSv1.SetBalance', seconds: 0 });
    killed.ussd(18, '1');
    await until('its effect', async () => Object.keys((await cgrates.report()).sets).length === 3);
    await restart(rig);
    assert.match(await killed.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
    for (const n of ['254700000201', '254700000202', '254700000203']) await settled(rig, n);
    assert.deepStrictEqual(Object.values((await cgrates.report()).sets), [1, 1, 1]);
  } catch (error) {
    rig.daemon.kill('SIGKILL');
    await rig.smsc.stop();
    error.message += `\nThe daemon said:\n${rig.said}`;
    throw error;
  } finally {
    cgrates.stop();
  }
  await rig.stop(['Amina', 'Nairobi']);
});
