import {describe, expect, it} from 'vitest';

import type {Asset, AssetKind, Point, Value} from './api';
import {gridMeterOf, siteFlow, sum} from './flow';
import {judged, type Live} from './quality';

const asset = (name: string, kind: AssetKind): Asset => ({name, kind, mrid: name, cim_class: '', devices: [name], points: 1});

function power(watts: number | null, validity: Value['validity'] = 'good', quality = 'good', ageSeconds = 0.5): Live {
  const value: Value = {path: '', value: watts, unit: 'W', validity, quality, time: null, age_s: ageSeconds};
  return judged({rate: 'fast'} as Point, value);
}

const assets = [asset('grid meter', 'meter'), asset('roof', 'inverter'), asset('cellar', 'battery'), asset('shed', 'meter')];

describe('the flow of a site', () => {
  it('is what flows in, and consumption is what is left of it', () => {
    const powers: Record<string, Live> = {'grid meter': power(1000), roof: power(-4000), cellar: power(1500), shed: power(200)};
    const flow = siteFlow(assets, (name) => powers[name], '');
    expect(flow.gridMeter).toBe('grid meter');
    expect(flow.flows.map(({name, watts}) => [name, watts])).toEqual([
      ['grid meter', 1000],
      ['roof', 4000],
      ['cellar', -1500],
    ]);
    expect(flow.consumption).toBe(3500);
    expect(sum(flow.flows, 'generation')).toBe(4000);
  });

  it('does not know the consumption when one power can not be believed', () => {
    for (const lie of [power(-4000, 'questionable', 'questionable: old data'), power(null, 'invalid', 'invalid: failure'), power(-4000, 'good', 'good', 60)]) {
      const powers: Record<string, Live> = {'grid meter': power(1000), roof: lie, cellar: power(1500)};
      const flow = siteFlow(assets, (name) => powers[name], '');
      expect(flow.flows.find(({name}) => name === 'roof')?.watts).toBeUndefined();
      expect(flow.consumption).toBeUndefined();
      expect(sum(flow.flows, 'generation')).toBeUndefined();
      expect(sum(flow.flows, 'storage')).toBe(-1500);
    }
  });

  it('leaves out what the device says it does not have', () => {
    const powers: Record<string, Live> = {'grid meter': power(1000), roof: power(-4000), cellar: power(null, 'invalid', 'invalid: bad reference')};
    const flow = siteFlow(assets, (name) => powers[name], '');
    expect(flow.flows.map(({name}) => name)).toEqual(['grid meter', 'roof']);
    expect(flow.consumption).toBe(5000);
  });

  it('does not guess the grid among several meters of other names', () => {
    const meters = [asset('a', 'meter'), asset('b', 'meter')];
    expect(gridMeterOf(meters, '')).toBeUndefined();
    expect(gridMeterOf(meters, 'b')).toBe('b');
    expect(gridMeterOf(meters, 'gone')).toBeUndefined();
    expect(gridMeterOf(meters.slice(0, 1), '')).toBe('a');
    const flow = siteFlow(meters, () => power(100), '');
    expect(flow.flows).toEqual([{name: '', role: 'grid', watts: undefined, live: undefined}]);
    expect(flow.consumption).toBeUndefined();
  });
});
