/**
 * An entry's name as UTF-8. Finder and many writers mean UTF-8 without setting the flag that says
 * so; text in an old code page is hardly ever valid UTF-8 by chance.
 *
 * @returns null where the bytes are not UTF-8
 */
export function utf8Name(raw: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return null;
  }
}
