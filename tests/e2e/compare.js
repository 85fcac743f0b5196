// SPDX-License-Identifier: GPL-3.0-or-later
// compare.js SEEN EXPORT: everybody in SEEN (an MSISDN a line: they read "is yours") stands in EXPORT (of
// `starhash export`) as registered with exactly one grant, granted. Nobody there has more than one.
'use strict';

const fs = require('node:fs');

const [seenFile, exportFile] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');

const known = new Map();
let faults = 0;
const fault = (text) => {
  faults++;
  if (faults <= 20) console.error(text);
};

for (const line of lines(exportFile)) {
  const subscriber = JSON.parse(line);
  known.set(String(subscriber.msisdn), subscriber);
  if (subscriber.grants.length > 1) fault(`${subscriber.msisdn}: ${subscriber.grants.length} grants`);
}

const seen = new Set(lines(seenFile).map((line) => line.trim().split(/\s+/)[0]));
for (const msisdn of seen) {
  const subscriber = known.get(msisdn);
  if (!subscriber) fault(`${msisdn}: saw the bonus, is not in the store`);
  else if (subscriber.registered !== true) fault(`${msisdn}: saw the bonus, is not registered`);
  else if (subscriber.grants.length !== 1) fault(`${msisdn}: saw the bonus, has ${subscriber.grants.length} grants`);
  else if (subscriber.grants[0].state !== 'granted') fault(`${msisdn}: the grant is ${subscriber.grants[0].state}`);
}

if (seen.size === 0) fault('nobody saw the bonus: there is nothing to compare');
if (faults > 0) {
  console.error(`${faults} faults`);
  process.exit(1);
}
console.log(`${seen.size} subscribers saw the bonus, ${known.size} are in the store`);
