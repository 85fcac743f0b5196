// SPDX-License-Identifier: GPL-3.0-or-later
// Apps written for hosted aggregators, on the npm packages ussd-menu-builder and ussd-builder as they are, serve a sub-menu
// behind `app`: over SMPP on one side, HTTP in the aggregator's dialect on the other.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { scenario } = require('./rig.js');

// A small shop, as the packages' own examples are written.
function shop(Menu, provider, sessions) {
  const menu = new Menu({ provider });
  menu.sessionConfig({
    start: (id) => Promise.resolve((sessions[id] = sessions[id] || {})),
    get: (id, key) => Promise.resolve(sessions[id] && sessions[id][key]),
    set: (id, key, value) => Promise.resolve(((sessions[id] = sessions[id] || {})[key] = value)),
    end: (id) => Promise.resolve(delete sessions[id]),
  });
  menu.startState({
    run: () => menu.con('Welcome to the shop\n1. Opening hours\n2. Order'),
    next: { 1: 'hours', 2: 'order' },
  });
  menu.state('hours', { run: () => menu.end('Open from 8 to 6.') });
  menu.state('order', { run: () => menu.con('How many bags?'), next: { '*^\\d+$': 'ordered' }, defaultNext: 'order' });
  menu.state('ordered', { run: () => menu.end(`${menu.val} bags for ${menu.args.phoneNumber} are on the way.`) });
  return menu;
}

// An HTTP server around it; what it was asked is kept.
class App {
  constructor(Menu, provider) {
    this.asked = [];
    this.sessions = {};
    this.server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => this.answer(Menu, provider, request, body, response));
    });
  }

  async answer(Menu, provider, request, body, response) {
    const form = (request.headers['content-type'] || '').startsWith('application/x-www-form-urlencoded');
    const args = form ? Object.fromEntries(new URLSearchParams(body)) : JSON.parse(body);
    this.asked.push(args);
    const result = await shop(Menu, provider, this.sessions).run(args);
    if (typeof result === 'string') {
      response.setHeader('content-type', 'text/plain');
      response.end(result);
    } else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(result));
    }
  }

  listen() {
    return new Promise((resolve) => this.server.listen(0, '127.0.0.1', () => resolve(this.server.address().port)));
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

function menuFile(port, speaks) {
  return `
code = "*161#";
languages = [ "en" ];
start = "home";
screens = {
home   = { say = "Acme"; menu = ( ( "Shop", "shop" ), ( "About", "about" ) ); };
shop   = { app = { url = "http://127.0.0.1:${port}/ussd"; speaks = "${speaks}"; within = "2s"; else = "closed"; }; };
closed = { end = "The shop is closed."; };
about  = { end = "We sell seed."; };
};
`;
}

const KINDS = [
  ['ussd-menu-builder', 'africasTalking', 'africastalking'],
  ['ussd-menu-builder', 'hubtel', 'hubtel'],
  ['ussd-builder', 'africasTalking', 'africastalking'],
  ['ussd-builder', 'hubtel', 'hubtel'],
  ['ussd-builder', 'arkesel', 'arkesel'],
];

for (const [name, provider, speaks] of KINDS) {
  const app = new App(require(name), provider);
  let port;
  const options = {
    services: '"menus/join.conf", "menus/shop.conf"',
    prepare: (folder) => fs.writeFileSync(path.join(folder, 'menus/shop.conf'), menuFile(port, speaks)),
  };

  scenario(`${name} serves a sub-menu as ${speaks}`, options, ['bags'], async (rig) => {
    const phone = rig.phone('254700000041');
    try {
      assert.match((await phone.dial('*161#')).text, /^Acme\n1 Shop\n2 About/);
      const start = await phone.type('1');
      assert.deepStrictEqual([start.text, start.last], ['Welcome to the shop\n1. Opening hours\n2. Order', false]);
      assert.strictEqual((await phone.type('2')).text, 'How many bags?');
      // What the app does not take it asks again.
      assert.strictEqual((await phone.type('many')).text, 'How many bags?');
      const end = await phone.type('12');
      assert.deepStrictEqual([end.text, end.last], ['12 bags for +254700000041 are on the way.', true]);
      assert.strictEqual(app.asked.length, 4);

      // A second visit is another session: nothing of the first one is in it.
      await phone.dial('*161#');
      assert.match((await phone.type('1')).text, /^Welcome to the shop/);
      const hours = await phone.type('1');
      assert.deepStrictEqual([hours.text, hours.last], ['Open from 8 to 6.', true]);

      // Down: the menu's own words, and at once.
      await app.close();
      await phone.dial('*161#');
      const closed = await phone.type('1');
      assert.deepStrictEqual([closed.text, closed.last], ['The shop is closed.', true]);
    } finally {
      await app.close().catch(() => {});
    }
  }, async () => {
    port = await app.listen();
  });
}
