// What is asked again and again while somebody looks at it: what the live stream does not tell.

import {untrack} from 'svelte';

import {Problem} from './api';
import {session} from './session.svelte';
import {visible} from './visible.svelte';

// Ticks once a second, so that ages grow between two answers.
class Clock {
  now = $state(performance.now());

  constructor() {
    $effect.root(() => {
      $effect(() => {
        if (!visible.now) return;
        this.now = performance.now();
        const timer = setInterval(() => (this.now = performance.now()), 1000);
        return () => clearInterval(timer);
      });
    });
  }
}

export const clock = new Clock();

export class Polled<T> {
  value = $state.raw<T>();
  problem = $state<Problem>();
  // When the value came.
  came = $state(0);

  private stopped = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ask: (signal: AbortSignal) => Promise<T>,
    private readonly everyMs: number,
  ) {
    void this.run();
  }

  stop(): void {
    this.stopped.abort();
    clearTimeout(this.timer);
  }

  refresh(): void {
    clearTimeout(this.timer);
    void this.run();
  }

  private async run(): Promise<void> {
    const {signal} = this.stopped;
    try {
      this.value = await this.ask(signal);
      this.came = performance.now();
      this.problem = undefined;
    } catch (failure) {
      if (signal.aborted) return;
      if (!(failure instanceof Problem)) throw failure;
      this.problem = failure;
      if (failure.status === 401) session.ended();
    }
    clearTimeout(this.timer);
    if (!signal.aborted && this.everyMs > 0) this.timer = setTimeout(() => visible.now && void this.run(), this.everyMs);
  }
}

export interface Answer<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly came: number;
  refresh(): void;
}

// For a component: polls while it lives, and begins anew when what `question` reads has changed. No question: nothing is
// asked. Asked again at once, without forgetting the answer, when what `again` reads has changed.
export function polled<T>(
  question: () => ((signal: AbortSignal) => Promise<T>) | undefined,
  everyMs: number,
  again: () => unknown = () => undefined,
): Answer<T> {
  let current = $state.raw<Polled<T>>();
  let first = true;
  $effect.pre(() => {
    const ask = question();
    const mine = ask && new Polled(ask, everyMs);
    current = mine;
    return () => mine?.stop();
  });
  $effect(() => {
    again();
    const seen = visible.now;
    if (!first && seen) untrack(() => current?.refresh());
    first = false;
  });
  return {
    get value() {
      return current?.value;
    },
    get problem() {
      return current?.problem;
    },
    get came() {
      return current?.came ?? 0;
    },
    refresh: () => current?.refresh(),
  };
}
