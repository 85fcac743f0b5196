// SPDX-License-Identifier: GPL-3.0-or-later
// The watcher of a soak: pushes to phones, reloads, samples; and in the end the judge.
//
//   node soak.js watch CONTROL PID CSV SECONDS FIRST PHONES RATE    RATE pushes a second; a reload every 30 s; ends after SECONDS
//   node soak.js judge CONTROL PID CSV PATIENCE GROWTH_KB           waits until every counter of what is under way is zero, then
//                                                                   holds memory and file descriptors against the warm start
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const readline = require('node:readline');

const EVERY_MS = 2000;
const RELOAD_MS = 30000;
const WARM_S = 90; // ended dialogues are kept for 60 s (DIALOGUE_CLOSED_MS): after that their number stays as it is
const SPARE_DESCRIPTORS = 12; // connections to the app that are kept for its next call: the last load asks 10 at once

// One line in, one line of JSON out.
function ask(control, line) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(control);
    let said = '';
    socket.on('connect', () => socket.write(`${line}\n`));
    socket.on('data', (chunk) => (said += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      try {
        resolve(JSON.parse(said));
      } catch {
        reject(new Error(`"${line.slice(0, 20)}" was answered by "${said.slice(0, 100)}"`));
      }
    });
  });
}

function memoryKb(pid) {
  return Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))[1]);
}

function descriptors(pid) {
  return fs.readdirSync(`/proc/${pid}/fd`).length;
}

// What is under way, by name. All of it must come back to zero.
function underWay(status) {
  const sum = (key) => status.links.reduce((all, link) => all + (link[key] || 0), 0);
  return {
    'open dialogues': status.dialogues.open,
    'ended dialogues kept': status.dialogues.ended_kept,
    'dialogues that ask an app': status.dialogues.asking,
    'windows': sum('outstanding'),
    'queues of links': sum('queued'),
    'responses kept back': status.responses_kept.waiting,
    'pushes': status.push.waiting,
    'calls of apps': status.app.outstanding,
    'notices': status.notices.waiting,
    'texts with parts missing': status.sms_in.waiting,
    'octets of parts': status.sms_in.octets,
    'SMS being sent': status.sms_out.waiting,
    'requests of the store': status.store.queue,
  };
}

async function sample(control, pid, file, began) {
  const status = await ask(control, 'status');
  const values = Object.values(underWay(status));
  const pages = Math.floor(status.store.cache_bytes / 1024);
  const row = [((Date.now() - began) / 1000).toFixed(1), memoryKb(pid), descriptors(pid), pages, ...values];
  fs.appendFileSync(file, `${row.join(',')}\n`);
}

async function watch(control, pid, file, seconds, first, phones, rate) {
  const began = Date.now();
  const until = began + seconds * 1000;
  let pushes = 0;
  let refused = 0;
  let reloads = 0;
  let nextSample = began;
  let nextReload = began + RELOAD_MS;
  fs.writeFileSync(file, '');
  while (Date.now() < until) {
    const now = Date.now();
    if (now >= nextSample) {
      await sample(control, pid, file, began);
      nextSample = now + EVERY_MS;
    }
    if (now >= nextReload) {
      const said = await ask(control, 'reload');
      if (!said.ok) throw new Error(`reload: ${JSON.stringify(said)}`);
      reloads += 1;
      nextReload = now + RELOAD_MS;
    }
    if (rate > 0 && pushes < ((now - began) / 1000) * rate) {
      const push = { msisdn: first + (pushes % phones), group: 'push', wait_ms: 20000 };
      if (pushes % 3 === 0) push.text = 'Rain is expected tomorrow.';
      else push.code = '*123#';
      const said = await ask(control, `push ${JSON.stringify(push)}`);
      if (!said.ok) refused += 1;
      pushes += 1;
    } else {
      await new Promise((resolve) => setTimeout(resolve, rate > 0 ? Math.min(200, 500 / rate) : 200));
    }
  }
  console.log(JSON.stringify({ pushes, refused, reloads }));
}

async function samples(file) {
  const rows = [];
  for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
    const [at, all, fds, pages] = line.split(',').map(Number);
    rows.push({ at, all, fds, pages, kb: all - pages });
  }
  return rows;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// Least squares: KB a second, and its standard error.
function slope(rows) {
  const n = rows.length;
  const mean = (key) => rows.reduce((sum, row) => sum + row[key], 0) / n;
  const [x, y] = [mean('at'), mean('kb')];
  const xx = rows.reduce((sum, row) => sum + (row.at - x) ** 2, 0);
  const b = rows.reduce((sum, row) => sum + (row.at - x) * (row.kb - y), 0) / xx;
  const rest = rows.reduce((sum, row) => sum + (row.kb - y - b * (row.at - x)) ** 2, 0);
  return { b, error: Math.sqrt(rest / (n - 2) / xx) };
}

async function settle(control, patience) {
  const until = Date.now() + patience * 1000;
  for (;;) {
    const left = Object.entries(underWay(await ask(control, 'status'))).filter(([, n]) => n !== 0);
    if (left.length === 0) return;
    if (Date.now() > until) throw new Error(`never came to zero: ${left.map(([name, n]) => `${name} ${n}`).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function judge(control, pid, file, patience, growth) {
  await settle(control, patience);
  const all = await samples(file);
  const end = all[all.length - 1].at;
  const begin = Math.max(end / 4, WARM_S); // caches and tables are filling until then
  const third = (end - begin) / 3;
  const warm = all.filter((row) => row.at >= begin);
  const first = (key) => median(warm.filter((row) => row.at < begin + third).map((row) => row[key]));
  const last = (key) => median(warm.filter((row) => row.at >= end - third).map((row) => row[key]));
  const [early, late] = [first('kb'), last('kb')];
  const { b, error } = slope(warm);
  const fds = warm.map((row) => row.fds);
  const rows = [
    ['samples, and of those after the warm-up', `${all.length} ${warm.length}`],
    ['memory in the first third after it, KB', `${first('all')}`],
    ['of that pages of the database', `${first('pages')}`],
    ['memory in the last third, KB', `${last('all')}`],
    ['of that pages of the database', `${last('pages')}`],
    ['grown but for those pages, KB (bound)', `${late - early} (${growth})`],
    ['slope of the rest, KB an hour (std. error)', `${(b * 3600).toFixed(0)} (${(error * 3600).toFixed(0)})`],
    ['memory when all is over, KB', memoryKb(pid)],
    ['file descriptors, least and most', `${Math.min(...fds)} ${Math.max(...fds)}`],
    ['and when all is over', descriptors(pid)],
    ['everything that was under way', 'back to zero'],
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(42)} ${String(value).padStart(16)}`);
  if (late - early > growth) throw new Error(`memory grew by ${late - early} KB, over ${growth}`);
  if (descriptors(pid) > Math.max(...fds) + SPARE_DESCRIPTORS) throw new Error('file descriptors are left over');
}

const [what, control, pid, file, ...rest] = process.argv.slice(2);
const work = { watch, judge }[what];
if (!work) {
  console.error('usage: soak.js watch|judge CONTROL PID CSV ...');
  process.exit(2);
}
work(control, Number(pid), file, ...rest.map(Number)).catch((error) => {
  console.error(`soak: ${error.message}`);
  process.exit(1);
});
