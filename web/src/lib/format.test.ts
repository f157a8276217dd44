import {beforeEach, describe, expect, it, vi} from 'vitest';

vi.stubGlobal('localStorage', {getItem: () => null, setItem: () => undefined});
vi.stubGlobal('navigator', {language: 'en'});

const {duration, quantity, text, without} = await import('./format');
const {settings} = await import('./settings.svelte');

describe('numbers', () => {
  beforeEach(() => (settings.language = 'en'));

  it('have three digits that matter and the prefix that fits', () => {
    expect(text(1734, 'W')).toBe('1.73 kW');
    expect(text(-248, 'W')).toBe('-248 W');
    expect(text(9_004_000, 'Wh')).toBe('9.00 MWh');
    expect(text(230.24, 'V')).toBe('230 V');
    expect(text(49.987, 'Hz')).toBe('49.99 Hz');
    expect(text(1, '')).toBe('1.00');
  });

  it('never show a zero with a sign, and never nothing as zero', () => {
    expect(quantity(-0.2, 'W').number).toBe('0');
    expect(text(null, 'W')).toBe('—');
    expect(text('SIM-PV-1', '')).toBe('SIM-PV-1');
  });

  it('follow the language', () => {
    settings.language = 'de';
    expect(text(1734, 'W')).toBe('1,73 kW');
  });
});

describe('ages', () => {
  it('are in the largest unit that fits', () => {
    settings.language = 'en';
    expect([0.4, 59, 61, 7200, 200_000].map(duration)).toEqual(['0 sec', '59 sec', '1 min', '2 hr', '2 days']);
  });
});

it('does not say a name twice', () => {
  expect(without('meter', 'meter did not answer')).toBe('did not answer');
  expect(without('meter', 'limit: meter')).toBe('limit: meter');
  expect(without('', 'limit')).toBe('limit');
});
