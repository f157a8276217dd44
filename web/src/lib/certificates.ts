// The certificates of the gateway, as its API tells of them.

export type CertificateState = 'good' | 'ends_soon' | 'not_yet_valid' | 'ended';

export interface Certificate {
  subject: string;
  issuer: string;
  names: string[];
  serial: string;
  sha256: string;
  key: string;
  not_before: string;
  not_after: string;
  days_left: number;
  state: CertificateState;
  is_authority: boolean;
  signs_itself: boolean;
}

export interface CertificateFile {
  file: string;
  key_file: string | null;
  used_by: {user: 'api' | 'line' | 'output'; name: string}[];
  state: CertificateState | 'unusable';
  says: string;
  remedy: string;
  certificates: Certificate[];
}

// How much of its life is over, from 0 to 1.
export function spent({not_before, not_after}: Pick<Certificate, 'not_before' | 'not_after'>, now: number): number {
  const from = Date.parse(not_before);
  const to = Date.parse(not_after);
  return to > from ? Math.min(1, Math.max(0, (now - from) / (to - from))) : 1;
}

// "gateway.lan" of "CN=gateway.lan,O=Example" (RFC 2253); the whole when it has no common name.
export function commonName(subject: string): string {
  const found = /(?:^|,)CN=((?:\\.|[^,\\])*)/.exec(subject);
  return found ? found[1]!.replace(/\\(.)/g, '$1') : subject;
}
