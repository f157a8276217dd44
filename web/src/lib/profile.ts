// A profile that is made from registers somebody looked at (profiles/README.md): the points, and the text of the file.

import {orders, sane, scaleTo, type Order, type RegisterRow} from './registers';

export const types = ['u16', 'i16', 'u32', 'i32', 'f32'] as const;
export type RegisterType = (typeof types)[number];

export const kinds = ['meter', 'inverter', 'battery', 'charger', 'load', 'feeder', 'building_controller', 'weather_station', 'other'] as const;

export interface ProfilePoint {
  address: number;
  name: string; // a quantity, perhaps a phase, perhaps a part: Voltage.LN.A
  type: RegisterType;
  order: Order;
  scale: number;
  unit: string;
  negate: boolean;
}

export interface ProfileHead {
  maker: string;
  model: string;
  kind: string;
  table: 'holding' | 'input';
  unit: number; // the device's address on its line
}

export const isWide = (type: RegisterType): boolean => type.endsWith('32');

export function rawOf(row: RegisterRow, type: RegisterType, order: Order): number | undefined {
  if (type === 'u16') return row.value;
  if (type === 'i16') return row.i16;
  return row[type]?.[order];
}

// How to read a register: as the number on the display if it can be that, otherwise as it may be.
export function pointOf(row: RegisterRow, wanted: number | undefined): ProfilePoint {
  const point: ProfilePoint = {address: row.address, name: '', type: 'u16', order: 'abcd', scale: 1, unit: '', negate: false};
  for (const type of types) {
    for (const order of isWide(type) ? orders : orders.slice(0, 1)) {
      const raw = rawOf(row, type, order);
      const scale = scaleTo(type === 'f32' ? sane(raw) : raw, wanted);
      if (scale !== undefined) return {...point, type, order, scale};
    }
  }
  const guess = row.guess;
  const type = types.find((one) => one === guess?.type);
  return type ? {...point, type, order: guess?.order ?? 'abcd', scale: guess?.scale ?? 1} : point;
}

// What it says now, in its unit.
export function valueOf(row: RegisterRow | undefined, {type, order, scale, negate}: ProfilePoint): number | undefined {
  const raw = row && rawOf(row, type, order);
  return raw === undefined ? undefined : raw * scale * (negate ? -1 : 1);
}

const slug = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export const profileId = ({maker, model}: ProfileHead): string => `${slug(maker)}/${slug(model)}`;

// Words that YAML could take for something else are quoted, as JSON does it.
const plain = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)*$/;
const word = (text: string): string => (plain.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) ? text : JSON.stringify(text));

function line({address, name, type, order, scale, unit, negate}: ProfilePoint): string {
  const entries = [`name: ${word(name)}`, `address: ${address}`, `type: ${type}`];
  if (isWide(type) && order !== 'abcd') entries.push(`order: ${order}`);
  if (unit) entries.push(`unit: ${word(unit)}`);
  if (scale !== 1) entries.push(`scale: ${scale}`);
  if (negate) entries.push('negate: true');
  return `  - {${entries.join(', ')}}`;
}

export const profileText = (head: ProfileHead, points: readonly ProfilePoint[]): string =>
  [
    `profile: ${profileId(head)}`,
    `manufacturer: ${word(head.maker)}`,
    `models: [${word(head.model)}]`,
    `assets: [{kind: ${head.kind}}]`,
    'address_base: pdu',
    `connection: {unit: ${head.unit}}`,
    `defaults: {table: ${head.table}}`,
    'points:',
    ...[...points].sort((a, b) => a.address - b.address).map(line),
    '',
  ].join('\n');

// What is missing before it is a profile.
export type Missing = 'maker' | 'points' | 'names' | 'twice';
export function missing(head: ProfileHead, points: readonly ProfilePoint[]): Missing | undefined {
  if (!slug(head.maker) || !slug(head.model)) return 'maker';
  if (points.length === 0) return 'points';
  if (points.some(({name}) => name.trim() === '')) return 'names';
  if (new Set(points.map(({name}) => name)).size < points.length) return 'twice';
  return undefined;
}
