// What may be believed of a value: its quality as the gateway said it, and its age as time goes by.

import type {Point, Rate, Value} from './api';

export type Trust = 'good' | 'late' | 'questionable' | 'bad' | 'none';

// The device says that it does not have the value: nothing is wrong, there is just nothing.
export const absent = ({validity, quality}: Pick<Value, 'validity' | 'quality'>): boolean =>
  validity === 'invalid' && quality.includes('bad reference');

// A value is late after three of the usual periods of its rate class.
const lateAfter: Record<Rate, number> = {fast: 5, normal: 20, slow: 200, thermal: 100, constant: Infinity};

export function trust(value: Pick<Value, 'validity' | 'quality'>, ageSeconds: number | null, rate: Rate = 'normal'): Trust {
  if (ageSeconds === null || absent(value)) return 'none';
  if (value.validity === 'invalid') return 'bad';
  if (value.validity === 'questionable') return 'questionable';
  return ageSeconds > lateAfter[rate] ? 'late' : 'good';
}

export interface Live {
  point: Point;
  value: Value;
  ageSeconds: number | null;
  trust: Trust;
}

// `since`: seconds that went by since the answer with the value came.
export function live(point: Point, value: Value, since: number): Live {
  const ageSeconds = value.age_s === null ? null : value.age_s + since;
  return {point, value, ageSeconds, trust: trust(value, ageSeconds, point.rate)};
}

export const usable = (one: Live | undefined): one is Live => one?.trust === 'good' && typeof one.value.value === 'number';
