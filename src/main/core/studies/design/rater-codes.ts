import { randomInt } from 'node:crypto';

// Without I, L, O, 0 and 1, which are taken for one another.
const letters = 'ABCDEFGHJKMNPQRSTUVWXYZ';
const digits = '23456789';

/** A nameless code, easy to tell aloud: two letters and two digits, more digits once those run out. */
export function drawCode(taken: (code: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const code = draw(letters, 2) + draw(digits, 2 + Math.floor(attempt / 100));
    if (!taken(code)) return code;
  }
}

function draw(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
