// SPDX-License-Identifier: GPL-3.0-or-later
// Bundles bought from the balance, over SMPP, at an AIR and at a CGRateS that share no code with the daemon and have bad days.
// Money and bundle are asked of the charging system itself: nobody is charged without the bundle, nobody has the bundle without
// being charged, nobody is charged twice, and what the subscriber was told is so (promises 1, 2 and 4).
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Air, Cgrates, restart } = require('./air.js');
const { Rig, until } = require('./rig.js');

const PRICE = 2000;
const BOUGHT = 'You bought 100 MB for KES 20. Thank you!';
const YOURS = '100 MB is yours for a day.';
const ASKING = 'We are still asking for 100 MB. You will hear by SMS.';
const POOR = '100 MB costs KES 20, and your balance is too low. Please top up first.';
const UNSOLD = 'Sorry, 100 MB could not be bought. Nothing was taken from your balance.';

async function start(system, options) {
  try {
    return await Rig.start(options);
  } catch (error) {
    await system.stop();
    throw error;
  }
}

// A shop, and an AIR behind it; the log holds no number and no password (promise 9).
function shop(name, body, more = '') {
  test(name, async () => {
    const air = new Air();
    await air.start();
    const rig = await start(air, {
      services: '"menus/shop.conf", "menus/join.conf"',
      prepare: (folder) => fs.writeFileSync(path.join(folder, 'air.key'), 'pass\n', { mode: 0o600 }),
      charging: `kind = "ucip"; url = "http://127.0.0.1:${air.port}/Air"; user = "user"; password_file = "air.key";
        currency = "KES"; within = "6s"; settle = "1s"; pause = "300ms"; failures = 3; ${more}`,
      bundles: `{ name = "100MB"; gives = "100 MB"; valid = "1d"; code = "da:4:100"; price = ${PRICE}; },
        { name = "1GB"; gives = "1 GB"; valid = "7d"; code = "da:5:1000"; price = 5050; }`,
      more: 'ussd = { answer_within = "2500ms"; };',
    });
    try {
      await body(rig, air);
      const report = await rig.tool('grants', '--report', '--json');
      assert.strictEqual(report.agree, true);
    } catch (error) {
      rig.daemon.kill('SIGKILL');
      await rig.smsc.stop();
      await air.stop();
      error.message += `\nThe daemon said:\n${rig.said}`;
      throw error;
    }
    await rig.stop(['Amina', 'pass']);
    await air.stop();
  });
}

// Everything up to the question.
async function asked(rig, air, msisdn, main) {
  const phone = rig.phone(msisdn);
  await air.control({ account: msisdn, main });
  assert.match((await phone.dial('*155*1#')).text, /^Buy 100 MB for KES 20\?\n1 Yes, buy\n2 No/);
  return phone;
}

// What AIR has: how often it gave the bundle, and what is left. No order was applied twice.
async function has(air, msisdn) {
  const r = await air.report();
  for (const [id, call] of Object.entries(r.calls)) assert.ok(call.applied <= 1, `${id}: applied ${call.applied} times`);
  return { bundles: (r.accounts[msisdn].da[4]?.value ?? 0) / 100, main: r.accounts[msisdn].main };
}

const orders = (rig) => rig.tool('grants', '--json');

shop('enough: the price is taken, the bundle is there, and the report knows the money', async (rig, air) => {
  const phone = await asked(rig, air, '254700000301', 5000);
  const end = await phone.type('1');
  assert.deepStrictEqual([end.text, end.last], [YOURS, true]);
  assert.deepStrictEqual(await has(air, '254700000301'), { bundles: 1, main: 3000 });
  assert.strictEqual(await phone.sms(), BOUGHT);
  assert.strictEqual((await phone.dial('*155*3#')).text, 'Your balance: KES 30');
  const [order] = await orders(rig);
  assert.deepStrictEqual([order.kind, order.price, order.state, order.outbox, order.refusal], ['purchase', PRICE, 'granted', 'granted', '']);
  const { days } = await rig.tool('grants', '--report', '--json');
  assert.deepStrictEqual([days.at(-1).purchases, days.at(-1).money], [1, { given: PRICE, confirmed: PRICE, rejected: 0, open: 0 }]);
  const [grant] = (await rig.show('254700000301')).grants;
  assert.deepStrictEqual(Object.keys(grant).filter((k) => ['bundle', 'key', 'state', 'at'].includes(k)).length, 4);
});

