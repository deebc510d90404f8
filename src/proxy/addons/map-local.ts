import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expandHome } from '../../net/expand-home.js';
import { systemReason } from '../../net/system-error.js';
import type { OptionTable } from '../../options/define.js';
import { compilePattern } from '../filter/pattern/compile-pattern.js';
import type { FlowFilter } from '../filter/operator.js';
import type { HttpFlow } from '../flow/http-flow.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { mediaType } from '../message/media-types.js';
import { Response } from '../message/response.js';
import { localCandidates } from '../rules/local-candidates.js';
import { readRule, readRules } from '../rules/rule.js';
import { localResponse } from './local-response.js';
import { ownOptions } from './own-options.js';

const table = {
  mapLocal: {
    type: 'list',
    valueName: '/FILTER/URL-REGEX/PATH',
    help: 'Answer requests to URLs that match with a file, or with those in a directory. /FILTER may be left out.',
  },
} as const satisfies OptionTable;

/** A rule of the option `map_local`. */
interface LocalRule {
  readonly matches: FlowFilter;
  readonly pattern: RegExp;
  readonly path: string;
  readonly isDirectory: boolean;
}

/** Answers from files: the option `map_local`. */
export class MapLocal implements Addon {
  readonly name = 'map_local';
  readonly options = table;
  private rules: readonly LocalRule[] = [];

  configure(updated: ReadonlySet<string>, context: AddonContext): void {
    if (updated.has('mapLocal')) this.rules = readRules('map_local', ownOptions(table, context).mapLocal, readLocal);
  }

  isIdle(): boolean {
    return this.rules.length === 0;
  }

  request(flow: HttpFlow, context: AddonContext): void | Promise<void> {
    if (flow.response !== undefined || flow.error !== undefined || !flow.live) return undefined;
    const url = flow.request.prettyUrl;
    const rules = this.rules.filter(({ matches, pattern }) => pattern.test(url) && matches(flow));
    return rules.length === 0 ? undefined : this.answer(flow, url, rules, context);
  }

  private async answer(flow: HttpFlow, url: string, rules: readonly LocalRule[], { log }: AddonContext): Promise<void> {
    const files = rules.flatMap(({ pattern, path, isDirectory }) =>
      isDirectory ? (localCandidates(url, pattern, path) ?? []) : [path],
    );
    for (const file of files) {
      const content = await contentOf(file);
      if (content === undefined) continue;
      const type = mediaType(file);
      flow.response = localResponse(200, content, type === undefined ? {} : { 'Content-Type': type });
      return;
    }
    // A URL that leads out of the directory is nobody's but the server's.
    if (files.length === 0) return;
    log.warn(`${url} is in none of the places that map_local names: ${files.join(', ')}`);
    flow.response = Response.make(404);
  }
}

/** The bytes of a file; undefined when there is none, or it cannot be read. */
async function contentOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}

/** @throws {TypeError} and PatternError and FilterError for what is not valid */
function readLocal(text: string): LocalRule {
  const { matches, subject, replacement } = readRule(text);
  const pattern = compilePattern(subject, { over: 'text' });
  const path = resolve(expandHome(replacement));
  try {
    return { matches, pattern, path, isDirectory: statSync(path).isDirectory() };
  } catch (error) {
    throw new TypeError(`${path} cannot be read: ${systemReason(error).reason}`, { cause: error });
  }
}
