// The frame of all pages: navigation, settings, the connection, signing in, what went wrong.

export const en = {
  nav: {overview: 'Overview', devices: 'Devices', history: 'History', alarms: 'Alarms', lines: 'Lines', tools: 'Tools', control: 'Control', controllers: 'Controllers', system: 'System', skip: 'Skip to content', main: 'Pages'},
  settings: {open: 'Settings', theme: 'Theme', language: 'Language', system: 'As the system', light: 'Light', dark: 'Dark'},
  connection: {
    live: 'Live',
    paused: 'Paused',
    lost: (age: string) => `The gateway does not answer. What you see is ${age} old; it goes on by itself when the gateway is back.`,
  },
  signIn: {
    title: 'Sign in',
    first: 'Set the first password',
    firstWhy: 'The gateway has no user yet. It printed a code on its console: whoever can read that is its first admin.',
    code: 'Code from the console',
    name: 'Name',
    password: 'Password',
    again: 'Password, once more',
    least: (n: number) => `At least ${n} characters.`,
    differs: 'The two passwords differ.',
    set: 'Set the password',
    enter: 'Sign in',
    leave: 'Sign out',
    demo: 'A demonstration: everybody on this machine may look, nobody needs a password.',
  },
  problem: {
    unreachable: 'The gateway does not answer.',
    retry: 'Try again',
    notFound: 'There is no such page.',
    home: 'To the overview',
  },
  loading: 'Loading …',
};

export const de: typeof en = {
  nav: {overview: 'Übersicht', devices: 'Geräte', history: 'Verlauf', alarms: 'Alarme', lines: 'Linien', tools: 'Werkzeuge', control: 'Steuerung', controllers: 'Regler', system: 'System', skip: 'Zum Inhalt', main: 'Seiten'},
  settings: {open: 'Einstellungen', theme: 'Farben', language: 'Sprache', system: 'Wie das System', light: 'Hell', dark: 'Dunkel'},
  connection: {
    live: 'Live',
    paused: 'Angehalten',
    lost: (age) => `Das Gateway antwortet nicht. Was Sie sehen, ist ${age} alt; es geht von selbst weiter, sobald es wieder da ist.`,
  },
  signIn: {
    title: 'Anmelden',
    first: 'Das erste Kennwort',
    firstWhy: 'Das Gateway hat noch keinen Benutzer. Es hat einen Code auf seine Konsole geschrieben: Wer ihn lesen kann, ist der erste Verwalter.',
    code: 'Code von der Konsole',
    name: 'Name',
    password: 'Kennwort',
    again: 'Kennwort, noch einmal',
    least: (n) => `Mindestens ${n} Zeichen.`,
    differs: 'Die beiden Kennwörter sind verschieden.',
    set: 'Kennwort setzen',
    enter: 'Anmelden',
    leave: 'Abmelden',
    demo: 'Eine Vorführung: Jeder an diesem Rechner darf zusehen, niemand braucht ein Kennwort.',
  },
  problem: {
    unreachable: 'Das Gateway antwortet nicht.',
    retry: 'Noch einmal versuchen',
    notFound: 'Diese Seite gibt es nicht.',
    home: 'Zur Übersicht',
  },
  loading: 'Lädt …',
};
