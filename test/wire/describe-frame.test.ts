import { expect, test } from 'vitest';
import { describeFrame } from '../../src/wire/describe-frame.js';

const plain = {
  fin: false,
  rsv1: false,
  rsv2: false,
  rsv3: false,
  opcode: 1,
  masked: false,
  key: undefined,
  length: 0,
};

test.each([
  [{ fin: true, masked: true, key: Buffer.from('abcd'), length: 5 }, "ws frame:text:fin|mask:key=b'abcd' 5b"],
  [{ length: 3 }, 'ws frame:text 3b'],
  [{ opcode: 2, fin: true }, 'ws frame:binary:fin'],
  [{ opcode: 11, rsv1: true, rsv2: true, rsv3: true }, 'ws frame:11:rsv1|rsv2|rsv3'],
  [{ length: 1536 }, 'ws frame:text 1.5k'],
])('%j', (changes, line) => {
  expect(describeFrame({ ...plain, ...changes })).toBe(line);
});
