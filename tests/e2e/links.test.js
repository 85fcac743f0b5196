// SPDX-License-Identifier: GPL-3.0-or-later
// Links and groups against SMSCs that make life hard: pairs, TLS, alternates, standbys, refused binds, half-open lines, answers
// that never come, and each command_status to a submit_sm.
'use strict';

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { OP, Phone, freePort, scenario, smpp, until } = require('./rig.js');

const HOME = /^Hello friend/;
const links = async (rig) => (await rig.tool('status', '--json')).links;
const link = async (rig, name) => (await links(rig)).find((l) => l.name === name);
const isBind = (i) => i.pdu.command.startsWith('bind_') && !i.pdu.command.endsWith('_resp');

async function served(rig, smsc, msisdn) {
  const phone = new Phone(smsc, msisdn);
  assert.match((await phone.dial()).text, HOME);
  await phone.abort();
}

// --- pairs ----------------------------------------------------------------------------------------------------------

scenario('a pair: deliver_sm by one session, submit_sm by the other, responses where the requests came',
  { link: 'bind = "pair";', unbound: true }, [], async (rig) => {
    const { smsc } = rig;
    const binds = [(await smsc.bound()).pdu, (await smsc.bound()).pdu];
    assert.deepStrictEqual(binds.map((b) => b.command).sort(), ['bind_receiver', 'bind_transmitter']);
    assert.notStrictEqual(smsc.session, smsc.transmitter);
    const phone = rig.phone('254700000601');
    const sent = phone.ussd(OP.begin, '*123#');
    const screen = await smsc.on('submit_sm');
    assert.match(screen.pdu.short_message.message, HOME);
    assert.strictEqual(screen.session, smsc.transmitter);
    const resp = await smsc.on('deliver_sm_resp', (p) => p.sequence_number === sent.sequence_number);
    assert.strictEqual(resp.session, smsc.session);
    await phone.abort();

    // Half of it goes: it comes again, and the dialogues with it.
    smsc.transmitter.socket.destroy();
    await smsc.events.take((e) => e.kind === 'bound' && e.pdu.command === 'bind_transmitter', 'the transmitter again');
    await until('the whole pair', async () => (await links(rig)).every((l) => l.state === 'bound'));
    await served(rig, smsc, '254700000602');
    assert.deepStrictEqual((await links(rig)).map((l) => l.state), ['bound', 'bound']);
  });

// --- TLS --------------------------------------------------------------------------------------------------------------

const certs = fs.mkdtempSync(path.join(require('node:os').tmpdir(), 'starhash-certs-'));
process.on('exit', () => fs.rmSync(certs, { recursive: true, force: true }));

function certificate(name, subject = 'IP:127.0.0.1') {
  const [key, cert] = [`${name}.key`, `${name}.pem`].map((f) => path.join(certs, f));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-addext', `subjectAltName=${subject}`, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { keyFile: key, certFile: cert, key: fs.readFileSync(key), cert: fs.readFileSync(cert) };
}

const good = certificate('smsc');
const elsewhere = certificate('elsewhere', 'DNS:smsc.example');
const client = certificate('starhash');
const ca = (c) => `tls = true; tls_ca = "${c.certFile}";`;

scenario('TLS: verified against tls_ca, and the dialogue runs', { smsc: { tls: good }, link: ca(good) }, [], async (rig) => {
  assert.strictEqual(rig.smsc.session.socket.encrypted, true);
  await served(rig, rig.smsc, '254700000611');
});

scenario('TLS: another name by tls_name', { smsc: { tls: elsewhere }, link: `${ca(elsewhere)} tls_name = "smsc.example";` }, [],
  (rig) => served(rig, rig.smsc, '254700000612'));

for (const [what, server, more] of [
  ['a certificate of nobody that we know', good, 'tls = true;'],
  ['a certificate for another name', elsewhere, ca(elsewhere)],
]) {
  scenario(`TLS: ${what} is refused before a word of SMPP`, { smsc: { tls: server }, link: more, unbound: true }, [],
    async (rig) => {
      await until('the reason in the log', () => /certificate|verif/i.test(rig.said));
      await until('a failure that is counted', async () => (await link(rig, 'smsc-a')).connect_failures > 0);
      assert.strictEqual(rig.smsc.inbox.count(isBind), 0, 'the password was not told to a stranger');
    });
}

