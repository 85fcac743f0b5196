// SPDX-License-Identifier: GPL-3.0-or-later
// A restore of an older backup, with a charging system that has gone on since (promise 2): who was given a bonus after the backup
// asks for it again, comes in another order and so gets another internal id. CGRateS keeps each bonus under its reference, and
// must hold it once. The store that was replaced is kept beside the new one.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { Cgrates } = require('./air.js');
const { Rig } = require('./rig.js');

async function join(rig, msisdn) {
  const phone = rig.phone(msisdn);
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Amina Wanjiru', 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  assert.match((await phone.type('1')).text, /is yours/);
  await phone.sms();
}

async function restored(rig, cgrates) {
  const backup = path.join(rig.folder, 'backup.db');
  const late = ['254700000302', '254700000303', '254700000304'];
  for (const n of ['254700000301', ...late]) await cgrates.control({ account: n, main: 5000 });
  await join(rig, '254700000301');
  await rig.tool('backup', backup, '--json');
  for (const n of late) await join(rig, n);
  assert.deepStrictEqual(Object.values((await cgrates.report()).sets), [1, 1, 1, 1]);
  const references = (await rig.tool('grants', '--json')).map((g) => g.reference).sort();

  await rig.terminate();
  await rig.smsc.closed();
  assert.strictEqual((await rig.run('restore', backup)).code, 0);
  assert.strictEqual(fs.readdirSync(rig.folder).filter((n) => n.includes('.before-')).length, 1);
  rig.launch();
  await rig.smsc.bound();
  assert.strictEqual((await rig.stats()).registered, 1);

  for (const n of late.reverse()) await join(rig, n); // told that it is theirs, which is so
  assert.strictEqual((await rig.stats()).grants.granted, 4);
  assert.deepStrictEqual((await rig.tool('grants', '--json')).map((g) => g.reference).sort(), references);
  assert.deepStrictEqual(Object.values((await cgrates.report()).sets), [1, 1, 1, 1]);
}

test('promise 2: an older backup is restored, and nobody has a bonus twice in CGRateS', async () => {
  const cgrates = new Cgrates();
  await cgrates.start();
  const rig = await Rig.start({
    charging: `kind = "cgrates"; url = "${cgrates.base}/jsonrpc"; currency = "KES"; within = "1s"; settle = "1s";`,
    bundles: '{ name = "100MB"; gives = "100 MB"; valid = "365d"; code = "*data:100"; }',
  });
  try {
    await restored(rig, cgrates);
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
