// SPDX-License-Identifier: GPL-3.0-or-later
// SMSCs by other hands: Perl's Net::SMPP, and osmo-msc, a mobile switching centre with an SMPP port. What is not installed
// fails, with the name of the package: a peer that was not met is not called met.
'use strict';

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { Inbox, PATIENCE_MS, freePort, scenario } = require('./rig.js');

const hex = (text) => Buffer.from(text, 'latin1').toString('hex');
const text = (octets) => Buffer.from(octets, 'hex').toString('latin1');

// tests/e2e/netsmpp.pl, driven by lines.
class NetSmpp {
  static async start() {
    try {
      execFileSync('perl', ['-MNet::SMPP', '-MJSON::PP', '-e1'], { stdio: 'pipe' });
    } catch {
      throw new Error("Perl's Net::SMPP is not here: apt-get install libnet-smpp-perl (./dev deps does)");
    }
    const peer = new NetSmpp();
    peer.said = new Inbox();
    peer.child = spawn('perl', [path.join(__dirname, 'netsmpp.pl'), String(await freePort())],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    peer.ended = new Promise((resolve) => peer.child.on('exit', resolve));
    readline.createInterface({ input: peer.child.stdout }).on('line', (line) => peer.said.push(JSON.parse(line)));
    peer.port = (await peer.take((e) => e.listening, 'the port')).listening;
    return peer;
  }

  take(wants, what) {
    return this.said.take(wants, `Net::SMPP: ${what}`);
  }

  pdu(cmd, wants = () => true) {
    return this.take((e) => e.cmd === cmd && wants(e), cmd);
  }

  order(order) {
    this.child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  // A request of its own, and our response.
  async ask(order) {
    this.order(order);
    const { seq } = await this.take((e) => e.sent === order.do, `${order.do} on its way`);
    return this.pdu(`${order.do}_resp`, (e) => e.seq === seq);
  }

  ussd(op, words, session, msisdn = '254700000301') {
    return this.ask({
      do: 'deliver_sm', service_type: 'USSD', source_addr_ton: 1, source_addr_npi: 1, source_addr: msisdn,
      dest_addr_ton: 0, dest_addr_npi: 1, destination_addr: '123', short_message: hex(words),
      tlvs: [['ussd_service_op', op], ['its_session_info', session]],
    });
  }

  async quit() {
    this.child.stdin.end('{"do":"quit"}\n');
    await this.ended;
  }
}

// A scenario with its own peer in place of the npm server.
function withPeer(name, start, options, secrets, body) {
  let peer;
  const all = Object.create(options, { // getters of `options` are asked when the rig starts
    unbound: { value: true },
    links: { value: (rig) => rig.link(peer.port, options.link) },
  });
  scenario(name, all, secrets, async (rig) => {
    try {
      await body(rig, peer);
    } finally {
      await peer.quit();
    }
  }, async () => {
    peer = await start();
  });
}

const submit = (peer) => peer.pdu('submit_sm');
const TAGS = { op: String(0x0501), session: String(0x1383) };

withPeer('Net::SMPP: bind, enquire_link both ways, USSD, a refused submit_sm, unbind', () => NetSmpp.start(),
  { link: 'enquire_after = "100ms";' }, [], async (rig, peer) => {
    const bind = await peer.pdu('bind_transceiver');
    assert.deepStrictEqual([bind.system_id, bind.password, bind.interface_version], ['starhash', 'secret', 0x34]);
    await peer.pdu('enquire_link');
    await peer.pdu('enquire_link'); // so the first answer was understood
    assert.strictEqual((await peer.ask({ do: 'enquire_link' })).status, 0);

    // Accepted: a dialogue of two turns.
    let [resp, screen] = await Promise.all([peer.ussd('01', '*123#', '0500'), submit(peer)]);
    assert.strictEqual(resp.status, 0);
    assert.match(text(screen.short_message), /^Hello friend\n1 Get 100 MB free/);
    assert.deepStrictEqual([screen[TAGS.op], screen[TAGS.session]], ['02', '0500']);
    assert.deepStrictEqual([screen.destination_addr, screen.source_addr], ['254700000301', '123']);
    [resp, screen] = await Promise.all([peer.ussd('12', '1', '0502'), submit(peer)]);
    assert.match(text(screen.short_message), /Agree\?/);

    // Refused for a moment (throttled), then taken: the same screen once more.
    peer.order({ do: 'status', submit_sm: 0x58 });
    [resp, screen] = await Promise.all([peer.ussd('12', '1', '0504'), submit(peer)]);
    const again = await submit(peer);
    assert.strictEqual(again.short_message, screen.short_message);
    assert.match(text(again.short_message), /^Your full name\?/);

    // Refused for good: nobody sends it again, and the next dialogue is served.
    peer.order({ do: 'status', submit_sm: 0x0b });
    await Promise.all([peer.ussd('12', 'Jane Doe', '0506'), submit(peer)]);
    [, screen] = await Promise.all([peer.ussd('01', '*123#', '0600', '254700000302'), submit(peer)]);
    assert.strictEqual(screen.destination_addr, '254700000302');
    assert.match(text(screen.short_message), /^Hello friend/);
    assert.strictEqual(peer.said.count((e) => e.cmd === 'submit_sm'), 0);
    await peer.ussd('81', '', '0601', '254700000302');

    rig.daemon.kill('SIGTERM');
    await peer.pdu('unbind');
    assert.deepStrictEqual(await rig.exited, { code: 0, signal: null });
  });

withPeer('Net::SMPP: an SMS in and out, and its unbind', () => NetSmpp.start(), {}, [], async (rig, peer) => {
  await peer.pdu('bind_transceiver');
  const sms = { do: 'deliver_sm', source_addr_ton: 1, source_addr_npi: 1, source_addr: '254700000303', destination_addr: '123' };
  const [resp, answer] = await Promise.all([peer.ask({ ...sms, short_message: hex('JOIN') }), submit(peer)]);
  assert.strictEqual(resp.status, 0);
  assert.match(text(answer.short_message), /^Hello friend/);
  assert.ok(!(TAGS.op in answer));
  assert.strictEqual((await peer.ask({ do: 'unbind' })).status, 0);
  await peer.take((e) => e.closed, 'the end of the session');
  await peer.pdu('bind_transceiver');
});

// --- osmo-msc ---------------------------------------------------------------------------------------------------

const { Osmo } = require('./osmo.js');

const FAITH = '254700000401';
let httpPort;
const withMsc = (name, options, secrets, body) => withPeer(name, async () => {
  httpPort = await freePort();
  return Osmo.start({ msisdn: FAITH });
}, options, secrets, body);

// The subscriber texts and reads: what came back, and what his network said to him.
async function texts(msc, words) {
  const answered = msc.text(words, '123');
  const sms = await msc.received.take((s) => s.from === '123', 'an SMS on the phone');
  assert.strictEqual((await answered).accepted, true);
  return sms.text;
}

withMsc('osmo-msc: bind, enquire_link, SMS of its subscriber, the answers on his phone, unbind',
  { link: 'enquire_after = "100ms"; response_within = "2s";' }, [], async (rig, msc) => {
    await msc.says('[starhash] Rx BIND Trx');
    await msc.says('[starhash] Rx Enquire Link');
    assert.match(await texts(msc, 'JOIN'), /^Hello friend\n1 Get 100 MB free/);
    assert.match(await texts(msc, '1'), /Agree\?/);
    const [link] = (await rig.tool('status', '--json')).links;
    assert.deepStrictEqual([link.submit_out, link.submit_accepted, link.deliver_in], [2, 2, 2]);
    assert.deepStrictEqual([link.binds, link.enquire_missed, link.malformed], [1, 0, 0]);
    rig.daemon.kill('SIGTERM');
    await msc.says('[starhash] Rx UNBIND');
    assert.deepStrictEqual(await rig.exited, { code: 0, signal: null });
  });

// esm_class 2, forward: its response comes when the phone has the SMS, or cannot be found.
withMsc('osmo-msc: an SMS to a number that it does not know is refused, and not sent again', {
  link: 'dialect = "forward";',
  prepare: (folder) => fs.writeFileSync(path.join(folder, 'dialects.conf'),
    'dialects = ( { name = "forward"; like = "standard"; sms = { esm_class = 2; }; } );\n'),
  get more() {
    return `http = { listen = "127.0.0.1:${httpPort}"; };`;
  },
}, ['Faith', 'Eldoret'], async (rig, msc) => {
  await msc.says('[starhash] Rx BIND Trx');
  // The registration comes by HTTP; the SMS that confirms it goes out by SMPP.
  const typed = [];
  for (const answer of [undefined, '1', 'Faith Chebet', 'Eldoret', '3']) {
    if (answer) typed.push(answer);
    const body = new URLSearchParams({
      sessionId: 'x', phoneNumber: '+254700000499', serviceCode: '*123*1#', networkCode: '99999', text: typed.join('*'),
    });
    await fetch(`http://127.0.0.1:${httpPort}/ussd`, { method: 'POST', body });
  }
  await msc.says('SMPP SUBMIT-SM for unknown subscriber: 254700000499');
  // The one that it does know is served afterwards.
  assert.match(await texts(msc, 'JOIN'), /^Hello friend/);
  // Its response follows the phone's own answer.
  let link;
  do [link] = (await rig.tool('status', '--json')).links; while (link.outstanding);
  assert.deepStrictEqual([link.submit_out, link.submit_accepted, link.submit_rejected], [2, 1, 1]);
  const { notices } = await rig.show('254700000499');
  assert.deepStrictEqual([notices.length, notices[0].state], [1, 'rejected']);
});
