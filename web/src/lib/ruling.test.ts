import {describe, expect, it, vi} from 'vitest';

import type {Claim, ControlledPoint, Level} from './api';

vi.stubGlobal('localStorage', {getItem: () => null, setItem: () => undefined});
vi.stubGlobal('navigator', {language: 'en'});

const {decided, position, stack, trustOf} = await import('./ruling');
const {say} = await import('./texts.svelte');

const claim = (id: number, level: Level): Claim => ({
  id, level, owner: 'anna', demand: 'set', value: 1, starts_in_s: 0, ends_in_s: 60, reason: '',
});

describe('the stack of claims', () => {
  it('has the highest level on top, and within it the newest', () => {
    const order = stack([claim(1, 'contract'), claim(2, 'operator'), claim(3, 'protection'), claim(4, 'operator')]);
    expect(order.map(({id}) => id)).toEqual([3, 4, 2, 1]);
  });
});

describe('a command', () => {
  it('is good only when the device itself showed the value', () => {
    expect(trustOf({state: 'confirmed', trouble: ''})).toBe('good');
    expect(trustOf({state: 'sent', trouble: ''})).toBe('none');
    expect(trustOf({state: 'not followed', trouble: ''})).toBe('bad');
    expect(trustOf({state: 'confirmed', trouble: 'the device only lets it be read'})).toBe('bad');
  });

  it('has a place in the range of its point', () => {
    expect(position(0, {minimum: -5000, maximum: 5000})).toBe(0.5);
    expect(position(9000, {minimum: 0, maximum: 5000})).toBe(1);
    expect(position(1, {minimum: 1, maximum: 1})).toBe(0);
  });

  it('says who decided, and who limits it', () => {
    const point = {path: 'pv/ActivePowerLimit', unit: 'W', default: 5000, code: 'limited_by_claim', claims: [{...claim(1, 'contract'), owner: 'feed-in limit', demand: 'at_most', value: 2000}]};
    expect(decided({...point, winner: undefined, limiter: 1} as unknown as ControlledPoint, say.now)).toMatch(/5.00 kW.*feed-in limit.*2.00 kW/);
    expect(decided({...point, winner: 1, limiter: undefined} as unknown as ControlledPoint, say.now)).toMatch(/^feed-in limit.*2.00 kW/);
  });
});
