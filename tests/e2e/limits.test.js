// SPDX-License-Identifier: GPL-3.0-or-later
// Who may have a gift, as subscribers and care live through it: SIM swaps, caps, reviews, erasures and numbers that change
// hands, over an SMSC that shares no code with the daemon. The gift is a screen of its own here, so that who was refused
// can ask again.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Air } = require('./air.js');
const { Rig, scenario, until } = require('./rig.js');

const GIFT = `
code = "*124#";
keywords = [ "GIFT" ];
languages = [ "en", "sw" ];
start = "home";
screens = {
home   = { say = "Acme"; menu = ( ( "My gift", "gift" ), ( "Another", "other" ) ); };
gift   = { give = { bundle = "100MB"; once = "gift"; else = "later"; };
           sms = [ "100 MB for 7 days.", "MB 100 kwa siku 7." ];
           end = [ "100 MB is yours.", "MB 100 ni zako." ]; };
other  = { give = { bundle = "1GB"; once = "other"; else = "later"; refused = "none"; };
           end = "1 GB is yours."; };
none   = { end = "No more of these."; };
later  = { end = "It will come by SMS."; };
};
`;

const options = (more, also = {}) => ({
  services: '"menus/join.conf", "menus/gift.conf"',
  prepare: (folder) => fs.writeFileSync(path.join(folder, 'menus/gift.conf'), GIFT),
  bundles: '{ name = "100MB"; gives = "100 MB"; valid = "7d"; }, { name = "1GB"; gives = "1 GB"; }',
  more,
  ...also,
});

const YOURS = '100 MB is yours.';
const HELD = 'Thank you! We check it and write to you by SMS.';
const SPENT = 'All gifts are given for now. Thank you for asking. Please try again another day.';
const SWAP = 'This SIM or number is new to us. For your safety gifts wait some days. Please try again later.';
const HAD = 'You have had this gift before. It is given once.';

// Ask for the gift; what the last screen says.
async function ask(rig, msisdn, which = '1') {
  const phone = rig.phone(msisdn);
  await phone.dial('*124#');
  const end = await phone.type(which);
  assert.strictEqual(end.last, true);
  return end.text;
}

function feed(rig, lines) {
  const file = path.join(rig.folder, 'numbers.csv');
  fs.writeFileSync(file, ['msisdn,event,at', ...lines, ''].join('\n'));
  return rig.run('numbers', file);
}

const daysAgo = (n) => new Date(Date.now() - n * 86400000).toISOString();

async function status(rig) {
  return rig.tool('status', '--json');
}

scenario('a SIM that was swapped gets kind words, and the gift once it is old enough', options('limits = { new_number = "7d"; };'),
  [], async (rig) => {
    const swapped = await feed(rig, [`254700000001,swapped,${daysAgo(2)}`, `0700000002,swapped,${daysAgo(8)}`]);
    assert.deepStrictEqual([swapped.code, swapped.stdout],
      [0, '2 rows: 2 applied (0 subscribers gave their number up), 0 known already, 0 rejected\n']);
    assert.strictEqual(await ask(rig, '254700000001'), SWAP);
    assert.strictEqual(await ask(rig, '254700000001'), SWAP);
    assert.strictEqual(await ask(rig, '254700000002'), YOURS);
    assert.strictEqual(await ask(rig, '254700000003'), YOURS);
    const who = await rig.show('254700000001');
    assert.strictEqual(who.grants.length, 0);
    assert.ok(who.new_since);
    assert.deepStrictEqual(who.refusals.map((r) => [r.key, r.bundle, r.reason, r.rule, r.count]),
      [['gift', '100MB', 'swap', 'limits.new_number', 2]]);
    assert.match((await rig.run('show', '254700000001')).stdout, /not given\n.*swap .*100MB, key gift: the SIM was swapped/);
    assert.match((await rig.run('grants', '--refused')).stdout, /254700000001 .* swap: the SIM was swapped.*, 2 times/);
    assert.strictEqual((await status(rig)).dialogues.refused.swap, 2);
    assert.strictEqual((await status(rig)).limits.refused.swap, 2);
  });

scenario('of three gifts the third is had and the fourth is not', options('budgets = ( { name = "launch"; gifts = 3; keys = [ "gift" ]; } );'),
  [], async (rig) => {
    for (const n of [1, 2, 3]) assert.strictEqual(await ask(rig, `25470000001${n}`), YOURS);
    assert.strictEqual(await ask(rig, '254700000014'), SPENT);
    assert.strictEqual(await ask(rig, '254700000013'), HAD); // and not that there are none left
    assert.strictEqual(await ask(rig, '254700000014', '2'), '1 GB is yours.'); // no business of this budget
    assert.strictEqual((await rig.stats()).ledger_postings, 4);
    const { limits } = await status(rig);
    assert.deepStrictEqual(limits.budgets.map((b) => [b.name, b.gifts, b.spent, b.left]), [['launch', 3, 3, 0]]);
    // It is counted in the store: a daemon that is killed has forgotten nothing.
    rig.daemon.kill('SIGKILL');
    await rig.exited;
    rig.launch();
    await rig.isBound();
    assert.strictEqual(await ask(rig, '254700000015'), SPENT);
  });

