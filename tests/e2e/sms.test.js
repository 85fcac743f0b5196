// SPDX-License-Identifier: GPL-3.0-or-later
// SMS both ways: long ones in every shape and order, alphabets, STOP in a long one, receipts in all their shapes. An app behind
// the daemon hears what a subscriber texts and says what he gets, so that both can be compared letter by letter.
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { scenario, smpp, until } = require('./rig.js');
const { readSm, tlv, withTlvs } = require('./octets.js');

const ROK = 0;
const UDHI = 0x40;
const SAR = { reference: 0x020c, total: 0x020e, number: 0x020f };
const PAYLOAD = 0x0424;

// --- the app, its menu, and the dialects of these tests ---------------------------------------------------------------

const app = {
  heard: '',
  says: 'Thanks',
  async listen() {
    this.server = http.createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const text = new URLSearchParams(body).get('text');
        if (text) this.heard = text;
        response.setHeader('content-type', 'text/plain; charset=utf-8');
        response.end(text ? `END ${this.says}` : 'CON Tell us');
      });
    });
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.server.unref();
  },
  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  },
};

const menu = () => `
code = "*171#"; keywords = [ "TELL" ]; languages = [ "en" ]; start = "tell";
screens = {
tell   = { app = { url = "http://127.0.0.1:${app.server.address().port}/ussd"; speaks = "africastalking"; within = "2s"; else = "closed"; }; };
closed = { end = "Closed."; };
};
`;

// Texts that go out by SMS, one for each number that is typed.
const lettersMenu = (texts) => `
code = "*172#"; languages = [ "en" ]; start = "home";
screens = {
home = { say = "Which?"; menu = ( ${Object.keys(texts).map((name, i) => `( "${name}", "s${i}" )`).join(', ')} ); };
${Object.values(texts).map((text, i) => `s${i} = { sms = ${JSON.stringify(text)}; end = "On its way."; };`).join('\n')}
};
`;

function prepare(sms) {
  return (folder) => {
    fs.writeFileSync(path.join(folder, 'menus/letters.conf'), lettersMenu(LETTERS));
    fs.writeFileSync(path.join(folder, 'menus/tell.conf'), menu());
    fs.writeFileSync(path.join(folder, 'dialects.conf'),
      `dialects = ( { name = "tested"; like = "standard"; sms = { ${sms} }; } );\n`);
  };
}

const LETTER = 'The well at Voi has been dry since Tuesday, and the next one is an hour away on foot. ';
const LONG = LETTER.repeat(5).trim(); // 429 letters: three parts
// Escapes and surrogates stand where a careless cut would tear them: at 152 and 153 septets, 66 and 67 units.
const TORN = `${'a'.repeat(151)}€€€${'b'.repeat(146)}€€€${'c'.repeat(60)}`;
const TORN_UCS2 = `${'ж'.repeat(65)}💧💧${'ш'.repeat(62)}💧💧${'щ'.repeat(20)}`;
const LETTERS = { Well: LONG, Torn: TORN, Cyrillic: TORN_UCS2, Short: 'Short' };

// A scenario with the app; `sms` is what its dialect says of SMS.
function texting(name, sms, secrets, body, more = {}) {
  const options = { services: '"menus/join.conf", "menus/tell.conf", "menus/letters.conf"', prepare: prepare(sms), link: 'dialect = "tested";', ...more };
  scenario(name, options, secrets, async (rig) => {
    try {
      await body(rig);
    } finally {
      await app.close();
    }
  }, () => app.listen());
}

// --- what phones send ---------------------------------------------------------------------------------------------------

class Texter {
  constructor(rig, msisdn) {
    Object.assign(this, { rig, msisdn });
  }

