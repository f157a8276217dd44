import {describe, expect, it} from 'vitest';

import {bars, spaced, within} from './latency';

const latency = {
  count: 10,
  buckets: [
    {le_ms: 1, count: 0},
    {le_ms: 2, count: 8},
    {le_ms: 5, count: 0},
    {le_ms: 10, count: 1},
    {le_ms: null, count: 1},
  ],
};

describe('how long a device takes', () => {
  it('is the bound within which so many answers came', () => {
    expect(within(latency, 0.5)).toBe(2);
    expect(within(latency, 0.9)).toBe(10);
    expect(within(latency, 0.95)).toBeUndefined();
    expect(within({count: 0, buckets: latency.buckets.map((bucket) => ({...bucket, count: 0}))}, 0.5)).toBeUndefined();
  });

  it('is drawn from the first bucket that has something to the last', () => {
    expect(bars(latency).map(({share}) => share)).toEqual([1, 0, 0.125, 0.125]);
    expect(bars({buckets: [{le_ms: 1, count: 0}]})).toEqual([]);
  });
});

describe('a frame', () => {
  it('is shown byte by byte', () => {
    expect(spaced('0103000a')).toBe('01 03 00 0a');
    expect(spaced('')).toBe('');
  });
});