scenario('a menu has its own words for a refusal; a cap by day; in the language of the subscriber',
  options('', { bundles: '{ name = "100MB"; gives = "100 MB"; per_day = 1; }, { name = "1GB"; gives = "1 GB"; per_day = 1; }' }),
  [], async (rig) => {
    assert.strictEqual(await ask(rig, '254700000021', '2'), '1 GB is yours.');
    assert.strictEqual(await ask(rig, '254700000022', '2'), 'No more of these.');
    const phone = rig.phone('254700000023');
    await phone.dial();
    await phone.type('2');
    await phone.type('2'); // Kiswahili
    assert.strictEqual(await ask(rig, '254700000024'), YOURS);
    assert.match(await ask(rig, '254700000023'), /^Zawadi zote zimetolewa kwa sasa/);
  });

// Too many at once: the rest waits for a person, who is heard of by SMS.
scenario('what is too fast is reviewed: approved is given and told, refused is told',
  options('velocity = ( { name = "fast"; gifts = 1; within = "1h"; then = "review"; } );'), [], async (rig) => {
    assert.strictEqual(await ask(rig, '254700000031'), YOURS);
    assert.strictEqual(await ask(rig, '254700000032'), HELD);
    assert.strictEqual(await ask(rig, '254700000033'), HELD);
    assert.strictEqual(await ask(rig, '254700000032'), HELD); // asked again, it is still so
    const held = await rig.tool('grants', '--state', 'held', '--json');
    assert.deepStrictEqual(held.map((g) => [g.msisdn, g.state, g.outbox]),
      [['254700000032', 'pending', 'held'], ['254700000033', 'pending', 'held']]);
    assert.strictEqual((await status(rig)).limits.held, 2);
    assert.strictEqual((await rig.run('grants', 'approve', String(held[0].id))).code, 2); // no reason
    assert.strictEqual((await rig.stats()).ledger_postings, 1);

    const approved = await rig.run('grants', 'approve', String(held[0].id), '--reason', 'a wedding');
    assert.deepStrictEqual([approved.code, approved.stdout], [0, 'grant 2 is approved; the subscriber is told by SMS\n']);
    assert.strictEqual(await rig.phone('254700000032').sms(), '100 MB for 7 days.');
    assert.strictEqual((await rig.show('254700000032')).grants[0].state, 'granted');
    assert.strictEqual(await ask(rig, '254700000032'), HAD);

    const refused = await rig.run('grants', 'refuse', String(held[1].id), '--reason', 'a farm');
    assert.strictEqual(refused.code, 0);
    assert.match(await rig.phone('254700000033').sms(), /^We have checked and cannot give you this gift\./);
    assert.match(await ask(rig, '254700000033'), /^We have checked and cannot give you this gift\./);
    assert.strictEqual((await rig.run('grants', 'approve', String(held[1].id), '--reason', 'again')).code, 1);
    assert.strictEqual((await rig.stats()).ledger_postings, 2);
    assert.strictEqual((await rig.run('grants', '--report')).code, 0); // the sums agree
  });

test('what is held for a charging system goes there once it is approved, and is applied once', async () => {
  const air = new Air();
  await air.start();
  const rig = await Rig.start(options('velocity = ( { name = "fast"; gifts = 1; within = "1h"; } );', {
    bundles: '{ name = "100MB"; gives = "100 MB"; valid = "7d"; code = "da:4:100"; }, { name = "1GB"; code = "da:5:1"; }',
    charging: `kind = "ucip"; url = "http://127.0.0.1:${air.port}/Air"; user = "user"; password_file = "air.key";
      currency = "KES"; within = "1s"; settle = "1s";`,
    prepare: (folder) => {
      fs.writeFileSync(path.join(folder, 'menus/gift.conf'), GIFT);
      fs.writeFileSync(path.join(folder, 'air.key'), 'pass\n', { mode: 0o600 });
    },
  }));
  try {
    for (const n of ['254700000041', '254700000042', '254700000043']) await air.control({ account: n, main: 5000 });
    assert.strictEqual(await ask(rig, '254700000042'), YOURS);
    assert.strictEqual(await ask(rig, '254700000041'), HELD);
    assert.strictEqual(await ask(rig, '254700000043'), HELD);
    assert.strictEqual(await air.applied('254700000041'), 0);
    const [one, two] = await rig.tool('grants', '--state', 'held', '--json');
    assert.match((await rig.run('grants', 'approve', String(one.id), '--reason', 'fine')).stdout, /goes to the charging system/);
    assert.strictEqual(await rig.phone('254700000041').sms(), '100 MB for 7 days.');
    assert.strictEqual(await air.applied('254700000041'), 1);
    await until('a grant', async () => (await rig.show('254700000041')).grants[0].state === 'granted');
    assert.strictEqual((await rig.run('grants', 'refuse', String(two.id), '--reason', 'not hers')).code, 0);
    assert.match(await rig.phone('254700000043').sms(), /^We have checked/);
    assert.strictEqual(await air.applied('254700000043'), 0);
  } catch (error) {
    rig.daemon.kill('SIGKILL');
    await rig.smsc.stop();
    await air.stop();
    error.message += `\nThe daemon said:\n${rig.said}`;
    throw error;
  }
  await rig.stop();
  await air.stop();
});

