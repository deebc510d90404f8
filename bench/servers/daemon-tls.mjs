// The daemon over TLS, from the build, with its log on.
//
//     node daemon-tls.mjs CERTIFICATE-AND-KEY.pem
import { Daemon } from 'pathod';

const daemon = await Daemon.start({ ssl: true, certs: [process.argv[2]], anchors: [['/fixed', "200:b'hello'"]] });
console.log(`listening on ${daemon.port}`);
