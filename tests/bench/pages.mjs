// What a browser measures of the dashboard: prints one JSON object.
//
//   node pages.mjs URL NAME PASSWORD SECONDS [MINUTES]    from a folder where puppeteer-core is; CHROMIUM names the
//   browser. MINUTES: pages are left open for so long, and nothing else is measured.

import {createServer} from 'node:http';

import puppeteer from 'puppeteer-core';

const [url, name, password, ...spans] = process.argv.slice(2);
const [seconds, minutes = 0] = spans.map(Number);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await puppeteer.launch({
  executablePath,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--lang=en', '--js-flags=--expose-gc'],
});

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const quantile = (numbers, q) => numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) * q)];
const pause = (ms) => new Promise((over) => setTimeout(over, ms));

// A page of a browser that knows nothing yet but who it is.
async function open(address) {
  const page = await browser.newPage();
  await page.setCacheEnabled(false);
  await page.setViewport({width: 1440, height: 900});
  await page.evaluateOnNewDocument(() => {
    globalThis.strokes = [];
    const stroke = CanvasRenderingContext2D.prototype.stroke;
    CanvasRenderingContext2D.prototype.stroke = function (...path) {
      globalThis.strokes.push(performance.now());
      return stroke.apply(this, path);
    };
  });
  await page.goto(address, {waitUntil: 'load'});
  return page;
}

async function firstPaint(address) {
  const page = await open(address);
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  const result = await page.evaluate(() => ({
    ms: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    bytes: [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({name}) => !name.includes('/api/'))
      .reduce((sum, {transferSize}) => sum + transferSize, 0),
  }));
  await page.close();
  return result;
}

async function logIn() {
  const page = await open(url);
  const status = await page.evaluate(
    async (credentials) =>
      (await fetch('/api/v1/session', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(credentials)})).status,
    {name, password},
  );
  if (status !== 200) throw new Error(`log in: ${status}`);
  await page.close();
}

// As fast as a hand with a wheel: 60 pixels a frame, down and up again.
async function scroll() {
  const page = await open(`${url}devices`);
  await page.waitForFunction(() => document.body.innerText.includes('meter 1'));
  await pause(2000);
  const frames = await page.evaluate(async (forMs) => {
    const within = [...document.querySelectorAll('*')].find(
      (one) => one.scrollHeight > one.clientHeight + 5000 && /auto|scroll/.test(getComputedStyle(one).overflowY),
    );
    const scroller = within ?? document.scrollingElement;
    const times = [];
    let step = 60;
    const begin = performance.now();
    await new Promise((over) => {
      const frame = (now) => {
        times.push(now);
        const before = scroller.scrollTop;
        scroller.scrollTop += step;
        if (scroller.scrollTop === before) step = -step;
        if (now < begin + forMs) requestAnimationFrame(frame);
        else over();
      };
      requestAnimationFrame(frame);
    });
    return {gaps: times.slice(1).map((time, i) => time - times[i]), high: scroller.scrollHeight};
  }, seconds * 1000);
  const result = {fps: 1000 / median(frames.gaps), late_ms: quantile(frames.gaps, 0.99), high: frames.high};
  await page.close();
  return result;
}

