// @ts-check
/**
 * What set-up says. One line a step; downloads redraw their line on a terminal and
 * print a line now and then anywhere else.
 * @typedef {ReturnType<typeof createPrinter>} Printer
 */

/** @param {number} bytes */
export function megabytes(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {{write(text: string): unknown, isTTY?: boolean}} stream */
export function createPrinter(stream) {
  const redraws = stream.isTTY === true;
  let open = false;
  let lastProgress = 0;
  let spoke = false;

  /** @param {string} text */
  function line(text) {
    if (open) stream.write('\r\x1b[2K');
    open = false;
    spoke = true;
    lastProgress = Date.now();
    stream.write(`${text}\n`);
  }

  return {
    line,
    /** @param {string} name @param {string} text */
    step(name, text) {
      line(`  ${name.padEnd(11)} ${text}`);
    },
    /**
     * @param {string} name
     * @param {string} text
     */
    progress(name, text) {
      const now = Date.now();
      if (redraws) {
        if (now - lastProgress < 100) return;
        stream.write(`\r\x1b[2K  ${name.padEnd(11)} ${text}`);
        open = true;
        spoke = true;
      } else {
        if (now - lastProgress < 10_000) return;
        line(`  ${name.padEnd(11)} ${text}`);
      }
      lastProgress = now;
    },
    /** True once anything was printed: a set-up with nothing to do stays silent. */
    get spoke() {
      return spoke;
    },
  };
}

/** @param {{message: string, remedy?: string | null | undefined}} problem */
export function describeProblem(problem) {
  return problem.remedy ? `${problem.message}\n    To mend it: ${problem.remedy}` : problem.message;
}
