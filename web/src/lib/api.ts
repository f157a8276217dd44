// The API of the gateway (src/api/openapi.yaml) as types and calls.

export type Validity = 'good' | 'questionable' | 'invalid';
export type Severity = 'info' | 'warning' | 'alarm' | 'critical';
export type Rate = 'fast' | 'normal' | 'slow' | 'thermal' | 'constant';
export type AssetKind =
  | 'inverter' | 'battery' | 'meter' | 'feeder' | 'charger' | 'load' | 'building_controller' | 'weather_station'
  | 'other';
export type DeviceState = 'starting' | 'online' | 'offline' | 'removed' | 'disabled';

export interface Site {
  name: string;
  mrid: string;
  version: string;
  time: string;
  devices: Record<'total' | 'online' | 'offline' | 'starting' | 'disabled', number>;
  alarms: Record<'active' | 'unacknowledged' | Severity, number>;
}

export interface Asset {
  name: string;
  mrid: string;
  kind: AssetKind;
  cim_class: string;
  devices: string[];
  points: number;
}

export interface Point {
  path: string;
  mrid: string;
  asset: string;
  device: string;
  quantity: string;
  phase: string;
  component: string;
  unit: string;
  rate: Rate;
  writable: boolean;
  minimum: number | null;
  maximum: number | null;
  texts: Record<string, string>;
  source: string;
}

export interface Value {
  path: string;
  value: number | string | null;
  unit: string;
  validity: Validity;
  quality: string;
  time: string | null;
  age_s: number | null;
}

export interface DeviceValue extends Value {
  raw: number | string | null;
  writable: boolean;
  source: string;
}

export interface Device {
  name: string;
  enabled: boolean;
  state: DeviceState;
  since: string | null;
  reason: string;
  remedy: string;
  connect: string;
  protocol: string;
  profile: string;
  caveats: {text: string; link: string}[];
  identity?: {manufacturer: string; model: string; version: string; serial_number: string};
  assets?: {role: string; name: string; kind: AssetKind}[];
  points?: {total: number; good: number; bad: number; waiting: number; newest_age_s: number | null};
}

export interface Latency {
  device?: string;
  count: number;
  sum_ms: number;
  buckets: {le_ms: number | null; count: number}[];
}

export interface RequestRecord {
  number: number;
  time: string;
  device: string;
  peer: string;
  function: string;
  first: number;
  count: number;
  outcome: 'under way' | 'answered' | 'refused' | 'timeout' | 'spoiled' | 'lost';
  took_ms: number;
  request: string;
  request_bytes: number;
  answer: string;
  answer_bytes: number;
  answer_is_frame: boolean;
}

export interface RawPoint {
  path: string;
  source: string;
  words: number[];
}

export interface Line {
  url: string;
  connected: boolean;
  devices: number;
  requests: number;
  answers: number;
  refusals: number;
  timeouts: number;
  spoiled: number;
  late: number;
  connects: number;
  connect_failures: number;
  skipped: number;
  latency: {all: Latency; devices: Latency[]};
  predicted?: {
    load: number | null;
    possible: boolean;
    complaint: string;
    devices_known_only_on_line: number;
    reads: {device: string; what: string; period_ms: number; takes_ms: number; share: number}[];
  };
}

export interface GatewayEvent {
  id: number;
  kind: string;
  severity: Severity;
  state: 'unacknowledged' | 'acknowledged' | 'returned' | 'normal';
  device?: string;
  path?: string;
  asset?: string;
  raised?: string;
  cleared?: string | null;
  cleared_by?: string;
  cleared_comment?: string;
  shelved?: {since: string; until: string; by: string; reason: string} | null;
  acknowledged?: {by: string; time: string; comment: string} | null;
  value?: number | null;
  limit?: number | null;
  message: string;
  remedy?: string;
  occurrences?: number;
}

export type Level = 'optimisation' | 'contract' | 'grid' | 'operator' | 'protection';
export type Demand = 'set' | 'at_most' | 'at_least' | 'off';
export type RulingCode = 'fallback' | 'followed' | 'limited_by_claim' | 'limited_by_range';
export type WriteState =
  | 'requested' | 'sent' | 'confirmed' | 'not followed' | 'limited' | 'refused' | 'expired' | 'unknown';

