import { codePoint } from '../../../../shared/invisible';

/**
 * Text in which each run of characters that cannot be shown stands as its code points, as in
 * '[U+4E2D U+6587] 2'.
 */
export function withCodePoints(text: string, canShow: (codePoint: number) => boolean): string {
  let shown = '';
  let missing: string[] = [];
  const finish = () => {
    if (missing.length > 0) shown += `[${missing.join(' ')}]`;
    missing = [];
  };
  for (const character of text) {
    if (canShow(character.codePointAt(0) ?? 0)) {
      finish();
      shown += character;
    } else {
      missing.push(codePoint(character));
    }
  }
  finish();
  return shown;
}
