import {describe, expect, it} from 'vitest';

import type {History} from './api';
import {csv, lines, summed, trace} from './series';

const raw: History = {
  from_ms: 0,
  to_ms: 3_600_000,
  step: 'raw',
  series: [
    {path: 'a/P', mrid: '1', unit: 'W', columns: {time_ms: [1000, 2000, 3000], value: [1, 2, null], validity: [0, 1, 2]}},
    {path: 'b, the other', mrid: '2', unit: 'V', columns: {time_ms: [2000, 2_000_000], value: [230, 231], validity: [0, 0]}},
  ],
};

describe('what a chart draws', () => {
  it('keeps questionable values apart and draws nothing for invalid ones', () => {
    const {seconds, lines: drawn} = lines(raw);
    expect(seconds).toEqual([1, 2, 2.001, 3, 2000]);
    expect(drawn[0]!.good).toEqual([1, null, undefined, null, undefined]);
    expect(drawn[0]!.bad).toEqual([null, 2, undefined, null, undefined]);
  });

  it('breaks a line where no value came for longer than one may hold', () => {
    expect(lines(raw).lines[1]!.good).toEqual([undefined, 230, null, undefined, 231]);
  });

  it('breaks a roll-up where a bucket is missing, and gives it a band', () => {
    const minutes: History = {
      ...raw,
      step: '1min',
      series: [{path: 'a/P', mrid: '1', unit: 'W', columns: {time_ms: [0, 60_000, 240_000], average: [1, 2, 3], minimum: [0, 1, 2], maximum: [2, 3, 4]}}],
    };
    const {seconds, lines: drawn} = lines(minutes);
    expect(seconds).toEqual([0, 60, 60.001, 240]);
    expect(drawn[0]).toMatchObject({good: [1, 2, null, 3], least: [0, 1, null, 2], greatest: [2, 3, null, 4]});
  });
});

describe('what a file holds', () => {
  it('is exactly what came, a row for each value', () => {
    expect(csv(raw).split('\r\n')).toEqual([
      'time,point,unit,value,validity',
      '1970-01-01T00:00:01.000Z,a/P,W,1,0',
      '1970-01-01T00:00:02.000Z,a/P,W,2,1',
      '1970-01-01T00:00:03.000Z,a/P,W,,2',
      '1970-01-01T00:00:02.000Z,"b, the other",V,230,0',
      '1970-01-01T00:33:20.000Z,"b, the other",V,231,0',
      '',
    ]);
  });
});

describe('a small picture', () => {
  it('shows nothing for what is invalid', () => {
    expect(trace(raw.series[0])).toEqual([1, 2, null]);
    expect(trace(undefined)).toEqual([]);
  });

  it('of several series is their sum where all of them have a value', () => {
    const [a, b] = [raw.series[0]!, {...raw.series[0]!, columns: {time_ms: [2000, 3000, 4000], value: [10, 20, 30], validity: [0, 0, 0]}}];
    expect(summed([{series: a, sign: 1}])).toEqual([1, 2, null]);
    expect(summed([{series: a, sign: -1}, {series: b, sign: 1}])).toEqual([null, 8, null, null]);
    expect(summed([{series: a, sign: 1}, {series: undefined, sign: 1}])).toEqual([null, null, null]);
    expect(summed([])).toEqual([]);
  });
});
