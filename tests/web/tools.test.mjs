// Looking into devices in headless Chromium: registers that move, SunSpec models, BACnet objects, frames.

import assert from 'node:assert/strict';
import {after, before, describe, it} from 'node:test';

import {launch, seriousFaults, signIn} from './browser.mjs';
import {check, password, simulate, simulateBacnet, startGateway} from './gateway.mjs';

let site;
let meter;
let inverter;
let building;
let browser;

before(async () => {
  site = await startGateway({emil: 'engineer', vera: 'viewer'});
  meter = await simulate('eastron/sdm630');
  inverter = await simulate('sunspec');
  building = await simulateBacnet('bacnet/meter');
  browser = await launch();
});

after(async () => {
  await browser?.close();
  for (const one of [building, inverter, meter, site]) await one?.stop();
});

async function as(name, path) {
  const opened = await browser.open(site.url, path, {allow: (url) => url.includes('/tools/') || url.includes('/session')});
  const {page} = opened;
  await signIn(page, name, password);
  await page.waitForSelector('nav a');
  return opened;
}

const open = (path) => as('emil', path);
const press = async (page, name) => (await page.waitForSelector(`::-p-xpath(//button[normalize-space()="${name}"])`)).click();
const unit = (url) => encodeURIComponent(`${url}?unit=1`);

// The workbench, once it has read the input registers of the meter.
async function openWorkbench() {
  const opened = await open(`tools?connect=${unit(meter.url)}`);
  const {page, shows} = opened;
  await page.select('form label:nth-of-type(2) select', 'input');
  await page.$eval('input[placeholder="40000-40099"]', (field) => {
    field.value = '0-79';
    field.dispatchEvent(new Event('input', {bubbles: true}));
  });
  await press(page, 'Read');
  await shows('registers exist');
  return opened;
}

describe('the register workbench', () => {
  it('shows a range as all types, marks what moves and what the display shows', async () => {
    const {page, shows, close} = await openWorkbench();
    await page.waitForSelector('tr.moves', {timeout: 20_000});
    const frequency = await page.$$eval('tbody tr', (rows) =>
      rows.map((row) => row.innerText).find((text) => /frequency/.test(text)),
    );
    assert.ok(frequency, 'a guess of the frequency');
    const headings = await page.$$eval('thead th', (cells) => cells.map((cell) => cell.innerText));
    assert.ok(headings.includes('f32 abcd') && headings.includes('u32 cdab'), headings.join());
    await page.type('label input.number', '50');
    await page.waitForSelector('td.fits');
    assert.deepEqual(await seriousFaults(page), []);
    await press(page, 'Stop');
    await page.waitForFunction(() => !document.body.innerText.includes('Stop'), {timeout: 10_000});
    await close();
  });

  it('makes a profile of registers that somebody understands', async () => {
    const {page, shows, close} = await openWorkbench();
    await page.type('label input.number', '50');
    await page.waitForSelector('td.fits');
    const take = (address) => page.click(`button[aria-label="Take register ${address} into the profile"]`);
    await take(70);
    await take(0);
    await shows('It needs a maker and a model');
    const fill = (selector, text) => page.type(`section[aria-label="Profile"] ${selector}`, text);
    await fill('.head label:nth-of-type(1) input', 'Acme & Sons');
    await fill('.head label:nth-of-type(2) input', 'EM-3');
    await shows('Each register needs a name');
    await fill('tbody tr:nth-of-type(1) input.name', 'Frequency');
    await fill('tbody tr:nth-of-type(2) input.name', 'Voltage.LN.A');
    await page.keyboard.press('Tab');
    await page.select('section[aria-label="Profile"] tbody tr:nth-of-type(2) select', 'f32');
    await page.waitForSelector('section[aria-label="Profile"] pre');
    await page.select('form label:nth-of-type(2) select', 'holding');  // not read yet: what is taken stays what it was
    await page.waitForFunction(() => document.querySelector('section[aria-label="Profile"] pre').innerText.includes('unit: V'));
    const text = await page.$eval('section[aria-label="Profile"] pre', (one) => one.innerText);
    assert.match(text, /\{name: Frequency, address: 70, type: f32, unit: Hz\}/);
    assert.match(text, /defaults: \{table: input\}/);
    const checked = check(`${meter.url}?unit=1`, 'acme-sons/em-3', text);
    assert.equal(checked.status, 0, checked.says);
    const now = await page.$$eval('section[aria-label="Profile"] tbody td.number', (cells) => cells.map((cell) => cell.innerText));
    assert.match(now[0], /^(49|50)[.\d]* Hz$/);
    assert.deepEqual(await seriousFaults(page), []);
    await close();
  });

  it('says what is wrong with an address', async () => {
    const {page, close} = await open('tools?connect=modbus%3A%2F%2F');
    await press(page, 'Read');
    await page.waitForSelector('[role=alert]');
    await close();
  });
});

describe('the browsers', () => {
  it('show the SunSpec models of a device', async () => {
    const {page, shows, close} = await open(`tools?tool=sunspec&connect=${unit(inverter.url)}`);
    await press(page, 'Read');
    await shows('Model 1 ');
    await shows('Mn');
    assert.deepEqual(await seriousFaults(page), []);
    await close();
  });

  it('show the objects of a BACnet device and all of one', async () => {
    const {page, shows, close} = await open(`tools?tool=bacnet&connect=${encodeURIComponent(building.url)}`);
    await press(page, 'Read');
    await shows(' objects');
    await (await page.waitForSelector('tbody button')).click();
    await shows('object-name');
    await press(page, 'All objects');
    await shows(' objects');
    assert.deepEqual(await seriousFaults(page), []);
    await close();
  });
});

describe('a viewer', () => {
  it('reads frames, and is told what looking into devices takes', async () => {
    const {page, shows, close} = await as('vera', 'tools');
    await shows('takes the role engineer');
    await (await page.waitForSelector('::-p-xpath(//a[normalize-space()="Frame decoder"])')).click();
    await page.waitForSelector('textarea');
    await close();
  });
});

describe('the decoder', () => {
  it('says what a frame means, and that another is broken', async () => {
    const {page, shows, close} = await open('tools?tool=decode');
    await page.type('textarea', '00 01 00 00 00 06 01 03 00 00 00 0A');
    await press(page, 'Decode');
    await shows('Read Holding Registers');
    assert.match(page.url(), /hex=00/);
    await page.$eval('textarea', (field) => (field.value = ''));
    await page.type('textarea', '01 03 00');
    await press(page, 'Decode');
    await shows('no whole frame');
    await close();
  });
});
