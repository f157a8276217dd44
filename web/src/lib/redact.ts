// What leaves the site in a support bundle has no secrets in it: values of keys that name one, and users or tokens in URLs.

const secret = /^(\s*(?:-\s+)?["']?(?:password|token|secret|key|pin|code|community)["']?\s*:\s*)(\S.*?)(\s+#.*)?$/gim;
const inUrl = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const inQuery = /([?&](?:password|token|secret|key|apikey)=)[^&\s"'}]+/gi;
const token = /\biw_[A-Za-z0-9_-]{8,}/g;

export const redact = (text: string): string =>
  text
    .replace(secret, (_, before: string, _value: string, comment: string | undefined) => `${before}[redacted]${comment ?? ''}`)
    .replace(inUrl, '$1[redacted]@')
    .replace(inQuery, '$1[redacted]')
    .replace(token, '[redacted]');
