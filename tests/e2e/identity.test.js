// SPDX-License-Identifier: GPL-3.0-or-later
// Who somebody is, against a real daemon: verified by a person beside it, and declared again when what was proven changes, or
// the SIM; anonymity that a country allows for some days; whose a number was; and a profile.conf that would lose what is stored.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { scenario, until } = require('./rig.js');

const AS = ['--role', 'privacy', '--reason', 'KYC'];

async function join(phone, name = 'Amina Wanjiru') {
  await phone.dial('*123*1#');
  for (const answer of ['1', name, 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  assert.match((await phone.type('1')).text, /100 MB is yours\.$/);
  assert.match(await phone.sms(), /^Thanks /);
}

// What a feed tells; `at` defaults to now.
async function news(rig, msisdn, event, at = new Date().toISOString()) {
  fs.writeFileSync(path.join(rig.folder, 'news.csv'), `msisdn,event,at\n${msisdn},${event},${at}\n`);
  const done = await rig.run('numbers', path.join(rig.folder, 'news.csv'));
  assert.strictEqual(done.code, 0, done.stdout + done.stderr);
}

scenario('verified by a person, and declared again by what weakens it', {}, ['Amina', 'A1234567'], async (rig) => {
  const phone = rig.phone('254700000401');
  await phone.dial('*123#');
  await phone.abort();
  // what an aborted dialogue leaves is stored a moment later
  await until('the subscriber', async () => (await rig.run('show', '254700000401')).code === 0);
  const early = await rig.run('verify', '254700000401', '--proof', 'passport A1234567', ...AS);
  assert.deepStrictEqual([early.code, /anonymous/.test(early.stderr)], [1, true], early.stderr);
  await join(phone);
  const done = await rig.run('verify', '254700000401', '--proof', 'passport A1234567', ...AS);
  assert.strictEqual(done.stdout, 'verified\n', done.stderr);
  assert.strictEqual((await rig.show('254700000401')).state, 'verified');
  // The name on the passport is not the name that is told now.
  await phone.dial('*123*3*4#');
  await phone.type('1');
  await phone.type('Somebody Else');
  await phone.abort();
  const told = await until('the other name', async () => {
    const seen = await rig.reveal('254700000401');
    return seen.profile.name === 'Somebody Else' && seen;
  });
  assert.deepStrictEqual([told.state, told.profile.name], ['declared', 'Somebody Else']);
  // Verified anew, and then the SIM is another one.
  assert.strictEqual((await rig.run('verify', '254700000401', '--proof', 'passport B7', ...AS)).code, 0);
  await news(rig, '254700000401', 'swapped');
  assert.strictEqual((await rig.show('254700000401')).state, 'declared');
  const audit = JSON.parse((await rig.run('audit', '--json')).stdout);
  assert.strictEqual(audit.filter((row) => row.action === 'verify' && /^privacy:/.test(row.actor)).length, 2);
  assert.strictEqual((await rig.run('audit', 'verify')).code, 0);
});

scenario('anonymous for some days, where the country says so', {
  services: '"menus/join.conf", "menus/stay.conf"',
  more: 'identity = { anonymous = false; grace = "1d"; };',
  prepare: (folder) => fs.writeFileSync(path.join(folder, 'menus', 'stay.conf'), `
code = "*126#"; languages = [ "en" ]; start = "which";
screens = {
which = { when = ( ( "must_register AND grace_days = 0", "over" ), ( "must_register", "days" ), ( "else", "free" ) ); };
over  = { end = "Register first: *123*1#."; };
days  = { end = "Register soon: *123*1#."; };
free  = { end = "All is well."; };
};`),
}, ['Amina'], async (rig) => {
  const phone = rig.phone('254700000402');
  assert.strictEqual((await phone.dial('*126#')).text, 'Register soon: *123*1#.');
  await join(phone);
  assert.strictEqual((await phone.dial('*126#')).text, 'All is well.');
});

scenario('whose a number was', {}, ['Amina', 'Juma'], async (rig) => {
  const first = rig.phone('254700000403');
  await join(first, 'Amina Wanjiru');
  const then = new Date().toISOString();
  await news(rig, '254700000403', 'recycled', new Date(Date.parse(then) + 1).toISOString());
  await join(rig.phone('254700000403'), 'Juma Otieno');
  assert.strictEqual((await rig.reveal('254700000403')).profile.name, 'Juma Otieno');
  const before = await rig.tool('show', '254700000403', '--at', then, '--json', '--reveal', '--role', 'care', '--reason', 'a bill of then');
  assert.strictEqual(before.profile.name, 'Amina Wanjiru');
});

scenario('a field is taken out: refused while it has values, destroyed when it is said', {}, ['Amina'], async (rig) => {
  const phone = rig.phone('254700000404');
  await join(phone);
  const file = path.join(rig.folder, 'profile.conf');
  const whole = fs.readFileSync(file, 'utf8');
  const without = whole.replace(/\{ field = "role";[^}]*\},/, '');
  assert.notStrictEqual(without, whole);
  for (const name of fs.readdirSync(path.join(rig.folder, 'menus'))) {
    const menu = path.join(rig.folder, 'menus', name);
    if (/\.(conf|inc)$/.test(name)) fs.writeFileSync(menu, fs.readFileSync(menu, 'utf8').replace(/save = "role"/g, 'save = "likes"').replace(/\{role[^}]*\}/g, '-'));
  }
  fs.writeFileSync(file, without);
  const refused = await rig.run('check');
  assert.match(refused.stdout, /profile\.conf: error: field "role" is gone and the store has 1 values of it\. .*forget = \[ "role" \]/);
  assert.strictEqual((await rig.show('254700000404')).registered, true); // nothing was touched; the daemon goes on
  fs.writeFileSync(file, `${without}\nforget = [ "role" ];\n`);
  assert.match((await rig.run('check')).stdout, /warning: field "role": 1 stored values will be destroyed at the next start/);
  fs.writeFileSync(file, whole); // it was a mistake: nothing is lost
  assert.strictEqual((await rig.show('254700000404')).profile.role, 'head');
});