  // One deliver_sm as octets: `body` in short_message, TLVs behind it. Resolves when it is answered well.
  async part(body, { coding = 0, esm = 0, tlvs = [] } = {}) {
    const { session } = this.rig.smsc;
    const pdu = new smpp.PDU('deliver_sm', {
      source_addr_ton: 1, source_addr_npi: 1, source_addr: this.msisdn, destination_addr: '171', data_coding: coding, esm_class: esm,
    });
    pdu.short_message = body;
    pdu.sequence_number = ++session.sequence;
    session.socket.write(withTlvs(pdu, tlvs));
    const resp = await this.rig.smsc.pdu('deliver_sm_resp', (p) => p.sequence_number === pdu.sequence_number);
    assert.strictEqual(resp.command_status, ROK);
  }

  // A whole one of plain letters.
  text(words) {
    return this.part(Buffer.from(words, 'latin1'));
  }

  submitted() {
    return this.rig.smsc.pdu('submit_sm', (p) => p.destination_addr === this.msisdn);
  }

  // The app is asked, and waits for the answer.
  async begin() {
    await this.text('TELL');
    assert.strictEqual((await this.submitted()).short_message.message, 'Tell us');
  }

  // Several parts; what the app heard when all had come.
  async tell(parts) {
    await this.begin();
    app.heard = '';
    app.says = 'Thanks';
    for (const part of parts) await this.part(...part);
    assert.strictEqual((await this.submitted()).short_message.message, 'Thanks');
    return app.heard;
  }
}

let reference = 40;

// Ways to cut octets into parts, as [body, options]; `size` octets of text in each.
const cut = (octets, size) => Array.from({ length: Math.ceil(octets.length / size) }, (_, i) => octets.subarray(i * size, (i + 1) * size));
const WAYS = {
  udh8: (octets, coding, size = 153, ies = []) => {
    const pieces = cut(octets, size);
    const ref = ++reference & 255;
    return pieces.map((p, i) => [Buffer.concat([Buffer.from([5 + ies.length, 0, 3, ref, pieces.length, i + 1, ...ies]), p]), { coding, esm: UDHI }]);
  },
  udh16: (octets, coding, size = 152) => {
    const pieces = cut(octets, size);
    const ref = ++reference;
    return pieces.map((p, i) => [Buffer.concat([Buffer.from([6, 8, 4, 0x12, ref & 255, pieces.length, i + 1]), p]), { coding, esm: UDHI }]);
  },
  sar: (octets, coding, size = 153) => {
    const pieces = cut(octets, size);
    const ref = ++reference;
    return pieces.map((p, i) => [p, {
      coding,
      tlvs: [tlv(SAR.reference, [0x34, ref & 255]), tlv(SAR.total, [pieces.length]), tlv(SAR.number, [i + 1])],
    }]);
  },
  payload: (octets, coding) => [[Buffer.alloc(0), { coding, tlvs: [tlv(PAYLOAD, octets)] }]],
};

const UCS2 = (text) => Buffer.from(text, 'utf16le').swap16();
const ORDERS = {
  'in order': (parts) => parts,
  'the last part first': (parts) => [...parts].reverse(),
  'each part twice, but the one that completes it': (parts) => [...parts.slice(0, -1), ...parts].slice(0, -1).concat([parts[parts.length - 1]]),
};

texting('long SMS in: header of 8 and 16 bit, SAR, payload; in order, reversed, with copies', '', ['well'], async (rig) => {
  let n = 700;
  for (const [way, split] of Object.entries(WAYS)) {
    for (const [order, arrange] of Object.entries(ORDERS)) {
      const heard = await new Texter(rig, `254700000${n++}`).tell(arrange(split(Buffer.from(LONG, 'latin1'), 0)));
      assert.strictEqual(heard, LONG, `${way}, ${order}`);
    }
    const cyrillic = 'Колодец в деревне пуст со вторника 💧. '.repeat(5).trim();
    const heard = await new Texter(rig, `254700000${n++}`).tell(split(UCS2(cyrillic), 8, 132).reverse());
    assert.strictEqual(heard, cyrillic, `${way}, UCS-2`);
  }
  const { sms_in: seen } = await rig.tool('status', '--json');
  assert.deepStrictEqual([seen.waiting, seen.refused, seen.expired], [0, 0, 0]);
  assert.ok(seen.copies > 0);
});

