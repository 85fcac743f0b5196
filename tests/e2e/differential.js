// SPDX-License-Identifier: GPL-3.0-or-later
// Four readings of SMPP 3.4 against each other: the simulator's, the gateway's, libsmpp34's and the npm package smpp's. Every
// PDU that one of them can write is read by all of them, and each field that a reading has must be what was meant.
//
//   node differential.js [N] [SEED]      N random PDUs besides the systematic ones (tests/differ/differ.c)
//   STARHASH_BUILD                       where tests/differ/differ is
//
// Prints how many PDUs of each writer each reading has read, how many fields were compared, and what a reading cannot take
// and why that is known. Exit 1 with the first faults when anything differs.
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const path = require('node:path');
const { commandsById, tlvs, tlvsById, types } = require('smpp/lib/defs');
const { PDU } = require('smpp/lib/pdu');

PDU.prototype._filter = () => {}; // it turns fields into texts and dates; here the fields are wanted as they are

const N = Number(process.argv[2] || 20000);
const SEED = Number(process.argv[3] || 1);
const BUILD = path.resolve(process.env.STARHASH_BUILD || path.join(__dirname, '../../build'));
const HELPER = path.join(BUILD, 'tests/differ/differ');
const LIMIT = 1 << 30;

const HEADER = ['command_id', 'command_status', 'sequence_number'];
const PAYLOAD = 0x0424;

// --- npm smpp ---

const WIDTHS = { 1: 'readUInt8', 2: 'readUInt16BE', 4: 'readUInt32BE' };

function npmValue(tlv, hex) {
  const bytes = Buffer.from(hex, 'hex');
  if (tlv.type === types.tlv.buffer) return bytes;
  if (tlv.tag === 'receipted_message_id') return bytes.subarray(0, -1).toString('latin1');
  return bytes[WIDTHS[bytes.length]](0);
}

// null: the package cannot say this.
function npmMake(pdu) {
  const command = commandsById[pdu.command_id];
  if (pdu.command_status && Object.keys(pdu).length > 3) return null; // it leaves out the body then
  const options = { ...pdu };
  delete options.tlvs;
  delete options.body;
  delete options.in_payload;
  for (const [tag, hex] of Object.entries(pdu.tlvs || {})) {
    const tlv = tlvsById[tag];
    if (!tlv) return null; // a vendor's
    if (tlv.multiple) options[tlv.tag] = [npmValue(tlv, hex)];
    else options[tlv.tag] = npmValue(tlv, hex);
  }
  const body = Buffer.from(pdu.body || '', 'hex');
  if (pdu.in_payload) options.message_payload = body;
  if ('short_message' in (command.params || {})) options.short_message = pdu.in_payload ? Buffer.alloc(0) : body;
  return new PDU(command.command, options).toBuffer().toString('hex');
}

function npmHex(tlv, value, length) {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (typeof value === 'string') return `${Buffer.from(value, 'latin1').toString('hex')}00`;
  return value.toString(16).padStart(2 * length, '0');
}

const LENGTHS = { int8: 1, int16: 2, int32: 4 };

function npmRead(hex) {
  const pdu = new PDU(Buffer.from(hex, 'hex'));
  const params = (commandsById[pdu.command_id] || {}).params || {};
  const out = {};
  for (const key of HEADER) out[key] = pdu[key];
  for (const key of Object.keys(params)) if (key in pdu && key !== 'short_message') out[key] = pdu[key];
  out.tlvs = {};
  for (const key of Object.keys(pdu)) {
    if (/^\d+$/.test(key)) {
      out.tlvs[key] = pdu[key].toString('hex');
    } else if (tlvs[key] && !(key in params)) {
      const kind = Object.keys(LENGTHS).find((k) => types.tlv[k] === tlvs[key].type);
      const value = tlvs[key].multiple ? pdu[key][0] : pdu[key];
      out.tlvs[tlvs[key].id] = npmHex(tlvs[key], value, LENGTHS[kind]);
    }
  }
  if ('short_message' in params || pdu.command_id === 0x103) {
    out.in_payload = PAYLOAD in out.tlvs;
    out.body = out.in_payload ? out.tlvs[PAYLOAD] : (pdu.short_message || Buffer.alloc(0)).toString('hex');
  }
  delete out.tlvs[PAYLOAD];
  return out;
}

// --- what a reading is known not to take ---

// libsmpp34 (docs/adr/0002); `meant` is the PDU. Each row names itself in the report.
const LIMITS = {
  smpp34: [
    ['a message_payload over 1024', (m) => m.in_payload && m.body.length > 2 * 1024],
    ['a status of a vendor', (m) => m.command_status >= 0x400],
    ['a deliver_sm_resp of an error without message_id', (m) => m.command_id === 0x80000005 && m.command_status !== 0],
  ],
  gateway: [],
  smsc: [
    ['SAR with a UDH', (m) => (m.esm_class & 0x40) !== 0],
    ['an empty destination', (m) => m.destination_addr === ''],
  ],
  npm: [],
};

