// SPDX-License-Identifier: GPL-3.0-or-later
// door.js PORT LOG: a door before a charging system on 127.0.0.1 that can be shut: then connections are refused, as by a
// machine whose service is down. SIGUSR1 shuts it, SIGUSR2 opens it. Each UCIP call that passes is a line of LOG: milliseconds,
// method, subscriber. Prints its own port first. It ends with its standard input.
'use strict';

const fs = require('node:fs');
const net = require('node:net');

const [inner, log] = process.argv.slice(2);
const lines = fs.createWriteStream(log);
const links = new Set();
let port = 0;

// A request comes in one piece or two; what was not understood yet is kept until it can be.
function note(text) {
  const method = /<methodName>\s*(\w+)/.exec(text);
  const who = /subscriberNumber<\/name>\s*<value>\s*(?:<string>)?\s*(\d+)/.exec(text);
  if (!method || !who || !text.includes('</methodCall>')) return text.slice(-20000);
  lines.write(`${Date.now()} ${method[1]} ${who[1]}\n`);
  return '';
}

const door = net.createServer((socket) => {
  const inside = net.connect(Number(inner), '127.0.0.1');
  let text = '';
  socket.on('data', (data) => { text = note(text + data); });
  for (const [one, other] of [[socket, inside], [inside, socket]]) {
    one.setNoDelay(true);
    links.add(one);
    one.on('error', () => {});
    one.on('close', () => { links.delete(one); other.destroy(); });
    one.pipe(other);
  }
});
door.listen(0, '127.0.0.1', () => {
  port = door.address().port;
  console.log(port);
});
process.on('SIGUSR1', () => {
  door.close();
  for (const link of links) link.destroy();
});
process.on('SIGUSR2', () => door.listen(port, '127.0.0.1'));
process.stdin.resume().on('end', () => process.exit(0));