texting('long SMS in: parts of two subscribers and of two texts, mixed', '', ['well'], async (rig) => {
  const [one, two] = [new Texter(rig, '254700000731'), new Texter(rig, '254700000732')];
  await one.begin();
  await two.begin();
  const [a, b] = [WAYS.udh8(Buffer.from(LONG, 'latin1'), 0), WAYS.udh8(Buffer.from(LONG.toUpperCase(), 'latin1'), 0)];
  a.forEach((part, i) => (b[i][0][3] = part[0][3])); // the same reference, from another phone
  await one.part(...a[2]);
  await two.part(...b[0]);
  await one.part(...a[0]);
  await two.part(...b[1]);
  await one.part(...a[1]);
  await one.submitted();
  assert.strictEqual(app.heard, LONG);
  await two.part(...b[2]);
  await two.submitted();
  assert.strictEqual(app.heard, LONG.toUpperCase());
});

texting('alphabets in: what data_coding says, escapes, a national shift table', '', [], async (rig) => {
  let n = 740;
  const CASES = [
    ['GSM 03.38', [Buffer.from([0x00, 0x01, 0x02, 0x11, 0x1b, 0x65, 0x1b, 0x28, 0x1b, 0x29]), { coding: 0 }], '@£$_€{}'],
    ['ASCII', [Buffer.from('a@b_$', 'latin1'), { coding: 1 }], 'a@b_$'],
    ['Latin-1', [Buffer.from('déjà vu ñ', 'latin1'), { coding: 3 }], 'déjà vu ñ'],
    ['UCS-2', [UCS2('Нина Ёлкина 💧'), { coding: 8 }], 'Нина Ёлкина 💧'],
    ['GSM with a class', [Buffer.from([0x05, 0x06, 0x07]), { coding: 0xf1 }], 'éùì'],
    ['UCS-2 as a data coding scheme', [UCS2('Ёж'), { coding: 0x48 }], 'Ёж'],
    ['Turkish, single shift', [Buffer.concat([Buffer.from([3, 0x24, 1, 1]), Buffer.from([0x1b, 0x67, 0x1b, 0x73, 0x1b, 0x69])]), { coding: 0, esm: UDHI }], 'ğşı'],
    ['Spanish, single shift', [Buffer.concat([Buffer.from([3, 0x24, 1, 2]), Buffer.from([0x1b, 0x61, 0x1b, 0x6f])]), { coding: 0, esm: UDHI }], 'áó'],
    ['a NUL at the end', [Buffer.from('maize\0', 'latin1'), { coding: 3 }], 'maize'],
  ];
  for (const [name, part, wanted] of CASES) {
    assert.strictEqual(await new Texter(rig, `254700000${n++}`).tell([part]), wanted, name);
  }
});

texting('alphabets in: data_coding 0 is Latin-1 where the dialect says so', 'default_alphabet = "latin1";', [], async (rig) => {
  assert.strictEqual(await new Texter(rig, '254700000755').tell([[Buffer.from('café $', 'latin1'), { coding: 0 }]]), 'café $');
});

texting('STOP in a long SMS wins, and is confirmed once', '', [], async (rig) => {
  const texter = new Texter(rig, '254700000761');
  await texter.begin();
  app.heard = '';
  const words = `STOP ${'please, no more of this. '.repeat(12)}`;
  for (const part of WAYS.udh8(Buffer.from(words, 'latin1'), 0).reverse()) await texter.part(...part);
  assert.doesNotMatch((await texter.submitted()).short_message.message, /Thanks/);
  assert.strictEqual(app.heard, '');
  await texter.text('STOP');
  await new Texter(rig, '254700000762').begin(); // a whole turn later nothing more has come for the first
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});

// --- what we send -----------------------------------------------------------------------------------------------------

// Somebody to whom the letter of this number is on its way.
async function letter(rig, msisdn, number) {
  const phone = rig.phone(msisdn);
  await phone.dial('*172#');
  assert.strictEqual((await phone.type(String(number + 1))).text, 'On its way.');
  return new Texter(rig, msisdn);
}

