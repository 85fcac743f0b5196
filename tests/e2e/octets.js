// SPDX-License-Identifier: GPL-3.0-or-later
// PDUs as octets, where the tests want more say than the npm package gives: TLVs in any order, of any tag and length.
'use strict';

// One TLV; `length` may lie.
function tlv(tag, value, length = value.length) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(tag, 0);
  head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.from(value)]);
}

// A PDU of the package and TLVs behind it, as one buffer; it must have its sequence_number.
function withTlvs(pdu, tlvs) {
  const octets = Buffer.concat([pdu.toBuffer(), ...tlvs]);
  octets.writeUInt32BE(octets.length, 0);
  return octets;
}

// A submit_sm or deliver_sm, field by field, with TLVs in the order in which they came (SMPP 3.4, 4.4.1 and 4.6.1).
function readSm(octets) {
  let at = 16;
  const byte = () => octets[at++];
  const text = () => {
    const end = octets.indexOf(0, at);
    const value = octets.toString('latin1', at, end);
    at = end + 1;
    return value;
  };
  const sm = {
    service_type: text(),
    source: { ton: byte(), npi: byte(), address: text() },
    destination: { ton: byte(), npi: byte(), address: text() },
    esm_class: byte(), protocol_id: byte(), priority: byte(), schedule: text(), validity: text(),
    registered_delivery: byte(), replace: byte(), data_coding: byte(), default_message: byte(),
  };
  const length = byte();
  sm.message = octets.subarray(at, at + length);
  at += length;
  sm.tlvs = [];
  while (at < octets.length) {
    const size = octets.readUInt16BE(at + 2);
    sm.tlvs.push([octets.readUInt16BE(at), octets.subarray(at + 4, at + 4 + size)]);
    at += 4 + size;
  }
  if (at !== octets.length) throw new Error('the TLVs run over the end');
  sm.tlv = (tag) => (sm.tlvs.find(([t]) => t === tag) || [])[1];
  return sm;
}

// GSM 7-bit packing of USSD (3GPP TS 23.038, 6.1.2.3), of letters that ASCII and GSM 03.38 share.
function pack(letters) {
  let text = letters;
  if (text.length % 8 === 7) text += '\r'; // else the last seven bits would read as '@'
  const out = Buffer.alloc(Math.ceil((text.length * 7) / 8));
  for (let bit = 0; bit < text.length * 7; bit++) {
    if ((text.charCodeAt(Math.floor(bit / 7)) >> (bit % 7)) & 1) out[bit >> 3] |= 1 << (bit & 7);
  }
  return out;
}

function unpack(data, septets = Math.floor((data.length * 8) / 7)) {
  let text = '';
  for (let i = 0; i < septets; i++) {
    let code = 0;
    for (let b = 0; b < 7; b++) code |= ((data[(i * 7 + b) >> 3] >> ((i * 7 + b) & 7)) & 1) << b;
    text += String.fromCharCode(code);
  }
  return septets % 8 === 0 ? text.replace(/\r$/, '') : text;
}

module.exports = { pack, readSm, tlv, unpack, withTlvs };
