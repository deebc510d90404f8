import { declareClause, PlainClause, ValueClause } from '../clause.js';
import type { Clause, FieldClause } from '../clause.js';
import { oneOf } from '../scan.js';
import { userAgents } from '../user-agents.js';
import type { UserAgent } from '../user-agents.js';
import { Literal, value } from '../values.js';
import type { Value } from '../values.js';

const fieldName = Literal.of('User-Agent');

/** A User-Agent field with a value of its own. */
class UserAgentValue extends ValueClause implements FieldClause {
  readonly name = 'useragent';
  protected readonly lead = 'u';

  get field(): readonly [Value, Value] {
    return [fieldName, this.value];
  }

  protected with(agent: Value): Clause {
    return new UserAgentValue(agent);
  }
}

/** A User-Agent field by the name of a well-known program. It prints as its letter, frozen or not. */
class UserAgentShortcut extends PlainClause implements FieldClause {
  readonly name = 'useragent';
  readonly field: readonly [Value, Value];
  readonly spec: string;

  constructor(agent: UserAgent) {
    super();
    this.spec = `u${agent.letter}`;
    this.field = [fieldName, Literal.of(agent.header)];
  }
}

const byWord = new Map(userAgents.flatMap((agent) => [[agent.name, agent] as const, [agent.letter, agent] as const]));

// Names before letters, or `uandroid` would be `ua` and rubbish.
const shortcut = oneOf([...userAgents.map((agent) => agent.name), ...userAgents.map((agent) => agent.letter)], {
  caseless: true,
  label: 'SHORTCUT',
});

export const userAgentShortcut = declareClause({
  name: 'useragent',
  syntax: ['u', shortcut],
  help: 'Set the User-Agent to that of a well-known program; pathoc --show-uas lists them.',
  make: ([word]) => {
    const agent = byWord.get(word);
    if (!agent) throw new TypeError(`no user agent is called ${word}`);
    return new UserAgentShortcut(agent);
  },
});

export const userAgent = declareClause({
  name: 'useragent',
  syntax: ['u', value],
  help: "Set the User-Agent: short for h'User-Agent'=VALUE.",
  make: ([agent]) => new UserAgentValue(agent),
});
