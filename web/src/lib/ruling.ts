// Who goes before whom among the claims on a point, and what became of the command: as the arbiter sees it
// (src/control/arbiter.hpp).

import type {Claim, ControlledPoint, Level, WriteState} from './api';
import {text} from './format';
import type {Trust} from './quality';
import {sentence} from './reasons';
import type {Texts} from './texts.svelte';

const rising: Level[] = ['optimisation', 'contract', 'grid', 'operator', 'protection'];

// The highest level first; within one the newest.
export const stack = (claims: Claim[]): Claim[] =>
  [...claims].sort((a, b) => rising.indexOf(b.level) - rising.indexOf(a.level) || b.id - a.id);

// Levels that people may claim at, the usual one first.
export const levelsOfPeople: Level[] = ['operator', 'grid', 'contract', 'optimisation'];

// Only what the device itself showed is good.
export function trustOf(point: Pick<ControlledPoint, 'state' | 'trouble'>): Trust {
  if (point.trouble) return 'bad';
  const trusts: Record<WriteState, Trust> = {
    requested: 'none',
    sent: 'none',
    confirmed: 'good',
    limited: 'late',
    unknown: 'late',
    'not followed': 'bad',
    refused: 'bad',
    expired: 'bad',
  };
  return trusts[point.state];
}

type Words = Pick<Texts, 'control' | 'reasons'>;

export const demanded = (claim: Claim, unit: string, t: Words): string => t.control.wants[claim.demand](text(claim.value, unit));

// Why a point has its value, as the arbiter says it, in the language of the reader.
export function decided(point: ControlledPoint, t: Words): string {
  const winner = point.claims.find(({id}) => id === point.winner);
  const limiter = point.claims.find(({id}) => id === point.limiter);
  const said = winner
    ? t.control.won(winner.owner, t.control.levels[winner.level], demanded(winner, point.unit, t))
    : t.control.nobody(text(point.default, point.unit));
  const bound = limiter
    ? t.control.bounded(limiter.owner, t.control.levels[limiter.level], demanded(limiter, point.unit, t))
    : point.code === 'limited_by_range'
      ? t.control.boundedByRange
      : '';
  const reason = (limiter ?? winner)?.reason;
  return `${said}${bound && `; ${bound}`}.${reason ? ` “${sentence(reason, t.reasons)}”` : ''}`;
}

// Where a value stands in the range of its point, 0 to 1.
export function position(value: number, {minimum, maximum}: Pick<ControlledPoint, 'minimum' | 'maximum'>): number {
  if (!(maximum > minimum)) return 0;
  return Math.min(1, Math.max(0, (value - minimum) / (maximum - minimum)));
}
