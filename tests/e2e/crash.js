// SPDX-License-Identifier: GPL-3.0-or-later
// The crash laboratory's other hand (tests/e2e/crash.sh), which talks to the charging system of the tests and compares:
//
//   crash.js accounts URL FIRST N             everybody has an account there
//   crash.js trouble KIND URL SEED N [sells]  how the next N calls that change something, and N that read, go: one in six badly
//   crash.js check KIND URL FOLDER            FOLDER has seen, export, grants, unknown, stats and report: prints the table, and
//                                             exits with 1 when a row that must be 0 is not
//   crash.js bought KIND URL FOLDER           the same of purchases: money and bundles
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const http = require('node:http');

const SYSTEMS = {
  ucip: { change: 'UpdateBalanceAndDate', read: 'GetBalanceAndDate', amount: 100,
    errors: [{ mode: 'code', code: 100 }, { mode: 'code', code: 161 }], more: ['bomb', 'other', 'twice'] },
  cgrates: { change: 'APIerSv1.SetBalance', read: 'APIerSv2.GetAccount', amount: 100,
    errors: [{ mode: 'error', error: 'SERVICE_NOT_OPERATIONAL' }, { mode: 'error', error: 'SERVER_ERROR: something' }], more: [] },
};
const CHANGE_MODES = ['drop', 'late', 'e500', 'e500after', 'e503', 'e503after', 'garbage', 'half', 'refuse', 'huge', 'hang'];
const READ_MODES = ['drop', 'e500', 'e503', 'garbage', 'half', 'refuse', 'hang'];

// A connection for each: on one that is kept, small answers in two parts wait for the other side's acknowledgement.
const agent = new http.Agent({ keepAlive: false, maxSockets: 8 });

function ask(url, body) {
  return new Promise((resolve, reject) => {
    const req = http.request(url, { agent, method: body ? 'POST' : 'GET' }, (res) => {
      const chunks = [];
      res.on('data', (d) => chunks.push(d));
      res.on('end', () => (res.statusCode === 200 ? resolve(JSON.parse(Buffer.concat(chunks).toString()))
        : reject(new Error(`${url}: HTTP ${res.statusCode}`))));
    });
    req.on('error', reject);
    req.end(body && JSON.stringify(body));
  });
}

