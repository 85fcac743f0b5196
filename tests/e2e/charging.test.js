// SPDX-License-Identifier: GPL-3.0-or-later
// The charging port over real HTTP against an AIR and a CGRateS that share no code with it and misbehave in every way they
// can. tests/charging_client is the port and nothing else; what an outbox does between its calls is done here. At the
// end each server says what it really applied, and how often.
'use strict';

const { test, before, after } = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { once } = require('node:events');

const build = process.env.STARHASH_BUILD || path.join(__dirname, '../../build');
const client = path.join(build, 'tests/charging_client');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'starhash-charging-'));
const ORDERED = Date.UTC(2026, 10, 22); // any day: what expires counts from it
const running = [];
let number = 254700000000;

after(() => {
	for (const one of running)
		one.stdin.end();
	fs.rmSync(folder, { recursive: true });
});

async function serve(command, file) {
	const server = spawn(command, [path.join(__dirname, file)], { stdio: ['pipe', 'pipe', 'inherit'] });
	running.push(server);
	const [data] = await once(server.stdout, 'data');
	return Number(String(data));
}

// `url` and whatever else of the group; each configuration has a file of its own.
let files = 0;
function configure(kind, bundles, more, { within = '700ms', rate = 0 } = {}) {
	const file = path.join(folder, `${++files}.conf`);
	fs.writeFileSync(path.join(folder, 'air.secret'), 'pass\n', { mode: 0o600 });
	fs.writeFileSync(path.join(folder, 'profile.conf'), 'profile = ( );\n');
	fs.writeFileSync(file, `links = ( ); services = [ ]; profile = "profile.conf";
charging = { kind = "${kind}"; currency = "KES"; settle = "0s"; within = "${within}"; rate = ${rate}; ${more} };
bundles = ( ${bundles} );\n`);
	return file;
}

async function post(port, what) {
	const res = await fetch(`http://127.0.0.1:${port}/control`, { method: 'POST', body: JSON.stringify(what) });
	assert.equal(res.status, 200);
}

const report = async (port) => (await fetch(`http://127.0.0.1:${port}/report`)).json();

// Orders, one a line; answers in the order of the orders.
async function ask(conf, ...orders) {
	const child = spawn(client, [conf], { stdio: ['pipe', 'pipe', 'pipe'] });
	let out = '', err = '';
	child.stdout.on('data', (d) => { out += d; });
	child.stderr.on('data', (d) => { err += d; });
	child.stdin.end(orders.map((o) => [o.op, o.bundle, o.msisdn, o.key, ORDERED, 1, (o.mark || '-').replaceAll(' ', '_'),
		o.buys ? 'buys' : ''].join(' ')).join('\n'));
	const [code] = await once(child, 'close');
	assert.equal(code, 0, err);
	for (const o of orders)
		assert(!err.includes(o.msisdn) && !err.includes('pass\n'), 'a number or a secret is in the log');
	const answers = out.trim().split('\n').map((line) => JSON.parse(line));
	assert.equal(answers.length, orders.length); // each exactly once
	return answers;
}
const one = async (conf, o) => (await ask(conf, o))[0];

// What an outbox does: prepare, keep the mark, grant; in doubt, query until it is decided. Restarts between every two steps.
async function deliver(conf, order) {
	const seen = [];
	for (let round = 0; round < 6; round++) {
		const ready = await one(conf, { ...order, op: 'prepare' });
		if (ready.outcome === 'rejected')
			return { outcome: 'rejected', seen };
		if (ready.outcome !== 'ok')
			continue;
		let a = await one(conf, { ...order, op: 'grant', mark: ready.mark });
		seen.push(`${a.outcome}/${a.reason}`);
		for (let again = 0; a.outcome === 'unknown' && again < 20; again++)
			a = await one(conf, { ...order, op: 'query', mark: ready.mark });
		if (a.outcome !== 'retry')
			return { outcome: a.outcome, seen, last: a };
	}
	return { outcome: 'given up', seen };
}

let air, airConf, airLogin, cgr, cgrConf;
before(async () => {
	air = await serve('python3', 'ucip_server.py');
	airLogin = `url = "http://127.0.0.1:${air}/Air"; user = "user"; password_file = "air.secret";`;
	airConf = configure('ucip', `{ name = "data"; valid = "7d"; code = "da:4:100"; price = 2500; },
{ name = "fill"; code = "refill:P1:50:6"; }, { name = "wrong"; code = "refill:P9:50:6"; },
{ name = "night"; valid = "1d"; code = "offer:700"; }`, airLogin);
	cgr = await serve(process.execPath, 'cgrates_server.js');
	cgrConf = configure('cgrates', '{ name = "data"; valid = "365d"; code = "*data:100"; price = 2500; }',
		`url = "http://127.0.0.1:${cgr}/jsonrpc";`);
});

