// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator sees and does at the terminal while the daemon runs: status, links, dialogues, reload, drain.
'use strict';

const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { OP, scenario, until, BUILD } = require('./rig.js');

const linkOf = (answer, name) => answer.links.find((l) => l.name === name);
const inState = (rig, name, state) =>
  until(`${name} ${state}`, async () => {
    const link = linkOf(await rig.tool('links', '--json'), name);
    return link.state === state && link;
  });

// Newest first: who did what to whom.
const audited = (rig, n) =>
  until(`${n} rows of the audit`, async () => {
    const rows = await rig.tool('audit', '--json');
    return rows.length >= n && rows.map((r) => [r.actor, r.action, r.subject]);
  });
const ME = `operator:${os.userInfo().username}`;

scenario('what is done by hand is in the audit; where that cannot be written it is done all the same', {}, ['Amina'], async (rig) => {
  await rig.run('links', 'down', 'nobody');
  await rig.run('links', 'throttle', 'smsc-a', '0');
  await rig.run('dialogues', 'end', '4711');
  await rig.run('links', 'throttle', 'smsc-a', '20');
  await rig.run('links', 'throttle', 'smsc-a', 'off');
  await rig.run('links', 'down', 'smsc-a');
  await rig.run('links', 'up', 'smsc-a');
  await rig.smsc.bound();
  const phone = rig.phone('254700000723');
  for (const text of [null, '1', '1', 'Amina Wanjiru']) await (text ? phone.type(text) : phone.dial()); // known to the store by now
  await phone.abort();
  await until('the subscriber', async () => (await rig.run('show', '254700000723')).code === 0);
  await phone.dial();
  const { dialogues } = await rig.tool('dialogues', '--json');
  await rig.run('dialogues', 'end', String(dialogues[0].id));
  assert.deepStrictEqual(await audited(rig, 5), [
    [ME, 'end dialogue', 1],
    [ME, 'link up smsc-a', 0],
    [ME, 'link down smsc-a', 0],
    [ME, 'link throttle off smsc-a', 0],
    [ME, 'link throttle 20 smsc-a', 0],
  ]);
  assert.strictEqual((await rig.run('audit', 'verify')).code, 0);

  const key = path.join(rig.folder, 'starhash.db.key');
  fs.renameSync(key, `${key}.away`);
  assert.strictEqual(linkOf(await rig.tool('links', 'throttle', 'smsc-a', '30', '--json'), 'smsc-a').rate, 30);
  await until('the error', () => /event=unaudited who=operator:\S+ what="link throttle 30 smsc-a" subject=0 why=/.test(rig.said));
  fs.renameSync(`${key}.away`, key);
});

scenario('a link is taken down, stays down, is told by health, and comes up again', {}, [], async (rig) => {
  const { session } = rig.smsc;
  assert.strictEqual((await rig.run('links', 'down', 'smsc-a')).code, 0);
  await rig.smsc.pdu('unbind');
  await rig.smsc.closed(session);
  const held = await inState(rig, 'smsc-a', 'idle');
  assert.strictEqual(held.held, true);
  const { health } = await rig.tool('status', '--json');
  assert.strictEqual(health.status, 'down'); // it is the only one
  assert.match(health.troubles[0].what, /smsc-a was taken down by an operator/);
  assert.match(health.troubles[0].remedy, /starhash links up smsc-a/);
  const page = (await rig.run('status')).stdout;
  assert.match(page, /^DOWN: subscribers are not served/m);
  assert.match(page, /^smsc-a +home +held/m);
  assert.match((await rig.run('links')).stdout, /smsc-a .* held by an operator/);
  assert.strictEqual(rig.smsc.connections, 1, 'it must not come back by itself');
  await rig.run('links', 'up', 'smsc-a');
  await rig.smsc.bound();
  await inState(rig, 'smsc-a', 'bound');
  assert.match((await rig.phone('254700000701').dial()).text, /^Hello/);
  assert.match((await rig.run('status')).stdout, /^smsc-a +home +bound/m);
});

scenario(
  'another link of the group serves while one is held',
  {
    also: [{}],
    links: (rig) => `${rig.link(rig.smsc.port)},
  ${rig.link(rig.smscs[1].port, '', 'smsc-b')}`,
  },
  [],
  async (rig) => {
    await rig.smscs[1].bound();
    await rig.run('links', 'down', 'smsc-a');
    await inState(rig, 'smsc-a', 'idle');
    const { health } = await rig.tool('status', '--json');
    assert.strictEqual(health.status, 'degraded');
    assert.deepStrictEqual(
      health.troubles.map((t) => t.grave),
      [false],
    );
    rig.smsc = rig.smscs[1];
    assert.match((await rig.phone('254700000702').dial()).text, /^Hello/);
  },
);

