/** The server behind the proxy: pathod, which serves whatever the path asks for. */
import { Daemon } from '../../src/pathod/index.js';

const daemon = await Daemon.start();
process.on('message', () => process.send?.(true));
process.on('disconnect', () => process.exit());
process.send?.(daemon.port);