// The parts of one text, as the package decodes them, put together by what each says of its place.
async function gather(texter, way) {
  const parts = [];
  let total = 1;
  while (parts.length < total) {
    const pdu = await texter.submitted();
    const sm = readSm(pdu.octets);
    const udh = pdu.short_message.udh || [];
    let ref = 0;
    let number = 1;
    if (udh.length) {
      assert.ok(pdu.esm_class & UDHI);
      const ie = udh[0];
      assert.strictEqual(ie[0], way === 'udh16' ? 8 : 0);
      [ref, total, number] = ie[0] === 8 ? [ie.readUInt16BE(2), ie[4], ie[5]] : [ie[2], ie[3], ie[4]];
      const septets = sm.data_coding === 8 ? 140 : 160;
      const room = septets === 140 ? 140 : 160 - Math.ceil((sm.message[0] + 1) * 8 / 7);
      assert.ok(sm.message.length - (septets === 140 ? 0 : sm.message[0] + 1) <= room, 'fits into one message');
    } else if (pdu.sar_total_segments !== undefined) {
      [ref, total, number] = [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum];
      assert.strictEqual(way, 'sar');
      assert.ok(!(pdu.esm_class & UDHI), 'SAR and a header forbid each other');
      assert.ok(sm.message.length <= (sm.data_coding === 8 ? 134 : 153), 'leaves room for the header of the radio side');
    } else if (pdu.message_payload !== undefined) {
      assert.strictEqual(way, 'payload');
      assert.strictEqual(sm.message.length, 0);
    }
    const body = pdu.message_payload === undefined ? pdu.short_message : pdu.message_payload;
    parts.push({ ref, number, text: body.message, coding: sm.data_coding });
  }
  assert.strictEqual(new Set(parts.map((p) => p.ref)).size, 1, 'one reference');
  assert.deepStrictEqual(parts.map((p) => p.number).sort((a, b) => a - b), parts.map((_, i) => i + 1));
  return parts.sort((a, b) => a.number - b.number);
}

for (const way of Object.keys(WAYS)) {
  texting(`long SMS out: ${way}, read by the package`, `parts = "${way}";`, [], async (rig) => {
    let n = 770;
    for (const [i, wanted] of Object.values(LETTERS).entries()) {
      const coding = wanted === TORN_UCS2 ? 8 : 0;
      const parts = await gather(await letter(rig, `254700000${n++}`, i), way);
      assert.strictEqual(parts.map((p) => p.text).join(''), wanted);
      assert.ok(parts.every((p) => p.coding === coding), 'data_coding');
      assert.ok(parts.every((p) => !/^[\udc00-\udfff]|[\ud800-\udbff]$|\x1b$/.test(p.text)), 'nothing is torn');
      assert.strictEqual(parts.length > 1, way !== 'payload' && wanted !== 'Short');
    }
  });
}

texting('alphabets out: Latin-1, its data_coding, and UCS-2 for what it cannot spell', 'alphabet = "latin1";', [], async (rig) => {
  const texter = new Texter(rig, '254700000781');
  await texter.begin();
  app.says = 'déjà vu';
  await texter.text('go');
  let sm = readSm((await texter.submitted()).octets);
  assert.deepStrictEqual([sm.data_coding, sm.message.toString('latin1')], [3, 'déjà vu']);
  await texter.text('TELL');
  await texter.submitted();
  app.says = 'Ёж';
  await texter.text('go');
  sm = readSm((await texter.submitted()).octets);
  assert.strictEqual(sm.data_coding, 8);
  assert.deepStrictEqual(sm.message, UCS2('Ёж'));
});

texting('alphabets out: transliterated where the dialect wants no UCS-2', 'letters = "transliterate";', [], async (rig) => {
  const texter = new Texter(rig, '254700000782');
  await texter.begin();
  app.says = 'Kőszeg – “Łódź”';
  await texter.text('go');
  const sm = readSm((await texter.submitted()).octets);
  assert.deepStrictEqual([sm.data_coding, sm.message.toString('latin1')], [0, 'Koszeg - "Lodz"']);
});

