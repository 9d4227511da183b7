import { createHash } from 'node:crypto';
import { type OutputSink } from '../../../../../src/main/core/export/folder/output-folder';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a run of ROAR writes, in small: files of these contents, and a manifest that lists them. */
export async function addRun(
  out: OutputSink,
  id: string,
  files: Readonly<Record<string, string>> = { 'curves.csv': `curves of ${id}\n` },
): Promise<void> {
  for (const [name, content] of Object.entries(files)) await out.add(name, content);
  const manifest = {
    format: 'saliency-studio/roar-manifest',
    run: { id, name: `Run ${id}` },
    outputs: Object.entries(files).map(([name, text]) => ({ name, sha256: sha256(text) })),
  };
  await out.add('manifest.json', JSON.stringify(manifest));
}