async function join(phone) {
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  return (await phone.type('1')).text;
}

scenario('erased and registered again: welcome, and no second gift', options(''), ['Amina', 'Nairobi'], async (rig) => {
  const phone = rig.phone('254700000051');
  assert.strictEqual(await join(phone), 'Thanks Amina Wanjiru! 100 MB is yours.');
  assert.match(await phone.sms(), /^Thanks Amina/);
  await phone.dial('*123*3#');
  await phone.type('3');
  assert.match((await phone.type('1')).text, /^Deleted\. Goodbye/);
  // The number is in no list; asked for by its number, what remains is there.
  assert.strictEqual((await rig.run('export')).stdout, '');
  const gone = await rig.show('254700000051');
  assert.deepStrictEqual([gone.msisdn, gone.state, gone.registered, gone.erased], ['254700000051', 'anonymous', false, true]);
  assert.ok(Object.values(gone.profile).every((value) => value === null));
  assert.deepStrictEqual(gone.grants.map((g) => [g.key, g.state]), [['join', 'granted']]);
  assert.deepStrictEqual(gone.consents.map((c) => c.state), ['granted', 'withdrawn']);

  assert.match(await join(phone), /You had your 100 MB before/);
  const back = await rig.reveal('254700000051');
  assert.deepStrictEqual([back.registered, back.erased, back.profile.name], [true, false, 'Amina Wanjiru']);
  assert.strictEqual((await rig.stats()).ledger_postings, 1);
  assert.strictEqual((await rig.run('export')).stdout.trim().split('\n').length, 1);
  // By care, and with a STOP that stays.
  phone.text('STOP');
  assert.match(await phone.sms(), /^You will get no more messages/);
  assert.strictEqual((await rig.run('erase', '254700000051', '--yes', '--reason', 'asked')).code, 0);
  assert.strictEqual((await rig.run('erase', '254700000051', '--yes', '--reason', 'asked')).stdout.slice(0, 14), 'erased already');
  assert.strictEqual(await ask(rig, '254700000051'), YOURS); // another gift; the screen says it,
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'and no SMS does'); // promise 7
  assert.strictEqual((await rig.show('254700000051')).stopped, true);
});

