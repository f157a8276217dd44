// The certificates on the page System, in headless Chromium: what is shown of those of a line, and a new one in the
// place of one that ends.

import assert from 'node:assert/strict';
import {join} from 'node:path';
import {readFileSync} from 'node:fs';
import {after, before, describe, it} from 'node:test';

import {launch, seriousFaults, signIn} from './browser.mjs';
import {certificate, password, startGateway} from './gateway.mjs';

let gateway;
let browser;
let tab;
let page;

before(async () => {
  gateway = await startGateway(
    {anna: 'admin'},
    `  - {name: vault, connect: "modbus+tls://127.0.0.1:9?unit=1", profile: eastron/sdm630}
lines:
  - connect: modbus+tls://127.0.0.1:9
    tls: {ca: FOLDER/ca.pem, certificate: FOLDER/client.pem, key: FOLDER/client.key}
`,
    (folder) => {
      certificate(folder, 'ca', 'plant-ca.lan');
      certificate(folder, 'client', 'gateway.lan', '192.0.2.7');
      certificate(folder, 'next', 'next.lan');
    },
  );
  browser = await launch();
  tab = await browser.open(gateway.url, 'system/certificates', {allow: (url) => url.includes('/api/v1/')});
  page = tab.page;
  await signIn(page, 'anna', password);
  await tab.shows('Used by');
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
});

const button = (name) => page.waitForSelector(`::-p-xpath(//button[normalize-space()="${name}"])`);

// A long text at once, as one who pastes.
const paste = (input, text) =>
  input.evaluate((one, what) => {
    one.value = what;
    one.dispatchEvent(new Event('input', {bubbles: true}));
  }, text);

async function looksRight(name) {
  for (const theme of ['light', 'dark']) {
    await page.evaluate((one) => document.documentElement.setAttribute('data-theme', one), theme);
    assert.deepEqual(await seriousFaults(page), [], `${name}, ${theme}`);
  }
  await page.setViewport({width: 360, height: 740});
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${name}: ${wide} px too wide on a phone`);
  await page.setViewport({width: 1440, height: 900});
}

// Where devices behind TLS are named, the files to ask them with are asked for.
describe('files for devices behind TLS', () => {
  it('are asked for where rows are pasted, an address is looked at, and a device is looked into', async () => {
    for (const [path, field] of [['add?way=many', 'textarea'], ['add?way=scan', 'input[type=text]'], ['tools?tool=sunspec', 'form input[type=text]']]) {
      await page.goto(gateway.url + path, {waitUntil: 'domcontentloaded'});
      const input = await page.waitForSelector(field);
      assert.equal(await page.$('fieldset'), null, path);
      await paste(input, 'far,modbus+tls://127.0.0.1:9?unit=2'.slice(path.includes('many') ? 0 : 4));
      await tab.shows('Trusted (CA)');
    }
  });

  it('are used for all rows that are pasted', async () => {
    await page.goto(`${gateway.url}add?way=many`, {waitUntil: 'domcontentloaded'});
    await paste(await page.waitForSelector('textarea'), 'far,modbus+tls://127.0.0.1:10?unit=2');
    await (await button('Test 1 row')).click();
    await tab.shows('needs three files of the gateway');
    for (const [label, file] of [['Trusted (CA)', 'ca.pem'], ['Our certificate', 'client.pem'], ['Our private key', 'client.key']]) {
      const input = await page.waitForSelector(`::-p-xpath(//label[starts-with(normalize-space(), "${label}")]/input)`);
      await input.type(join(gateway.folder, file));
    }
    await (await button('Test 1 row')).click();
    await page.waitForFunction(() => !document.body.innerText.includes('needs three files'), {timeout: 15_000});
    await tab.shows('failed');  // nobody is there, and that is now what is wrong
  });
});

describe('the certificates of a gateway', () => {
  before(async () => {
    await page.goto(`${gateway.url}system/certificates`, {waitUntil: 'domcontentloaded'});
    await tab.shows('Used by');
  });

  it('are shown with names, fingerprint, how long they hold, and where they are configured', async () => {
    for (const words of ['gateway.lan, 192.0.2.7', 'plant-ca.lan', 'SHA-256', '824 days left', 'lines: tls: ca', 'lines: tls: certificate'])
      await tab.shows(words);
    await looksRight('certificates');
  });

  it('are replaced by others only when the key belongs to them', async () => {
    const row = '::-p-xpath(//section[contains(@aria-label, "client.pem")]//button)';
    await (await page.waitForSelector(row)).click();
    const [chain, key] = await Promise.all(['CERTIFICATE', 'PRIVATE KEY'].map((what) => page.waitForSelector(`textarea[placeholder*="BEGIN ${what}"]`)));
    await paste(chain, readFileSync(join(gateway.folder, 'next.pem'), 'utf8'));
    await (await button('Check and replace')).click();
    await tab.shows('does not belong to the certificate');
    await looksRight('certificates, refused');
    await paste(key, readFileSync(join(gateway.folder, 'next.key'), 'utf8'));
    await (await button('Check and replace')).click();
    await tab.shows('is replaced');
    await tab.shows('next.lan');
    assert.equal(readFileSync(join(gateway.folder, 'client.pem'), 'utf8'), readFileSync(join(gateway.folder, 'next.pem'), 'utf8'));
  });
});