async function subscriber(port, main = 5000) {
	const msisdn = String(++number);
	await post(port, { account: msisdn, main });
	return msisdn;
}

const WRITES = { data: 'UpdateBalanceAndDate', fill: 'Refill', night: 'UpdateOffer' };
const applied = (r, bundle, msisdn) => {
	const a = r.accounts[msisdn];
	return bundle === 'data' ? (a.da[4]?.value ?? 0) / 100 : bundle === 'fill' ? (a.da[6]?.value ?? 0) / 50
		: Object.keys(a.offers).length;
};

test('ucip: balance, account, grants of each kind', async () => {
	const msisdn = await subscriber(air, 123456);
	assert.equal((await one(airConf, { op: 'account', bundle: 'data', msisdn, key: 'k' })).active, true);
	for (const bundle of ['data', 'fill', 'night'])
		assert.equal((await deliver(airConf, { bundle, msisdn, key: bundle })).outcome, 'ok', bundle);
	const facts = await one(airConf, { op: 'balance', bundle: 'data', msisdn, key: 'k' });
	assert.equal(facts.balance, 123456);
	const r = await report(air);
	for (const bundle of ['data', 'fill', 'night'])
		assert.equal(applied(r, bundle, msisdn), 1, bundle);
	assert.equal((await one(airConf, { op: 'prepare', bundle: 'data', msisdn: '254799999999', key: 'k' })).code, 102);
	assert.equal((await deliver(airConf, { bundle: 'wrong', msisdn, key: 'w' })).last.code, 120);
});

for (const bundle of ['data', 'fill', 'night'])
	for (const mode of ['drop', 'late', 'twice', 'e500', 'e500after', 'e503', 'e503after', 'garbage', 'half', 'refuse', 'bomb', 'huge',
		'hang', 'other'])
		test(`ucip: ${bundle}, ${mode}: applied once, and told so (promise 2)`, async () => {
			const msisdn = await subscriber(air);
			const order = { bundle, msisdn, key: `k-${mode}` };
			if (bundle === 'fill') // an account that is not empty tells; an empty one is left to a person
				await deliver(airConf, { bundle, msisdn, key: 'first' });
			// with settle = 0s a late call must be over before it is asked about, as settle sees to outside of a test
			await post(air, { mode, method: WRITES[bundle], seconds: 0.3 });
			const { outcome, seen } = await deliver(airConf, order);
			assert.equal(outcome, 'ok', String(seen));
			const r = await report(air);
			assert.equal(applied(r, bundle, msisdn), bundle === 'fill' ? 2 : 1);
			for (const [id, c] of Object.entries(r.calls))
				assert(c.applied <= 1, `${id} was applied ${c.applied} times`);
			if (!['twice', 'e503'].includes(mode))
				assert.match(seen[0], /^unknown/, 'nothing but the account may decide');
		});

test('ucip: a purchase takes the money and gives the bundle, or neither', async () => {
	const rich = await subscriber(air, 2500), poor = await subscriber(air, 2499);
	await post(air, { mode: 'drop', method: 'UpdateBalanceAndDate' });
	assert.equal((await deliver(airConf, { bundle: 'data', msisdn: rich, key: 'b', buys: true })).outcome, 'ok');
	const no = await deliver(airConf, { bundle: 'data', msisdn: poor, key: 'b', buys: true });
	assert.equal(no.last.reason, 'too-little');
	const r = await report(air);
	assert.deepEqual([r.accounts[rich].main, applied(r, 'data', rich)], [0, 1]);
	assert.deepEqual([r.accounts[poor].main, applied(r, 'data', poor)], [2499, 0]);
});

test('ucip: the same reference at every attempt, another one for another key', async () => {
	const msisdn = await subscriber(air);
	const mark = (await one(airConf, { op: 'prepare', bundle: 'data', msisdn, key: 'a' })).mark;
	await post(air, { mode: 'e500', count: 2, method: 'UpdateBalanceAndDate' });
	const a = await one(airConf, { op: 'grant', bundle: 'data', msisdn, key: 'a', mark });
	await one(airConf, { op: 'grant', bundle: 'data', msisdn, key: 'a', mark });
	assert.equal((await report(air)).calls[a.reference].received, 2);
	const b = await one(airConf, { op: 'grant', bundle: 'data', msisdn, key: 'b', mark });
	assert.notEqual(a.reference, b.reference);
});

test('ucip: revoked', async () => {
	const msisdn = await subscriber(air);
	for (const bundle of ['data', 'night']) {
		await deliver(airConf, { bundle, msisdn, key: 'r' });
		assert.equal((await one(airConf, { op: 'revoke', bundle, msisdn, key: 'r' })).outcome, 'ok');
		assert.equal(applied(await report(air), bundle, msisdn), 0);
	}
});

