import {describe, expect, it} from 'vitest';

import {trust} from './quality';

const good = {validity: 'good', quality: 'good'} as const;

describe('trust in a value', () => {
  it('ends when it grows old, sooner for what is read often', () => {
    expect(trust(good, 4, 'fast')).toBe('good');
    expect(trust(good, 6, 'fast')).toBe('late');
    expect(trust(good, 100, 'slow')).toBe('good');
    expect(trust(good, 1e9, 'constant')).toBe('good');
  });

  it('is what the gateway said, whatever the age', () => {
    expect(trust({validity: 'questionable', quality: 'questionable: old data'}, 0)).toBe('questionable');
    expect(trust({validity: 'invalid', quality: 'invalid: failure'}, 0)).toBe('bad');
  });

  it('is none in what was never there', () => {
    expect(trust(good, null)).toBe('none');
    expect(trust({validity: 'invalid', quality: 'invalid: bad reference'}, 0)).toBe('none');
  });
});
