// Changes what passes on plain TCP connections. Run: mitmdump --tcp-hosts '.*' -s examples/addons/tcp-edit.ts
import type { TcpFlow } from 'pathod/proxy';

export function tcpMessage({ messages }: TcpFlow): void {
  const message = messages.at(-1);
  if (message === undefined) return;
  // Latin-1 keeps every byte as it is. A message is what arrived at once: a word may be split between two.
  const text = message.content.toString('latin1');
  message.content = Buffer.from(text.replaceAll('Hello', 'HELLO'), 'latin1');
}
