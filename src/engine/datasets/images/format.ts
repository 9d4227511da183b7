/** What images of one's own may be stored as. */
export const acceptedFormats = 'a JPEG, PNG, WebP, GIF or TIFF image';

const latin = (text: string): readonly (number | null)[] =>
  Array.from(text, (character) => character.charCodeAt(0));

/** How files of each format begin; null: any byte. */
const beginnings: readonly (readonly (number | null)[])[] = [
  [0xff, 0xd8, 0xff],
  [0x89, ...latin('PNG\r\n'), 0x1a, 0x0a],
  [...latin('RIFF'), null, null, null, null, ...latin('WEBP')],
  latin('GIF87a'),
  latin('GIF89a'),
  [...latin('II'), 0x2a, 0],
  [...latin('MM'), 0, 0x2a],
  // TIFF of more than 4 GB has a number of its own.
  [...latin('II'), 0x2b, 0],
  [...latin('MM'), 0, 0x2b],
];

/** Bytes that tell. */
export const longestBeginning = Math.max(...beginnings.map((start) => start.length));

/**
 * Whether bytes begin as an image that is read here does: by what is in it, never by its name, so
 * that no other decoder than those of these formats ever sees a file.
 */
export function isImage(bytes: Uint8Array): boolean {
  return beginnings.some((start) => start.every((byte, i) => byte === null || bytes[i] === byte));
}

/** Whether a file is named as such an image, in any case. */
export const isNamedAsImage = (name: string): boolean =>
  /\.(jpe?g|jpe|jfif|png|webp|gif|tiff?)$/i.test(name);
