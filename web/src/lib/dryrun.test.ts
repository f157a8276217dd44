import {describe, expect, it} from 'vitest';

import {reasonShares, wishedSeries} from './dryrun';

describe('what a controller would have wished', () => {
  it('holds until the next wish, and is said again so that a chart keeps it', () => {
    const output = {path: 'pv/ActivePowerLimit', unit: 'W', time_ms: [0, 600_000], value: [5000, null], demand: ['at_most' as const, null]};
    const {columns} = wishedSeries(output, 900_000, 'wish');
    expect(columns.time_ms).toEqual([0, 300_000, 599_999, 600_000, 900_000]);
    expect(columns.value).toEqual([5000, 5000, 5000, null, null]);
    expect(columns.validity).toEqual([0, 0, 0, 2, 2]);
  });

  it('is summed up by its reasons, the longest first', () => {
    const reasons = [
      {time_ms: 0, code: 'blind', words: 'a'},
      {time_ms: 10, code: 'limiting', words: 'b'},
      {time_ms: 60, code: 'blind', words: 'c'},
    ];
    expect(reasonShares({reasons, from_ms: 0, to_ms: 100})).toEqual([
      {code: 'blind', share: 0.5, words: 'a'},
      {code: 'limiting', share: 0.5, words: 'b'},
    ]);
  });
});
