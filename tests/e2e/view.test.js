// SPDX-License-Identifier: GPL-3.0-or-later
// The single view and the audit, as care and whoever checks on them have them: masked and revealed, with a dialogue in progress, over
// the command line and the control socket; and a file that somebody has changed by hand.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { scenario } = require('./rig.js');

const ME = os.userInfo().username;
const NUMBER = '254700000001';
const REVEAL = ['--reveal', '--role', 'care', '--reason', 'ticket 4711'];

async function join(phone, name = 'Amina Wanjiru') {
  await phone.dial('*123*1#');
  await phone.type('1');
  await phone.type(name);
  await phone.type('Nairobi');
  assert.match((await phone.type('1')).text, /100 MB is yours/);
  await phone.sms();
}

// One line to the control socket, and its answer.
function control(rig, line) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path.join(rig.folder, 'control.sock'), () => socket.end(`${line}\n`));
    let said = '';
    socket.on('data', (chunk) => { said += chunk; });
    socket.on('end', () => resolve(JSON.parse(said)));
    socket.on('error', reject);
  });
}

const ask = (rig, more = {}) => control(rig, `show ${JSON.stringify({ msisdn: NUMBER, ...more })}`);

function sql(rig, text) {
  execFileSync('sqlite3', ['-cmd', '.timeout 20000', path.join(rig.folder, 'starhash.db'), text]);
}

scenario('what is private is masked, and revealed with role and reason, which is in the audit', {}, ['Amina', '4711'], async (rig) => {
  await join(rig.phone(NUMBER));
  const masked = await rig.show(NUMBER);
  assert.deepStrictEqual([masked.profile.name, masked.profile.town, masked.profile.born], ['***', 'Nairobi', null]);
  assert.doesNotMatch(JSON.stringify(masked), /Amina/);
  assert.match((await rig.run('show', NUMBER)).stdout, /name +\*\*\*.*\n.*Nairobi[^]*--reveal --role NAME --reason TEXT/);
  assert.deepStrictEqual(await rig.tool('audit', '--json'), []);

  const seen = await rig.tool('show', NUMBER, '--json', ...REVEAL);
  assert.strictEqual(seen.profile.name, 'Amina Wanjiru');
  assert.strictEqual(seen.provenance.name.channel, 'ussd');
  assert.strictEqual(seen.provenance.name.consent, 1);
  assert.match((await rig.run('show', NUMBER, ...REVEAL)).stdout, /Amina Wanjiru +\(.*, ussd, \d+ % sure\)/);
  const rows = await rig.tool('audit', 'list', NUMBER, '--json');
  assert.deepStrictEqual(rows.map((r) => [r.seq, r.actor, r.action, r.subject, r.reason]),
    [2, 1].map((seq) => [seq, `care:${ME}`, 'reveal name', 1, 'ticket 4711']));
  assert.match((await rig.run('audit')).stdout, new RegExp(`care:${ME} +reveal name, subscriber 1: ticket 4711`));
  assert.match((await rig.run('audit', 'verify')).stdout, /^2 rows, the chain is whole; head 2:[a-p]{64}$/m);
});

scenario('whoever does not say as whom and why sees nothing', {
  more: `roles = ( { role = "desk"; users = [ "${ME}" ]; may = [ "requests", "audit" ]; },
                   { role = "care"; users = [ "somebodyelse" ]; may = [ "reveal" ]; } );`,
}, ['Amina'], async (rig) => {
  await join(rig.phone(NUMBER));
  const tries = [
    [['--reveal'], /--role NAME is needed/],
    [['--reveal', '--role', 'care'], new RegExp(`the user "${ME}" has not the role "care"`)],
    [['--reveal', '--role', 'desk', '--reason', 'ticket 1'], /has not the right "reveal"; it is one of: care/],
    [['--reveal', '--role', 'boss', '--reason', 'ticket 1'], /there is no role "boss"/],
  ];
  for (const [args, said] of tries) {
    const { code, stdout, stderr } = await rig.run('show', NUMBER, ...args);
    assert.deepStrictEqual([code, stdout], [1, ''], args.join(' '));
    assert.match(stderr, said);
  }
  const over = await ask(rig, { role: 'desk', reason: 'ticket 1' });
  assert.strictEqual(over.ok, false);
  assert.match(over.error, /has not the right/);
  assert.match((await ask(rig, { role: 'desk' })).error, /both role and reason/);
  assert.match((await rig.run('audit')).stderr, /--role NAME is needed/);
  assert.deepStrictEqual(await rig.tool('audit', '--json', '--role', 'desk'), []);
});

