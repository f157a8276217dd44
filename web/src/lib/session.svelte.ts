// Who is looking, and what they may do. A demonstration lets everybody in.

import {get, post, Problem, remove} from './api';
import {connection} from './connection.svelte';

export type Role = 'viewer' | 'operator' | 'engineer' | 'admin';

export interface Who {
  setup_needed: boolean;
  user: {name: string; role: Role; by: 'session' | 'token' | 'nothing'} | null;
}

const order: Role[] = ['viewer', 'operator', 'engineer', 'admin'];

class Session {
  who = $state.raw<Who>();

  async ask(): Promise<void> {
    try {
      this.who = await get<Who>('session');
      connection.came();
    } catch (failure) {
      if (!(failure instanceof Problem)) throw failure;
      connection.lost = true;
      setTimeout(() => void this.ask(), 2000);
    }
  }

  async logIn(name: string, password: string): Promise<void> {
    this.who = await post<Who>('session', {name, password});
  }

  async setUp(code: string, name: string, password: string): Promise<void> {
    this.who = await post<Who>('setup', {code, name, password});
  }

  async logOut(): Promise<void> {
    await remove('session');
    await this.ask();
  }

  // The gateway no longer knows us: it was started anew, or we were away for too long.
  ended(): void {
    if (this.who?.user) this.who = {...this.who, user: null};
    void this.ask();
  }

  may(role: Role): boolean {
    const mine = this.who?.user?.role;
    return mine !== undefined && order.indexOf(mine) >= order.indexOf(role);
  }
}

export const session = new Session();