texting('sender, validity, priority and the like of the dialect', 'sender = "ACME"; validity = "1h"; priority = 1; service_type = "CMT"; protocol_id = 0x10;',
  [], async (rig) => {
    const texter = new Texter(rig, '254700000783');
    await texter.text('TELL');
    const sm = readSm((await texter.submitted()).octets);
    assert.deepStrictEqual(sm.source, { ton: 5, npi: 0, address: 'ACME' }); // alphanumeric
    assert.deepStrictEqual([sm.validity, sm.priority, sm.service_type, sm.protocol_id], ['000000010000000R', 1, 'CMT', 0x10]);
    assert.deepStrictEqual(sm.destination, { ton: 1, npi: 1, address: '254700000783' });
  });

texting('one part of a long SMS is throttled: it alone goes again', 'parts = "udh8";', [], async (rig) => {
  let refused = 0;
  rig.smsc.submitStatus = (pdu) => (pdu.short_message.udh && pdu.short_message.udh[0][4] === 2 && !refused++ ? smpp.ESME_RTHROTTLED : 0);
  const texter = await letter(rig, '254700000784', 0);
  const numbers = [];
  for (let i = 0; i < 4; i++) numbers.push((await texter.submitted()).short_message.udh[0][4]);
  assert.deepStrictEqual(numbers.sort(), [1, 2, 2, 3]);
  await rig.smsc.ask('enquire_link');
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
});

// --- receipts -----------------------------------------------------------------------------------------------------------

const RECEIPT = 0x04;
const receiptText = (id, stat = 'DELIVRD') => Buffer.from(
  `id:${id} sub:001 dlvrd:001 submit date:2611220101 done date:2611220102 stat:${stat} err:000 text:Thanks`, 'latin1');
const byTlv = (id, state = 2) => ({ esm: RECEIPT, tlvs: [tlv(0x001e, Buffer.from(`${id}\0`)), tlv(0x0427, [state])] });

// Registers; the SMS that confirms it wants a receipt. Its id is what `id` makes of its number.
async function noticed(rig, msisdn) {
  const phone = rig.phone(msisdn);
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Jane Doe', 'Embu', '1']) await phone.type(answer);
  const pdu = await rig.smsc.pdu('submit_sm', (p) => p.destination_addr === msisdn && p.ussd_service_op === undefined);
  assert.strictEqual(pdu.registered_delivery & 3, 1, 'a receipt is asked for');
}

// As many SMS have their responses: a receipt before that is an early one.
const answered = (rig, n) => until(`response ${n}`, async () => (await rig.tool('status', '--json')).sms_out.sent === n);

const matched = (rig, n) => until(`receipt ${n}`, async () => (await rig.tool('status', '--json')).receipts.matched === n);

// What a response says, and what the receipt says of it.
const SHAPES = [
  ['TLVs', 'a1b2', (id) => [Buffer.alloc(0), byTlv(id)]],
  ['text', 'a1b3', (id) => [receiptText(id), { esm: RECEIPT }]],
  ['TLVs and a text that says something else', 'a1b4', (id) => [receiptText('nonsense'), byTlv(id)]],
  ['esm_class 0x44 as some send it', 'a1b5', (id) => [receiptText(id), { esm: 0x44 & ~UDHI }]],
  ['hexadecimal in the response, decimal in the receipt', '1c8f3', () => [receiptText(String(0x1c8f3)), { esm: RECEIPT }]],
  ['decimal in the response, hexadecimal in the receipt', '7700123', () => [receiptText((7700123).toString(16)), { esm: RECEIPT }]],
  ['leading zeros', '0000880077', () => [receiptText('880077'), { esm: RECEIPT }]],
  ['other letters', 'ABCD99', () => [receiptText('abcd99'), { esm: RECEIPT }]],
  ['a failure', 'f00d1', (id) => [receiptText(id, 'UNDELIV'), { esm: RECEIPT }]],
];

