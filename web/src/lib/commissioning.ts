// What the API says of devices before and while they are configured, and of versions of the configuration.

import type {Problem} from './api';

export interface Stage {
  name: string;
  state: 'passed' | 'nothing' | 'failed';
  ms: number;
  detail: string;
  remedy: string;
}

export interface Identity {
  manufacturer: string;
  model: string;
  version: string;
  serial_number: string;
}

export interface Reading {
  point: string;
  role: string;
  value: number | null;
  unit: string;
  quality: string;
  source: string;
  text?: string;
}

export interface Trial {
  stages: Stage[];
  ok?: boolean;
  identity?: Identity;
  looks_like?: string[];
  profile?: string | null;
  values?: Reading[];
}

export interface FoundUnit {
  unit: number;
  url: string;
  ms: number;
  identity: Identity;
  says: string;
  looks_like: string[];
}

export interface Scan {
  url?: string;
  units?: FoundUnit[];
  silent?: number;
  same_for_all?: boolean;
  error?: {detail: string; remedy: string} | null;
}

// Files of the gateway (PEM) for devices behind TLS.
export interface TlsFiles {
  ca: string;
  certificate: string;
  key: string;
  server_name: string;
}

export const noTlsFiles = (): TlsFiles => ({ca: '', certificate: '', key: '', server_name: ''});

export const isBehindTls = (connect: string): boolean => connect.trim().startsWith('modbus+tls://');

// Only what was filled in, for a request: a line that has its certificates already needs nothing.
export function givenTls(files: TlsFiles): {tls?: Partial<TlsFiles>} {
  const given = Object.entries(files).flatMap(([key, file]) => (file.trim() ? [[key, file.trim()]] : []));
  return given.length > 0 ? {tls: Object.fromEntries(given) as Partial<TlsFiles>} : {};
}

// The sections under lines: that these devices need: one for each line behind TLS, when files were given.
export function linesOf(connects: string[], files: TlsFiles): {lines?: {connect: string; tls: Partial<TlsFiles>}[]} {
  const {tls} = givenTls(files);
  const lines = new Set(connects.filter(isBehindTls).map((connect) => connect.trim().split('?')[0]!));
  return tls && lines.size > 0 ? {lines: [...lines].map((connect) => ({connect, tls}))} : {};
}

export interface Row {
  line: number;
  state: 'waiting' | 'testing' | 'ok' | 'unknown' | 'failed' | 'faulty';
  detail: string;
  remedy: string;
  device: Section;
  stages: Stage[];
  identity: Identity | null;
  looks_like: string[];
  good_values: number;
  values: number;
}

export interface Job<T> {
  job: number;
  kind: string;
  state: 'running' | 'stopping' | 'stopped' | 'done';
  progress: string;
  result: T;
}

export type Section = {name: string; connect: string; profile?: string; enabled?: boolean} & Record<string, unknown>;

export interface Profile {
  id: string;
  manufacturer: string;
  models: string[];
  description: string;
}

export interface Finding {
  severity: 'error' | 'warning';
  line: number;
  column: number;
  key: string;
  message: string;
  remedy: string;
}

export interface Version {
  version: number;
  time: string;
  by: string;
  why: string;
  tag: string;
  changes: {subject: string; key: string; before: string; after: string; words: string}[];
}

export interface Config {
  file: string;
  text: string;
  tag: string;
  in_force: boolean;
  version: Version | null;
  findings: Finding[];
}

export interface Changed {
  version: Version;
  changed: boolean;
  warnings: Finding[];
}

export interface Conflict {
  current: {text: string; tag: string; version: Version};
  yours: {text: string};
  diff: string;
}

export const findingsOf = (problem: Problem): Finding[] => (problem.more['findings'] as Finding[] | undefined) ?? [];

export const conflictOf = (problem: Problem): Conflict | undefined =>
  problem.status === 412 ? (problem.more as unknown as Conflict) : undefined;

// A name that nobody has yet, made of what the device says.
export function suggestedName(identity: Identity, unit: number, taken: ReadonlySet<string>): string {
  const words = [identity.manufacturer, identity.model].filter(Boolean).join(' ');
  const base = words.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40) || `unit-${unit}`;
  if (!taken.has(base)) return base;
  for (let n = 2; ; ++n) if (!taken.has(`${base}-${n}`)) return `${base}-${n}`;
}

// Rows as text again: what is not saved yet stays as a work list.
export const rowsText = (rows: Row[]): string =>
  rows.map(({device}) => [device.name, device.connect, device.profile ?? ''].join('\t')).join('\n');
