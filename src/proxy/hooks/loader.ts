import type { Option } from '../../options/define.js';
import type { Command } from './command.js';

/** What an addon may declare while it is loaded. */
export interface Loader {
  /**
   * Declares an option. Its value is in `context.options` from then on.
   * @param key in camel case: `myOption` is `--my-option` and `--set my_option=`
   * @throws {TypeError} when there is another option of that name, and for what declares none: a default that the type
   *   does not take, for instance
   */
  addOption(key: string, option: Option): void;
  /**
   * Declares a command.
   * @param name such as `mine.doIt`
   * @throws {TypeError} when there is another command of that name
   */
  addCommand(name: string, command: Command): void;
}
