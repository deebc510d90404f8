/** Something that one end sent the other, as tests write it. */
export type Sent = { readonly fromClient: string | Buffer } | { readonly fromServer: string | Buffer };

export function isFromClient(sent: Sent): boolean {
  return 'fromClient' in sent;
}

export function contentOf(sent: Sent): string | Buffer {
  return 'fromClient' in sent ? sent.fromClient : sent.fromServer;
}
