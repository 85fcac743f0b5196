// SPDX-License-Identifier: GPL-3.0-or-later
// What a subscriber does with what is kept of them, against a real daemon: stage two asks only what is missing, STOP by SMS
// reaches the dialogue that is open, a copy is asked for and answered by a person beside the daemon, and after deleting
// everything the same phone is a stranger without a second gift.
'use strict';

const assert = require('node:assert');
const { scenario } = require('./rig.js');

const options = {
  services: '"menus/join.conf", "menus/more.conf"',
  bundles: '{ name = "100MB"; gives = "100 MB"; valid = "7d"; }, { name = "20MB"; gives = "20 MB"; valid = "7d"; }',
};

async function join(phone) {
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  assert.strictEqual((await phone.type('1')).text, 'Thanks Amina Wanjiru! 100 MB is yours.');
  assert.match(await phone.sms(), /^Thanks Amina/);
}

const consents = (subscriber) => subscriber.consents.map((c) => [c.purpose, c.state]);

scenario('stage two asks only what is missing, and the gift does not hang on offers', options, ['Amina', '1990-12-25', '25121990'], async (rig) => {
  const phone = rig.phone('254700000301');
  assert.match((await phone.dial('*125#')).text, /^First join/);
  await join(phone);
  assert.match((await phone.dial('*125#')).text, /^20 MB for 2 answers/);
  assert.match((await phone.type('25121990')).text, /^May Acme text you offers/);
  await phone.abort();
  // Another day: the date of birth is known.
  assert.match((await phone.dial('*125*1#')).text, /^May Acme text you offers/);
  assert.strictEqual((await phone.type('2')).text, 'Thank you! 20 MB more are yours.');
  assert.match(await phone.sms(), /^Thank you! 20 MB/);
  assert.match((await phone.dial('*125*1#')).text, /^We know all we asked/);
  const known = await rig.reveal('254700000301');
  assert.strictEqual(known.profile.born, '1990-12-25');
  assert.deepStrictEqual(consents(known), [['profile', 'granted'], ['offers', 'refused']]);
  assert.deepStrictEqual(known.grants.map((g) => g.key), ['join', 'more']);
});

scenario('STOP by SMS takes an open dialogue its consent', options, ['Amina'], async (rig) => {
  const phone = rig.phone('254700000302');
  await join(phone);
  await phone.dial('*123*3*4*5#');
  assert.match((await phone.type('1')).text, /^What do you like\?/);
  const stop = phone.text('STOP');
  assert.match(await phone.sms(), /^You will get no more messages/);
  await phone.answered(stop);
  const end = await phone.type('1 2');
  assert.deepStrictEqual([end.text, end.last], ['Without your agreement we may not keep this answer, so it was not saved.', true]);
  const known = await rig.show('254700000302');
  assert.strictEqual(known.profile.likes, null);
  assert.deepStrictEqual(consents(known), [['profile', 'granted'], ['offers', 'granted'], ['offers', 'withdrawn']]);
  assert.strictEqual(known.registered, true);
});

scenario('a copy is asked for, and a person says that it is done', options, ['Amina'], async (rig) => {
  const phone = rig.phone('254700000303');
  await join(phone);
  for (let i = 0; i < 2; i++) {
    await phone.dial('*123*3#');
    assert.match((await phone.type('5')).text, /^Noted\. You get a copy/);
  }
  const open = JSON.parse((await rig.run('requests', '--json')).stdout);
  assert.deepStrictEqual(open.map((r) => [r.msisdn, r.what, r.channel, r.times, r.done]), [['254700000303', 'copy', 'ussd', 2, null]]);
  const id = String(open[0].id);
  assert.strictEqual((await rig.run('requests', 'done', id, '--role', 'care', '--reason', 'handed over')).stdout, 'done\n');
  assert.deepStrictEqual(JSON.parse((await rig.run('requests', '--json')).stdout), []);
  const [closed] = JSON.parse((await rig.run('requests', '--all', '--json')).stdout);
  assert.match(closed.actor, /^care:/);
  assert.strictEqual(closed.reason, 'handed over');
});

scenario('deleted, the same phone is a stranger and gets no second gift', options, ['Amina'], async (rig) => {
  const phone = rig.phone('254700000304');
  await join(phone);
  await phone.dial('*123*3#');
  await phone.type('5');
  await phone.dial('*123*3#');
  assert.match((await phone.type('3')).text, /No way back, offers end, no gift comes twice\.\n1 Yes, delete/);
  assert.match((await phone.type('1')).text, /^Deleted\./);
  assert.deepStrictEqual(JSON.parse((await rig.run('requests', '--json')).stdout), []);
  assert.match((await phone.dial('*123*3*1#')).text, /^Name: -\nTown: -\nAt home: -\nBorn: -\nI like: -$/);
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  assert.match((await phone.type('1')).text, /You had your 100 MB before/);
  assert.strictEqual((await rig.stats()).ledger_postings, 1);
});
