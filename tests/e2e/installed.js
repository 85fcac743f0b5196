// SPDX-License-Identifier: GPL-3.0-or-later
// A browser at the console of a daemon that is installed already, as docs/install.md says: log in with the token, see that it is well,
// dial *123# and register. For tests/package.sh, which runs it in the network namespace of the installed system.
//
//   usage: node tests/e2e/installed.js URL TOKEN-FILE
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const { chromium } = require('playwright-core');

const [url, file] = process.argv.slice(2);
const TURNS = [
  ['*123#', 'Hello friend'],
  ['1', 'Agree?'],
  ['1', 'Your full name?'],
  ['Amina Wanjiru', 'Your town?'],
  ['Nairobi', 'At home you'],
  ['1', 'is yours'],
];

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30000);
    await page.goto(url);
    await page.getByLabel('Token').fill('this-is-no-token-of-anybody');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'not known' }).waitFor();
    await page.getByLabel('Token').fill(fs.readFileSync(file, 'utf8').trim());
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Log out' }).waitFor();
    await page.locator('#health').waitFor();
    const health = await page.locator('#health').textContent();
    await page.getByRole('link', { name: 'Phone', exact: true }).click();
    for (const [text, wanted] of TURNS) {
      await page.locator('#input').fill(text);
      await page.locator('#input').press('Enter');
      await page.locator('#screen', { hasText: wanted }).waitFor();
    }
    const screen = await page.locator('#screen').textContent();
    assert.match(screen, /^Thanks Amina Wanjiru! 100 MB is yours\./);
    console.log(`console: ${health.trim()}\nphone: ${screen.split('\n')[0]}`);
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
