import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers JSON commands line by line. */
export class Peer {
  #child;
  #waiting = [];
  #errors = [];

  constructor(name, file, args, env) {
    this.name = name;
    this.#child = spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const text = line.trim();
      if (text.startsWith('{')) this.#waiting.shift()?.resolve(JSON.parse(text));
    });
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#errors = [...this.#errors.slice(-8), line];
    });
    this.#child.on('exit', (code) => {
      const error = new Error(`${name} ended (${code}):\n${this.#errors.join('\n')}`);
      for (const { reject } of this.#waiting) reject(error);
      this.#waiting = [];
    });
    this.ready = this.#answer();
  }

  #answer() {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async ask(command) {
    const answer = this.#answer();
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    const result = await answer;
    if (result.error) throw new Error(`${this.name}: ${result.error}`);
    return result;
  }

  close() {
    this.#child.stdin.end();
  }
}
