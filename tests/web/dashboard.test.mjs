// The dashboard of the built program in headless Chromium, as its users meet it: INTERWATT names the program, CHROMIUM the
// browser. Fails on any request to another host, on any error of the console, and on what axe calls serious.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';

import {launch, seriousFaults} from './browser.mjs';
import {startDemo} from './gateway.mjs';

let demo;
let browser;
let open;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  open = (path, how) => browser.open(demo.url, path, how);
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

const pages = {
  overview: ['', 'Where the power goes'],
  devices: ['devices', 'heat pump meter'],
  device: ['devices/roof%20inverter', 'ActivePower'],
  lost: ['devices/garage%20meter', 'What to do'],
  control: ['control', 'battery/ActivePowerSetpoint'],
  controllers: ['controllers', 'droop'],
  history: ['history?point=grid%20meter%2FActivePower', 'CSV of what is shown'],
  alarms: ['alarms?show=all', 'Alarms and events'],
  lines: ['lines', 'Answered'],
  tools: ['tools', 'Register workbench'],
  decoder: ['tools?tool=decode&hex=0001000000060103000A0002', 'Read Holding Registers'],
};

describe('accessibility', () => {
  for (const [name, [path, sign]] of Object.entries(pages)) {
    for (const theme of ['light', 'dark']) {
      it(`${name} has nothing serious, ${theme}`, async () => {
        const {page, shows, close} = await open(path, {settings: {theme}});
        await shows(sign);
        assert.deepEqual(await seriousFaults(page), []);
        await close();
      });
    }
  }
});