scenario('a number that went to somebody else: the old holder keeps all but the number, the new one is nobody\'s heir',
  options('limits = { new_number = "3d"; };'), ['Amina', 'Nairobi'], async (rig) => {
    const phone = rig.phone('254700000061');
    assert.match(await join(phone), /is yours/);
    await phone.sms();
    await until('a moment later', async () => Date.parse((await rig.show('254700000061')).first_seen) < Date.now() - 5);
    const row = `254700000061,recycled,${new Date().toISOString()}`;
    assert.match((await feed(rig, [row])).stdout, /^1 rows: 1 applied \(1 subscribers gave/);
    assert.match((await feed(rig, [row])).stdout, /^1 rows: 0 applied .* 1 known already/);
    assert.strictEqual((await rig.run('show', '254700000061')).code, 1);
    assert.strictEqual((await rig.run('export')).stdout, '');
    const { subscribers, grants } = await rig.stats();
    assert.deepStrictEqual([subscribers, grants.granted], [0, 1]); // what was given stays
    assert.strictEqual(await join(phone), SWAP); // registers as anybody does, and waits for the gift
    assert.match((await feed(rig, [row])).stdout, /1 known already/);
    const heir = await rig.show('254700000061');
    assert.deepStrictEqual([heir.registered, heir.grants.length, heir.consents.length], [true, 0, 1]);
  });

// What was held, or waited for the charging system, when the number changed hands was no gift.
scenario('a number that changes hands gives its budget back, and what was held for it comes to nothing',
  options('budgets = ( { name = "launch"; gifts = 2; } ); velocity = ( { name = "fast"; gifts = 1; within = "1h"; } );'), [],
  async (rig) => {
    assert.strictEqual(await ask(rig, '254700000081'), YOURS);
    assert.strictEqual(await ask(rig, '254700000082'), HELD);
    assert.strictEqual(await ask(rig, '254700000083'), SPENT);
    await until('a moment later', async () => Date.parse((await rig.show('254700000082')).first_seen) < Date.now() - 5);
    assert.match((await feed(rig, [`254700000082,recycled,${new Date().toISOString()}`])).stdout, /^1 rows: 1 applied \(1 subs/);
    assert.deepStrictEqual((await status(rig)).limits.budgets.map((b) => [b.spent, b.left]), [[1, 1]]);
    assert.strictEqual((await status(rig)).limits.held, 0);
    assert.strictEqual((await rig.run('grants', 'approve', '2', '--reason', 'x')).code, 1);
    assert.strictEqual(await ask(rig, '254700000083'), HELD); // there is one again
  });

scenario('a feed with bad rows: they are said and kept, the others are applied, and the daemon goes on', options(''), [], async (rig) => {
  const bad = await feed(rig, [
    `254700000071,swapped,${daysAgo(1)}`, 'abc,swapped,2026-01-01', '254700000072,stolen,2026-01-01',
    '254700000073,swapped,yesterday', '254700000074,swapped', `254700000075,swapped,${daysAgo(-2)}`,
    '254700000076,swapped,1767225600', `"254700000077",recycled,2026-01-01T10:00+03:00`,
  ]);
  assert.strictEqual(bad.code, 1);
  assert.match(bad.stdout, /^8 rows: 2 applied .* 6 rejected; see .*numbers\.csv\.rejects/);
  assert.match(bad.stderr, /numbers\.csv:3: the number cannot be read; write digits/);
  assert.match(bad.stderr, /numbers\.csv:4: the event is neither "swapped" nor "recycled"/);
  assert.match(bad.stderr, /numbers\.csv:5: the time cannot be read; write 2026-/);
  assert.match(bad.stderr, /numbers\.csv:6: a column is missing/);
  assert.match(bad.stderr, /numbers\.csv:7: the time lies in the future/);
  assert.match(bad.stderr, /numbers\.csv:8: the time lies before 2000; is it in seconds\?/);
  const rejects = fs.readFileSync(path.join(rig.folder, 'numbers.csv.rejects'), 'utf8').trim().split('\n');
  assert.strictEqual(rejects[0], 'msisdn,event,at,line,why');
  assert.match(rejects[1], /^abc,swapped,2026-01-01,3,/);
  assert.strictEqual(rejects.length, 7);
  const mode = fs.statSync(path.join(rig.folder, 'numbers.csv.rejects')).mode & 0o777;
  assert.strictEqual(mode, 0o600, 'numbers of people are not for everybody on the machine');
  // Put right, the rejects are a feed; and the first file changes nothing.
  fs.writeFileSync(path.join(rig.folder, 'right.csv'), `${rejects[0]}\n${rejects[1].replace('abc', '254700000078')}\n`);
  assert.match((await rig.run('numbers', path.join(rig.folder, 'right.csv'))).stdout, /^1 rows: 1 applied/);
  assert.match((await rig.run('numbers', path.join(rig.folder, 'numbers.csv'))).stdout, /^8 rows: 0 applied .* 2 known already, 6 rejected/);
  fs.writeFileSync(path.join(rig.folder, 'none.csv'), 'number;when\n1;2\n');
  const none = await rig.run('numbers', path.join(rig.folder, 'none.csv'));
  assert.strictEqual(none.code, 1);
  assert.match(none.stderr, /the first line must name the columns: msisdn,event,at/);
  assert.strictEqual(await ask(rig, '254700000079'), YOURS);
});

scenario('a wrong configuration of limits is said with its line', options(''), [], async (rig) => {
  const conf = path.join(rig.folder, 'wrong.conf');
  fs.writeFileSync(conf, fs.readFileSync(rig.conf, 'utf8') + `
budgets = ( { name = "a"; gifts = 1; bundles = [ "2GB" ]; }, { name = "a"; gifts = 1; from = "soon"; } );
velocity = ( { name = "b"; per = "block"; gifts = 1; within = "1h"; }, { name = "c"; per = "often"; gifts = 1; within = "1h"; } );
limits = { new_numbre = "1d"; };
`);
  rig.conf = conf;
  const { code, stdout, stderr } = await rig.run('check');
  rig.conf = path.join(rig.folder, 'starhash.conf');
  const said = stdout + stderr;
  assert.strictEqual(code, 1);
  for (const words of [/there is no bundle "2GB"/, /budgets has "a" twice/, /budgets\.from = "soon" is no date/,
    /velocity "b" is per block, and digits is missing/, /often/, /new_numbre.*new_number/s])
    assert.match(said, words);
});
