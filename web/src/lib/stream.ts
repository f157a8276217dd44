// What the live stream of the gateway says (docs/api.md), and what is known of it all. No socket, no clock, no framework:
// messages go in, values come out.

import type {Control, ControllerInfo, DeviceState, Validity, Value} from './api';

export interface DeviceNews {
  name: string;
  state: DeviceState;
  since?: string | null;
  reason?: string;
  remedy?: string;
}

type Told = [n: number, value: number | string | null, validity: number, timeMs: number, bits: number];

export type Message =
  | {type: 'points'; points: {n: number; path: string; device: string; unit: string}[]}
  | {type: 'values'; time_ms: number; values: Told[]}
  | {type: 'devices'; devices: DeviceNews[]}
  | {type: 'alarms'; alarms: Record<string, number>}
  | {type: 'control'; control: Control}
  | {type: 'controllers'; items: ControllerInfo[]}
  | {type: 'alive'; time_ms: number}
  | {type: 'error'; detail: string};

const validities: Validity[] = ['good', 'questionable', 'invalid'];

// The detail bits of a quality (src/model/quality.hpp), in the words and the order of the gateway.
const details: [bit: number, word: string][] = [
  [4, 'bad reference'],
  [15, 'clock failure'],
  [16, 'clock not synchronized'],
  [19, 'derived'],
  [14, 'estimator replaced'],
  [6, 'failure'],
  [17, 'filtered'],
  [20, 'forecast'],
  [21, 'historical'],
  [9, 'inaccurate'],
  [8, 'inconsistent'],
  [18, 'interpolated'],
  [22, 'no connection'],
  [7, 'old data'],
  [12, 'operator blocked'],
  [5, 'oscillatory'],
  [3, 'out of range'],
  [2, 'overflow'],
  [10, 'substituted'],
  [13, 'suspect'],
  [11, 'test'],
];

export function qualityWords(validity: Validity, bits: number): string {
  const words = details.filter(([bit]) => (bits >>> bit) & 1).map(([, word]) => word);
  return words.length > 0 ? `${validity}: ${words.join(', ')}` : validity;
}

// What was told, and when it came.
export interface News<T> {
  value: T;
  came: number;
}

interface Known {
  path: string;
  unit: string;
  told?: Told;
}

export class Picture {
  // How far the clock of the gateway is ahead of that of the one who listens, in ms.
  private ahead = 0;
  private byNumber = new Map<number, Known>();
  private byPath = new Map<string, Known>();
  readonly devices = new Map<string, DeviceNews>();
  alarms: Record<string, number> = {};
  control: News<Control> | undefined;
  controllers: News<ControllerInfo[]> | undefined;

  // What has changed: values only, or what there is: devices, points, alarms.
  take(message: Message, nowMs: number): 'values' | 'site' | 'control' | 'nothing' {
    switch (message.type) {
      case 'points': {
        const before = this.byPath;
        this.byNumber = new Map();
        this.byPath = new Map();
        for (const {n, path, unit} of message.points) {
          const told = before.get(path)?.told;  // stands until the new one comes, which is at once
          const known: Known = told ? {path, unit, told} : {path, unit};
          this.byNumber.set(n, known);
          this.byPath.set(path, known);
        }
        return 'site';
      }
      case 'values':
        this.ahead = message.time_ms - nowMs;
        for (const told of message.values) {
          const known = this.byNumber.get(told[0]);
          if (known) known.told = told;
        }
        return 'values';
      case 'devices':
        for (const device of message.devices) this.devices.set(device.name, device);
        return 'site';
      case 'alarms':
        this.alarms = message.alarms;
        return 'site';
      case 'control':
        this.control = {value: message.control, came: nowMs};
        return 'control';
      case 'controllers':
        this.controllers = {value: message.items, came: nowMs};
        return 'control';
      case 'alive':
        this.ahead = message.time_ms - nowMs;
        return 'nothing';
      case 'error':
        throw new Error(message.detail);
    }
  }

  value(path: string, nowMs: number): Value | undefined {
    const known = this.byPath.get(path);
    if (!known) return undefined;
    const {unit, told} = known;
    if (!told) return {path, value: null, unit, validity: 'invalid', quality: 'waiting', time: null, age_s: null};
    const [, value, validityNumber, timeMs, bits] = told;
    const validity = validities[validityNumber] ?? 'invalid';
    return {
      path,
      value: validity === 'invalid' ? null : value,
      unit,
      validity,
      quality: qualityWords(validity, bits),
      time: new Date(timeMs).toISOString(),
      age_s: Math.max(0, (nowMs + this.ahead - timeMs) / 1000),
    };
  }

  paths(): string[] {
    return [...this.byPath.keys()];
  }
}

// Half a second, one, two, four ... fifteen; each a little earlier or later than others, so that not all browsers of a
// gateway that comes back knock at the same moment.
export const backOffMs = (failures: number, chance: number): number =>
  Math.min(15_000, 500 * 2 ** failures) * (0.75 + chance / 2);