async function accounts(url, first, n) {
  let next = 0;
  const one = async () => {
    while (next < n) await ask(`${url}/control`, { account: String(first + next++), main: 5000 });
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

// A generator of which a run can be played again (mulberry32).
function dice(seed) {
  let a = seed >>> 0;
  return (n) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

async function trouble(kind, url, seed, n, sells) {
  const system = SYSTEMS[kind];
  const roll = dice(seed);
  const plan = async (method, modes) => {
    for (let calls = 0; calls < n;) {
      const good = roll(11);
      const bad = modes[roll(modes.length)];
      await ask(`${url}/control`, { mode: 'ok', count: good, method });
      await ask(`${url}/control`, { seconds: roll(11) / 10, ...bad, count: 1, method });
      calls += good + 1;
    }
  };
  const named = (modes) => modes.map((mode) => ({ mode }));
  await plan(system.change, [...named(CHANGE_MODES), ...named(system.more), ...system.errors]);
  if (sells && kind === 'cgrates') await plan('APIerSv1.DebitBalance', [...named(CHANGE_MODES), ...system.errors]);
  await plan(system.read, named(READ_MODES));
}

// --- what the charging system says -----------------------------------------------------------------------------

// By subscriber: how often the bundle was put on the account, and how often the balance says so.
function applied(kind, report, grants) {
  const by = new Map();
  const add = (msisdn, times, value) => by.set(msisdn, { times, worth: value / SYSTEMS[kind].amount });
  if (kind === 'ucip') {
    const owner = new Map(grants.map((g) => [g.reference, g.msisdn]));
    const times = new Map();
    for (const [reference, call] of Object.entries(report.calls)) {
      const msisdn = owner.get(reference) ?? `nobody's reference ${reference}`;
      times.set(msisdn, (times.get(msisdn) ?? 0) + call.applied);
    }
    for (const [msisdn, account] of Object.entries(report.accounts)) {
      add(msisdn, times.get(msisdn) ?? 0, account.da[4]?.value ?? 0);
      times.delete(msisdn);
    }
    for (const [msisdn, n] of times) if (n > 0) add(msisdn, n, 0);
    return by;
  }
  for (const [msisdn, account] of Object.entries(report.accounts)) {
    const ours = account.balances.filter((b) => b.ID.startsWith('starhash-'));
    add(msisdn, ours.reduce((n, b) => n + (report.sets[b.ID] ?? 0), 0), ours.reduce((n, b) => n + b.Value, 0));
  }
  return by;
}

// --- comparing ---------------------------------------------------------------------------------------------------

const text = (folder, name) => fs.readFileSync(path.join(folder, name), 'utf8');
const json = (folder, name) => JSON.parse(text(folder, name));
const lines = (folder, name) => text(folder, name).split('\n').filter((line) => line !== '');

class Table {
  constructor() {
    this.faults = 0;
  }

  row(name, n) {
    console.log(`  ${name.padEnd(58)} ${String(n).padStart(7)}`);
  }

  // A list that must be empty.
  none(name, list) {
    this.row(`${name} (must be 0)`, list.length);
    for (const one of list.slice(0, 5)) console.error(`  ! ${name}: ${one}`);
    this.faults += list.length;
  }
}

function sums(t, folder, grants, stats) {
  const report = json(folder, 'report');
  const total = (key) => report.days.filter((day) => /^\d/.test(day.day)).reduce((n, day) => n + day[key], 0);
  const open = grants.filter((g) => g.state === 'pending' || g.state === 'unknown').length;
  const wanted = { given: grants.length, confirmed: stats.grants.granted, rejected: stats.grants.rejected, open };
  const wrong = Object.keys(wanted).filter((key) => wanted[key] !== total(key))
    .map((key) => `${key}: the report says ${total(key)}, counted ${wanted[key]}`);
  if (report.agree !== true) wrong.push('starhash grants --report says that its sums do not agree');
  t.none('sums of starhash grants --report that do not agree', wrong);
}

async function check(kind, url, folder) {
  const t = new Table();
  const grants = json(folder, 'grants');
  const stats = json(folder, 'stats');
  const listed = new Set(json(folder, 'unknown').map((g) => g.msisdn));
  const there = applied(kind, await ask(`${url}/report`), grants);
  const seen = new Set(lines(folder, 'seen').map((line) => line.trim().split(/\s+/)[0]));
  const store = new Map(lines(folder, 'export').map((line) => JSON.parse(line)).map((s) => [String(s.msisdn), s]));
  const state = (msisdn) => store.get(msisdn)?.grants[0]?.state ?? 'none';
  const everybody = [...new Set([...there.keys(), ...store.keys()])];
  const times = (msisdn) => there.get(msisdn)?.times ?? 0;
  const those = (holds) => everybody.filter(holds).map((m) => `${m}: ${state(m)}, applied ${times(m)}`);

  t.row('subscribers', store.size);
  t.row('told "is yours", on the screen or by SMS', seen.size);
  t.row('granted', stats.grants.granted);
  t.row('rejected', stats.grants.rejected);
  t.row('orders that were in doubt and were found out', grants.filter((g) => g.outbox === 'reconciled').length);
  t.row('orders that were sent more than once', grants.filter((g) => g.attempts_sent > 1).length);
  t.row('applied once', everybody.filter((m) => times(m) === 1).length);
  t.row('unknown at the end, and listed so', listed.size);
  t.none('applied twice', those((m) => times(m) > 1 || (there.get(m)?.worth ?? 0) > 1));
  t.none('told and not granted', [...seen].filter((m) => state(m) !== 'granted'));
  t.none('told and not registered', [...seen].filter((m) => store.get(m)?.registered !== true));
  t.none('granted and not applied', those((m) => state(m) === 'granted' && times(m) === 0));
  t.none('applied, not granted and not listed as unknown',
    those((m) => times(m) > 0 && state(m) !== 'granted' && !listed.has(m)));
  t.none('in doubt (sent) and not listed as unknown',
    grants.filter((g) => g.outbox === 'sent' && !listed.has(g.msisdn)).map((g) => g.id));
  t.none('subscribers with more than one grant', [...store].filter(([, s]) => s.grants.length > 1).map(([m]) => m));
  // An SMS that was on its way at a kill is not sent again: it is listed as unknown, and the next dialling tells.
  const untold = [...store.keys()].filter((m) => state(m) === 'granted' && !seen.has(m));
  const lost = stats.notices.unknown + stats.notices.rejected + stats.notices.pending;
  t.row('granted and not told: their SMS was cut off', untold.length);
  t.row('SMS listed as unknown, rejected or pending', lost);
  t.none('granted, not told, and no such SMS is listed', untold.slice(lost));
  sums(t, folder, grants, stats);
  if (seen.size === 0) throw new Error('nobody was told anything: there is nothing to compare');
  return t.faults;
}

// --- purchases ---------------------------------------------------------------------------------------------------

const START = 5000; // of every account

// By subscriber: what was taken, in prices, and how many bundles there are.
function trades(kind, report, price) {
  const by = new Map();
  for (const [msisdn, account] of Object.entries(report.accounts)) {
    const ours = kind === 'ucip' ? [] : account.balances.filter((b) => b.ID.startsWith('starhash-'));
    const left = kind === 'ucip' ? account.main : Math.round(account.balances[0].Value * 100);
    const worth = kind === 'ucip' ? account.da[4]?.value ?? 0 : ours.reduce((n, b) => n + b.Value, 0);
    by.set(msisdn, { paid: (START - left) / price, bundles: worth / SYSTEMS[kind].amount });
  }
  return by;
}

async function bought(kind, url, folder) {
  const t = new Table();
  const orders = json(folder, 'grants');
  const stats = json(folder, 'stats');
  const report = await ask(`${url}/report`);
  const price = orders[0].price;
  const there = trades(kind, report, price);
  const seen = new Set(lines(folder, 'seen').map((line) => line.trim().split(/\s+/)[0]));
  const by = new Map([...there.keys()].map((m) => [m, { granted: 0, rejected: 0, unknown: 0, pending: 0 }]));
  for (const o of orders) by.get(o.msisdn)[o.state]++;
  const those = (holds) => [...there].filter(([m, a]) => holds(a, by.get(m), m))
    .map(([m, a]) => `${m}: paid ${a.paid}, has ${a.bundles}, ${JSON.stringify(by.get(m))}`);
  const times = kind === 'ucip' ? Object.entries(report.calls).map(([id, c]) => [id, c.applied]) : Object.entries(report.sets);
  const count = (state) => orders.filter((o) => o.state === state).length;
  const paid = [...there.values()].reduce((n, a) => n + a.paid, 0);

  t.row('subscribers who tried to buy', [...by.values()].filter((b) => b.granted + b.rejected + b.unknown > 0).length);
  t.row('purchases', orders.length);
  t.row('bought', count('granted'));
  for (const why of [...new Set(orders.map((o) => o.refusal).filter((w) => w !== ''))].sort())
    t.row(`  refused: ${why}`, orders.filter((o) => o.refusal === why).length);
  t.row('told "is yours", on the screen or by SMS', seen.size);
  t.row('purchases that were in doubt and were found out', orders.filter((o) => o.outbox === 'reconciled').length);
  t.row('unknown at the end, and listed so', count('unknown'));
  t.row('money taken, in hundredths', paid * price);
  t.none('orders that are no purchases, or have another price', orders.filter((o) => o.kind !== 'purchase' || o.price !== price).map((o) => o.id));
  t.none('orders applied more than once', times.filter(([, n]) => n > 1).map(([id]) => id));
  t.none('charged without the bundle', those((a, b) => a.paid > a.bundles + b.unknown));
  t.none('the bundle without a charge', those((a) => a.bundles > a.paid));
  t.none('charged for more than was bought', those((a, b) => a.paid > b.granted + b.unknown));
  t.none('bought and not charged', those((a, b) => b.granted > a.paid));
  t.none('told and not bought', [...seen].filter((m) => by.get(m).granted === 0));
  t.none('still open and not listed as unknown', orders.filter((o) => ['pending', 'sent'].includes(o.outbox)).map((o) => o.id));
  t.none('two orders of one key', orders.length - new Set(orders.map((o) => `${o.msisdn} ${o.key}`)).size > 0 ? ['keys'] : []);
  t.none('money that is not price times purchases', count('unknown') === 0 && paid !== count('granted') ? [`${paid} prices`] : []);
  const total = json(folder, 'report').days.filter((day) => /^\d/.test(day.day)).reduce((n, day) => n + day.money.confirmed, 0);
  t.none('money that the report does not confirm', total !== count('granted') * price ? [`confirmed ${total}`] : []);
  sums(t, folder, orders, stats);
  if (count('granted') === 0) throw new Error('nobody bought anything: there is nothing to compare');
  return t.faults;
}

const [what, ...args] = process.argv.slice(2);
const run = {
  accounts: (url, first, n) => accounts(url, Number(first), Number(n)),
  trouble: (kind, url, seed, n, sells) => trouble(kind, url, Number(seed), Number(n), sells),
  check,
  bought,
}[what];
run(...args).then((faults) => process.exit(faults > 0 ? 1 : 0), (error) => {
  console.error(`crash.js: ${error.message}`);
  process.exit(1);
});
