import {describe, expect, it} from 'vitest';

import {givenTls, linesOf, noTlsFiles, rowsText, suggestedName} from './commissioning';

const identity = {manufacturer: 'Huawei', model: 'SUN2000-10KTL', version: '', serial_number: ''};

describe('the name of a device that was found', () => {
  it('is what it says of itself', () => {
    expect(suggestedName(identity, 1, new Set())).toBe('huawei-sun2000-10ktl');
  });
  it('is one that nobody has', () => {
    expect(suggestedName(identity, 1, new Set(['huawei-sun2000-10ktl', 'huawei-sun2000-10ktl-2']))).toBe('huawei-sun2000-10ktl-3');
  });
  it('is its unit when it says nothing', () => {
    expect(suggestedName({manufacturer: '', model: '', version: '', serial_number: ''}, 7, new Set())).toBe('unit-7');
  });
});

describe('rows that are not saved', () => {
  it('stay as they were pasted', () => {
    const row = {line: 1, state: 'failed', detail: '', remedy: '', stages: [], identity: null, looks_like: [], good_values: 0, values: 0} as const;
    expect(rowsText([{...row, stages: [], looks_like: [], device: {name: 'pv', connect: 'modbus://192.0.2.1'}}])).toBe('pv\tmodbus://192.0.2.1\t');
  });
});

describe('files for devices behind TLS', () => {
  const files = {...noTlsFiles(), ca: ' ca.pem ', certificate: 'us.pem', key: 'us.key'};
  it('are sent only where something was filled in', () => {
    expect(givenTls(noTlsFiles())).toEqual({});
    expect(givenTls(files)).toEqual({tls: {ca: 'ca.pem', certificate: 'us.pem', key: 'us.key'}});
  });
  it('make one section for each line behind TLS', () => {
    const connects = ['modbus+tls://192.0.2.1?unit=1', 'modbus+tls://192.0.2.1?unit=2', 'modbus://192.0.2.2', 'modbus+tls://192.0.2.3'];
    expect(linesOf(connects, files).lines?.map(({connect}) => connect)).toEqual(['modbus+tls://192.0.2.1', 'modbus+tls://192.0.2.3']);
    expect(linesOf(connects, noTlsFiles())).toEqual({});
    expect(linesOf(['modbus://192.0.2.2'], files)).toEqual({});
  });
});
