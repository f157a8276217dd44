import {describe, expect, it} from 'vitest';

import {commonName, spent} from './certificates';

describe('certificates', () => {
  it('are called by their common name', () => {
    expect(commonName('CN=gateway.lan,O=Example')).toBe('gateway.lan');
    expect(commonName('O=Example,CN=Hall 3\\, north')).toBe('Hall 3, north');
    expect(commonName('O=Example')).toBe('O=Example');
  });

  it('have spent a part of their life, never less than none nor more than all of it', () => {
    const life = {not_before: '2026-01-01T00:00:00Z', not_after: '2026-01-11T00:00:00Z'};
    expect(spent(life, Date.parse('2026-01-06T00:00:00Z'))).toBe(0.5);
    expect(spent(life, Date.parse('2025-12-01T00:00:00Z'))).toBe(0);
    expect(spent(life, Date.parse('2027-01-01T00:00:00Z'))).toBe(1);
  });
});
