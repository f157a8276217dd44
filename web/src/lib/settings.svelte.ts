// What this browser remembers of its user.

export type Language = 'en' | 'de';
export type Theme = 'system' | 'light' | 'dark';

function remembered<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  const found = localStorage.getItem(key);
  return allowed.find((word) => word === found) ?? otherwise;
}

const spoken: Language = navigator.language.startsWith('de') ? 'de' : 'en';

class Settings {
  language = $state<Language>(remembered('language', ['en', 'de'] as const, spoken));
  theme = $state<Theme>(remembered('theme', ['system', 'light', 'dark'] as const, 'system'));
  // The asset that measures the connection to the grid; empty: found by its name.
  gridMeter = $state(localStorage.getItem('gridMeter') ?? '');

  remember(): void {
    localStorage.setItem('language', this.language);
    localStorage.setItem('theme', this.theme);
    localStorage.setItem('gridMeter', this.gridMeter);
    document.documentElement.lang = this.language;
    document.documentElement.dataset.theme = this.theme;
  }
}

export const settings = new Settings();
