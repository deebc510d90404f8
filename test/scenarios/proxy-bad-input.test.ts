// What people give wrongly is refused with one clear error that names it, and nothing is left behind.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConnectionError, FilterError, OptionError } from '../../src/errors.js';
import { snakeCase } from '../../src/options/define.js';
import { proxyOptions } from '../../src/proxy/options.js';
import { Proxy } from '../../src/proxy/proxy.js';
import type { ProxyOptions } from '../../src/proxy/proxy.js';
import { fileOf } from '../kit/certificates.js';
import { startedProxy } from '../kit/started-proxy.js';
import { temporaryDirectory } from '../kit/temporary-directory.js';

