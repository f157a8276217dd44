import {describe, expect, it} from 'vitest';

import {missing, pointOf, profileText, valueOf, type ProfileHead, type ProfilePoint} from './profile';
import type {RegisterRow} from './registers';

const head: ProfileHead = {maker: 'Acme & Sons', model: 'EM-3', kind: 'meter', unit: 7};
const point = (over: Partial<ProfilePoint>): ProfilePoint => ({table: 'input', address: 0, name: 'ActivePower', type: 'u16', order: 'abcd', scale: 1, unit: 'W', negate: false, ...over});
const row: RegisterRow = {
  address: 12,
  value: 65_036,
  i16: -500,
  text: '',
  u32: {abcd: 4_262_203_392, cdab: 65_036, badc: 0, dcba: 0},
  i32: {abcd: -32_763_904, cdab: 65_036, badc: 0, dcba: 0},
  f32: {abcd: -1e35, cdab: 9e-41},
  guess: {type: 'i16', registers: 1, scale: 0.1},
};

describe('a register becomes a point', () => {
  it('as the number on the display, if it can be that', () => {
    expect(pointOf(row, 'input', -5)).toMatchObject({address: 12, type: 'i16', scale: 0.01});
    expect(pointOf(row, 'input', 65)).toMatchObject({type: 'u16', scale: 0.001});
    expect(pointOf({...row, value: 0, i16: 0}, 'input', 65)).toMatchObject({type: 'u32', order: 'cdab', scale: 0.001});
  });

  it('as it may be otherwise, and as it is when nobody knows', () => {
    expect(pointOf(row, 'input', undefined)).toMatchObject({type: 'i16', scale: 0.1});
    expect(pointOf({...row, guess: {type: 'string', registers: 4}}, 'input', undefined)).toMatchObject({type: 'u16', scale: 1});
  });

  it('with the value that it has now', () => {
    expect(valueOf(row, point({type: 'i16', scale: 0.1, negate: true}))).toBe(50);
    expect(valueOf(undefined, point({}))).toBeUndefined();
    expect(valueOf({address: 12, value: 1, i16: 1, text: ''}, point({type: 'u32'}))).toBeUndefined();
  });
});

describe('the text of a profile', () => {
  it('says what differs from what is usual, in the order of the registers', () => {
    const text = profileText(head, [
      point({address: 30, name: 'Voltage.LN.A', type: 'f32', order: 'cdab', unit: '°C'}),
      point({address: 12, type: 'i16', order: 'dcba', scale: 0.1, unit: 'kW', negate: true}),
    ]);
    expect(text).toBe(
      [
        'profile: acme-sons/em-3',
        'manufacturer: "Acme & Sons"',
        'models: ["EM-3"]',
        'assets: [{kind: meter}]',
        'address_base: pdu',
        'connection: {unit: 7}',
        'defaults: {table: input}',
        'points:',
        '  - {name: ActivePower, address: 12, type: i16, unit: kW, scale: 0.1, negate: true}',
        '  - {name: Voltage.LN.A, address: 30, type: f32, order: cdab, unit: "°C"}',
        '',
      ].join('\n'),
    );
  });

  it('says the table where it is another', () => {
    const text = profileText(head, [point({}), point({address: 9, name: 'Frequency', unit: 'Hz', table: 'holding'})]);
    expect(text).toContain('defaults: {table: input}');
    expect(text).toContain('{name: Frequency, address: 9, type: u16, table: holding, unit: Hz}');
    expect(text).toContain('{name: ActivePower, address: 0, type: u16, unit: W}');
  });

  it('quotes what YAML would take for something else', () => {
    const text = profileText({...head, maker: 'No', model: '300'}, [point({name: 'a: b'})]);
    expect(text).toContain('manufacturer: "No"');
    expect(text).toContain('models: ["300"]');
    expect(text).toContain('name: "a: b"');
  });
});

describe('a profile is not one yet', () => {
  const quantities = [{name: 'ActivePower'}, {name: 'Voltage.LN'}];

  it('without maker, points, names or factor, or with one name twice', () => {
    expect(missing({...head, model: ' - '}, [point({})], [])).toBe('maker');
    expect(missing(head, [], [])).toBe('points');
    expect(missing(head, [point({name: ' '})], [])).toBe('names');
    expect(missing(head, [point({}), point({address: 5, name: 'ActivePower '})], [])).toBe('twice');
    expect(missing(head, [point({scale: 0})], [])).toBe('scale');
    expect(missing(head, [point({scale: null as unknown as number})], [])).toBe('scale');
    expect(missing(head, [point({})], [])).toBeUndefined();
  });

  it('with a name that is no quantity, where these are known', () => {
    expect(missing(head, [point({name: 'Power'})], quantities)).toBe('names');
    expect(missing(head, [point({name: 'Voltage.LN.A'})], quantities)).toBeUndefined();
  });

  it('and its file is named in plain letters', () => {
    expect(profileText({...head, maker: 'Müller Énergie'}, [point({})])).toContain('profile: muller-energie/em-3');
  });
});
