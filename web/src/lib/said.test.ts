import {describe, expect, it, vi} from 'vitest';

vi.stubGlobal('localStorage', {getItem: () => null, setItem: () => undefined});
vi.stubGlobal('navigator', {language: 'en'});

const {sayIn, wordIn} = await import('./said');
const {settings} = await import('./settings.svelte');
const {say} = await import('./texts.svelte');

const german = (words: string): string => {
  settings.language = 'de';
  try {
    return sayIn(say.now, words);
  } finally {
    settings.language = 'en';
  }
};

describe('what the gateway says', () => {
  it('comes in the language of the reader, with its values', () => {
    expect(german('connected, but unit 9 does not answer (3 attempts)')).toBe('verbunden, aber Gerät 9 antwortet nicht (3 Versuche)');
    expect(german('5.2 kW is above the limit of 5 kW')).toBe('5,2 kW liegt über der Grenze von 5 kW');
    expect(german('there is no device \'roof\'')).toBe('es gibt kein Gerät „roof“');
  });

  it('is of findings in a configuration, too', () => {
    expect(german("'profile' is missing: id: its path in the catalogue")).toBe('„profile“ fehlt: Kennung: sein Pfad im Katalog');
    expect(german("expected a whole number from 1 to 247, found 'one'")).toBe("erwartet wird eine ganze Zahl von 1 bis 247, gefunden 'one'");
    expect(german("no such key here, did you mean 'devices'?")).toBe('diesen Schlüssel gibt es hier nicht, war „devices“ gemeint?');
    expect(german('expected a list, each one of fast, slow, found fast')).toBe('erwartet wird eine Liste, jedes eines von fast, slow, gefunden fast');
    expect(german("no time zone 'Europa/Berlin': keine solche Datei")).toBe('keine Zeitzone „Europa/Berlin“: keine solche Datei');
  });

  it('is not taken for a change, nor is what stands in brackets left out', () => {
    expect(german("'modbus://h?unit=300': unit=300 is out of range, allowed are 0 to 255")).toBe('„modbus://h?unit=300“: unit=300 ist außerhalb, erlaubt ist 0 bis 255');
    expect(german("'rates': normal is 2s, was 1s")).toBe('„rates“: normal ist 2s, war 1s');
    expect(german('(found at the start)')).toBe('(beim Start vorgefunden)');
  });

  it('is of what is known of devices', () => {
    expect(german('The unit id depends on how the battery is connected (225 is the BMS-Can port of a Cerbo GX); the GX lists it under Settings, Services, Modbus TCP, Available services.')).toBe(
      'Die Geräteadresse hängt davon ab, wie die Batterie angeschlossen ist (225 ist der BMS-Can-Anschluss eines Cerbo GX); das GX nennt sie unter Settings, Services, Modbus TCP, Available services.',
    );
    expect(german('Mind the gap.')).toBe('Mind the gap.');
  });

  it('may be a word, where one of the gateway stands', () => {
    settings.language = 'de';
    expect(wordIn(say.now, 'history')).toBe('Verlauf');
    expect(sayIn(say.now, 'history')).toBe('history');
    settings.language = 'en';
    expect(wordIn(say.now, 'history')).toBe('history');
  });

  it('may have sentences in its places, and stand in a row', () => {
    expect(german('modbus://192.0.2.7:502: not connected: can not connect to 192.0.2.7:502: Connection refused')).toBe(
      'modbus://192.0.2.7:502: nicht verbunden: keine Verbindung zu 192.0.2.7:502: Verbindung abgewiesen',
    );
    expect(german("there is no parameter 'form', did you mean 'from'?")).toBe('es gibt keinen Parameter „form“, war „from“ gemeint?');
    expect(german("anna: device 'pv' is new; 'rates' is changed")).toBe('anna: Gerät „pv“ ist neu; „rates“ ist geändert');
    expect(german('invalid: old data, no connection')).toBe('ungültig: alte Daten, keine Verbindung');
    expect(
      german(
        'units 1, 255, 2 are silent too; is the unit id right (interwatt scan --units all finds it), and is the device switched on? check baud rate, parity, and that A and B are not swapped',
      ),
    ).toBe(
      'auch 1, 255, 2 sind stumm; stimmt die Geräteadresse (interwatt scan --units all findet sie), und ist das Gerät eingeschaltet? Baudrate und Parität prüfen, und ob A und B vertauscht sind',
    );
  });

  it('leaves names as they are, also those that are words', () => {
    expect(german('grid did not answer within 1000 ms')).toBe('grid hat nicht innerhalb von 1000 ms geantwortet');
    expect(german('operator is viewer; this takes engineer')).toBe('operator ist Betrachter (viewer); dazu braucht es Techniker (engineer)');
    expect(german('grid: connection lost: operator broke the connection')).toBe('grid: Verbindung verloren: operator hat die Verbindung abgebrochen');
  });

  it('stays as it came in English, and where the form is not known', () => {
    expect(sayIn(say.now, 'gateway started')).toBe('gateway started');
    expect(german('a fuse, on the way')).toBe('a fuse, on the way');
    expect(german('')).toBe('');
  });
});
