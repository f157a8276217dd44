// Registers that nobody described: the cells of a row, and which of them may be the number on a display.

export type Order = 'abcd' | 'cdab' | 'badc' | 'dcba';
export const orders: readonly Order[] = ['abcd', 'cdab', 'badc', 'dcba'];

export interface Guess {
  type: string;
  registers: number;
  order?: Order;
  scale?: number;
  value?: number;
  text?: string;
  meaning?: string;
}

export interface RegisterRow {
  address: number;
  value: number;
  i16: number;
  text: string;
  u32?: Record<Order, number>;
  i32?: Record<Order, number>;
  f32?: Partial<Record<Order, number>>;
  moved?: number;
  changes?: number;
  guess?: Guess;
}

export interface Registers {
  url?: string;
  asked?: number;
  readings?: number;
  registers?: RegisterRow[];
  error?: {detail: string; remedy: string} | null;
}

// By which power of ten a raw number is what the display shows, to half a percent; none: by none.
export function scaleTo(raw: number | undefined, wanted: number | undefined): number | undefined {
  if (raw === undefined || wanted === undefined || raw === 0 || !Number.isFinite(raw) || !Number.isFinite(wanted)) return undefined;
  for (const power of [0, -1, -2, -3, 1, 2, 3]) {
    const factor = 10 ** power;
    if (Math.abs(raw * factor - wanted) <= Math.abs(wanted) * 0.005) return factor;
  }
  return undefined;
}

// A float of a size that something in the world has; what integers look like as floats would only hide it.
export const sane = (value: number | undefined): number | undefined =>
  value !== undefined && (value === 0 || (Math.abs(value) >= 1e-6 && Math.abs(value) <= 1e10)) ? value : undefined;

export const float = (value: number): string => Number(value.toPrecision(6)).toString();

export const guessWords = ({type, order, scale, value, text, meaning}: Guess): string =>
  [type, order, scale ? `× ${scale}` : '', text ? `“${text}”` : value === undefined ? '' : float(value), meaning ? `· ${meaning}` : ''].filter(Boolean).join(' ');
