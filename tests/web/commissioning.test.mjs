// The whole way of an integrator in headless Chromium: an empty gateway, the first password, a scan, devices of three
// makers, their values, and back. SCREENS names a folder for screenshots of each page.

import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, describe, it} from 'node:test';

import {launch, seriousFaults, signIn} from './browser.mjs';
import {password, simulate, startEmptyGateway} from './gateway.mjs';

const screens = process.env.SCREENS;

let gateway;
let browser;
let tab;
let page;
const devices = {};

before(async () => {
  if (screens) mkdirSync(screens, {recursive: true});
  gateway = await startEmptyGateway();
  for (const profile of ['sunspec', 'eastron/sdm630', 'huawei/sun2000']) devices[profile] = await simulate(profile);
  browser = await launch();
  // What is refused here is part of the story: a conflict, a file with errors.
  tab = await browser.open(gateway.url, '', {height: 1000, allow: (url) => url.includes('/api/v1/')});
  page = tab.page;
});

after(async () => {
  await browser?.close();
  await gateway?.stop();
  for (const device of Object.values(devices)) await device.stop();
});

const shows = (words, timeout = 20_000) =>
  page.waitForFunction((what) => document.body.innerText.includes(what), {timeout}, words);
const go = (path) => page.goto(gateway.url + path, {waitUntil: 'domcontentloaded'});
const button = (name) => page.waitForSelector(`::-p-xpath(//button[normalize-space()="${name}"])`);
const field = (label) => page.waitForSelector(`::-p-xpath(//label[starts-with(normalize-space(), "${label}")]//*[self::input or self::textarea])`);

async function fill(label, text) {
  const input = await field(label);
  await input.evaluate((one) => (one.value = ''));
  await input.type(text);
}

// Once without anything serious, by day and by night, and as narrow as a phone.
async function looksRight(name) {
  for (const theme of ['light', 'dark']) {
    await page.evaluate((one) => document.documentElement.setAttribute('data-theme', one), theme);
    assert.deepEqual(await seriousFaults(page), [], `${name}, ${theme}`);
    if (screens) await page.screenshot({path: join(screens, `${name}-${theme}.png`), fullPage: true});
  }
  await page.setViewport({width: 360, height: 740});
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (screens) await page.screenshot({path: join(screens, `${name}-phone.png`), fullPage: true});
  assert.ok(wide <= 0, `${name}: ${wide} px too wide on a phone`);
  await page.setViewport({width: 1440, height: 1000});
}

