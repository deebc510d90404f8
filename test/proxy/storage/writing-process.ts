/** Writes flows to the file it is given, one after the other without end, and says how many are safe. */
import { HttpFlow } from '../../../src/proxy/flow/http-flow.js';
import { Request } from '../../../src/proxy/message/request.js';
import { FlowFileWriter } from '../../../src/proxy/flow-file-writer.js';

const writer = await FlowFileWriter.open(process.argv[2] ?? '', { append: true });
for (let i = 0; ; i++) {
  void writer.write(new HttpFlow(Request.make('POST', `http://a.test/${String(i)}`, Buffer.alloc(5000, 'x'))));
  await writer.flush();
  process.stdout.write(`${String(i + 1)}\n`);
}