texting('receipts in all their shapes find their SMS', 'receipts = true; receipt_id = "any";', ['Jane', 'Embu'], async (rig) => {
  let n = 800;
  let id;
  rig.smsc.messageId = (pdu) => (pdu.ussd_service_op === undefined ? id : `ussd${n}`);
  let done = 0;
  for (const [name, given, receipt] of SHAPES) {
    id = given;
    const msisdn = `254700000${n++}`;
    await noticed(rig, msisdn);
    await answered(rig, done + 1);
    await new Texter(rig, msisdn).part(...receipt(given));
    await matched(rig, ++done).catch((error) => {
      throw new Error(`${name}: ${error.message}`);
    });
    assert.strictEqual((await rig.show(msisdn)).notices[0].delivery, name === 'a failure' ? 'undeliverable' : 'delivered', name);
  }
  // One that nobody waits for, one that tells nothing: answered, counted, no more.
  await new Texter(rig, '254700000820').part(receiptText('never-sent'), { esm: RECEIPT });
  await new Texter(rig, '254700000820').part(Buffer.from('what a day'), { esm: RECEIPT });
  await until('a stray receipt', async () => (await rig.tool('status', '--json')).receipts.stray === 1);
  assert.strictEqual((await rig.tool('status', '--json')).receipts.unreadable, 1);
  assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, 'nobody is answered for a receipt');
});

texting('a receipt that comes before the response of its submit_sm', 'receipts = true;', ['Jane', 'Embu'], async (rig) => {
  rig.smsc.messageId = (pdu) => (pdu.ussd_service_op === undefined ? 'early1' : 'ussd');
  const answer = rig.smsc.answer.bind(rig.smsc);
  const late = [];
  rig.smsc.answer = (session, pdu) => (pdu.command === 'submit_sm' && pdu.ussd_service_op === undefined ? late.push([session, pdu]) : answer(session, pdu));
  await noticed(rig, '254700000831');
  await new Texter(rig, '254700000831').part(receiptText('early1'), { esm: RECEIPT });
  for (const [session, pdu] of late) answer(session, pdu);
  await until('the receipt', async () => {
    const { receipts } = await rig.tool('status', '--json');
    return receipts.in === 1 && receipts.waiting === 0;
  });
  await until('the state, once both are known', async () => (await rig.show('254700000831')).notices[0].delivery === 'delivered');
});

texting('a receipt by another bind of the group, and one again after that', 'receipts = true;', ['Jane', 'Embu'], async (rig) => {
  const [one, two] = rig.smscs;
  await two.bound();
  for (const smsc of rig.smscs) smsc.messageId = (pdu) => (pdu.ussd_service_op === undefined ? 'there1' : 'ussd');
  const phone = rig.phone('254700000841');
  await phone.dial('*123*1#');
  for (const answer of ['1', 'Jane Doe', 'Embu', '1']) await phone.type(answer);
  const isNotice = (i) => i.pdu.command === 'submit_sm' && i.pdu.ussd_service_op === undefined;
  await until('the notice', () => one.inbox.count(isNotice) + two.inbox.count(isNotice) === 1);
  const other = one.inbox.count(isNotice) ? two : one;
  await answered(rig, 1);
  const by = { smsc: other };
  await new Texter(by, '254700000841').part(receiptText('there1'), { esm: RECEIPT });
  await matched(rig, 1);
  await new Texter(by, '254700000841').part(receiptText('there1'), { esm: RECEIPT });
  await until('the copy of a receipt', async () => (await rig.tool('status', '--json')).receipts.repeated === 1);
}, { also: [{}], links: (rig) => rig.smscs.map((s, i) => rig.link(s.port, 'dialect = "tested";', `smsc-${i}`)).join(',\n') });

texting('a receipt that says nothing of itself, where the dialect goes by the text', 'receipts = true; receipts_by_text = true;', ['Jane', 'Embu'],
  async (rig) => {
    rig.smsc.messageId = (pdu) => (pdu.ussd_service_op === undefined ? 'bare1' : 'ussd');
    await noticed(rig, '254700000851');
    await answered(rig, 1);
    await new Texter(rig, '254700000851').part(receiptText('bare1'));
    await matched(rig, 1);
  });
