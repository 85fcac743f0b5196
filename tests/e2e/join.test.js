// SPDX-License-Identifier: GPL-3.0-or-later
// The join service, as a subscriber lives through it, over an SMSC that shares no code with the daemon.
'use strict';

const assert = require('node:assert');
const { OP, scenario, smpp } = require('./rig.js');

const ENGLISH = [
  ['1', /^Acme keeps your answers .* Agree\?\n1 Yes\n2 No/],
  ['1', /^Your full name\?/],
  ['Amina Wanjiru', /^Your town\?/],
  ['Nairobi', /^At home you\.\.\.\n1 Head of home\n2 Have a job\n3 Study/],
];

const SWAHILI = [
  ['1', /Unakubali\?\n1 Ndiyo\n2 Hapana/],
  ['1', /^Jina lako kamili\?/],
  ['Juma Otieno', /^Mji wako\?/],
  ['Kisumu', /^Nyumbani wewe\.\.\.\n1 Mkuu wa kaya/],
];

// Answer screen after screen; each answer brings the screen beside it.
async function walk(phone, answers) {
  for (const [answer, wanted] of answers) {
    const screen = await phone.type(answer);
    assert.match(screen.text, wanted);
    assert.strictEqual(screen.last, false);
  }
}

// Fields of other services are there as null.
function assertKnown(subscriber, profile) {
  const known = Object.entries(subscriber.profile).filter(([, value]) => value !== null);
  assert.deepStrictEqual(Object.fromEntries(known), profile);
}

function assertJoined(subscriber, { msisdn, language, profile, words }) {
  assert.strictEqual(String(subscriber.msisdn), msisdn);
  assert.strictEqual(subscriber.state, 'declared');
  assert.strictEqual(subscriber.registered, true);
  if (language) assert.strictEqual(subscriber.language, language);
  assertKnown(subscriber, profile);
  assert.strictEqual(subscriber.consents.length, 1);
  assert.strictEqual(subscriber.consents[0].purpose, 'profile');
  assert.strictEqual(subscriber.consents[0].state, 'granted');
  assert.match(subscriber.consents[0].text, words);
  assert.strictEqual(subscriber.grants.length, 1);
  assert.strictEqual(subscriber.grants[0].bundle, '100MB');
  assert.strictEqual(subscriber.grants[0].state, 'granted');
}

scenario('join in English; the second time there is no second bonus', {}, ['Amina', 'Nairobi'], async (rig) => {
  const phone = rig.phone('254700000001');
  const home = await phone.dial();
  assert.match(home.text, /^Hello friend\n1 Get 100 MB free/);
  assert.strictEqual(home.last, false);
  await walk(phone, ENGLISH);
  const end = await phone.type('1');
  assert.deepStrictEqual([end.text, end.last], ['Thanks Amina Wanjiru! 100 MB is yours.', true]);
  assert.match(await phone.sms(), /^Thanks Amina Wanjiru! 100 MB for 7 days\./);
  assert.strictEqual((await rig.show('254700000001')).profile.name, '***');
  // Promise 1: it was on the screen, so it is in the store, now.
  assertJoined(await rig.reveal('254700000001'), {
    msisdn: '254700000001',
    profile: { name: 'Amina Wanjiru', town: 'Nairobi', role: 'head' },
    words: /^Acme keeps your answers to serve you better/,
  });

  const again = await phone.dial('*123*1#');
  assert.deepStrictEqual([again.text, again.last], ['You have joined already.', true]);
  const stats = await rig.stats();
  assert.strictEqual(stats.subscribers, 1);
  assert.strictEqual(stats.registered, 1);
  assert.deepStrictEqual(stats.grants, { pending: 0, granted: 1, rejected: 0, unknown: 0 });
  assert.strictEqual(stats.ledger_postings, 1);
});

scenario('join in Swahili, and the language stays', {}, ['Juma', 'Kisumu'], async (rig) => {
  const phone = rig.phone('254700000002');
  await phone.dial();
  assert.match((await phone.type('2')).text, /^Lugha\/Language\n1 English\n2 Kiswahili/);
  assert.match((await phone.type('2')).text, /^Habari rafiki\n1 Pata MB 100 bure/);
  await walk(phone, SWAHILI);
  const end = await phone.type('2');
  assert.deepStrictEqual([end.text, end.last], ['Asante Juma Otieno! MB 100 ni zako.', true]);
  assert.match(await phone.sms(), /^Asante Juma Otieno! MB 100 kwa siku 7\./);
  assertJoined(await rig.reveal('254700000002'), {
    msisdn: '254700000002',
    language: 'sw',
    profile: { name: 'Juma Otieno', town: 'Kisumu', role: 'job' },
    words: /^Acme itahifadhi majibu yako/,
  });
  assert.match((await phone.dial()).text, /^Habari Juma Otieno\n/);
});

scenario('a name that GSM 03.38 cannot spell comes and goes as UCS-2', {}, ['Нина'], async (rig) => {
  const phone = rig.phone('254700000003');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type({ message: 'Нина Ёлкина' });
  await phone.type('Mombasa');
  const end = await phone.type('3');
  assert.strictEqual(end.pdu.data_coding, 8);
  assert.strictEqual(end.text, 'Thanks Нина Ёлкина! 100 MB is yours.');
});

