// How long a device takes to answer, from the counts of the gateway.

import type {Latency} from './api';

// The least bound within which this share of the answers came; none: there are no answers, or it is beyond all bounds.
export function within({count, buckets}: Pick<Latency, 'count' | 'buckets'>, share: number): number | undefined {
  let seen = 0;
  for (const bucket of buckets) {
    seen += bucket.count;
    if (count > 0 && seen >= share * count) return bucket.le_ms ?? undefined;
  }
  return undefined;
}

// The buckets between the first and the last that have something, with their share of the fullest.
export function bars({buckets}: Pick<Latency, 'buckets'>): {le_ms: number | null; count: number; share: number}[] {
  const most = Math.max(...buckets.map(({count}) => count));
  const first = buckets.findIndex(({count}) => count > 0);
  const last = buckets.findLastIndex(({count}) => count > 0);
  return first < 0 ? [] : buckets.slice(first, last + 1).map((bucket) => ({...bucket, share: bucket.count / most}));
}

export const milliseconds = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toString());

// Bytes as people read them: two digits each.
export const spaced = (hex: string): string => hex.replace(/(..)(?=.)/g, '$1 ');
