// SPDX-License-Identifier: GPL-3.0-or-later
// The phone in the terminal, as README.md shows it: starhash-smsc --phone on a terminal, a real daemon, a registration typed by hand.
// The picture of it is made here: STARHASH_SCREENSHOTS=docs/images node --test tests/e2e/terminal.test.js
'use strict';

const assert = require('node:assert');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { after } = require('node:test');
const { PICTURES, picture, stop } = require('./console.js');
const { BUILD, freePort, scenario, until } = require('./rig.js');

after(stop);

const CLEAR = '\u001b[H\u001b[2J'; // each page of the terminal begins with it
const TURNS = [
  ['*123#', /Hello friend/],
  ['1', /Agree\?/],
  ['1', /Your full name\?/],
  ['Amina Wanjiru', /Your town\?/],
  ['Nairobi', /At home you/],
  ['1', /dialogue ended[^]*\b100 MB\b/],
];

// `script` gives the program a terminal.
class Terminal {
  constructor(port) {
    const command = `stty -echo; exec ${BUILD}/starhash-smsc --listen 127.0.0.1:${port} --system-id starhash --password secret --phone`;
    this.said = '';
    this.child = spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.said += text.replaceAll('\r', '');
    });
    this.ended = new Promise((resolve) => {
      this.child.on('exit', resolve);
    });
  }

  page() {
    return this.said.split(CLEAR).pop();
  }

  shows(wanted) {
    return until(`the terminal shows ${wanted}`, () => wanted.test(this.page()) && this.page());
  }

  async type(text, wanted) {
    this.child.stdin.write(`${text}\n`);
    return this.shows(wanted);
  }
}

let port;
const options = { unbound: true, links: (rig) => rig.link(port) };

scenario(
  'a phone in the terminal registers somebody',
  options,
  ['Amina'],
  async (rig) => {
    const terminal = new Terminal(port);
    const pages = [];
    try {
      await terminal.shows(/ESME bound[^]*dial> $/);
      for (const [text, wanted] of TURNS) pages.push(`${await terminal.type(text, wanted)}`.trimEnd());
      pages.push((await terminal.shows(/SMS .*Thanks Amina Wanjiru! 100 MB for 7 days/)).trimEnd());
      await terminal.type('/nonsense', /unknown command/);
      assert.strictEqual((await rig.show('254700000001')).registered, true);
      terminal.child.stdin.write('/quit\n');
      assert.strictEqual(await terminal.ended, 0);
    } finally {
      terminal.child.kill();
    }
    for (const page of pages) assert.match(page, /^ {2}\+254700000001/, 'each page is drawn whole');
    if (PICTURES) await picture('phone-terminal', [pages[0], pages[2], pages.at(-1)]);
  },
  async () => {
    port = await freePort();
  },
);
