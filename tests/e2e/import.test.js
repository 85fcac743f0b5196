// SPDX-License-Identifier: GPL-3.0-or-later
// A base is imported while the daemon serves: people who dial meanwhile are answered, those who were brought in are known at
// once, and what somebody has said since on their phone wins over the file.
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { scenario, until } = require('./rig.js');

const STARHASH = path.resolve(process.env.STARHASH_BUILD || path.join(__dirname, '../../build'), 'starhash');
const WHO = ['--role', 'privacy', '--reason', 'the base of before'];
const WORDS = 'I agree that Acme keeps my answers.';
const ROWS = 20000;
const SECRETS = ['Wanjiru', 'Nyambura'];
const number = (n) => String(254733000000 + n);

async function join(phone, name) {
  await phone.dial('*123*1#');
  for (const answer of ['1', name, 'Nairobi']) assert.strictEqual((await phone.type(answer)).last, false);
  return (await phone.type('1')).text;
}

function base(file, also = []) {
  const rows = ['msisdn,language,name,town,consent.profile.words,consent.profile.at,stopped', ...also];
  for (let n = 0; n < ROWS; n++) {
    rows.push(n % 2 ? `${number(n)},sw,,,,,` : `${number(n)},en,Nyambura ${'abcdefghij'[n % 10]},Thika,"${WORDS}",2024-03-01,`);
  }
  fs.writeFileSync(file, `${rows.join('\n')}\n`);
}

scenario('beside a daemon: dialogues go on, who was brought in is known, and an old file lifts no STOP', {}, SECRETS, async (rig) => {
  const file = path.join(rig.folder, 'base.csv');
  const [here, stopped, known] = ['254700000071', '254700000072', number(0)].map((n) => rig.phone(n));
  assert.match(await join(here, 'Amina Wanjiru'), /is yours/);
  await here.sms();
  stopped.text('STOP');
  await stopped.sms();

  // In the middle of a dialogue the file comes, which has other things to say of this one and of that one.
  await here.dial('*123#');
  base(file, [`254700000071,en,Nyambura z,Thika,"${WORDS}",2024-03-01,`, `254700000072,en,Nyambura y,Thika,"${WORDS}",2024-03-01,false`]);
  const running = rig.run('import', file, '--existing', 'replace', '--json', ...WHO);
  let during = 0;
  let ended = false;
  running.finally(() => { ended = true; });
  while (!ended) {
    await rig.phone(String(254700000100 + during)).dial('*123#');
    during++;
  }
  const { code, stdout } = await running;
  assert.strictEqual(code, 0);
  const said = JSON.parse(stdout);
  assert.deepStrictEqual([said.rows, said.added, said.changed, said.rejected, said.beside_daemon], [ROWS + 2, ROWS, 2, 0, true]);
  assert.ok(during > 0);

  assert.match((await known.dial('*123#')).text, /^Hello Nyambura a/);
  assert.match((await known.dial('*123*1#')).text, /^At home you\.\.\./, 'only what is not known is asked');
  assert.match((await here.dial('*123#')).text, /^Hello Nyambura z/);
  const [a, b] = [await rig.show('254700000071'), await rig.show('254700000072')];
  assert.deepStrictEqual(a.consents.map((c) => c.channel), ['ussd'], 'a consent that is older than the phone\'s is not added');
  assert.deepStrictEqual([b.stopped, b.registered], [true, true]);
  const brought = await rig.show(number(4));
  assert.deepStrictEqual([brought.consents[0].text, brought.consents[0].channel, brought.registered], [WORDS, 'operator', true]);
  assert.strictEqual((await rig.show(number(3))).registered, false);

  const chain = await rig.run('audit', 'verify');
  assert.strictEqual(chain.code, 0, chain.stdout);
});

scenario('killed in the middle beside a daemon, and gone on with: nobody twice, nobody missing', {}, SECRETS, async (rig) => {
  const file = path.join(rig.folder, 'base.csv');
  base(file);
  for (let kills = 0; kills < 3; kills++) {
    const running = spawn(STARHASH, ['-c', rig.conf, 'import', file, ...WHO], { stdio: 'ignore' });
    const before = (await rig.stats()).subscribers;
    await until('some rows', async () => (await rig.stats()).subscribers > before + 100);
    running.kill('SIGKILL');
    const [, signal] = await once(running, 'exit');
    assert.strictEqual(signal, 'SIGKILL', 'it was over before it was killed');
    await rig.phone(number(ROWS + kills)).dial('*123#');
  }
  const { code, stdout } = await rig.run('import', file, ...WHO, '--json');
  assert.strictEqual(code, 0);
  const said = JSON.parse(stdout);
  assert.deepStrictEqual([said.rows, said.added, said.rejected], [ROWS, ROWS, 0]);
  const out = path.join(rig.folder, 'export.jsonl');
  const exporting = spawn(STARHASH, ['-c', rig.conf, 'export'], { stdio: ['ignore', fs.openSync(out, 'w'), 'inherit'] });
  assert.deepStrictEqual((await once(exporting, 'exit'))[0], 0);
  const numbers = fs.readFileSync(out, 'utf8').trim().split('\n').map((line) => JSON.parse(line).msisdn).filter((n) => n < number(ROWS));
  assert.strictEqual(new Set(numbers).size, ROWS);
  assert.strictEqual(numbers.length, ROWS);
});
