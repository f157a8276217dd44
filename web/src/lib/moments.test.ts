import {describe, expect, it} from 'vitest';

import type {Decision, GatewayEvent} from './api';
import {commands, concerns} from './moments';

const decision = (seconds: number, value: number, owner = 'anna', path = 'battery/ActivePowerSetpoint'): Decision => ({
  time: new Date(seconds * 1000).toISOString(), path, value, code: 'followed', owner, level: 'operator', limiter: '',
  why: `${owner} sets ${value}`, state: 'confirmed', shown: value, trouble: '',
});

describe('commands on the axis of time', () => {
  it('are those that bring another value or owner, of the assets that are shown', () => {
    const found = commands(
      [decision(0, 1), decision(10, 1), decision(20, 2), decision(30, 2, 'dso'), decision(40, 5, 'x', 'roof/ActivePowerLimit')],
      ['battery/ActivePower'],
      5000,
    );
    expect(found.map(({ms, what}) => [ms, what])).toEqual([
      [20_000, 'anna sets 2'],
      [30_000, 'dso sets 2'],
    ]);
  });
});

describe('an event', () => {
  it('concerns a point of its device or asset', () => {
    const event = (which: Partial<GatewayEvent>) => which as GatewayEvent;
    expect(concerns(event({device: 'roof'}), ['roof/ActivePower'])).toBe(true);
    expect(concerns(event({device: 'roof 2'}), ['roof/ActivePower'])).toBe(false);
    expect(concerns(event({path: 'roof/Voltage'}), ['roof/ActivePower'])).toBe(true);
  });
});
