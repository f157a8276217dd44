// The energy flow of the site, from the powers of its assets. + is into the equipment, - is out of it.
//
// What is not known is not drawn as zero: a flow whose power can not be believed is unknown, and so is everything that
// is computed from it.

import type {Asset, AssetKind} from './api';
import {absent, usable, type Live} from './quality';

export type Role = 'grid' | 'generation' | 'storage' | 'load';

export interface Flow {
  name: string;
  role: Role;
  watts: number | undefined; // + into the site, - out of it; undefined: unknown
  live: Live | undefined; // none: computed
}

export interface SiteFlow {
  flows: Flow[]; // grid, generation, storage and measured loads
  consumption: number | undefined; // what remains: all that nobody measures by itself
  meters: string[]; // that could be the one at the grid
  gridMeter: string | undefined;
}

const atTheGrid = /grid|main|utility|pcc|netz|hausanschluss|übergabe/i;

const roleOf: Partial<Record<AssetKind, Role>> = {
  inverter: 'generation',
  battery: 'storage',
  charger: 'load',
  load: 'load',
  building_controller: 'load',
};

export function gridMeterOf(assets: Asset[], chosen: string): string | undefined {
  const meters = assets.filter(({kind}) => kind === 'meter' || kind === 'feeder').map(({name}) => name);
  if (meters.includes(chosen)) return chosen;
  return meters.find((name) => atTheGrid.test(name)) ?? (meters.length === 1 ? meters[0] : undefined);
}

// `power`: the active power of an asset.
export function siteFlow(assets: Asset[], power: (asset: string) => Live | undefined, chosenMeter: string): SiteFlow {
  const meters = assets.filter(({kind}) => kind === 'meter' || kind === 'feeder').map(({name}) => name);
  const gridMeter = gridMeterOf(assets, chosenMeter);
  const flows: Flow[] = [];
  for (const {name, kind} of assets) {
    const live = power(name);
    const role = name === gridMeter ? 'grid' : roleOf[kind];
    if (!role || !live || absent(live.value)) continue;
    const watts = usable(live) ? (live.value.value as number) : undefined;
    flows.push({name, role, live, watts: watts === undefined || role === 'grid' ? watts : -watts});
  }
  if (!gridMeter) flows.unshift({name: '', role: 'grid', watts: undefined, live: undefined});
  const order: Role[] = ['grid', 'generation', 'storage', 'load'];
  flows.sort((a, b) => order.indexOf(a.role) - order.indexOf(b.role));
  return {flows, consumption: rest(flows), meters, gridMeter};
}

// What flows in and not out again.
function rest(flows: Flow[]): number | undefined {
  let sum = 0;
  for (const {watts} of flows) {
    if (watts === undefined) return undefined;
    sum += watts;
  }
  return Math.max(0, sum);
}

export function sum(flows: Flow[], role: Role): number | undefined {
  let total = 0;
  for (const flow of flows) {
    if (flow.role !== role) continue;
    if (flow.watts === undefined) return undefined;
    total += flow.watts;
  }
  return total;
}
