// SPDX-License-Identifier: GPL-3.0-or-later
// The daemon as an app: a client of the Africa's Talking protocol drives the join service through POST /ussd, as hosted
// aggregators, web phones and test tools do.
'use strict';

const assert = require('node:assert');
const net = require('node:net');
const { scenario } = require('./rig.js');

let port;

function freePort() {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}

// What the aggregator sends: everything that was typed so far, joined with '*'.
class Client {
  constructor(phoneNumber, sessionId) {
    Object.assign(this, { phoneNumber, sessionId, typed: [] });
  }

  async post() {
    const body = new URLSearchParams({
      sessionId: this.sessionId,
      phoneNumber: this.phoneNumber,
      networkCode: '99999',
      serviceCode: '*123#',
      text: this.typed.join('*'),
    });
    const response = await fetch(`http://127.0.0.1:${port}/ussd`, { method: 'POST', body });
    assert.strictEqual(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/plain/);
    return response.text();
  }

  dial() {
    return this.post();
  }

  type(text) {
    this.typed.push(text);
    return this.post();
  }
}

const options = {
  get more() {
    return `http = { listen = "127.0.0.1:${port}"; };`;
  },
};
const before = async () => {
  port = await freePort();
};

scenario("an Africa's Talking client joins", options, ['Amina', 'Nakuru'], async (rig) => {
  const client = new Client('+254700000051', 'ATUid_1');
  assert.match(await client.dial(), /^CON Hello friend\n1 Get 100 MB free/);
  assert.match(await client.type('1'), /^CON Acme keeps your answers .*\n1 Yes\n2 No/);
  assert.match(await client.type('1'), /^CON Your full name\?/);
  assert.match(await client.type('4!'), /^CON Letters only, please\.\nYour full name\?/);
  assert.match(await client.type('Amina Wanjiru'), /^CON Your town\?/);
  assert.match(await client.type('Nakuru'), /^CON At home you/);
  // The aggregator repeats a request that it thinks was lost: the same words, and nothing runs twice.
  assert.match(await client.post(), /^CON At home you/);
  assert.strictEqual(await client.type('2'), 'END Thanks Amina Wanjiru! 100 MB is yours.');
  assert.strictEqual(await client.post(), 'END Thanks Amina Wanjiru! 100 MB is yours.');
  const subscriber = await rig.show('254700000051');
  assert.strictEqual(subscriber.registered, true);
  assert.strictEqual(subscriber.profile.town, 'Nakuru');
  assert.strictEqual(subscriber.grants.length, 1);
  assert.match(await new Client('+254700000051', 'ATUid_2').dial(), /^CON Hello Amina Wanjiru/);
}, before);

scenario('what is no request of the protocol gets an error, and the daemon goes on', options, [], async () => {
  const url = `http://127.0.0.1:${port}/ussd`;
  const post = (body, headers) => fetch(url, { method: 'POST', body, headers }).then((r) => r.status);
  for (const bad of ['', 'x', 'sessionId=1', 'sessionId=1&phoneNumber=hello&serviceCode=*123%23&text=']) {
    const status = await post(bad, { 'content-type': 'application/x-www-form-urlencoded' });
    assert.ok(status >= 400 && status < 500, `"${bad}" got ${status}`);
  }
  const big = await post(`text=${'9'.repeat(100000)}`).catch(() => 413); // or the line is cut
  assert.ok(big >= 400 && big < 500);
  assert.strictEqual((await fetch(url)).status >= 400, true);
  assert.match(await new Client('+254700000052', 'ATUid_3').dial(), /^CON Hello friend/);
}, before);
