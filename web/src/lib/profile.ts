// A profile that is made from registers somebody looked at (profiles/README.md): the points, and the text of the file.

import {orders, sane, scaleTo, type Order, type RegisterRow} from './registers';

export const types = ['u16', 'i16', 'u32', 'i32', 'f32'] as const;
export type RegisterType = (typeof types)[number];

export const kinds = ['meter', 'inverter', 'battery', 'charger', 'load', 'feeder', 'building_controller', 'weather_station', 'other'] as const;

export type Table = 'holding' | 'input';

export interface ProfilePoint {
  table: Table;
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
  unit: number; // the device's address on its line
}

export const isWide = (type: RegisterType): boolean => type.endsWith('32');

export function rawOf(row: RegisterRow, type: RegisterType, order: Order): number | undefined {
  if (type === 'u16') return row.value;
  if (type === 'i16') return row.i16;
  return row[type]?.[order];
}

// How to read a register: as the number on the display if it can be that, otherwise as it may be.
export function pointOf(row: RegisterRow, table: Table, wanted: number | undefined): ProfilePoint {
  const point: ProfilePoint = {table, address: row.address, name: '', type: 'u16', order: 'abcd', scale: 1, unit: '', negate: false};
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
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

export const profileId = ({maker, model}: ProfileHead): string => `${slug(maker)}/${slug(model)}`;

// Words that YAML could take for something else are quoted, as JSON does it.
const plain = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)*$/;
const word = (text: string): string => (plain.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text) ? text : JSON.stringify(text));

function line({table, address, name, type, order, scale, unit, negate}: ProfilePoint, usual: Table): string {
  const entries = [`name: ${word(name.trim())}`, `address: ${address}`, `type: ${type}`];
  if (table !== usual) entries.push(`table: ${table}`);
  if (isWide(type) && order !== 'abcd') entries.push(`order: ${order}`);
  if (unit) entries.push(`unit: ${word(unit)}`);
  if (scale !== 1) entries.push(`scale: ${scale}`);
  if (negate) entries.push('negate: true');
  return `  - {${entries.join(', ')}}`;
}

export function profileText(head: ProfileHead, points: readonly ProfilePoint[]): string {
  const usual = points[0]?.table ?? 'holding';
  return [
    `profile: ${profileId(head)}`,
    `manufacturer: ${word(head.maker)}`,
    `models: [${word(head.model)}]`,
    `assets: [{kind: ${head.kind}}]`,
    'address_base: pdu',
    `connection: {unit: ${head.unit}}`,
    `defaults: {table: ${usual}}`,
    'points:',
    ...[...points].sort((a, b) => a.address - b.address).map((point) => line(point, usual)),
    '',
  ].join('\n');
}

// The longest name that a quantity has: Voltage.LN.A is one of Voltage.LN.
export function quantityOf<Quantity extends {name: string}>(name: string, quantities: readonly Quantity[]): Quantity | undefined {
  const fitting = quantities.filter((one) => name.trim() === one.name || name.trim().startsWith(`${one.name}.`));
  return fitting.sort((a, b) => b.name.length - a.name.length)[0];
}

// What is missing before it is a profile. Without quantities, any name will do.
export type Missing = 'maker' | 'points' | 'names' | 'twice' | 'scale';
export function missing(head: ProfileHead, points: readonly ProfilePoint[], quantities: readonly {name: string}[]): Missing | undefined {
  if (!slug(head.maker) || !slug(head.model)) return 'maker';
  if (points.length === 0) return 'points';
  const named = ({name}: ProfilePoint): boolean => (quantities.length > 0 ? quantityOf(name, quantities) !== undefined : name.trim() !== '');
  if (!points.every(named)) return 'names';
  if (new Set(points.map(({name}) => name.trim())).size < points.length) return 'twice';
  if (!points.every(({scale}) => Number.isFinite(scale) && scale !== 0)) return 'scale';
  return undefined;
}
