import {describe, expect, it} from 'vitest';

import {backOffMs, Picture, qualityWords} from './stream';

const points = {
  type: 'points',
  points: [
    {n: 7, path: 'roof/ActivePower', device: 'roof', unit: 'W'},
    {n: 8, path: 'roof/Voltage', device: 'roof', unit: 'V'},
  ],
} as const;

function told(value: number, validity = 0, bits = 0): Picture {
  const picture = new Picture();
  picture.take({...points, points: [...points.points]}, 0);
  picture.take({type: 'values', time_ms: 1_000_000, values: [[7, value, validity, 999_000, bits]]}, 500);
  return picture;
}

describe('what the live stream tells', () => {
  it('is a value with its age by the clock of the gateway, which grows', () => {
    const picture = told(-812);
    expect(picture.value('roof/ActivePower', 500)).toMatchObject({value: -812, unit: 'W', validity: 'good', age_s: 1});
    expect(picture.value('roof/ActivePower', 4500)?.age_s).toBe(5);
  });

  it('is no value for a point that was never heard of, and nothing for one that nobody asked for', () => {
    expect(told(1).value('roof/Voltage', 0)).toMatchObject({value: null, quality: 'waiting', age_s: null});
    expect(told(1).value('roof/Current', 0)).toBeUndefined();
  });

  it('is control as it was told last, with when that was', () => {
    const picture = new Picture();
    expect(picture.control).toBeUndefined();
    expect(picture.take({type: 'control', control: {enabled: true, points: []}}, 700)).toBe('control');
    expect(picture.control).toEqual({value: {enabled: true, points: []}, came: 700});
    picture.take({type: 'controllers', items: []}, 800);
    expect(picture.controllers?.came).toBe(800);
  });

  it('is no number in disguise when it is invalid', () => {
    const bad = told(4, 2, 2 | (1 << 6) | (1 << 22)).value('roof/ActivePower', 500);
    expect(bad).toMatchObject({value: null, validity: 'invalid', quality: 'invalid: failure, no connection'});
  });

  it('keeps what it knows over a new subscription', () => {
    const picture = told(5);
    picture.take({type: 'points', points: [{n: 9, path: 'roof/ActivePower', device: 'roof', unit: 'W'}]}, 600);
    expect(picture.value('roof/ActivePower', 600)?.value).toBe(5);
    picture.take({type: 'values', time_ms: 1_001_000, values: [[9, 6, 0, 1_001_000, 0]]}, 700);
    expect(picture.value('roof/ActivePower', 700)).toMatchObject({value: 6, age_s: 0});
    expect(picture.value('roof/Voltage', 700)).toBeUndefined();
  });

  it('is the state of each device as it was told last', () => {
    const picture = told(1);
    expect(picture.take({type: 'devices', devices: [{name: 'roof', state: 'offline', reason: 'a fuse'}]}, 0)).toBe('site');
    picture.take({type: 'devices', devices: [{name: 'roof', state: 'online'}]}, 0);
    expect(picture.devices.get('roof')).toEqual({name: 'roof', state: 'online'});
  });
});

describe('the words of a quality', () => {
  it('are those of the gateway', () => {
    expect(qualityWords('good', 0)).toBe('good');
    expect(qualityWords('questionable', 1 | (1 << 7) | (1 << 22))).toBe('questionable: no connection, old data');
  });
});

describe('a lost stream', () => {
  it('is tried again ever more rarely, and never less than four times a minute', () => {
    expect(backOffMs(0, 0.5)).toBe(500);
    expect(backOffMs(3, 0.5)).toBe(4000);
    expect(backOffMs(30, 0.5)).toBe(15_000);
    expect(backOffMs(30, 0)).toBeLessThan(backOffMs(30, 1));
  });
});
