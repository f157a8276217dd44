// What the gateway says besides its reasons, in the language of the reader: events, problems, what to do about them, how a test
// goes. Sentences of fixed forms (sentences.ts), which may stand in one another ("pv: connection lost: ...").

import {translated, withDecimal, type Form} from './sentences';
import type {Texts} from './texts.svelte';

export interface Said {
  forms: readonly Form[];
  // Words that are too short to be a sentence: only in the places of one, or behind a colon.
  parts: readonly Form[];
  decimal: string;
}

// Places that hold words of the gateway; what stands in the others are names, which stay: a device may be called "grid".
const worded = new Set(['why', 'what', 'hint', 'more', 'how', 'state', 'quality', 'level', 'role', 'needed']);

function whole(words: string, said: Said, within: boolean): string | undefined {
  const inside = (one: string, place: string): string => (worded.has(place) ? part(one, said) : withDecimal(one, said.decimal));
  return translated(words, said.forms, inside) ?? (within ? translated(words, said.parts, inside) : undefined);
}

// Sentences in a row, a subject and what is said of it, or a list: at the first joint with something known behind it.
function jointed(words: string, said: Said, within: boolean): string | undefined {
  for (const joint of ['; ', ': ', ', ']) {
    for (let at = words.indexOf(joint); at >= 0; at = words.indexOf(joint, at + 1)) {
      const left = words.slice(0, at);
      const right = words.slice(at + joint.length);
      const leftSaid = look(left, said, within && joint === ', ');
      const rightSaid = look(right, said, within || joint === ': ');
      if (rightSaid === undefined && (joint !== ': ' || leftSaid === undefined)) continue;
      return (leftSaid ?? left) + joint + (rightSaid ?? withDecimal(right, said.decimal));
    }
  }
  return undefined;
}

function look(words: string, said: Said, within: boolean): string | undefined {
  return whole(words, said, within) ?? jointed(words, said, within);
}

function part(words: string, said: Said): string {
  const [, before = '', inner = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(words) ?? [];
  return look(words, said, true) ?? before + (look(inner, said, true) ?? withDecimal(inner, said.decimal)) + after;
}

// A word that is too short to be a sentence, where one of the gateway's stands.
export const wordIn = ({said}: Pick<Texts, 'said'>, words: string): string =>
  said.forms.length === 0 || !words ? words : (look(words, said, true) ?? words);

const most = 2000;
const known = new WeakMap<Said, Map<string, string>>();

export function sayIn({said}: Pick<Texts, 'said'>, words: string): string {
  if (said.forms.length === 0 || !words) return words;
  let seen = known.get(said);
  if (!seen || seen.size >= most) known.set(said, (seen = new Map()));
  const found = seen.get(words) ?? look(words, said, false) ?? words;
  seen.set(words, found);
  return found;
}