scenario('TLS: tls_verify = false takes anybody', { smsc: { tls: elsewhere }, link: 'tls = true; tls_verify = false;' }, [],
  (rig) => served(rig, rig.smsc, '254700000613'));

scenario('TLS: our own certificate, where the SMSC demands one', {
  smsc: { tls: { ...good, ca: client.cert, requestCert: true, rejectUnauthorized: true } },
  link: `${ca(good)} tls_cert = "${client.certFile}"; tls_key = "${client.keyFile}";`,
}, [], async (rig) => {
  assert.strictEqual(rig.smsc.session.socket.authorized, true);
  await served(rig, rig.smsc, '254700000614');
});

// --- other ways to the same SMSC --------------------------------------------------------------------------------------

let dead;
const beforeDead = async () => {
  dead = await freePort();
};

scenario('alternates: the next address when the first does not answer, and the first again later', {
  links: (rig) => rig.link(dead, `alternates = [ "127.0.0.1:${rig.smsc.port}" ];`),
}, [], async (rig) => {
  await served(rig, rig.smsc, '254700000621');
  const { port } = rig.smsc;
  await rig.smsc.stop();
  await rig.smsc.listen(dead);
  await rig.smsc.bound();
  await served(rig, rig.smsc, '254700000622');
  await rig.smsc.stop();
  await rig.smsc.listen(port);
  await rig.smsc.bound();
}, beforeDead);

