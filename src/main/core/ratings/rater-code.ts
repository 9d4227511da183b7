/**
 * The first code R1, R2, … that is free, from the rater's number in the study on: nameless, short
 * enough to be told aloud and typed.
 */
export function freeCode(ordinal: number, taken: (code: string) => boolean): string {
  for (let number = ordinal + 1; ; number += 1) {
    const code = `R${number}`;
    if (!taken(code)) return code;
  }
}
