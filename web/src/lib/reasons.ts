// Why a controller or the arbiter decided so, in the language of the reader.
//
// Sentences of fixed forms (sentences.ts): those of a controller are the templates of src/control/controllers, those of the
// arbiter come from explain() in src/control/arbiter.cpp.

import {text} from './format';
import {translated, withDecimal, type Form} from './sentences';
import type {Texts} from './texts.svelte';

export interface Reasons {
  forms: readonly Form[];
  // Of what stands in the places of sentences, not of whole sentences.
  parts: readonly Form[];
  decimal: string;
}

function part(words: string, reasons: Reasons): string {
  return translated(words, reasons.parts, (inner) => part(inner, reasons)) ?? withDecimal(words, reasons.decimal);
}

export function sentence(words: string, reasons: Reasons): string {
  // A controller of several batteries has a sentence for each.
  const all = words.split('; ').map((one) => translated(one, reasons.forms, (words) => part(words, reasons)));
  return all.every((one) => one !== undefined) ? all.join('; ') : words;
}

const levels = 'optimisation|contract|grid|operator|protection';
const demand = (name: string): string => `(?:(?<${name}>set|at most|at least) (?<${name}Value>\\S+?)|off)`;
const ruled = new RegExp(
  `^(?:(?<owner>.+?) \\((?<level>${levels})\\) wants ${demand('wants')}|nobody sets it: the fallback is (?<fallback>\\S+?))` +
    `(?:, (?<limiter>.+?) \\((?<limiterLevel>${levels})\\) allows ${demand('allows')}(?: \\((?<because>.*?)\\))?|, the range of the point allows (?<range>\\S+?))?` +
    '(?:: (?<reason>.*))?$',
  's',
);

// What the arbiter says of a point with this unit.
export function ruling(words: string, unit: string, t: Pick<Texts, 'control' | 'reasons'>): string {
  const found = ruled.exec(words)?.groups;
  if (!found) return sentence(words, t.reasons);
  const level = (name: string | undefined): string => t.control.levels[name as keyof typeof t.control.levels];
  const value = (number: string | undefined): string => text(Number(number), unit);
  const demanded = (word: string | undefined, number: string | undefined): string =>
    word === undefined ? t.control.wants.off('') : t.control.wants[word.replace(' ', '_') as 'set' | 'at_most' | 'at_least'](value(number));
  const said = [
    found['owner'] === undefined
      ? t.control.nobody(value(found['fallback']))
      : t.control.won(found['owner'], level(found['level']), demanded(found['wants'], found['wantsValue'])),
  ];
  if (found['limiter'] !== undefined) {
    said.push(t.control.bounded(found['limiter'], level(found['limiterLevel']), demanded(found['allows'], found['allowsValue'])));
  } else if (found['range'] !== undefined) {
    said.push(t.control.boundedByRange);
  }
  const reason = found['because'] ?? found['reason'];
  return `${said.join('; ')}.${reason ? ` “${sentence(reason, t.reasons)}”` : ''}`;
}
