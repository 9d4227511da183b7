/**
 * What a key means on whatever layout is in use. What it prints decides wherever that is a digit or a
 * Latin letter; else where it lies: the digit row prints & é " ' ( in France and + ě š č ř in
 * Czechia, and the letters of other scripts lie on the same keys as ours.
 */

/** 0..9 of a key that prints a decimal digit of any script, or lies where one is; null: no digit. */
export function digitOf({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>): number | null {
  if (/^\p{Nd}$/u.test(key)) return valueOf(key.codePointAt(0) ?? 0);
  // The numeric pad without its lock says End, ArrowDown, …
  const [, digit] = /^(?:Digit|Numpad)([0-9])$/.exec(code) ?? [];
  return digit === undefined ? null : Number(digit);
}

/** The lower-case letter a..z that a key prints, or, where it prints none, lies on in the US layout. */
export function letterOf({ key, code }: Pick<KeyboardEvent, 'key' | 'code'>): string | null {
  if (/^[a-z]$/i.test(key)) return key.toLowerCase();
  // A key that prints other ASCII, or has a name such as Enter, means that and no letter.
  if (/^[\x20-\x7e]/.test(key) && key !== 'Process' && key !== 'Unidentified') return null;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? null;
}

/** The question mark, as the scripts print it that have one of their own. */
export function asksForHelp({ key }: Pick<KeyboardEvent, 'key'>): boolean {
  return ['?', '؟', '？', '՞'].includes(key);
}

/** Keys that belong to the browser or the system; Shift alone is a way to print. */
export function isCommand(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph');
}

/** Decimal digits stand in unbroken tens, 0 first; some tens follow one another. */
function valueOf(point: number): number {
  let first = point;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}
