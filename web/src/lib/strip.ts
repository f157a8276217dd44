// How a device answered over the last hours, from the events of the gateway: cells of equal length, the oldest first.

import type {GatewayEvent} from './api';

// good: it answered all the time; late: it was silent for a part of it; bad: for half of it or more; none: not known.
export type Answered = 'good' | 'late' | 'bad' | 'none';

export interface Span {
  from: number;
  to: number;
}

export interface Run {
  state: Answered;
  first: number;
  cells: number;
}

const spanOf = ({raised, cleared}: GatewayEvent, now: number): Span => ({
  from: Date.parse(raised ?? ''),
  to: cleared ? Date.parse(cleared) : now,
});

// When each device was silent. One that is silent again and again may have silences that overlap; they count once.
export function silences(lost: GatewayEvent[], now: number): Map<string, Span[]> {
  const found = new Map<string, Span[]>();
  const ordered = lost.map((event) => ({device: event.device ?? '', span: spanOf(event, now)}));
  ordered.sort((a, b) => a.span.from - b.span.from);
  for (const {device, span} of ordered) {
    const spans = found.get(device) ?? [];
    const last = spans.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else spans.push(span);
    found.set(device, spans);
  }
  return found;
}

// When the gateway ran and so could know. One that was cut off has no stop: it counts as running until its next start.
export function running(startsAndStops: GatewayEvent[], now: number): Span[] {
  const ordered = [...startsAndStops].sort((a, b) => Date.parse(a.raised ?? '') - Date.parse(b.raised ?? ''));
  return ordered.flatMap((event, i) => {
    if (event.kind !== 'gateway_started') return [];
    const next = ordered[i + 1];
    return [{from: Date.parse(event.raised ?? ''), to: next ? Date.parse(next.raised ?? '') : now}];
  });
}

// How far back there is something to show: a gateway that has just begun has no day yet, nor an hour.
export function hoursShown(known: Span[], now: number): number {
  const since = Math.min(...known.map(({from}) => from), now);
  return [1 / 6, 1].find((hours) => since > now - hours * 3_600_000) ?? 24;
}

const within = (spans: Span[], from: number, to: number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);

function cell(silent: Span[], known: Span[], from: number, to: number): Answered {
  const knew = within(known, from, to);
  if (knew === 0) return 'none';
  const lost = within(silent, from, to);
  if (lost === 0) return 'good';
  return lost >= knew / 2 ? 'bad' : 'late';
}

// The cells of the hours until `now`, those that are alike and beside each other as one run.
export function strip(silent: Span[], known: Span[], hours: number, now: number, cells = 96): Run[] {
  const each = (hours * 3_600_000) / cells;
  const begin = now - hours * 3_600_000;
  const runs: Run[] = [];
  for (let i = 0; i < cells; ++i) {
    const state = cell(silent, known, begin + i * each, begin + (i + 1) * each);
    const last = runs.at(-1);
    if (last?.state === state) ++last.cells;
    else runs.push({state, first: i, cells: 1});
  }
  return runs;
}

export const silentSeconds = (silent: Span[], hours: number, now: number): number =>
  within(silent, now - hours * 3_600_000, now) / 1000;