shop('the same again is another purchase, until the balance is too low', async (rig, air) => {
  const msisdn = '254700000302';
  const phone = await asked(rig, air, msisdn, 4500);
  assert.strictEqual((await phone.type('1')).text, YOURS);
  for (const end of [YOURS, POOR]) {
    await phone.dial('*155*1#');
    assert.strictEqual((await phone.type('1')).text, end);
  }
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 2, main: 500 });
  assert.deepStrictEqual((await orders(rig)).map((o) => [o.state, o.refusal]), [['granted', ''], ['granted', ''], ['rejected', 'poor']]);
  assert.strictEqual(new Set((await orders(rig)).map((o) => o.key)).size, 3);
  const { days } = await rig.tool('grants', '--report', '--json');
  assert.deepStrictEqual(days.at(-1).money, { given: 6000, confirmed: 4000, rejected: 2000, open: 0 });
});

shop('a dialled string comes to the question and not past it, and no is no', async (rig, air) => {
  const phone = rig.phone('254700000303');
  await air.control({ account: '254700000303', main: 9000 });
  const end = await phone.dial('*155*1*1*1#');
  assert.match(end.text, /^Buy 100 MB for KES 20\?/);
  assert.strictEqual((await phone.type('2')).text, 'OK. Nothing was bought.');
  assert.deepStrictEqual(await has(air, '254700000303'), { bundles: 0, main: 9000 });
  assert.deepStrictEqual(await orders(rig), []);
});

for (const [code, refusal, words] of [[103, 'barred', UNSOLD], [126, 'barred', UNSOLD], [124, 'poor', POOR], [139, 'system', UNSOLD], [999999, null, ASKING]])
  shop(`AIR answers ${code}: ${refusal ?? 'in doubt'}`, async (rig, air) => {
    const phone = await asked(rig, air, '254700000304', 5000);
    await air.control({ mode: 'code', code, method: 'UpdateBalanceAndDate' });
    const end = await phone.type('1');
    assert.deepStrictEqual([end.text, end.last], [words, true]);
    if (refusal) {
      const [order] = await orders(rig);
      assert.deepStrictEqual([order.state, order.code, order.refusal], ['rejected', code, refusal]);
      assert.deepStrictEqual(await has(air, '254700000304'), { bundles: 0, main: 5000 });
    } else { // an unknown code: asked about, seen not to be done, and bought while somebody still wants it
      assert.strictEqual(await phone.sms(), BOUGHT);
      assert.deepStrictEqual(await has(air, '254700000304'), { bundles: 1, main: 3000 });
    }
  });

for (const mode of ['drop', 'garbage', 'half', 'e500after'])
  shop(`the reply is lost after it was applied (${mode}): asked about, charged once, told by SMS`, async (rig, air) => {
    const msisdn = '254700000305';
    const phone = await asked(rig, air, msisdn, 5000);
    await air.control({ mode, method: 'UpdateBalanceAndDate' });
    assert.strictEqual((await phone.type('1')).text, ASKING);
    assert.strictEqual(await phone.sms(), BOUGHT);
    assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 3000 });
    assert.strictEqual((await orders(rig))[0].outbox, 'reconciled');
  });

shop('no reply, and it was not applied: asked about, sent again, charged once', async (rig, air) => {
  const phone = await asked(rig, air, '254700000306', 5000);
  await air.control({ mode: 'refuse', method: 'UpdateBalanceAndDate' });
  assert.strictEqual((await phone.type('1')).text, ASKING);
  assert.strictEqual(await phone.sms(), BOUGHT);
  assert.deepStrictEqual(await has(air, '254700000306'), { bundles: 1, main: 3000 });
});

shop('a refusal that comes late is told by SMS, in the words of the screen', async (rig, air) => {
  const phone = await asked(rig, air, '254700000307', 1999);
  await air.control({ mode: 'slow', seconds: 4, method: 'UpdateBalanceAndDate' });
  assert.strictEqual((await phone.type('1')).text, ASKING);
  assert.strictEqual(await phone.sms(), POOR);
  assert.deepStrictEqual(await has(air, '254700000307'), { bundles: 0, main: 1999 });
});

shop('promise 7: after STOP nothing is said of it', async (rig, air) => {
  const msisdn = '254700000308';
  const phone = await asked(rig, air, msisdn, 5000);
  await air.control({ mode: 'slow', seconds: 4, method: 'UpdateBalanceAndDate' });
  assert.strictEqual((await phone.type('1')).text, ASKING);
  phone.text('STOP');
  assert.match(await phone.sms(), /STOP|START|stopped/i); // is confirmed
  await until('settled', async () => (await orders(rig))[0].state === 'granted');
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nothing more went out');
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 3000 });
});