describe('the operator', () => {
  it('sees at once whether the site is well, and why not', async () => {
    const {page, shows, close} = await open('');
    await shows('silent');
    await shows('garage meter');
    assert.match(await page.$eval('h1', (title) => title.innerText), /silent|alarm/);
    await close();
  });

  it('sees power that adds up, or a question mark', async () => {
    const {page, shows, close} = await open('');
    await shows('Consumption');
    await page.waitForFunction(() => [...document.querySelectorAll('.tile .big')].every((one) => /\d|\?/.test(one.innerText)));
    await close();
  });

  it('finds a device, opens it and sees where a value comes from', async () => {
    const {page, shows, close} = await open('devices');
    await shows('carport inverter');
    await page.type('input[type=search]', 'eastron garage');
    await page.waitForFunction(() => document.querySelectorAll('tbody a').length === 1);
    assert.match(page.url(), /find=eastron/);
    await page.click('tbody a');
    await shows('not answer');  // a gateway in front of it says so in other words
    await shows('What to do');
    assert.match(page.url(), /devices\/garage%20meter/);
    await page.goBack();
    await shows('1 of 12 devices');
    await close();
  });

  it('sees which device was silent lately, and which never', async () => {
    const {page, shows, close} = await open('devices');
    await shows('garage meter');
    const says = (name) =>
      page.waitForFunction(
        (device) =>
          [...document.querySelectorAll('tbody tr')]
            .find((row) => row.querySelector('a')?.innerText === device)
            ?.querySelector('.past svg')
            ?.getAttribute('aria-label'),
        {timeout: 15_000},
        name,
      );
    assert.equal(await (await says('grid meter')).jsonValue(), 'Never silent');
    await page.waitForSelector('.past svg[aria-label^="Silent for"]', {timeout: 15_000});
    assert.match(await (await says('garage meter')).jsonValue(), /^Silent for \d+ (sec|min)/);
    await close();
  });

  it('goes from a value to its history, and the address is the chart', async () => {
    const {page, shows, close} = await open('devices/grid%20meter');
    await shows('ActivePower');
    await page.evaluate(() => [...document.querySelectorAll('td a')].find((link) => link.innerText === 'ActivePower').click());
    await shows('History');
    assert.match(page.url(), /point=grid\+meter%2FActivePower/);
    await page.waitForSelector('.u-wrap canvas', {timeout: 30_000});
    await close();
  });

  it('sees how a device was lately, how long it takes to answer, and what it was asked last', async () => {
    const {page, shows, close} = await open('devices/grid%20meter');
    await shows('Never silent');
    await shows('How long answers take');
    await page.waitForFunction(() => /Read (Input|Holding) Registers/.test(document.body.innerText), {timeout: 15_000});
    await close();
  });

  it('sees the registers of a value on demand', async () => {
    const {page, shows, close} = await open('devices/grid%20meter');
    await (await page.waitForSelector('::-p-xpath(//button[normalize-space()="Show raw words"])')).click();
    await page.waitForFunction(
      () => [...document.querySelectorAll('.words')].some((one) => /^[0-9A-F]{4}( [0-9A-F]{4})*$/.test(one.innerText)),
      {timeout: 20_000},
    );
    await shows('Hide raw words');
    await close();
  });

  it('sees who was asked when on a line', async () => {
    const {page, close} = await open('lines');
    await page.waitForSelector('article details summary');
    await page.$$eval('article details:first-of-type summary', (all) => all.forEach((one) => one.click()));
    await page.waitForSelector('.polls .track i', {timeout: 15_000});
    await close();
  });

  it('sees what was asked of BACnet devices, and of whom', async () => {
    const {page, shows, close} = await open('lines');
    await (await page.waitForSelector('::-p-xpath(//article[.//h2[starts-with(normalize-space(), "bacnet")]]//summary)')).click();
    await shows('ReadPropertyMultiple');
    await page.waitForSelector('::-p-xpath(//td[contains(., "ReadPropertyMultiple")]/span[starts-with(normalize-space(), "127.0.0.1")])');
    await close();
  });

  it('acknowledges an alarm with a comment', async () => {
    const {page, shows, text, close} = await open('alarms?show=all');
    await shows('Acknowledge');
    await (await page.waitForSelector('::-p-xpath(//li//button[normalize-space()="Acknowledge"])')).click();
    const comment = await page.waitForSelector('li form input');
    await comment.type('a fuse, on the way');
    await comment.press('Enter');
    await shows('“a fuse, on the way”');
    assert.match(await text(), /acknowledged by anybody/);
    await close();
  });

  it('shelves an alarm with a reason, finds it on the shelf, and shows it again', async () => {
    const {page, shows, text, close} = await open('alarms');
    const press = async (name) =>
      (await page.waitForSelector(`::-p-xpath(//li[contains(., "garage meter")]//button[normalize-space()="${name}"])`)).click();
    await press('Shelve');
    await (await page.waitForSelector('li form input')).type('a spare part is ordered');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => !document.querySelector('li form'));
    await page.evaluate(() => [...document.querySelectorAll('button')].find((b) => b.innerText === 'Shelved').click());
    await shows('“a spare part is ordered”');
    assert.match(await text(), /shelved by anybody until/);
    await press('Show again');
    await shows('Nothing is shelved.');
    await close();
  });

  it('clears an alarm, and what still holds comes again as a new one', async () => {
    const {page, shows, close} = await open('alarms');
    await (await page.waitForSelector('::-p-xpath(//li[contains(., "garage meter")]//button[normalize-space()="Clear"])')).click();
    await (await page.waitForSelector('li form input')).type('looked at it');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => !document.querySelector('li form'));
    await page.evaluate(() => [...document.querySelectorAll('button')].find((b) => b.innerText === 'All').click());
    await shows('cleared by anybody: “looked at it”');
    await close();
  });

  it('is told when the gateway is lost, and when it is back', async () => {
    const {page, shows, close} = await open('', {allow: (url) => url.includes('/api/')});
    await shows('Live');
    demo.freeze();
    try {
      await shows('The gateway does not answer');
      await shows('Paused');
    } finally {
      demo.thaw();
    }
    await shows('Live');
    assert.doesNotMatch(await page.$eval('body', (body) => body.innerText), /does not answer\. What you see/);
    await close();
  });

  it('is told over one socket what is new, and asks for nothing meanwhile', async () => {
    const {page, shows, close} = await open('');
    await shows('Where the power goes');
    await page.waitForFunction(() => /\d/.test(document.querySelector('.tile.grid .big')?.innerText ?? ''));
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    const seen = new Set();
    for (let i = 0; i < 12; ++i) {
      seen.add(await page.$eval('.tile.grid .big', (big) => big.innerText));
      await new Promise((soon) => setTimeout(soon, 500));
    }
    assert.ok(seen.size >= 3, `the grid's power moved ${seen.size} times`);
    assert.deepEqual(asked.filter((url) => url.includes('/values')), []);
    await close();
  });

  it('costs the gateway nothing in a tab that nobody sees', async () => {
    const {page, shows, close} = await open('devices');
    await shows('heat pump meter');
    const look = (hidden) =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'hidden', {configurable: true, get: () => now});
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    const cdp = await page.createCDPSession();
    await cdp.send('Network.enable');
    const traffic = [];
    cdp.on('Network.webSocketFrameReceived', () => traffic.push('frame'));
    cdp.on('Network.requestWillBeSent', ({request}) => traffic.push(request.url));
    cdp.on('Network.webSocketCreated', () => traffic.push('socket'));
    await look(true);
    await new Promise((soon) => setTimeout(soon, 7000));
    traffic.length = 0;
    await new Promise((soon) => setTimeout(soon, 8000));
    assert.deepEqual(traffic, []);
    await look(false);
    await page.waitForFunction(() => document.body.innerText.includes('Live'));
    await new Promise((soon) => setTimeout(soon, 1000));
    assert.ok(traffic.includes('socket') && traffic.some((one) => one.endsWith('/devices')), traffic.join());
    await close();
  });

  it('reads German', async () => {
    const {text, shows, close} = await open('', {settings: {language: 'de'}});
    await shows('Wohin die Leistung fließt');
    assert.doesNotMatch(await text(), /Overview|Consumption|Silent/);
    await close();
  });

  it('reads in German what the gateway says of events, and what to do about them', async () => {
    const {page, text, shows, close} = await open('alarms?show=all', {settings: {language: 'de'}, allow: (url) => url.endsWith('/nobody')});
    await shows('Gateway gestartet');
    await shows('antwortet');  // the garage meter: what the gateway says of it, in one of its words
    const said = await text();
    assert.doesNotMatch(said, /did not answer|does not answer|gateway (started|stopped)|switched on|check |is above|is below|can not/);
    assert.match(said, /eingeschaltet|prüfen/);
    await page.goto(new URL('devices/garage%20meter', demo.url).href, {waitUntil: 'domcontentloaded'});
    await shows('Was zu tun ist');
    assert.doesNotMatch(await page.$eval('section.wrong', (card) => card.innerText), /answer|switched on|check /);
    await page.goto(new URL('devices/nobody', demo.url).href, {waitUntil: 'domcontentloaded'});
    await shows('es gibt kein Gerät „nobody“');
    await close();
  });

  it('can use a phone: nothing is wider than the screen', async () => {
    for (const [path, sign] of Object.values(pages)) {
      const {page, shows, close} = await open(path, {width: 360, height: 740});
      await shows(sign);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path}: ${wide} px too wide`);
      await close();
    }
  });

  it('can use a phone in German too, whose words are longer', async () => {
    for (const path of ['control', 'controllers', 'devices/garage%20meter', 'alarms?show=all']) {
      const {page, close} = await open(path, {width: 390, height: 844, settings: {language: 'de'}});
      await page.waitForSelector('main .card');
      await new Promise((settled) => setTimeout(settled, 1500));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${path}: ${wide} px too wide`);
      await close();
    }
  });

  it('can use the keyboard alone', async () => {
    const {page, shows, close} = await open('');
    await shows('Overview');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await shows('Newest value');
    await close();
  });
});

describe('a page that is not there', () => {
  it('says so, and leads home', async () => {
    const {page, shows, close} = await open('nowhere');
    await shows('There is no such page.');
    await page.click('main a');
    await shows('Where the power goes');
    await close();
  });

  it('is a device that is not there', async () => {
    const {shows, close} = await open('devices/none', {allow: (url) => url.includes('/devices/none')});
    await shows('none');
    await close();
  });
});