scenario('refused consent stores nothing', {}, [], async (rig) => {
  const phone = rig.phone('254700000004');
  await phone.dial('*123*1#');
  const end = await phone.type('2');
  assert.deepStrictEqual([end.text, end.last], ['OK. Nothing was saved.', true]);
  assert.match((await phone.dial()).text, /^Hello friend/);
  await phone.abort();
  const subscriber = await rig.show('254700000004');
  assert.strictEqual(subscriber.registered, false);
  assert.deepStrictEqual(Object.values(subscriber.profile).filter((v) => v !== null), []);
  assert.deepStrictEqual(subscriber.grants, []);
  assert.ok(subscriber.consents.every((c) => c.state === 'refused'));
});

scenario('bad answers are asked again, three times', {}, ['12345'], async (rig) => {
  const phone = rig.phone('254700000005');
  await phone.dial('*123*1#');
  assert.match((await phone.type('7')).text, /Agree\?/);
  await phone.type('1');
  assert.match((await phone.type('12345')).text, /^Letters only, please\./);
  assert.match((await phone.type('12345')).text, /^Letters only, please\./);
  assert.strictEqual((await phone.type('12345')).last, true);
});

scenario('drop and resume: the question where it was', {}, ['Grace'], async (rig) => {
  const phone = rig.phone('254700000006');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type('Grace Njeri');
  await phone.abort();
  const offer = await phone.dial();
  assert.match(offer.text, /^Continue where you stopped\?\n1 Continue\n2 Start again/);
  assert.match((await phone.type('1')).text, /^Your town\?/);
  assert.match((await phone.type('Thika')).text, /^At home you/);
  assert.match((await phone.type('1')).text, /100 MB is yours/);
  const subscriber = await rig.reveal('254700000006');
  assertKnown(subscriber, { name: 'Grace Njeri', town: 'Thika', role: 'head' });
});

scenario('a duplicate deliver_sm changes nothing', {}, [], async (rig) => {
  const phone = rig.phone('254700000007');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type('Peter Kamau');
  const first = await phone.type('Nakuru');
  assert.match(first.text, /^At home you/);
  // The last answer, twice in one write: promise 4.
  const sent = phone.ussd(OP.typed, '1');
  rig.smsc.session.send(sent);
  assert.match((await phone.screen()).text, /100 MB is yours/);
  await phone.answered(sent);
  await phone.answered(sent);
  // And once more when all is over: the stored answer comes again, and nothing runs.
  rig.smsc.session.send(sent);
  assert.match((await phone.screen()).text, /100 MB is yours/);
  await phone.answered(sent);
  await phone.sms();
  const subscriber = await rig.show('254700000007');
  assert.strictEqual(subscriber.grants.length, 1);
  assert.strictEqual(subscriber.consents.length, 1);
  assert.strictEqual((await rig.stats()).ledger_postings, 1);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nobody got anything else');
});

scenario('a new begin ends the old dialogue', {}, [], async (rig) => {
  const phone = rig.phone('254700000008');
  await phone.dial('*123*1#');
  await phone.type('1');
  assert.match((await phone.dial('*123*3#')).text, /^My data/);
  assert.match((await phone.type('1')).text, /^Name: -/);
});

scenario('join by SMS keyword', {}, ['Faith', 'Eldoret'], async (rig) => {
  const phone = rig.phone('254700000009');
  const say = async (words) => {
    const sent = phone.text(words);
    const [answer] = await Promise.all([phone.sms(), phone.answered(sent)]);
    return answer;
  };
  assert.match(await say('join please'), /^Hello friend\n1 Get 100 MB free/);
  assert.match(await say('1'), /Agree\?/);
  assert.match(await say('1'), /^Your full name\?/);
  assert.match(await say('Faith Chebet'), /^Your town\?/);
  assert.match(await say('Eldoret'), /^At home you/);
  assert.match(await say('3'), /100 MB is yours/);
  const subscriber = await rig.show('254700000009');
  assert.strictEqual(subscriber.registered, true);
  assert.strictEqual(subscriber.grants.length, 1);
});

scenario('STOP by SMS is confirmed once', {}, [], async (rig) => {
  const phone = rig.phone('254700000010');
  await phone.answered(phone.text('STOP'));
  assert.ok((await phone.sms()).length > 0);
  await phone.answered(phone.text('stop'));
  const other = rig.phone('254700000011');
  await other.dial(); // a whole turn later nothing more has come for the first
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});

scenario('a throttled answer goes out again', {}, [], async (rig) => {
  const phone = rig.phone('254700000012');
  let refused = 0;
  rig.smsc.submitStatus = () => (refused++ < 2 ? smpp.ESME_RTHROTTLED : 0);
  const sent = phone.ussd(OP.begin, '*123#');
  const screens = [await phone.screen(), await phone.screen(), await phone.screen()];
  await phone.answered(sent);
  assert.ok(screens.every((s) => s.text === screens[0].text));
  assert.match((await phone.type('1')).text, /Agree\?/);
});

scenario('the line breaks before the last answer is sent: redelivered, granted once', {}, [], async (rig) => {
  const phone = rig.phone('254700000013');
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type('Mary Atieno');
  await phone.type('Kitale');
  const sent = phone.ussd(OP.typed, '1');
  rig.smsc.cut();
  await rig.smsc.bound();
  rig.smsc.session.send(sent);
  const end = await phone.screen();
  assert.match(end.text, /100 MB is yours|100 MB for 7 days/);
  const subscriber = await rig.show('254700000013');
  assert.strictEqual(subscriber.grants.length, 1);
  assert.strictEqual((await rig.stats()).ledger_postings, 1);
});
