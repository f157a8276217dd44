import {describe, expect, it} from 'vitest';

import type {GatewayEvent} from './api';
import {hoursShown, running, silences, silentSeconds, strip} from './strip';

const now = Date.parse('2026-03-01T12:00:00Z');
const minute = 60_000;
const at = (minutesAgo: number) => new Date(now - minutesAgo * minute).toISOString();

const event = (kind: string, raised: string, cleared: string | null = null, device = 'meter'): GatewayEvent => ({
  id: 1, kind, severity: 'alarm', state: 'normal', device, raised, cleared, message: '',
});

describe('the strip of a device', () => {
  const known = [{from: now - 60 * minute, to: now}];

  it('is one good run when the device always answered', () => {
    expect(strip([], known, 1, now, 12)).toEqual([{state: 'good', first: 0, cells: 12}]);
  });

  it('goes as far back as there is something to show', () => {
    const since = (minutes: number) => hoursShown([{from: now - minutes * minute, to: now}], now);
    expect([since(1), since(11), since(59), since(61)]).toEqual([1 / 6, 1, 1, 24]);
    expect(hoursShown([], now)).toBe(1 / 6);
  });

  it('tells a short silence from a long one', () => {
    const silent = [{from: now - 20 * minute, to: now - 19 * minute}, {from: now - 10 * minute, to: now}];
    expect(strip(silent, known, 1, now, 12)).toEqual([
      {state: 'good', first: 0, cells: 8},
      {state: 'late', first: 8, cells: 1},
      {state: 'good', first: 9, cells: 1},
      {state: 'bad', first: 10, cells: 2},
    ]);
  });

  it('says nothing of the time when no gateway ran', () => {
    const late = [{from: now - 30 * minute, to: now}];
    expect(strip([], late, 1, now, 12)[0]).toEqual({state: 'none', first: 0, cells: 6});
  });

  it('holds a silence against the time that is known, not against the whole cell', () => {
    const lastMinute = [{from: now - minute, to: now}];
    expect(strip(lastMinute, lastMinute, 1, now, 12).at(-1)?.state).toBe('bad');
  });
});

describe('silences', () => {
  it('go on until now while the device is silent', () => {
    const spans = silences([event('device_lost', at(5))], now).get('meter')!;
    expect(silentSeconds(spans, 1, now)).toBe(300);
  });

  it('that overlap count once', () => {
    const spans = silences([event('device_lost', at(5), at(1)), event('device_lost', at(8), at(4))], now).get('meter');
    expect(spans).toEqual([{from: now - 8 * minute, to: now - minute}]);
  });

  it('are kept apart by device', () => {
    const found = silences([event('device_lost', at(5)), event('device_lost', at(3), null, 'inverter')], now);
    expect([...found.keys()].sort()).toEqual(['inverter', 'meter']);
  });
});

describe('the time that the gateway ran', () => {
  it('is from each start to its stop, and to now for the last', () => {
    const events = [event('gateway_started', at(10)), event('gateway_stopped', at(20)), event('gateway_started', at(50))];
    expect(running(events, now)).toEqual([
      {from: now - 50 * minute, to: now - 20 * minute},
      {from: now - 10 * minute, to: now},
    ]);
  });
});
