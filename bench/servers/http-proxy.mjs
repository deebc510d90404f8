// The npm package http-proxy as a reverse proxy: as its README has it, or with connections to the server kept open.
//
//     node http-proxy.mjs TARGET [--keep-alive]
import { Agent } from 'node:http';
import httpProxy from 'http-proxy';

const keepAlive = process.argv.includes('--keep-alive');
const agent = keepAlive ? new Agent({ keepAlive, maxSockets: Infinity }) : undefined;
const proxy = httpProxy.createProxyServer({ target: process.argv[2], agent });
proxy.on('error', () => {});
const server = proxy.listen(0, '127.0.0.1')._server;
server.on('listening', () => console.log(`listening on ${server.address().port}`));
