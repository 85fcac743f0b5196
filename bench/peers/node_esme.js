// SPDX-License-Identifier: GPL-3.0-or-later
// A peer for bench/run: a USSD service as one writes it in node, of npm `smpp` and `ussd-menu-builder`. The menus are those of
// bench/menu.conf. With a file as third argument each dialogue ends with a row of its own in SQLite, committed before its last screen.
//
//   node node_esme.js PORT MODULES [STORE]     MODULES: where `npm ci` was run; ends with the connection
'use strict';

const { createRequire } = require('node:module');
const path = require('node:path');

const [port, modules, store] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(modules), 'package.json'));
const smpp = load('smpp');
const UssdMenu = load('ussd-menu-builder');

let insert = null;
if (store) {
  const db = new (load('better-sqlite3'))(store);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE dialogue (id INTEGER PRIMARY KEY, msisdn TEXT NOT NULL, steps TEXT NOT NULL, at INTEGER NOT NULL)');
  insert = db.prepare('INSERT INTO dialogue (msisdn, steps, at) VALUES (?, ?, ?)');
}

const CHOICES = '\n1 Balance\n2 Bundles\n3 My data\n4 Language\n5 Leave';
const NEXT = { 1: 'one', 2: 'two', 3: 'three', 4: 'home', 5: 'bye' };
const menu = new UssdMenu();
menu.startState({ run: () => menu.con(`Acme${CHOICES}`), next: NEXT });
menu.state('home', { run: () => menu.con(`Acme${CHOICES}`), next: NEXT });
menu.state('one', { run: () => menu.con(`Balance${CHOICES}`), next: NEXT });
menu.state('two', { run: () => menu.con(`Bundles${CHOICES}`), next: NEXT });
menu.state('three', { run: () => menu.con(`My data${CHOICES}`), next: NEXT });
menu.state('bye', { run: () => menu.end('Bye.') });

// ussd-menu-builder walks through all that was typed since the code, and runs one dialogue at a time: its state is its own.
const typed = new Map();
const waiting = [];
let running = false;

const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` }, () => {
  session.socket.setNoDelay(true); // else each screen waits for an acknowledgement of TCP, 40 ms
  session.bind_transceiver({ system_id: 'starhash', password: 'secret', interface_version: 0x34 }, (pdu) => {
    if (pdu.command_status !== 0) process.exit(1);
  });
});

function answer(pdu, text, screen) {
  const ends = screen.startsWith('END');
  if (ends) {
    typed.delete(pdu.source_addr);
    if (insert) insert.run(pdu.source_addr, text, Date.now());
  }
  session.submit_sm({
    service_type: 'USSD',
    source_addr: pdu.destination_addr, source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi,
    destination_addr: pdu.source_addr, dest_addr_ton: pdu.source_addr_ton, dest_addr_npi: pdu.source_addr_npi,
    short_message: screen.slice(4),
    ussd_service_op: ends ? 17 : 2,
    its_session_info: pdu.its_session_info,
  });
}

function turn() {
  while (!running && waiting.length > 0) {
    const pdu = waiting.shift();
    const input = String(pdu.short_message.message);
    const said = input.startsWith('*') ? '' : [typed.get(pdu.source_addr), input].filter(Boolean).join('*');
    typed.set(pdu.source_addr, said);
    running = true;
    menu.run({ sessionId: pdu.source_addr, serviceCode: '*124#', phoneNumber: pdu.source_addr, text: said }, (screen) => {
      running = false;
      answer(pdu, said, screen);
      if (waiting.length > 0) setImmediate(turn);
    });
  }
}

session.on('deliver_sm', (pdu) => {
  session.send(pdu.response());
  if (Number(pdu.ussd_service_op) === 129) typed.delete(pdu.source_addr);
  else {
    waiting.push(pdu);
    turn();
  }
});
session.on('enquire_link', (pdu) => session.send(pdu.response()));
session.on('unbind', (pdu) => {
  session.send(pdu.response());
  session.close();
});
session.on('close', () => {
  const cpu = process.cpuUsage();
  console.log(`cpu_ms ${Math.round((cpu.user + cpu.system) / 1000)} rss_kb ${process.resourceUsage().maxRSS}`);
  process.exit(0);
});
session.on('error', (error) => {
  console.error(`node_esme: ${error.message}`);
  process.exit(1);
});
