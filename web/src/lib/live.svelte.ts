// The one WebSocket over which the gateway tells what is new: values of the points that somebody looks at, states of
// devices, counts of alarms. A component says what it wants to see for as long as it lives:
//
//   watch(() => ['roof/*']);
//   live.value('roof/ActivePower')    the newest value, with its age now
//   live.site                         another number whenever devices, points or alarms are others
//
// It is opened while somebody sees the page. When it is lost the page says so, and tries again, ever more rarely.

import {get, type Control, type ControllerInfo, type Value} from './api';
import {connection} from './connection.svelte';
import {clock} from './poll.svelte';
import {session, type Who} from './session.svelte';
import {backOffMs, Picture, type DeviceNews, type Message, type News} from './stream';

const intervalMs = 500;
const silentForMs = 6000;  // the gateway says something every two seconds

class Live {
  site = $state(0);
  private values = $state(0);
  private controls = $state(0);
  private controlWanted = 0;
  private picture = new Picture();
  private wanted = new Map<string, number>();
  private socket: WebSocket | undefined;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private asking = false;

  open(): void {
    if (this.socket) return;
    clearTimeout(this.retry);
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/live`);
    this.socket = socket;
    socket.onopen = () => this.subscribe();
    socket.onmessage = ({data}: MessageEvent<string>) => this.take(JSON.parse(data) as Message);
    socket.onclose = () => this.lost(socket);
    this.expectNews();
  }

  close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  // For as long as what it gives is not called.
  watch(patterns: string[]): () => void {
    for (const pattern of patterns) this.wanted.set(pattern, (this.wanted.get(pattern) ?? 0) + 1);
    this.subscribeSoon();
    return () => {
      for (const pattern of patterns) {
        const others = (this.wanted.get(pattern) ?? 1) - 1;
        if (others > 0) this.wanted.set(pattern, others);
        else this.wanted.delete(pattern);
      }
      this.subscribeSoon();
    };
  }

  // What control decides, for as long as what it gives is not called.
  watchControl(): () => void {
    ++this.controlWanted;
    this.subscribeSoon();
    return () => {
      --this.controlWanted;
      this.subscribeSoon();
    };
  }

  get control(): News<Control> | undefined {
    void this.controls;
    return this.picture.control;
  }

  get controllers(): News<ControllerInfo[]> | undefined {
    void this.controls;
    return this.picture.controllers;
  }

  value(path: string): Value | undefined {
    void this.values;
    void this.site;
    return this.picture.value(path, Math.max(clock.now, connection.heard));
  }

  device(name: string): DeviceNews | undefined {
    void this.site;
    return this.picture.devices.get(name);
  }

  get alarms(): Record<string, number> {
    void this.site;
    return this.picture.alarms;
  }

  // A page that goes away and the one that comes are one change.
  private subscribeSoon(): void {
    if (this.asking) return;
    this.asking = true;
    setTimeout(() => {
      this.asking = false;
      this.subscribe();
    });
  }

  private subscribe(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(JSON.stringify({subscribe: [...this.wanted.keys()], interval_ms: intervalMs, control: this.controlWanted > 0}));
  }

  private take(message: Message): void {
    this.failures = 0;
    connection.came();
    this.expectNews();
    const changed = this.picture.take(message, performance.now());
    if (changed === 'values') ++this.values;
    if (changed === 'site') ++this.site;
    if (changed === 'control') ++this.controls;
  }

  private expectNews(): void {
    clearTimeout(this.watchdog);
    const socket = this.socket;
    this.watchdog = setTimeout(() => {
      if (!socket) return;
      socket.close();  // which may take its time, when nobody is at the other end
      this.lost(socket);
    }, silentForMs);
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.close();
    connection.lost = true;
    void this.askWhy();
    this.retry = setTimeout(() => this.open(), backOffMs(this.failures++, Math.random()));
  }

  // A browser is not told why a socket was refused.
  private async askWhy(): Promise<void> {
    const who = await get<Who>('session').catch(() => undefined);
    if (who && !who.user) session.ended();
  }
}

export const live = new Live();

// For a component: control, as long as it lives.
export function watchControl(): void {
  $effect(() => live.watchControl());
}

// For a component: what it wants to see while it lives.
export function watch(patterns: () => string[]): void {
  $effect(() => live.watch(patterns()));
}
