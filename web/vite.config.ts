import {svelte} from '@sveltejs/vite-plugin-svelte';
import {defineConfig} from 'vitest/config';

// `npm run dev` beside a running gateway: what is not a file of the dashboard is asked of the gateway.
const gateway = process.env.INTERWATT_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte()],
  build: {target: 'es2022', modulePreload: {polyfill: false}, assetsInlineLimit: 0},
  server: {proxy: {'/api': {target: gateway, ws: true}}},
  test: {include: ['src/**/*.test.ts']},
});