describe('an integrator brings an empty gateway on line', () => {
  it('sets the first password with the code of the console', async () => {
    await go('');
    await fill('Code from the console', gateway.code);
    await fill('Name', 'anna');
    await fill('Password', password);
    await fill('Password, once more', password);
    await (await button('Set the password')).click();
    await shows('No devices');
  });

  it('finds a device by a scan, gives it a name and saves it', async () => {
    await go('add?way=scan');
    await fill('Host or port', devices.sunspec.url);
    await fill('Units', '1-3');
    await (await button('Look')).click();
    await shows('1 device found');
    const name = await page.waitForSelector('td input[type=text]');
    await name.evaluate((one) => (one.value = ''));
    await name.type('roof');
    await looksRight('add-scan');
    await (await button('Save 1 device')).click();
    await shows('1 device is saved and polled');
    assert.match(gateway.config(), /- name: roof\n/);
    assert.match(gateway.config(), /^# An empty site\./);
  });

  it('tests a device step by step and sees its values before it is saved', async () => {
    await go('add?way=one');
    await fill('Name', 'meter');
    await fill('Address', `${devices['eastron/sdm630'].url}?unit=1`);
    await fill('Profile', 'eastron/sdm630');
    await (await button('Test')).click();
    await shows('What it says now');
    await shows('ActivePower');
    assert.doesNotMatch(gateway.config(), /meter/);
    await looksRight('add-one');
    await (await button('Save')).click();
    await shows('meter is saved and polled');
  });

  it('is told which stage fails, and why', async () => {
    await go('add?way=one');
    await fill('Address', 'modbus://127.0.0.1:1?unit=1');
    await (await button('Test')).click();
    await page.waitForSelector('ol .bad');
    await shows('Save anyway');
    await looksRight('add-failed');
  });

  it('is told so in German too', async () => {
    const german = await browser.open(gateway.url, 'add?way=one', {settings: {language: 'de'}, allow: (url) => url.includes('/api/v1/')});
    try {
      await signIn(german.page, 'anna', password);
      const address = await german.page.waitForSelector('::-p-xpath(//label[starts-with(normalize-space(), "Adresse")]//input)');
      const test = async (url) => {
        await address.evaluate((one) => (one.value = ''));
        await address.type(url);
        await (await german.page.waitForSelector('::-p-xpath(//button[normalize-space()="Prüfen"])')).click();
        await german.page.waitForSelector('ol .bad', {timeout: 60_000});
      };
      await test('modbus://127.0.0.1:1?unit=1');
      await german.shows('weist Verbindungen zu Port 1 ab');
      await german.shows('Modbus TCP im Gerät einschalten');
      await test(`${devices.sunspec.url}?unit=9`);
      await german.shows('das Gateway antwortet, Gerät 9 dahinter nicht: MODBUS_EXC_GATEWAY_TARGET_FAILED_TO_RESPOND: das vorgeschaltete Gateway läuft');
      const said = await german.page.$eval('ol', (list) => list.innerText);
      assert.doesNotMatch(said, /refuses|is reached|answers?\b|takes connections|silent|switch/);
    } finally {
      await german.close();
    }
  });

  it('pastes rows: the good ones are saved, the others stay as a work list', async () => {
    await go('add?way=many');
    const rows = await page.waitForSelector('textarea');
    // As a paste does: a tab typed would go to the next field.
    await rows.evaluate((one, text) => {
      one.value = text;
      one.dispatchEvent(new Event('input', {bubbles: true}));
    }, `inverter\t${devices['huawei/sun2000'].url}?unit=1\thuawei/sun2000\nnowhere\tmodbus://127.0.0.1:1\tsunspec\nmeter\tmodbus://127.0.0.1:2\t\nodd\thttp://example.test\t`);
    await (await button('Test 4 rows')).click();
    await shows('Save the good row', 40_000);
    await shows('there is a device \'meter\' already');
    await looksRight('add-many');
    await (await button('Save the good row')).click();
    await shows('3 rows are left to work on');
    assert.match(await page.$eval('textarea', (one) => one.value), /^nowhere\tmodbus/);
  });

  it('sees the values of all three makers', async () => {
    for (const name of ['roof', 'meter', 'inverter']) {
      await go(`devices/${name}`);
      await shows('Online');
      await page.waitForFunction(() => document.querySelectorAll('.values td b.good').length > 3, {timeout: 20_000});
    }
  });

  it('changes a device as a form and as text, switches it off and on', async () => {
    await go('devices/meter');
    await (await button('Text')).click();
    const text = await page.waitForSelector('textarea');
    await text.evaluate((one) => one.focus());
    await page.keyboard.down('Control');
    await page.keyboard.press('End');
    await page.keyboard.up('Control');
    await text.type('rates: {fast: 2s}  # slow line\n');
    await (await button('Save')).click();
    await shows('Saved as version');
    assert.match(gateway.config(), /rates: \{fast: 2s\} {2}# slow line\n/);
    await looksRight('device');
    await (await button('Switch off')).click();
    await shows('Disabled');
    await (await button('Switch on')).click();
    await shows('Online');
  });

  it('repairs a device that can not be reached', async () => {
    const good = gateway.config();
    await go('devices/roof');
    await shows('Online');
    await fill('Address', 'modbus://127.0.0.1:1?unit=1');
    await (await button('Save')).click();
    await shows('Silent');
    await fill('Address', `${devices.sunspec.url}?unit=1`);
    await (await button('Save')).click();
    await shows('Online');
    assert.equal(gateway.config(), good);
  });

  it('is shown both sides when somebody else was faster', async () => {
    await go('devices/roof');
    await shows('Configuration');
    await page.evaluate(async () => {
      const headers = {'content-type': 'application/json', 'if-match': '*'};
      await fetch('/api/v1/devices/roof', {method: 'PUT', headers, body: JSON.stringify({text: (await (await fetch('/api/v1/devices/roof/config')).json()).text + 'rates: {fast: 5s}\n'})});
    });
    await (await button('Text')).click();
    const text = await page.waitForSelector('textarea');
    await text.type('asset: south\n');
    await (await button('Save')).click();
    await shows('Changed meanwhile, last by anna');
    await looksRight('conflict');
    await (await button('Go on with theirs')).click();
    await page.waitForFunction(() => document.querySelector('textarea').value.includes('fast: 5s'));
  });

  it('sees who changed what, and goes back', async () => {
    await go('system/versions');
    await shows("device 'inverter' is new");
    await looksRight('system-versions');
    await page.evaluate(() => [...document.querySelectorAll('ol button')].at(-1).click());
    await (await button('Go back to version 1')).click();
    await shows('Version 1 is in force again');
    assert.doesNotMatch(gateway.config(), /inverter/);
    await go('devices');
    await shows('0 devices');
  });

  it('edits the whole file: what is wrong is said with its place, and nothing happens', async () => {
    await go('system/file');
    const text = await page.waitForSelector('textarea');
    await page.waitForFunction(() => document.querySelector('textarea').value.includes('Hall 3'));
    await text.evaluate((one) => one.focus());
    await page.keyboard.down('Control');
    await page.keyboard.press('End');
    await page.keyboard.up('Control');
    await text.type('devices:\n  - name: a\nconect: x\n');
    await (await button('Put into force')).click();
    await shows('line ');
    await looksRight('system-file');
    assert.doesNotMatch(gateway.config(), /conect/);
  });

  it('manages users and tokens, reads the audit log, takes a backup', async () => {
    await go('system/users');
    await shows('anna');
    await fill('Name', 'ben');
    await fill('Password', 'some green hills');
    await (await button('Add a user')).click();
    await page.waitForFunction(() => [...document.querySelectorAll('td')].some((one) => one.innerText === 'ben'));
    await fill('What it is for', 'export');
    await (await button('Make a token')).click();
    await shows('It is shown only now');
    await looksRight('system-users');
    await go('system/audit');
    await shows("device 'inverter' is new");
    await looksRight('system-audit');
    await go('system/support');
    await shows('Support bundle');
    await looksRight('system-support');
  });

  it('reads German', async () => {
    await page.evaluateOnNewDocument(() => localStorage.setItem('language', 'de'));
    for (const [path, sign] of [['add', 'Geräte hinzufügen'], ['system/versions', 'Fassungen'], ['system/support', 'Sicherung der Konfiguration']]) {
      await go(path);
      await shows(sign);
      assert.doesNotMatch(await page.$eval('main', (one) => one.innerText), /Add devices|Versions|Backup of/);
    }
  });

  it('met no error of a page, and asked nobody else', () => tab.close());
});
