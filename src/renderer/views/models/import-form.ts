/**
 * '0.13' or '0.4, 0.5, 0.6' as numbers, one for each channel; null for an empty text and undefined
 * for anything else.
 */
export function readChannels(text: string, channels: number): number[] | null | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (parts.length === 0) return null;
  const values = parts.map(Number);
  return values.length === channels && values.every(Number.isFinite) ? values : undefined;
}

/** The bytes of a file as base64, read in slices so that a large file does not stop the page. */
export async function base64OfFile(file: Blob): Promise<string> {
  // A multiple of 3, so that the slices' base64 can be joined.
  const slice = 3 * 2 ** 16;
  const parts: string[] = [];
  for (let start = 0; start < file.size; start += slice) {
    const bytes = new Uint8Array(await file.slice(start, start + slice).arrayBuffer());
    let binary = '';
    for (let i = 0; i < bytes.length; i += 0x2000) {
      binary += String.fromCharCode(...bytes.subarray(i, i + 0x2000));
    }
    parts.push(btoa(binary));
  }
  return parts.join('');
}
