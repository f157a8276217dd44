// Sentences of the gateway in the language of the reader.
//
// The gateway says everything in English, in sentences of fixed forms with values in their places. The texts have each form
// with its translation: the form is the stable code, what stands in its places are the parameters. They are taken out and put
// into the translated sentence. What has no known form, as what people wrote, is shown as it came. tests/lint/reasons.py and
// tests/lint/said.py hold the forms against the source.

// A sentence with its places for values, in the words of the gateway and in those of the reader: "{name}" takes any text,
// "{name?}" also none.
export type Form = readonly [theirs: string, ours: string];

const escaped = (words: string): string => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const place = /(\{\w+\??\})/;

interface Matcher {
  theirs: RegExp;
  ours: string;
  // What it begins and ends with, which is cheaper to look at; how much of it is no place.
  head: string;
  tail: string;
  fixed: number;
}

function matcher([theirs, ours]: Form): Matcher {
  const parts = theirs.split(place);
  const pattern = parts.map((part, i) => {
    const found = /^\{(\w+)(\??)\}$/.exec(part);
    // What a sentence begins with is a subject, not another sentence with a colon behind it.
    const any = i === 1 && parts[0] === '' ? '(?:(?!: ).)' : '.';
    return found ? `(?<${found[1]}>${any}${found[2] ? '*' : '+'}?)` : escaped(part);
  });
  return {
    theirs: new RegExp(`^${pattern.join('')}$`, 's'),
    ours,
    head: parts[0]!,
    tail: parts.at(-1)!,
    fixed: parts.filter((_, i) => i % 2 === 0).join('').length,
  };
}

const compiled = new WeakMap<readonly Form[], Matcher[]>();

// What says the most comes first: a form that is hardly more than its places takes only what no other does.
function matchers(forms: readonly Form[]): Matcher[] {
  let found = compiled.get(forms);
  if (!found) {
    found = forms.map(matcher).sort((a, b) => b.fixed - a.fixed);
    compiled.set(forms, found);
  }
  return found;
}

export function translated(words: string, forms: readonly Form[], part: (words: string, place: string) => string): string | undefined {
  for (const {theirs, ours, head, tail} of matchers(forms)) {
    if (!words.startsWith(head) || !words.endsWith(tail)) continue;
    const match = theirs.exec(words);
    if (match) return ours.replace(/\{(\w+)\??\}/g, (_, name: string) => part(match.groups?.[name] ?? '', name));
  }
  return undefined;
}

// A number at the beginning, as this language writes it.
export const withDecimal = (words: string, decimal: string): string => words.replace(/^(-?\d+)\.(\d+)(?= |$)/, `$1${decimal}$2`);
