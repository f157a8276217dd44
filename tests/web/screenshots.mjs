// Pictures of every page, by day and by night, of the demonstration in full life: `node screenshots.mjs FOLDER [png|webp]`.

import {mkdirSync} from 'node:fs';
import {join} from 'node:path';

import {launch} from './browser.mjs';
import {startDemo} from './gateway.mjs';

const [folder = 'screens', type = 'webp'] = process.argv.slice(2);
const pages = {
  overview: ['', 'Where the power goes'],
  devices: ['devices', 'heat pump meter'],
  device: ['devices/roof%20inverter', 'Last requests'],
  control: ['control', 'Control'],
  history: ['history?point=grid%20meter%2FActivePower&point=battery%2FActivePower&last=1h', 'CSV of what is shown'],
  alarms: ['alarms?show=all', 'Alarms and events'],
  lines: ['lines', 'Answered'],
  controllers: ['controllers', 'Controllers'],
  add: ['add?way=scan', 'Add devices'],
  tools: ['tools?tool=decode&hex=0001000000060103000A0002', 'Read Holding Registers'],
  system: ['system', 'System'],
};

mkdirSync(folder, {recursive: true});
const demo = await startDemo();
const browser = await launch();
try {
  await new Promise((enough) => setTimeout(enough, 60_000));  // some history behind it
  for (const [name, [path, sign]] of Object.entries(pages)) {
    for (const theme of ['light', 'dark']) {
      const {page, shows, close} = await browser.open(demo.url, path, {settings: {theme}});
      await shows(sign);
      await new Promise((settled) => setTimeout(settled, 2500));
      await page.screenshot({path: join(folder, `${name}-${theme}.${type}`), type, ...(type === 'webp' ? {quality: 80} : {})});
      await close();
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}
