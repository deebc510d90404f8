/** From what a script exports to addons. */
import { editDistance } from '../../options/suggest.js';
import { camelCase } from '../../options/set.js';
import type { Addon, AddonContext } from '../hooks/addon.js';
import { hookNames } from '../hooks/hook-table.js';
import type { HookName, HookTable } from '../hooks/hook-table.js';
import type { Loader } from '../hooks/loader.js';
import type { TcpFlow, UdpFlow } from '../flow/stream-flow.js';
import { OptionNames, scriptContext } from './script-context.js';
import type { ScriptContext } from './script-context.js';
import { scriptLoader } from './script-loader.js';
import { acceptSnakeNamesOf } from './snake-names.js';
import { withScriptPlaces } from './script-places.js';

/** What addons of a script are called by. */
interface ScriptFacts {
  /** The name of the file, for the log. */
  readonly name: string;
  /** The words behind it. */
  readonly words: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/**
 * The addons of a script: the module itself when it exports functions for hooks; its default export, when that is an
 * object or a class; those of its list `addons`.
 * @param exported what the script exports
 * @throws {TypeError} for what is no addon, and for a function whose name is nearly that of a hook
 */
export async function scriptAddons(
  exported: unknown,
  facts: ScriptFacts,
  context: AddonContext,
): Promise<readonly Addon[]> {
  const found = await partsOf(exported, () => scriptContext(context, facts.words));
  return found.map((part) => addonOf(part, facts));
}

async function partsOf(exported: unknown, context: () => ScriptContext): Promise<Members[]> {
  // CommonJS may export a class or a list.
  if (typeof exported === 'function' || Array.isArray(exported)) return instances(exported);
  const module = membersOf(exported);
  const { default: chosen, addons, start } = module;
  const parts = [
    ...(chosen === undefined ? [] : instances(chosen)),
    ...(addons === undefined ? [] : instances(addons)),
  ];
  // As in mitmproxy 1.0, what it gives stands for the whole script.
  const started =
    typeof start === 'function' ? await (start as (given: ScriptContext) => unknown)(context()) : undefined;
  if (typeof started === 'object' && started !== null) return [membersOf(started), ...parts];
  const hasOwn = parts.length === 0 || Object.keys(module).some((key) => key !== 'default' && isMember(key));
  return hasOwn ? [module, ...parts] : parts;
}

function instances(given: unknown): Members[] {
  if (Array.isArray(given)) return given.flatMap(instances);
  if (typeof given !== 'function') return [membersOf(given)];
  if (!isClass(given)) throw new TypeError('a script exports functions by the names of hooks, an object, or a class');
  return [membersOf(new given())];
}

function isClass(given: unknown): given is new () => unknown {
  return typeof given === 'function' && /^class\b/.test(Function.prototype.toString.call(given));
}

function membersOf(given: unknown): Members {
  if (typeof given === 'object' && given !== null) return given as Members;
  throw new TypeError(`an addon is an object with functions for hooks, not ${given === null ? 'null' : typeof given}`);
}

/** What an addon has besides hooks. */
const properties = ['name', 'options', 'commands', 'keepsServersAway'] as const;

function isMember(key: string): boolean {
  return properties.some((name) => name === key) || hookOf(key) !== undefined;
}

/** Names that mitmproxy 1.0 had, and that are no spellings of those of today. */
const olderNames: Readonly<Record<string, HookName>> = {
  clientconnect: 'clientConnected',
  clientdisconnect: 'clientDisconnected',
  serverconnect: 'serverConnect',
  serverdisconnect: 'serverDisconnected',
  tcp_open: 'tcpStart',
  tcp_close: 'tcpEnd',
};

function hookOf(name: string): HookName | undefined {
  const older = Object.hasOwn(olderNames, name) ? olderNames[name] : undefined;
  return older ?? hookNames.find((hook) => hook === camelCase(name));
}

function addonOf(members: Members, { name, words }: ScriptFacts): Addon {
  const hooks: Record<string, unknown> = {};
  let last: { readonly of: AddonContext; readonly context: ScriptContext } | undefined;
  const contextOf = (of: AddonContext): ScriptContext => {
    if (last?.of !== of) last = { of, context: scriptContext(of, words) };
    return last.context;
  };
  for (const key of namesIn(members)) {
    const member = members[key];
    const hook = hookOf(key);
    if (hook === undefined) checkName(key, member);
    else if (typeof member === 'function') {
      // A hook's, as its name says.
      const call = member as (subject: unknown, context: ScriptContext) => unknown;
      hooks[hook] = (subject: unknown, context: AddonContext): unknown =>
        placed(() => call.call(members, subjectOf(hook, subject, words, members), contextOf(context)));
    } else if (member !== undefined) throw new TypeError(`the script has something in ${key} that is no function`);
  }
  const { options, commands, keepsServersAway } = members as Addon;
  const addon = { name: nameOf(members) ?? name, options, commands, keepsServersAway, ...hooks };
  // What is undefined is as good as absent for whom reads it.
  return addon as Addon;
}

/** What a script is given: more than other addons, here and there. Each hook has its own subject. */
function subjectOf(hook: HookName, subject: unknown, words: readonly string[], members: Members): unknown {
  switch (hook) {
    case 'load':
      return scriptLoader(subject as Loader, words, members);
    case 'configure':
      return new OptionNames(subject as HookTable['configure']);
    case 'tcpMessage':
    case 'udpMessage':
      acceptSnakeNamesOf((subject as TcpFlow | UdpFlow).messages.at(-1));
      return subject;
    default:
      return subject;
  }
}

/** Calls a function of a script: what it throws names the place in the script. */
function placed(call: () => unknown): unknown {
  try {
    const returned = call();
    if (!(returned instanceof Promise)) return returned;
    return returned.catch((error: unknown) => {
      throw withScriptPlaces(error).error;
    });
  } catch (error) {
    throw withScriptPlaces(error).error;
  }
}

function nameOf(members: Members): string | undefined {
  const { name } = members;
  if (typeof name === 'string') return name;
  const { constructor } = members;
  return isClass(constructor) ? constructor.name : undefined;
}

/** All names, those of the methods of classes among them. */
function namesIn(members: object): ReadonlySet<string> {
  const names = new Set<string>();
  for (let at: object | null = members; at !== null && at !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    at = Object.getPrototypeOf(at) as object | null;
  }
  names.delete('constructor');
  return names;
}

/** @throws {TypeError} for a function that somebody means for a hook, and that nobody would call */
function checkName(name: string, member: unknown): void {
  if (typeof member !== 'function' || isClass(member)) return;
  const meant = hookNames.find((hook) => editDistance(camelCase(name), hook) <= 1);
  if (meant !== undefined) throw new TypeError(`there is no hook ${name}, did you mean ${meant}?`);
}
