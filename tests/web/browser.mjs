// Headless Chromium as the tests use it: CHROMIUM names another one.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';

import puppeteer from 'puppeteer-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export async function launch(how = {}) {
  const browser = await puppeteer.launch({
    executablePath,
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--lang=en'],
    ...how,
  });
  return {
    open: (url, path, wanted) => openPage(browser, url, path, wanted),
    close: () => browser.close(),
  };
}

// A page on which nothing may go wrong; `allow`: answers of the gateway that this test provokes.
async function openPage(browser, url, path, {width = 1440, height = 900, settings = {}, allow = () => false} = {}) {
  const context = await browser.createBrowserContext();  // nobody is logged in from before
  const page = await context.newPage();
  const wrong = [];
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (!['data:', 'blob:'].includes(asked.protocol) && asked.origin !== new URL(url).origin) wrong.push(`asks ${asked.origin}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !allow(message.location().url ?? '')) wrong.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => wrong.push(error.message));
  await page.setViewport({width, height});
  await page.setBypassCSP(false);
  await page.evaluateOnNewDocument((all) => {
    for (const [key, value] of Object.entries(all)) localStorage.setItem(key, value);
  }, {language: 'en', ...settings});
  await page.goto(url + path, {waitUntil: 'domcontentloaded'});
  return {
    page,
    text: () => page.$eval('body', (body) => body.innerText),
    shows: (what) => page.waitForFunction((words) => document.body.innerText.includes(words), {timeout: 15_000}, what),
    close: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

export async function signIn(page, name, password) {
  await (await page.waitForSelector('input[autocomplete="username"]')).type(name);
  await (await page.waitForSelector('input[type="password"]')).type(password);
  await page.keyboard.press('Enter');
}

// What axe calls serious or critical, from the top of the page: links that the bar covers half are too small for it.
export async function seriousFaults(page) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(axe);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}));
  return violations
    .filter(({impact}) => impact === 'serious' || impact === 'critical')
    .map(({id, nodes}) => `${id}: ${nodes.map(({target, failureSummary}) => `${target} ${failureSummary}`).join('; ')}`);
}