scenario('a link is throttled, and what is configured comes back', { link: 'rate = 500;' }, [], async (rig) => {
  assert.strictEqual(linkOf(await rig.tool('links', 'throttle', 'smsc-a', '2', '--json'), 'smsc-a').rate, 2);
  assert.match((await rig.run('links')).stdout, /2\/s +throttled/);
  const { health } = await rig.tool('status', '--json');
  assert.deepStrictEqual(
    health.troubles.map((t) => [t.what, t.remedy]),
    [
      [
        'an operator lets link smsc-a send 2 PDUs a second, and not as configured',
        'when that is over: starhash links throttle smsc-a off',
      ],
    ],
  );
  const began = process.hrtime.bigint();
  const phones = Array.from({ length: 6 }, (_, i) => rig.phone(`25470000071${i}`));
  const screens = Promise.all(phones.map((p) => p.dial()));
  await until('three answers wait', async () => linkOf(await rig.tool('links', '--json'), 'smsc-a').queued >= 3);
  await rig.phone('254700000719').dial();
  await screens;
  assert.ok(process.hrtime.bigint() - began > 1_000_000_000n, 'answers at two a second take longer');
  const { overload } = await rig.tool('status', '--json');
  assert.ok(overload.shed_links > 0, 'who would be answered too late is turned away at once');
  const after = linkOf(await rig.tool('links', 'throttle', 'smsc-a', 'off', '--json'), 'smsc-a');
  assert.deepStrictEqual([after.rate, after.configured_rate], [500, 500]);
  assert.deepStrictEqual((await rig.tool('status', '--json')).health.troubles, []);
});

scenario('wrong words about links are answered with what to do', {}, [], async (rig) => {
  for (const [args, code, says] of [
    [['up'], 2, /up NAME/],
    [['sideways', 'smsc-a'], 2, /up, down and throttle/],
    [['throttle', 'smsc-a'], 2, /throttle NAME RATE/],
    [['down', 'smsc-z'], 1, /no link has this name; see: starhash links/],
    [['throttle', 'smsc-a', '0'], 1, /1 to 100000/],
    [['throttle', 'smsc-a', '-4'], 2, /cannot use/],
    [['throttle', 'smsc-a', '9x'], 1, /1 to 100000/],
    [['down', 'a\nlink down smsc-a'], 2, /no link has such a name/],
  ]) {
    const { code: got, stderr } = await rig.run('links', ...args);
    assert.deepStrictEqual([got, says.test(stderr)], [code, true], `links ${args}: ${got} ${stderr}`);
  }
  assert.strictEqual(linkOf(await rig.tool('links', '--json'), 'smsc-a').state, 'bound');
});

scenario('open dialogues are listed without numbers, and one is ended', {}, [], async (rig) => {
  const [one, two] = [rig.phone('254700000721'), rig.phone('254700000722')];
  await one.dial();
  await two.dial();
  await two.type('2');
  const list = await rig.tool('dialogues', '--json');
  assert.strictEqual(list.open, 2);
  assert.deepStrictEqual(
    list.dialogues.map((d) => [d.number, d.channel, d.service, d.state]),
    [
      ['…0721', 'ussd', 'join', 'theirs'],
      ['…0722', 'ussd', 'join', 'theirs'],
    ],
  );
  assert.ok(!JSON.stringify(list).includes('254700'), 'no number in the list');
  const mine = await rig.tool('dialogues', '0700000722', '--json');
  assert.deepStrictEqual(
    mine.dialogues.map((d) => d.number),
    ['…0722'],
  );
  const { id } = mine.dialogues[0];
  assert.match((await rig.run('dialogues', 'end', String(id))).stdout, /has ended/);
  assert.match((await rig.run('dialogues', 'end', String(id))).stderr, /it has ended; see: starhash dialogues/);
  assert.match((await rig.run('dialogues')).stdout, /…0721 .*\n1 open/);
  assert.match((await rig.run('dialogues', 'end', '0')).stderr, /takes the id/);
  const seen = await until('the end in the store', async () => {
    const { interactions } = await rig.show('254700000722');
    return interactions.length === 1 && interactions[0];
  });
  assert.deepStrictEqual([seen.outcome, seen.detail], ['cancelled', 'ended by an operator']);
  assert.strictEqual((await one.type('2')).last, false, 'the other one goes on');
  await one.abort();
});

scenario('reload says what changes for whom, in words', {}, [], async (rig) => {
  await rig.phone('254700000731').dial();
  assert.match((await rig.run('reload')).stdout, /no menu file differs/);
  const file = path.join(rig.folder, 'menus/join.conf');
  const before = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, before.replace('Get 100 MB free', 'Get your 100 MB'));
  const dry = (await rig.run('reload', '--dry-run')).stdout;
  assert.match(dry, /join: 1 screens change, 0 go, 0 are new\n {2}1 people are inside, 1 on a screen that changes/);
  assert.match(dry, /nothing was changed/);
  assert.match((await rig.run('reload')).stdout, /1 menu files are live now/);
  fs.writeFileSync(file, before.replace('start     =', 'strat     ='));
  const wrong = await rig.run('reload');
  assert.strictEqual(wrong.code, 1);
  assert.match(wrong.stdout, /join\.conf:\d+: error: .*"start"/);
  assert.match(wrong.stderr, /the old menus stay live/);
});

