import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { listFiles, type Manifest } from '../../../../../src/main/core/studies/archive/manifest';
import { manifestPath } from '../../../../../src/main/core/studies/archive/paths';
import { readZip } from '../../../../../src/main/core/studies/archive/zip';

/** The archive of a study with a README of so many bytes that no packing makes smaller. */
export async function enlarged(archive: Uint8Array, bytes: number): Promise<Buffer> {
  const files = new Map(await readZip(archive));
  const text = Buffer.from(files.get(manifestPath) ?? []).toString();
  const manifest = JSON.parse(text) as Manifest;
  files.delete(manifestPath);
  files.set('README.md', randomBytes(bytes));
  const listed = JSON.stringify({ ...manifest, files: listFiles(files) });
  const zip = new ZipFile();
  for (const [path, content] of files.set(manifestPath, Buffer.from(listed))) {
    zip.addBuffer(Buffer.from(content), path, { compress: false });
  }
  zip.end();
  return buffer(zip.outputStream);
}
