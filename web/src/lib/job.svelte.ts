// A test or scan under way, looked at twice a second until it has ended.

import {change, get, post, Problem} from './api';
import type {Job} from './commissioning';

const lookAgainMs = 400;

export class Running<T> {
  job = $state.raw<Job<T>>();
  problem = $state<Problem>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private gone = false;

  get running(): boolean {
    return this.job?.state === 'running' || this.job?.state === 'stopping';
  }

  async start(path: string, body: unknown): Promise<void> {
    this.problem = undefined;
    this.job = undefined;
    await this.take(() => post<Job<T>>(path, body));
  }

  async stop(): Promise<void> {
    const number = this.job?.job;
    if (number !== undefined && this.running) await this.take(() => change<Job<T>>('DELETE', `jobs/${number}`, undefined));
  }

  // Nobody looks any more.
  leave(): void {
    void this.stop();
    this.gone = true;
    clearTimeout(this.timer);
  }

  private async take(ask: () => Promise<Job<T>>): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.job = await ask();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      this.problem = failure;
      return;
    }
    const number = this.job.job;
    if (this.running && !this.gone) this.timer = setTimeout(() => void this.take(() => get<Job<T>>(`jobs/${number}`)), lookAgainMs);
  }
}