// Of pages that are left open and told new values all the time: the heap after a forced collection, the nodes of the
// document and the listeners, a few times a minute. Each has a window of its own, so that none is hidden.
async function memory() {
  const pages = {devices: ['devices', 'meter 1'], device: ['devices/meter%201', 'ActivePower'], overview: ['', 'Where the power goes']};
  const left = [];
  const browserCdp = await browser.target().createCDPSession();
  for (const [title, [path, sign]] of Object.entries(pages)) {
    const {targetId} = await browserCdp.send('Target.createTarget', {url: 'about:blank', newWindow: true});
    const target = await browser.waitForTarget((one) => one._targetId === targetId);
    const page = await target.page();
    await page.setViewport({width: 1440, height: 900});
    await page.goto(url + path, {waitUntil: 'load'});
    await page.waitForFunction((words) => document.body.innerText.includes(words), {timeout: 60_000}, sign);
    const cdp = await page.createCDPSession();
    await cdp.send('Performance.enable');
    left.push({title, page, cdp, samples: []});
  }
  const sample = async ({cdp, samples}, hours) => {
    await cdp.send('HeapProfiler.collectGarbage');
    const {usedSize} = await cdp.send('Runtime.getHeapUsage');
    const {metrics} = await cdp.send('Performance.getMetrics');
    const of = (name) => metrics.find((one) => one.name === name).value;
    samples.push({hours, mb: usedSize / 2 ** 20, nodes: of('Nodes'), listeners: of('JSEventListeners')});
  };
  await pause(5000);
  for (const {title, page} of left) {
    if (await page.evaluate(() => document.hidden)) throw new Error(`${title} is hidden: it is told nothing`);
  }
  const forMs = minutes > 0 ? minutes * 60_000 : seconds * 3000;
  const count = Math.max(2, Math.min(60, Math.round(forMs / 20_000) + 1));
  for (let i = 0; i < count; ++i) {
    for (const one of left) await sample(one, (i * forMs) / (count - 1) / 3_600_000);
    if (i < count - 1) await pause(forMs / (count - 1));
  }
  const result = {};
  for (const {title, page, samples} of left) {
    const [first, last] = [samples[0], samples.at(-1)];
    const parts = Math.max(1, Math.round(forMs / 600_000));  // of ten minutes each
    const each_mb = Array.from({length: parts + 1}, (_, i) => samples[Math.round((i * (samples.length - 1)) / parts)].mb);
    result[title] = {minutes: forMs / 60_000, each_mb, most_mb: Math.max(...samples.map(({mb}) => mb)), nodes: last.nodes - first.nodes, listeners: last.listeners - first.listeners, mb_per_hour: slope(samples)};
    await page.close();
  }
  return result;
}

// Least squares.
function slope(samples) {
  const x = samples.reduce((sum, {hours}) => sum + hours, 0) / samples.length;
  const y = samples.reduce((sum, {mb}) => sum + mb, 0) / samples.length;
  const over = samples.reduce((sum, {hours, mb}) => sum + (hours - x) * (mb - y), 0);
  const under = samples.reduce((sum, {hours}) => sum + (hours - x) ** 2, 0);
  return under > 0 ? over / under : 0;
}

// From the click to the last stroke of the pen, and the answer of the gateway alone.
async function yearOfHistory() {
  const page = await open(`${url}history?point=year%2FActivePower&last=1h`);
  await page.waitForFunction(() => [...document.querySelectorAll('button')].some((one) => /365/.test(one.innerText)));
  await pause(1500);
  const result = await page.evaluate(async () => {
    globalThis.strokes.length = 0;
    const begin = performance.now();
    [...document.querySelectorAll('button')].find((one) => /365/.test(one.innerText)).click();
    while (globalThis.strokes.length === 0 || performance.now() < globalThis.strokes.at(-1) + 150) {
      await new Promise((over) => setTimeout(over, 20));
      if (performance.now() > begin + 10_000) throw new Error('nothing was drawn');
    }
    const asked = performance.now();
    await (await fetch('/api/v1/history?point=year/ActivePower&from=365d&pixels=1440')).json();
    return {ms: globalThis.strokes.at(-1) - begin, answer_ms: performance.now() - asked};
  });
  await page.close();
  return result;
}

// The reference of a first paint: one line of text, from a server that does nothing else.
async function plainPage() {
  const server = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('<!doctype html><p>hello'));
  await new Promise((up) => server.listen(0, '127.0.0.1', up));
  const result = await firstPaint(`http://127.0.0.1:${server.address().port}/`);
  server.close();
  return result;
}

try {
  await logIn();
  if (minutes > 0) {
    process.stdout.write(`${JSON.stringify({memory: await memory()})}\n`);
  } else {
    const report = {plain: await plainPage(), overview: await firstPaint(url), year: await yearOfHistory(), scroll: await scroll(), memory: await memory()};
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
} finally {
  await browser.close();
}
