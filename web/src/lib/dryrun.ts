// What a controller would have wished, as lines beside what was measured.

import type {Demand, Series} from './api';

export interface DryRun {
  from_ms: number;
  to_ms: number;
  step_s: number;
  inputs: {path: string; unit: string}[];
  outputs: {path: string; unit: string; time_ms: number[]; value: (number | null)[]; demand: (Demand | null)[]}[];
  reasons: {time_ms: number; code: string; words: string}[];
}

// A chart lets a raw value hold for some minutes only: a wish that stands longer is said again.
const againMs = 5 * 60_000;

// A wish holds until the next one: a line of steps.
export function wishedSeries(output: DryRun['outputs'][number], toMs: number, name: string): Series {
  const columns: {time_ms: number[]; value: (number | null)[]; validity: number[]} = {time_ms: [], value: [], validity: []};
  const add = (time: number, value: number | null): void => {
    columns.time_ms.push(time);
    columns.value.push(value);
    columns.validity.push(value === null ? 2 : 0);
  };
  output.time_ms.forEach((from, i) => {
    const value = output.value[i] ?? null;
    const until = (output.time_ms[i + 1] ?? toMs + 1) - 1;
    for (let time = from; time < until; time += againMs) add(time, value);
    add(Math.max(from, until), value);
  });
  return {path: name, unit: output.unit, mrid: '', columns};
}

// For how long each reason held, the longest first.
export function reasonShares({reasons, from_ms, to_ms}: Pick<DryRun, 'reasons' | 'from_ms' | 'to_ms'>): {code: string; share: number; words: string}[] {
  const found = new Map<string, {code: string; share: number; words: string}>();
  reasons.forEach(({time_ms, code, words}, i) => {
    const share = ((reasons[i + 1]?.time_ms ?? to_ms) - time_ms) / (to_ms - from_ms);
    const known = found.get(code);
    if (known) known.share += share;
    else found.set(code, {code, share, words});
  });
  return [...found.values()].sort((a, b) => b.share - a.share);
}