shop('promise 4: the answer is delivered three times: one purchase', async (rig, air) => {
  const msisdn = '254700000309';
  const phone = await asked(rig, air, msisdn, 9000);
  await air.control({ mode: 'slow', seconds: 0.5, method: 'UpdateBalanceAndDate' });
  const sent = phone.ussd(18, '1');
  for (let i = 0; i < 2; i++) rig.smsc.session.send(sent);
  assert.strictEqual((await phone.screen()).text, YOURS);
  assert.strictEqual(await phone.sms(), BOUGHT);
  rig.smsc.session.send(sent); // and once more when it is over
  assert.strictEqual((await phone.screen()).text, YOURS);
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 7000 });
  assert.strictEqual((await orders(rig)).length, 1);
});

shop('by SMS: the same screens, and a copy of the answer buys nothing more', async (rig, air) => {
  const msisdn = '254700000310';
  const phone = rig.phone(msisdn);
  await air.control({ account: msisdn, main: 9000 });
  phone.text('BUY');
  assert.match(await phone.sms(), /^Acme shop/);
  phone.text('1');
  assert.match(await phone.sms(), /^Buy 100 MB for KES 20\?/);
  const sent = phone.text('1');
  assert.strictEqual(await phone.sms(), YOURS);
  rig.smsc.session.send(sent);
  await until('the copy is taken', async () => rig.smsc.inbox.count((i) => i.pdu.command === 'deliver_sm_resp' &&
    i.pdu.sequence_number === sent.sequence_number) >= 2);
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 7000 });
  assert.strictEqual((await orders(rig)).length, 1);
});

shop('AIR is away for longer than anybody waits: refused, told so, and nothing is taken when it is back', async (rig, air) => {
  const msisdn = '254700000311';
  const phone = await asked(rig, air, msisdn, 5000);
  await air.shut();
  assert.strictEqual((await phone.type('1')).text, ASKING);
  assert.strictEqual(await phone.sms(), UNSOLD);
  const [order] = await orders(rig);
  assert.deepStrictEqual([order.state, order.refusal, order.attempts_sent], ['rejected', 'system', 0]);
  assert.strictEqual((await rig.tool('status', '--json')).outbox.too_late, 1);
  await air.open();
  await phone.dial('*155*1#');
  assert.strictEqual((await phone.type('1')).text, YOURS); // AIR is there again
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 3000 });
}, 'buy_within = "4s";');

for (const [mode, when] of [['late', 'after AIR has applied it'], ['hang', 'before AIR has applied it']])
  shop(`kill -9 between sending and recording, ${when}: charged once, with the bundle`, async (rig, air) => {
    const msisdn = '254700000312';
    const phone = await asked(rig, air, msisdn, 5000);
    await air.control({ mode, method: 'UpdateBalanceAndDate', seconds: 0 });
    phone.ussd(18, '1');
    await until('the call', async () => (await air.report()).methods.UpdateBalanceAndDate === 1);
    if (mode === 'late') await until('its effect', async () => (await has(air, msisdn)).bundles === 1);
    await restart(rig);
    assert.strictEqual(await phone.sms(), BOUGHT);
    assert.deepStrictEqual(await has(air, msisdn), { bundles: 1, main: 3000 });
    assert.strictEqual((await orders(rig)).length, 1);
  });

shop('kill -9 before anything was sent, and a restart when nobody wants it any more: refused, nothing is taken', async (rig, air) => {
  const msisdn = '254700000313';
  const phone = await asked(rig, air, msisdn, 5000);
  await air.shut();
  phone.ussd(18, '1');
  await until('the order', async () => (await rig.stats()).grants.pending === 1);
  rig.daemon.kill('SIGKILL');
  await rig.exited;
  await rig.smsc.closed();
  await air.open();
  const [{ at }] = await orders(rig);
  await until('too late', () => Date.now() > Date.parse(at) + 4000);
  rig.launch();
  await rig.smsc.bound();
  assert.strictEqual(await phone.sms(), UNSOLD);
  assert.deepStrictEqual(await has(air, msisdn), { bundles: 0, main: 5000 });
}, 'buy_within = "4s";');

