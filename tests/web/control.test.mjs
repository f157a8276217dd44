// Control in the browser: who wants what, who won and why, claiming, releasing, stopping, and the past.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';

import {launch, seriousFaults, signIn} from './browser.mjs';
import {password, startGateway} from './gateway.mjs';

let site;
let browser;

before(async () => {
  site = await startGateway({anna: 'operator', vera: 'viewer', emil: 'engineer', dso: 'operator'});
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

async function as(name, path, how) {
  const opened = await browser.open(site.url, path, how);
  const {page} = opened;
  await page.waitForSelector('input[type=password], nav a');
  if (await page.$('input[type=password]')) {
    await signIn(page, name, password);
    await page.waitForSelector('nav a');
  }
  const click = async (text) => (await page.waitForSelector(`::-p-xpath(//*[self::button or self::a or self::summary][normalize-space()="${text}"])`)).click();
  return {...opened, click};
}

const provoked = (url) => url.includes('/control/') || url.includes('/session');

describe('the operator', () => {
  it('claims a value, sees it confirmed by the device, and releases it', async () => {
    const {page, shows, click, close} = await as('anna', 'control', {allow: provoked});
    await shows('the device shows 9.00 kW');
    await click('Claim');
    await shows('The site allows');
    const value = await page.waitForSelector('dialog input[type=number]');
    await value.click({clickCount: 3});
    await value.type('4000');
    await page.type('dialog input[type=text]', 'load test');
    await shows('The point would then have 4.00 kW');
    await page.click('dialog button.primary');
    await shows('confirmed: the device shows 4.00 kW');
    await shows('anna (operator) wants 4.00 kW. “load test”');
    assert.match(await page.$eval('tr.winner', (row) => row.innerText), /anna.*decides[\s\S]*min left|hr left/);
    await click('Release');
    await shows('Nobody sets it: the default is 9.00 kW');
    await shows('confirmed: the device shows 9.00 kW');
    await close();
  });

  it('is told what is wrong before anything is sent', async () => {
    const {page, shows, click, close} = await as('anna', 'control', {allow: provoked});
    await click('Claim');
    const value = await page.waitForSelector('dialog input[type=number]');
    await value.click({clickCount: 3});
    await value.type('20000');
    await shows('it takes 0 to 10000');
    assert.ok(await page.$eval('dialog button.primary', (button) => button.disabled));
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'));
    await close();
  });

  it('stops everything, with a reason that all can read', async () => {
    const {page, shows, click, close} = await as('anna', 'control', {allow: provoked});
    await click('Stop all');
    await shows('turned off at the level of the operator');
    await page.type('dialog input[type=text]', 'work on the roof');
    await page.click('dialog button.danger');
    await shows('anna (operator) wants off. “work on the roof”');
    await shows('confirmed: the device shows 0 W');
    await click('Release');
    await shows('Nobody sets it');
    await close();
  });

  it('asks why it was so, back then', async () => {
    const {page, click, close} = await as('anna', 'control', {allow: provoked});
    await click('Why was it so, back then?');
    await click('Show');
    await page.waitForSelector('::-p-xpath(//details//li[contains(., "Nobody sets it: the default is 9.00 kW")])');
    await close();
  });
});

describe('a viewer', () => {
  it('sees the claims and can touch nothing', async () => {
    const {page, shows, close} = await as('vera', 'control', {allow: provoked});
    await shows('pv/ActivePowerLimit');
    assert.deepEqual(await page.$$eval('main button', (buttons) => buttons.filter((button) => button.checkVisibility()).map((button) => button.innerText)), []);
    await close();
  });
});

describe('accessibility', () => {
  for (const theme of ['light', 'dark']) {
    it(`control and its dialogs have nothing serious, ${theme}`, async () => {
      const {page, shows, click, close} = await as('anna', 'control', {settings: {theme}, allow: provoked});
      await shows('pv/ActivePowerLimit');
      assert.deepEqual(await seriousFaults(page), []);
      await click('Claim');
      await shows('The point would then have');
      assert.deepEqual(await seriousFaults(page), []);
      await page.keyboard.press('Escape');
      await click('Stop all');
      await shows('turned off at the level of the operator');
      assert.deepEqual(await seriousFaults(page), []);
      await page.keyboard.press('Escape');
      await close();
    });
  }

  it('fits a phone', async () => {
    const {page, shows, close} = await as('anna', 'control', {width: 360, height: 740, allow: provoked});
    await shows('pv/ActivePowerLimit');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${wide} px too wide`);
    await close();
  });
});
