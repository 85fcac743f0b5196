// SPDX-License-Identifier: GPL-3.0-or-later
// Households and referrals as two phones live through them, over an SMSC that shares no code with the daemon: what each side
// reads, agrees to and is told, also when the daemon is killed in between; STOP; and what care sees of it.
'use strict';

const assert = require('node:assert');
const { scenario, smpp, until } = require('./rig.js');

const JANE = '254700000901';
const JOHN = '254700000902';
const MARY = '254700000903';
const ASKED = 'Thank you! We ask them by SMS. You hear from us when they say yes.';
const question = (from) => `${from} asks you to join their Acme household; they see if you do. Reply YES or NO. ` +
  'Leave later: *150*2#. No more SMS: STOP';

const options = (also = {}) => ({
  services: '"menus/family.conf", "menus/join.conf"',
  more: 'relations = ( { type = "household"; expires = "7d"; } );',
  ...also,
});

async function invite(phone, number) {
  const words = await phone.dial('*150*1#');
  assert.match(words.text, /^Your household: they see your number/);
  const end = await phone.type(number);
  assert.strictEqual(end.last, true);
  return end.text;
}

// An SMS and its acknowledgement, and what comes back.
async function say(phone, words) {
  const sent = phone.text(words);
  await phone.answered(sent);
  return phone.sms();
}

const consents = (who) => who.consents.filter((c) => c.purpose === 'household').map((c) => [c.state, c.channel, c.text]);

scenario('invited, accepted, left: both sides consent with the words they read', options(), ['Acme'], async (rig) => {
  const jane = rig.phone(JANE);
  const john = rig.phone(JOHN);

  assert.strictEqual(await invite(jane, '0700 000 902'), ASKED);
  assert.strictEqual(await john.sms(), question(JANE));
  assert.strictEqual(await say(john, ' yes! '), `You are in the household of ${JANE} now. To leave: *150*2#`);
  assert.strictEqual(await jane.sms(), `${JOHN} is in your household now.`);

  const [one, other] = [await rig.show(JANE), await rig.show(JOHN)];
  assert.deepStrictEqual(consents(one).map((c) => c.slice(0, 2)), [['granted', 'ussd']]);
  assert.match(consents(one)[0][2], /^Your household: they see your number and we ask them by SMS\./);
  assert.deepStrictEqual(consents(other), [['granted', 'sms', question('{other}')]]);
  for (const who of [one, other]) {
    assert.strictEqual(who.relations.length, 1);
    assert.strictEqual(who.relations[0].type, 'household');
    assert.strictEqual(who.relations[0].state, 'accepted');
  }
  // who the other is, is not for everybody who may look
  assert.ok(!JSON.stringify(one.relations).includes(JOHN) && !JSON.stringify(other.relations).includes(JANE));

  const home = await john.dial('*150*2*1#');
  assert.strictEqual(home.text, 'Whose number? Like 0722000000\n0 Back');
  assert.strictEqual((await john.type('0700000901')).text, 'Done. They are not in your household any more.');
  assert.strictEqual(await jane.sms(), `${JOHN} is not in your household any more.`);
  assert.deepStrictEqual(consents(await rig.show(JOHN)).map((c) => c[0]).sort(), ['granted', 'withdrawn']);
  const { dialogues } = await rig.tool('status', '--json');
  assert.deepStrictEqual([dialogues.relations.asked, dialogues.relations.joined, dialogues.relations.left], [1, 1, 1]);
});

scenario('what waits for an SMSC survives kill -9, and leaves once', options(), ['Acme'], async (rig) => {
  let refuses = true;
  const taken = [];
  rig.smsc.submitStatus = (pdu) => {
    if (pdu.ussd_service_op !== undefined) return 0;
    if (refuses) return smpp.ESME_RTHROTTLED;
    taken.push(pdu.short_message.message);
    return 0;
  };
  const killed = async () => {
    rig.daemon.kill('SIGKILL');
    await rig.exited;
    rig.launch();
    await rig.isBound();
  };
  // certainly not left: refused by the SMSC, and back in the store
  const waits = (msisdn) => until('an SMS that waits', async () => (await rig.show(msisdn)).notices
    .some((n) => n.state === 'pending' && n.attempts > 0));

  assert.strictEqual(await invite(rig.phone(JANE), '0700000902'), ASKED);
  await waits(JOHN);
  await killed();
  refuses = false;
  await until('the question', () => taken.length > 0);
  assert.deepStrictEqual(taken, [question(JANE)]);

  // and the answer: the news of it waits, and the one who said yes is told nothing twice
  const john = rig.phone(JOHN);
  rig.smsc.submitStatus = (pdu) => {
    if (pdu.ussd_service_op !== undefined) return 0;
    if (pdu.destination_addr === JANE && refuses) return smpp.ESME_RTHROTTLED;
    taken.push(pdu.short_message.message);
    return 0;
  };
  refuses = true;
  taken.length = 0;
  rig.smsc.inbox.items.length = 0;
  assert.match(await say(john, 'YES'), /^You are in the household of/);
  await waits(JANE);
  await killed();
  refuses = false;
  await until('the news', () => taken.includes(`${JOHN} is in your household now.`));
  assert.strictEqual(taken.filter((t) => t === `${JOHN} is in your household now.`).length, 1);
  assert.strictEqual(taken.filter((t) => t.startsWith('You are in')).length, 1);
});

scenario('STOP in place of an answer: nothing more to them, and nobody can tell', options(), ['Acme'], async (rig) => {
  const jane = rig.phone(JANE);
  const john = rig.phone(JOHN);
  const mary = rig.phone(MARY);

  assert.strictEqual(await invite(jane, '0700000902'), ASKED);
  assert.strictEqual(await john.sms(), question(JANE));
  assert.match(await say(john, 'STOP'), /./);
  assert.strictEqual(await invite(mary, '0700000902'), ASKED);
  const who = await rig.show(JOHN);
  assert.strictEqual(who.stopped, true);
  assert.deepStrictEqual(who.notices.filter((n) => n.state === 'pending'), []);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm' && i.pdu.destination_addr === JOHN), 0);
});

scenario('YES from somebody whom nobody has asked: the help text, once, and no trace of a stranger', options(), ['Acme'], async (rig) => {
  const stranger = rig.phone('254700000999');

  assert.match(await say(stranger, 'YES'), /^Dial the code/);
  await stranger.answered(stranger.text('yes '));
  await stranger.answered(stranger.text('no'));
  assert.strictEqual((await rig.run('show', '254700000999')).code, 1);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});

scenario('a referral counts for who was named once its person has joined', options(), ['Wanjiku', 'Acme'], async (rig) => {
  const jane = rig.phone(JANE);
  const john = rig.phone(JOHN);

  assert.match((await jane.dial('*150*4#')).text, /^Tell a friend/);
  assert.match((await john.dial('*150*3#')).text, /^Who told you of Acme\?/);
  assert.match((await john.type('0700000901')).text, /^Thank you!/);
  assert.match((await jane.dial('*150*4#')).text, /^Tell a friend/);
  await john.dial('*123*1#');
  for (const typed of ['1', 'John Wanjiku', 'Nairobi', '1']) await john.type(typed);
  assert.match((await jane.dial('*150*4#')).text, /^Somebody joined because of you/);
  assert.match((await jane.type('1')).text, /^Thank you! 100 MB is yours/);
  assert.strictEqual((await rig.show(JANE)).known.referrals, 1);
});
