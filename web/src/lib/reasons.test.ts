import {describe, expect, it, vi} from 'vitest';

vi.stubGlobal('localStorage', {getItem: () => null, setItem: () => undefined});
vi.stubGlobal('navigator', {language: 'en'});

const {ruling, sentence} = await import('./reasons');
const {settings} = await import('./settings.svelte');
const {say} = await import('./texts.svelte');

const inGerman = <T>(look: () => T): T => {
  settings.language = 'de';
  try {
    return look();
  } finally {
    settings.language = 'en';
  }
};
const german = (words: string): string => inGerman(() => sentence(words, say.now.reasons));

describe('the reasons of controllers', () => {
  it('come in the language of the reader, with their values', () => {
    expect(german('12.3 kW without the batteries, 10.0 kW allowed until the interval ends (peak 10.0 kW): 2.3 kW wanted of them')).toBe(
      '12,3 kW ohne die Speicher, 10,0 kW erlaubt, bis das Intervall endet (Spitze 10,0 kW): 2,3 kW von ihnen verlangt',
    );
    expect(german('the site exports 5.1 kW of 5.0 kW allowed: at most 900 W for what it moves')).toBe(
      'der Standort liefert 5,1 kW von erlaubten 5,0 kW: höchstens 900 W für das, was er stellt',
    );
    expect(german('49.950 Hz: 3.0 kW wanted, 2.5 kW possible')).toBe('49,950 Hz: 3,0 kW verlangt, 2,5 kW möglich');
  });

  it('say what is missing, and where', () => {
    expect(german('blind (grid meter/ActivePower: not for control: too old), wishes nothing')).toBe('blind (grid meter/ActivePower: zu alt zum Regeln), wünscht nichts');
    expect(german('blind (the level is not seen), wishes nothing')).toBe('blind (die Stufe ist nicht zu sehen), wünscht nichts');
    expect(german('level 2 (not seen any more, kept): 50 % of normal, 50 % wanted')).toBe('Stufe 2 (nicht mehr zu sehen, behalten): 50 % des Üblichen, 50 % verlangt');
    expect(german('level 2: 50 % of normal, 50 % wanted')).toBe('Stufe 2: 50 % des Üblichen, 50 % verlangt');
  });

  it('of several batteries are a sentence each', () => {
    expect(german('east is at 9 %: not discharged below 10 %; west is not seen: not discharged')).toBe(
      'east steht bei 9 %: wird nicht unter 10 % entladen; west ist nicht zu sehen: wird nicht entladen',
    );
  });

  it('of rules and times name what they do', () => {
    expect(german('window 06:00 to 22:00: battery/ActivePowerSetpoint at most 3000, and others')).toBe(
      'Zeitfenster 06:00 bis 22:00: battery/ActivePowerSetpoint höchstens 3000 und andere',
    );
  });

  it('stay as they came in English, and where the form is not known', () => {
    expect(sentence('no window is on', say.now.reasons)).toBe('no window is on');
    expect(german('load test until 2.5 is reached; then off')).toBe('load test until 2.5 is reached; then off');
  });
});

describe('what the arbiter says', () => {
  const words = 'anna (operator) wants set 5000, dso (grid) allows at most 3000 (the site imports 5.1 kW of 5.0 kW allowed: nothing needs a limit): load test';
  it('has the unit of the point, and both who won and who limits', () => {
    expect(ruling(words, 'W', say.now)).toBe('anna (operator) wants 5.00 kW; dso (grid) allows at most 3.00 kW. “the site imports 5.1 kW of 5.0 kW allowed: nothing needs a limit”');
  });
  it('comes in the language of the reader, down to the reason', () => {
    expect(inGerman(() => ruling(words, 'W', say.now))).toBe(
      'anna (Betreiber) will 5,00 kW; dso (Netz) erlaubt höchstens 3,00 kW. “der Standort bezieht 5,1 kW von erlaubten 5,0 kW: nichts braucht eine Grenze”',
    );
  });
  it('of a fallback, an off and a range, too', () => {
    expect(ruling('nobody sets it: the fallback is 9000', 'W', say.now)).toBe('Nobody sets it: the default is 9.00 kW.');
    expect(ruling('dso (grid) wants off: work on the line', 'W', say.now)).toBe('dso (grid) wants off. “work on the line”');
    expect(ruling('anna (operator) wants set 20000, the range of the point allows 10000', 'W', say.now)).toContain('the range of the point ends there');
  });
  it('is shown as it came when it is of another form', () => {
    expect(ruling('as its members', 'W', say.now)).toBe('as its members');
  });
});
