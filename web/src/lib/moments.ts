// What happened to some points in some time: events, and commands as the diary of decisions has them.

import type {Decision, GatewayEvent} from './api';

export interface Happening {
  ms: number;
  where: string;
  what: string;
  command: boolean;
}

const asset = (path: string) => path.slice(0, path.lastIndexOf('/'));

// Commands are those that bring another value, or the same by somebody else: not each note of their state.
export function commands(decisions: Decision[], points: string[], fromMs: number): Happening[] {
  const assets = new Set(points.map(asset));
  const last = new Map<string, string>();
  const all: Happening[] = [];
  for (const {time, path, value, owner, limiter, why} of decisions) {
    const now = [value, owner, limiter].join('\n');
    const before = last.get(path);
    last.set(path, now);
    if (before === now || !assets.has(asset(path))) continue;
    const ms = Date.parse(time);
    if (before === undefined && ms <= fromMs) continue;  // what held already
    all.push({ms, where: path, what: why, command: true});
  }
  return all;
}

export const concerns = ({device, path}: GatewayEvent, points: string[]): boolean =>
  points.some((point) => path === point || (device !== undefined && asset(point) === device) || (path && asset(path) === asset(point)));
