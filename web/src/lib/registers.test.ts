import {describe, expect, it} from 'vitest';

import {float, guessWords, sane, scaleTo} from './registers';

describe('the number on the display', () => {
  it('is found by a power of ten, to half a percent', () => {
    expect(scaleTo(2304, 230.4)).toBe(0.1);
    expect(scaleTo(49.98, 50)).toBe(1);
    expect(scaleTo(-12, -12_000)).toBe(1000);
    expect(scaleTo(2304, 231.9)).toBeUndefined();
  });

  it('is nothing without a number', () => {
    expect(scaleTo(0, 0)).toBeUndefined();
    expect(scaleTo(undefined, 5)).toBeUndefined();
    expect(scaleTo(5, undefined)).toBeUndefined();
    expect(scaleTo(5, Number.NaN)).toBeUndefined();
  });
});

describe('a cell', () => {
  it('leaves out floats that are none', () => {
    expect(sane(1e-30)).toBeUndefined();
    expect(sane(0)).toBe(0);
    expect(sane(-50.25)).toBe(-50.25);
    expect(float(49.979_999)).toBe('49.98');
  });

  it('says what it may be', () => {
    expect(guessWords({type: 'f32', registers: 2, order: 'cdab', value: 49.98, meaning: 'frequency, Hz'})).toBe('f32 cdab 49.98 · frequency, Hz');
    expect(guessWords({type: 'string', registers: 4, text: 'SDM630'})).toBe('string “SDM630”');
  });
});