scenario('the control socket shows the same, with the dialogue in progress', {}, ['Amina'], async (rig) => {
  const phone = rig.phone(NUMBER);
  await join(phone);
  await phone.dial('*123#');
  const command = await rig.show(NUMBER);
  assert.deepStrictEqual([command.daemon, command.dialogue.channel, command.dialogue.service, command.dialogue.screen, command.dialogue.state],
    [true, 'ussd', 'join', 'home', 'waits for the subscriber']);
  assert.match((await rig.run('show', NUMBER)).stdout, /in a dialogue on ussd: join at home/);
  const over = await ask(rig);
  assert.deepStrictEqual(over, command);
  assert.strictEqual((await ask(rig, { role: 'care', reason: 'ticket 9' })).profile.name, 'Amina Wanjiru');
  assert.strictEqual((await rig.tool('audit', '--json'))[0].reason, 'ticket 9');
  await phone.abort();
  assert.strictEqual((await control(rig, `live ${NUMBER}`)).dialogue, null);

  assert.match((await control(rig, 'show {')).error, /takes a JSON object/);
  assert.match((await control(rig, 'show {}')).error, /takes msisdn/);
  assert.match((await control(rig, 'live x')).error, /with its country code/);
  assert.match((await ask(rig, { limit: 0 })).error, /1 to 10000/);
  assert.match((await control(rig, 'show {"msisdn": "254799999999"}')).error, /no such subscriber/);
  // Many at once, and some who do not wait for the answer.
  const many = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(rig, i % 2 ? {} : { role: 'care', reason: `ticket ${i}` })));
  assert.deepStrictEqual(many.map((s) => s.profile.name), Array.from({ length: 12 }, (_, i) => (i % 2 ? '***' : 'Amina Wanjiru')));
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => {
      const socket = net.connect(path.join(rig.folder, 'control.sock'), () => socket.write(`show {"msisdn": "${NUMBER}"}\n`, () => { socket.destroy(); resolve(); }));
    });
  }
  assert.strictEqual((await ask(rig)).msisdn, NUMBER);
  assert.match((await rig.run('audit', 'verify')).stdout, /^7 rows, the chain is whole/);
  assert.match(rig.said, /audit_head/);
});

const SWAP = (a, b) => `UPDATE audit SET seq = -1 WHERE seq = ${a}; UPDATE audit SET seq = ${a} WHERE seq = ${b};
  UPDATE audit SET seq = ${b} WHERE seq = -1`;
const TAMPERED = [
  ["UPDATE audit SET reason = 'ticket 9999' WHERE seq = 4", ['row 4 was edited: it is not what was written']],
  ['DELETE FROM audit WHERE seq = 4', ['row 4 is gone: removed from the middle', 'row 5 follows one that is gone or was changed: nothing is left to prove it by']],
  [SWAP(2, 7), ['row 2 holds what was written as row 7', 'row 7 holds what was written as row 2']],
  ['DELETE FROM audit WHERE seq > 6', ['rows 7 to 8 are gone: cut off at the end']],
];

scenario('what somebody has changed in the audit by hand is found, with its place', {}, [], async (rig) => {
  const file = path.join(rig.folder, 'starhash.db');
  await join(rig.phone(NUMBER));
  for (let i = 1; i <= 8; i++) await rig.tool('show', NUMBER, '--json', '--reveal', '--role', 'privacy', '--reason', `ticket ${i}`);
  const head = (await rig.run('audit', 'head')).stdout.trim();
  assert.strictEqual((await rig.run('audit', 'verify', '--head', head)).code, 0);
  await rig.terminate();
  sql(rig, 'PRAGMA wal_checkpoint(TRUNCATE)');
  fs.copyFileSync(file, `${file}.kept`);
  for (const [text, places] of TAMPERED) {
    fs.copyFileSync(`${file}.kept`, file);
    sql(rig, `BEGIN; DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; ${text}; COMMIT`);
    const { code, stdout } = await rig.run('audit', 'verify');
    assert.strictEqual(code, 1, text);
    assert.deepStrictEqual(stdout.split('\n').slice(0, -2), places, text);
    const told = await rig.run('audit', 'verify', '--json');
    assert.strictEqual(JSON.parse(told.stdout).whole, false);
    assert.strictEqual(JSON.parse(told.stdout).faults, places.length);
  }
  // A backup that was put back has a whole chain of its own: only the head that was written down knows better.
  fs.copyFileSync(`${file}.kept`, file);
  sql(rig, 'SELECT 1');
  assert.strictEqual((await rig.run('audit', 'verify', '--head', head)).code, 0);
  const other = await rig.run('audit', 'verify', '--head', head.replace('8:', '9:'));
  assert.match(other.stdout, /the head that was given is not in this chain: row 9/);
  assert.match((await rig.run('audit', 'verify', '--head', 'nonsense')).stderr, /as starhash audit head printed it/);
  rig.launch();
  await rig.isBound();
});