function known(reader, meant) {
  const row = LIMITS[reader].find(([, holds]) => holds(meant));
  return row && row[0];
}

// --- comparing ---

const faults = [];
const readings = {}; // writer -> reader -> PDUs
const refusals = {}; // "reader: why" -> PDUs
let fields = 0;

function fault(writer, reader, what, hex) {
  faults.push(`${writer} wrote, ${reader} read: ${what}: ${hex.slice(0, 400)}`);
}

function compareTlvs(writer, reader, meant, got, hex) {
  const tags = new Set([...Object.keys(meant), ...Object.keys(got)]);
  for (const tag of tags) {
    fields += 1;
    if (meant[tag] !== got[tag]) fault(writer, reader, `TLV ${tag} is ${got[tag]}, meant ${meant[tag]}`, hex);
  }
}

// The gateway does not care where a text was, and sends one of 254 octets, which libsmpp34 cannot write, as a payload.
function payloadIsFree(writer, reader, meant) {
  return reader === 'gateway' || (writer === 'gateway' && meant.body.length === 2 * 254);
}

function compare(writer, reader, meant, got, hex) {
  if (got.cannot) {
    const why = known(reader, meant);
    if (!why) fault(writer, reader, `cannot: ${got.cannot}`, hex);
    else refusals[`${reader}: ${why}`] = (refusals[`${reader}: ${why}`] || 0) + 1;
    return;
  }
  readings[writer][reader] = (readings[writer][reader] || 0) + 1;
  for (const key of Object.keys(got)) {
    if (key === 'tlvs') {
      compareTlvs(writer, reader, meant.tlvs || {}, got.tlvs, hex);
    } else if (key !== 'in_payload' || !payloadIsFree(writer, reader, meant)) {
      const wanted = key in meant ? meant[key] : { schedule_delivery_time: '', validity_period: '', message_id: '' }[key];
      fields += 1;
      if (wanted !== got[key]) fault(writer, reader, `${key} is ${got[key]}, meant ${wanted}`, hex);
    }
  }
}

function main() {
  const made = execFileSync(HELPER, ['make', String(N), String(SEED)], { maxBuffer: LIMIT, encoding: 'latin1' })
    .trim().split('\n').map((line) => JSON.parse(line));
  const pdus = [];
  for (const { pdu, made: by } of made) {
    const npm = npmMake(pdu);
    if (npm) by.npm = npm;
    for (const [writer, hex] of Object.entries(by)) pdus.push({ writer, hex, meant: pdu });
  }
  const input = pdus.map((p) => `${p.hex}\n`).join('');
  const result = spawnSync(HELPER, ['read'], { input, maxBuffer: LIMIT, encoding: 'latin1' });
  if (result.status !== 0) throw new Error(`differ read ended with ${result.status}: ${result.stderr}`);
  const lines = result.stdout.trim().split('\n');
  if (lines.length !== pdus.length) throw new Error(`${lines.length} readings of ${pdus.length} PDUs`);
  pdus.forEach(({ writer, hex, meant }, i) => {
    readings[writer] = readings[writer] || {};
    const got = JSON.parse(lines[i]);
    got.npm = npmRead(hex);
    for (const reader of Object.keys(got)) compare(writer, reader, meant, got[reader], hex);
  });
  report(made.length, pdus.length);
}

function report(meant, written) {
  const readers = ['smsc', 'gateway', 'smpp34', 'npm'];
  console.log(`${'written by'.padEnd(12)}${readers.map((r) => r.padStart(10)).join('')}   read by`);
  for (const writer of Object.keys(readings).sort()) {
    console.log(`${writer.padEnd(12)}${readers.map((r) => String(readings[writer][r] || 0).padStart(10)).join('')}`);
  }
  for (const [why, n] of Object.entries(refusals)) console.log(`not read, as is known: ${why}: ${n}`);
  if (faults.length > 0) {
    for (const one of faults.slice(0, 20)) console.error(one);
    console.error(`differential: ${faults.length} differences (SEED=${SEED})`);
    process.exit(1);
  }
  const enough = readers.every((r) => Object.values(readings).every((by) => by[r] > 0)) && Object.keys(readings).length === 4;
  if (!enough) {
    console.error('differential: a writer or a reading took no part');
    process.exit(1);
  }
  console.log(`differential: ${meant} PDUs in ${written} writings, ${fields} fields compared, none differs (SEED=${SEED})`);
}

main();
