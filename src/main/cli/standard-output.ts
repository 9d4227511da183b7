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

  /** @param descriptor 1 or 2 */
  constructor(stream: NodeJS.WriteStream, descriptor: number) {
    this.#stream = stream;
    this.#file = !stream.isTTY && isFile(descriptor) ? descriptor : null;
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
function isFile(descriptor: number): boolean {
  try {
    const found = fstatSync(descriptor);
    return found.isFile() || found.isCharacterDevice();
  } catch {
    return false;
  }
}
