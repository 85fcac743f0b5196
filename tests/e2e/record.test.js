// SPDX-License-Identifier: GPL-3.0-or-later
// starhash record: a live dialogue becomes a talk file that replays, and holds nothing that tells who it was.
'use strict';

const assert = require('node:assert');
const { execFile, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');
const { scenario } = require('./rig.js');

const STARHASH = path.join(path.resolve(process.env.STARHASH_BUILD || path.join(__dirname, '../../build')), 'starhash');

// Ask for the next dialogue; resolves once the daemon knows, to a function that waits for the talk.
function record(rig, msisdn, file) {
  const child = spawn(STARHASH, ['-c', rig.conf, 'record', msisdn, '-o', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (said.includes('waiting')) resolve(() => ended);
    });
    ended.then(() => reject(new Error(said)));
  });
}

async function check(rig, msisdn, dialogue) {
  const file = path.join(rig.folder, 'recorded.talk');
  fs.rmSync(file, { force: true }); // nothing is ever replaced
  const ended = await record(rig, msisdn, file);
  await dialogue();
  assert.strictEqual(await ended(), 0);
  const talk = fs.readFileSync(file, 'utf8');
  assert.doesNotMatch(talk, /Amina|Wanjiru|254722333444|722333444|[^0-9] Nakuru|> Nakuru|"Nakuru/);
  const { stdout } = await promisify(execFile)(STARHASH, ['-c', rig.conf, 'test', file]);
  assert.match(stdout, /1 passed, 0 failed/);
  return talk;
}

scenario('recorded dialogues replay green and name nobody', {}, ['Amina', 'Nakuru'], async (rig) => {
  const phone = rig.phone('254722333444');
  let talk = await check(rig, '0722333444', async () => {
    await phone.dial('*123*1#');
    for (const answer of ['4!', '1', '0722333444', 'Amina Wanjiru']) await phone.type(answer);
    await phone.abort();
  });
  assert.match(talk, /\n> Jane Doe\n/);
  assert.match(talk, /\ndrop\n$/);
  // It goes on where the other one was dropped.
  talk = await check(rig, '0722333444', async () => {
    await phone.dial('*123#');
    for (const answer of ['1', 'Nakuru', '2']) await phone.type(answer);
  });
  assert.match(talk, /\ngiven resume join town\n/);
  assert.match(talk, /\n< Thanks Jane Doe! 100 MB is yours\.\n$/);
  talk = await check(rig, '0722333444', async () => {
    assert.match((await phone.dial('*123*3*1#')).text, /Amina Wanjiru/);
  });
  assert.match(talk, /\n< Name: Jane Doe\n< Town: (?!Nakuru)[A-Z]/);
});
