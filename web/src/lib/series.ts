// From what the history answers to what a chart draws and what a file holds.

import type {History, Series, Step} from './api';

const stepMs: Record<Step, number> = {raw: 0, '1min': 60_000, '15min': 900_000, '1h': 3_600_000};

// A raw value holds until the next one, but no longer than this.
const longestHoldMs = 15 * 60_000;

export interface Line {
  path: string;
  unit: string;
  good: (number | null)[];
  bad: (number | null)[]; // questionable values, drawn differently
  least: (number | null)[]; // of roll-ups: the band around the average
  greatest: (number | null)[];
}

export interface Lines {
  seconds: number[]; // since 1970, in order; the same for all lines
  lines: Line[];
}

interface Sample {
  good: number | null;
  bad: number | null;
  least: number | null;
  greatest: number | null;
}

const nothing: Sample = {good: null, bad: null, least: null, greatest: null};

function samples(series: Series, step: Step): Map<number, Sample> {
  const {time_ms: times = [], value = [], validity = [], average = [], minimum = [], maximum = []} = series.columns;
  const found = new Map<number, Sample>();
  times.forEach((time, i) => {
    if (time === null) return;
    const previous = i > 0 ? times[i - 1] : undefined;
    const gap = step === 'raw' ? longestHoldMs : stepMs[step] * 1.5;
    if (typeof previous === 'number' && time - previous > gap) found.set(previous + 1, nothing);
    if (step === 'raw') {
      const known = validity[i] === 2 ? null : (value[i] ?? null);
      found.set(time, {...nothing, good: validity[i] === 0 ? known : null, bad: validity[i] === 1 ? known : null});
    } else {
      found.set(time, {
        good: average[i] ?? null,
        bad: null,
        least: minimum[i] ?? null,
        greatest: maximum[i] ?? null,
      });
    }
  });
  return found;
}

// All series on one axis of time. Where a series has no sample of its own at a time, it has `undefined` there, which a
// chart passes over; null is a gap.
export function lines(history: History): Lines {
  const each = history.series.map((series) => samples(series, history.step));
  const times = [...new Set(each.flatMap((one) => [...one.keys()]))].sort((a, b) => a - b);
  const column = (one: Map<number, Sample>, key: keyof Sample): (number | null)[] =>
    times.map((time) => (one.has(time) ? one.get(time)![key] : (undefined as unknown as null)));
  return {
    seconds: times.map((time) => time / 1000),
    lines: history.series.map(({path, unit}, i) => ({
      path,
      unit,
      good: column(each[i]!, 'good'),
      bad: column(each[i]!, 'bad'),
      least: column(each[i]!, 'least'),
      greatest: column(each[i]!, 'greatest'),
    })),
  };
}

const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// Exactly what is shown, a row for each value (RFC 4180).
export function csv(history: History): string {
  const columns = [...new Set(history.series.flatMap(({columns: c}) => Object.keys(c)))].filter((c) => c !== 'time_ms');
  const rows = [['time', 'point', 'unit', ...columns].join(',')];
  for (const series of history.series) {
    series.columns.time_ms?.forEach((time, i) => {
      if (time === null) return;
      const cells = columns.map((name) => series.columns[name]?.[i] ?? '');
      rows.push([new Date(time).toISOString(), quoted(series.path), quoted(series.unit), ...cells].join(','));
    });
  }
  return rows.join('\r\n') + '\r\n';
}

// What several series come to together, each with its sign, at the times that all of them have.
export function summed(parts: {series: Series | undefined; sign: 1 | -1}[]): (number | null)[] {
  const each = parts.map(({series, sign}) => {
    const values = trace(series);
    return new Map(series?.columns.time_ms?.map((time, i) => [time, values[i] == null ? null : sign * values[i]]));
  });
  const times = [...new Set(each.flatMap((one) => [...one.keys()]))].filter((time) => time !== null).sort((a, b) => a - b);
  const at = (time: number) => each.map((one) => one.get(time) ?? null);
  return times.map((time) => (at(time).includes(null) ? null : (at(time) as number[]).reduce((sum, value) => sum + value, 0)));
}

// A few values of a series for a small picture; gaps stay gaps.
export function trace(series: Series | undefined): (number | null)[] {
  if (!series) return [];
  return (series.columns.average ?? series.columns.value ?? []).map((v, i) =>
    series.columns.validity?.[i] === 2 ? null : v,
  );
}
