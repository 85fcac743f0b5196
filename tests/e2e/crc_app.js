// SPDX-License-Identifier: GPL-3.0-or-later
// An app that says which text it was given: "END CRC32 BYTES BEGINNING-OF-THE-TEXT", in the Africa's Talking protocol. The
// simulator, which sent that text in parts, holds the answer against what it sent.
//
//   node crc_app.js PORT-FILE      listens on a free port of 127.0.0.1 and writes it there; ends with SIGTERM
'use strict';

const fs = require('node:fs');
const http = require('node:http');

const TABLE = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = TABLE[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function answer(text) {
  if (text === '') return 'CON Write';
  const bytes = Buffer.from(text, 'utf8');
  return `END ${crc32(bytes).toString(16).padStart(8, '0')} ${bytes.length} ${[...text].slice(0, 50).join('')}`;
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const form = new URLSearchParams(Buffer.concat(chunks).toString('latin1'));
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(answer(form.get('text') || ''));
  });
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => {
  const file = process.argv[2];
  fs.writeFileSync(`${file}.new`, `${server.address().port}\n`);
  fs.renameSync(`${file}.new`, file);
});
process.on('SIGTERM', () => process.exit(0));