for (const kind of ['warm', 'cold']) {
  scenario(`a ${kind} standby: used while the active one is away, and only then`, {
    also: [{}],
    links: (rig) => [rig.link(rig.smscs[0].port), rig.link(rig.smscs[1].port, `standby = "${kind}"; standby_after = "0s";`, 'spare')].join(',\n'),
  }, [], async (rig) => {
    const [active, spare] = rig.smscs;
    if (kind === 'warm') await spare.bound();
    await served(rig, active, '254700000631');
    assert.strictEqual(spare.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
    const { port } = active;
    await active.stop();
    await until('the spare bound', () => spare.sessions.has(spare.session));
    await served(rig, spare, '254700000632');
    await active.listen(port);
    await active.bound();
    if (kind === 'cold') await until('the spare at rest', () => spare.sessions.size === 0);
    await served(rig, active, '254700000633');
    if (kind === 'warm') assert.strictEqual(spare.sessions.size, 1);
  });
}

scenario('two active links: a dialogue goes on by the other one when the first goes', {
  also: [{}],
  links: (rig) => rig.smscs.map((s, i) => rig.link(s.port, '', `smsc-${i}`)).join(',\n'),
}, ['Jane'], async (rig) => {
  const [one, two] = rig.smscs;
  await two.bound();
  const phone = new Phone(one, '254700000641');
  await phone.dial('*123*1#');
  assert.match((await phone.type('1')).text, /^Your full name\?/);
  const { port } = one;
  await one.stop();
  phone.smsc = two;
  assert.match((await phone.type('Jane Doe')).text, /^Your town\?/);
  // A copy by the other link of what came by the first is a copy (promise 4).
  await one.listen(port);
  await one.bound();
  const again = phone.last;
  one.session.send(new smpp.PDU('deliver_sm', { ...again, sequence_number: undefined }));
  assert.match((await one.inbox.take((i) => i.pdu.command === 'submit_sm', 'the stored answer')).pdu.short_message.message, /^Your town\?/);
  assert.strictEqual((await rig.tool('status', '--json')).dialogues.duplicates, 1);
  await phone.abort();
});

// --- binds that fail --------------------------------------------------------------------------------------------------

scenario('a wrong password, then the right one: alarmed, tried slowly, bound', { unbound: true, smsc: { password: 'other' } }, [],
  async (rig) => {
    await rig.smsc.refused();
    await rig.smsc.refused();
    await until('words on what to do', () => /password/.test(rig.said));
    rig.smsc.password = 'secret';
    await rig.smsc.bound();
    await served(rig, rig.smsc, '254700000651');
    const seen = await link(rig, 'smsc-a');
    assert.strictEqual(seen.binds, 1);
    assert.ok(seen.bind_failures >= 2);
  });

scenario('a second bind is refused while the first lasts: the first serves, then the second does', {
  unbound: true,
  links: (rig) => ['one', 'two'].map((name) => rig.link(rig.smsc.port, '', name)).join(',\n'),
}, [], async (rig) => {
  const { smsc } = rig;
  let holder = null;
  smsc.bindStatus = () => (holder ? smpp.ESME_RALYBND : 0);
  const claim = smsc.bind.bind(smsc);
  smsc.bind = (session, pdu) => {
    claim(session, pdu);
    if (!holder && smsc.session === session) {
      holder = session;
      session.on('close', () => { holder = null; });
    }
  };
  await smsc.bound();
  await smsc.refused();
  await served(rig, smsc, '254700000652');
  await smsc.refused();
  smsc.session.socket.destroy();
  await smsc.bound();
  await served(rig, smsc, '254700000653');
});

for (const [what, sequence] of [['its sequence_number', null], ['sequence_number 0', 0]]) {
  scenario(`generic_nack with ${what} to a bind: another try, and another`, { unbound: true, smsc: { silent: ['bind_transceiver'] } }, [],
    async (rig) => {
      const nack = async () => {
        const { session, pdu } = await rig.smsc.on('bind_transceiver');
        const octets = new smpp.PDU('generic_nack', { command_status: 3, sequence_number: 1 }).toBuffer();
        octets.writeUInt32BE(sequence === null ? pdu.sequence_number : sequence, 12);
        session.socket.write(octets);
        await rig.smsc.closed(session);
      };
      await nack();
      await nack();
      rig.smsc.silent.clear();
      await rig.smsc.bound();
      await served(rig, rig.smsc, '254700000654');
    });
}

scenario('no answer to a bind: left after connect_within, and tried again',
  { unbound: true, smsc: { silent: ['bind_transceiver'] }, link: 'connect_within = "1s";' }, [], async (rig) => {
    const { session } = await rig.smsc.on('bind_transceiver');
    await rig.smsc.closed(session);
    rig.smsc.silent.clear();
    await rig.smsc.bound();
  });

// --- lines that are dead, answers that do not come --------------------------------------------------------------------

scenario('half open: nothing comes back for anything, so the line is made again',
  { link: 'enquire_after = "100ms"; response_within = "200ms"; enquire_misses = 2;' }, [], async (rig) => {
    const { session } = rig.smsc;
    rig.smsc.silent = new Set(['enquire_link', 'submit_sm', 'unbind']);
    rig.phone('254700000661').ussd(OP.begin, '*123#');
    await rig.smsc.closed(session);
    rig.smsc.silent.clear();
    await rig.smsc.bound();
    await served(rig, rig.smsc, '254700000662');
  });

scenario('a submit_sm without a response is unknown: never sent again, and a late response changes nothing',
  { link: 'response_within = "200ms";' }, [], async (rig) => {
    const { smsc } = rig;
    smsc.silent.add('submit_sm');
    const phone = rig.phone('254700000663');
    await phone.answered(phone.ussd(OP.begin, '*123#'));
    const { pdu, session } = await smsc.on('submit_sm');
    await until('an unknown fate', async () => (await link(rig, 'smsc-a')).submit_unknown === 1);
    smsc.silent.clear();
    smsc.answer(session, pdu);
    await smsc.ask('enquire_link');
    const seen = await link(rig, 'smsc-a');
    assert.deepStrictEqual([seen.submit_out, seen.submit_accepted, seen.late_responses], [1, 0, 1]);
    assert.strictEqual(smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0);
    // The subscriber did get the screen, as it happens: what is typed is taken.
    assert.match((await phone.type('1')).text, /Agree\?/);
    await phone.abort();
  });

// --- what a command_status to a submit_sm of USSD leads to ------------------------------------------------------------

const AGAIN = [['ESME_RSYSERR', 0x08], ['ESME_RMSGQFUL', 0x14], ['ESME_RTHROTTLED', 0x58], ['ESME_RX_T_APPN', 0x64]];
const FINAL = [
  ['ESME_RINVMSGLEN', 0x01], ['ESME_RINVSRCADR', 0x0a], ['ESME_RINVDSTADR', 0x0b], ['ESME_RINVSERTYP', 0x15],
  ['ESME_RSUBMITFAIL', 0x45], ['ESME_RX_P_APPN', 0x65], ['ESME_RX_R_APPN', 0x66], ['ESME_ROPTPARNOTALLWD', 0xc1],
  ['ESME_RUNKNOWNERR', 0xff], ['a status of a vendor', 0x0423], ['a reserved status', 0x7fffffff],
];

scenario('statuses: for a moment, so once more; for good, so never again', {}, [], async (rig) => {
  let n = 670;
  for (const [name, status] of AGAIN) {
    let refused = 0;
    rig.smsc.submitStatus = () => (refused++ < 2 ? status : 0);
    const phone = rig.phone(`254700000${n++}`);
    const sent = phone.ussd(OP.begin, '*123#');
    const screens = [await phone.screen(), await phone.screen(), await phone.screen()];
    assert.ok(screens.every((s) => HOME.test(s.text)), name);
    await phone.answered(sent);
    await phone.abort();
  }
  for (const [name, status] of FINAL) {
    const doomed = rig.phone(`254700000${n++}`);
    rig.smsc.submitStatus = (pdu) => (pdu.destination_addr === doomed.msisdn ? status : 0);
    await doomed.answered(doomed.ussd(OP.begin, '*123#'));
    await doomed.screen();
    await served(rig, rig.smsc, `254700000${n++}`);
    assert.strictEqual(rig.smsc.inbox.count((i) => i.pdu.command === 'submit_sm'), 0, name);
  }
  const seen = await link(rig, 'smsc-a');
  assert.strictEqual(seen.submit_throttled, 2 * AGAIN.length);
  assert.strictEqual(seen.submit_rejected, FINAL.length);
  assert.strictEqual((await rig.tool('status', '--json')).dialogues.open, 0);
});

scenario('ESME_RINVBNDSTS: bound again, and the screen sent then', {}, [], async (rig) => {
  let refused = 0;
  rig.smsc.submitStatus = () => (refused++ ? 0 : 0x04);
  const { session } = rig.smsc;
  const phone = rig.phone('254700000699');
  phone.ussd(OP.begin, '*123#');
  assert.match((await phone.screen()).text, HOME);
  await rig.smsc.closed(session);
  await rig.smsc.bound();
  assert.match((await phone.screen()).text, HOME);
});

scenario('the SMSC unbinds both sessions of a pair: answered, and bound again', { link: 'bind = "pair";', unbound: true }, [],
  async (rig) => {
    const { smsc } = rig;
    await smsc.bound();
    await smsc.bound();
    const [rx, tx] = [smsc.session, smsc.transmitter];
    assert.strictEqual((await smsc.ask('unbind', {}, rx)).command_status, 0);
    assert.strictEqual((await smsc.ask('unbind', {}, tx)).command_status, 0);
    await smsc.bound();
    await smsc.bound();
    await served(rig, smsc, '254700000698');
  });

// --- overload ---------------------------------------------------------------------------------------------------------

scenario('an SMSC that takes nothing sheds its own new dialogues, not those of another (promise 10)', {
  also: [{}],
  links: (rig) => rig.smscs.map((s, i) => rig.link(s.port, i ? 'group = "fast";' : 'group = "slow"; window = 1; queue = 2;',
    `smsc-${i}`)).join(',\n'),
}, [], async (rig) => {
  const [slow, fast] = rig.smscs;
  await fast.bound();
  slow.silent.add('submit_sm');
  const begin = async (msisdn) => {
    const phone = new Phone(slow, msisdn);
    await phone.answered(phone.ussd(OP.begin, '*123#'));
    return phone;
  };
  await begin('254700000651'); // its screen is written, the next one waits: half of the queue
  await begin('254700000652');
  await until('a screen that waits', async () => (await link(rig, 'smsc-0')).queued === 1);
  await begin('254700000653');
  await served(rig, fast, '254700000654');
  const { overload, dialogues } = await rig.tool('status', '--json');
  assert.deepStrictEqual([overload.now, overload.groups, overload.shed_links, dialogues.shed], ['links', ['slow'], 1, 1]);
});
