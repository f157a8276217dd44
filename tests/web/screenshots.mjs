// Pictures of every page, by day and by night: of the demonstration in full life, and, where that lets nobody, of a gateway
// with an admin: `node screenshots.mjs FOLDER [png|webp] [words of the pages wanted]`. PHONE=1: as narrow as a phone, whole.

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';

import {launch, signIn} from './browser.mjs';
import {certificate, password, startDemo, startGateway} from './gateway.mjs';

const [folder = 'screens', type = 'webp', ...words] = process.argv.slice(2);
const phone = process.env.PHONE !== undefined;

const pagesOfDemo = {
  overview: ['', 'Where the power goes'],
  devices: ['devices', 'heat pump meter'],
  device: ['devices/roof%20inverter', 'Last requests'],
  control: ['control', 'Control'],
  history: ['history?point=grid%20meter%2FActivePower&point=battery%2FActivePower&last=1h', 'CSV of what is shown'],
  alarms: ['alarms?show=all', 'Alarms and events'],
  lines: ['lines', 'Answered'],
  controllers: ['controllers', 'Controllers'],
};

const press = async (page, name) => (await page.waitForSelector(`::-p-xpath(//button[normalize-space()="${name}"])`)).click();

async function readRegisters(page, {device, shows}) {
  const connect = await page.waitForSelector('form input[type=text]');
  await connect.evaluate((one) => (one.value = ''));
  await connect.type(device);
  const range = await page.waitForSelector('input[placeholder="40000-40099"]');
  await range.evaluate((one) => (one.value = ''));
  await range.type('32064-32120');
  await press(page, 'Read');
  await shows('hex');
}

// Each with what is done there before the picture is taken.
const pagesOfAdmin = {
  add: ['add?way=one', 'Add devices', async (page, {device, shows}) => {
    await page.type('input[maxlength="100"]', 'south roof');
    await page.type('::-p-xpath(//label[starts-with(normalize-space(), "Address")]//input)', device);
    await press(page, 'Test');
    await shows('What it says now');
  }],
  tools: ['tools?tool=registers', 'Tools', readRegisters],
  profile: ['tools?tool=registers', 'Tools', async (page, on) => {
    await readRegisters(page, on);
    for (const [at, name] of [[32085, 'Frequency'], [32080, 'ActivePower']]) {
      await page.click(`button[aria-label="Take register ${at} into the profile"]`);
      await page.type('section[aria-label="Profile"] tbody tr:last-child input.name', name);
    }
    const [maker, model] = await page.$$('section[aria-label="Profile"] .head input');
    await maker.type('Acme');
    await model.type('PV 10');
    await page.select('section[aria-label="Profile"] .head select', 'inverter');
    await page.select('section[aria-label="Profile"] tbody tr:last-child select', 'i32');
    await page.click('section[aria-label="Profile"] tbody tr:last-child input[type=checkbox]');
    await page.$eval('section[aria-label="Profile"]', (one) => one.scrollIntoView({block: 'end'}));
  }],
  system: ['system', 'System'],
  users: ['system/users', 'Tokens'],
  certificates: ['system/certificates', 'Used by'],
};

const wanted = (pages) => Object.entries(pages).filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)));

async function picture(browser, url, name, [path, sign, act], signedIn) {
  for (const theme of ['light', 'dark']) {
    const size = phone ? {width: 390, height: 844} : {};
    const {page, shows, close} = await browser.open(url, path, {settings: {theme}, allow: () => true, ...size});
    if (signedIn) await signIn(page, 'anna', password);
    await shows(sign);
    if (act) await act(page, {...signedIn, shows});
    await new Promise((settled) => setTimeout(settled, 2500));
    await page.screenshot({path: join(folder, `${name}-${theme}.${type}`), type, fullPage: phone, ...(type === 'webp' ? {quality: 80} : {})});
    await close();
  }
}

async function ofDemo(browser) {
  const demo = await startDemo();
  try {
    await new Promise((enough) => setTimeout(enough, 60_000));  // some history behind it
    for (const [name, how] of wanted(pagesOfDemo)) await picture(browser, demo.url, name, how);
  } finally {
    await demo.stop();
  }
}

async function ofAdmin(browser) {
  const gateway = await startGateway(
    {anna: 'admin', ben: 'operator', eve: 'viewer'},
    `  - {name: vault, connect: "modbus+tls://127.0.0.1:9?unit=1", profile: eastron/sdm630}
lines:
  - connect: modbus+tls://127.0.0.1:9
    tls: {ca: FOLDER/ca.pem, certificate: FOLDER/client.pem, key: FOLDER/client.key}
`,
    (where) => {
      certificate(where, 'ca', 'plant-ca.example');
      certificate(where, 'client', 'gateway.example', '192.0.2.7');
    },
  );
  try {
    for (const [name, how] of wanted(pagesOfAdmin)) await picture(browser, gateway.url, name, how, {device: gateway.device});
  } finally {
    await gateway.stop();
  }
}

mkdirSync(folder, {recursive: true});
const browser = await launch();
try {
  if (wanted(pagesOfDemo).length > 0) await ofDemo(browser);
  if (wanted(pagesOfAdmin).length > 0) await ofAdmin(browser);
} finally {
  await browser.close();
}
