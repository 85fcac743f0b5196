// SPDX-License-Identifier: GPL-3.0-or-later
// drain.js PASSED GRANTS OPENED CALLS FIRST N SECONDS: did the backlog of the N subscribers from FIRST on, promised during SECONDS,
// drain at CALLS a second and in the order of the promises? PASSED is the log of door.js, GRANTS of `starhash grants --json`.
'use strict';

const fs = require('node:fs');

const [passedFile, grantsFile, ...numbers] = process.argv.slice(2);
const [opened, most, first, n, seconds] = numbers.map(Number);
const calls = fs.readFileSync(passedFile, 'utf8').trim().split('\n').map((line) => line.split(' '))
  .map(([at, method, who]) => ({ at: Number(at), method, who: Number(who) })).filter((call) => call.at >= opened);
const faults = [];

// The most calls within so many milliseconds.
function busiest(ms) {
  let from = 0;
  let worst = 0;
  for (let to = 0; to < calls.length; to++) {
    while (calls[to].at - calls[from].at >= ms) from++;
    worst = Math.max(worst, to - from + 1);
  }
  return worst;
}

// What was saved up before, one second's worth at most, may come on top.
for (const s of [1, 5]) {
  const worst = busiest(1000 * s);
  console.log(`  calls in the busiest ${s} s ${String(worst).padStart(7)}, at most ${most * (s + 1)}`);
  if (worst > most * (s + 1)) faults.push(`more calls than charging.rate allows within ${s} s`);
}

// Who was promised two seconds before another goes first. Those with whom it was tried whether the system is back have a
// pause of their own: a failed try each pause (5 s), and the first five.
const promised = new Map(JSON.parse(fs.readFileSync(grantsFile, 'utf8')).map((g) => [Number(g.msisdn), Date.parse(g.at)]));
const backlog = calls.filter((c) => c.method === 'UpdateBalanceAndDate' && c.who >= first && c.who < first + n);
let latest = 0;
let overtaken = 0;
for (const { who } of backlog) {
  const at = promised.get(who);
  if (at < latest - 2000) overtaken++;
  latest = Math.max(latest, at);
}
const tried = 5 + Math.ceil(seconds / 5) + 1;
const last = backlog.at(-1).at;
const during = calls.filter((c) => c.at <= last).length;
console.log(`  calls a second while it drained ${(during / ((last - opened) / 1000)).toFixed(1)}, of ${most}`);
console.log(`  charged after somebody promised 2 s later ${overtaken} of ${backlog.length},` +
  ` at most ${tried} (with whom it was tried)`);
if (backlog.length !== n) faults.push(`${backlog.length} calls for ${n} orders of the backlog`);
if (overtaken > tried) faults.push('the backlog did not drain in order');
for (const fault of faults) console.error(`drain.js: ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);
