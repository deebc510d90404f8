// Changes WebSocket messages, and drops some. Run: mitmdump -s examples/addons/websocket-edit.ts
import type { HttpFlow } from 'pathod/proxy';

export function websocketMessage({ websocket }: HttpFlow): void {
  const message = websocket?.messages.at(-1);
  if (!message?.isText) return;
  if (!message.fromClient && message.text.startsWith('debug:')) message.drop();
  else message.text = message.text.replaceAll('http://', 'https://');
}
