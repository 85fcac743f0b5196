// SPDX-License-Identifier: GPL-3.0-or-later
// Other programs send SMS through us as through Kannel's sendsms: what they are told is so, in the store and at the SMSC.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { freePort, scenario, until } = require('./rig.js');

const PASSWORD = 'a long word of crm';
const options = (more) => {
  const o = {
    drain: '200ms',
    prepare: (folder) => {
      for (const name of ['crm', 'slow'])
        fs.writeFileSync(path.join(folder, `${name}.key`), `${PASSWORD}\n`, { mode: 0o600 });
    },
  };
  return {
    o,
    before: async () => {
      o.port = await freePort();
      o.more = `http = { listen = "127.0.0.1:${o.port}"; };
sendsms = ( { username = "crm"; password_file = "crm.key"; from = "123"; senders = [ "ACME", "-X", "+254711000000" ]; parts = 2; rate = 100; },
  { username = "slow"; password_file = "slow.key"; from = "123"; rate = 1; } );
${more || ''}`;
    },
  };
};

function sending(name, more, secrets, body) {
  const { o, before } = options(more);
  scenario(
    name,
    o,
    [PASSWORD, 'a+long+word', ...secrets],
    (rig) =>
      body(
        rig,
        async (args, method = 'GET') => {
          const query = new URLSearchParams({ username: 'crm', password: PASSWORD, ...args }).toString();
          const at = `http://127.0.0.1:${o.port}/cgi-bin/sendsms`;
          const response =
            method === 'GET'
              ? await fetch(`${at}?${query}`)
              : await fetch(at, {
                  method,
                  body: query,
                  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
                });
          return [response.status, (await response.text()).trim()];
        },
        o.port,
      ),
    before,
  );
}

const results = async (rig) => (await rig.tool('status', '--json')).sendsms;
const ACCEPTED = [202, '0: Accepted for delivery'];

sending(
  'a text is accepted, stored and sent, by GET and by POST, from any allowed sender',
  '',
  ['Your parcel'],
  async (rig, send) => {
    assert.deepStrictEqual(await send({ to: '+254700000901', text: 'Your parcel is here' }), ACCEPTED);
    const first = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000901');
    assert.deepStrictEqual(
      [first.source_addr, first.short_message.message, first.dest_addr_ton],
      ['123', 'Your parcel is here', 1],
    );
    assert.deepStrictEqual(await send({ to: '0700000902', from: 'ACME', text: 'Your parcel: é ü' }, 'POST'), ACCEPTED);
    const second = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000902');
    assert.deepStrictEqual(
      [second.source_addr, second.source_addr_ton, second.short_message.message],
      ['ACME', 5, 'Your parcel: é ü'],
    );
    assert.deepStrictEqual(await send({ to: '254700000903', from: '+254711000000', text: 'Your parcel' }), ACCEPTED);
    const third = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000903');
    assert.deepStrictEqual([third.source_addr, third.source_addr_ton, third.source_addr_npi], ['254711000000', 1, 1]);
    assert.deepStrictEqual(await send({ to: '254700000904', text: 'اهلا', coding: '2', charset: 'UTF-8' }), ACCEPTED);
    assert.strictEqual((await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === '254700000904')).data_coding, 8);
    await until('settled', async () => (await rig.show('254700000901')).notices[0].state === 'sent');
    assert.deepStrictEqual(await results(rig), {
      requests: 4,
      accepted: 4,
      queued: 0,
      denied: 0,
      limited: 0,
      bad: 0,
      too_long: 0,
      stopped: 0,
      rate: 0,
      busy: 0,
      users: [
        { username: 'crm', right: 4, wrong: 0 },
        { username: 'slow', right: 0, wrong: 0 },
      ],
    });
  },
);

sending('what cannot be done as asked is refused, and nothing is sent', '', [], async (rig, send) => {
  const to = '254700000911';
  for (const [args, status, says] of [
    [{ to, text: '' }, 400, /Empty text not supported/],
    [{ text: 'a' }, 400, /Missing receiver number/],
    [{ to: 'jane', text: 'a' }, 400, /to is one number/],
    [{ to: `${to} 254700000912`, text: 'a' }, 400, /to is one number/],
    [{ to, text: 'a', from: 'BANK' }, 400, /from is none of the senders/],
    [{ to, text: 'a', smsc: 'moon' }, 400, /smsc is none/],
    [{ to, text: 'a', deferred: '5' }, 400, /deferred is not taken/],
    [{ to, text: 'a', 'dlr-url': 'http://x/', 'dlr-mask': '31' }, 400, /nobody is called/],
    [{ to, text: 'a', coding: '1' }, 400, /binary messages/],
    [{ to, text: 'a'.repeat(400) }, 413, /more parts/],
    [{ to, text: 'a'.repeat(1100) }, 400, /too long/],
    [{ to, text: 'a', password: 'x' }, 403, /^Authorization failed for sendsms$/],
    [{ to, text: 'a', username: 'root' }, 403, /^Authorization failed for sendsms$/],
    [{ to, text: '', username: '' }, 403, /^Authorization failed/],
  ]) {
    const [got, words] = await send(args);
    assert.deepStrictEqual([got, says.test(words)], [status, true], `${JSON.stringify(args)}: ${got} ${words}`);
  }
  const { stdout } = await rig.run('stats', '--json');
  assert.strictEqual(JSON.parse(stdout).subscribers, 0, 'nobody is known for it');
  assert.strictEqual(
    rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'),
    0,
  );
});

