// The npm package http-proxy as a reverse proxy, at its fastest: connections are kept open.
//
//     node http-proxy.mjs TARGET
import { Agent } from 'node:http';
import httpProxy from 'http-proxy';

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
const proxy = httpProxy.createProxyServer({ target: process.argv[2], agent });
proxy.on('error', () => {});
const server = proxy.listen(0, '127.0.0.1')._server;
server.on('listening', () => console.log(`listening on ${server.address().port}`));
