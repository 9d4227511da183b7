import { fstatSync, writeSync } from 'node:fs';
import { systemError } from '../../shared/system-error';
import { reasonOf } from '../../shared/errors';

/**
 * Standard output or error. Whoever reads a pipe may stop (`| head`): what we do goes on. A file that
 * cannot be written whole is told at the end, where Node's own stream leaves it cut without a word.
 */
export class StandardOutput {
  readonly #stream: NodeJS.WriteStream;
  readonly #file: number | null;
  #failure: string | null = null;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#file = isFile(stream) ? stream.fd : null;
    stream.on('error', (error) => this.#failed(error));
  }

  /** What could not be written, in words; null where nobody misses anything. */
  get failure(): string | null {
    return this.#failure;
  }

  write(text: string): void {
    if (this.#file === null) return void this.#stream.write(text);
    if (this.#failure !== null) return;
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
    this.#failure ??= systemError(error, 'standard output')?.message ?? reasonOf(error);
  }
}

/** A file or a device such as /dev/full, which are written at once; no terminal and no pipe. */
function isFile(stream: NodeJS.WriteStream): boolean {
  if (stream.isTTY) return false;
  try {
    const found = fstatSync(stream.fd);
    return found.isFile() || found.isCharacterDevice();
  } catch {
    return false;
  }
}