test('many orders at a time are answered, each once', async () => {
	const orders = [];
	for (let i = 0; i < 200; i++)
		orders.push({ op: 'grant', bundle: 'data', msisdn: await subscriber(air), key: `k${i}`, mark: 'ucip1 0 0 5000 0 da:4:100' });
	const answers = await ask(airConf, ...orders);
	assert.equal(answers.filter((a) => a.outcome === 'ok').length, 200);
	const r = await report(air);
	for (const o of orders)
		assert.equal(applied(r, 'data', o.msisdn), 1);
});

test('the rate holds over many orders', async () => {
	const conf = configure('ucip', '{ name = "data"; valid = "7d"; code = "da:4:100"; }', airLogin,
		{ within: '5s', rate: 100 });
	const orders = [];
	for (let i = 0; i < 200; i++)
		orders.push({ op: 'grant', bundle: 'data', msisdn: await subscriber(air), key: `k${i}`, mark: 'ucip1 0 0 5000 0 da:4:100' });
	const began = Date.now();
	const answers = await ask(conf, ...orders);
	assert.equal(answers.filter((a) => a.outcome === 'ok').length, 200);
	assert(Date.now() - began >= 900, 'a hundred at once, and a hundred in the second after');
});

test('a system that is not there: certainly not sent, and the circuit opens', async () => {
	const conf = configure('ucip', '{ name = "data"; code = "da:4:100"; }',
		'url = "http://127.0.0.1:1/Air"; calls = 1; failures = 3;');
	const orders = Array.from({ length: 20 }, (_, i) =>
		({ op: 'grant', bundle: 'data', msisdn: '254700000001', key: `k${i}`, mark: 'ucip1 0 0 0 0 da:4:100' }));
	const answers = await ask(conf, ...orders);
	assert(answers.every((a) => a.outcome === 'retry'));
	assert.equal(answers.filter((a) => a.reason === 'unreachable').length, 3);
	assert.equal(answers.filter((a) => a.reason === 'busy').length, 17);
});

for (const mode of ['ok', 'drop', 'late', 'e500', 'e500after', 'e503', 'e503after', 'garbage', 'half', 'refuse', 'huge', 'hang'])
	test(`cgrates: ${mode}: applied once, and told so (promise 2)`, async () => {
		const msisdn = await subscriber(cgr);
		await post(cgr, { mode, method: 'APIerSv1.SetBalance', seconds: 0.3 });
		const { outcome, last } = await deliver(cgrConf, { bundle: 'data', msisdn, key: mode });
		assert.equal(outcome, 'ok');
		const r = await report(cgr);
		const ours = r.accounts[msisdn].balances.filter((b) => b.type === '*data');
		assert.deepEqual(ours.map((b) => b.Value), [100]);
		assert.equal(r.sets[ours[0].ID], 1);
		assert.equal(ours[0].ID, `starhash-${last.reference.padStart(20, '0')}`);
		assert.equal((await one(cgrConf, { op: 'grant', bundle: 'data', msisdn, key: mode })).why, 'was there already');
		assert.equal((await report(cgr)).sets[ours[0].ID], 1);
	});

for (const [method, mode] of [['APIerSv1.DebitBalance', 'drop'], ['APIerSv1.DebitBalance', 'e500'],
	['APIerSv1.SetBalance', 'drop'], ['APIerSv1.SetBalance', 'e503'], ['APIerSv1.SetBalance', 'garbage']])
	test(`cgrates: a purchase, ${mode} at ${method}: paid once, given once`, async () => {
		const msisdn = await subscriber(cgr, 5000);
		await post(cgr, { mode, method });
		assert.equal((await deliver(cgrConf, { bundle: 'data', msisdn, key: 'b', buys: true })).outcome, 'ok');
		const b = (await report(cgr)).accounts[msisdn].balances;
		assert.deepEqual(b.map((x) => x.Value), [25, 100]);
	});

test('cgrates: nobody is made an account, facts, revoked', async () => {
	const no = await deliver(cgrConf, { bundle: 'data', msisdn: '254799999999', key: 'x' });
	assert.equal(no.outcome, 'rejected');
	assert.equal((await report(cgr)).accounts['254799999999'], undefined);
	const msisdn = await subscriber(cgr, 1234);
	await deliver(cgrConf, { bundle: 'data', msisdn, key: 'x' });
	const facts = await one(cgrConf, { op: 'balance', bundle: 'data', msisdn, key: 'x' });
	assert.deepEqual([facts.balance, facts.bundles], [1234, ['data']]);
	assert.equal((await one(cgrConf, { op: 'revoke', bundle: 'data', msisdn, key: 'x' })).outcome, 'ok');
	assert.deepEqual((await one(cgrConf, { op: 'balance', bundle: 'data', msisdn, key: 'x' })).bundles, []);
});
