// SPDX-License-Identifier: GPL-3.0-or-later
// ussd.late = "push": an app that answers after its `within`. The dialogue ends with the menu's own words; what the app says then
// comes as a push that goes on in the app, or by SMS where the push was certainly not shown, or not at all.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { OP, scenario, smpp } = require('./rig.js');

// An app that answers each call when the test says so.
class SlowApp {
  constructor() {
    this.calls = [];
    this.waiting = [];
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const call = { args: Object.fromEntries(new URLSearchParams(body)), response };
        const waiter = this.waiting.shift();
        if (waiter) waiter(call);
        else this.calls.push(call);
      });
    });
  }

  listen() {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)));
  }

  call() {
    return this.calls.length ? Promise.resolve(this.calls.shift()) : new Promise((resolve) => this.waiting.push(resolve));
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function say(call, text) {
  call.response.setHeader('content-type', 'text/plain');
  call.response.end(text);
}

const menu = (port) => `
code = "*161#";
languages = [ "en" ];
start = "home";
screens = {
home   = { say = "Acme"; menu = ( ( "Shop", "shop" ), ( "About", "about" ) ); };
shop   = { app = { url = "http://127.0.0.1:${port}/ussd"; speaks = "africastalking"; within = "500ms"; else = "closed"; }; };
closed = { end = "The shop is slow today. We will come back to you."; };
about  = { end = "We sell seed."; };
};
`;

function late(name, secrets, body) {
  const app = new SlowApp();
  let port;
  scenario(name, {
    services: '"menus/join.conf", "menus/shop.conf"',
    more: 'ussd = { late = "push"; };',
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'menus/shop.conf'), menu(port)),
  }, secrets, async (rig) => {
    try {
      await body(rig, app);
    } finally {
      await app.close();
    }
  }, async () => {
    port = await app.listen();
  });
}

// To the app's first call, and to the last screen of a dialogue that did not wait for it.
async function givenUp(rig, app, phone) {
  assert.match((await phone.dial('*161#')).text, /^Acme\n1 Shop/);
  const typed = phone.type('1');
  const call = await app.call();
  const screen = await typed;
  assert.match(screen.text, /^The shop is slow today/);
  assert.strictEqual(screen.last, true);
  await ended(rig, 0);
  return call;
}

// The daemon has heard that the last screen was taken.
async function ended(rig, open) {
  for (;;) if ((await rig.tool('status', '--json')).dialogues.open === open) return;
}

const pushed = (rig, phone) => rig.smsc.pdu('submit_sm', (p) => p.destination_addr === phone.msisdn);

async function quiet(rig) {
  await rig.tool('status', '--json');
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nothing more went out');
}

const counts = async (rig) => (await rig.tool('status', '--json')).dialogues;

late('a late answer of an app comes as a push, and the visit goes on in it', ['bags'], async (rig, app) => {
  const phone = rig.phone('254700000061');
  const first = await givenUp(rig, app, phone);
  say(first, 'CON How many bags?');
  const push = await pushed(rig, phone);
  assert.strictEqual(push.ussd_service_op, OP.ask);
  assert.strictEqual(push.short_message.message, 'How many bags?');
  phone.number = (phone.number + 1) % 256; // the network's own number for the new session
  phone.unit = 0;
  const typed = phone.type('12');
  const second = await app.call();
  assert.strictEqual(second.args.text, '12');
  assert.strictEqual(second.args.sessionId, first.args.sessionId, 'for the app it is one visit');
  say(second, 'END 12 bags are on the way.');
  const end = await typed;
  assert.deepStrictEqual([end.text, end.last], ['12 bags are on the way.', true]);
  await ended(rig, 0);
  assert.strictEqual((await counts(rig)).late_pushed, 1);
  const { interactions } = await rig.show(phone.msisdn);
  assert.deepStrictEqual(interactions.map((i) => [i.direction, i.outcome, i.detail]),
    [['out', 'completed', 'late answered'], ['in', 'completed', '']]);
  await quiet(rig);
});

late('a last word that comes late is shown, and asks nothing', ['sold'], async (rig, app) => {
  const phone = rig.phone('254700000062');
  say(await givenUp(rig, app, phone), 'END Everything is sold.');
  const push = await pushed(rig, phone);
  assert.strictEqual(push.ussd_service_op, 3);
  assert.strictEqual(push.short_message.message, 'Everything is sold.');
  await phone.answered(phone.ussd(19, ''));
  await ended(rig, 0);
  await quiet(rig);
});

late('a push that the SMSC refuses is followed by the SMS, once', ['sold'], async (rig, app) => {
  const phone = rig.phone('254700000063');
  const call = await givenUp(rig, app, phone);
  rig.smsc.submitStatus = (pdu) => (pdu.ussd_service_op === undefined ? 0 : smpp.ESME_RSUBMITFAIL);
  say(call, 'END Everything is sold.');
  assert.strictEqual((await pushed(rig, phone)).ussd_service_op, 3);
  assert.strictEqual(await phone.sms(), 'Everything is sold.');
  await ended(rig, 0);
  assert.strictEqual((await counts(rig)).late_by_sms, 1);
  await quiet(rig);
});

late('whoever has dialled again meanwhile is left alone', ['sold'], async (rig, app) => {
  const phone = rig.phone('254700000064');
  const call = await givenUp(rig, app, phone);
  assert.match((await phone.dial('*123#')).text, /^Hello friend/);
  say(call, 'END Everything is sold.');
  for (;;) if ((await rig.tool('status', '--json')).app.late === 1) break;
  await quiet(rig);
  await phone.abort();
});

late('an app that never answers is given up, and the daemon ends in order', [], async (rig, app) => {
  const call = await givenUp(rig, app, rig.phone('254700000065'));
  call.response.destroy();
  await quiet(rig);
});
