import { describe, expect, it } from 'vitest';
import { OptionStore } from '../../src/proxy/option-store.js';

const help = 'An option.';

describe('settings as text', () => {
  it('are read by the options that they are for, at once or when these are declared', () => {
    const store = new OptionStore({ http2: true }, [
      'anything=1',
      'http2=false',
      'tcp_timeout=5',
      'words=a',
      'words=b=c',
    ]);
    expect(store.values).toMatchObject({ http2: true, tcpTimeout: 5 });
    store.declare('words', { type: 'list', help });
    store.declare('anything', { type: 'integer', default: 0, help });
    expect(store.values).toMatchObject({ words: ['a', 'b=c'], anything: 1 });
    store.checkNames();
  });

  it('are refused by these', () => {
    expect(() => new OptionStore({}, ['tcp_timeout=x'])).toThrow('tcp_timeout takes a whole number');
    const store = new OptionStore({}, ['mine=x']);
    expect(() => {
      store.declare('mine', { type: 'integer', help });
    }).toThrow('mine takes a whole number, not "x"');
  });

  it('that nobody declares are an error, unless somebody is still to come', () => {
    const store = new OptionStore({}, ['http3=true']);
    expect(() => {
      store.checkNames();
    }).toThrow('unknown option http3, did you mean http2?');
    store.checkNames(['http3']);
  });
});