export interface Claim {
  id: number;
  owner: string;
  level: Level;
  demand: Demand;
  value: number;
  starts_in_s: number;
  ends_in_s: number;
  reason: string;
}

export interface ControlledPoint {
  path: string;
  unit: string;
  minimum: number;
  maximum: number;
  default: number;
  value: number;
  code: RulingCode;
  why: string;
  state: WriteState;
  written: number | null;
  shown: number | null;
  fail_safe: boolean;
  trouble: string;
  winner?: number;
  limiter?: number;
  error?: {kind: string; message: string; remedy: string};
  claims: Claim[];
}

export interface Control {
  enabled: boolean;
  points: ControlledPoint[];
}

export type Mode = 'off' | 'observe' | 'act';

export interface ControllerInfo {
  name: string;
  kind: string;
  mode: Mode;
  configured_mode: Mode;
  switched: {by: string; at: string; reason: string} | null;
  level: Level;
  code: string | null;
  words: string;
  since: string | null;
  inputs: {path: string; unit: string; value: number | null; quality: string | null; age_s: number | null; trouble: string}[];
  outputs: {path: string; unit: string; demand: Demand | null; value: number | null; claim: number | null; refused: string}[];
}

export interface Decision {
  time: string;
  path: string;
  value: number;
  code: string;
  owner: string;
  level: string;
  limiter: string;
  why: string;
  state: WriteState | 'unreachable';
  shown: number | null;
  trouble: string;
}

export interface AuditRecord {
  sequence: number;
  time: string;
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  detail: string;
  hash: string;
}

export type Step = 'raw' | '1min' | '15min' | '1h';

export interface Series {
  path: string;
  mrid: string;
  unit: string;
  columns: Record<string, (number | null)[]>;
}

export interface History {
  from_ms: number;
  to_ms: number;
  step: Step;
  series: Series[];
}

export interface Health {
  well: boolean;
  version: string;
  time: string;
  uptime_s: number;
  checks: {name: string; well: boolean; says: string; remedy: string}[];
}

// What went wrong, in the words of the gateway (RFC 9457), or of the browser when the gateway was not reached.
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly remedy = '',
    // What else the gateway said: findings, both sides of a conflict.
    readonly more: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

type Parameters = Record<string, string | number | boolean | string[] | undefined>;

export function query(parameters: Parameters): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(parameters)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(key, String(one));
  }
  const text = pairs.toString();
  return text ? `?${text}` : '';
}

async function answer(request: Promise<Response>): Promise<unknown> {
  let response: Response;
  try {
    response = await request;
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw new Problem(0, 'unreachable');
  }
  if (response.ok) return response.status === 204 ? undefined : response.json();
  const said = (await response.json().catch(() => ({}))) as {detail?: string; title?: string; remedy?: string};
  throw new Problem(response.status, said.detail ?? said.title ?? response.statusText, said.remedy, said);
}

export async function get<T>(resource: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
  return (await answer(
    fetch(`/api/v1/${resource}${query(parameters)}`, {signal: signal ?? null, headers: {accept: 'application/json'}}),
  )) as T;
}

export async function post<T>(resource: string, body: unknown): Promise<T> {
  return (await answer(
    fetch(`/api/v1/${resource}`, {
      method: 'POST',
      headers: {'content-type': 'application/json', accept: 'application/json'},
      body: JSON.stringify(body),
    }),
  )) as T;
}

// A change of the configuration: `tag` is that of what it was made on.
export async function change<T>(method: string, resource: string, body: unknown, tag?: string): Promise<T> {
  return (await answer(
    fetch(`/api/v1/${resource}`, {
      method,
      headers: {'content-type': 'application/json', accept: 'application/json', ...(tag ? {'if-match': `"${tag}"`} : {})},
      body: body === undefined ? null : JSON.stringify(body),
    }),
  )) as T;
}

export async function put<T>(resource: string, body: unknown): Promise<T> {
  return (await answer(
    fetch(`/api/v1/${resource}`, {
      method: 'PUT',
      headers: {'content-type': 'application/json', accept: 'application/json'},
      body: JSON.stringify(body),
    }),
  )) as T;
}

export async function remove(resource: string): Promise<void> {
  await answer(fetch(`/api/v1/${resource}`, {method: 'DELETE', headers: {accept: 'application/json'}}));
}

export const items = <T>(list: {items: T[]}): T[] => list.items;
