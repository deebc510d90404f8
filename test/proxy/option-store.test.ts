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

  it('leave an option undeclared when they are refused, and wait for another one', () => {
    for (const store of [new OptionStore({}, ['mine=x']), new OptionStore({ mine: 'x' })]) {
      expect(() => {
        store.declare('mine', { type: 'integer', help });
      }).toThrow('mine takes a whole number, not "x"');
      store.update({ http2: false });
      expect(store.values.http2).toBe(false);
      store.declare('mine', { type: 'string', help });
      expect(store.values['mine']).toBe('x');
    }
  });

  it('that nobody declares are an error, unless somebody is still to come', () => {
    const store = new OptionStore({}, ['http3=true']);
    expect(() => {
      store.checkNames();
    }).toThrow('unknown option http3, did you mean http2?');
    store.checkNames(['http3']);
  });
});

describe('values for options that are not there any more', () => {
  it('wait until they are', () => {
    const store = new OptionStore({ mine: 'x' });
    store.declare('mine', { type: 'string', help });
    store.forget('mine');
    store.update({ http2: false });
    expect(store.values).toMatchObject({ http2: false });
    expect(() => store.update({ mine: 'y' })).toThrow('unknown option mine');
    store.declare('mine', { type: 'string', help });
    expect(store.values['mine']).toBe('x');
  });
});
