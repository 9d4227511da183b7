import { z } from 'zod';
import { hiddenIn, spelledOut, withoutHidden } from './invisible';

/**
 * Text that identifies something: the name of a study, rater, method, model, run or class, the image
 * or dataset of a rating. It is in normal form C, without spaces at its ends, and every inner run of
 * Unicode's spaces is one plain space. `plainText` makes it so, silently; what nobody sees is refused.
 */
export function plainText(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\p{Z}+/gu, ' ')
    .replaceAll(/^\p{White_Space}+|\p{White_Space}+$/gu, '');
}

/** What is accepted instead of a text that holds such characters, in words. */
export const without = (hidden: readonly string[]): string =>
  `without invisible characters (${hidden.join(', ')})`;

/**
 * A schema for it.
 *
 * @param what what is accepted, in words, without its length: 'a name'
 * @param longest in UTF-16 units, after mending
 */
export function identifyingText(what = 'a name', longest = 80) {
  const accepted = `${what} of 1 to ${longest} characters`;
  return z
    .string(accepted)
    .overwrite(plainText)
    .min(1, accepted)
    .max(longest, accepted)
    .superRefine((text, context) => {
      const hidden = hiddenIn(text);
      if (hidden.length === 0) return;
      context.addIssue({ code: 'custom', message: `${accepted} ${without(hidden)}` });
    });
}

/** Equal for texts that look the same: all that differs is what nobody sees. */
export function lookOf(text: string): string {
  return plainText(withoutHidden(text.replaceAll(/\p{White_Space}/gu, ' ')));
}

/** Equal for names that are the same, where case does not tell them apart either. */
export const nameKey = (text: string): string => lookOf(text.toLowerCase());

/**
 * Names that are stored, found by how somebody writes them now: byte for byte; else in plain text;
 * else by their key. What was stored before names were made plain is found so too.
 */
export class NameIndex {
  readonly #names: ReadonlySet<string>;
  readonly #byKey = new Map<string, string[]>();
  readonly #key: (name: string) => string;

  constructor(names: Iterable<string>, key: (name: string) => string = nameKey) {
    this.#names = new Set(names);
    this.#key = key;
    for (const name of this.#names) {
      this.#byKey.set(key(name), [...(this.#byKey.get(key(name)) ?? []), name]);
    }
  }

  /**
   * Several where old names have one key and none is written exactly so; none where `written` holds
   * what nobody sees and is stored by no such name.
   */
  find(written: string): readonly string[] {
    const exact = [written, plainText(written)].find((name) => this.#names.has(name));
    if (exact !== undefined) return [exact];
    return hiddenIn(plainText(written)).length > 0
      ? []
      : (this.#byKey.get(this.#key(written)) ?? []);
  }

  /** Names that are stored beside one another and have one key. */
  alike(): string[][] {
    return [...this.#byKey.values()].filter((names) => names.length > 1);
  }
}

/** Names that look alike, told apart by their code points. */
export const toldApart = (names: readonly string[]): string =>
  names.map((name) => `${name} (${spelledOut(name)})`).join(', ');

/**
 * A sentence for each group of names that nobody can tell apart by looking. They were stored before
 * names were made plain: they stay what they are, and that is said.
 *
 * @param what what bears the names, in the plural
 */
export function alikeNames(names: Iterable<string>, what: string): string[] {
  return new NameIndex(names, lookOf)
    .alike()
    .map((alike) => `${alike.length} ${what} look alike and are kept apart: ${toldApart(alike)}.`);
}

/** What to call each of some names in a list: with its code points where another looks the same. */
export function callingApart(names: Iterable<string>): (name: string) => string {
  const alike = new Set(new NameIndex(names, lookOf).alike().flat());
  return (name) => (alike.has(name) ? toldApart([name]) : name);
}