sending('who has said STOP is not written to', '', [], async (rig, send) => {
  const phone = rig.phone('254700000921');
  await phone.dial();
  await phone.abort();
  phone.text('STOP');
  await phone.sms();
  const [status, words] = await send({ to: '254700000921', text: 'Buy now' });
  assert.deepStrictEqual([status, /black-lists.*STOP/.test(words)], [403, true]);
  assert.strictEqual((await results(rig)).stopped, 1);
});

sending(
  'without a link it is queued, and survives kill -9',
  'ussd = { idle = "60s"; };',
  ['See you'],
  async (rig, send) => {
    const { port } = rig.smsc;
    await rig.smsc.stop();
    await until('unbound', async () => (await rig.tool('links', '--json')).links[0].state !== 'bound');
    assert.deepStrictEqual(await send({ to: '254700000931', text: 'See you tomorrow' }), [
      202,
      '3: Queued for later delivery',
    ]);
    rig.daemon.kill('SIGKILL'); // at once: what was said is stored
    await rig.exited;
    await rig.smsc.listen(port);
    rig.launch();
    const pdu = await rig.smsc.pdu('submit_sm');
    assert.deepStrictEqual(
      [pdu.destination_addr, pdu.source_addr, pdu.short_message.message],
      ['254700000931', '123', 'See you tomorrow'],
    );
    await until('settled', async () => (await rig.show('254700000931')).notices[0].state === 'sent');
    assert.strictEqual(
      rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'),
      0,
      'once',
    );
  },
);

sending('a rate for each user', '', [], async (rig, send) => {
  const told = [];
  for (let i = 0; i < 5; i++) told.push((await send({ username: 'slow', to: '254700000941', text: `no ${i}` }))[0]);
  assert.strictEqual(told[0], 202);
  assert.ok(told.filter((s) => s === 503).length >= 3, told.join());
  assert.deepStrictEqual(await send({ to: '254700000942', text: 'another user' }), ACCEPTED);
});

sending(
  'guessing a password is bounded whatever name is said, and shuts nobody out who knows it; the log has neither',
  '',
  ['wrong-guess'],
  async (rig, send) => {
    const guess = async (username) =>
      (await send({ username, password: 'wrong-guess', to: '254700000951', text: 'a' }))[0];
    const told = [];
    for (let i = 0; i < 10; i++) told.push(await guess(i % 2 ? 'crm' : `nobody-${i}`));
    assert.deepStrictEqual(told, Array(10).fill(403));
    assert.strictEqual(await guess('crm'), 429);
    // Names that there are not push nothing out.
    for (let i = 0; i < 600; i++) assert.strictEqual(await guess(`u${i}`), 429);
    assert.strictEqual(await guess('crm'), 429);
    assert.deepStrictEqual(await send({ to: '254700000951', text: 'a' }), ACCEPTED, 'from the same address');
    assert.strictEqual(await guess('crm'), 429, 'and a right one opens no way for guesses');
    const { limited, denied, users } = await results(rig);
    assert.ok(denied <= 11 && limited + denied === 613, `${denied} ${limited}`);
    assert.deepStrictEqual(users, [
      { username: 'crm', right: 1, wrong: 8 },
      { username: 'slow', right: 0, wrong: 0 },
    ]);
    assert.match(rig.said, /area=sendsms event=denied from=127\.0\.0\.1/);
  },
);

sending(
  'a sender that begins with a dash is the sender, also when the text had to wait',
  '',
  ['Dashing'],
  async (rig, send) => {
    const { port } = rig.smsc;
    await rig.smsc.stop();
    await until('unbound', async () => (await rig.tool('links', '--json')).links[0].state !== 'bound');
    assert.strictEqual((await send({ to: '254700000971', from: '-X', text: 'Dashing' }))[1], '3: Queued for later delivery');
    await rig.smsc.listen(port);
    assert.strictEqual((await rig.smsc.pdu('submit_sm')).source_addr, '-X');
  },
);

sending('a page of another site cannot send', '', [], async (rig, send, port) => {
  const response = await fetch(`http://127.0.0.1:${port}/cgi-bin/sendsms`, {
    method: 'POST',
    headers: { Origin: 'https://elsewhere.example' },
    body: new URLSearchParams({ username: 'crm', password: PASSWORD, to: '254700000961', text: 'a' }),
  });
  assert.strictEqual(response.status, 403);
  assert.strictEqual(
    rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'),
    0,
  );
});