shop('a gift that AIR refuses because of how it is set up is not lost: it waits for the operator', async (rig, air) => {
  const msisdn = '254700000314';
  const phone = rig.phone(msisdn);
  await air.control({ account: msisdn, main: 5000 });
  await air.control({ mode: 'code', code: 139, method: 'UpdateBalanceAndDate' });
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) await phone.type(answer);
  assert.match((await phone.type('1')).text, /SMS/); // the screen in `else`
  const gift = await until('parked', async () => (await orders(rig)).find((o) => o.outbox === 'pending' && o.code === 139));
  assert.deepStrictEqual([gift.state, gift.kind], ['pending', 'grant']);
  await until('counted', async () => (await rig.tool('status', '--json')).outbox.parked === 1);
  await until('said', () => /event=gifts-parked .*remedy=/.test(rig.said));
  await phone.dial('*155*1#'); // and it does not stand in the way of a purchase
  assert.strictEqual((await phone.type('1')).text, YOURS);
  assert.strictEqual(await phone.sms(), BOUGHT);
  await rig.tool('grants', 'resolve', String(gift.id), 'granted', '--reason', 'given by hand', '--json');
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
});

// CGRateS takes the money and sets the balance in two calls: each of them may be lost.
test('CGRateS: bought, too poor, lost replies of both calls, killed between them', async () => {
  const cgrates = new Cgrates();
  await cgrates.start();
  const rig = await start(cgrates, {
    services: '"menus/shop.conf"',
    charging: `kind = "cgrates"; url = "${cgrates.base}/jsonrpc"; currency = "KES"; within = "1s"; settle = "1s"; pause = "300ms";`,
    bundles: `{ name = "100MB"; gives = "100 MB"; valid = "1d"; code = "*data:100"; price = ${PRICE}; },
      { name = "1GB"; gives = "1 GB"; valid = "7d"; code = "*data:1000"; price = 5050; }`,
    more: 'ussd = { answer_within = "1800ms"; };',
  });
  const account = async (msisdn) => {
    const { balances } = (await cgrates.report()).accounts[msisdn];
    return { bundles: balances.filter((b) => b.type === '*data').length, main: Math.round(balances[0].Value * 100) };
  };
  let number = 254700000400;
  const buyer = async (main) => {
    const msisdn = String(++number);
    return { msisdn, phone: await asked(rig, cgrates, msisdn, main) };
  };
  try {
    const rich = await buyer(5000);
    assert.strictEqual((await rich.phone.type('1')).text, YOURS);
    assert.strictEqual(await rich.phone.sms(), BOUGHT);
    assert.deepStrictEqual(await account(rich.msisdn), { bundles: 1, main: 3000 });

    const poor = await buyer(1999);
    assert.strictEqual((await poor.phone.type('1')).text, POOR);
    assert.deepStrictEqual(await account(poor.msisdn), { bundles: 0, main: 1999 });

    for (const [mode, method] of [['drop', 'DebitBalance'], ['drop', 'SetBalance'], ['refuse', 'SetBalance'], ['refuse', 'DebitBalance']]) {
      const lost = await buyer(5000);
      await cgrates.control({ mode, method: `APIerSv1.${method}` });
      assert.strictEqual((await lost.phone.type('1')).text, ASKING, `${mode} ${method}`);
      assert.strictEqual(await lost.phone.sms(), BOUGHT, `${mode} ${method}`);
      assert.deepStrictEqual(await account(lost.msisdn), { bundles: 1, main: 3000 }, `${mode} ${method}`);
    }
    for (const method of ['DebitBalance', 'SetBalance']) {
      const killed = await buyer(5000);
      await cgrates.control({ mode: 'late', method: `APIerSv1.${method}`, seconds: 0 });
      const before = (await cgrates.report()).methods[`APIerSv1.${method}`];
      killed.phone.ussd(18, '1');
      await until('the call', async () => (await cgrates.report()).methods[`APIerSv1.${method}`] === before + 1);
      await until('its effect', async () => {
        const now = await account(killed.msisdn);
        return method === 'DebitBalance' ? now.main === 3000 : now.bundles === 1;
      });
      await restart(rig);
      assert.strictEqual(await killed.phone.sms(), BOUGHT, `killed at ${method}`);
      assert.deepStrictEqual(await account(killed.msisdn), { bundles: 1, main: 3000 }, `killed at ${method}`);
    }
    const report = await rig.tool('grants', '--report', '--json');
    assert.deepStrictEqual([report.agree, report.days.at(-1).money.confirmed], [true, 7 * PRICE]);
  } catch (error) {
    rig.daemon.kill('SIGKILL');
    await rig.smsc.stop();
    error.message += `\nThe daemon said:\n${rig.said}`;
    throw error;
  } finally {
    cgrates.stop();
  }
  await rig.stop(['Amina']);
});
