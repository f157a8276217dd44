import {describe, expect, it} from 'vitest';

import {redact} from './redact';

describe('a support bundle', () => {
  it('has no values of keys that name a secret', () => {
    expect(redact('tls:\n  key: /etc/iw/key.pem  # ours\n  ca: ca.pem\n')).toBe('tls:\n  key: [redacted]  # ours\n  ca: ca.pem\n');
    expect(redact('- token: "abc"')).toBe('- token: [redacted]');
  });
  it('has no users and tokens in addresses', () => {
    expect(redact('url: https://anna:river@example.test/write?token=abc&db=x')).toBe('url: https://[redacted]@example.test/write?token=[redacted]&db=x');
    expect(redact('Bearer iw_0123456789abcdef')).toBe('Bearer [redacted]');
  });
  it('leaves everything else as it is', () => {
    const text = 'devices:\n  - name: keyboard\n    connect: modbus+rtu:///dev/ttyUSB0?baud=9600&unit=3\n';
    expect(redact(text)).toBe(text);
  });
});