scenario('drain --wait comes back when the daemon has ended', { drain: '20s' }, [], async (rig) => {
  const phone = rig.phone('254700000741');
  await phone.dial();
  const waiting = rig.run('drain', '--wait');
  await until('draining', async () => (await rig.tool('status', '--json')).draining);
  await phone.answered(phone.ussd(OP.abort, ''));
  const { code, stdout } = await waiting;
  assert.strictEqual(code, 0);
  assert.match(stdout, /1 dialogues are open.*\nthe daemon has ended\n/);
  assert.deepStrictEqual(await rig.exited, { code: 0, signal: null });
});

// A terminal of 40 lines and 100 columns by Python, which every Debian that builds has.
const PTY = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
while True:
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    if b"bound" in data and b"open 1" in data:
        os.write(fd, b"q")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

scenario('on a terminal status refreshes until q', {}, [], async (rig) => {
  const page = spawn('python3', ['-c', PTY, `${BUILD}/starhash`, '-c', rig.conf, 'status', '--every', '200ms']);
  let seen = '';
  page.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  await until('the first page', () => /q ends/.test(seen));
  await rig.phone('254700000751').dial(); // what makes the page say "open 1"
  const [code] = await once(page, 'exit');
  assert.strictEqual(code, 0, seen);
  assert.match(seen, /open 0/);
  assert.match(seen, /open 1/);
  assert.ok(seen.endsWith('\x1b[?25h\x1b[?1049l'), 'the terminal is given back');
  for (const line of seen.split(/\r\n|\x1b\[H/)) {
    // eslint-disable-next-line no-control-regex
    assert.ok(line.replace(/\x1b\[[0-9;?]*[a-zA-Z]/g, '').length <= 100, line);
  }
});

scenario('status without a terminal, by number, and of no daemon', {}, [], async (rig) => {
  const { stdout } = await rig.run('status');
  assert.match(stdout, /^OK: subscribers are served, nothing is wrong$/m);
  assert.match(stdout, /^store +queue 0/m);
  assert.ok(!stdout.includes('\x1b'), 'no escapes in a file');
  assert.match((await rig.run('status', '--all')).stdout, /^links\.smsc-a\.state +bound$/m);
  assert.match((await rig.run('status', '--every', '1ms')).stderr, /200ms to 1h/);
  rig.daemon.kill('SIGTERM');
  await rig.exited;
  const gone = await rig.run('status');
  assert.strictEqual(gone.code, 1);
  assert.match(gone.stderr, /no daemon answers/);
});

scenario('lines of any kind on the control socket are answered', {}, [], async (rig) => {
  const say = async (line) => {
    const socket = net.connect(path.join(rig.folder, 'control.sock'));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.end(`${line}\n`);
    await once(socket, 'close');
    return JSON.parse(answer);
  };
  for (const line of [
    '',
    'link',
    'link up',
    'link up ',
    'link down x',
    'link throttle',
    'link throttle 5',
    'link throttle x smsc-a',
    'link throttle 99999999999999999999 smsc-a',
    'dialogues -1',
    'dialogues x',
    'dialogues 99999999999999999999999',
    'dialogue end',
    'dialogue end -1',
    'dialogue end 4294967296',
    `dialogue end ${'9'.repeat(500)}`,
    'dialogue end 1 2',
  ]) {
    const answer = await say(line);
    if (/^dialogues 9/.test(line)) assert.deepStrictEqual(answer.dialogues, []);
    else assert.ok(answer.ok === false && answer.error.length > 10, `${line}: ${JSON.stringify(answer)}`);
  }
});

scenario('a backup, and a check of menus, have a bar on a terminal and none elsewhere', {}, [], async (rig) => {
  const { stderr } = await rig.run('backup', path.join(rig.folder, 'one.db'));
  assert.strictEqual(stderr, '');
  const said = execFileSync('python3', [
    '-c',
    PTY,
    `${BUILD}/starhash`,
    '-c',
    rig.conf,
    'backup',
    path.join(rig.folder, 'two.db'),
  ]);
  assert.match(String(said), /(copying|verifying) +\[[#.]{30}\] +\d+ %/);
  assert.strictEqual((await rig.run('check')).stderr, '');
  const checked = execFileSync('python3', ['-c', PTY, `${BUILD}/starhash`, '-c', rig.conf, 'check']);
  assert.match(String(checked), /checking +\[[#.]{30}\] +\d+ %/);
});
