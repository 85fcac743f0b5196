// SPDX-License-Identifier: GPL-3.0-or-later
// A CGRateS for tests: JSON-RPC over HTTP as its source describes APIerSv1 and v2, with node alone. It keeps accounts in memory,
// applies what it is told, and can misbehave; POST /control and GET /report are as in ucip_server.py.
'use strict';

const http = require('node:http');
const crypto = require('node:crypto');

const accounts = new Map(); // number -> { balances: [{ type, ID, Uuid, Value, ExpirationDate }], Disabled }
const modes = [];
const sets = {}; // balance ID -> how often it was set
const methods = {};

class Fault extends Error {}

const mandatory = (p, ...fields) => {
	const missing = fields.filter((f) => p[f] === undefined || p[f] === '');
	if (missing.length > 0)
		throw new Fault(`MANDATORY_IE_MISSING: [${missing}]`);
};

const account = (p) => {
	const a = accounts.get(p.Account);
	if (p.Tenant !== 'cgrates.org' || !a)
		throw new Fault('NOT_FOUND');
	return a;
};

const view = (p, a) => {
	const BalanceMap = {};
	for (const { type, ...b } of a.balances)
		(BalanceMap[type] ??= []).push(b);
	return { ID: `${p.Tenant}:${p.Account}`, BalanceMap, AllowNegative: false, Disabled: a.Disabled, UpdateTime: a.UpdateTime };
};

const api = {
	'APIerSv2.GetAccount': (p) => view(p, account(p)),
	'APIerSv1.SetBalance': (p) => {
		mandatory(p, 'Tenant', 'Account', 'BalanceType');
		if (!p.Balance || !p.Balance.ID)
			throw new Fault('MANDATORY_IE_MISSING: [BalanceID or BalanceUUID]');
		if (!accounts.has(p.Account)) // so does CGRateS: a number that nobody has becomes an account
			accounts.set(p.Account, { balances: [], Disabled: false });
		const a = accounts.get(p.Account);
		let b = a.balances.find((one) => one.ID === p.Balance.ID);
		if (!b) {
			b = { type: p.BalanceType, ID: p.Balance.ID, Uuid: crypto.randomUUID() };
			a.balances.push(b);
		}
		b.Value = Math.abs(p.Value);
		b.ExpirationDate = p.Balance.ExpiryTime === '*unlimited' ? '0001-01-01T00:00:00Z' : p.Balance.ExpiryTime;
		sets[b.ID] = (sets[b.ID] ?? 0) + 1;
		return 'OK';
	},
	'APIerSv1.DebitBalance': (p) => {
		mandatory(p, 'Tenant', 'Account', 'BalanceType', 'Value');
		for (const b of account(p).balances)
			if (b.type === p.BalanceType && (!p.Balance.Uuid || b.Uuid === p.Balance.Uuid))
				b.Value -= p.Value;
		return 'OK';
	},
	'APIerSv1.RemoveBalances': (p) => {
		const a = account(p);
		const left = a.balances.filter((b) => b.type !== p.BalanceType || b.ID !== p.Balance.ID);
		if (left.length === a.balances.length)
			throw new Fault('SERVER_ERROR: NOT_FOUND');
		a.balances = left;
		return 'OK';
	},
};

function execute(call) {
	try {
		if (!api[call.method])
			throw new Fault(`rpc: can't find service ${call.method}`);
		const result = api[call.method](call.params[0]);
		if (call.method !== 'APIerSv2.GetAccount') // each account that is stored gets the time
			accounts.get(call.params[0].Account).UpdateTime = new Date().toISOString();
		return { id: call.id, result, error: null };
	} catch (e) {
		if (!(e instanceof Fault))
			throw e;
		return { id: call.id, result: null, error: e.message };
	}
}

function nextMode(method) {
	const m = modes.find((one) => one.count > 0 && (!one.method || one.method === method));
	if (!m)
		return { mode: 'ok' };
	m.count--;
	return m;
}

function give(res, status, body) {
	res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
	res.end(body);
}

function behave(call, m, res) {
	switch (m.mode) {
	case 'refuse':
		return res.destroy();
	case 'hang':
		return undefined;
	case 'late':
		setTimeout(() => execute(call), 1000 * (m.seconds ?? 1));
		return undefined;
	case 'e500':
	case 'e503':
		return give(res, Number(m.mode.slice(1)), '');
	case 'error':
		return give(res, 200, JSON.stringify({ id: call.id, result: null, error: m.error }));
	}
	const text = JSON.stringify(execute(call));
	switch (m.mode) {
	case 'drop':
		return res.destroy();
	case 'e500after':
	case 'e503after':
		return give(res, Number(m.mode.slice(1, 4)), '');
	case 'garbage':
		return give(res, 200, '\u0001{{{{');
	case 'half':
		res.writeHead(200, { 'Content-Length': text.length });
		res.write(text.slice(0, text.length / 2));
		return setTimeout(() => res.destroy(), 20);
	case 'huge':
		return give(res, 200, ' '.repeat(1000000) + text);
	default:
		return give(res, 200, text);
	}
}

function control(c) {
	if (c.mode)
		modes.push({ count: 1, ...c });
	if (c.account)
		accounts.set(c.account, { Disabled: c.disabled === true, UpdateTime: new Date().toISOString(), balances: [
			{ type: '*monetary', ID: '*default', Uuid: crypto.randomUUID(), Value: (c.main ?? 0) / 100,
			  ExpirationDate: '0001-01-01T00:00:00Z' }] });
}

http.createServer((req, res) => {
	const chunks = [];
	req.on('data', (d) => chunks.push(d));
	req.on('end', () => {
		if (req.url === '/report')
			return give(res, 200, JSON.stringify({ accounts: Object.fromEntries(accounts), sets, methods }));
		const body = JSON.parse(Buffer.concat(chunks).toString());
		if (req.url === '/control') {
			control(body);
			return give(res, 200, '{}');
		}
		methods[body.method] = (methods[body.method] ?? 0) + 1;
		return behave(body, nextMode(body.method), res);
	});
}).listen(0, '127.0.0.1', function () {
	console.log(this.address().port);
});
process.stdin.resume().on('end', () => process.exit(0));
