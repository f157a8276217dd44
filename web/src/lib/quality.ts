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

export const judged = (point: Point, value: Value): Live => ({
  point,
  value,
  ageSeconds: value.age_s,
  trust: trust(value, value.age_s, point.rate),
});

export const usable = (one: Live | undefined): one is Live => one?.trust === 'good' && typeof one.value.value === 'number';
