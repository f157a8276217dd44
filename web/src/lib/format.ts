// Numbers, units, times and ages as people read them.

import {settings} from './settings.svelte';

const prefixes: [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

// Units that take a prefix; the others are shown as they are.
const prefixed = new Set(['W', 'var', 'VA', 'Wh', 'varh', 'VAh', 'Ah']);

export interface Shown {
  number: string;
  unit: string;
}

// Three digits that matter: 1.73 kW, 230 V, 49.99 Hz.
export function digits(value: number, unit: string): Intl.NumberFormatOptions {
  const size = Math.abs(value);
  if (unit === 'Hz') return {minimumFractionDigits: 2, maximumFractionDigits: 2};
  if (size >= 100 || value === 0) return {maximumFractionDigits: 0};
  if (size >= 10) return {minimumFractionDigits: 1, maximumFractionDigits: 1};
  return {minimumFractionDigits: 2, maximumFractionDigits: 2};
}

export function quantity(value: number, unit: string): Shown {
  const [size, prefix] = (prefixed.has(unit) && prefixes.find(([least]) => Math.abs(value) >= least)) || [1, ''];
  const scaled = value / size;
  // What has no prefix is a whole number of watts; a fraction of one is noise.
  const form = prefixed.has(unit) && prefix === '' ? {maximumFractionDigits: 0} : digits(scaled, unit);
  const number = new Intl.NumberFormat(settings.language, form).format(scaled).replace(/^-0$/, '0');
  return {number, unit: prefix + unit};
}

export function text(value: number | string | null, unit: string): string {
  if (value === null) return '—';
  if (typeof value === 'string') return value;
  const {number, unit: named} = quantity(value, unit);
  return named ? `${number} ${named}` : number;
}

export function integer(value: number): string {
  return new Intl.NumberFormat(settings.language).format(value);
}

export function percent(share: number): string {
  return new Intl.NumberFormat(settings.language, {style: 'percent', maximumFractionDigits: 1}).format(share);
}

const spans: [number, Intl.NumberFormatOptions['unit']][] = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

// "4 sec", "12 min", "3 hr".
export function duration(seconds: number): string {
  const [size, unit] = spans.find(([least]) => seconds >= least) ?? [1, 'second'];
  const count = Math.max(0, Math.floor(seconds / size));
  return new Intl.NumberFormat(settings.language, {style: 'unit', unit: unit!, unitDisplay: 'short'}).format(count);
}

export function time(iso: string): string {
  return new Intl.DateTimeFormat(settings.language, {timeStyle: 'medium'}).format(new Date(iso));
}

// With the day, unless that is today.
export function moment(iso: string, now = new Date()): string {
  const at = new Date(iso);
  const form: Intl.DateTimeFormatOptions =
    at.toDateString() === now.toDateString() ? {timeStyle: 'medium'} : {dateStyle: 'medium', timeStyle: 'short'};
  return new Intl.DateTimeFormat(settings.language, form).format(at);
}

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

// A message whose subject is named already.
export function without(name: string, message: string): string {
  return name && message.startsWith(name) ? message.slice(name.length).replace(/^[\s:]+/, '') : message;
}
