/** `vectors/*.json`: a file a function, with what goes in and what comes out of each case. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { casesIn, filesIn } from './corpus-files.js';
import { differences } from './differences.js';
import { dnsSubjects } from './dns-facts.js';
import { authSubjects } from './auth-subjects.js';
import { exportSubjects } from './export-subjects.js';
import { writeFixtures } from './fixture-directory.js';
import { hostListSubjects } from './host-list-subjects.js';
import { attempt, readable, skipped } from './suite.js';
import type { CaseResult } from './suite.js';
import { http1Subjects } from './http1-subjects.js';
import { messageSubjects } from './message-subjects.js';
import { modeSubjects } from './mode-subjects.js';
import { notationSubjects } from './notation-subjects.js';
import { optionSubjects } from './option-subjects.js';
import { replaySubjects } from './replay-subjects.js';
import { ruleSubjects } from './rule-subjects.js';
import { saveSubjects } from './save-subjects.js';
import { viewOrderSubjects } from './view-order-subjects.js';
import { viewSubjects } from './view-subjects.js';

/** What a case is put through, perhaps over time. An error that is thrown is an outcome; `in` and `out` are as the corpus has them. */
export type Subject = (input: never) => unknown;

type Subjects = Readonly<Record<string, Subject>>;

/** Functions of ours by the names that files have. Files of other names are counted as skipped. */
const pureSubjects: Subjects = {
  ...authSubjects,
  ...dnsSubjects,
  ...exportSubjects,
  ...hostListSubjects,
  ...messageSubjects,
  ...http1Subjects,
  ...modeSubjects,
  ...notationSubjects,
  ...optionSubjects,
  ...replaySubjects,
  ...ruleSubjects,
  ...saveSubjects,
  ...viewSubjects,
};

interface VectorCase {
  readonly in: unknown;
  readonly out?: unknown;
  readonly error?: string;
}

export async function checkVectors(directory: string): Promise<CaseResult[]> {
  const fixtures = writeFixtures(directory);
  try {
    const results: CaseResult[] = [];
    for (const file of filesIn(directory, 'vectors', '.json')) {
      // It says what the vectors speak of.
      if (file === 'fixtures.json') continue;
      const check = (): Promise<CaseResult[]> => {
        const text = readFileSync(join(directory, 'vectors', file), 'utf8');
        const all = { ...pureSubjects, ...viewOrderSubjects(directory) };
        return checkFile(file.replace(/\.json$/, ''), text.replaceAll('@FIXTURE@', fixtures.path), all);
      };
      results.push(...(await readable(`vectors/${file}`, check)));
    }
    return results;
  } finally {
    fixtures.remove();
  }
}

async function checkFile(name: string, text: string, subjects: Subjects): Promise<CaseResult[]> {
  const content: unknown = JSON.parse(text);
  const subjectName = subjectOf(name, content, subjects);
  const subject = subjectName === undefined ? undefined : subjects[subjectName];
  const marked: unknown = subjectName?.startsWith('tnetstring') === true ? JSON.parse(markNumbers(text)) : content;
  const results: CaseResult[] = [];
  // Each subject knows the shape of its own file.
  for (const [i, item] of (casesIn(marked) as readonly VectorCase[]).entries()) {
    const id = `vectors/${name}#${String(i)}`;
    results.push(subject === undefined ? skipped(id) : await checkCase(id, item, subject));
  }
  return results;
}

/** The function that a file is about: the one it names, or that it is called after. */
function subjectOf(name: string, content: unknown, subjects: Subjects): string | undefined {
  const given = typeof content === 'object' && content !== null && 'function' in content ? content.function : undefined;
  return [given, name].find((one): one is string => typeof one === 'string' && Object.hasOwn(subjects, one));
}

/** Numbers as `{"number": TEXT}`: JSON does not tell 1 from 1.0, nor keep large integers. */
function markNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi, (token) =>
    token.startsWith('"') ? token : `{"number":"${token}"}`,
  );
}

async function checkCase(id: string, item: VectorCase, subject: Subject): Promise<CaseResult> {
  let actual: unknown;
  let thrown: unknown;
  try {
    // Each subject knows the shape of its own file.
    actual = await subject(item.in as never);
  } catch (error) {
    thrown = error;
  }
  return attempt(id, () => {
    const input = JSON.stringify(item.in);
    if (item.error !== undefined) {
      if (thrown instanceof Error) return [];
      return [{ fact: input, expected: `an error (${item.error})`, actual: JSON.stringify(actual) }];
    }
    if (thrown instanceof Error) throw thrown;
    return differences(withoutWords(item.out), actual).map((failure) => ({
      ...failure,
      fact: `${failure.fact} of ${input}`,
    }));
  });
}

/** Errors within an outcome, without their words: those of Python are not ours. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'message' || !('error' in value));
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutWords(member)]));
}
