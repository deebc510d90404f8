/** Vectors of flows in the form in which other programs are told of them. */
import { gzipSync } from 'node:zlib';
import { exportFormats } from '../../src/proxy/export/formats.js';
import { HttpFlow } from '../../src/proxy/flow/http-flow.js';
import { Request } from '../../src/proxy/message/request.js';
import { Response } from '../../src/proxy/message/response.js';

interface ExportCase {
  readonly req: {
    readonly method?: string;
    readonly scheme?: string;
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly ver?: string;
    readonly auth?: string;
    readonly hs: readonly (readonly [string, string])[];
  };
  readonly body_hex: string;
  readonly resp: boolean;
  readonly keep_ip: boolean;
}

/** The forms that the corpus knows. */
const forms = ['curl', 'httpie', 'raw', 'raw_request', 'raw_response'] as const;

export const exportSubjects = {
  export: ({ req, body_hex: body, resp, keep_ip: keepsAddress }: ExportCase) => {
    const { ver: httpVersion, auth: authority, hs: headers, ...rest } = req;
    const init = { host: 'example.com', port: 80, ...rest, httpVersion, authority, headers };
    const flow = new HttpFlow(new Request({ ...init, rawContent: Buffer.from(body, 'hex') }));
    if (keepsAddress) flow.serverConn.peername = ['192.168.0.1', 22];
    if (resp) {
      flow.response = new Response({
        ...{ statusCode: 200, reason: 'OK', rawContent: gzipSync('hello gz') },
        headers: { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip' },
      });
    }
    return Object.fromEntries(
      forms.map((form) => [form, outcome(() => exportFormats[form].write(flow, { keepsAddress }))]),
    );
  },
};

function outcome(write: () => string | Buffer): unknown {
  try {
    const written = write();
    return { out: typeof written === 'string' ? written : written.toString('latin1') };
  } catch {
    return { error: 'CommandError' };
  }
}
